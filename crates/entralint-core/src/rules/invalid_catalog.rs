//! Rule `invalid-catalog`: the permissions data cannot be used.

use source_text::{Source, Span};

use super::{Rule, RuleInfo};
use crate::finding::Finding;

declare_rule! {
    /// # What it does
    ///
    /// Finds permissions data that cannot be used: a file that is missing, is not Microsoft's, or is not the one that is
    /// pinned.
    ///
    /// # Why is this bad?
    ///
    /// Nothing can be checked until it is right: the exit code is 2.
    ///
    /// # Example
    ///
    /// ```toml
    /// [catalog]
    /// permissions = "package.json"
    /// ```
    ///
    /// # Use instead
    ///
    /// ```toml
    /// [catalog]
    /// permissions = "graph-catalog/permissions.json"
    /// ```
    InvalidCatalog {
        id: "invalid-catalog",
        summary: "the permissions data cannot be used",
        severity: Error,
        security_severity: "2.0",
    }
}

impl Rule for InvalidCatalog {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }
}

/// A finding of this rule at a place of the file.
pub fn finding(source: &Source, span: Span, message: impl Into<String>) -> Finding {
    let message = message.into();
    let mut finding = Finding::new(&INFO, message.clone())
        .at(source, span, "")
        .key(message);
    finding.fingerprint.app.file = crate::text::path(source.name());
    finding
}

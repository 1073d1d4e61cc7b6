//! Rule `invalid-call`: a line of a file of calls is not a call.

use source_text::{Source, Span};

use super::{Rule, RuleInfo};
use crate::finding::Finding;

declare_rule! {
    /// # What it does
    ///
    /// Finds a line in a file of calls that is not a call: a method, then a path.
    ///
    /// # Why is this bad?
    ///
    /// Nothing can be checked until it is right: the exit code is 2.
    ///
    /// # Example
    ///
    /// ```text
    /// FETCH /users/{id}
    /// ```
    ///
    /// # Use instead
    ///
    /// ```text
    /// GET /users/{id}
    /// ```
    InvalidCall {
        id: "invalid-call",
        summary: "a line of a file of calls is not a call",
        severity: Error,
        security_severity: "2.0",
    }
}

impl Rule for InvalidCall {
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

//! Rule `invalid-manifest`: the file cannot be read.

use source_text::{Source, Span};

use super::{Rule, RuleInfo};
use crate::finding::Finding;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a file that should be a manifest and is not well-formed.
    ///
    /// # Why is this bad?
    ///
    /// Nothing in it was checked.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000"
    /// ```
    ///
    /// # Use instead
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": []
    ///     }
    ///   ]
    /// }
    /// ```
    InvalidManifest {
        id: "invalid-manifest",
        summary: "the file is not well-formed, and was not checked",
        severity: Error,
        security_severity: "3.0",
    }
}

impl Rule for InvalidManifest {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }
}

/// The finding of a file that cannot be read, at the place where that shows.
pub fn finding(source: &Source, span: Span, message: &str) -> Finding {
    let mut finding = Finding::new(
        &INFO,
        format!("this file could not be parsed: {}", text::shown(message)),
    )
    .at(source, span, "here")
    .note("nothing in this file was checked");
    finding.fingerprint.app.file = text::path(source.name());
    finding
}

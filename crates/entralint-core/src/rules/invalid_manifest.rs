//! The file cannot be read.

use super::{Rule, RuleInfo};
use crate::check::{FileOutcome, Outcome};
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

    fn check_file(&self, file: &FileOutcome, findings: &mut Vec<Finding>) {
        if let Outcome::Invalid { message, span } = &file.outcome {
            findings.push(
                Finding::new(&INFO, format!("cannot be read: {}", text::shown(message)))
                    .at(*span, "here")
                    .note("nothing in this file was checked")
                    .key("syntax"),
            );
        }
    }
}

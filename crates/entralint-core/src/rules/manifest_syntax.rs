//! Read on, but not by everyone.

use super::{Rule, RuleInfo};
use crate::check::{FileOutcome, Outcome};
use crate::finding::Finding;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Points at what was read past: comments and trailing commas (which JSON does not have), a
    /// member that stands twice, a member of the wrong type.
    ///
    /// # Why is this bad?
    ///
    /// Other tools stop there, or take the other of two values.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" },
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ManifestSyntax {
        id: "manifest-syntax",
        summary: "something that other tools may not read, or read otherwise",
        severity: Note,
        security_severity: "1.0",
    }
}

impl Rule for ManifestSyntax {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_file(&self, file: &FileOutcome, findings: &mut Vec<Finding>) {
        let Outcome::Manifest(manifest) = &file.outcome else {
            return;
        };
        for (index, problem) in manifest.problems.iter().enumerate() {
            let message = &problem.message;
            findings.push(
                Finding::new(&INFO, text::shown(message))
                    .at(problem.span, "read past")
                    .key(format!("{message}/{index}")),
            );
        }
    }
}

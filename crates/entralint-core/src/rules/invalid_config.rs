//! Rule `invalid-config`: entralint.toml is wrong, and nothing was checked.

use source_text::{Source, Span};

use super::{Rule, RuleInfo};
use crate::finding::{Finding, Location, locate};

declare_rule! {
    /// # What it does
    ///
    /// Finds a mistake in `entralint.toml`: an unknown key, a malformed call, a glob that matches nothing, two sections for
    /// one app.
    ///
    /// # Why is this bad?
    ///
    /// Nothing can be checked until it is right: the exit code is 2.
    ///
    /// # Example
    ///
    /// ```toml
    /// cals = ["POST /users/{id}/revokeSignInSessions"]
    /// ```
    ///
    /// # Use instead
    ///
    /// ```toml
    /// calls = ["POST /users/{id}/revokeSignInSessions"]
    /// ```
    InvalidConfig {
        id: "invalid-config",
        summary: "entralint.toml is wrong, and nothing was checked",
        severity: Error,
        security_severity: "2.0",
    }
}

impl Rule for InvalidConfig {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }
}

/// A finding of this rule at a place of the file.
pub fn finding(source: &Source, span: Span, message: impl Into<String>) -> Finding {
    at(locate(source, span), message.into())
}

/// A finding of this rule at a place that was kept.
pub fn at(at: Location, message: String) -> Finding {
    let mut finding = Finding::new(&INFO, message.clone())
        .at_location(at.clone(), "")
        .key(message);
    finding.fingerprint.app.file = crate::text::path(&at.path);
    finding
}

//! Rule `unused-allow`: an exception that accepts no finding.

use super::{Rule, RuleInfo};
use crate::finding::Finding;
use crate::policy::{Allow, InlineAllow};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds an `[[allow]]` of the configuration, or a comment `entralint: allow(rule) reason`, that accepts no finding of
    /// a run over the whole repository. Entries that came by `extends` are not reported: an organisation's list is longer
    /// than one repository needs.
    ///
    /// # Why is this bad?
    ///
    /// The reason for the exception is gone, or it never fitted. Left in place it would accept the same problem when it
    /// comes back.
    ///
    /// # Example
    ///
    /// The app was fixed, and the exception stayed.
    ///
    /// ```toml
    /// [[allow]]
    /// rule = "broader-permission"
    /// app = "Session revoker"
    /// reason = "approved until the migration"
    /// ```
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "displayName": "Session revoker",
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
    ///
    /// # Use instead
    ///
    /// Remove the entry.
    ///
    /// ```toml
    /// version = 1
    /// ```
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "displayName": "Session revoker",
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
    UnusedAllow {
        id: "unused-allow",
        summary: "an exception that accepts no finding",
        severity: Warning,
        security_severity: "1.0",
        marks_unneeded: true,
    }
}

impl Rule for UnusedAllow {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }
}

/// A finding about an entry of the configuration.
pub fn configured(allow: &Allow) -> Finding {
    let mut finding = Finding::new(
        &INFO,
        format!(
            "this exception accepts no finding ({}): remove it",
            text::shown(&allow.reason)
        ),
    )
    .at_location(allow.at.clone(), "")
    .key(allow.shown());
    finding.fingerprint.app.file = text::path(&allow.at.path);
    finding
}

/// A finding about a comment.
pub fn inline(allow: &InlineAllow) -> Finding {
    let mut finding = Finding::new(
        &INFO,
        format!(
            "this exception accepts no finding of {} on this line, the next one or the element that it stands in: remove it",
            text::or(allow.rules())
        ),
    )
    .at_location(allow.at().clone(), "")
    .key(text::or(allow.rules()));
    finding.fingerprint.app.file = text::path(&allow.at().path);
    finding
}

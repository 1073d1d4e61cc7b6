//! Nobody publishes such a permission.

use super::{Rule, RuleInfo};
use crate::assess::{Assessment, Resolution};
use crate::finding::{Confidence, Finding, Severity};
use crate::{explain, text};

declare_rule! {
    /// # What it does
    ///
    /// Finds an id or a name, asked of Microsoft Graph, that the catalogue does not hold.
    ///
    /// # Why is this bad?
    ///
    /// A misspelt or withdrawn permission is refused when the app is registered, or is never
    /// granted. One that cannot be looked up cannot be judged either.
    ///
    /// The embedded catalogue holds the session-revocation permissions and their neighbours
    /// only, so with it the finding is a note, and there is none while the calls are assumed. With
    /// Microsoft's full catalogue (`--catalog` and `--provisioning`) it is a warning.
    ///
    /// # Example
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "11111111-2222-3333-4444-555555555555", "type": "Role" }
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
    ///
    /// # References
    ///
    /// - [Permissions reference](https://learn.microsoft.com/graph/permissions-reference)
    UnknownPermission {
        id: "unknown-permission",
        summary: "the catalogue holds no such permission",
        severity: Warning,
        security_severity: "4.0",
    }
}

impl Rule for UnknownPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        let info = app.catalog().info();
        if app.calls.assumed && !info.complete {
            return;
        }
        for held in &app.held {
            let Resolution::Unknown { text } = &held.resolution else {
                continue;
            };
            let finding = Finding::new(
                &INFO,
                format!("{} is not in the catalogue", text::shown(text)),
            )
            .at(held.span(), "unknown")
            .key(text.clone());
            let finding = match explain::nearest_permission(app.catalog(), text) {
                Some(name) => finding.note(format!("did you mean {name}?")),
                None => finding,
            };
            findings.push(if info.complete {
                finding
            } else {
                finding
                    .severity(Severity::Note)
                    .confidence(Confidence::Low)
                    .note(format!(
                        "the embedded catalogue holds {} only; bring Microsoft's full one with --catalog and --provisioning",
                        text::count(info.permissions, "permission"),
                    ))
            });
        }
    }
}

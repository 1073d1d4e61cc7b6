//! Rule `unknown-permission`: the catalog has no such permission.

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::finding::{Confidence, Fix, Severity};
use crate::{explain, text};

declare_rule! {
    /// # What it does
    ///
    /// Finds an id or a name, requested of Microsoft Graph, that the catalog does not have.
    ///
    /// # Why is this bad?
    ///
    /// A misspelt or withdrawn permission is refused when the app is registered, or is never
    /// granted. One that cannot be looked up cannot be judged either.
    ///
    /// The embedded catalog has every permission that Microsoft has published up to its date, so an id that it lacks is
    /// mistyped, newer than the catalog (`entralint catalog fetch` gets the newest), or of another API. With a catalog that
    /// is a selection (`--catalog`) the finding is a note.
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
        summary: "the catalog has no such permission",
        severity: Warning,
        security_severity: "4.0",
    }
}

impl Rule for UnknownPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        let info = app.catalog.info();
        for request in &app.requests {
            let Resolution::Unknown { text } = &request.resolution else {
                continue;
            };
            if explain::is_resource_specific(text) {
                // The published data lacks the delegated resource-specific permissions of Teams.
                continue;
            }
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            let finding = app
                .finding(
                    &INFO,
                    format!("{} is not a permission of Microsoft Graph", text::shown(text)),
                    request.span(),
                    "unknown",
                )
                .key(text.clone());
            let finding = match explain::nearest_permission(app.catalog, text) {
                Some(name) => {
                    let permission_type = request.requested.permission_type.known();
                    let changes = permission_type.and_then(|t| {
                        let with = words::permission_text(
                            app.catalog,
                            &msgraph_permissions::PermissionName::new(&name),
                            t,
                        )?;
                        Some(vec![entra_manifest::Change::Replace {
                            app: app.index,
                            requested: request.index,
                            with,
                            permission_type: None,
                        }])
                    });
                    finding.note(format!("did you mean {name}?")).fix(
                        match changes {
                            Some(changes) => words::unsafe_fix(format!("write {name}"), changes),
                            None => Fix::display_only(format!("write {name}")),
                        },
                    )
                }
                None => finding,
            };
            findings.push(if info.complete {
                finding
            } else {
                finding
                    .severity(Severity::Note)
                    .confidence(Confidence::Low)
                    .note(format!(
                        "this catalog has {} only: run `entralint catalog fetch` for all of Microsoft Graph",
                        text::count(info.permissions, "permission"),
                    ))
            });
        }
    }
}

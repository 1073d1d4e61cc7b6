//! Rule `forbidden-permission`: the organisation does not grant the permission.

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::Assessment;
use crate::finding::Fix;
use crate::policy::Forbid;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that a `[[forbid]]` of the configuration names, whatever the app calls.
    ///
    /// # Why is this bad?
    ///
    /// The organisation has decided so, for the reason that the finding states.
    ///
    /// # Example
    ///
    /// ```toml
    /// [[forbid]]
    /// permission = "Directory.ReadWrite.All"
    /// types = ["application"]
    /// reason = "no app writes to the directory as itself; ask identity@contoso.com"
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
    ///         { "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// A permission that is granted, or an `[[allow]]` with the reason for this app.
    ///
    /// ```toml
    /// [[forbid]]
    /// permission = "Directory.ReadWrite.All"
    /// types = ["application"]
    /// reason = "no app writes to the directory as itself; ask identity@contoso.com"
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
    ForbiddenPermission {
        id: "forbidden-permission",
        summary: "the organisation does not grant the permission",
        severity: Error,
        security_severity: "8.0",
    }
}

impl Rule for ForbiddenPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }
}

/// Looks for what the configuration forbids.
pub fn check(app: &Assessment<'_>, forbids: &[Forbid], findings: &mut Findings) {
    if forbids.is_empty() {
        return;
    }
    for request in app.requests.iter().filter(|request| !request.is_documented()) {
        let Some((name, permission_type)) = request.meant() else {
            continue;
        };
        for forbid in forbids {
            if forbid.permission != *name
                || forbid.permission_type.is_some_and(|t| t != permission_type)
            {
                continue;
            }
            let subject = app.subject(name, permission_type);
            let finding = app
                .finding(
                    &INFO,
                    format!(
                        "{name} ({}) is not granted in this organisation: {}",
                        text::permission_type(permission_type),
                        text::shown(&forbid.reason)
                    ),
                    request.span(),
                    words::measured(&subject),
                )
                .related(forbid.at.clone(), "forbidden here")
                .about(subject)
                .fix(Fix::display_only(format!("remove {name}")));
            if forbid.apps.is_empty() || forbid.apps.iter().any(|app| app.matches(&finding)) {
                findings.push(finding);
            }
        }
    }
}

//! Rule `privileged-permission`: the permission leads to control of the tenant.

use msgraph_permissions::RequestedVerdict;

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::Assessment;
use crate::finding::{Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission with which an attacker who has the app's credential can take over the tenant: grant roles or
    /// permissions to anyone, add credentials to other apps, change policies that protect sign-in.
    ///
    /// # Why is this bad?
    ///
    /// The app is then as valuable as a global administrator, and is rarely guarded like one. The list is short, and each
    /// entry is cited in `spec/privileged.toml`. It is a warning where no known call needs the permission, and a note where
    /// one does: then guard the app as you guard your administrators.
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
    ///         { "id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
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
    /// - [Privileged roles and permissions](https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions)
    PrivilegedPermission {
        id: "privileged-permission",
        summary: "the permission leads to control of the tenant",
        severity: Warning,
        security_severity: "9.0",
    }
}

impl Rule for PrivilegedPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        // Prose grants nothing.
        if app.is_documented() {
            return;
        }
        for view in &app.views {
            for (name, verdict) in &view.verdicts {
                let Some(privileged) = app.catalog.privileged(name, view.permission_type) else {
                    continue;
                };
                let Some(request) = app.requests_for(name, view.permission_type).next() else {
                    continue;
                };
                let t = text::permission_type(view.permission_type);
                let needed = *verdict == RequestedVerdict::Needed && app.knows_calls();
                let subject = app.subject(name, view.permission_type);
                let finding = app
                    .finding(
                        &INFO,
                        format!(
                            "{name} ({t}) can lead to control of the tenant: it {}",
                            privileged.leads_to
                        ),
                        request.span(),
                        words::measured(&subject),
                    )
                    .note(format!("see {}", privileged.source))
                    .about(subject);
                findings.push(if needed || request.is_documented() {
                    finding
                        .severity(Severity::Note)
                        .notes(needed.then(|| {
                            "a call of the app needs it: guard the app like an administrator".to_owned()
                        }))
                } else {
                    finding.fix(Fix::display_only(format!(
                        "remove {name} if no call of the app needs it"
                    )))
                });
            }
        }
    }
}

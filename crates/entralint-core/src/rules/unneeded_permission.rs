//! Nothing that the app calls needs it.

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, Excess};
use crate::finding::{Finding, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a Microsoft Graph permission that none of the app's calls accepts.
    ///
    /// # Why is this bad?
    ///
    /// It adds to what a stolen credential can do, and to nothing else.
    ///
    /// It is only reported when you say which calls the app makes. `User.Read` (delegated), which
    /// the portal adds to every new registration so that people can sign in, is a note at most;
    /// the OpenID Connect scopes (`openid`, `profile`, `email`, `offline_access`) are never
    /// reported.
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
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" },
    ///         { "id": "b0afded3-3588-46d8-8b3d-9842eff778da", "type": "Role" }
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
    /// # Fix
    ///
    /// Unsafe: it takes a grant away. Held back while a call of the same type has no answer in
    /// the catalogue.
    ///
    /// # References
    ///
    /// - [Enhance security with the principle of least privilege](https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access)
    UnneededPermission {
        id: "unneeded-permission",
        summary: "no call of the app accepts this permission",
        severity: Warning,
        security_severity: "6.0",
    }
}

impl Rule for UnneededPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        if app.calls.assumed {
            return;
        }
        for view in &app.views {
            for name in &view.held {
                let Some(held) = app.requests(name, view.kind).next() else {
                    continue;
                };
                let Some(Excess::Unneeded) = view.excess(name) else {
                    continue;
                };
                let subject = app.subject(name, view.kind);
                let sign_in = words::is_for_sign_in(name);
                let (fix, held_back) = words::narrowing(
                    view,
                    format!("remove {name}"),
                    vec![words::remove(app, held)],
                );
                let finding = Finding::new(
                    &INFO,
                    format!(
                        "{name} ({}) is not needed: no call of the app accepts it",
                        text::kind(view.kind)
                    ),
                )
                .at(held.span(), words::measured(&subject))
                .confidence(view.confidence(&[]))
                .about(subject)
                .key(format!("{name}/{}", text::kind(view.kind)));
                findings.push(if sign_in {
                    finding
                        .severity(Severity::Note)
                        .note("the portal adds User.Read to every registration for sign-in")
                } else {
                    finding.notes(held_back).fix(fix)
                });
            }
        }
    }
}

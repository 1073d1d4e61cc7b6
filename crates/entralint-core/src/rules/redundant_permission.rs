//! Rule `redundant-permission`: other permissions of the app unlock the same calls.

use msgraph_permissions::{PermissionName, RequestedVerdict};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::Assessment;
use crate::finding::{Confidence, Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission whose calls are all unlocked by other permissions that the app requests and needs in any case.
    ///
    /// # Why is this bad?
    ///
    /// It is one more grant to consent to, to review and to keep, without use. The verdict is over all calls at once: an
    /// app that updates users needs `User.ReadWrite.All`, which Microsoft Graph accepts for revoking sign-in sessions too,
    /// and then `User.RevokeSessions.All` is the one to drop.
    ///
    /// # Example
    ///
    /// Calls: `POST /users/{id}/revokeSignInSessions`, `PATCH /users/{id}`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" },
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Calls: `POST /users/{id}/revokeSignInSessions`, `PATCH /users/{id}`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Fix
    ///
    /// Unsafe: it takes a grant away.
    ///
    /// # References
    ///
    /// - [user: revokeSignInSessions](https://learn.microsoft.com/graph/api/user-revokesigninsessions)
    RedundantPermission {
        id: "redundant-permission",
        summary: "other permissions that the app needs unlock the same calls",
        severity: Warning,
        security_severity: "3.0",
        marks_unneeded: true,
    }
}

impl Rule for RedundantPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        if app.is_documented() {
            return;
        }
        for view in &app.views {
            for (name, verdict) in &view.verdicts {
                let Some(request) = app.requests_for(name, view.permission_type).next() else {
                    continue;
                };
                let RequestedVerdict::Redundant {
                    calls,
                    because,
                    missing,
                } = verdict
                else {
                    continue;
                };
                // While what unlocks its calls is still missing, it is all that unlocks them: to call it redundant would
                // advise to request more.
                if !missing.is_empty() {
                    continue;
                }
                let subject = app.subject(name, view.permission_type);
                let others: Vec<&str> = because.iter().map(PermissionName::as_str).collect();
                let unlock = if others.len() == 1 { "unlocks" } else { "unlock" };
                let blocked = words::blocked(app, view, name);
                let changes = if blocked.is_none() {
                    vec![words::remove(app, request)]
                } else {
                    Vec::new()
                };
                let title = format!("remove {name}");
                let mut finding = app
                    .finding(
                        &INFO,
                        format!(
                            "{name} ({}) is redundant: {}, which the app needs anyway, {unlock} the same calls",
                            text::permission_type(view.permission_type),
                            text::and(&others),
                        ),
                        request.span(),
                        words::measured(&subject),
                    )
                    .note(format!(
                        "unlocks {}",
                        text::some(&words::operations(app, calls), 4)
                    ))
                    .confidence(view.confidence(&app.calls, calls))
                    .about(subject);
                finding = words::called_here(app, finding, calls);
                if words::is_for_sign_in(name) {
                    findings.push(finding.severity(Severity::Note));
                    continue;
                }
                findings.push(match blocked {
                    Some(why) => finding
                        .severity(Severity::Note)
                        .confidence(Confidence::Low)
                        .note(why)
                        .fix(Fix::display_only(title)),
                    None => finding.fix(words::unsafe_fix(title, changes)),
                });
            }
        }
    }
}

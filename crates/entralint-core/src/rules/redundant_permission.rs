//! Another permission that the app needs anyway does its work.

use msgraph_permissions::PermissionName;

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, Excess};
use crate::finding::Finding;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission whose calls are all covered by other permissions that the app needs in
    /// any case.
    ///
    /// # Why is this bad?
    ///
    /// It is one more grant to consent to, to review and to keep, without use. The verdict is
    /// over all calls at once: an app that updates users needs `User.ReadWrite.All`, which Graph
    /// accepts for revoking sign-in sessions too, and then `User.RevokeSessions.All` is the one
    /// to drop.
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
        summary: "other permissions that the app needs cover the same calls",
        severity: Warning,
        security_severity: "3.0",
    }
}

impl Rule for RedundantPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        for view in &app.views {
            for name in &view.held {
                let Some(held) = app.requests(name, view.kind).next() else {
                    continue;
                };
                let Some(Excess::Redundant { calls, instead }) = view.excess(name) else {
                    continue;
                };
                let subject = app.subject(name, view.kind);
                let others: Vec<&str> = instead.iter().map(PermissionName::as_str).collect();
                let absent = instead.iter().any(|n| !view.held.contains(n));
                // While what covers its calls is still missing, it is all that covers them.
                let changes = if absent {
                    Vec::new()
                } else {
                    vec![words::remove(app, held)]
                };
                let (fix, held_back) = words::narrowing(view, format!("remove {name}"), changes);
                let finding = Finding::new(
                    &INFO,
                    format!(
                        "{name} ({}) is redundant: {}, which the app needs anyway, {} the same calls",
                        text::kind(view.kind),
                        text::and(&others),
                        if others.len() == 1 { "covers" } else { "cover" },
                    ),
                )
                .at(held.span(), words::measured(&subject))
                .note(format!(
                    "its calls: {}",
                    text::some(&words::operations(&calls), 4)
                ))
                .notes(held_back)
                .confidence(view.confidence(&calls))
                .about(subject)
                .instead(instead.iter().map(|n| app.subject(n, view.kind)).collect())
                .fix(fix)
                .key(format!("{name}/{}", text::kind(view.kind)));
                let other = instead
                    .iter()
                    .find_map(|n| app.requests(n, view.kind).next());
                findings.push(match other {
                    Some(other) => finding.related(other.span(), "covers the same calls"),
                    None => finding,
                });
            }
        }
    }
}

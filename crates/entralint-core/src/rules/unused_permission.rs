//! Rule `unused-permission`: none of the app's calls needs the permission.

use msgraph_calls::Certainty;
use msgraph_permissions::RequestedVerdict;

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::calls::Coverage;
use crate::finding::Confidence;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that no call of the app accepts.
    ///
    /// # Why is this bad?
    ///
    /// It is a grant without a use: to the app worth nothing, to the thief of its credential worth whatever it unlocks.
    ///
    /// Absence is harder to show than presence. The rule reports only where the calls were named by a person, or where all
    /// source code of the app was read; a call that could not be resolved or answered keeps it silent about every
    /// permission that may be for it. It is silent about all of them where a file that speaks of Microsoft Graph is in a
    /// language that is not read, where the code exports a function that sends any path, and where a recording shows a
    /// request that the source lacks. From recordings alone it says that a permission had no use in so many days, where
    /// they cover thirty days or more.
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
    /// Unsafe: it takes a grant away. If the app makes a call that is not known, that call will fail.
    ///
    /// # References
    ///
    /// - [Reduce overprivileged permissions](https://learn.microsoft.com/entra/identity-platform/secure-least-privileged-access)
    UnusedPermission {
        id: "unused-permission",
        summary: "none of the app's calls needs this permission",
        severity: Warning,
        security_severity: "6.0",
        marks_unneeded: true,
    }
}

impl Rule for UnusedPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        if app.is_documented() || !app.knows_calls() || app.calls.coverage == Coverage::Partly {
            return;
        }
        for view in &app.views {
            for (name, verdict) in &view.verdicts {
                let Some(request) = app.requests_for(name, view.permission_type).next() else {
                    continue;
                };
                if *verdict != RequestedVerdict::Unused {
                    continue;
                }
                let reported_as_broader =
                    super::broader_permission::is_of_older_docs(app, view, name);
                // An entry of the wrong type has its own finding.
                if matches!(request.resolution, Resolution::WrongType { .. }) {
                    continue;
                }
                // The portal adds User.Read to every registration, for sign-in. What a permission is for that no published
                // operation accepts is not known.
                if words::is_for_sign_in(name)
                    || app.subject(name, view.permission_type).operations == 0
                    || words::reaches_shared(app, name)
                    || reported_as_broader
                    || words::blocked(app, view, name).is_some()
                {
                    continue;
                }
                let subject = app.subject(name, view.permission_type);
                let named = app.calls.coverage == Coverage::Named;
                let finding = app
                    .finding(
                        &INFO,
                        match app.calls.recorded {
                            Some(window) => format!(
                                "{name} ({}) had no use in {}: none of {} recorded from {} to {} needs it",
                                text::permission_type(view.permission_type),
                                text::count(usize::try_from(window.days()).unwrap_or_default(), "day"),
                                text::count(window.requests, "request"),
                                window.first,
                                window.last,
                            ),
                            None => format!(
                                "{name} ({}) is unused: none of the {} calls needs it",
                                text::permission_type(view.permission_type),
                                if named { "declared" } else { "app's" },
                            ),
                        },
                        request.span(),
                        words::measured(&subject),
                    )
                    .confidence(
                        if app.calls.recorded.is_some() {
                            Confidence::Low
                        } else if app.calls.calls.iter().all(|c| c.certainty() == Certainty::Certain) {
                            Confidence::High
                        } else {
                            Confidence::Medium
                        },
                    )
                    .about(subject);
                findings.push(finding.fix(words::unsafe_fix(
                    format!("remove {name}"),
                    vec![words::remove(app, request)],
                )));
            }
        }
    }
}

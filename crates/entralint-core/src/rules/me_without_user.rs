//! Rule `me-without-user`: `/me` needs a signed-in user, and application permissions have none.

use msgraph_permissions::{Catalog, PermissionType, Scheme};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::calls::{AnsweredCall, CallSet};
use crate::finding::Finding;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call to `/me` made with application permissions, or by an app that has application
    /// permissions only.
    ///
    /// # Why is this bad?
    ///
    /// `/me` is the signed-in user, and with application permissions no user is signed in: Graph
    /// refuses the call whatever is granted. Microsoft's published data lists application
    /// permissions for `/me` paths all the same, and tools that believe it suggest a grant that
    /// cannot help.
    ///
    /// # Example
    ///
    /// Call: `POST /me/revokeSignInSessions`
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
    /// - [Get access without a user](https://learn.microsoft.com/graph/auth-v2-service)
    MeWithoutUser {
        id: "me-without-user",
        summary: "/me needs a signed-in user, and application permissions have none",
        severity: Error,
        security_severity: "2.0",
    }
}

impl Rule for MeWithoutUser {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for at in &app.open {
            let call = app.call(*at);
            if applies(app, call) && !call.shared {
                let finding = app
                    .finding(
                        &INFO,
                        format!(
                            "{} needs a signed-in user, and this app requests application permissions only",
                            call.operation()
                        ),
                        app.span(),
                        "no delegated permission for it here",
                    )
                    .note(advice(call))
                    .key(call.operation());
                findings.push(words::called_here(app, finding, &[*at]));
            }
        }
    }

    fn check_calls(&self, calls: &CallSet, _catalog: &Catalog, findings: &mut Findings) {
        for call in &calls.calls {
            if call.call.scheme == Some(Scheme::Application) && call.is_me_without_user() {
                let finding = Finding::new(
                    &INFO,
                    format!(
                        "{} cannot be made with application permissions: it needs a signed-in user",
                        call.operation()
                    ),
                )
                .note(advice(call))
                .key(call.operation());
                findings.push(super::unknown_call::at_origin(call, finding));
            }
        }
    }
}

/// The call is to `/me`, open, and the app could only make it without a user.
pub(super) fn applies(app: &Assessment<'_>, call: &AnsweredCall) -> bool {
    let requests = |wanted: PermissionType| {
        app.requests.iter().any(|request| {
            matches!(&request.resolution, Resolution::Known { name, permission_type }
                if *permission_type == wanted && !words::is_for_sign_in(name))
        })
    };
    call.is_me_without_user()
        && requests(PermissionType::Application)
        && !requests(PermissionType::Delegated)
}

fn advice(call: &AnsweredCall) -> String {
    let path = call.call.path.as_str();
    let after = path
        .to_ascii_lowercase()
        .find("/me/")
        .and_then(|at| path.get(at + "/me".len()..))
        .unwrap_or_default();
    format!(
        "name the user, as in /users/{{id}}{}, or sign a user in and use delegated permissions",
        crate::text::shown(after)
    )
}

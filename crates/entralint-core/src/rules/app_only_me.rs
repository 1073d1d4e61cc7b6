//! `/me` without anyone signed in.

use msgraph_permissions::{PermissionType, Scheme};

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::calls::{AnsweredCall, Calls};
use crate::finding::Finding;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call to `/me` made with application permissions, or by an app that has application
    /// permissions only.
    ///
    /// # Why is this bad?
    ///
    /// `/me` is the signed-in user, and with application permissions nobody is signed in: Graph
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
    AppOnlyMe {
        id: "app-only-me",
        summary: "/me needs a signed-in user, and application permissions have none",
        severity: Error,
        security_severity: "2.0",
    }
}

impl Rule for AppOnlyMe {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        if app.calls.assumed {
            return;
        }
        for call in &app.open {
            if applies(app, call) {
                findings.push(
                    Finding::new(&INFO, format!(
                        "{} needs a signed-in user, and this app asks for application permissions, and for no delegated one but to sign in",
                        call.operation()
                    ))
                    .at(app.span(), "no delegated permission for it here")
                    .note(advice(call))
                    .key(call.operation()),
                );
            }
        }
    }

    fn check_calls(&self, calls: &Calls<'_>, findings: &mut Vec<Finding>) {
        for call in &calls.list {
            if call.declared.call.scheme == Some(Scheme::Application) && call.is_app_only_me() {
                findings.push(
                    Finding::new(
                        &INFO,
                        format!(
                            "{} cannot be made with application permissions: it needs a signed-in user",
                            call.operation()
                        ),
                    )
                    .note(format!("the call comes from: {}", call.declared.origin))
                    .note(advice(call))
                    .key(call.operation()),
                );
            }
        }
    }
}

/// The call is to `/me`, open, and the app could only make it without a user.
pub(crate) fn applies(app: &Assessment<'_>, call: &AnsweredCall) -> bool {
    let requests = |wanted: PermissionType| {
        app.held.iter().any(|held| {
            matches!(&held.resolution, Resolution::Known { name, kind }
                if *kind == wanted && !words::is_for_sign_in(name))
        })
    };
    call.is_app_only_me() && requests(PermissionType::Application) && !requests(PermissionType::Delegated)
}

fn advice(call: &AnsweredCall) -> String {
    let path = call.declared.call.path.as_str();
    let after = path
        .to_ascii_lowercase()
        .find("/me/")
        .and_then(|at| path.get(at + "/me".len()..))
        .unwrap_or_default();
    format!(
        "name the user, as in /users/{{id}}{}, or sign someone in and use delegated permissions",
        crate::text::shown(after)
    )
}

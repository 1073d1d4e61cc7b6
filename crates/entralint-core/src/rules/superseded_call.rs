//! Rule `superseded-call`: a newer operation replaces the one that is called.

use msgraph_permissions::Catalog;

use super::{Findings, Rule, RuleInfo};
use crate::calls::CallSet;
use crate::finding::Finding;
use crate::operations::OperationFacts;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call to an operation that Microsoft has replaced by another one: `invalidateAllRefreshTokens` by
    /// `revokeSignInSessions`.
    ///
    /// # Why is this bad?
    ///
    /// `invalidateAllRefreshTokens` exists in the beta version only, which Microsoft does not support in production. Its
    /// successor does the same, is generally available, and needs `User.RevokeSessions.All` only.
    ///
    /// # Example
    ///
    /// Call: `POST /users/{id}/invalidateAllRefreshTokens`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": []
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": []
    /// }
    /// ```
    ///
    /// # References
    ///
    /// - [user: invalidateAllRefreshTokens](https://learn.microsoft.com/graph/api/user-invalidateallrefreshtokens)
    /// - [user: revokeSignInSessions](https://learn.microsoft.com/graph/api/user-revokesigninsessions)
    SupersededCall {
        id: "superseded-call",
        summary: "a newer operation replaces the one that is called",
        severity: Warning,
        security_severity: "2.0",
    }
}

impl Rule for SupersededCall {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_calls(&self, calls: &CallSet, _catalog: &Catalog, findings: &mut Findings) {
        for call in &calls.calls {
            let Some(newer) =
                OperationFacts::of(&call.call.method.to_string(), None, call.call.path.as_str())
                    .and_then(OperationFacts::newer)
            else {
                continue;
            };
            let finding = Finding::new(
                &INFO,
                format!(
                    "{} is superseded: call {} {} instead",
                    call.operation(),
                    newer.method,
                    newer.template
                ),
            )
            .key(call.call.to_string());
            findings.push(super::unknown_call::at_origin(call, finding));
        }
    }
}

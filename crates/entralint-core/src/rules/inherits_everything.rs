//! Rule `inherits-everything`: agents inherit every permission that their blueprint is granted.

use entra_manifest::Inheritance;

use super::{Findings, Rule, RuleInfo};
use crate::assess::Assessment;
use crate::finding::Fix;

declare_rule! {
    /// # What it does
    ///
    /// Finds an agent identity blueprint whose `inheritablePermissions` let every agent inherit all permissions that the
    /// blueprint is granted.
    ///
    /// # Why is this bad?
    ///
    /// A grant that one agent needs then reaches all of them, those that are created later included.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "@odata.type": "#microsoft.graph.agentIdentityBlueprint",
    ///   "displayName": "Service desk agents",
    ///   "requiredResourceAccess": [],
    ///   "inheritablePermissions": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "inheritableScopes": {
    ///         "@odata.type": "#microsoft.graph.allAllowedScopes",
    ///         "kind": "allAllowed"
    ///       }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```json
    /// {
    ///   "@odata.type": "#microsoft.graph.agentIdentityBlueprint",
    ///   "displayName": "Service desk agents",
    ///   "requiredResourceAccess": [],
    ///   "inheritablePermissions": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "inheritableScopes": {
    ///         "@odata.type": "#microsoft.graph.enumeratedScopes",
    ///         "kind": "enumerated",
    ///         "scopes": ["User.Read"]
    ///       }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # References
    ///
    /// - [agentIdentityBlueprint: inheritablePermissions](https://learn.microsoft.com/graph/api/resources/inheritablepermission)
    InheritsEverything {
        id: "inherits-everything",
        summary: "every agent inherits all permissions of its blueprint",
        severity: Warning,
        security_severity: "6.0",
    }
}

impl Rule for InheritsEverything {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for inherited in &app.app.inherited {
            if inherited.what != Inheritance::Everything {
                continue;
            }
            findings.push(
                app.finding(
                    &INFO,
                    "every agent inherits all permissions that this blueprint is granted",
                    inherited.span,
                    "all are inheritable",
                )
                .fix(Fix::display_only(
                    "list the scopes that agents may inherit (kind: enumerated)",
                )),
            );
        }
    }
}

//! Rule `retired-api`: the app requests permissions of Azure AD Graph, which is retired.

use super::{Findings, Rule, RuleInfo};
use crate::assess::Assessment;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds permissions requested of Azure AD Graph (`00000002-0000-0000-c000-000000000000`), the
    /// predecessor of Microsoft Graph.
    ///
    /// # Why is this bad?
    ///
    /// The service is retired. What was granted there is of no use to the app, and is no longer
    /// reviewed.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000002-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "311a71cc-e848-46a1-bdf8-97ff7156d8e6", "type": "Scope" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # References
    ///
    /// - [Migrate your apps from Azure AD Graph to Microsoft Graph](https://learn.microsoft.com/graph/migrate-azure-ad-graph-overview)
    RetiredApi {
        id: "retired-api",
        summary: "requests permissions of Azure AD Graph, which is retired",
        severity: Warning,
        security_severity: "4.0",
    }
}

impl Rule for RetiredApi {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for (index, resource) in app.app.resources.iter().enumerate() {
            if !resource.id.is_azure_ad_graph() {
                continue;
            }
            let requests = app.app.requested.iter().filter(|r| r.resource == index).count();
            findings.push(
                app.finding(
                    &INFO,
                    format!(
                        "Azure AD Graph is retired: its {} can no longer be used",
                        text::count(requests, "permission")
                    ),
                    resource.id.span(),
                    "Azure AD Graph",
                )
                .note("request the permissions of Microsoft Graph (00000003-0000-0000-c000-000000000000) that the app's calls need, and remove this entry")
                .resource("Azure AD Graph"),
            );
        }
    }
}

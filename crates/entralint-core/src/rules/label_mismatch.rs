//! Rule `label-mismatch`: the comment or neighbour of an id names another permission.

use entra_manifest::PermissionRef;
use msgraph_permissions::PermissionName;

use super::{Findings, Rule, RuleInfo};
use crate::assess::{Assessment, Resolution};
use crate::finding::Fix;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds an id whose comment, or whose neighbouring property, names another permission than the id is.
    ///
    /// # Why is this bad?
    ///
    /// People review the name, and the tenant grants the id. The worst that was found in a public repository: an id
    /// labelled `OnlineMeetings.Read.All` that is `Sites.FullControl.All`.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         // User.RevokeSessions.All
    ///         { "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "type": "Role" }
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
    ///         // User.RevokeSessions.All
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    LabelMismatch {
        id: "label-mismatch",
        summary: "the comment or neighbour of an id names another permission",
        severity: Warning,
        security_severity: "5.0",
    }
}

impl Rule for LabelMismatch {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for request in &app.requests {
            let (Resolution::Known { name, .. } | Resolution::WrongType { name, .. }) =
                &request.resolution
            else {
                continue;
            };
            let (PermissionRef::Id { uuid, .. }, Some(label)) =
                (&request.requested.permission, &request.requested.label)
            else {
                continue;
            };
            let named = named_in(app, &label.value);
            // One id can be published under two names.
            let same_id = |other: &PermissionName| {
                app.catalog
                    .by_id(msgraph_permissions::PermissionId::from_uuid(*uuid))
                    .iter()
                    .any(|(known, _)| known == other)
            };
            let Some(other) = named.first() else { continue };
            if named.iter().any(|other| other == name || same_id(other)) {
                continue;
            }
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            let mut finding = app
                .finding(
                    &INFO,
                    format!("this id is {name}, but its label says {other}"),
                    request.span(),
                    format!("{name}"),
                )
                .key(format!("{name} as {other}"));
            if let Some(at) = app.files.locate(label.span) {
                finding = finding.related(at, format!("says {}", text::shown(other.as_str())));
            }
            findings.push(finding.fix(Fix::display_only(format!(
                "find out which is meant, and correct the id or the label: {name} or {other}"
            ))));
        }
    }
}

/// The permissions whose names occur in a label as whole words: `IdentityRiskyUser.ReadWrite.All` does not name
/// `User.ReadWrite.All`.
fn named_in(app: &Assessment<'_>, label: &str) -> Vec<PermissionName> {
    label
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')))
        .map(|word| word.trim_matches(['.', '-', '_']))
        // Every published name but the four of OpenID Connect has a dot; a word without one is prose.
        .filter(|word| word.contains('.'))
        .filter_map(|word| app.catalog.permission(word).map(|p| p.name().clone()))
        .collect()
}

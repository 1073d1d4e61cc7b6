//! The same permission twice.

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::finding::{Applicability, Finding, Fix};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that one app asks for more than once in the same type.
    ///
    /// # Why is this bad?
    ///
    /// Some tools refuse such a manifest, and whoever takes one of the two away believes that the
    /// grant is gone.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" },
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
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
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Fix
    ///
    /// Safe: the first request stays, and with it the grant.
    DuplicatePermission {
        id: "duplicate-permission",
        summary: "the app asks for the same permission twice",
        severity: Warning,
        security_severity: "1.0",
    }
}

impl Rule for DuplicatePermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        for (position, held) in app.held.iter().enumerate() {
            if matches!(held.resolution, Resolution::Unresolved { .. }) {
                continue;
            }
            let before = app.held.iter().take(position).find(|earlier| {
                earlier.resolution == held.resolution
                    && earlier.requested.permission_type.known()
                        == held.requested.permission_type.known()
            });
            let Some(first) = before else {
                continue;
            };
            let name = match &held.resolution {
                Resolution::Known { name, .. } | Resolution::WrongKind { name, .. } => {
                    name.to_string()
                }
                Resolution::Unknown { text } | Resolution::Unresolved { text, .. } => {
                    text::shown(text)
                }
            };
            findings.push(
                Finding::new(&INFO, format!("{name} is asked for twice"))
                    .at(held.span(), format!("{name} again"))
                    .related(first.span(), "asked for here")
                    .fix(Some(Fix {
                        title: "remove the second request".to_owned(),
                        applicability: Applicability::Safe,
                        changes: vec![words::remove(app, held)],
                    }))
                    .key(format!("{name}/{position}")),
            );
        }
    }
}

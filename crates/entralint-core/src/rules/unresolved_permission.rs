//! What stands there is not a permission yet.

use super::{Rule, RuleInfo};
use crate::assess::{Assessment, Resolution, is_unresolved};
use crate::finding::{Confidence, Finding};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Points at a request that cannot be made out: a placeholder, an expression, an id of zeros,
    /// or a member that is missing or of the wrong type.
    ///
    /// # Why is this bad?
    ///
    /// It was not judged. What seems to be missing may stand there, and so may something far too
    /// broad.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "<permission-id>", "type": "Role" }
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
    UnresolvedPermission {
        id: "unresolved-permission",
        summary: "a request that could not be made out, and was not judged",
        severity: Note,
        security_severity: "1.0",
    }
}

impl Rule for UnresolvedPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        for held in &app.held {
            let Resolution::Unresolved { text, reason } = &held.resolution else {
                continue;
            };
            findings.push(
                Finding::new(
                    &INFO,
                    if text.is_empty() {
                        format!("this request was not judged: what it asks for {reason}")
                    } else {
                        format!("this request was not judged: {} {reason}", text::shown(text))
                    },
                )
                .at(held.requested.span, "not judged")
                .confidence(Confidence::Low)
                .key(format!("{text}/{}", held.index)),
            );
        }
        for (index, resource) in app.app.resources.iter().enumerate() {
            let requests = app.app.requested.iter().filter(|r| r.resource == index).count();
            if is_unresolved(&resource.id) && requests > 0 {
                findings.push(
                    Finding::new(
                        &INFO,
                        format!(
                            "{} not judged: it is not clear of which API",
                            if requests == 1 {
                                "1 request was".to_owned()
                            } else {
                                format!("{requests} requests were")
                            }
                        ),
                    )
                    .at(resource.id.span(), "which API is this?")
                    .confidence(Confidence::Low)
                    .key(format!("resource/{index}")),
                );
            }
        }
    }
}

//! Rule `unresolved-permission`: an entry could not be resolved and was not checked.

use super::{Findings, Rule, RuleInfo};
use crate::assess::{Assessment, Resolution, is_unresolved};
use crate::finding::{Confidence, Severity};
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
        summary: "an entry that could not be resolved and was not checked",
        severity: Note,
        security_severity: "1.0",
    }
}

impl Rule for UnresolvedPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for request in &app.requests {
            let Resolution::Unresolved { text, reason } = &request.resolution else {
                continue;
            };
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            let what = if text.is_empty() {
                "the permission".to_owned()
            } else {
                text::shown(text)
            };
            findings.push(
                app.finding(
                    &INFO,
                    format!("this entry was not checked: {what} {}", text::shown(reason)),
                    request.requested.span,
                    "not checked",
                )
                .confidence(Confidence::Low)
                .key(text.clone()),
            );
        }
        for (index, name) in &app.misplaced {
            let Some(requested) = app.app.requested.get(*index) else {
                continue;
            };
            findings.push(
                app.finding(
                    &INFO,
                    format!("this id is Microsoft Graph's {name}, but its entry is of another API"),
                    requested.permission.span(),
                    format!("{name} of Microsoft Graph"),
                )
                .severity(Severity::Warning)
                .note("correct the API's id: Microsoft Graph is 00000003-0000-0000-c000-000000000000")
                .key(name.to_string()),
            );
        }
        let mut requests = vec![0_usize; app.app.resources.len()];
        for requested in &app.app.requested {
            if let Some(count) = requests.get_mut(requested.resource) {
                *count += 1;
            }
        }
        for (resource, requests) in app.app.resources.iter().zip(requests) {
            if !is_unresolved(&resource.id) || requests == 0 {
                continue;
            }
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            findings.push(
                app.finding(
                    &INFO,
                    format!(
                        "{} {} not checked: it is not clear of which API",
                        text::count(requests, "entry"),
                        if requests == 1 { "was" } else { "were" },
                    ),
                    resource.id.span(),
                    "which API is this?",
                )
                .confidence(Confidence::Low)
                .resource("unresolved"),
            );
        }
    }
}

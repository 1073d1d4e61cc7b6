//! Rule `wrong-permission-type`: the id or name belongs to the other type of permission.

use entra_manifest::{Change, PermissionRef, TypeRef};
use msgraph_permissions::PermissionType;

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Resolution};
use crate::finding::Fix;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission declared with the wrong type: the id of a delegated permission
    /// (`Scope`) as an application permission (`Role`), or the reverse, or a name that does not
    /// exist in the declared type.
    ///
    /// # Why is this bad?
    ///
    /// A permission that exists in both types has two ids. With the wrong one the declaration
    /// requests nothing, or something else than its author meant, and the app fails at run
    /// time.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "fc30e98b-8810-4501-81f5-c20a3196387b", "type": "Role" }
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
    /// Unsafe: the id becomes that of the same permission in the declared type. Shown only where
    /// the permission has no such type.
    ///
    /// # References
    ///
    /// - [resourceAccess resource type](https://learn.microsoft.com/graph/api/resources/resourceaccess)
    WrongPermissionType {
        id: "wrong-permission-type",
        summary: "the id or name belongs to the other type of permission",
        severity: Error,
        security_severity: "5.0",
    }
}

impl Rule for WrongPermissionType {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for request in &app.requests {
            let Resolution::WrongType {
                name,
                declared,
                actual,
            } = &request.resolution
            else {
                continue;
            };
            let fix = match words::permission_text(app.catalog, name, *declared) {
                Some(with) => words::unsafe_fix(
                    format!(
                        "use the id of {name} ({}), {}",
                        text::permission_type(*declared),
                        with.id
                    ),
                    vec![Change::Replace {
                        app: app.index,
                        requested: request.index,
                        with,
                        permission_type: None,
                    }],
                ),
                None => Fix::display_only(format!(
                    "declare it as {}: {name} has no {} form",
                    literal(*actual),
                    text::permission_type(*declared)
                )),
            };
            let by = match request.requested.permission {
                PermissionRef::Id { .. } => "this id is",
                _ => "this exists only as",
            };
            let mut finding = app.finding(
                &INFO,
                format!(
                    "declared as {} ({}), but {by} the {} permission {name}",
                    literal(*declared),
                    text::permission_type(*declared),
                    text::permission_type(*actual),
                ),
                request.span(),
                format!("{name} ({})", text::permission_type(*actual)),
            );
            if let TypeRef::Known {
                span: Some(span), ..
            } = request.requested.permission_type
                && let Some(at) = app.files.locate(span)
            {
                finding =
                    finding.related(at, format!("declares {}", text::permission_type(*declared)));
            }
            let subject = app.subject(name, *actual);
            findings.push(finding.about(subject).fix(fix));
        }
    }
}

fn literal(permission_type: PermissionType) -> &'static str {
    match permission_type {
        PermissionType::Delegated => "Scope",
        PermissionType::Application => "Role",
    }
}

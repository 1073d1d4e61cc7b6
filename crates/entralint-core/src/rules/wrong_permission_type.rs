//! The id is one of the other type.

use entra_manifest::{Change, PermissionRef, TypeRef};
use msgraph_permissions::PermissionType;

use super::{Rule, RuleInfo};
use crate::assess::{Assessment, Resolution};
use crate::finding::{Applicability, Finding, Fix};
use crate::fix;
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
    /// asks for nothing, or for something else than its author meant, and the app fails at run
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

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        for held in &app.held {
            let Resolution::WrongKind {
                name,
                declared,
                actual,
            } = &held.resolution
            else {
                continue;
            };
            let subject = app.subject(name, *actual);
            let same_name = fix::permission_text(app.catalog(), name, *declared);
            let fix = match same_name {
                Some(with) => Fix {
                    title: format!(
                        "use the id of {name} ({}), {}",
                        text::kind(*declared),
                        with.id
                    ),
                    applicability: Applicability::Unsafe,
                    changes: vec![Change::Replace {
                        app: app.index,
                        requested: held.index,
                        with,
                        permission_type: None,
                    }],
                },
                None => Fix {
                    title: format!(
                        "declare it as {}: {name} has no {} form",
                        literal(*actual),
                        text::kind(*declared)
                    ),
                    applicability: Applicability::DisplayOnly,
                    changes: Vec::new(),
                },
            };
            let by = match held.requested.permission {
                PermissionRef::Id { .. } => "this id is",
                _ => "this exists only as",
            };
            let mut finding = Finding::new(
                &INFO,
                format!(
                    "declared as {} ({}), but {by} the {} permission {name}",
                    literal(*declared),
                    text::kind(*declared),
                    text::kind(*actual),
                ),
            )
            .at(held.span(), format!("{name} ({})", text::kind(*actual)));
            if let TypeRef::Known {
                span: Some(span), ..
            } = held.requested.permission_type
            {
                finding = finding.related(span, format!("declares {}", text::kind(*declared)));
            }
            findings.push(
                finding
                    .about(subject)
                    .fix(Some(fix))
                    .key(format!("{name}/{}", text::kind(*declared))),
            );
        }
    }
}

/// The word that a manifest uses for the type.
fn literal(kind: PermissionType) -> &'static str {
    match kind {
        PermissionType::Delegated => "Scope",
        PermissionType::Application => "Role",
    }
}

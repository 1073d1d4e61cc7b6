//! How Terraform writes a permission, an entry and an element that have no neighbour to be written like.

use super::layout::{BLOCKS, JSON, STRINGS, WORDS};
use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation};
use crate::amend::style::reindent;
use crate::formats::json::notation::{array, member, object, string};
use crate::model::layout::Separator;

/// Terraform's native syntax, and its JSON.
#[derive(Debug)]
pub(super) struct Terraform;

impl Notation for Terraform {
    fn members(&self, dialect: u8) -> Separator {
        match dialect {
            JSON => Separator::Comma,
            _ => Separator::Line,
        }
    }

    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String> {
        match at.dialect {
            BLOCKS => match permission {
                NewPermission::Id(id) => Some(access(at, &id.to_string(), permission_type)),
                // An id is wanted here, and a name stands for one only behind a service principal's address.
                NewPermission::Name(_) => None,
            },
            JSON => match permission {
                NewPermission::Id(_) => {
                    let ty = string(permission_type.as_manifest().to_owned());
                    let id = string(permission.text());
                    Some(object(at, &[("id", id), ("type", ty)]))
                }
                NewPermission::Name(_) => None,
            },
            STRINGS if implied => Some(format!("\"{}\"", permission.text())),
            WORDS => Some(permission.text()),
            _ => None,
        }
    }

    fn elements(
        &self,
        at: &At<'_>,
        _permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String> {
        if at.dialect == JSON {
            return Some(member(at, "resource_access", &array(at, elements)));
        }
        Some(elements.join(&format!("{}{}", at.style.newline, at.indent)))
    }

    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        let (newline, indent) = (at.style.newline, at.indent);
        let deeper = at.deeper();
        let inner = At {
            indent: &deeper,
            ..*at
        };
        if at.dialect == JSON {
            let innermost = inner.deeper();
            let within = At {
                indent: &innermost,
                ..*at
            };
            let elements: Vec<String> = permissions
                .iter()
                .map(|(permission, ty)| self.element(&within, permission, *ty, false))
                .collect::<Option<_>>()?;
            let api = string(resource.to_owned());
            let list = array(&inner, &elements);
            let members = [("resource_app_id", api), ("resource_access", list)];
            return Some(vec![object(at, &members)]);
        }
        let mut blocks = String::new();
        for (permission, ty) in permissions {
            let NewPermission::Id(id) = permission else {
                return None;
            };
            blocks.push_str(&format!(
                "{newline}{deeper}{}",
                access(&inner, &id.to_string(), *ty)
            ));
        }
        Some(vec![format!(
            "required_resource_access {{{newline}{deeper}resource_app_id = \"{resource}\"{newline}{blocks}{newline}{indent}}}"
        )])
    }

    fn list(&self, _at: &At<'_>, _items: &[String]) -> Option<String> {
        None
    }

    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String> {
        if at.dialect == JSON {
            return Some(member(at, "required_resource_access", &array(at, entries)));
        }
        // Entries are written for one level deeper, as in a list; blocks stand where the list would.
        let deeper = at.deeper();
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| reindent(entry, &deeper, at.indent))
            .collect();
        Some(entries.join(&format!("{}{}", at.style.newline, at.indent)))
    }
}

fn access(at: &At<'_>, id: &str, permission_type: PermissionType) -> String {
    let (newline, indent) = (at.style.newline, at.indent);
    let deeper = at.deeper();
    format!(
        "resource_access {{{newline}{deeper}id   = \"{id}\"{newline}{deeper}type = \"{}\"{newline}{indent}}}",
        permission_type.as_manifest()
    )
}

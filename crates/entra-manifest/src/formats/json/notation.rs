//! How declarations are written in JSON.

use super::dialect::Dialect;
use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation, literal_like, quoted_like};

pub(crate) struct JsonNotation;

impl Notation for JsonNotation {
    fn literal(&self, like: &str, permission: &NewPermission<'_>) -> Option<String> {
        Some(string(literal_like(like, permission)))
    }

    fn permission_type(&self, like: &str, permission_type: PermissionType) -> Option<String> {
        Some(string(quoted_like(like, permission_type.as_manifest())))
    }

    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String> {
        let permission = string(permission.text());
        if implied && Dialect::of(at.dialect) == Dialect::Objects {
            return Some(object(at, &[("value", permission)]));
        }
        if implied {
            return Some(permission);
        }
        let permission_type = string(permission_type.as_manifest().to_owned());
        Some(object(at, &[("id", permission), ("type", permission_type)]))
    }

    fn elements(
        &self,
        at: &At<'_>,
        permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String> {
        if Dialect::of(at.dialect) == Dialect::Names {
            return None;
        }
        Some(match permission_type {
            Some(ty) => member(at, list_of(ty), &names(at, elements)),
            None => member(at, "resourceAccess", &array(at, elements)),
        })
    }

    fn lists_by_type(&self, dialect: u8) -> bool {
        Dialect::of(dialect).is_named()
    }

    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        let resource = string(resource.to_owned());
        match Dialect::of(at.dialect) {
            // The format has no word for the type: all are delegated.
            Dialect::Flat => permissions
                .iter()
                .map(|(permission, ty)| {
                    let scope = string(permission.text());
                    (*ty == PermissionType::Delegated)
                        .then(|| object(at, &[("resource", resource.clone()), ("scope", scope)]))
                })
                .collect(),
            Dialect::Named => {
                let mut members = vec![("resource", resource)];
                for ty in [PermissionType::Delegated, PermissionType::Application] {
                    let of_type = permissions.iter().filter(|(_, of)| *of == ty);
                    let elements: Vec<_> = of_type.map(|(name, _)| string(name.text())).collect();
                    if !elements.is_empty() {
                        members.push((list_of(ty), names(at, &elements)));
                    }
                }
                Some(vec![object(at, &members)])
            }
            Dialect::Map | Dialect::Objects | Dialect::Names => None,
            Dialect::ResourceAccess => {
                let (inner, innermost) =
                    (at.deeper(), format!("{}{}", at.deeper(), at.style.indent));
                let within = At {
                    indent: &innermost,
                    ..*at
                };
                let elements: Vec<String> = permissions
                    .iter()
                    .map(|(permission, ty)| self.element(&within, permission, *ty, false))
                    .collect::<Option<_>>()?;
                let within = At {
                    indent: &inner,
                    ..*at
                };
                let list = array(&within, &elements);
                Some(vec![object(
                    at,
                    &[("resourceAppId", resource), ("resourceAccess", list)],
                )])
            }
        }
    }

    fn list(&self, at: &At<'_>, items: &[String]) -> Option<String> {
        Some(array(at, items))
    }

    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String> {
        Some(member(at, "requiredResourceAccess", &array(at, entries)))
    }
}

/// A string literal of a text that needs no escaping, which may have its quotes already.
pub(in crate::formats) fn string(text: String) -> String {
    if text.starts_with(['"', '\'']) {
        text
    } else {
        format!("\"{text}\"")
    }
}

/// The member that lists names of this type.
const fn list_of(permission_type: PermissionType) -> &'static str {
    match permission_type {
        PermissionType::Delegated => "delegatedPermissions",
        PermissionType::Application => "applicationPermissions",
    }
}

/// A member's name, in the file's habit.
fn word(at: &At<'_>, lower: &str) -> String {
    let mut chars = lower.chars();
    match chars.next() {
        Some(first) if at.capitals => first.to_uppercase().chain(chars).collect(),
        _ => lower.to_owned(),
    }
}

/// `"name": value`
pub(in crate::formats) fn member(at: &At<'_>, lower: &str, value: &str) -> String {
    format!("\"{}\"{}{value}", word(at, lower), at.style.colon)
}

/// A list of items, which are written for one level deeper.
pub(in crate::formats) fn array(at: &At<'_>, items: &[String]) -> String {
    if at.style.one_line {
        return format!("[{}]", items.join(comma(at)));
    }
    let (newline, deeper) = (at.style.newline, at.deeper());
    let items = items.join(&format!(",{newline}{deeper}"));
    format!("[{newline}{deeper}{items}{newline}{}]", at.indent)
}

/// A list of names on one line.
fn names(at: &At<'_>, names: &[String]) -> String {
    let pad = if at.padded { " " } else { "" };
    format!("[{pad}{}{pad}]", names.join(comma(at)))
}

pub(in crate::formats) fn object(at: &At<'_>, members: &[(&str, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| member(at, name, value))
        .collect();
    if at.style.one_line {
        return format!("{{{}}}", members.join(comma(at)));
    }
    let (newline, deeper) = (at.style.newline, at.deeper());
    let members = members.join(&format!(",{newline}{deeper}"));
    format!("{{{newline}{deeper}{members}{newline}{}}}", at.indent)
}

const fn comma(at: &At<'_>) -> &'static str {
    if at.style.is_tight() { "," } else { ", " }
}

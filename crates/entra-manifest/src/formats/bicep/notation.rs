//! How declarations are written in Bicep.

use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation, literal_like, quoted_like};
use crate::formats::deployment::{OBJECTS, WORDS};

pub(super) struct BicepNotation;

impl Notation for BicepNotation {
    fn literal(&self, like: &str, permission: &NewPermission<'_>) -> Option<String> {
        let new = literal_like(like, permission);
        // A name in small letters is compared with `toLower(…)`.
        let small = like.contains('.') && !like.contains(|c: char| c.is_ascii_uppercase());
        Some(match permission {
            NewPermission::Name(_) if small => new.to_lowercase(),
            _ => new,
        })
    }

    fn permission_type(&self, like: &str, permission_type: PermissionType) -> Option<String> {
        Some(quoted_like(like, permission_type.as_manifest()))
    }

    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String> {
        let id = string(&permission.text());
        // An item of a list of names, of which a loop makes elements.
        if at.dialect == WORDS || implied {
            return (at.dialect == WORDS && implied).then_some(id);
        }
        Some(object(
            at,
            &[("id", id), ("type", string(permission_type.as_manifest()))],
        ))
    }

    fn elements(
        &self,
        at: &At<'_>,
        permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String> {
        // Only lists of objects are members.
        (permission_type.is_none()).then(|| format!("resourceAccess: {}", array(at, elements)))
    }

    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        if at.dialect != OBJECTS {
            return None;
        }
        let (inner, innermost) = (at.deeper(), format!("{}{}", at.deeper(), at.style.indent));
        let within = At {
            indent: &innermost,
            ..*at
        };
        let elements: Vec<String> = permissions
            .iter()
            .map(|(permission, ty)| self.element(&within, permission, *ty, false))
            .collect::<Option<_>>()?;
        let list = array(
            &At {
                indent: &inner,
                ..*at
            },
            &elements,
        );
        Some(vec![object(
            at,
            &[
                ("resourceAppId", string(resource)),
                ("resourceAccess", list),
            ],
        )])
    }

    fn list(&self, at: &At<'_>, items: &[String]) -> Option<String> {
        Some(array(at, items))
    }

    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String> {
        Some(format!("requiredResourceAccess: {}", array(at, entries)))
    }
}

/// A string literal of a text that needs no escaping.
fn string(text: &str) -> String {
    format!("'{text}'")
}

fn array(at: &At<'_>, items: &[String]) -> String {
    let (newline, deeper) = (at.style.newline, at.deeper());
    let items = items.join(&format!("{newline}{deeper}"));
    format!("[{newline}{deeper}{items}{newline}{}]", at.indent)
}

fn object(at: &At<'_>, members: &[(&str, String)]) -> String {
    let (newline, deeper) = (at.style.newline, at.deeper());
    let members: Vec<String> = (members.iter())
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let members = members.join(&format!("{newline}{deeper}"));
    format!("{{{newline}{deeper}{members}{newline}{}}}", at.indent)
}

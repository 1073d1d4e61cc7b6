//! How declarations are written in a template: as in any JSON, but for words within strings and expressions.

use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation, literal_like, quoted_like};
use crate::formats::json::notation::JsonNotation;

pub(super) struct ArmNotation;

impl Notation for ArmNotation {
    fn literal(&self, like: &str, permission: &NewPermission<'_>) -> Option<String> {
        // A word of a scope string has no quotes, a string in an expression has single ones.
        Some(literal_like(like, permission))
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
        JsonNotation.element(at, permission, permission_type, implied)
    }

    fn elements(
        &self,
        at: &At<'_>,
        permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String> {
        // Only lists of objects are members.
        match permission_type {
            None => JsonNotation.elements(at, None, elements),
            Some(_) => None,
        }
    }

    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        JsonNotation.entries(at, resource, permissions)
    }

    fn list(&self, at: &At<'_>, items: &[String]) -> Option<String> {
        JsonNotation.list(at, items)
    }

    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String> {
        JsonNotation.first_list(at, entries)
    }
}

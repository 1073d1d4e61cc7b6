//! Lists of permissions by name: `{resource, delegatedPermissions, applicationPermissions}`, `{Name, Id,
//! AppRoleAssignments: [{Value}]}`, `{resourceAppId, scopes}`.
//!
//! Seen in the configuration of Microsoft's sample generator, in the `permissions.json` of Teams Toolkit, in the
//! `*.permissions.json` next to the runbooks of automation accounts, and in the `a365.config.json` of the Agent
//! 365 command line (`customBlueprintPermissions`).

use jsonc_parser::ast::{Array, Object, Value};
use uuid::Uuid;

use crate::PermissionType;
use crate::json::{literal, tree};
use crate::label;
use crate::resource;

/// Members of an entry that hold names of permissions, and the type that the member's name says.
///
/// `appRoles` and `oauth2PermissionScopes` are none of them: an API publishes its own permissions there.
pub(super) const LISTS: [(&str, PermissionType); 9] = [
    ("delegatedPermissions", PermissionType::Delegated),
    ("applicationPermissions", PermissionType::Application),
    ("delegated", PermissionType::Delegated),
    ("application", PermissionType::Application),
    ("scopes", PermissionType::Delegated),
    ("delegatedScopes", PermissionType::Delegated),
    ("appRoleAssignments", PermissionType::Application),
    ("applicationRoles", PermissionType::Application),
    ("roles", PermissionType::Application),
];

/// Members of an entry that say which API it is, the surest first.
pub(super) const RESOURCES: [&str; 7] = [
    "resourceAppId",
    "resource",
    "appId",
    "id",
    "resourceName",
    "name",
    "displayName",
];

/// Members of an element that hold the permission's name.
pub(super) const NAMES: [&str; 3] = ["value", "name", "permission"];

/// Members of an element that only a description of a permission has: such a list is a table, not a request.
const DESCRIPTIONS: [&str; 7] = [
    "description",
    "displayName",
    "adminConsentDisplayName",
    "adminConsentDescription",
    "adminConsentRequired",
    "isEnabled",
    "risk",
];

/// Whether an object lists permissions of an API by name.
pub(super) fn is_entry(object: &Object<'_>) -> bool {
    // A service principal, which publishes permissions: its grants are `appRoleAssignments` too.
    if ["appRoles", "oauth2PermissionScopes", "servicePrincipalType"]
        .iter()
        .any(|name| tree::has(object, name))
    {
        return false;
    }
    // Teams Toolkit writes both, empty ones too.
    let mut names = ["delegated", "application"]
        .iter()
        .all(|list| tree::array(object, list).is_some());
    for (list, _) in LISTS {
        match tree::value(object, list) {
            Some(Value::Array(array)) if is_table(array) => return false,
            // Empty, it is known by its name alone.
            Some(Value::Array(array)) if array.elements.is_empty() => {
                names |= list.contains("Permissions") || list == "appRoleAssignments";
            }
            Some(Value::Array(array)) => names |= array.elements.iter().any(is_name),
            _ => {}
        }
    }
    names && RESOURCES.iter().any(|name| is_resource(object, name))
}

/// Whether an element is a name of a permission.
fn is_name(element: &Value<'_>) -> bool {
    let text = match element {
        Value::StringLit(text) => &text.value,
        Value::Object(object) => match literal::named(object, &NAMES) {
            Some(text) => &text.value,
            None => return false,
        },
        _ => return false,
    };
    label::is_exactly_a_permission(text)
}

/// Whether a list describes permissions.
pub(super) fn is_table(array: &Array<'_>) -> bool {
    array.elements.iter().any(|element| {
        element
            .as_object()
            .is_some_and(|object| DESCRIPTIONS.iter().any(|name| tree::has(object, name)))
    })
}

/// Whether a member names an API: any id in `resourceAppId`, elsewhere only what is well known, since an author's own
/// `name` can be anything.
fn is_resource(object: &Object<'_>, member: &str) -> bool {
    let Some(text) = tree::string(object, member) else {
        return false;
    };
    let text = text.value.trim();
    match Uuid::try_parse(text) {
        Ok(id) => member == "resourceAppId" || resource::by_id(id).is_some(),
        Err(_) => resource::by_name(text).is_some(),
    }
}

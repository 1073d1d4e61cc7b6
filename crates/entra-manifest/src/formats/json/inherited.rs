//! What the agents of an agent identity blueprint inherit: `inheritablePermissions`.
//!
//! Each entry is of one API and says of its scopes, and of its roles, whether all are inherited, those that it lists, or
//! none: `{resourceAppId, inheritableScopes: {kind, scopes}, inheritableRoles: {kind, roles}}`.
//! Source: <https://learn.microsoft.com/graph/api/resources/inheritablepermission?view=graph-rest-1.0>.

use jsonc_parser::ast::{Object, Value};
use source_text::Source;

use crate::PermissionType;
use crate::json::{literal, tree};
use crate::model::{Inheritance, Inherited};

/// The member of a blueprint.
pub(super) const MEMBER: &str = "inheritablePermissions";

const SIDES: [(&str, PermissionType); 2] = [
    ("inheritableScopes", PermissionType::Delegated),
    ("inheritableRoles", PermissionType::Application),
];

/// Whether an object is an entry.
pub(super) fn is_entry(object: &Object<'_>) -> bool {
    tree::has(object, "resourceAppId")
        && SIDES
            .iter()
            .any(|(side, _)| tree::object(object, side).is_some())
}

/// What an entry lets agents inherit.
pub(super) fn read(source: &Source, object: &Object<'_>) -> Vec<Inherited> {
    let whole = tree::span(source, object);
    let mut inherited = Vec::new();
    for (side, permission_type) in SIDES {
        let Some(value) = tree::object(object, side) else {
            continue;
        };
        let names = ["scopes", "roles"]
            .iter()
            .filter_map(|name| tree::array(value, name))
            .flat_map(|list| &list.elements)
            .map(|name| literal::permission(Some(name), source, whole))
            .collect();
        inherited.push(Inherited {
            resource: literal::resource(tree::value(object, "resourceAppId"), source, whole),
            permission_type,
            what: what(value),
            names,
            span: tree::span(source, value),
        });
    }
    inherited
}

/// The discriminator is `kind`; some clients send the OData type alone.
fn what(value: &Object<'_>) -> Inheritance {
    let word = ["kind", "@odata.type"]
        .iter()
        .find_map(|name| tree::string(value, name));
    let word = word.map_or(String::new(), |word| word.value.to_ascii_lowercase());
    if word.contains("allallowed") {
        Inheritance::Everything
    } else if word.contains("enumerated") {
        Inheritance::Listed
    } else if word == "none" || word.ends_with("noscopes") || word.ends_with("noroles") {
        Inheritance::Nothing
    } else {
        Inheritance::Unclear
    }
}

/// The entries in the value of the member.
pub(super) fn entries<'o, 'a>(value: &'o Value<'a>) -> Vec<&'o Object<'a>> {
    let elements = match value {
        Value::Array(array) => array.elements.as_slice(),
        value => std::slice::from_ref(value),
    };
    elements
        .iter()
        .filter_map(Value::as_object)
        .filter(|object| is_entry(object))
        .collect()
}

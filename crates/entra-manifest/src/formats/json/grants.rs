//! Grants as Microsoft Graph returns them: `appRoleAssignment` and `oauth2PermissionGrant`.

use jsonc_parser::ast::{Object, StringLit, Value};
use source_text::{Source, Span, Spanned};

use crate::PermissionType;
use crate::json::{literal, tree};
use crate::model::layout::ElementLayout;
use crate::model::{
    App, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef, Unresolved,
};

const FIXED: &str = "a grant is changed in the tenant, not in a file that records it";

/// An app role granted to a principal. Members can be `null` in an export of a part of the properties.
pub(super) fn is_role(object: &Object<'_>) -> bool {
    tree::string(object, "appRoleId").is_some() && has(object, &["resourceId", "principalId"])
}

/// Scopes granted to a client.
pub(super) fn is_scopes(object: &Object<'_>) -> bool {
    tree::string(object, "scope").is_some()
        && has(object, &["clientId", "consentType", "resourceId"])
}

fn has(object: &Object<'_>, names: &[&str]) -> bool {
    names.iter().all(|name| {
        matches!(
            tree::value(object, name),
            Some(Value::StringLit(_) | Value::NullKeyword(_))
        )
    })
}

/// The id of the service principal to which something is granted.
pub(super) fn grantee<'o, 'a>(object: &'o Object<'a>) -> Option<&'o StringLit<'a>> {
    let member = if is_role(object) {
        "principalId"
    } else {
        "clientId"
    };
    tree::string(object, member)
}

/// Adds what an object grants to the app of its principal.
pub(super) fn add(app: &mut App, source: &Source, object: &Object<'_>) {
    let span = tree::span(source, object);
    if app.name.is_none() && is_role(object) {
        app.name = literal::named(object, &["principalDisplayName"])
            .map(|name| Spanned::new(name.value.clone().into_owned(), tree::span(source, name)));
    }
    let resource = app.push_resource(Resource::new(span, resource(source, object, span)));
    if is_role(object) {
        let role = tree::value(object, "appRoleId");
        let permission = literal::permission(role, source, span);
        // The all-zero role is Entra's word for access without any role: nothing is granted of the API.
        if matches!(&permission, PermissionRef::Unresolved { text, .. } if is_zero(text)) {
            return;
        }
        let ty = TypeRef::implied(PermissionType::Application);
        app.requested.push(granted(resource, permission, ty, span));
        return;
    }
    let Some(scope) = tree::string(object, "scope") else {
        return;
    };
    for (name, at) in words(source, scope) {
        let permission = PermissionRef::Name {
            name: name.to_owned(),
            span: at,
        };
        let ty = TypeRef::implied(PermissionType::Delegated);
        app.requested.push(granted(resource, permission, ty, span));
    }
}

fn is_zero(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.is_nil())
}

fn granted(
    resource: usize,
    permission: PermissionRef,
    permission_type: TypeRef,
    span: Span,
) -> Requested {
    Requested {
        means: Means::Granted,
        layout: ElementLayout {
            fixed: Some(FIXED),
            ..ElementLayout::default()
        },
        ..Requested::new(resource, permission, permission_type, span)
    }
}

fn resource(source: &Source, object: &Object<'_>, whole: Span) -> ResourceRef {
    for name in ["resourceAppId", "resourceDisplayName"] {
        if tree::string(object, name).is_some_and(|text| !text.value.trim().is_empty()) {
            return literal::resource(tree::value(object, name), source, whole);
        }
    }
    let id = tree::value(object, "resourceId");
    ResourceRef::Unresolved {
        text: id.map_or_else(String::new, |id| literal::written(id, source)),
        span: id.map_or(whole, |id| tree::span(source, id)),
        reason: Unresolved::Unknown(
            "is of an API that the file names by an id which differs from tenant to tenant".into(),
        ),
    }
}

/// The words of a string and where they stand; all at the string itself if it is written with escapes.
fn words<'o>(source: &Source, literal: &'o StringLit<'_>) -> impl Iterator<Item = (&'o str, Span)> {
    let span = tree::span(source, literal);
    let text: &'o str = &literal.value;
    let plain = source
        .slice(span)
        .get(1..)
        .is_some_and(|rest| rest.starts_with(text));
    text.split_whitespace().map(move |word| {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let start = span.range().start + 1 + at;
        let place = if plain {
            Span::new(span.file, start, start + word.len())
        } else {
            span
        };
        (word, place)
    })
}

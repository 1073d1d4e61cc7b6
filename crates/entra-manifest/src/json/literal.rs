//! From string literals to ids, names and types, and to the reason where they are not clear.

use jsonc_parser::ast::{Object, StringLit, Value};
use source_text::{Source, Span};
use uuid::Uuid;

use super::tree;
use crate::model::{self, PermissionRef, ResourceRef, TypeRef, Unresolved};

/// What a literal that should name something says.
enum Reference {
    Id(Uuid),
    Name(String),
    Unresolved(Unresolved),
}

/// The permission that a value names.
pub(crate) fn permission(
    value: Option<&Value<'_>>,
    source: &Source,
    element: Span,
) -> PermissionRef {
    match located(value, source, element) {
        (Reference::Id(uuid), _, span) => PermissionRef::Id { uuid, span },
        (Reference::Name(name), _, span) => PermissionRef::Name { name, span },
        (Reference::Unresolved(reason), text, span) => {
            PermissionRef::Unresolved { text, span, reason }
        }
    }
}

/// The resource that a value names.
pub(crate) fn resource(value: Option<&Value<'_>>, source: &Source, entry: Span) -> ResourceRef {
    match located(value, source, entry) {
        (Reference::Id(uuid), _, span) => ResourceRef::Id { uuid, span },
        (Reference::Name(name), _, span) => ResourceRef::Name { name, span },
        (Reference::Unresolved(Unresolved::Malformed), text, span) if is_title(&text) => {
            ResourceRef::Name { name: text, span }
        }
        (Reference::Unresolved(reason), text, span) => {
            ResourceRef::Unresolved { text, span, reason }
        }
    }
}

/// The resource of this name or id, which stands as a member's name.
pub(crate) fn resource_named(name: &str, span: Span) -> ResourceRef {
    match Uuid::try_parse(name.trim()) {
        Ok(uuid) => ResourceRef::Id { uuid, span },
        Err(_) => ResourceRef::Name {
            name: name.trim().to_owned(),
            span,
        },
    }
}

/// The type that a value names.
pub(crate) fn permission_type(
    value: Option<&Value<'_>>,
    source: &Source,
    element: Span,
) -> TypeRef {
    let Some(value) = value else {
        return TypeRef::Unresolved {
            text: None,
            span: element,
            reason: Unresolved::Missing,
        };
    };
    let span = tree::span(source, value);
    let word = match value.as_string_lit() {
        Some(literal) => literal.value.trim(),
        None => "",
    };
    if let Some(permission_type) = model::permission_type(word) {
        return TypeRef::Known {
            permission_type,
            span: Some(span),
        };
    }
    let reason = match value {
        Value::NullKeyword(_) => Unresolved::Empty,
        Value::StringLit(_) if word.is_empty() => Unresolved::Empty,
        Value::StringLit(_) => stand_in(word).unwrap_or(Unresolved::NotAType),
        _ => Unresolved::WrongType,
    };
    TypeRef::Unresolved {
        text: Some(written(value, source)),
        span,
        reason,
    }
}

/// A member that names the application, as written.
pub(crate) fn named<'o, 'a>(object: &'o Object<'a>, names: &[&str]) -> Option<&'o StringLit<'a>> {
    names
        .iter()
        .filter_map(|name| tree::string(object, name))
        .find(|literal| !literal.value.trim().is_empty())
}

fn located(value: Option<&Value<'_>>, source: &Source, whole: Span) -> (Reference, String, Span) {
    let Some(value) = value else {
        return (
            Reference::Unresolved(Unresolved::Missing),
            String::new(),
            whole,
        );
    };
    let reference = match value {
        Value::StringLit(literal) => reference(&literal.value),
        Value::NullKeyword(_) => Reference::Unresolved(Unresolved::Empty),
        _ => Reference::Unresolved(Unresolved::WrongType),
    };
    (reference, written(value, source), tree::span(source, value))
}

/// What stands in the file: a string's content, else the bytes themselves, cut to a length that a report can show.
pub(crate) fn written(value: &Value<'_>, source: &Source) -> String {
    const ENOUGH: usize = 80;
    if let Value::StringLit(literal) = value {
        return literal.value.clone().into_owned();
    }
    let whole = source.slice(tree::span(source, value));
    match whole.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole.to_owned(),
    }
}

fn reference(text: &str) -> Reference {
    let text = text.trim();
    if text.is_empty() {
        return Reference::Unresolved(Unresolved::Empty);
    }
    match Uuid::try_parse(text) {
        Ok(uuid) if uuid.is_nil() => return Reference::Unresolved(Unresolved::Placeholder),
        Ok(uuid) => return Reference::Id(uuid),
        Err(_) => {}
    }
    if let Some(reason) = stand_in(text) {
        return Reference::Unresolved(reason);
    }
    if is_name(text) && !is_broken_guid(text) {
        Reference::Name(text.to_owned())
    } else {
        Reference::Unresolved(Unresolved::Malformed)
    }
}

/// Why a text stands in for a value that comes from elsewhere, if it does.
pub(crate) fn stand_in(text: &str) -> Option<Unresolved> {
    if text.starts_with("@{") || text.starts_with("System.") {
        return Some(Unresolved::CutOff);
    }
    if text.starts_with('[') && text.ends_with(']') {
        return Some(Unresolved::Expression);
    }
    let enclosed = |open, close| text.contains(open) && text.contains(close);
    let placeholder = enclosed("${", "}")
        || enclosed("{{", "}}")
        || enclosed("#{", "}")
        || enclosed("$(", ")")
        || enclosed("<", ">")
        || (text.starts_with('{') && text.ends_with('}'))
        || (text.len() > 2 && text.starts_with('%') && text.ends_with('%'))
        || (text.len() > 4 && text.starts_with("__") && text.ends_with("__"))
        || text.starts_with('$');
    placeholder.then_some(Unresolved::Placeholder)
}

/// Whether a text can be the value of a scope or an app role: the characters that Entra admits there, less the odd ones.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Whether a text was meant to be a GUID: hexadecimal groups, wrong in number or length.
fn is_broken_guid(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'-').count() >= 2
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether a text can be the display name of a resource: `Microsoft Graph`, `https://graph.microsoft.com`.
fn is_title(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !is_broken_guid(text.trim())
}

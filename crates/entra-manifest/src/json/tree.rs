//! Small helpers over the syntax tree.

use jsonc_parser::ast::{Array, Object, ObjectProp, StringLit, Value};
use jsonc_parser::common::Ranged;

use source_text::{Source, Span};

/// Where a node stands.
pub(crate) fn span(source: &Source, node: &impl Ranged) -> Span {
    source.span(node.start(), node.end())
}

/// The members of this name, whatever its case, in the order of the file.
pub(crate) fn members<'o, 'a>(
    object: &'o Object<'a>,
    name: &str,
) -> impl Iterator<Item = &'o ObjectProp<'a>> {
    object
        .properties
        .iter()
        .filter(move |member| member.name.as_str().eq_ignore_ascii_case(name))
}

/// The value of this name, whatever its case: the last one, as JSON readers take it.
pub(crate) fn value<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o Value<'a>> {
    members(object, name).last().map(|member| &member.value)
}

/// Whether the object has a member of this name, whatever its case.
pub(crate) fn has(object: &Object<'_>, name: &str) -> bool {
    members(object, name).next().is_some()
}

/// The string of this name.
pub(crate) fn string<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o StringLit<'a>> {
    value(object, name)?.as_string_lit()
}

/// The object of this name.
pub(crate) fn object<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o Object<'a>> {
    value(object, name)?.as_object()
}

/// The array of this name.
pub(crate) fn array<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o Array<'a>> {
    value(object, name)?.as_array()
}

/// Calls `visit` on every object, outer ones first, in the order of the file.
pub(crate) fn each_object<'o, 'a>(root: &'o Value<'a>, visit: &mut impl FnMut(&'o Object<'a>)) {
    match root {
        Value::Object(object) => {
            visit(object);
            for member in &object.properties {
                each_object(&member.value, visit);
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                each_object(element, visit);
            }
        }
        _ => {}
    }
}

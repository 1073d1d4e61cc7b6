//! The texts of a template: its metadata, and the descriptions and defaults of its parameters.

use jsonc_parser::ast::{Object, Value as Json};
use source_text::{Source, Spanned};

use crate::formats::deployment;
use crate::json::tree;
use crate::model::App;

/// An app for what the texts of a template say, if they say anything.
pub(super) fn documented(source: &Source, template: &Object<'_>) -> Option<App> {
    let mut texts: Vec<Spanned<String>> = Vec::new();
    if let Some(metadata) = tree::value(template, "metadata") {
        strings(source, metadata, &mut texts);
    }
    let parameters = tree::object(template, "parameters");
    for member in parameters.into_iter().flat_map(|p| &p.properties) {
        let Some(parameter) = member.value.as_object() else {
            continue;
        };
        for name in ["metadata", "defaultValue"] {
            if let Some(value) = tree::value(parameter, name) {
                strings(source, value, &mut texts);
            }
        }
    }
    texts.sort_by_key(|text| text.span);
    let span = tree::span(source, template);
    let metadata = tree::object(template, "metadata");
    let title = metadata.and_then(|metadata| tree::string(metadata, "title"));
    let title = title.map(|title| Spanned::new(title.value.to_string(), tree::span(source, title)));
    deployment::documented(source, span, title, &texts)
}

fn strings(source: &Source, value: &Json<'_>, out: &mut Vec<Spanned<String>>) {
    match value {
        Json::StringLit(literal) => {
            // A single word is a name or a version; an expression is no prose.
            let text = literal.value.trim();
            if text.contains(' ') && !text.starts_with('[') {
                out.push(Spanned::new(
                    literal.value.to_string(),
                    tree::span(source, literal),
                ));
            }
        }
        Json::Array(array) => {
            for element in &array.elements {
                strings(source, element, out);
            }
        }
        Json::Object(object) => {
            for member in &object.properties {
                strings(source, &member.value, out);
            }
        }
        _ => {}
    }
}

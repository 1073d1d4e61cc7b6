//! `loadTextContent`, `loadJsonContent` and `loadYamlContent`.

use camino::Utf8Path;
use source_text::Span;

use super::data;
use super::eval::Evaluator;
use super::files::Loaded;
use super::value::{Data, Piece, Text, Value, Why};

/// `loadTextContent`, `loadJsonContent` and `loadYamlContent`.
pub(super) fn load(
    evaluator: &Evaluator<'_>,
    scope: usize,
    name: &str,
    path: Option<Value>,
    query: Option<Value>,
    span: Span,
) -> Value {
    let Some(path) = path.as_ref().and_then(Value::as_text) else {
        return Value::unknown(Why::Function(name.to_owned()), span);
    };
    let missing = || Value::unknown(Why::File(path.clone()), span);
    let Some(full) = evaluator.scope(scope).resolve(Utf8Path::new(&path)) else {
        return missing();
    };
    let Loaded::Text(source) = evaluator.files.load(&full, true) else {
        return missing();
    };
    let text = source.text();
    let whole = source.span(0, text.len());
    let value = match name {
        "loadtextcontent" => {
            return Value::new(
                Data::Text(Text {
                    pieces: vec![Piece::Known {
                        text: text.to_owned(),
                        span: whole,
                        exact: true,
                        literal: whole,
                        item: None,
                    }],
                }),
                span,
            );
        }
        "loadjsoncontent" => data::json_value(text, whole),
        _ => data::yaml_value(text, whole),
    };
    // The second argument is a JSONPath. Plain members of it are followed.
    match query.and_then(|query| query.as_text()) {
        None => value,
        Some(path) => {
            let steps = path.trim_start_matches('$').trim_start_matches('.');
            if steps.contains(['[', '*', '?', '(', '@']) || steps.contains("..") {
                return Value::unknown(Why::Unsupported("a JSONPath with filters"), span);
            }
            (steps.split('.').filter(|step| !step.is_empty())).fold(value, |value, step| {
                evaluator.member(&value, step, false, span)
            })
        }
    }
}

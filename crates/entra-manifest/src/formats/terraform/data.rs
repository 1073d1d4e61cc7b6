//! JSON and YAML as values whose strings know their places in the file.

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle};
use source_text::{Encoding, Source, Span};

use super::value::Kind;
pub(in crate::formats) use super::value::{Entry, Origin, Text, Value};
use crate::json::{SyntaxError as JsonError, with_document};
use crate::read::ParseError;

/// Nested collections in YAML, as far as they are read.
const MAX_DEPTH: usize = 64;

/// Values of one YAML file, aliases expanded.
const MAX_NODES: usize = 200_000;

/// Hands the tree of a JSON file to `then`.
pub(super) fn with_json<R>(
    source: &Source,
    then: impl FnOnce(&Json<'_>) -> R,
) -> Result<R, ParseError> {
    let error = |message: &str| ParseError {
        message: message.to_owned(),
        span: source.span(0, 0),
    };
    with_document(source, |document| then(&document.root)).map_err(|refusal| match refusal {
        JsonError::At(error) => error,
        JsonError::Empty => error("the file is empty"),
        JsonError::NotJson => error("the file is not JSON"),
        JsonError::SeveralDocuments => error("the file holds several JSON documents"),
    })
}

/// Span of a JSON string's text between its quotes, where the file shows it unescaped.
pub(super) fn inner_span(source: &Source, whole: Span, text: &str) -> Option<Span> {
    let slice = source.slice(whole);
    let inner = slice.strip_prefix('"')?.strip_suffix('"')?;
    (inner == text).then(|| source.span(whole.start as usize + 1, whole.end as usize - 1))
}

/// Where decoded strings come from: a file, from an offset on, or an expression.
#[derive(Clone, Copy)]
struct Place<'s> {
    source: Option<(&'s Source, usize)>,
    at: Span,
}

impl<'s> Place<'s> {
    fn new(text: &Text, source: Option<&'s Source>, at: Span) -> Self {
        let source = match (source, text.origin) {
            (Some(source), Origin::Literal(span)) => Some((source, span.start as usize)),
            _ => None,
        };
        Self { source, at }
    }

    /// The origin of a string that stands between two offsets, perhaps within quotes.
    fn origin(&self, start: usize, end: usize, text: &str) -> Origin {
        let Some((source, base)) = self.source else {
            return Origin::Made(self.at);
        };
        let whole = source.span(base + start, base + end);
        let slice = source.slice(whole);
        if slice == text {
            return Origin::Literal(whole);
        }
        let inner = slice.get(1..slice.len().saturating_sub(1));
        if inner == Some(text) && slice.starts_with(['"', '\'']) {
            return Origin::Literal(source.span(base + start + 1, base + end - 1));
        }
        Origin::Made(whole)
    }
}

/// `jsondecode`.
pub(super) fn json(text: &Text, source: Option<&Source>, at: Span) -> Option<Value> {
    let place = Place::new(text, source, at);
    let own = Source::new(at.file, "", text.text.to_string(), Encoding::Utf8);
    with_json(&own, |value| json_value(value, place)).ok()
}

fn json_value(value: &Json<'_>, place: Place<'_>) -> Value {
    match value {
        Json::StringLit(string) => {
            let origin = place.origin(string.start(), string.end(), &string.value);
            Value::text(&*string.value, origin)
        }
        Json::NumberLit(number) => Value::number(number.value.parse().unwrap_or(f64::NAN)),
        Json::BooleanLit(boolean) => Value::bool(boolean.value),
        Json::NullKeyword(_) => Value::NULL,
        Json::Array(array) => Value::list(
            array
                .elements
                .iter()
                .map(|e| json_value(e, place))
                .collect(),
        ),
        Json::Object(object) => Value::map(
            object
                .properties
                .iter()
                .map(|property| {
                    let name = property.name.as_str();
                    let origin = place.origin(property.name.start(), property.name.end(), name);
                    Entry {
                        key: Text::new(name, origin),
                        value: json_value(&property.value, place),
                    }
                })
                .collect(),
        ),
    }
}

/// `yamldecode`: the first document.
pub(super) fn yaml(text: &Text, source: Option<&Source>, at: Span) -> Option<Value> {
    let mut first = None;
    documents(&text.text, Place::new(text, source, at), &mut |document| {
        first = Some(document);
        false
    })?;
    // An empty document is null.
    Some(first.unwrap_or(Value::NULL))
}

/// All documents of a file; `None` if it is not YAML.
pub(in crate::formats) fn yaml_documents(source: &Source) -> Option<Vec<Value>> {
    let whole = source.span(0, source.text().len());
    let place = Place {
        source: Some((source, 0)),
        at: whole,
    };
    let mut all = Vec::new();
    documents(source.text(), place, &mut |document| {
        all.push(document);
        true
    })?;
    Some(all)
}

/// Hands over each document until `then` says that it is enough.
fn documents(text: &str, place: Place<'_>, then: &mut dyn FnMut(Value) -> bool) -> Option<()> {
    let offsets = Offsets::new(text);
    let mut build = Build {
        place,
        open: Vec::new(),
        anchors: FxHashMap::default(),
        nodes: 0,
        done: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (start, end) = (
            offsets.byte(span.start.index()),
            offsets.byte(span.end.index()),
        );
        build.event(&event, start, end)?;
        if let Some(document) = build.done.take()
            && !then(document)
        {
            return Some(());
        }
    }
    Some(())
}

/// Byte offsets of characters, which is what the parser counts.
struct Offsets(Option<Vec<usize>>, usize);

impl Offsets {
    fn new(text: &str) -> Self {
        let table = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self(table, text.len())
    }

    fn byte(&self, char: usize) -> usize {
        match &self.0 {
            Some(table) => table.get(char).copied().unwrap_or(self.1),
            None => char.min(self.1),
        }
    }
}

/// A collection that is not yet closed.
enum Open {
    List {
        anchor: usize,
        items: Vec<Value>,
        before: usize,
    },
    Map {
        anchor: usize,
        entries: Vec<Entry>,
        key: Option<Text>,
        merged: Vec<Value>,
        before: usize,
    },
}

struct Build<'s> {
    place: Place<'s>,
    open: Vec<Open>,
    /// Values by anchor, with the number of values in them.
    anchors: FxHashMap<usize, (Value, usize)>,
    nodes: usize,
    done: Option<Value>,
}

impl Build<'_> {
    fn event(&mut self, event: &Event<'_>, start: usize, end: usize) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let origin = self.place.origin(start, end, text);
                let value = match plain(text, origin) {
                    _ if *style != ScalarStyle::Plain || tag.is_some() => {
                        Value::text(&**text, origin)
                    }
                    // Keys are strings, whatever they look like.
                    key if self.expects_key() => match key.to_text(self.place.at) {
                        Some(key) if key.origin == origin => Kind::Text(key).into(),
                        Some(key) if matches!(&*key.text, "true" | "false") => {
                            Value::text(key.text, origin)
                        }
                        _ => Value::text(&**text, origin),
                    },
                    value => value,
                };
                self.nodes += 1;
                self.anchor(*anchor, &value, 1);
                self.value(value)?;
            }
            Event::Alias(anchor) => {
                let (value, size) = self.anchors.get(anchor)?.clone();
                self.nodes += size;
                self.value(value)?;
            }
            Event::SequenceStart(anchor, _) => {
                self.open.push(Open::List {
                    anchor: *anchor,
                    items: Vec::new(),
                    before: self.nodes,
                });
            }
            Event::MappingStart(anchor, _) => self.open.push(Open::Map {
                anchor: *anchor,
                entries: Vec::new(),
                key: None,
                merged: Vec::new(),
                before: self.nodes,
            }),
            Event::SequenceEnd | Event::MappingEnd => {
                let (anchor, value, before) = match self.open.pop()? {
                    Open::List {
                        anchor,
                        items,
                        before,
                    } => (anchor, Value::list(items), before),
                    Open::Map {
                        anchor,
                        entries,
                        merged,
                        before,
                        ..
                    } => (anchor, Value::map(with_merged(entries, &merged)), before),
                };
                self.nodes += 1;
                self.anchor(anchor, &value, self.nodes - before);
                self.value(value)?;
            }
            _ => {}
        }
        (self.open.len() <= MAX_DEPTH && self.nodes <= MAX_NODES).then_some(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn anchor(&mut self, anchor: usize, value: &Value, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
    }

    fn value(&mut self, value: Value) -> Option<()> {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map {
                entries,
                key,
                merged,
                ..
            }) => match key.take() {
                // Keys that are no scalars have no place in a Terraform object.
                None => *key = Some(value.as_text()?.clone()),
                Some(name) if &*name.text == "<<" => merged.push(value),
                Some(name) => entries.push(Entry { key: name, value }),
            },
        }
        Some(())
    }
}

/// The entries of a map, and those of the maps merged into it, which do not replace its own.
fn with_merged(entries: Vec<Entry>, merged: &[Value]) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for value in merged {
        match value.elements() {
            Some(list) => {
                for map in list.iter().rev() {
                    all.extend(map.entries().into_iter().flat_map(|e| e.iter().cloned()));
                }
            }
            None => all.extend(value.entries().into_iter().flat_map(|e| e.iter().cloned())),
        }
    }
    all.extend(entries);
    all
}

/// A plain scalar as Terraform's `yamldecode` takes it, which knows the booleans of YAML 1.1: recorded in
/// `tests/fixtures/terraform-values/yaml`.
fn plain(text: &str, origin: Origin) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::NULL,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::bool(true);
        }
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::bool(false);
        }
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    match text.parse::<f64>() {
        Ok(number) if numeric => Kind::Number(number).into(),
        _ => Value::text(text, origin),
    }
}

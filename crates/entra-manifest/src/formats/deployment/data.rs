//! Data files that a deployment loads: JSON and YAML as values, each with its place.

use std::rc::Rc;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use saphyr_parser::{Event, Parser, ScalarStyle};
use source_text::{Encoding, Source, Span};

use super::value::{Data, InList, Piece, Text, Value, Why};
use crate::json::with_document;

/// How deep data may be nested.
const DEPTH: usize = 100;

/// The value of a JSON text that stands at a place of a file.
pub(super) fn json(text: &str, at: Span) -> Result<Value, String> {
    let source = Source::new(at.file, "", text.to_owned(), Encoding::Utf8);
    let base = at.start as usize;
    let read = with_document(&source, |document| of_json(&document.root, text, at, base));
    read.map_err(|_| "this is not JSON".to_owned())
}

fn of_json(node: &Json<'_>, text: &str, at: Span, base: usize) -> Value {
    let span = Span::new(at.file, base + node.start(), base + node.end());
    let data = match node {
        Json::NullKeyword(_) => Data::Null,
        Json::BooleanLit(literal) => Data::Bool(literal.value),
        Json::NumberLit(literal) => match literal.value.parse() {
            Ok(int) => Data::Int(int),
            Err(_) => return Value::worked_out(literal.value, span),
        },
        Json::StringLit(literal) => {
            let raw = text.get(node.start() + 1..node.end().saturating_sub(1));
            let exact = raw == Some(&*literal.value);
            let inner = Span::new(
                at.file,
                span.start as usize + 1,
                (span.end as usize)
                    .saturating_sub(1)
                    .max(span.start as usize + 1),
            );
            text_of(literal.value.to_string(), inner, span, exact)
        }
        Json::Array(array) => Data::List(Rc::new(
            (array.elements.iter())
                .map(|element| {
                    let mut value = of_json(element, text, at, base);
                    value.item = Some(InList {
                        list: span,
                        item: value.span,
                        of: array.elements.len(),
                    });
                    value
                })
                .collect(),
        )),
        Json::Object(object) => Data::Object(Rc::new(
            (object.properties.iter())
                .map(|member| {
                    let name = member.name.as_str().to_owned();
                    (name, of_json(&member.value, text, at, base))
                })
                .collect(),
        )),
    };
    Value::new(data, span)
}

fn text_of(text: String, span: Span, literal: Span, exact: bool) -> Data {
    Data::Text(Text {
        pieces: vec![Piece::Known {
            text,
            span,
            exact,
            literal,
            item: None,
        }],
    })
}

/// The value of a YAML text that is a file of its own.
pub(super) fn yaml(text: &str, at: Span) -> Result<Value, String> {
    let mut reader = Yaml {
        text,
        at,
        parser: Parser::new_from_str(text),
        chars: 0,
        bytes: 0,
    };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(Value::new(Data::Null, at)),
            (event, span) => return reader.value(&event, span, 0),
        }
    }
}

struct Yaml<'t> {
    text: &'t str,
    at: Span,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// The parser counts characters. The last place that was looked up, in characters and in bytes.
    chars: usize,
    bytes: usize,
}

impl<'t> Yaml<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), String> {
        let event = self.parser.next_event();
        let (event, place) = match event {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(error.info().to_owned()),
            None => return Ok((Event::StreamEnd, self.at)),
        };
        let start = self.offset(place.start.index());
        let end = self.offset(place.end.index()).max(start);
        let base = self.at.start as usize;
        Ok((event, Span::new(self.at.file, base + start, base + end)))
    }

    fn offset(&mut self, chars: usize) -> usize {
        if chars < self.chars {
            (self.chars, self.bytes) = (0, 0);
        }
        let rest = &self.text[self.bytes..];
        let step = rest
            .char_indices()
            .nth(chars - self.chars)
            .map_or(rest.len(), |(at, _)| at);
        self.chars = chars;
        self.bytes += step;
        self.bytes
    }

    fn value(&mut self, event: &Event<'t>, span: Span, depth: usize) -> Result<Value, String> {
        if depth > DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        Ok(match event {
            Event::Scalar(text, style, ..) => Value::new(self.scalar(text, *style, span), span),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd | Event::StreamEnd, _) => break,
                        (event, span) => items.push(self.value(&event, span, depth + 1)?),
                    }
                }
                Value::list(items, span)
            }
            Event::MappingStart(..) => {
                let mut members = Vec::new();
                loop {
                    let key = match self.next()? {
                        (Event::MappingEnd | Event::StreamEnd, _) => break,
                        (event, span) => self.value(&event, span, depth + 1)?,
                    };
                    let (event, span) = self.next()?;
                    let value = self.value(&event, span, depth + 1)?;
                    members.push((key.as_text().unwrap_or_default(), value));
                }
                Value::new(Data::Object(Rc::new(members)), span)
            }
            Event::Alias(_) => return Err("YAML aliases are not followed".to_owned()),
            _ => Value::new(Data::Null, span),
        })
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Data {
        let base = self.at.start as usize;
        let start = span.start as usize - base;
        let end = span.end as usize - base;
        let raw = self.text.get(start..end).unwrap_or_default();
        if matches!(style, ScalarStyle::Plain) {
            match text {
                "" | "~" | "null" => return Data::Null,
                "true" => return Data::Bool(true),
                "false" => return Data::Bool(false),
                _ => {}
            }
            if let Ok(int) = text.parse() {
                return Data::Int(int);
            }
        }
        // The parser's places include quotes; a plain scalar has none.
        let inner = raw.find(text).filter(|_| !text.is_empty());
        let (at, exact) = match inner {
            Some(at) => {
                let start = span.start as usize + at;
                (Span::new(span.file, start, start + text.len()), true)
            }
            None => (span, false),
        };
        let literal = match style {
            ScalarStyle::Plain => at,
            _ => span,
        };
        text_of(text.to_owned(), at, literal, exact)
    }
}

/// The value of a JSON text, its places those in the file that holds it.
pub(super) fn json_value(text: &str, at: Span) -> Value {
    json(text, at).unwrap_or_else(|what| Value::unknown(Why::Syntax(what), at))
}

/// The value of a YAML text.
pub(super) fn yaml_value(text: &str, at: Span) -> Value {
    yaml(text, at).unwrap_or_else(|what| Value::unknown(Why::Syntax(what), at))
}

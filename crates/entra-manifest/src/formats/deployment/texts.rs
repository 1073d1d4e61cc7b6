//! Texts that functions put together or cut, each part with its place in the file.

use std::rc::Rc;

use source_text::Span;

use super::functions::list;
use super::symbolic::{Aspect, Known, Symbolic};
use super::value::{Data, Piece, Text, Value, Why};

/// Longest text that a function may build.
const TEXT: usize = 1 << 20;

pub(super) fn text(pieces: Vec<Piece>, span: Span) -> Value {
    let text = Text { pieces };
    if text.length() > TEXT {
        return Value::unknown(Why::Limit, span);
    }
    Value::new(Data::Text(text), span)
}

/// A piece that a function puts in.
pub(super) fn inserted(text: &str, span: Span) -> Piece {
    Piece::Known {
        text: text.to_owned(),
        span,
        exact: false,
        literal: span,
        item: None,
    }
}

/// Adds what a value is as text.
pub(super) fn append(pieces: &mut Vec<Piece>, value: &Value) {
    match &value.data {
        Data::Text(text) => {
            let first = pieces.len();
            pieces.extend(text.pieces.iter().cloned());
            // A name of a list that is joined to a text can still be taken out of the list.
            if let [Piece::Known { item, .. }] = &mut pieces[first..] {
                *item = item.or(value.item);
            }
        }
        Data::Int(int) => pieces.push(inserted(&int.to_string(), value.span)),
        Data::Bool(true) => pieces.push(inserted("True", value.span)),
        Data::Bool(false) => pieces.push(inserted("False", value.span)),
        Data::Null => {}
        Data::Unknown(unknown) => pieces.push(Piece::Unknown(Rc::clone(unknown))),
        Data::Symbolic(Symbolic::Aspect(permission, Aspect::Id)) => {
            // An id in a text: by its name, the text would be another one.
            let why = match &permission.known {
                Known::Name(name) => Why::Lookup(name.as_text().unwrap_or_default()),
                _ => Why::Type("a text"),
            };
            if let Some(unknown) = Value::unknown(why, value.span).as_unknown() {
                pieces.push(Piece::Unknown(Rc::clone(unknown)));
            }
        }
        _ => {
            if let Some(unknown) = Value::unknown(Why::Type("a text"), value.span).as_unknown() {
                pieces.push(Piece::Unknown(Rc::clone(unknown)));
            }
        }
    }
}

pub(super) fn format_text(pattern: &Value, args: &[Value], span: Span) -> Option<Value> {
    let pattern_text = pattern.as_text()?;
    let mut pieces = Vec::new();
    let mut rest = pattern_text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        pieces.push(inserted(&rest[..at], pattern.span));
        let double = rest[at..].starts_with("{{") || rest[at..].starts_with("}}");
        if double {
            pieces.push(inserted(&rest[at..=at], pattern.span));
            rest = &rest[at + 2..];
            continue;
        }
        let end = at + rest[at..].find('}')?;
        let hole = rest[at..end].trim_start_matches('{');
        let number = hole
            .split([':', ','])
            .next()?
            .trim()
            .parse::<usize>()
            .ok()?;
        append(&mut pieces, args.get(number)?);
        rest = &rest[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(inserted(rest, pattern.span));
    }
    pieces.retain(|piece| !matches!(piece, Piece::Known { text, .. } if text.is_empty()));
    Some(text(pieces, span))
}

pub(super) fn split(of: &Value, between: &Value, span: Span) -> Option<Value> {
    let Data::Text(of) = &of.data else {
        return None;
    };
    let separators: Vec<char> = match &between.data {
        Data::List(items) => {
            let texts = items
                .iter()
                .map(Value::as_text)
                .collect::<Option<Vec<_>>>()?;
            texts
                .iter()
                .map(|text| text.chars().next())
                .collect::<Option<_>>()?
        }
        _ => {
            let text = between.as_text()?;
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => vec![one],
                _ => return None,
            }
        }
    };
    Some(list(parts(of, |c| separators.contains(&c), true), span))
}

/// The words of a text, such as the scopes of a grant, each with its place.
pub(super) fn words(text: &Text) -> Vec<Value> {
    parts(text, char::is_whitespace, false)
}

/// A text cut at some characters. Each part keeps the place of its characters in the file, as far as they stand there
/// as they are.
fn parts(text: &Text, cut: impl Fn(char) -> bool, empty: bool) -> Vec<Value> {
    let mut out: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in &text.pieces {
        let Piece::Known {
            text,
            span,
            exact,
            literal,
            item,
        } = piece
        else {
            if let Some(last) = out.last_mut() {
                last.push(piece.clone());
            }
            continue;
        };
        let mut offset = 0;
        let whole = !text.contains(&cut);
        for (nth, part) in text.split(&cut).enumerate() {
            if nth > 0 {
                let separator = text[offset..].chars().next().map_or(0, char::len_utf8);
                offset += separator;
                out.push(Vec::new());
            }
            if !part.is_empty() {
                let start = span.start as usize + offset;
                let at = if *exact {
                    Span::new(span.file, start, start + part.len())
                } else {
                    *span
                };
                if let Some(last) = out.last_mut() {
                    last.push(Piece::Known {
                        text: part.to_owned(),
                        span: at,
                        exact: *exact,
                        literal: *literal,
                        item: item.filter(|_| whole),
                    });
                }
            }
            offset += part.len();
        }
    }
    let value = |pieces: Vec<Piece>| {
        let span = match pieces.first() {
            Some(Piece::Known { span, .. }) => *span,
            Some(Piece::Unknown(unknown)) => unknown.span,
            None => text_span(text),
        };
        let item = match pieces.as_slice() {
            [Piece::Known { item, .. }] => *item,
            _ => None,
        };
        let mut value = Value::new(Data::Text(Text { pieces }), span);
        value.item = item;
        value
    };
    (out.into_iter())
        .filter(|pieces| empty || !pieces.is_empty())
        .map(value)
        .collect()
}

fn text_span(text: &Text) -> Span {
    match text.pieces.first() {
        Some(Piece::Known { literal, .. }) => *literal,
        Some(Piece::Unknown(unknown)) => unknown.span,
        None => Span::at(source_text::FileId::default(), 0),
    }
}

/// A text made from one text. It keeps the literal that it comes from.
pub(super) fn reshape(name: &str, of: &Value, args: &[Value], span: Span) -> Option<Value> {
    if name == "string" && !matches!(of.data, Data::Text(_)) {
        return match of.data {
            Data::Int(_) | Data::Bool(_) => {
                let mut pieces = Vec::new();
                append(&mut pieces, of);
                Some(text(pieces, span))
            }
            _ => None,
        };
    }
    let old = of.as_text()?;
    let new = match (name, args) {
        ("tolower", []) => old.to_lowercase(),
        ("toupper", []) => old.to_uppercase(),
        ("trim", []) => old.trim().to_owned(),
        ("string", []) => old.clone(),
        ("replace", [from, to]) => {
            let from = from.as_text()?;
            if from.is_empty() {
                return None;
            }
            old.replace(&from, &to.as_text()?)
        }
        ("substring", [from, rest @ ..]) => {
            let number = |value: &Value| match value.data {
                Data::Int(i) => usize::try_from(i).ok(),
                _ => None,
            };
            let chars = old.chars().skip(number(from)?);
            match rest {
                [count] => chars.take(number(count)?).collect(),
                _ => chars.collect(),
            }
        }
        _ => return None,
    };
    if new == old {
        return Some(of.clone());
    }
    let Data::Text(Text { pieces }) = &of.data else {
        return None;
    };
    let (at, literal) = match pieces.first() {
        Some(Piece::Known { span, literal, .. }) => (*span, *literal),
        _ => (span, span),
    };
    Some(text(
        vec![Piece::Known {
            text: new,
            span: at,
            exact: false,
            literal,
            item: None,
        }],
        span,
    ))
}

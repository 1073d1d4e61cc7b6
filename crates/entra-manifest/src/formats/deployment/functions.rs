//! The functions of Azure deployments over values that are known. All are pure; those whose result only a deployment
//! knows (`environment()`, `uniqueString()`, `guid()`) have none here.

use std::rc::Rc;

use source_text::Span;

use super::compare::compare;
use super::data;
use super::eval::ELEMENTS;
use super::expr::Binary;
use super::texts::{append, format_text, inserted, reshape, split, text};
use super::value::{Data, Piece, Text, Value, Why, elements, int, why_of};

/// The function of this name in lower case. `written` is its name in the file.
pub(super) fn call(name: &str, written: &str, values: &[Value], span: Span) -> Value {
    let unknown = || {
        let known = values.iter().find(|value| value.as_unknown().is_some());
        match known {
            Some(value) => Value::unknown(why_of(value), value.span),
            None => Value::unknown(Why::Function(written.to_owned()), span),
        }
    };
    match (name, values) {
        ("null", []) => Value::new(Data::Null, span),
        ("true", []) => Value::bool(true, span),
        ("false", []) => Value::bool(false, span),
        ("concat", [first, ..]) if is_textual(first) => {
            let mut pieces = Vec::new();
            for value in values {
                append(&mut pieces, value);
            }
            text(pieces, span)
        }
        ("concat", _) | ("union", []) => list(values.iter().flat_map(elements), span),
        ("union" | "shallowmerge", _) => union(name, values, span).unwrap_or_else(unknown),
        ("intersection", [first, rest @ ..]) => {
            let kept = elements(first).into_iter().filter(|element| {
                rest.iter().all(|list| {
                    elements(list)
                        .iter()
                        .any(|e| element.equals(e) != Some(false))
                })
            });
            list(kept, span)
        }
        ("createarray", _) => list(values.iter().cloned(), span),
        ("createobject", _) => {
            let mut members = Vec::new();
            for pair in values.chunks(2) {
                let [key, value] = pair else { return unknown() };
                members.push((key.as_text().unwrap_or_default(), value.clone()));
            }
            Value::new(Data::Object(Rc::new(members)), span)
        }
        ("array", [one]) => match one.data {
            Data::List(_) | Data::Unknown(_) => one.clone(),
            _ => list([one.clone()], span),
        },
        ("any" | "nameof", [one]) => one.clone(),
        ("first" | "last", [one]) => match &one.data {
            Data::List(items) => {
                let found = if name == "first" {
                    items.first()
                } else {
                    items.last()
                };
                found
                    .cloned()
                    .unwrap_or_else(|| Value::new(Data::Null, span))
            }
            _ => unknown(),
        },
        ("take" | "skip", [of, count]) => match (&of.data, &count.data) {
            (Data::List(items), Data::Int(count)) => {
                let count = usize::try_from(*count).unwrap_or_default();
                if name == "take" {
                    list(items.iter().take(count).cloned(), span)
                } else {
                    list(items.iter().skip(count).cloned(), span)
                }
            }
            _ => unknown(),
        },
        ("length", [of]) => match &of.data {
            // An unknown element is any number of elements; one of them is looked at.
            Data::List(items) => int(items.len(), span),
            Data::Object(members) => int(members.len(), span),
            Data::Text(text) => text
                .known()
                .map_or_else(unknown, |t| int(t.chars().count(), span)),
            Data::Unknown(_) => of.clone(),
            _ => unknown(),
        },
        ("empty", [of]) => match &of.data {
            Data::Null => Value::bool(true, span),
            Data::List(items) if !items.iter().any(|item| item.as_unknown().is_some()) => {
                Value::bool(items.is_empty(), span)
            }
            Data::Object(members) => Value::bool(members.is_empty(), span),
            Data::Text(text) => match text.known() {
                Some(text) => Value::bool(text.is_empty(), span),
                // A text with something in it is not empty, whatever the rest is.
                None => {
                    let filled = (text.pieces.iter())
                        .any(|p| matches!(p, Piece::Known { text, .. } if !text.is_empty()));
                    if filled {
                        Value::bool(false, span)
                    } else {
                        unknown()
                    }
                }
            },
            _ => unknown(),
        },
        ("contains", [of, what]) => contains(of, what, span).unwrap_or_else(unknown),
        ("range", [from, count]) => match (&from.data, &count.data) {
            (Data::Int(from), Data::Int(count)) if (0..=10_000).contains(count) => {
                let numbers =
                    (0..*count).map(|n| Value::new(Data::Int(from.wrapping_add(n)), span));
                list(numbers, span)
            }
            (Data::Int(_), Data::Int(_)) => Value::unknown(Why::Limit, span),
            _ => unknown(),
        },
        ("flatten", [of]) => match &of.data {
            Data::List(items) => list(items.iter().flat_map(elements), span),
            _ => unknown(),
        },
        ("items", [of]) => match &of.data {
            Data::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                let entries = members.into_iter().map(|(key, value)| {
                    let key = Value::worked_out(key.clone(), value.span);
                    let entry = vec![("key".to_owned(), key), ("value".to_owned(), value.clone())];
                    Value::new(Data::Object(Rc::new(entry)), value.span)
                });
                list(entries, span)
            }
            _ => unknown(),
        },
        ("objectkeys", [of]) => match &of.data {
            Data::Object(members) => {
                let keys = members.iter();
                list(
                    keys.map(|(key, value)| Value::worked_out(key.clone(), value.span)),
                    span,
                )
            }
            _ => unknown(),
        },
        ("min" | "max", _) => {
            let of: Vec<Value> = match values {
                [one] => elements(one),
                _ => values.to_vec(),
            };
            let numbers: Option<Vec<i64>> = of
                .iter()
                .map(|value| match value.data {
                    Data::Int(i) => Some(i),
                    _ => None,
                })
                .collect();
            let best = numbers.and_then(|numbers| match name {
                "min" => numbers.into_iter().min(),
                _ => numbers.into_iter().max(),
            });
            best.map_or_else(unknown, |best| Value::new(Data::Int(best), span))
        }
        ("join", [of, between]) => {
            let Some(between) = between.as_text() else {
                return unknown();
            };
            let mut pieces = Vec::new();
            for (nth, element) in elements(of).iter().enumerate() {
                if nth > 0 {
                    pieces.push(inserted(&between, span));
                }
                append(&mut pieces, element);
            }
            text(pieces, span)
        }
        ("format", [pattern, rest @ ..]) => {
            format_text(pattern, rest, span).unwrap_or_else(unknown)
        }
        ("split", [of, between]) => split(of, between, span).unwrap_or_else(unknown),
        ("tolower" | "toupper" | "trim" | "replace" | "substring" | "string", [of, ..]) => {
            reshape(name, of, &values[1..], span).unwrap_or_else(unknown)
        }
        ("startswith" | "endswith", [of, what]) => match (of.as_text(), what.as_text()) {
            (Some(of), Some(what)) => {
                let (of, what) = (of.to_lowercase(), what.to_lowercase());
                Value::bool(
                    if name == "startswith" {
                        of.starts_with(&what)
                    } else {
                        of.ends_with(&what)
                    },
                    span,
                )
            }
            _ => unknown(),
        },
        ("indexof" | "lastindexof", [of, what]) => match (&of.data, of.as_text(), what.as_text()) {
            (Data::List(items), ..) => {
                let at = items
                    .iter()
                    .position(|item| item.equals(what) == Some(true));
                at.map_or_else(|| Value::new(Data::Int(-1), span), |at| int(at, span))
            }
            (_, Some(of), Some(what)) => {
                let (of, what) = (of.to_lowercase(), what.to_lowercase());
                let at = if name == "indexof" {
                    of.find(&what)
                } else {
                    of.rfind(&what)
                };
                at.map_or_else(|| Value::new(Data::Int(-1), span), |at| int(at, span))
            }
            _ => unknown(),
        },
        ("int", [of]) => match &of.data {
            Data::Int(_) => of.clone(),
            _ => (of.as_text().and_then(|text| text.trim().parse().ok()))
                .map_or_else(unknown, |i| Value::new(Data::Int(i), span)),
        },
        ("bool", [of]) => match &of.data {
            Data::Bool(_) => of.clone(),
            _ => match of.as_text().map(|text| text.to_lowercase()).as_deref() {
                Some("true" | "1") => Value::bool(true, span),
                Some("false" | "0") => Value::bool(false, span),
                _ => unknown(),
            },
        },
        ("json", [of]) => match &of.data {
            Data::Text(Text { pieces }) => match pieces.as_slice() {
                [
                    Piece::Known {
                        text,
                        span: at,
                        exact: true,
                        ..
                    },
                ] => data::json_value(text, *at),
                [Piece::Known { text, .. }] => moved(data::json_value(text, span), span),
                _ => unknown(),
            },
            _ => unknown(),
        },
        ("not", [of]) => match of.data {
            Data::Bool(b) => Value::bool(!b, span),
            _ => unknown(),
        },
        ("equals", [a, b]) => compare(Binary::Equals, a, b, span),
        ("less", [a, b]) => compare(Binary::Less, a, b, span),
        ("lessorequals", [a, b]) => compare(Binary::LessOrEqual, a, b, span),
        ("greater", [a, b]) => compare(Binary::Greater, a, b, span),
        ("greaterorequals", [a, b]) => compare(Binary::GreaterOrEqual, a, b, span),
        ("add", [a, b]) => compare(Binary::Add, a, b, span),
        ("sub", [a, b]) => compare(Binary::Subtract, a, b, span),
        ("mul", [a, b]) => compare(Binary::Multiply, a, b, span),
        ("div", [a, b]) => compare(Binary::Divide, a, b, span),
        ("mod", [a, b]) => compare(Binary::Modulo, a, b, span),
        _ => unknown(),
    }
}

fn is_textual(value: &Value) -> bool {
    matches!(value.data, Data::Text(_) | Data::Int(_) | Data::Bool(_))
}

pub(super) fn list(items: impl IntoIterator<Item = Value>, span: Span) -> Value {
    let items: Vec<Value> = items.into_iter().take(ELEMENTS + 1).collect();
    if items.len() > ELEMENTS {
        return Value::unknown(Why::Limit, span);
    }
    Value::list(items, span)
}

fn union(name: &str, values: &[Value], span: Span) -> Option<Value> {
    let flat: Vec<Value> = match (name, values) {
        ("shallowmerge", [one]) => elements(one),
        _ => values.to_vec(),
    };
    if flat
        .iter()
        .any(|value| matches!(value.data, Data::Object(_)))
    {
        let mut members: Vec<(String, Value)> = Vec::new();
        for value in &flat {
            let Data::Object(more) = &value.data else {
                if value.is_null() {
                    continue;
                }
                return None;
            };
            for (key, value) in more.iter() {
                match members.iter_mut().find(|(known, _)| known == key) {
                    Some((_, old)) => *old = value.clone(),
                    None => members.push((key.clone(), value.clone())),
                }
            }
        }
        return Some(Value::new(Data::Object(Rc::new(members)), span));
    }
    let mut out: Vec<Value> = Vec::new();
    for element in flat.iter().flat_map(elements) {
        // Comparing each with each is quadratic: beyond a size that no author writes, duplicates stay.
        let duplicate =
            out.len() < 500 && out.iter().any(|known| known.equals(&element) == Some(true));
        if !duplicate {
            out.push(element);
        }
    }
    Some(list(out, span))
}

fn contains(of: &Value, what: &Value, span: Span) -> Option<Value> {
    Some(match &of.data {
        Data::List(items) => {
            let verdicts: Vec<Option<bool>> = items.iter().map(|i| i.equals(what)).collect();
            if verdicts.contains(&Some(true)) {
                Value::bool(true, span)
            } else if verdicts.contains(&None) {
                return None;
            } else {
                Value::bool(false, span)
            }
        }
        Data::Object(_) => Value::bool(of.member(&what.as_text()?).is_some(), span),
        Data::Text(text) => Value::bool(text.known()?.contains(&what.as_text()?), span),
        _ => return None,
    })
}

/// A value whose places are all the same.
fn moved(value: Value, span: Span) -> Value {
    let data = match value.data {
        Data::List(items) => Data::List(Rc::new(
            items.iter().map(|item| moved(item.clone(), span)).collect(),
        )),
        Data::Object(members) => Data::Object(Rc::new(
            (members.iter())
                .map(|(key, value)| (key.clone(), moved(value.clone(), span)))
                .collect(),
        )),
        Data::Text(text) => Data::Text(Text {
            pieces: vec![inserted(&text.known().unwrap_or_default(), span)],
        }),
        other => other,
    };
    Value {
        data,
        span,
        ..value
    }
}

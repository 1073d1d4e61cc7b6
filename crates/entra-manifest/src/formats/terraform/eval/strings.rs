//! Functions over strings. A part of a literal keeps its place in the literal.

use source_text::Span;

use super::{Eval, MAX_ITEMS, MAX_TEXT};
use crate::formats::terraform::value::{Kind, Origin, Reason, Text, Value};

impl Eval<'_> {
    /// A function over strings; `None` if it is none, or its arguments are none.
    pub(super) fn text_function(&self, name: &str, args: &[Value], at: Span) -> Option<Value> {
        let all: Vec<&Value> = args.iter().collect();
        Some(match (name, args) {
            ("join", [separator, lists @ ..]) => self.joined(separator, lists, at)?,
            ("regex" | "regexall", [pattern, text]) => self.regex(name, pattern, text, at),
            ("split", [_, _]) => self.each_option(&all, at, |v| self.split(v[0], v[1], at)),
            (
                "lower" | "upper" | "title" | "trimspace" | "chomp" | "basename" | "dirname"
                | "abspath" | "pathexpand" | "strrev",
                [_],
            ) => self.each_option(&all, at, |v| match v[0].to_text(at) {
                Some(text) => one_text(name, &text, at),
                None => self.no_value(v[0], at),
            }),
            (
                "trimprefix" | "trimsuffix" | "trim" | "startswith" | "endswith" | "strcontains",
                [_, _],
            ) => self.each_option(&all, at, |v| match (v[0].to_text(at), v[1].to_text(at)) {
                (Some(text), Some(other)) => two_texts(name, &text, &other, at),
                (None, _) => self.no_value(v[0], at),
                _ => self.no_value(v[1], at),
            }),
            ("replace", [_, _, _]) => self.each_option(&all, at, |v| {
                let texts = (v[0].to_text(at), v[1].to_text(at), v[2].to_text(at));
                let (Some(text), Some(from), Some(to)) = texts else {
                    let missing = v.iter().find(|v| v.to_text(at).is_none()).unwrap_or(&v[0]);
                    return self.no_value(missing, at);
                };
                // Between slashes the pattern is a regular expression.
                if from.text.len() > 1
                    && let Some(pattern) = from
                        .text
                        .strip_prefix('/')
                        .and_then(|rest| rest.strip_suffix('/'))
                {
                    return self.replace_pattern(&text, pattern, &to.text, at);
                }
                if !text.text.contains(&*from.text) {
                    return Kind::Text(text).into();
                }
                let grown = text
                    .text
                    .matches(&*from.text)
                    .count()
                    .saturating_mul(to.text.len());
                if grown > MAX_TEXT || !self.charge(grown / 64) {
                    return Value::unknown(at, Reason::TooLarge);
                }
                Value::text(text.text.replace(&*from.text, &to.text), Origin::Made(at))
            }),
            ("substr", [_, _, _]) => self.each_option(&all, at, |v| {
                let (Some(text), Some(from), Some(length)) =
                    (v[0].to_text(at), v[1].to_number(), v[2].to_number())
                else {
                    return self.no_value(v[0], at);
                };
                substring(&text, from, length, at)
            }),
            _ => return None,
        })
    }

    /// The words of a string, each in its place.
    pub(in crate::formats::terraform) fn words(&self, value: &Value, at: Span) -> Value {
        let Some(text) = value.to_text(at) else {
            return self.no_value(value, at);
        };
        let words = text
            .text
            .split_whitespace()
            .take(MAX_ITEMS)
            .map(|word| inner(&text, word, at));
        Value::list(words.collect())
    }

    fn joined(&self, separator: &Value, lists: &[Value], at: Span) -> Option<Value> {
        let separator = separator.to_text(at)?;
        let mut out = String::new();
        let mut only = None;
        let mut count = 0;
        for list in lists {
            for (_, item) in self.items(list)? {
                let Some(text) = item.to_text(at) else {
                    return Some(self.no_value(&item, at));
                };
                if count > 0 {
                    out.push_str(&separator.text);
                }
                out.push_str(&text.text);
                count += 1;
                only = Some(text);
                if out.len() > MAX_TEXT || !self.charge(1) {
                    return Some(Value::unknown(at, Reason::TooLarge));
                }
            }
        }
        Some(match only {
            Some(text) if count == 1 => Kind::Text(text).into(),
            _ => Value::text(out, Origin::Made(at)),
        })
    }

    fn split(&self, separator: &Value, text: &Value, at: Span) -> Value {
        let (Some(separator), Some(text)) = (separator.to_text(at), text.to_text(at)) else {
            return self.no_value(
                if separator.to_text(at).is_none() {
                    separator
                } else {
                    text
                },
                at,
            );
        };
        if text.text.len() > MAX_ITEMS && text.text.matches(&*separator.text).count() > MAX_ITEMS {
            return Value::unknown(at, Reason::TooLarge);
        }
        if separator.text.is_empty() {
            let chars = text
                .text
                .char_indices()
                .map(|(from, c)| part(&text, from, from + c.len_utf8(), at));
            return Value::list(chars.collect());
        }
        let mut from = 0;
        let mut parts = Vec::new();
        for piece in text.text.split(&*separator.text) {
            parts.push(part(&text, from, from + piece.len(), at));
            from += piece.len() + separator.text.len();
        }
        Value::list(parts)
    }
}

/// The part of a string between two offsets.
pub(super) fn part(text: &Text, from: usize, to: usize, at: Span) -> Value {
    let origin = match text.origin {
        Origin::Literal(span) if span.len() == text.text.len() => Origin::Literal(Span {
            end: span.start + u32::try_from(to).unwrap_or_default(),
            start: span.start + u32::try_from(from).unwrap_or_default(),
            ..span
        }),
        _ => Origin::Made(at),
    };
    Value::text(text.text.get(from..to).unwrap_or_default(), origin)
}

/// The inner part of a string, as a value with its place.
fn inner(text: &Text, inner: &str, at: Span) -> Value {
    let from = inner.as_ptr() as usize - text.text.as_ptr() as usize;
    part(text, from, from + inner.len(), at)
}

fn one_text(name: &str, text: &Text, at: Span) -> Value {
    let made = |new: String| {
        if *new == *text.text {
            Kind::Text(text.clone()).into()
        } else {
            Value::text(new, Origin::Made(at))
        }
    };
    match name {
        "lower" => made(text.text.to_lowercase()),
        "upper" => made(text.text.to_uppercase()),
        "title" => made(title(&text.text)),
        "strrev" => made(text.text.chars().rev().collect()),
        "trimspace" => inner(text, text.text.trim(), at),
        "chomp" => inner(text, text.text.trim_end_matches(['\n', '\r']), at),
        "basename" => inner(
            text,
            text.text
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default(),
            at,
        ),
        "dirname" => made(match text.text.trim_end_matches('/').rsplit_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None => ".".to_owned(),
        }),
        _ => Value::unknown(at, Reason::Function(name.to_owned())),
    }
}

fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .flat_map(|c| {
            let new = if start {
                c.to_uppercase().collect::<Vec<_>>()
            } else {
                vec![c]
            };
            start = !c.is_alphanumeric() && c != '_' && c != '\'';
            new
        })
        .collect()
}

fn two_texts(name: &str, text: &Text, other: &Text, at: Span) -> Value {
    match name {
        "startswith" => Value::bool(text.text.starts_with(&*other.text)),
        "endswith" => Value::bool(text.text.ends_with(&*other.text)),
        "strcontains" => Value::bool(text.text.contains(&*other.text)),
        "trimprefix" => inner(
            text,
            text.text.strip_prefix(&*other.text).unwrap_or(&text.text),
            at,
        ),
        "trimsuffix" => inner(
            text,
            text.text.strip_suffix(&*other.text).unwrap_or(&text.text),
            at,
        ),
        _ => inner(text, text.text.trim_matches(|c| other.text.contains(c)), at),
    }
}

fn substring(text: &Text, from: f64, length: f64, at: Span) -> Value {
    let total = text.text.chars().count();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the string's length"
    )]
    let clamp = |number: f64| number.clamp(0.0, total as f64) as usize;
    #[expect(clippy::cast_precision_loss, reason = "strings are bounded")]
    let from = clamp(if from < 0.0 {
        total as f64 + from
    } else {
        from
    });
    let to = if length < 0.0 {
        total
    } else {
        total.min(from + clamp(length))
    };
    let offset = |chars: usize| {
        text.text
            .char_indices()
            .nth(chars)
            .map_or(text.text.len(), |(at, _)| at)
    };
    part(text, offset(from), offset(to), at)
}

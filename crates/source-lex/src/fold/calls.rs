//! Constant folding of calls: formats, joins, conversions, functions of the text.

use crate::fold::urls::is_builder;
use crate::fold::{ALTERNATIVES, DEPTH, SIZE, product};
use std::ops::Range;

use crate::code::Code;
use crate::language::Language;
use crate::token::TokenKind;
use crate::value::{Part, Value};

impl<'s> Code<'s> {
    // ---- calls

    pub(crate) fn call(
        &self,
        name: usize,
        receiver: Option<usize>,
        on: Option<Vec<Value>>,
        arguments: &[Range<usize>],
        depth: usize,
    ) -> Vec<Value> {
        let word = self.name(name);
        let start = self.token(name).start;
        let lower = word.to_ascii_lowercase();
        if self.functions_named(word).next().is_some() {
            let values = self.own_function(name, arguments, depth);
            if !values.iter().all(Value::is_unknown) {
                return values;
            }
        }
        let argument = |number: usize| {
            arguments.get(number).map_or_else(
                || vec![Value::default()],
                |range| self.fold_at(range.clone(), depth + 1),
            )
        };
        // What the method is called on, where that is a name.
        let on = |code: &Self| {
            on.clone().or_else(|| {
                receiver.map(|at| {
                    code.name_values(
                        code.name(at),
                        None,
                        at,
                        at > 0 && code.is_dot(at - 1),
                        depth + 1,
                    )
                })
            })
        };
        if is_builder(&lower)
            && let Some(on) = on(self)
            && let Some(values) = self.url_builder(&lower, &on, arguments, depth)
        {
            return values;
        }
        match lower.as_str() {
            "format" | "sprintf" | "printf" | "fmt" | "formatted" | "vsprintf" | "bprintf" => {
                // `"…".format(x)` formats what it is called on, `String.format("…", x)` its first argument.
                let literal_receiver =
                    on(self).filter(|values| !values.iter().all(Value::is_unknown));
                if let Some(values) = literal_receiver {
                    return self.format(&values, arguments, depth);
                }
                let mut arguments = arguments;
                // `format!(buf, …)`, `String.format(Locale.ROOT, "…", x)`: the first string is the format.
                while let Some((first, rest)) = arguments.split_first() {
                    let values = self.fold_at(first.clone(), depth + 1);
                    if !values.iter().all(Value::is_unknown) || rest.is_empty() {
                        return self.format(&values, rest, depth);
                    }
                    arguments = rest;
                }
                vec![Value::hole(word, start)]
            }
            "urljoin" | "joinpath" | "combine" | "join_url" | "joinurl" | "urlcombine"
            | "resolve"
                if arguments.len() > 1 || on(self).is_some() =>
            {
                let mut values =
                    match on(self).filter(|values| !values.iter().all(Value::is_unknown)) {
                        Some(values) => values,
                        None => vec![Value::default()],
                    };
                for range in arguments {
                    values = join(&values, &self.fold_at(range.clone(), depth + 1));
                }
                values
            }
            "join"
                if receiver.is_some_and(|at| {
                    matches!(self.name(at), "path" | "posixpath" | "url" | "Path")
                }) =>
            {
                let mut values = vec![Value::default()];
                for range in arguments {
                    values = join(&values, &self.fold_at(range.clone(), depth + 1));
                }
                values
            }
            "concat" | "append" => {
                let mut values = on(self)
                    .filter(|values| !(lower == "concat" && values.iter().all(Value::is_unknown)))
                    .unwrap_or_else(|| vec![Value::default()]);
                for range in arguments {
                    values = product(&values, &self.fold_at(range.clone(), depth + 1));
                }
                values
            }
            "tostring" | "to_string" | "trim" | "trimend" | "trimstart" | "rstrip" | "strip"
            | "as_str" | "to_owned" | "into" | "clone" | "string" | "str" | "tolower" | "lower"
            | "tolowercase" | "build" | "touri" | "tourl" | "to_uri" | "toexternalform"
            | "href" | "unwrap" | "as_ref" | "deref" | "trim_end_matches" | "encode"
                if on(self).is_some() && !(lower == "string" && arguments.len() == 1) =>
            {
                let values = on(self).unwrap_or_default();
                match receiver {
                    Some(receiver) if lower == "string" => self.with_path(receiver, &values, depth),
                    _ => values,
                }
            }
            "replace" | "replaceall" | "replacefirst" | "str_replace" => {
                let php = lower == "str_replace";
                let (from, to) = (argument(0), argument(1));
                let subject = if php { Some(argument(2)) } else { on(self) };
                match (subject, from.first().and_then(Value::known)) {
                    (Some(subject), Some(from)) => replace(&subject, &from, &to[0]),
                    (Some(subject), None) => subject,
                    _ => vec![Value::hole(word, start)],
                }
            }
            // Constructors and conversions that keep the text.
            "uri" | "url" | "create" | "parse" | "string" | "str" | "ptr" | "from" | "new"
            | "httpurl" | "of" | "stringbuilder" | "encodeuri" | "escapeuristring"
            | "requesturi" | "tostring" | "fromuristring" | "fromhttpurl" | "newuri" | "some"
            | "requireenv" | "asstring" | "u" | "getattr" | "toasciistring"
                if !arguments.is_empty() =>
            {
                // `new URL(path, base)`.
                if lower == "url" && arguments.len() == 2 {
                    let base = argument(1);
                    let path = argument(0);
                    let absolute = path
                        .first()
                        .and_then(Value::known)
                        .is_some_and(|text| text.contains("://"));
                    if !absolute && self.language() == Language::JavaScript {
                        return join(&base, &path);
                    }
                }
                // `new Uri(base, path)`.
                if lower == "uri" && arguments.len() == 2 {
                    return join(&argument(0), &argument(1));
                }
                argument(0)
            }
            // A setting with a default.
            "getenv" | "get" | "getordefault" | "getvalue" | "env" | "config" | "getproperty"
            | "get_or_default" | "getenvordefault" | "envor" | "withdefault"
                if arguments.len() == 2 =>
            {
                let default = argument(1);
                let text = default.first().and_then(Value::known).unwrap_or_default();
                if text.contains("://") {
                    default
                } else {
                    vec![Value::hole(word, start)]
                }
            }
            _ => self.own_function(name, arguments, depth),
        }
    }

    /// A call of a function of the file that only gives back a string.
    pub(crate) fn own_function(
        &self,
        name: usize,
        arguments: &[Range<usize>],
        depth: usize,
    ) -> Vec<Value> {
        let unknown = vec![Value::hole(self.name(name), self.token(name).start)];
        if depth + 3 > DEPTH {
            return unknown;
        }
        let Some(function) = self.functions_named(self.name(name)).next() else {
            return unknown;
        };
        let key = function.start | 1 << 31;
        if self.busy.borrow().contains(&key) {
            return unknown;
        }
        let mut returns = Vec::new();
        let (start, end) = (function.start as usize, function.end as usize);
        if self.is(start.wrapping_sub(1), "=>") || self.is(start.wrapping_sub(1), "=") {
            returns.push(start..end);
        } else {
            // Long functions do more than build a URL.
            if end.saturating_sub(start) > 400 {
                return unknown;
            }
            for at in start..end {
                if self.kind(at) == TokenKind::Word && self.text(at) == "return" && at + 1 < end {
                    returns.push(at + 1..self.expression_end(at + 1).min(end));
                }
            }
            if returns.is_empty() && self.language() == Language::Rust {
                let last = self.find(&(start..end), |code, at| code.is(at, ";"));
                returns.extend(last.is_none().then_some(start..end));
            }
        }
        if returns.is_empty() || returns.len() > 3 {
            return unknown;
        }
        self.busy.borrow_mut().push(key);
        let mut values = Vec::new();
        for range in returns {
            values.extend(self.fold_at(range, depth + 2));
        }
        self.busy.borrow_mut().pop();
        if values.iter().all(Value::is_unknown) {
            return unknown;
        }
        values.retain(|value| !value.is_unknown());
        for (number, parameter) in function.parameters.iter().enumerate() {
            let parameter = self.name(*parameter as usize);
            if let Some(range) = arguments.get(number) {
                let given = self.fold_at(range.clone(), depth + 1);
                values = values
                    .iter()
                    .flat_map(|value| fill(value, parameter, &given))
                    .collect();
            }
        }
        values.truncate(ALTERNATIVES);
        for value in &mut values {
            value.through.insert(
                0,
                (
                    self.name(name).to_owned(),
                    self.token(function.name as usize).start,
                ),
            );
        }
        values
    }

    /// A format string with its arguments.
    pub(crate) fn format(
        &self,
        formats: &[Value],
        arguments: &[Range<usize>],
        depth: usize,
    ) -> Vec<Value> {
        let mut out = Vec::new();
        for format in formats.iter().take(ALTERNATIVES) {
            let mut values = vec![Value {
                parts: Vec::new(),
                through: format.through.clone(),
            }];
            let mut next = 0;
            for part in &format.parts {
                let Part::Literal { text, start } = part else {
                    values = product(
                        &values,
                        &[Value {
                            parts: vec![part.clone()],
                            through: Vec::new(),
                        }],
                    );
                    continue;
                };
                for piece in pieces(text) {
                    let folded = match piece {
                        Piece::Text(from, to) => vec![Value::literal(
                            text[from..to].to_owned(),
                            start + from as u32,
                        )],
                        Piece::Hole(from, key) => {
                            let range = match key.parse::<usize>() {
                                Ok(number) if text[from..].starts_with('{') => {
                                    arguments.get(number)
                                }
                                Ok(number) => arguments.get(number.saturating_sub(1)),
                                Err(_) if key.is_empty() => {
                                    next += 1;
                                    arguments.get(next - 1)
                                }
                                Err(_) => arguments.iter().find(|range| {
                                    range.len() > 2
                                        && self.name(range.start) == key
                                        && (self.is(range.start + 1, "=")
                                            || self.is(range.start + 1, ":"))
                                }),
                            };
                            match range {
                                Some(range) => {
                                    let mut folded = self.fold_at(range.clone(), depth + 1);
                                    for value in &mut folded {
                                        if let [Part::Hole { name, .. }] =
                                            value.parts.as_mut_slice()
                                            && name.is_empty()
                                        {
                                            key.clone_into(name);
                                        }
                                    }
                                    folded
                                }
                                None if !key.is_empty() && self.language() == Language::Rust => {
                                    // `format!("{id}")` takes the variable.
                                    let place = start + from as u32;
                                    let at = self
                                        .tokens()
                                        .partition_point(|token| token.start <= place)
                                        .saturating_sub(1);
                                    self.name_values(key, None, at, false, depth + 1)
                                }
                                None => vec![Value::hole(key, start + from as u32)],
                            }
                        }
                    };
                    values = product(&values, &folded);
                }
            }
            out.extend(values);
        }
        out.truncate(ALTERNATIVES);
        out
    }
}

pub(crate) enum Piece<'a> {
    Text(usize, usize),
    Hole(usize, &'a str),
}

/// Cuts a format string at `%s`, `%1$s`, `%(name)s`, `{}`, `{0}`, `{name:x}`.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let hole = match bytes[at] {
            b'%' => percent(text, at),
            b'{' => text[at..].find('}').and_then(|length| {
                let key = text[at + 1..at + length].split([':', '!', ',']).next()?;
                let plain = key
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
                (plain && length < 60).then_some((at + length + 1, key))
            }),
            _ => None,
        };
        match hole {
            Some((end, key)) => {
                if at > start {
                    pieces.push(Piece::Text(start, at));
                }
                pieces.push(Piece::Hole(at, key));
                at = end;
                start = end;
            }
            None => at += 1,
        }
    }
    if start < bytes.len() {
        pieces.push(Piece::Text(start, bytes.len()));
    }
    pieces
}

pub(crate) fn percent(text: &str, at: usize) -> Option<(usize, &str)> {
    let bytes = text.as_bytes();
    if bytes.get(at + 1) == Some(&b'(') {
        let close = at + text[at..].find(')')?;
        return bytes
            .get(close + 1)?
            .is_ascii_alphabetic()
            .then_some((close + 2, &text[at + 2..close]));
    }
    let mut end = at + 1;
    let mut key = "";
    let digits = bytes[end..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits > 0 && bytes.get(end + digits) == Some(&b'$') {
        key = &text[end..end + digits];
        end += digits + 1;
    }
    while matches!(
        bytes.get(end),
        Some(b'-' | b'+' | b'#' | b'0'..=b'9' | b'.')
    ) && end < at + 8
    {
        end += 1;
    }
    // `%20` is a blank of a URL.
    let percent_code = digits == 2 && key.is_empty();
    matches!(
        bytes.get(end),
        Some(b's' | b'd' | b'v' | b'q' | b'i' | b'u' | b'x' | b'r' | b'S')
    )
    .then_some((end + 1, key))
    .filter(|_| !percent_code)
}

/// As [`product`], with one `/` between.
pub(crate) fn join(first: &[Value], second: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for a in first {
        for b in second {
            if out.len() == ALTERNATIVES {
                return out;
            }
            let mut value = a.clone();
            let mut tail = b.clone();
            if !a.parts.is_empty() {
                if let Some(Part::Literal { text, .. }) = value.parts.last_mut() {
                    text.truncate(text.trim_end_matches('/').len());
                }
                if let Some(Part::Literal { text, start }) = tail.parts.first_mut() {
                    let trimmed = text.trim_start_matches('/');
                    *start += (text.len() - trimmed.len()) as u32;
                    *text = trimmed.to_owned();
                }
                value.append(&Value::literal(
                    "/".to_owned(),
                    tail.literal_start().unwrap_or(0),
                ));
            }
            value.append(&tail);
            out.push(value);
        }
    }
    out
}

/// The value with a text replaced by another value in each literal.
pub(crate) fn replace(subject: &[Value], from: &str, to: &Value) -> Vec<Value> {
    if from.is_empty() {
        return subject.to_vec();
    }
    subject
        .iter()
        .map(|value| {
            let mut out = Value {
                parts: Vec::new(),
                through: value.through.clone(),
            };
            for part in &value.parts {
                match part {
                    Part::Literal { text, start } if text.contains(from) && text.len() < SIZE => {
                        let mut offset = *start;
                        for (number, piece) in text.split(from).enumerate() {
                            if number > 0 {
                                out.append(to);
                                offset += from.len() as u32;
                            }
                            if !piece.is_empty() {
                                out.parts.push(Part::Literal {
                                    text: piece.to_owned(),
                                    start: offset,
                                });
                            }
                            offset += piece.len() as u32;
                        }
                    }
                    _ => out.parts.push(part.clone()),
                }
            }
            out
        })
        .collect()
}

/// The value with each hole of a name filled.
pub(crate) fn fill(value: &Value, name: &str, given: &[Value]) -> Vec<Value> {
    let mut out = vec![Value {
        parts: Vec::new(),
        through: value.through.clone(),
    }];
    for part in &value.parts {
        let piece = match part {
            Part::Hole { name: hole, .. } if hole == name => given.to_vec(),
            _ => vec![Value {
                parts: vec![part.clone()],
                through: Vec::new(),
            }],
        };
        out = product(&out, &piece);
    }
    out
}

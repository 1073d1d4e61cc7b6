//! Constant folding: what string an expression gives, as far as the file says.

use std::ops::Range;

use crate::code::Code;
use crate::index::{Assignment, Operator};
use crate::language::{Dialect, Language};
use crate::token::TokenKind;
use crate::value::{Part, Value};

/// How many values one expression can have. A `switch` over eight URLs gives eight.
const ALTERNATIVES: usize = 12;
/// How deep names lead to names.
const DEPTH: usize = 12;
/// How long a value can grow, in bytes.
const SIZE: usize = 4096;

impl<'s> Code<'s> {
    /// The values that the expression in these tokens can have: at least one, of which an unknown part is a hole.
    pub fn fold(&self, range: Range<usize>) -> Vec<Value> {
        self.fold_at(range, 0)
    }

    /// The values that a name can have at a place.
    pub fn fold_name(&self, at: usize) -> Vec<Value> {
        let member = at > 0 && self.is_dot(at - 1);
        self.name_values(self.name(at), None, at, member, 0)
    }

    /// The token after the word of a command that begins at `start`: what stands together without blanks.
    pub fn word_end(&self, start: usize) -> usize {
        let mut at = start;
        while at < self.len() {
            if at > start {
                let (before, token) = (self.token(at - 1), self.token(at));
                if before.end != token.start || token.newline {
                    break;
                }
            }
            match self.kind(at) {
                TokenKind::Close
                | TokenKind::HoleClose
                | TokenKind::StrClose
                | TokenKind::Outside => break,
                TokenKind::Punct
                    if matches!(
                        self.text(at),
                        ";" | "|" | "&" | "||" | "&&" | ">" | "<" | ","
                    ) =>
                {
                    break;
                }
                _ => {}
            }
            at = self.skip(at);
        }
        at
    }

    /// The values of a word of a command: literal text, strings and variables that stand together.
    pub fn fold_word(&self, range: Range<usize>) -> Vec<Value> {
        self.fold_word_at(range, 0)
    }

    fn fold_word_at(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
        let mut values = vec![Value::default()];
        let mut at = range.start;
        while at < range.end {
            let next = self.skip(at);
            let start = self.token(at).start;
            let piece = match self.kind(at) {
                TokenKind::Str | TokenKind::StrOpen => self.string_values(at, depth),
                TokenKind::Var => {
                    // PowerShell expands members of a variable in a bare word: `$user.Id`.
                    let mut last = at;
                    let mut end = next;
                    while self.dialect() == Dialect::PowerShell
                        && end + 1 < range.end
                        && self.is(end, ".")
                        && self.kind(end + 1) == TokenKind::Word
                    {
                        last = end + 1;
                        end += 2;
                    }
                    let piece = self.name_values(
                        self.name(last),
                        (last > at).then(|| self.name(at)),
                        at,
                        last > at,
                        depth,
                    );
                    values = product(&values, &piece);
                    at = end;
                    continue;
                }
                TokenKind::Open
                    if self.dialect() == Dialect::PowerShell && self.text(at) == "(" =>
                {
                    self.fold_at(at + 1..next.saturating_sub(1).max(at + 1), depth + 1)
                }
                TokenKind::Open if self.text(at) == "$(" => vec![Value::hole("", start)],
                _ => {
                    let text = self.text(at);
                    vec![Value::literal(text.replace('\\', ""), start)]
                }
            };
            values = product(&values, &piece);
            at = next;
        }
        values
    }

    fn fold_at(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
        self.spend(1);
        let range = self.trim(range);
        if range.is_empty() {
            return vec![Value::default()];
        }
        let start = self.token(range.start).start;
        if depth > DEPTH || range.len() > 600 || self.exhausted() {
            return vec![Value::hole("", start)];
        }
        if self.dialect() == Dialect::Shell {
            return self.fold_word_at(range, depth);
        }
        if let Some(choices) = self.choices(&range) {
            let mut values = Vec::new();
            for choice in choices {
                values.extend(self.fold_at(choice, depth + 1));
            }
            values.truncate(ALTERNATIVES);
            return values;
        }
        let pieces = self.split(&range, |code, at| code.concat(at, range.start));
        if pieces.len() > 1 {
            let mut values = vec![Value::default()];
            for piece in pieces {
                values = product(&values, &self.fold_at(piece, depth + 1));
            }
            return values;
        }
        if let Some(operator) = self.find(&range, |code, at| {
            (code.is(at, "%") && code.dialect() == Dialect::Python)
                || (code.dialect() == Dialect::PowerShell
                    && code.text(at).eq_ignore_ascii_case("-f"))
        }) {
            let format = self.fold_at(range.start..operator, depth + 1);
            let mut operands = operator + 1..range.end;
            if self.is(operands.start, "(") && self.skip(operands.start) == operands.end {
                operands = operands.start + 1..operands.end - 1;
            }
            let arguments = self.split(&operands, |code, at| code.is(at, ","));
            return self.format(&format, &arguments, depth);
        }
        self.term(range, depth)
    }

    /// Whether folding has cost more than any real file needs. The bound keeps hostile text linear.
    fn exhausted(&self) -> bool {
        self.work() > 200_000 + 64 * self.len()
    }

    /// Cuts off what does not change the value: parentheses, `await`, `new`, `&`, a cast, the name of an argument.
    fn trim(&self, mut range: Range<usize>) -> Range<usize> {
        loop {
            let first = range.start;
            if range.is_empty() {
                return range;
            }
            let last = range.end - 1;
            let wrapped = self.is(first, "(") && self.pair(first) == Some(last);
            if wrapped {
                range = first + 1..last;
            } else if matches!(
                self.text(first),
                "await" | "return" | "new" | "&" | "*" | "yield" | "mut"
            ) && matches!(self.kind(first), TokenKind::Word | TokenKind::Punct)
                && range.len() > 1
            {
                range.start += 1;
            } else if self.is(first, "(")
                && self.pair(first) == Some(first + 2)
                && range.len() > 3
                && matches!(
                    self.kind(first + 3),
                    TokenKind::Word | TokenKind::Var | TokenKind::Str | TokenKind::StrOpen
                )
            {
                range.start = first + 3;
            } else if self.is(last, "!") || (self.is(last, "?") && range.len() > 1) {
                range.end = last;
            } else if range.len() > 2
                && self.kind(first) == TokenKind::Word
                && (self.is(first + 1, "=")
                    || (self.is(first + 1, ":") && self.dialect() != Dialect::PowerShell))
            {
                range.start += 2;
            } else if let Some(cast) = self.find(&range, |code, at| {
                code.kind(at) == TokenKind::Word && code.text(at) == "as"
            }) && cast > first
                && self.dialect() != Dialect::PowerShell
            {
                range.end = cast;
            } else {
                return range;
            }
        }
    }

    fn find(&self, range: &Range<usize>, wanted: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if wanted(self, at) {
                return Some(at);
            }
            at = self.skip(at);
        }
        None
    }

    fn split(
        &self,
        range: &Range<usize>,
        parts: impl Fn(&Self, usize) -> bool,
    ) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut start, mut at) = (range.start, range.start);
        while at < range.end {
            if parts(self, at) {
                pieces.push(start..at);
                start = at + 1;
            }
            at = self.skip(at);
        }
        pieces.push(start..range.end);
        pieces
    }

    fn concat(&self, at: usize, start: usize) -> bool {
        let operator = self.language().table().concat;
        at > start && !operator.is_empty() && self.is(at, operator)
    }

    /// The branches of `a ? b : c`, `a ?? b`, `a || b`, `b if a else c`.
    fn choices(&self, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
        let ternary = self.find(range, |code, at| code.is(at, "?") && at > range.start);
        if let Some(question) = ternary {
            let colon = self.find(&(question + 1..range.end), |code, at| code.is(at, ":"))?;
            return Some(vec![question + 1..colon, colon + 1..range.end]);
        }
        if self.dialect() == Dialect::Python {
            let condition = self.find(range, |code, at| {
                code.kind(at) == TokenKind::Word && code.text(at) == "if"
            });
            if let Some(condition) = condition.filter(|condition| *condition > range.start) {
                let other = self.find(&(condition + 1..range.end), |code, at| {
                    code.text(at) == "else"
                })?;
                return Some(vec![range.start..condition, other + 1..range.end]);
            }
        }
        let either = |code: &Self, at: usize| match code.kind(at) {
            TokenKind::Punct => {
                matches!(code.text(at), "??" | "||") && code.language() != Language::Rust
            }
            TokenKind::Word => code.dialect() == Dialect::Python && code.text(at) == "or",
            _ => false,
        };
        let pieces = self.split(range, either);
        (pieces.len() > 1).then_some(pieces)
    }

    /// The values of the string at `at`.
    fn string_values(&self, at: usize, depth: usize) -> Vec<Value> {
        let start = |at: usize| {
            self.content(at)
                .map_or(self.token(at).start, |content| content.start)
        };
        if self.kind(at) == TokenKind::Str {
            let text = self.string(at).unwrap_or_default().into_owned();
            return vec![Value::literal(text, start(at))];
        }
        let end = self.pair(at).unwrap_or(at);
        let mut values = vec![Value::default()];
        let mut inner = at + 1;
        while inner < end {
            let next = self.skip(inner);
            let piece = match self.kind(inner) {
                TokenKind::StrText => {
                    let text = self.string(inner).unwrap_or_default().into_owned();
                    vec![Value::literal(text, start(inner))]
                }
                TokenKind::Var => {
                    let default = self.shell_default(inner);
                    let member = self.text(inner).contains("->");
                    let values = self.name_values(self.name(inner), None, inner, member, depth + 1);
                    match default {
                        Some(text) if values.iter().all(Value::is_unknown) => {
                            vec![Value::literal(text.to_owned(), self.token(inner).start)]
                        }
                        _ => values,
                    }
                }
                TokenKind::HoleOpen => {
                    let close = next.saturating_sub(1);
                    let mut range = inner + 1..close.max(inner + 1);
                    let spec = self.find(&range, |code, at| {
                        code.is(at, ":")
                            || (code.is(at, "!") && code.dialect() == Dialect::Python)
                            || code.is(at, "?")
                    });
                    if let Some(spec) = spec.filter(|spec| !self.is(*spec, "?"))
                        && matches!(self.language(), Language::Python | Language::CSharp)
                    {
                        range.end = spec;
                    }
                    self.fold_at(range, depth + 1)
                }
                _ => Vec::new(),
            };
            if !piece.is_empty() {
                values = product(&values, &piece);
            }
            inner = next;
        }
        values
    }

    /// The default of `${NAME:-default}`.
    fn shell_default(&self, at: usize) -> Option<&'s str> {
        if self.dialect() != Dialect::Shell {
            return None;
        }
        let inner = self.text(at).strip_prefix("${")?.strip_suffix('}')?;
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once(":="))?;
        Some(default.trim_matches('"'))
    }

    /// A literal, a name, a member chain or a call.
    fn term(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
        let start = self.token(range.start).start;
        let mut at = range.start;
        let mut values: Option<Vec<Value>> = None;
        // The name that is still to be looked up, and what stands before its dot.
        let mut name: Option<usize> = None;
        let mut receiver: Option<usize> = None;
        match self.kind(at) {
            TokenKind::Str | TokenKind::StrOpen => {
                let mut folded = self.string_values(at, depth);
                at = self.skip(at);
                // Python joins strings that follow each other.
                while at < range.end && matches!(self.kind(at), TokenKind::Str | TokenKind::StrOpen)
                {
                    folded = product(&folded, &self.string_values(at, depth));
                    at = self.skip(at);
                }
                values = Some(folded);
            }
            TokenKind::Word | TokenKind::Var => {
                name = Some(at);
                at += 1;
            }
            TokenKind::Open if self.text(at) == "(" => {
                let end = self.skip(at);
                values = Some(self.fold_at(at + 1..end.saturating_sub(1).max(at + 1), depth + 1));
                at = end;
            }
            TokenKind::Open if self.text(at) == "[" && self.dialect() == Dialect::PowerShell => {
                // A cast or a type: `[string]$x`, `[uri]::EscapeDataString($x)`.
                let end = self.skip(at);
                if end < range.end && !self.is(end, "::") {
                    return self.fold_at(end..range.end, depth + 1);
                }
                return vec![Value::hole("", start)];
            }
            TokenKind::Punct if self.is(at, "$") && self.is(at + 1, "(") => {
                let end = self.skip(at + 1);
                return self.fold_at(at + 2..end.saturating_sub(1).max(at + 2), depth + 1);
            }
            _ => return vec![Value::hole("", start)],
        }
        while at < range.end {
            if self.is(at, "(") {
                let arguments = self.arguments(at);
                let called = name.take();
                values = Some(match called {
                    Some(called) => self.call(called, receiver, values.take(), &arguments, depth),
                    None => vec![Value::hole("", start)],
                });
                at = self.skip(at);
            } else if self.is(at, "!") && self.is(at + 1, "(") && self.language() == Language::Rust
            {
                at += 1;
            } else if self.is_dot(at) && at + 1 < range.end {
                if let Some(before) = name.take() {
                    receiver = Some(before);
                } else if values.is_none() {
                    receiver = None;
                }
                name = Some(at + 1);
                let called = self.is(at + 2, "(");
                if !called {
                    values = None;
                }
                at += 2;
            } else if self.is(at, "[") {
                let key = at + 1;
                if self.kind(key) == TokenKind::Str && self.pair(at) == Some(at + 2) {
                    receiver = name.take();
                    name = Some(key);
                    values = None;
                } else {
                    name = None;
                    values = Some(vec![Value::hole("", start)]);
                }
                at = self.skip(at);
            } else if matches!(self.text(at), "!" | "?" | "!!") {
                at += 1;
            } else {
                // An operator that is not read: arithmetic, comparison, a lambda.
                return vec![Value::hole("", start)];
            }
        }
        if let Some(name) = name {
            let member = receiver.is_some() || self.kind(name) == TokenKind::Str;
            return self.name_values(
                self.name(name),
                receiver.map(|at| self.name(at)),
                name,
                member,
                depth,
            );
        }
        values.unwrap_or_else(|| vec![Value::hole("", start)])
    }

    /// What a name can be at a place.
    fn name_values(
        &self,
        name: &str,
        receiver: Option<&str>,
        at: usize,
        member: bool,
        depth: usize,
    ) -> Vec<Value> {
        let start = self.token(at).start;
        let unknown = || vec![Value::hole(name, start)];
        if depth > DEPTH {
            return unknown();
        }
        let mut reaching = self.reaching(name, at, member);
        reaching.retain(|assignment| {
            assignment.operator != Operator::Property || self.property_of(assignment, receiver)
        });
        let mut values: Vec<Value> = Vec::new();
        for assignment in reaching {
            let key = assignment.value;
            if self.busy.borrow().contains(&key) {
                continue;
            }
            let mut folded = self.assigned(&assignment, depth);
            if assignment.operator == Operator::Append {
                self.busy.borrow_mut().push(key);
                let base =
                    self.name_values(name, receiver, assignment.name as usize, member, depth + 1);
                self.busy.borrow_mut().pop();
                folded = product(&base, &folded);
                if !self.is_sure(&assignment, at) {
                    folded.extend(base);
                }
            }
            let stop = assignment.operator == Operator::Append;
            for mut value in folded {
                // `let url = ""` and `= null` only declare.
                if value
                    .parts
                    .iter()
                    .all(|part| matches!(part, Part::Literal { text, .. } if text.is_empty()))
                {
                    value.parts = vec![Part::Hole {
                        name: name.to_owned(),
                        start,
                    }];
                }
                if value.through.len() < 8 {
                    value.through.insert(
                        0,
                        (name.to_owned(), self.token(assignment.name as usize).start),
                    );
                }
                if !values.contains(&value) && values.len() < ALTERNATIVES {
                    values.push(value);
                }
            }
            if stop {
                break;
            }
        }
        if values.is_empty() { unknown() } else { values }
    }

    /// The values of the right side of an assignment, computed once.
    fn assigned(&self, assignment: &Assignment, depth: usize) -> Vec<Value> {
        let key = assignment.value;
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone();
        }
        self.busy.borrow_mut().push(key);
        let start = key as usize;
        let end = if self.dialect() == Dialect::Shell {
            self.word_end(start)
        } else {
            self.expression_end(start)
        };
        let values = self.fold_at(start..end, depth + 1);
        self.busy.borrow_mut().pop();
        // A result that a cycle or the depth cut short is right for this place only.
        if depth < DEPTH / 2 && self.busy.borrow().is_empty() {
            self.memo.borrow_mut().insert(key, values.clone());
        }
        values
    }

    /// Whether an element of an object literal belongs to the object that `receiver` names.
    fn property_of(&self, assignment: &Assignment, receiver: Option<&str>) -> bool {
        let Some(open) = self.up(assignment.name as usize) else {
            return false;
        };
        let Some(receiver) = receiver else {
            return false;
        };
        let from = open.saturating_sub(8);
        (from..open).rev().any(|at| {
            matches!(
                self.kind(at),
                TokenKind::Word | TokenKind::Var | TokenKind::Str
            ) && self.name(at) == receiver
        })
    }

    // ---- calls

    fn call(
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
            | "tolowercase" | "build" | "touri" | "to_uri" | "toexternalform" | "href"
            | "unwrap" | "as_ref" | "deref" | "trim_end_matches" | "encode"
                if on(self).is_some() && !(lower == "string" && arguments.len() == 1) =>
            {
                on(self).unwrap_or_default()
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
    fn own_function(&self, name: usize, arguments: &[Range<usize>], depth: usize) -> Vec<Value> {
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
    fn format(&self, formats: &[Value], arguments: &[Range<usize>], depth: usize) -> Vec<Value> {
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

enum Piece<'a> {
    Text(usize, usize),
    Hole(usize, &'a str),
}

/// Cuts a format string at `%s`, `%1$s`, `%(name)s`, `{}`, `{0}`, `{name:x}`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
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

fn percent(text: &str, at: usize) -> Option<(usize, &str)> {
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

/// Every value of the first followed by every value of the second.
fn product(first: &[Value], second: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for a in first {
        for b in second {
            if out.len() == ALTERNATIVES {
                return out;
            }
            let mut value = a.clone();
            if a.size() + b.size() <= SIZE {
                value.append(b);
            } else {
                value.append(&Value::hole("", 0));
            }
            out.push(value);
        }
    }
    out
}

/// As [`product`], with one `/` between.
fn join(first: &[Value], second: &[Value]) -> Vec<Value> {
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
fn replace(subject: &[Value], from: &str, to: &Value) -> Vec<Value> {
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
fn fill(value: &Value, name: &str, given: &[Value]) -> Vec<Value> {
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

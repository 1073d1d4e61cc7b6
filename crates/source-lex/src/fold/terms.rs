//! Folding terms: a literal, a string with holes, a name, a member chain or a call.

use std::ops::Range;

use crate::code::Code;
use crate::fold::product;
use crate::language::{Dialect, Language};
use crate::token::TokenKind;
use crate::value::Value;

impl Code<'_> {
    /// The values of the string at `at`.
    pub(crate) fn string_values(&self, at: usize, depth: usize) -> Vec<Value> {
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

    /// A literal, a name, a member chain or a call.
    pub(crate) fn term(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
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
                // `[string]::Format("…", $x)`, `[uri]::new("…")`.
                let method = end + 1;
                if self.is(end, "::")
                    && self.is(method + 1, "(")
                    && self.skip(method + 1) == range.end
                    && matches!(
                        self.text(method).to_ascii_lowercase().as_str(),
                        "format" | "concat" | "new"
                    )
                {
                    let arguments = self.arguments(method + 1);
                    return self.call(method, None, None, &arguments, depth);
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
                    // `paths[kind]`: any of the table's.
                    let any = name
                        .take()
                        .map(|name| self.indexed(name, depth))
                        .filter(|values| !values.is_empty());
                    values = Some(any.unwrap_or_else(|| vec![Value::hole("", start)]));
                }
                at = self.skip(at);
            } else if self.is(at, "{")
                && self.language() == Language::Go
                && name.is_some_and(|name| self.text(name) == "URL")
            {
                name = None;
                values = Some(self.go_url(at, depth));
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
}

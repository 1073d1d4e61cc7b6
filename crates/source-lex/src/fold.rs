//! Constant folding: what string an expression gives, as far as the file says.

mod calls;
mod names;
mod terms;
mod urls;
mod words;

use std::ops::Range;

use crate::code::Code;
use crate::language::{Dialect, Language};
use crate::token::TokenKind;
use crate::value::Value;

/// How many values one expression can have. A `switch` over eight URLs gives eight.
pub(crate) const ALTERNATIVES: usize = 32;
/// How deep names lead to names.
pub(crate) const DEPTH: usize = 12;
/// How long a value can grow, in bytes.
pub(crate) const SIZE: usize = 4096;

impl<'s> Code<'s> {
    /// The values that the expression in these tokens can have: at least one, of which an unknown part is a hole.
    pub fn fold(&self, range: Range<usize>) -> Vec<Value> {
        self.fold_at(range, 0)
    }

    pub(crate) fn fold_at(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
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
        if let Some(branches) = self.branches(&range) {
            let mut values: Vec<Value> = Vec::new();
            for branch in branches.into_iter().take(ALTERNATIVES) {
                values.extend(self.fold_at(branch, depth + 1));
            }
            values.truncate(ALTERNATIVES);
            if !values.is_empty() {
                return values;
            }
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
    pub(crate) fn exhausted(&self) -> bool {
        self.work() > 200_000 + 64 * self.len()
    }

    /// Cuts off what does not change the value: parentheses, `await`, `new`, `&`, a cast, the name of an argument.
    pub(crate) fn trim(&self, mut range: Range<usize>) -> Range<usize> {
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

    pub(crate) fn find(
        &self,
        range: &Range<usize>,
        wanted: impl Fn(&Self, usize) -> bool,
    ) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if wanted(self, at) {
                return Some(at);
            }
            at = self.skip(at);
        }
        None
    }

    pub(crate) fn split(
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

    pub(crate) fn concat(&self, at: usize, start: usize) -> bool {
        let operator = self.language().table().concat;
        at > start && !operator.is_empty() && self.is(at, operator)
    }

    /// The branches of `a ? b : c`, `a ?? b`, `a || b`, `b if a else c`.
    pub(crate) fn choices(&self, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
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

    /// The branches of PowerShell's `if (…) { a } else { b }` and `switch ($x) { 'A' { a } }` as values, and of C#'s
    /// `x switch { A => a, _ => b }`.
    fn branches(&self, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
        let inner = |open: usize| open + 1..self.skip(open).saturating_sub(1).max(open + 1);
        let first = self.text(range.start);
        if self.dialect() == Dialect::PowerShell && self.kind(range.start) == TokenKind::Word {
            let blocks = |range: Range<usize>| {
                let mut found = Vec::new();
                let mut at = range.start;
                while at < range.end {
                    if self.is(at, "{") {
                        found.push(inner(at));
                    }
                    at = self.skip(at);
                }
                found
            };
            if first.eq_ignore_ascii_case("if") {
                return Some(blocks(range.clone()));
            }
            if first.eq_ignore_ascii_case("switch") {
                let body = blocks(range.clone()).pop()?;
                return Some(blocks(body));
            }
        }
        if self.language() == Language::CSharp {
            let switch = self.find(range, |code, at| {
                code.kind(at) == TokenKind::Word
                    && code.text(at) == "switch"
                    && code.is(at + 1, "{")
            })?;
            let arms = self.split(&inner(switch + 1), |code, at| code.is(at, ","));
            let values = arms.into_iter().filter_map(|arm| {
                let arrow = self.find(&arm, |code, at| code.is(at, "=>"))?;
                (!self.is(arrow + 1, "throw")).then_some(arrow + 1..arm.end)
            });
            return Some(values.collect());
        }
        None
    }
}

/// Every value of the first followed by every value of the second.
pub(crate) fn product(first: &[Value], second: &[Value]) -> Vec<Value> {
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

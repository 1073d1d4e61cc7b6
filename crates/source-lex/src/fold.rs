//! Constant folding: what string an expression gives, as far as the file says.

use std::ops::Range;

use crate::code::Code;
use crate::index::{Assignment, Operator};
use crate::language::{Dialect, Language};
use crate::token::TokenKind;
use crate::value::{Part, Value};

/// How many values one expression can have. A `switch` over eight URLs gives eight.
pub(crate) const ALTERNATIVES: usize = 12;
/// How deep names lead to names.
pub(crate) const DEPTH: usize = 12;
/// How long a value can grow, in bytes.
pub(crate) const SIZE: usize = 4096;
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

    pub(crate) fn fold_word_at(&self, range: Range<usize>, depth: usize) -> Vec<Value> {
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
                TokenKind::Open if self.text(at) == "$(" => self
                    .echoed(at, next, depth)
                    .unwrap_or_else(|| vec![Value::hole("", start)]),
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

    /// What `$(echo "…")` gives, the substitution that opens at `open` and ends before `end`.
    fn echoed(&self, open: usize, end: usize, depth: usize) -> Option<Vec<Value>> {
        let first = open + 1;
        if depth > DEPTH || !matches!(self.text(first), "echo" | "printf") {
            return None;
        }
        let mut word = first + 1;
        while self.kind(word) == TokenKind::Word && matches!(self.text(word), "-n" | "-e" | "-ne") {
            word += 1;
        }
        let last = self.word_end(word).max(word + 1);
        // More words, or a pipe: something else than the text.
        (last + 1 == end).then(|| self.fold_word_at(word..last, depth + 1))
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

    /// The default of `${NAME:-default}`.
    pub(crate) fn shell_default(&self, at: usize) -> Option<&'s str> {
        if self.dialect() != Dialect::Shell {
            return None;
        }
        let inner = self.text(at).strip_prefix("${")?.strip_suffix('}')?;
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once(":="))?;
        Some(default.trim_matches('"'))
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
    /// Where the first branch of the `if` begins whose `else` holds a place.
    fn branch_before(&self, at: usize) -> Option<usize> {
        let open = self.up(at).filter(|open| self.is(*open, "{"))?;
        let before = open.checked_sub(2)?;
        let other = self.text(open - 1).eq_ignore_ascii_case("else") && self.is(before, "}");
        if other { self.pair(before) } else { None }
    }

    pub(crate) fn name_values(
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
                // `if (…) { url += a } else { url += b }`: the one branch does not add to the other.
                let other = self.branch_before(assignment.name as usize);
                let from = other.unwrap_or(assignment.name as usize);
                let mut base = self.name_values(name, receiver, from, member, depth + 1);
                if let Some(other) = other {
                    let both = (other, assignment.name as usize);
                    let added: Vec<Value> = self
                        .assignments(name)
                        .iter()
                        .filter(|own| {
                            own.operator == Operator::Append
                                && (both.0..both.1).contains(&(own.name as usize))
                        })
                        .flat_map(|own| self.assigned(own, depth))
                        .collect();
                    folded.extend(added);
                }
                self.busy.borrow_mut().pop();
                folded = product(&base, &folded);
                if other.is_none() && !self.is_sure(&assignment, at) {
                    folded.append(&mut base);
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
    pub(crate) fn assigned(&self, assignment: &Assignment, depth: usize) -> Vec<Value> {
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
    pub(crate) fn property_of(&self, assignment: &Assignment, receiver: Option<&str>) -> bool {
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

//! Literal lists and tables, and the values that stand for their elements: a name of a loop, an index.

use std::ops::Range;

use crate::code::Code;
use crate::fold::{ALTERNATIVES, DEPTH};
use crate::index::{Assignment, Operator};
use crate::language::{Dialect, Language};
use crate::token::TokenKind;
use crate::value::Value;

/// An element of a literal collection.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// Its key, in a table.
    key: Option<Range<usize>>,
    value: Range<usize>,
}

/// What of a table is looped over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Keys,
    Values,
    Both,
}

impl Code<'_> {
    /// The values of a name that stands for each element of a collection. Empty: they cannot be read.
    pub(crate) fn each(&self, assignment: &Assignment, depth: usize) -> Vec<Value> {
        let Operator::Each { number, of } = assignment.operator else {
            return Vec::new();
        };
        let (number, of) = (usize::from(number), usize::from(of));
        let (elements, part) = self.collection(assignment.value as usize, depth);
        let mut values: Vec<Value> = Vec::new();
        for element in elements {
            let range = match &element.key {
                Some(key) if of > 1 => {
                    if number == 0 {
                        key.clone()
                    } else {
                        element.value
                    }
                }
                Some(key) => {
                    let python = self.dialect() == Dialect::Python && part == Part::Both;
                    if python || part == Part::Keys {
                        key.clone()
                    } else {
                        element.value
                    }
                }
                None if of > 1 => {
                    let open = element.value.start;
                    let parts = if self.kind(open) == TokenKind::Open {
                        self.arguments(open)
                    } else {
                        Vec::new()
                    };
                    if parts.len() == of {
                        parts[number].clone()
                    } else if number + 1 == of {
                        // `enumerate(paths)`, `for _, path := range paths`.
                        element.value
                    } else {
                        continue;
                    }
                }
                None => element.value,
            };
            for value in self.fold_at(range, depth + 1) {
                if !values.contains(&value) && values.len() < ALTERNATIVES {
                    values.push(value);
                }
            }
        }
        values.retain(|value| !value.is_unknown());
        values
    }

    /// The values that an element has under an index that is not known.
    pub(crate) fn indexed(&self, name: usize, depth: usize) -> Vec<Value> {
        // A table of thousands that is read at thousands of places is read once.
        let member = name > 0 && self.is_dot(name - 1);
        let key = match self.reaching(self.name(name), name, member).as_slice() {
            [one] => Some(one.value | 1 << 29),
            _ => None,
        };
        if let Some(known) = key.and_then(|key| self.memo.borrow().get(&key).cloned()) {
            return known;
        }
        let (elements, _) = self.named_collection(name, depth);
        let mut values: Vec<Value> = Vec::new();
        for element in elements.into_iter().take(ALTERNATIVES) {
            for value in self.fold_at(element.value, depth + 1) {
                if !value.is_unknown() && !values.contains(&value) && values.len() < ALTERNATIVES {
                    values.push(value);
                }
            }
        }
        if let Some(key) = key.filter(|_| depth < DEPTH / 2 && self.busy.borrow().is_empty()) {
            self.memo.borrow_mut().insert(key, values.clone());
        }
        values
    }

    /// The tokens of the literal collection whose elements a name stands for.
    pub(crate) fn looped_literal(&self, receiver: &str) -> Option<Range<usize>> {
        self.assignments(receiver)
            .iter()
            .filter(|assignment| matches!(assignment.operator, Operator::Each { .. }))
            .find_map(|assignment| {
                let (elements, _) = self.collection(assignment.value as usize, 0);
                Some(elements.first()?.value.start..elements.last()?.value.end)
            })
    }

    /// The elements of the collection whose expression begins at `start`.
    fn collection(&self, start: usize, depth: usize) -> (Vec<Element>, Part) {
        self.spend(1);
        let none = (Vec::new(), Part::Both);
        if depth > DEPTH || self.exhausted() {
            return none;
        }
        if self.dialect() == Dialect::Shell {
            return self.shell_collection(start, depth);
        }
        let mut at = start;
        while matches!(self.text(at), "await" | "&" | "new" | "@" | "*") && at < start + 4 {
            at += 1;
        }
        if let Some(open) = self.literal_collection(at) {
            let (_, part) = self.name_of_collection(self.skip(open).saturating_sub(1));
            return (self.elements(open), part);
        }
        let (name, part) = self.name_of_collection(at);
        let Some(name) = name else {
            return none;
        };
        // `Object.values(paths)`, `enumerate(paths)`, `sorted(paths)`.
        if self.is(name + 1, "(") {
            let part = match self.text(name).to_ascii_lowercase().as_str() {
                "keys" => Part::Keys,
                "values" => Part::Values,
                "entries" | "enumerate" | "list" | "sorted" | "set" | "tuple" | "iter"
                | "reversed" | "asiterable" => Part::Both,
                _ => return none,
            };
            let (elements, _) = self.collection(name + 2, depth + 1);
            return (elements, part);
        }
        let (elements, _) = self.named_collection(name, depth);
        (elements, part)
    }

    /// The elements of the collection that a name is assigned.
    fn named_collection(&self, name: usize, depth: usize) -> (Vec<Element>, Part) {
        let member = name > 0 && self.is_dot(name - 1);
        let mut elements = Vec::new();
        if depth > DEPTH {
            return (elements, Part::Both);
        }
        for assignment in self.reaching(self.name(name), name, member) {
            if matches!(
                assignment.operator,
                Operator::Argument | Operator::Each { .. }
            ) {
                continue;
            }
            let start = assignment.value as usize;
            if self.busy.borrow().contains(&assignment.value) {
                continue;
            }
            self.busy.borrow_mut().push(assignment.value);
            let (found, _) = self.collection(start, depth + 1);
            self.busy.borrow_mut().pop();
            if found.is_empty() && assignment.operator == Operator::Append {
                elements.push(Element {
                    key: None,
                    value: start..self.expression_end(start),
                });
            }
            elements.extend(found);
        }
        (elements, Part::Both)
    }

    /// The last name of a member chain that is a collection, and which part of it the end of the chain means.
    fn name_of_collection(&self, start: usize) -> (Option<usize>, Part) {
        let mut name =
            matches!(self.kind(start), TokenKind::Word | TokenKind::Var).then_some(start);
        let mut at = start + 1;
        for _ in 0..8 {
            if !self.is_dot(at) || self.kind(at + 1) != TokenKind::Word {
                break;
            }
            let word = self.text(at + 1).to_ascii_lowercase();
            match word.as_str() {
                "keys" if !self.is_object_function(at + 1) => return (name, Part::Keys),
                "values" if !self.is_object_function(at + 1) => return (name, Part::Values),
                "items" | "iter" | "getenumerator" | "map" | "foreach" | "entryset" | "filter"
                | "flatmap" | "into_iter" | "cloned" | "entries" | "select"
                    if !self.is_object_function(at + 1) =>
                {
                    return (name, Part::Both);
                }
                _ => name = Some(at + 1),
            }
            at += 2;
        }
        (name, Part::Both)
    }

    /// `Object.values(x)`: the collection is the argument.
    fn is_object_function(&self, at: usize) -> bool {
        self.text(at.saturating_sub(2)) == "Object"
    }

    /// The bracket of a literal collection that begins at `start`: `[`, `@(`, `{`, `new[] {`, `[]string{`, `List.of(`.
    fn literal_collection(&self, start: usize) -> Option<usize> {
        let mut at = start;
        for _ in 0..12 {
            let before = at.checked_sub(1).map_or("", |before| self.text(before));
            match self.text(at) {
                "{" if self.kind(at) == TokenKind::Open => return Some(at),
                "[" if self.kind(at) == TokenKind::Open => {
                    // `[]string{`, `new string[] {`, `[string[]]@(`: a type.
                    let close = self.pair(at)?;
                    let is_type = close == at + 1
                        || (self.language() == Language::Go
                            && matches!(self.kind(close + 1), TokenKind::Word))
                        || self.dialect() == Dialect::PowerShell
                        || before == "map";
                    if !is_type {
                        return (at == start || matches!(before, "!" | "&" | "=")).then_some(at);
                    }
                    at = close + 1;
                }
                "(" if self.kind(at) == TokenKind::Open => {
                    let listing = matches!(
                        before,
                        "of" | "asList"
                            | "listOf"
                            | "mapOf"
                            | "setOf"
                            | "array"
                            | "tuple"
                            | "arrayOf"
                            | "mutableListOf"
                            | "ofEntries"
                    );
                    if listing
                        || at == start && self.dialect() != Dialect::PowerShell
                        || before == "@"
                    {
                        return Some(at);
                    }
                    // `new List<string>() { … }`, `new Dictionary<string, string>(x) { … }`.
                    at = self.skip(at);
                    if !self.is(at, "{") {
                        return None;
                    }
                }
                // PowerShell's `'a', 'b' | % { }` has no bracket.
                "<" | ">" | "," | "." | "::" | "@" | "!" | "?" => at += 1,
                _ if self.kind(at) == TokenKind::Word && !self.token(at).newline => {
                    let next = self.text(at + 1);
                    let typed =
                        matches!(next, "<" | "[" | "{" | "(" | "." | "::" | ">" | "," | "!");
                    if !typed {
                        return None;
                    }
                    at += 1;
                }
                _ => return None,
            }
        }
        None
    }

    /// The elements between a bracket and its partner.
    fn elements(&self, open: usize) -> Vec<Element> {
        let close = self.pair(open).unwrap_or(open);
        self.spend((close - open).min(2_000) / 4);
        let lines = self.dialect() == Dialect::PowerShell;
        let mut elements = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at <= close && elements.len() < 400 {
            let ends = at == close
                || self.is(at, ",")
                || self.is(at, ";")
                || (lines && at > start && self.token(at).newline && !self.is(at - 1, ","));
            if ends {
                if start < at {
                    elements.push(self.element(start..at));
                }
                start = if at < close && self.kind(at) == TokenKind::Punct && !self.is(at, "@") {
                    at + 1
                } else {
                    at
                };
                if at == close {
                    break;
                }
            }
            at = if start > at { start } else { self.skip(at) };
        }
        elements
    }

    fn element(&self, range: Range<usize>) -> Element {
        let first = range.start;
        let plain = |key: Range<usize>, value: usize| Element {
            key: Some(key),
            value: value..range.end,
        };
        // `key: value`, `'key' => value`, `key = value`, `"key" to value`.
        if range.len() > 2
            && matches!(
                self.kind(first),
                TokenKind::Word | TokenKind::Str | TokenKind::Var
            )
            && matches!(self.text(first + 1), ":" | "=>" | "=" | "to")
        {
            return plain(first..first + 1, first + 2);
        }
        // `["key"] = value`, `[key]: value`.
        if self.is(first, "[")
            && let Some(close) = self.pair(first)
            && close + 2 < range.end
            && matches!(self.text(close + 1), ":" | "=")
        {
            return plain(first + 1..close, close + 2);
        }
        // C#'s `{ "key", value }`, Java's `entry("key", value)`.
        let open = if self.is(first, "{") {
            Some(first)
        } else {
            (self.text(first) == "entry" || self.text(first + 2) == "entry")
                .then(|| range.clone().find(|at| self.is(*at, "(")))
                .flatten()
        };
        if let Some(open) = open {
            let parts = self.arguments(open);
            if let [key, value] = parts.as_slice()
                && matches!(self.kind(key.start), TokenKind::Str)
                && key.len() == 1
            {
                return Element {
                    key: Some(key.clone()),
                    value: value.clone(),
                };
            }
        }
        Element {
            key: None,
            value: range,
        }
    }

    /// The words of `for x in a b c`, and of the array that a word names: `"${paths[@]}"`.
    fn shell_collection(&self, start: usize, depth: usize) -> (Vec<Element>, Part) {
        let mut elements = Vec::new();
        let array = self.is(start, "(");
        let mut at = if array { start + 1 } else { start };
        let close = if array { self.pair(start) } else { None };
        while at < self.len() && elements.len() < 400 {
            let ends = match close {
                Some(close) => at >= close,
                None => {
                    matches!(self.text(at), ";" | "do" | "|" | "&&")
                        || (self.token(at).newline && at > start)
                }
            };
            if ends || matches!(self.kind(at), TokenKind::Close | TokenKind::Outside) {
                break;
            }
            let end = self.word_end(at).max(at + 1);
            let named = (at..end).find(|at| {
                self.kind(*at) == TokenKind::Var && self.text(*at).contains("[@]")
                    || self.text(*at).contains("[*]")
            });
            match named {
                Some(named) => {
                    let (found, _) = self.named_collection(named, depth + 1);
                    elements.extend(found);
                }
                None => elements.push(Element {
                    key: None,
                    value: at..end,
                }),
            }
            at = end;
        }
        (elements, Part::Both)
    }
}

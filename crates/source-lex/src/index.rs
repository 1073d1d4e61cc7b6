//! What names are bound to: assignments, properties, parameters, functions.

use crate::functions::{braced_function, python_functions};
use rustc_hash::FxHashMap;

use crate::code::{Code, is_keyword};
use crate::language::{Dialect, Language};
use crate::loops::loop_names;
use crate::token::TokenKind;

/// How a name gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `name = value`, `name := value`.
    Assign,
    /// `name += value`, `name .= value`.
    Append,
    /// `name: value`, `'name' => value`, or an element of a hashtable.
    Property,
    /// `name = value` as a default or a named argument.
    Argument,
    /// `for name in values`: the name stands for each element of the value.
    Each {
        /// Which of the names of the loop it is, from 0.
        number: u8,
        /// How many names the loop has.
        of: u8,
    },
}

/// A name and where its value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Token of the name: the last component of a member.
    pub name: u32,
    /// First token of the value.
    pub value: u32,
    /// How.
    pub operator: Operator,
    /// Whether the name is a member: `this.url = …`.
    pub member: bool,
    /// The innermost function around it: index into the functions.
    pub function: u32,
}

/// A function, method or lambda with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Token of the name.
    pub name: u32,
    /// Tokens of the names of the parameters, in order, without `self`.
    pub parameters: Vec<u32>,
    /// First token of the body.
    pub start: u32,
    /// Token after the body.
    pub end: u32,
}

/// No function: the file itself.
pub(crate) const FILE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(crate) struct Index<'s> {
    pub(crate) functions: Vec<Function>,
    /// For each token that begins a line: its column. Python's blocks.
    pub(crate) indents: FxHashMap<u32, u32>,
    /// The innermost function around each token, as runs: token from which on, function.
    pub(crate) runs: Vec<(u32, u32)>,
    names: FxHashMap<&'s str, Vec<Assignment>>,
    lower: FxHashMap<String, Vec<Assignment>>,
    by_name: FxHashMap<&'s str, Vec<u32>>,
}
impl<'s> Index<'s> {
    pub(crate) fn build(code: &Code<'s>) -> Self {
        let mut index = Self::default();
        if code.dialect() == Dialect::Python {
            index.indents = indents(code);
        }
        index.functions = functions(code, &index.indents);
        index.runs = runs(&index.functions);
        for (number, function) in index.functions.iter().enumerate() {
            index
                .by_name
                .entry(code.text(function.name as usize))
                .or_default()
                .push(number as u32);
        }
        for at in 1..code.len() {
            if let Some(assignment) = assignment(code, at) {
                index.add(code, assignment);
            }
            let names = loop_names(code, at);
            for (number, (name, value)) in names.iter().enumerate() {
                index.add(
                    code,
                    Assignment {
                        name: *name as u32,
                        value: *value as u32,
                        operator: Operator::Each {
                            number: number as u8,
                            of: names.len() as u8,
                        },
                        member: false,
                        function: FILE,
                    },
                );
            }
        }
        // The names of a loop stand before the word that says so.
        for assignments in index.names.values_mut().chain(index.lower.values_mut()) {
            assignments.sort_by_key(|assignment| assignment.name);
        }
        index
    }

    fn add(&mut self, code: &Code<'s>, mut assignment: Assignment) {
        let at = assignment.name as usize;
        assignment.function = self.function_at(at);
        if code.dialect() == Dialect::PowerShell {
            // `ForEach-Object {` binds `$_`.
            let name = if code.is(at, "{") { "_" } else { code.name(at) };
            self.lower
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push(assignment);
        } else {
            self.names
                .entry(code.name(at))
                .or_default()
                .push(assignment);
        }
    }

    /// The innermost function around a token, or [`FILE`].
    pub(crate) fn function_at(&self, at: usize) -> u32 {
        let next = self
            .runs
            .partition_point(|(start, _)| *start as usize <= at);
        next.checked_sub(1).map_or(FILE, |run| self.runs[run].1)
    }
}

impl<'s> Code<'s> {
    /// The name that a token stands for: without sigil, braces, scope and quotes.
    pub fn name(&self, at: usize) -> &'s str {
        match self.kind(at) {
            TokenKind::Var => {
                let bare = self.text(at).trim_start_matches(['$', '@']);
                let bare = bare
                    .strip_prefix('{')
                    .and_then(|inner| inner.strip_suffix('}'))
                    .unwrap_or(bare);
                match self.dialect() {
                    Dialect::PowerShell => bare.rsplit(':').next().unwrap_or(bare),
                    // `${name:-default}`, `${name[0]}`, `${name%/}`.
                    Dialect::Shell => bare
                        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .filter(|end| *end > 0)
                        .map_or(bare, |end| &bare[..end]),
                    // `$user->id`.
                    _ => bare.rsplit("->").next().unwrap_or(bare),
                }
            }
            TokenKind::Str => {
                let content = self.content(at);
                content
                    .and_then(|content| {
                        self.source()
                            .get(content.start as usize..content.end as usize)
                    })
                    .unwrap_or_default()
            }
            _ => self.text(at),
        }
    }

    /// What a name is bound to, in the order of the text.
    pub fn assignments(&self, name: &str) -> &[Assignment] {
        let found = if self.dialect() == Dialect::PowerShell {
            self.index.lower.get(&name.to_ascii_lowercase())
        } else {
            self.index.names.get(name)
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// Every name that is bound, with its bindings. The order is not that of the text.
    pub fn all_assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.index
            .names
            .values()
            .chain(self.index.lower.values())
            .flatten()
    }

    /// The binding whose value begins at a token.
    pub fn all_assignments_at(&self, value: usize) -> Option<&Assignment> {
        let name = (0..6).find_map(|back| {
            let at = value.checked_sub(2 + back)?;
            matches!(self.kind(at), TokenKind::Word | TokenKind::Var).then_some(at)
        });
        // Behind a type annotation the name stands further left.
        let from = name?.saturating_sub(8);
        (from..value)
            .rev()
            .filter(|at| matches!(self.kind(*at), TokenKind::Word | TokenKind::Var))
            .find_map(|at| {
                self.assignments(self.name(at))
                    .iter()
                    .find(|assignment| assignment.value as usize == value)
            })
    }

    /// The functions of this name.
    pub fn functions_named(&self, name: &str) -> impl Iterator<Item = &Function> {
        self.index
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .filter_map(|number| self.index.functions.get(*number as usize))
    }

    /// The innermost function around a token.
    pub fn function_of(&self, at: usize) -> Option<&Function> {
        self.index
            .functions
            .get(self.index.function_at(at) as usize)
    }
}

/// The column of each token that begins a line.
pub(crate) fn indents(code: &Code<'_>) -> FxHashMap<u32, u32> {
    let bytes = code.source().as_bytes();
    let mut indents = FxHashMap::default();
    for (at, token) in code.tokens().iter().enumerate() {
        if token.newline {
            let before = &bytes[..token.start as usize];
            let column = before
                .iter()
                .rev()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            indents.insert(at as u32, column as u32);
        }
    }
    indents
}

pub(crate) fn runs(functions: &[Function]) -> Vec<(u32, u32)> {
    let mut runs = Vec::new();
    let mut open: Vec<(u32, u32)> = Vec::new();
    for (number, function) in functions.iter().enumerate() {
        while let Some((end, _)) = open.last().copied() {
            if end > function.start {
                break;
            }
            open.pop();
            runs.push((end, open.last().map_or(FILE, |(_, outer)| *outer)));
        }
        runs.push((function.start, number as u32));
        open.push((function.end, number as u32));
    }
    while let Some((end, _)) = open.pop() {
        runs.push((end, open.last().map_or(FILE, |(_, outer)| *outer)));
    }
    runs.sort_by_key(|(start, _)| *start);
    runs
}

// ---- assignments

/// The assignment whose operator is the token `at`.
pub(crate) fn assignment(code: &Code<'_>, at: usize) -> Option<Assignment> {
    let kind = code.kind(at);
    if kind != TokenKind::Punct {
        return None;
    }
    let value = (at + 1) as u32;
    if value as usize >= code.len() {
        return None;
    }
    // Go's `req, err := f()`: the first name holds what matters.
    let first_of_list = |name: usize| {
        let mut first = name;
        while code.language() == Language::Go
            && first > 1
            && code.is(first - 1, ",")
            && code.kind(first - 2) == TokenKind::Word
            && !code.token(first).newline
        {
            first -= 2;
        }
        first
    };
    let made = |name: usize, operator, member| {
        Some(Assignment {
            name: name as u32,
            value,
            operator,
            member,
            function: FILE,
        })
    };
    let before = at - 1;
    match code.text(at) {
        "=" | ":=" => {
            if code.dialect() == Dialect::Shell && code.token(before).end != code.token(at).start {
                return None;
            }
            let name = first_of_list(target(code, before)?);
            let member = is_member(code, name);
            let inside_call = code
                .up(at)
                .is_some_and(|open| code.text(open) == "(" && !statement_parenthesis(code, open));
            let operator = if inside_call && code.dialect() != Dialect::Shell {
                Operator::Argument
            } else {
                Operator::Assign
            };
            made(name, operator, member)
        }
        "+=" | ".=" => {
            let name = target(code, before)?;
            made(name, Operator::Append, is_member(code, name))
        }
        ":" => {
            let in_brace = code.up(at).is_some_and(|open| code.text(open) == "{");
            let named = matches!(code.kind(before), TokenKind::Word | TokenKind::Str);
            let plain = before == 0
                || code.token(before).newline
                || matches!(code.text(before - 1), "{" | ",");
            (in_brace
                && named
                && plain
                && code.language() != Language::Rust
                && !matches!(
                    code.text(before),
                    "case" | "default" | "public" | "private" | "else"
                ))
            .then(|| made(before, Operator::Property, false))?
        }
        "=>" if code.dialect() == Dialect::Php && code.kind(before) == TokenKind::Str => {
            made(before, Operator::Property, false)
        }
        _ => None,
    }
}

/// `this.url`, `$params["Uri"]`.
pub(crate) fn is_member(code: &Code<'_>, name: usize) -> bool {
    name > 0
        && (code.is_dot(name - 1) || (code.kind(name) == TokenKind::Str && code.is(name - 1, "[")))
}

/// `if (x = f())`, `using (var x = …)`, `for (var i = 0;…)`: an assignment within, not an argument.
pub(crate) fn statement_parenthesis(code: &Code<'_>, open: usize) -> bool {
    open.checked_sub(1).is_some_and(|before| {
        matches!(
            code.text(before),
            "if" | "while"
                | "for"
                | "foreach"
                | "using"
                | "try"
                | "switch"
                | "elseif"
                | "var"
                | "const"
        ) || (code.kind(before) == TokenKind::Punct && code.text(before) != "!")
            || code.token(open).newline
    })
}

/// The name that is assigned to, whose last token is `last`: behind a type annotation the name before it.
pub(crate) fn target(code: &Code<'_>, last: usize) -> Option<usize> {
    match code.kind(last) {
        TokenKind::Var => Some(last),
        TokenKind::Word if !is_keyword(code.text(last)) => {
            // `url: string = `, `let url: &str = `, `def f(url: str = `.
            let mut at = last;
            for _ in 0..8 {
                let Some(before) = at.checked_sub(1).filter(|_| !code.token(at).newline) else {
                    break;
                };
                match code.text(before) {
                    ":" => {
                        let name = before.checked_sub(1)?;
                        let name = if code.is(name, "?") {
                            name.checked_sub(1)?
                        } else {
                            name
                        };
                        // `cond ? a : b = c` is no declaration.
                        return (code.kind(name) == TokenKind::Word).then_some(name);
                    }
                    "." | "&" | "|" | "<" | "?" | "::" if !code.token(before).newline => {
                        at = before
                    }
                    _ if matches!(code.text(at), "." | "&" | "|" | "<" | "::")
                        && code.kind(before) == TokenKind::Word =>
                    {
                        at = before;
                    }
                    _ => break,
                }
            }
            Some(last)
        }
        TokenKind::Close if code.text(last) == "]" => {
            // `headers["x"] = `, `$params['Uri'] = `: the key is the name.
            let open = code.pair(last)?;
            (last == open + 2 && code.kind(open + 1) == TokenKind::Str).then_some(open + 1)
        }
        TokenKind::Str if code.dialect() == Dialect::PowerShell => Some(last),
        _ => None,
    }
}

// ---- functions

pub(crate) fn functions(code: &Code<'_>, indents: &FxHashMap<u32, u32>) -> Vec<Function> {
    let mut found = Vec::new();
    if code.dialect() == Dialect::Python {
        python_functions(code, indents, &mut found);
    } else {
        for at in 0..code.len() {
            if let Some(function) = braced_function(code, at) {
                found.push(function);
            }
        }
    }
    found.sort_by_key(|function| function.start);
    found
}

//! Where functions begin and end, and what their parameters are called.

use crate::index::{Function, target};
use rustc_hash::FxHashMap;

use crate::code::{Code, is_keyword};
use crate::language::{Dialect, Language};
use crate::token::TokenKind;

impl<'s> Code<'s> {
    /// The functions with a name, in the order of the text.
    pub fn functions(&self) -> &[Function] {
        &self.index.functions
    }
}

pub(crate) fn python_functions(
    code: &Code<'_>,
    indents: &FxHashMap<u32, u32>,
    found: &mut Vec<Function>,
) {
    let mut lines: Vec<(u32, u32)> = indents.iter().map(|(at, column)| (*at, *column)).collect();
    lines.sort_unstable();
    // Functions that are still open, with the column of their `def`.
    let mut open: Vec<(u32, usize)> = Vec::new();
    for (at, column) in lines {
        while let Some((outer, number)) = open.last().copied() {
            if outer < column {
                break;
            }
            found[number].end = at;
            open.pop();
        }
        let mut def = at as usize;
        if code.text(def) == "async" {
            def += 1;
        }
        if code.text(def) != "def" || !code.is(def + 2, "(") {
            continue;
        }
        let mut start = code.skip(def + 2);
        while start < code.len() && !code.is(start, ":") && !code.token(start).newline {
            start = code.skip(start);
        }
        open.push((column, found.len()));
        found.push(Function {
            name: (def + 1) as u32,
            parameters: parameters(code, def + 2),
            start: (start + 1).min(code.len()) as u32,
            end: code.len() as u32,
        });
    }
}

/// The function whose parameter list opens at `at`, or, in PowerShell, whose name stands there.
pub(crate) fn braced_function(code: &Code<'_>, at: usize) -> Option<Function> {
    if code.dialect() == Dialect::PowerShell {
        return powershell_function(code, at);
    }
    if !code.is(at, "(") {
        return None;
    }
    let close = code.pair(at)?;
    let before = at.checked_sub(1)?;
    let (name, start, end) = if let Some(name) = arrow_name(code, before, close) {
        let mut start = close + 1;
        while start < code.len() && !code.is(start, "=>") && start < close + 12 {
            start = code.skip(start);
        }
        body(code, name, start + 1)?
    } else if code.kind(before) == TokenKind::Word
        && !is_keyword(code.text(before))
        && !before
            .checked_sub(1)
            .is_some_and(|dot| code.is_dot(dot) || code.text(dot) == "new")
    {
        // Between the parameters and the body: a return type, `throws X`, `where T : …`.
        let mut start = close + 1;
        while start < code.len()
            && start < close + 40
            && !code.is(start, "{")
            && !code.is(start, "=>")
        {
            let kind = code.kind(start);
            let text = code.text(start);
            let typed = matches!(kind, TokenKind::Word)
                || matches!(
                    text,
                    ":" | "<"
                        | ">"
                        | ","
                        | "?"
                        | "."
                        | "["
                        | "]"
                        | "("
                        | ")"
                        | "->"
                        | "*"
                        | "&"
                        | "|"
                        | "::"
                        | "'"
                )
                || kind == TokenKind::Open
                || kind == TokenKind::Close;
            let kotlin = code.language() == Language::Kotlin && text == "=";
            if kotlin {
                break;
            }
            if !typed || code.token(start).newline && matches!(text, ")" | "(") {
                return None;
            }
            start = code.skip(start);
        }
        match code.text(start) {
            "{" => {
                let end = code.pair(start)?;
                (before, start + 1, end)
            }
            "=>" | "=" => body(code, before, start + 1)?,
            _ => return None,
        }
    } else {
        // `function (…) {` and Go's `func(…)` are parts of the function around them, unless they are assigned.
        return None;
    };
    Some(Function {
        name: name as u32,
        parameters: parameters(code, at),
        start: start as u32,
        end: end as u32,
    })
}

/// `name = (…) =>`, `name = async (…) =>`, `name = function (…) {`, `name: async (…) =>`.
pub(crate) fn arrow_name(code: &Code<'_>, before: usize, close: usize) -> Option<usize> {
    let mut at = before;
    let function = code.text(at) == "function";
    while matches!(code.text(at), "async" | "function") {
        at = at.checked_sub(1)?;
    }
    if !matches!(code.text(at), "=" | ":") {
        return None;
    }
    let arrow = function || (close + 1..close + 8).any(|next| code.is(next, "=>"));
    if !arrow {
        return None;
    }
    target(code, at.checked_sub(1)?)
}

pub(crate) fn body(code: &Code<'_>, name: usize, start: usize) -> Option<(usize, usize, usize)> {
    if code.is(start, "{") {
        return Some((name, start + 1, code.pair(start)?));
    }
    (start < code.len()).then(|| (name, start, code.expression_end(start)))
}

pub(crate) fn powershell_function(code: &Code<'_>, at: usize) -> Option<Function> {
    if code.kind(at) != TokenKind::Word
        || !matches!(
            code.text(at).to_ascii_lowercase().as_str(),
            "function" | "filter"
        )
    {
        return None;
    }
    let name = at + 1;
    let mut open = name + 1;
    let mut names = Vec::new();
    if code.is(open, "(") {
        names = parameters(code, open);
        open = code.skip(open);
    }
    // `function global:Get-X {`
    while open < name + 5 && !code.is(open, "{") {
        open += 1;
    }
    if !code.is(open, "{") {
        return None;
    }
    let end = code.pair(open)?;
    let mut at = open + 1;
    while at < end && at < open + 60 {
        if code.text(at).eq_ignore_ascii_case("param") && code.is(at + 1, "(") {
            names = parameters(code, at + 1);
            break;
        }
        at = code.skip(at);
    }
    Some(Function {
        name: name as u32,
        parameters: names,
        start: (open + 1) as u32,
        end: end as u32,
    })
}

pub(crate) fn parameters(code: &Code<'_>, open: usize) -> Vec<u32> {
    code.arguments(open)
        .into_iter()
        .filter_map(|argument| {
            let words = || {
                argument
                    .clone()
                    .filter(|at| code.kind(*at) == TokenKind::Word)
            };
            let name = match code.language() {
                Language::Php => argument.clone().find(|at| code.kind(*at) == TokenKind::Var),
                // `[Parameter(Mandatory = $true)] [string] $Uri`: the variables of attributes are no names.
                Language::PowerShell => {
                    let mut at = argument.start;
                    while at < argument.end && code.kind(at) != TokenKind::Var {
                        at = code.skip(at);
                    }
                    (at < argument.end).then_some(at)
                }
                // `string url`, `CancellationToken token = default`, `final String url`.
                Language::CSharp | Language::Java => {
                    let end = argument
                        .clone()
                        .find(|at| code.is(*at, "="))
                        .unwrap_or(argument.end);
                    (argument.start..end)
                        .rev()
                        .find(|at| code.kind(*at) == TokenKind::Word)
                }
                _ => words().find(|at| {
                    !matches!(
                        code.text(*at),
                        "private"
                            | "public"
                            | "readonly"
                            | "protected"
                            | "mut"
                            | "val"
                            | "var"
                            | "vararg"
                    )
                }),
            }?;
            (!matches!(code.text(name), "self" | "cls")).then_some(name as u32)
        })
        .collect()
}

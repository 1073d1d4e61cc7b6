//! Names that stand for each element of a collection: loops over lists and tables, and functions given to `map`.

use crate::code::Code;
use crate::language::{Dialect, Language};
use crate::token::TokenKind;

/// How far a loop's head reaches from its keyword to its names.
const HEAD: usize = 14;

/// Names that a loop binds: the token of each name, and the first token of what is looped over.
pub(crate) fn loop_names(code: &Code<'_>, at: usize) -> Vec<(usize, usize)> {
    let text = code.text(at);
    match code.kind(at) {
        TokenKind::Word => match text {
            "in" | "of" => with(head_names(code, at), at + 1),
            "as" if code.dialect() == Dialect::Php => php_names(code, at),
            "range" if code.language() == Language::Go => match at.checked_sub(1) {
                Some(before) if matches!(code.text(before), ":=" | "=") => {
                    with(head_names(code, before), at + 1)
                }
                _ => Vec::new(),
            },
            _ if code.dialect() == Dialect::PowerShell
                && (text.eq_ignore_ascii_case("foreach-object")
                    || text.eq_ignore_ascii_case("foreach")) =>
            {
                piped_name(code, at)
            }
            _ => Vec::new(),
        },
        TokenKind::Punct => match text {
            ":" if code.language() == Language::Java => with(head_names(code, at), at + 1),
            "%" if code.dialect() == Dialect::PowerShell => piped_name(code, at),
            "=>" if code.language() == Language::JavaScript => callback_name(code, at),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn with(names: Vec<usize>, value: usize) -> Vec<(usize, usize)> {
    names.into_iter().map(|name| (name, value)).collect()
}

/// The names before `in`: `for x in`, `foreach (var x in`, `for (const [key, value] of`.
fn head_names(code: &Code<'_>, keyword: usize) -> Vec<usize> {
    let mut names = Vec::new();
    let mut complete = false;
    for at in (keyword.saturating_sub(HEAD)..keyword).rev() {
        let text = code.text(at);
        match code.kind(at) {
            TokenKind::Word | TokenKind::Var => {
                if matches!(text.to_ascii_lowercase().as_str(), "for" | "foreach") {
                    names.reverse();
                    return names;
                }
                if matches!(text, "const" | "let" | "var" | "final" | "mut" | "await") {
                    complete = true;
                }
                if !complete {
                    names.push(at);
                }
                // What stands before a name without a comma is its type.
                complete |= !matches!(code.text(at.wrapping_sub(1)), "," | "(" | "[");
            }
            _ if matches!(
                text,
                "," | "(" | ")" | "[" | "]" | "<" | ">" | "." | "?" | "&"
            ) => {}
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// `foreach ($paths as $name => $path)`.
fn php_names(code: &Code<'_>, keyword: usize) -> Vec<(usize, usize)> {
    let Some(open) = code.up(keyword).filter(|open| {
        open.checked_sub(1)
            .is_some_and(|before| code.text(before).eq_ignore_ascii_case("foreach"))
    }) else {
        return Vec::new();
    };
    let close = code.pair(open).unwrap_or(keyword);
    let names = (keyword + 1..close.min(keyword + HEAD))
        .filter(|at| code.kind(*at) == TokenKind::Var)
        .collect();
    with(names, open + 1)
}

/// `$uris | ForEach-Object { … $_ … }`.
fn piped_name(code: &Code<'_>, command: usize) -> Vec<(usize, usize)> {
    let block = (command + 1..command + 4).find(|at| code.is(*at, "{"));
    let (Some(block), Some(pipe)) = (block, command.checked_sub(1)) else {
        return Vec::new();
    };
    if !code.is(pipe, "|") {
        return Vec::new();
    }
    // The begin of the pipeline, as far as it is one value.
    let mut start = pipe;
    for _ in 0..HEAD {
        let Some(before) = code.skip_back(start) else {
            start = 0;
            break;
        };
        let parts = matches!(
            code.text(before),
            "|" | ";" | "=" | "{" | "(" | "}" | "return"
        ) && !matches!(code.kind(before), TokenKind::Str);
        if parts || (code.token(start).newline && start != pipe) {
            break;
        }
        start = before;
        if matches!(code.kind(before), TokenKind::Close) {
            start = code.pair(before).unwrap_or(before);
            if start > 0 && code.is(start - 1, "@") {
                start -= 1;
            }
        }
    }
    if start < pipe {
        vec![(block, start)]
    } else {
        Vec::new()
    }
}

/// `paths.map(async (path) => …)`, `paths.forEach(path => …)`.
fn callback_name(code: &Code<'_>, arrow: usize) -> Vec<(usize, usize)> {
    let Some(before) = arrow.checked_sub(1) else {
        return Vec::new();
    };
    let (name, first) = if code.is(before, ")") {
        let Some(open) = code.pair(before) else {
            return Vec::new();
        };
        (open + 1, open)
    } else {
        (before, before)
    };
    if code.kind(name) != TokenKind::Word {
        return Vec::new();
    }
    let Some(mut open) = first.checked_sub(1) else {
        return Vec::new();
    };
    if code.text(open) == "async" && open > 0 {
        open -= 1;
    }
    let Some(method) = open.checked_sub(1).filter(|_| code.is(open, "(")) else {
        return Vec::new();
    };
    if !matches!(
        code.text(method),
        "map" | "forEach" | "flatMap" | "filter" | "reduce" | "each" | "mapSeries"
    ) || !method.checked_sub(1).is_some_and(|dot| code.is_dot(dot))
    {
        return Vec::new();
    }
    let start = code.chain_start(method);
    if start + 1 < method {
        vec![(name, start)]
    } else {
        Vec::new()
    }
}

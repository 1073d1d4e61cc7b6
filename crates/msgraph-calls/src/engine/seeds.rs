//! Which literals and names can be addresses, and the whole expression around each.

use std::ops::Range;

use rustc_hash::FxHashSet;
use source_lex::{Operator, TokenKind};

use super::Scan;
use super::names::contains;

impl Scan<'_, '_> {
    pub(super) fn looks_like_address(&self, at: usize) -> bool {
        let Some(text) = self.code.string(at) else {
            return false;
        };
        if !text.contains('/') {
            // `.api("me")`, `get("users")`.
            return !text.is_empty()
                && text.len() < 40
                && self.api.is_root(text.split('?').next().unwrap_or(&text));
        }
        is_address_text(&text)
    }

    pub(super) fn string_looks_like_address(&self, at: usize) -> bool {
        let end = self.code.pair(at).unwrap_or(at);
        let first = at + 1;
        let begins_with_hole =
            matches!(self.code.kind(first), TokenKind::HoleOpen | TokenKind::Var);
        let slash = (first..end)
            .any(|at| self.code.kind(at) == TokenKind::StrText && self.code.text(at).contains('/'));
        let graph = begins_with_hole && contains(self.slice(first..(first + 6).min(end)), "graph");
        if !slash && !graph {
            return false;
        }
        match self.code.kind(first) {
            TokenKind::StrText => {
                is_address_text(self.code.text(first)) || self.code.text(first).ends_with("://")
            }
            _ => true,
        }
    }

    /// Whether a name is read here, not set or declared.
    pub(super) fn is_use(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.text(at + 1);
        if code.kind(at + 1) == TokenKind::Punct
            && matches!(next, "=" | ":=" | "+=" | ".=" | ":" | "=>")
        {
            // `url: value` is a key, `f(url=url)` has the name twice.
            return false;
        }
        if code.is(at + 1, "(") {
            return code
                .functions_named(code.name(at))
                .next()
                .is_some_and(|function| function.name as usize != at);
        }
        !code.is_dot(at + 1)
            || !code.is(at + 3, "(")
            || matches!(
                code.text(at + 2),
                "format"
                    | "replace"
                    | "rstrip"
                    | "toString"
                    | "trim"
                    | "concat"
                    | "append"
                    | "Replace"
                    | "TrimEnd"
                    | "to_string"
                    | "as_str"
                    | "clone"
                    | "openConnection"
                    | "String"
                    | "ToString"
                    | "toURI"
                    | "openStream"
                    | "readText"
            )
    }

    /// The names that hold addresses or their begin, functions included.
    pub(super) fn address_names(&self) -> FxHashSet<String> {
        let code = self.code;
        let mut names: FxHashSet<String> = FxHashSet::default();
        // The second and third turn follow names that are made of names.
        for turn in 0..3 {
            let mut found = Vec::new();
            for assignment in code.all_assignments() {
                let name = code.name(assignment.name as usize);
                if names.contains(name) || assignment.operator == Operator::Argument {
                    continue;
                }
                let start = assignment.value as usize;
                let end = code.expression_end(start).min(start + 60);
                if self.holds_address(start..end, &names, turn == 0) {
                    found.push(name.to_owned());
                }
            }
            for function in code.functions() {
                let name = code.text(function.name as usize);
                let (start, end) = (function.start as usize, function.end as usize);
                if names.contains(name) || end.saturating_sub(start) > 200 {
                    continue;
                }
                let returns = (start..end)
                    .filter(|at| code.text(*at) == "return")
                    .map(|at| at + 1);
                let arrow = code.is(start.wrapping_sub(1), "=>").then_some(start);
                let gives = returns.chain(arrow).any(|at| {
                    let end = code.expression_end(at).min(at + 30);
                    self.holds_address(at..end, &names, turn == 0) && !self.sends(at..end)
                });
                if gives {
                    found.push(name.to_owned());
                }
            }
            if found.is_empty() {
                break;
            }
            names.extend(found);
        }
        names
    }

    pub(super) fn holds_address(
        &self,
        range: Range<usize>,
        names: &FxHashSet<String>,
        literals: bool,
    ) -> bool {
        let code = self.code;
        range.clone().any(|at| match code.kind(at) {
            TokenKind::Str => {
                literals
                    && code.string(at).is_some_and(|text| {
                        (text.contains('/') && is_address_text(&text))
                            // `url.URL{Host: "graph.microsoft.com"}`.
                            || text.starts_with("graph.microsoft.")
                    })
            }
            TokenKind::StrOpen => literals && self.string_looks_like_address(at),
            TokenKind::Word | TokenKind::Var => {
                !literals
                    && names.contains(code.name(at))
                    && (at + 1 >= range.end || !code.is(at + 1, "("))
            }
            _ => false,
        })
    }

    /// Whether an expression sends: `return fetch("…")` gives back no address.
    pub(super) fn sends(&self, range: Range<usize>) -> bool {
        range.clone().any(|at| {
            self.code.is(at + 1, "(")
                && self.code.kind(at) == TokenKind::Word
                && (super::verbs::in_name(self.code.text(at)).is_some()
                    || super::words::is_default_get(self.code.text(at))
                    || self.code.text(at) == "api")
        })
    }

    /// The expression around a token, and around the calls that only put strings together.
    pub(super) fn grown(&self, at: usize) -> Range<usize> {
        let mut region = self.region(at);
        for _ in 0..6 {
            let Some(open) = self.code.up(region.start) else {
                break;
            };
            match self.code.text(open) {
                "(" => {
                    let Some(name) = self.callee(open) else {
                        let outer = self.region(open);
                        if outer.len() > 200 {
                            break;
                        }
                        region = outer;
                        continue;
                    };
                    if !is_string_function(self.code.text(name)) && !self.is_own_builder(name) {
                        break;
                    }
                    let first = self.code.chain_start(name);
                    let outer = self.region(first);
                    // Settings with a base address as default stay as they are.
                    if outer.start > region.start {
                        break;
                    }
                    region = outer;
                }
                "${" | "{" if self.code.kind(open) == TokenKind::HoleOpen => {
                    let Some(string) = self.code.up(open) else {
                        break;
                    };
                    region = self.region(string);
                }
                _ => break,
            }
        }
        region
    }

    /// A function of the text that gives back an address.
    pub(super) fn is_own_builder(&self, name: usize) -> bool {
        let code = self.code;
        code.functions_named(code.text(name))
            .next()
            .is_some_and(|function| {
                let (start, end) = (function.start as usize, function.end as usize);
                end.saturating_sub(start) < 60
                    && (start..end).any(|at| {
                        code.text(at) == "return"
                            && !self.sends(at..code.expression_end(at + 1))
                            && matches!(code.kind(at + 1), TokenKind::Str | TokenKind::StrOpen)
                    })
            })
    }
}

/// Whether a literal can be an address, or the begin of one.
pub(super) fn is_address_text(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or(text).trim_end();
    let path = path.strip_prefix("https://").unwrap_or(path);
    text.len() < 2000
        && !path.starts_with("//")
        && !path.contains(|c: char| {
            c == '<' || c == '\n' || c == '`' || c == '*' || c == '\\' || c == ','
        })
        && !path.trim_start().contains(' ')
}

/// Functions that put strings together.
pub(super) fn is_string_function(name: &str) -> bool {
    matches!(
        name,
        "format"
            | "Format"
            | "sprintf"
            | "Sprintf"
            | "Uri"
            | "URI"
            | "URL"
            | "create"
            | "parse"
            | "Parse"
            | "urljoin"
            | "join"
            | "JoinPath"
            | "Combine"
            | "String"
            | "str"
            | "string"
            | "fromUriString"
            | "fromHttpUrl"
            | "Ptr"
            | "encodeURI"
            | "EscapeUriString"
            | "concat"
            | "Concat"
            | "formatted"
            | "from"
            | "requestUri"
            | "HttpUrl"
            | "toString"
            | "rtrim"
            | "trim"
            | "TrimEnd"
            | "rstrip"
            | "parse_url"
            | "parseUrl"
            | "getattr"
            | "Some"
    )
}

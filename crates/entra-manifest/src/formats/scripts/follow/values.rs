//! The values of an expression of PowerShell.

use std::ops::Range;

use source_lex::TokenKind;

use super::*;

impl Reader<'_, '_> {
    /// Literals within tokens of PowerShell.
    pub(in super::super) fn reach(
        &self,
        range: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let code = self.code;
        let mut at = range.start;
        while at < range.end.min(code.len()) {
            if depth > MOST_DEPTH || !self.spend(1) {
                return;
            }
            match code.kind(at) {
                TokenKind::Str => self.words_of_string(at, out),
                TokenKind::StrOpen => self.reach_string(at, way, depth, out),
                TokenKind::Open => match code.text(at) {
                    "(" | "$(" | "@(" => {
                        let end = code.pair(at).unwrap_or(range.end);
                        self.reach(at + 1..end, way, depth + 1, out);
                    }
                    "{" | "@{" if code.text(at) == "@{" || (at > 0 && code.is(at - 1, "@")) => {
                        out.tables.push(at)
                    }
                    "[" => {
                        let end = code.pair(at).unwrap_or(at);
                        if code.is(end + 1, "::") {
                            if code.text(end + 2).eq_ignore_ascii_case("new")
                                && !self.is_collection(at..end)
                            {
                                // `[ResourceAccess]::new(…)`
                                out.objects.push(at);
                                return;
                            }
                            // `[List[string]]::new(…)`, `[uri]::EscapeDataString($scopes)`: what its arguments hold.
                            if code.is(end + 3, "(") {
                                let close = code.pair(end + 3).unwrap_or(end + 3);
                                self.reach(end + 4..close, way, depth + 1, out);
                            }
                            at = code.skip(end + 3).max(end + 3);
                            continue;
                        }
                        // Other types are casts.
                    }
                    // A script block is no value.
                    _ => {}
                },
                TokenKind::Var => {
                    at = self.reach_variable(at, range.end, way, depth, out);
                    continue;
                }
                TokenKind::Word => {
                    let text = code.text(at);
                    let lower = text.to_ascii_lowercase();
                    if lower == "new-object" {
                        out.objects.push(at);
                        return;
                    }
                    if at > 0
                        && code.is_dot(at - 1)
                        && code.token(at - 1).start == code.token(at - 2).end
                    {
                        // `(Get-Content x).Trim()`: a member's name is no value.
                        at = code.skip(at + 1).max(at + 1);
                        continue;
                    }
                    if matches!(lower.as_str(), "if" | "switch" | "foreach" | "try") {
                        self.reach_blocks(at, range.end, way, depth, out);
                        return;
                    }
                    if matches!(lower.as_str(), "-join" | "-split" | "-replace" | "-f") {
                        at = code.skip(at + 1).max(at + 2);
                        // `-replace 'a', 'b'`
                        while code.is(at, ",") && at < range.end {
                            at = code.skip(at + 1).max(at + 2);
                        }
                        continue;
                    }
                    // What a function of the file gives back.
                    let function = self.function_named(text);
                    if let Some(function) = function {
                        let (start, end) = (function.start as usize, function.end as usize);
                        let mut longer = way.to_vec();
                        longer.push((function.name as usize, at));
                        self.returned(start..end, &longer, depth + 1, out);
                        return;
                    }
                    if text.starts_with('-') {
                        at += 1;
                        continue;
                    }
                    if text.contains('-') && self.begins_command(at) {
                        if self.linked_function(text, depth + 1, out) {
                            return;
                        }
                        // What a command answers is not known, nor are its arguments values.
                        self.unknown(
                            at,
                            out,
                            Unresolved::Unknown(format!("comes from `{text}`").into()),
                        );
                        return;
                    }
                    at = self.bare_word(at, range.end, out);
                    continue;
                }
                TokenKind::Punct if code.is(at, "|") => return,
                _ => {}
            }
            at = code.skip(at).max(at + 1);
        }
    }

    /// Whether a type is a list or a set: `System.Collections.Generic.List[string]`.
    fn is_collection(&self, range: Range<usize>) -> bool {
        range.into_iter().any(|at| {
            matches!(
                self.code.text(at).to_ascii_lowercase().as_str(),
                "list" | "hashset" | "arraylist" | "collections"
            ) || self
                .code
                .text(at)
                .to_ascii_lowercase()
                .contains("collections.")
        })
    }

    /// What the blocks of a statement give: `if (…) { 'a' } else { 'b' }`, `switch ($x) { 1 { 'a' } default { 'b' } }`.
    fn reach_blocks(
        &self,
        start: usize,
        end: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let code = self.code;
        let switch = code.text(start).eq_ignore_ascii_case("switch");
        let mut at = start;
        while at < code.len() && self.spend(1) {
            let word = code.text(at).to_ascii_lowercase();
            match code.kind(at) {
                TokenKind::Open if code.text(at) == "{" => {
                    let close = code.pair(at).unwrap_or(at);
                    if switch {
                        self.reach_cases(at + 1..close, way, depth + 1, out);
                    } else {
                        self.reach_statements(at + 1..close, way, depth + 1, out);
                    }
                }
                TokenKind::Open => {}
                TokenKind::Word
                    if matches!(
                        word.as_str(),
                        "if" | "elseif"
                            | "else"
                            | "switch"
                            | "foreach"
                            | "try"
                            | "catch"
                            | "finally"
                    ) => {}
                _ if at >= end => return,
                _ => {}
            }
            let next = code.skip(at).max(at + 1);
            // Behind a block the statement goes on only with its own words.
            let goes_on = matches!(
                code.text(next).to_ascii_lowercase().as_str(),
                "else" | "elseif" | "catch" | "finally"
            );
            if code.text(at) == "{" && !goes_on {
                return;
            }
            at = next;
        }
    }

    fn reach_cases(
        &self,
        body: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let mut at = body.start;
        while at < body.end && self.spend(1) {
            if self.code.text(at) == "{" {
                let close = self.code.pair(at).unwrap_or(at);
                self.reach_statements(at + 1..close, way, depth, out);
            }
            at = self.code.skip(at).max(at + 1);
        }
    }

    /// The values of those statements of a block that are values: no assignments, no commands.
    fn reach_statements(
        &self,
        body: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let code = self.code;
        let mut at = body.start;
        while at < body.end && self.spend(1) {
            let end = self.statement_end(at).clamp(at + 1, body.end.max(at + 1));
            let assigns = (at..end.min(at + 8)).any(|token| {
                code.up(token) == code.up(at) && matches!(code.text(token), "=" | "+=")
            });
            let commands = code.kind(at) == TokenKind::Word
                && (code.text(at).contains('-') || code.text(at).eq_ignore_ascii_case("return"))
                && self.function_named(code.text(at)).is_none();
            if !assigns && !commands {
                self.reach(at..end, way, depth, out);
            }
            at = end;
            while code.is(at, ";") {
                at += 1;
            }
        }
    }

    /// What a function gives back: the values of its `return` statements, or its last statement.
    pub(in super::super) fn returned(
        &self,
        body: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let returns: Vec<usize> = body
            .clone()
            .filter(|&at| self.code.text(at).eq_ignore_ascii_case("return"))
            .collect();
        if !self.spend(body.len()) {
            return;
        }
        if returns.is_empty() {
            // A short function is its value.
            if body.len() <= 200 {
                let mut values = Reached::default();
                self.reach_statements(body, way, depth, &mut values);
                out.append(values);
            }
            return;
        }
        for at in returns {
            let end = self.code.expression_end(at + 1);
            self.reach(at + 1..end.min(body.end), way, depth, out);
        }
    }

    /// A word without quotes: `Directory.Read.All`.
    pub(in super::super) fn bare_word(&self, at: usize, end: usize, out: &mut Reached) -> usize {
        let code = self.code;
        let mut last = at;
        while last + 1 < end
            && code.token(last + 1).start == code.token(last).end
            && (matches!(code.kind(last + 1), TokenKind::Word | TokenKind::Number)
                || code.is(last + 1, "."))
        {
            last += 1;
        }
        let (start, stop) = (code.token(at).start, code.token(last).end);
        let text = &self.text[start as usize..stop as usize];
        out.literals.push(Declared::literal(text, start, stop));
        last + 1
    }
}

//! Which assignments reach a place, and where an expression ends.

use crate::code::Code;
use crate::index::{Assignment, FILE, Operator};
use crate::language::{Dialect, Language};
use crate::token::TokenKind;

/// How many assignments are looked at for one use of a name. A name with more is not a constant; the bound keeps a file of
/// ten thousand assignments to one name linear.
const CANDIDATES: usize = 24;

impl<'s> Code<'s> {
    /// The assignments that can have given a name the value it has at `at`, nearest first. Those of the same function
    /// count up to the first that is sure to run; without one, those around the function and members set elsewhere.
    pub fn reaching(&self, name: &str, at: usize, member: bool) -> Vec<Assignment> {
        let all = self.assignments(name);
        let function = self.index.function_at(at);
        let before = all.partition_point(|assignment| (assignment.name as usize) < at);
        let mut found = Vec::new();
        let mut sure = false;
        for assignment in all[..before].iter().rev().take(CANDIDATES) {
            self.spend(1);
            if assignment.function != function || assignment.operator == Operator::Argument {
                // The default of a parameter of this function is one of its values.
                if assignment.operator == Operator::Argument
                    && !member
                    && self.is_default(assignment, function)
                {
                    found.push(*assignment);
                    sure = true;
                    break;
                }
                continue;
            }
            // The value of an assignment does not use the assignment itself.
            let each = matches!(assignment.operator, Operator::Each { .. });
            if !each
                && (assignment.value as usize) <= at
                && at < self.expression_end(assignment.value as usize)
            {
                continue;
            }
            // A key of an object literal is no variable of this scope.
            if assignment.operator == Operator::Property && !member {
                continue;
            }
            found.push(*assignment);
            if assignment.operator != Operator::Append && self.is_sure(assignment, at) {
                sure = true;
                break;
            }
        }
        if sure {
            return found;
        }
        // A local name that is set somewhere in the function is not that of the file, except after a conditional `+=`.
        let appended = found
            .iter()
            .all(|assignment| assignment.operator == Operator::Append);
        if !found.is_empty() && !appended {
            return found;
        }
        if !member && self.is_parameter(name, at) {
            return found;
        }
        let mut outer = Vec::new();
        for assignment in all[..before]
            .iter()
            .rev()
            .chain(&all[before..])
            .take(CANDIDATES)
        {
            self.spend(1);
            let visible = match assignment.operator {
                Operator::Argument => false,
                Operator::Append => false,
                Operator::Property => {
                    member || self.language() == Language::JavaScript && assignment.function == FILE
                }
                Operator::Assign | Operator::Each { .. } => {
                    assignment.function == FILE
                        || assignment.member
                        || self.encloses(assignment.function, function)
                }
            };
            if visible && assignment.function != function {
                outer.push(*assignment);
                if outer.len() == 4 {
                    break;
                }
            } else if visible && assignment.name as usize > at && (member || function == FILE) {
                // A field or constant that is declared further down.
                outer.push(*assignment);
            }
        }
        if function == FILE && !member {
            outer.retain(|assignment| {
                (assignment.name as usize) < at || self.language() != Language::Python
            });
        }
        // Of constants of the file the last before the use counts.
        if !member
            && outer.len() > 1
            && outer
                .iter()
                .all(|assignment| assignment.function == FILE && !assignment.member)
        {
            outer.truncate(1);
        }
        found.extend(outer);
        found
    }

    /// Whether the name is a parameter of a function around a place.
    pub fn is_parameter(&self, name: &str, at: usize) -> bool {
        self.function_of(at).is_some_and(|function| {
            function.parameters.iter().any(|parameter| {
                let own = self.name(*parameter as usize);
                own == name
                    || (self.dialect() == Dialect::PowerShell && own.eq_ignore_ascii_case(name))
            })
        })
    }

    fn is_default(&self, assignment: &Assignment, function: u32) -> bool {
        self.index
            .functions
            .get(function as usize)
            .is_some_and(|function| function.parameters.contains(&assignment.name))
    }

    fn encloses(&self, outer: u32, inner: u32) -> bool {
        let (Some(outer), Some(inner)) = (
            self.index.functions.get(outer as usize),
            self.index.functions.get(inner as usize),
        ) else {
            return false;
        };
        outer.start <= inner.start && inner.end <= outer.end
    }

    /// Whether an assignment is sure to have run when a later place of the same function runs: its block encloses the
    /// place.
    pub(crate) fn is_sure(&self, assignment: &Assignment, at: usize) -> bool {
        if self.dialect() == Dialect::Python {
            return self.indent(assignment.name as usize) <= self.indent(at);
        }
        if self.dialect() == Dialect::Shell {
            return self.is_sure_in_shell(assignment.name as usize, at);
        }
        let block = self.block(assignment.name as usize);
        match block {
            None => true,
            Some(open) => open < at && self.pair(open).is_some_and(|close| at < close),
        }
    }

    /// Whether no `if`, loop or `case` around `from` ends, or goes on with another branch, before `at`.
    fn is_sure_in_shell(&self, from: usize, at: usize) -> bool {
        // What is set so far above is set at the top of the script.
        const FAR: usize = 4_000;
        let mut depth = 0_usize;
        for between in from..at.min(from + FAR) {
            self.spend(1);
            let begins = self.token(between).newline
                || between.checked_sub(1).is_some_and(|before| {
                    matches!(
                        self.text(before),
                        ";" | "&&" | "||" | "then" | "do" | "else"
                    )
                });
            if self.kind(between) != TokenKind::Word || !begins {
                continue;
            }
            match self.text(between) {
                "if" | "for" | "while" | "until" | "case" | "select" => depth += 1,
                "fi" | "done" | "esac" => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => return false,
                },
                "else" | "elif" if depth == 0 => return false,
                _ => {}
            }
        }
        true
    }

    /// The braces around a place.
    fn block(&self, at: usize) -> Option<usize> {
        let mut up = self.up(at);
        // Nesting is bounded in real code; deeper, the outermost seen is as good.
        for _ in 0..64 {
            let open = up?;
            if self.text(open) == "{" {
                return Some(open);
            }
            up = self.up(open);
        }
        up
    }

    fn indent(&self, at: usize) -> u32 {
        let mut at = at;
        // Lines of thousands of tokens are data, not blocks.
        for _ in 0..400 {
            if let Some(column) = self.index.indents.get(&(at as u32)) {
                return *column;
            }
            match at.checked_sub(1) {
                Some(before) => at = before,
                None => return 0,
            }
        }
        0
    }

    /// The token after the expression that begins at `start`: where a statement, an argument or a bracket ends.
    pub fn expression_end(&self, start: usize) -> usize {
        let mut at = start;
        // Longer values are data, not constants.
        let limit = start.saturating_add(400);
        while at < self.len() && at < limit {
            self.spend(1);
            let token = self.token(at);
            match token.kind {
                TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose => return at,
                TokenKind::Punct if self.text(at) == ";" => return at,
                // The operands of PowerShell's `-f` are a list.
                TokenKind::Punct
                    if self.text(at) == "," && self.dialect() != Dialect::PowerShell =>
                {
                    return at;
                }
                TokenKind::Punct
                    if self.text(at) == "|"
                        && matches!(self.dialect(), Dialect::PowerShell | Dialect::Shell) =>
                {
                    return at;
                }
                TokenKind::Outside => return at,
                _ => {}
            }
            if token.newline && at > start && !self.continues(at) {
                return at;
            }
            at = self.skip(at);
        }
        at
    }

    /// Whether a line that begins at `at` goes on with the statement before it. `at` is not the first token.
    pub fn continues(&self, at: usize) -> bool {
        if matches!(self.dialect(), Dialect::Shell) {
            return false;
        }
        let before = at - 1;
        let text = self.text(at);
        let operator = |at: usize| {
            self.kind(at) == TokenKind::Punct
                && !matches!(
                    self.text(at),
                    ";" | "++" | "--" | "!" | "@" | "#" | "<" | "/"
                )
        };
        match self.dialect() {
            Dialect::Python => false,
            Dialect::PowerShell => {
                operator(before)
                    || matches!(text, "." | "::")
                    || self.text(before).starts_with('-') && self.kind(before) == TokenKind::Word
            }
            // A line end means nothing.
            Dialect::Php => true,
            _ if matches!(
                self.language(),
                Language::CSharp | Language::Java | Language::Rust
            ) =>
            {
                true
            }
            _ => {
                operator(before)
                    || matches!(
                        text,
                        "." | "?." | "?" | ":" | "+" | "&&" | "||" | "??" | "->" | "=" | "?:"
                    )
            }
        }
    }
}

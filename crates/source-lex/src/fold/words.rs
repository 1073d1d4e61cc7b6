//! Folding the words of commands in shells: literal text, strings and variables that stand together.

use std::ops::Range;

use crate::code::Code;
use crate::fold::{DEPTH, product};
use crate::language::Dialect;
use crate::token::TokenKind;
use crate::value::Value;

impl<'s> Code<'s> {
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

    /// The default of `${NAME:-default}`.
    pub(crate) fn shell_default(&self, at: usize) -> Option<&'s str> {
        if self.dialect() != Dialect::Shell {
            return None;
        }
        let inner = self.text(at).strip_prefix("${")?.strip_suffix('}')?;
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once(":="))?;
        Some(default.trim_matches('"'))
    }
}

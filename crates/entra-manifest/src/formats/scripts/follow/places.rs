//! Where a statement or pipeline begins and ends, and what a loop runs over.

use std::ops::Range;

use source_lex::TokenKind;

use super::*;

impl Reader<'_, '_> {
    /// `foreach ($name in …)` around a place: what is looped over.
    pub(in super::super) fn loop_over(&self, at: usize, name: &str) -> Option<Range<usize>> {
        let code = self.code;
        let mut inner = at;
        while let Some(up) = code.up(inner) {
            if code.text(up) == "{" && up > 0 && code.is(up - 1, ")") {
                let open = code.pair(up - 1)?;
                let is_loop = open > 0 && code.text(open - 1).eq_ignore_ascii_case("foreach");
                if is_loop
                    && code.name(open + 1).eq_ignore_ascii_case(name)
                    && code.text(open + 2).eq_ignore_ascii_case("in")
                {
                    return Some(open + 3..up - 1);
                }
            }
            inner = up;
        }
        None
    }

    /// What is piped into the script block around a place.
    pub(in super::super) fn piped(&self, at: usize) -> Option<Range<usize>> {
        let code = self.code;
        let mut inner = at;
        while let Some(up) = code.up(inner) {
            if code.text(up) == "{" {
                // `… | ForEach-Object {`, `… | Where-Object -FilterScript {`, `$list.ForEach({`
                let mut word = up.checked_sub(1)?;
                if code.text(word).starts_with('-') {
                    word = word.checked_sub(1)?;
                }
                if let Some(bar) = word.checked_sub(1).filter(|bar| code.is(*bar, "|")) {
                    return Some(self.statement_start(bar)..bar);
                }
                if code.is(word, "(") && word >= 3 && code.is_dot(word - 2) {
                    return Some(code.chain_start(word - 3)..word - 2);
                }
            }
            inner = up;
        }
        None
    }

    /// The first token of the pipeline element or statement that ends before `at`, on its own level.
    pub(in super::super) fn statement_start(&self, at: usize) -> usize {
        let code = self.code;
        let mut start = at;
        while let Some(before) = start.checked_sub(1) {
            let opens = matches!(code.kind(before), TokenKind::Open | TokenKind::HoleOpen);
            let ends = code.kind(before) == TokenKind::Punct
                && matches!(code.text(before), ";" | "=" | "+=");
            let joined = matches!(code.text(before), "," | "|");
            if opens
                || ends
                || (start < at && code.token(start).newline && !joined)
                || !self.spend(1)
            {
                break;
            }
            start = code
                .skip_back(before)
                .map_or(0, |earlier| earlier + 1)
                .min(before);
        }
        start
    }

    /// The first token of the pipeline whose last command begins at `at`.
    pub(in super::super) fn pipeline_start(&self, at: usize) -> usize {
        let mut start = at;
        while start >= 1 && self.code.is(start - 1, "|") && self.spend(1) {
            let before = start - 1;
            let earlier = self.statement_start(before);
            if earlier >= before {
                break;
            }
            start = earlier;
        }
        start
    }

    /// The token after the statement that begins at `start`, its pipeline included.
    pub(in super::super) fn statement_end(&self, start: usize) -> usize {
        let mut end = self.code.expression_end(start);
        while self.code.is(end, "|") && self.spend(1) {
            end = self.code.expression_end(end + 1);
        }
        end
    }
}

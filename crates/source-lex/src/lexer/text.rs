//! Strings as the lexer meets them: which rule opens one, the pieces of one with holes, and its end.

use crate::language::{Shape, StringRule};
use crate::strings::{Close, Event};
use crate::token::TokenKind;

use super::{Lexer, Mode};

impl Lexer<'_> {
    pub(crate) fn string_is_single_line(&self) -> bool {
        matches!(
            self.modes.iter().rev().nth(1),
            Some(Mode::Text { rule, .. }) if !rule.multiline
        )
    }

    /// Reads a string that begins here, or its first piece. `false`: none begins here.
    pub(crate) fn string(&mut self) -> bool {
        let first = self.bytes[self.at];
        if first.is_ascii_alphabetic() {
            // The letters of a prefix are few: look for the quote before any rule.
            let quote = self
                .rest()
                .iter()
                .take(3)
                .position(|byte| matches!(byte, b'"' | b'\'' | b'#'));
            if quote.is_none() {
                return false;
            }
        }
        for rule in self.table.strings {
            for prefix in rule.prefixes {
                let rest = self.rest();
                if !rest.starts_with(prefix.as_bytes())
                    || !rest[prefix.len()..].starts_with(rule.open.as_bytes())
                {
                    continue;
                }
                if let Some(done) = self.string_by(rule, prefix.len()) {
                    return done;
                }
            }
        }
        false
    }

    /// `None`: the rule does not fit after all.
    pub(crate) fn string_by(&mut self, rule: &'static StringRule, prefix: usize) -> Option<bool> {
        let start = self.at;
        let (content, close) = self.opening(rule, prefix)?;
        if rule.shape == Shape::Char {
            let end = self.character(content)?;
            self.push_text(TokenKind::Str, start, end, (content, end - 1), rule);
            self.at = end;
            return Some(true);
        }
        let lonely = match rule.open {
            "\"" => 0,
            "'" => 1,
            _ => 2,
        };
        if lonely < 2
            && !rule.multiline
            && (self.lonely[lonely].0..self.lonely[lonely].1).contains(&start)
        {
            return None;
        }
        match self.event(rule, &close, content) {
            Event::End {
                content: end,
                after,
            } => {
                self.push_text(TokenKind::Str, start, after, (content, end), rule);
                self.at = after;
            }
            Event::LineEnd(end) => {
                // An apostrophe in JSX or a quote in a broken line is a sign of its own.
                self.lonely[lonely] = (start, end);
                return None;
            }
            Event::TextEnd => {
                let end = self.bytes.len();
                self.push_text(TokenKind::Str, start, end, (content, end), rule);
                self.at = end;
            }
            Event::Hole(_) => {
                let open = self.push(TokenKind::StrOpen, start, content);
                self.at = content;
                self.modes.push(Mode::Text { rule, close, open });
            }
        }
        Some(true)
    }

    /// The next piece of a string with holes.
    pub(crate) fn text_piece(&mut self) {
        let Some(Mode::Text { rule, close, .. }) = self.modes.last() else {
            return;
        };
        let (rule, close) = (*rule, *close);
        let start = self.at;
        let event = self.event(rule, &close, start);
        let text_end = match event {
            Event::End { content, .. } => content,
            Event::LineEnd(at) | Event::Hole(at) => at,
            Event::TextEnd => self.bytes.len(),
        };
        if text_end > start {
            self.push_text(TokenKind::StrText, start, text_end, (start, text_end), rule);
        }
        self.at = text_end;
        match event {
            Event::End { after, .. } => {
                let index = self.push(TokenKind::StrClose, text_end, after);
                self.at = after;
                if let Some(Mode::Text { open, .. }) = self.modes.pop() {
                    self.tokens[open as usize].pair = index;
                    self.tokens[index as usize].pair = open;
                }
            }
            Event::LineEnd(_) | Event::TextEnd => self.leave(),
            Event::Hole(_) => self.hole(rule, &close),
        }
    }

    /// Begins the hole at this place, or reads a variable that is one.
    pub(crate) fn hole(&mut self, rule: &StringRule, close: &Close) {
        let (length, end) = self.hole_opening(rule, close);
        if end == 0 {
            let start = self.at;
            self.at += length;
            self.push(TokenKind::Var, start, self.at);
            return;
        }
        let start = self.at;
        self.at += length;
        let open = self.push(TokenKind::HoleOpen, start, self.at);
        self.open.push(open);
        self.modes.push(Mode::Code {
            close: end,
            open,
            counts: [0; 3],
        });
    }

    pub(crate) fn end_hole(&mut self, start: usize) {
        // Raw strings of C# close a hole with as many braces as opened it.
        let mut end = self.at;
        if let Some(Mode::Code {
            open, close: b'}', ..
        }) = self.modes.last()
        {
            let opened = self.tokens[*open as usize];
            let braces = self.bytes[opened.start as usize..opened.end as usize]
                .iter()
                .filter(|b| **b == b'{')
                .count();
            while end < start + braces && self.bytes.get(end) == Some(&b'}') {
                end += 1;
            }
        }
        self.at = end;
        let index = self.push(TokenKind::HoleClose, start, end);
        if let Some(Mode::Code { open, .. }) = self.modes.pop() {
            self.tokens[open as usize].pair = index;
            self.tokens[index as usize].pair = open;
            while self.open.pop().is_some_and(|top| top != open) {}
        }
    }

    /// Leaves a mode whose end is missing.
    pub(crate) fn leave(&mut self) {
        if self.modes.len() < 2 {
            return;
        }
        let at = self.at;
        match self.modes.pop() {
            Some(Mode::Code { open, .. }) => {
                while self.open.pop().is_some_and(|top| top != open) {}
                let index = self.push(TokenKind::HoleClose, at, at);
                self.tokens[open as usize].pair = index;
                self.tokens[index as usize].pair = open;
            }
            Some(Mode::Text { open, .. }) => {
                let index = self.push(TokenKind::StrClose, at, at);
                self.tokens[open as usize].pair = index;
                self.tokens[index as usize].pair = open;
            }
            None => {}
        }
    }
}

//! What PowerShell and shells have and no table holds: cmdlet names, bare words, here documents.

use crate::lexer::{HereDoc, Lexer, Mode};

use crate::language::StringRule;
use crate::strings::{Close, Event};
use crate::token::TokenKind;

impl<'s> Lexer<'s> {
    // ---- variables, PowerShell, shells

    /// A `$variable` of code.
    pub(crate) fn variable(&mut self) -> bool {
        let length = self.variable_length(self.at, false);
        if length == 0 {
            return false;
        }
        self.push(TokenKind::Var, self.at, self.at + length);
        self.at += length;
        true
    }

    pub(crate) fn powershell(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'`' => {
                // At the end of a line it continues the line, elsewhere it hides a character.
                let next = self.byte(1);
                if next == b'\n' || (next == b'\r' && self.byte(2) == b'\n') {
                    self.at += if next == b'\r' { 3 } else { 2 };
                } else {
                    self.punct(1);
                }
            }
            b'$' if self.variable() => {}
            b'@' if self.byte(1).is_ascii_alphabetic() || self.byte(1) == b'_' => {
                self.at += 1;
                self.word_end(false);
                self.push(TokenKind::Var, start, self.at);
            }
            b'-' if self.byte(1).is_ascii_alphabetic() && self.parameter_may_begin() => {
                self.at += 1;
                self.word_end(true);
                self.push(TokenKind::Word, start, self.at);
            }
            _ if byte.is_ascii_digit() => self.number(),
            _ if self.word_byte(byte) => {
                self.word_end(true);
                self.push(TokenKind::Word, start, self.at);
            }
            _ => self.operator(),
        }
    }

    pub(crate) fn parameter_may_begin(&self) -> bool {
        self.at == 0
            || !(self.word_byte(self.bytes[self.at - 1])
                || matches!(self.bytes[self.at - 1], b'/' | b'.'))
    }

    pub(crate) fn word_end(&mut self, dashes: bool) {
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            let dash = dashes && byte == b'-' && self.byte(1).is_ascii_alphanumeric();
            if !self.word_byte(byte) && !dash {
                break;
            }
            self.at += 1;
        }
    }

    pub(crate) fn shell(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'\\' if matches!(self.byte(1), b'\n' | b'\r') => {
                self.at += if self.byte(1) == b'\r' && self.byte(2) == b'\n' {
                    3
                } else {
                    2
                };
            }
            b'$' if self.byte(1) == b'(' => self.open_bracket(2),
            b'$' if self.variable() => {}
            b'<' if self.byte(1) == b'<' && self.byte(2) != b'<' => self.here_doc_word(),
            b';' | b'|' | b'&' | b'<' | b'>' | b'`' | b'$' | b'=' => self.operator(),
            b'"' | b'\'' => self.punct(1),
            _ => {
                while self.at < self.bytes.len() {
                    match self.bytes[self.at] {
                        b'\\' if self.at + 1 < self.bytes.len() => {
                            if matches!(self.bytes[self.at + 1], b'\n' | b'\r') {
                                break;
                            }
                            self.at += 1;
                        }
                        b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C | b'"' | b'\'' | b'$' | b'`'
                        | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{'
                        | b'}' => break,
                        b'=' => break,
                        _ => {}
                    }
                    self.at += 1;
                }
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                if self.at == start {
                    self.punct(1);
                } else {
                    self.push(TokenKind::Word, start, self.at);
                }
            }
        }
    }

    pub(crate) fn here_doc_word(&mut self) {
        let dash = self.byte(2) == b'-';
        let mut at = self.at + 2 + usize::from(dash);
        while matches!(self.bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        let quote = match self.bytes.get(at) {
            Some(b'"' | b'\'') => self.bytes[at],
            _ => 0,
        };
        let start = at + usize::from(quote != 0);
        let mut end = start;
        while self
            .bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        {
            end += 1;
        }
        if end == start || (quote != 0 && self.bytes.get(end) != Some(&quote)) {
            self.punct(2);
            return;
        }
        self.here_docs.push(HereDoc {
            start,
            end,
            quoted: quote != 0,
            dash,
        });
        self.punct(2 + usize::from(dash));
        self.at = end + usize::from(quote != 0);
        let word = self.at;
        self.push(TokenKind::Word, start - usize::from(quote != 0), word);
    }

    /// The bodies of the here documents that the line before announced. Their tokens follow those of that line, without a
    /// line end between.
    pub(crate) fn here_doc_bodies(&mut self) {
        static RAW: StringRule = StringRule {
            multiline: true,
            escape: crate::token::Escape::None,
            ..StringRule::quoted("")
        };
        static HOLES: StringRule = StringRule {
            multiline: true,
            holes: crate::language::Holes::Shell,
            ..StringRule::quoted("")
        };
        let mut docs = std::mem::take(&mut self.here_docs);
        docs.reverse();
        while let Some(doc) = docs.pop() {
            let start = self.at;
            let close = Close::Line {
                start: doc.start,
                end: doc.end,
                indented: doc.dash,
            };
            let rule = if doc.quoted { &RAW } else { &HOLES };
            self.newline = false;
            match self.event(rule, &close, start) {
                Event::End { content, after } => {
                    self.push_text(TokenKind::Str, start, after, (start, content), rule);
                    self.at = after;
                }
                Event::Hole(_) => {
                    let open = self.push(TokenKind::StrOpen, start, start);
                    self.modes.push(Mode::Text { rule, close, open });
                    // Further documents of the same line follow the end of this one.
                    docs.reverse();
                    self.here_docs = docs;
                    return;
                }
                Event::LineEnd(_) | Event::TextEnd => {
                    let end = self.bytes.len();
                    if end > start {
                        self.push_text(TokenKind::Str, start, end, (start, end), rule);
                    }
                    self.at = end;
                }
            }
            self.newline = true;
        }
    }
}

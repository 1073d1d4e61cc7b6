//! Comments, directives, the HTML around PHP, regular expressions.

use crate::lexer::Lexer;
use memchr::memchr;

use crate::language::Dialect;
use crate::token::TokenKind;

impl<'s> Lexer<'s> {
    // ---- comments and text outside

    pub(crate) fn comment(&mut self, byte: u8) -> bool {
        match byte {
            b'/' | b'#' | b'<' => {}
            _ => return false,
        }
        if byte == b'#' && self.table.dialect == Dialect::CSharp {
            return self.newline && self.directive();
        }
        for (open, close, nested) in self.table.block_comments {
            if self.rest().starts_with(open.as_bytes()) {
                let start = self.at;
                self.at += open.len();
                self.block_comment(open.as_bytes(), close.as_bytes(), *nested);
                self.comments.push((start as u32, self.at as u32));
                return true;
            }
        }
        for open in self.table.line_comments {
            if self.rest().starts_with(open.as_bytes()) && self.comment_may_begin(byte) {
                let start = self.at;
                self.at += memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                if self.table.dialect == Dialect::Php {
                    // `?>` ends the code even in a comment.
                    if let Some(end) = memchr::memmem::find(&self.bytes[start..self.at], b"?>") {
                        self.at = start + end;
                    }
                }
                self.comments.push((start as u32, self.at as u32));
                return true;
            }
        }
        false
    }

    pub(crate) fn comment_may_begin(&self, byte: u8) -> bool {
        match self.table.dialect {
            // `a#b` is a word.
            Dialect::Shell | Dialect::PowerShell => {
                self.at == 0
                    || matches!(
                        self.bytes[self.at - 1],
                        b' ' | b'\t'
                            | b'\n'
                            | b'\r'
                            | b';'
                            | b'('
                            | b')'
                            | b'{'
                            | b'}'
                            | b'|'
                            | b'&'
                            | b','
                    )
            }
            // `#[` begins an attribute.
            Dialect::Php => !(byte == b'#' && self.byte(1) == b'['),
            _ => true,
        }
    }

    pub(crate) fn block_comment(&mut self, open: &[u8], close: &[u8], nested: bool) {
        let mut depth = 1;
        while self.at < self.bytes.len() {
            let Some(next) = memchr::memchr2(close[0], open[0], self.rest()) else {
                break;
            };
            self.at += next;
            if self.rest().starts_with(close) {
                self.at += close.len();
                depth -= 1;
                if depth == 0 {
                    return;
                }
            } else if nested && self.rest().starts_with(open) {
                self.at += open.len();
                depth += 1;
            } else {
                self.at += 1;
            }
        }
        self.at = self.bytes.len();
    }

    /// A directive of C#: the line, or all lines that `#if false` leaves out.
    pub(crate) fn directive(&mut self) -> bool {
        let start = self.at;
        let line = |at: usize| {
            let end =
                memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length);
            (self.text.get(at..end).unwrap_or_default().trim(), end)
        };
        let (first, mut end) = line(start);
        let condition = first.strip_prefix("#if").map(str::trim);
        if condition.is_some_and(|condition| condition.eq_ignore_ascii_case("false")) {
            let mut depth = 1;
            while end < self.bytes.len() && depth > 0 {
                let (next, next_end) = line(end + 1);
                if next.starts_with("#if") {
                    depth += 1;
                } else if next.starts_with("#endif") || (depth == 1 && next.starts_with("#el")) {
                    depth -= 1;
                }
                end = next_end.min(self.bytes.len());
            }
        }
        self.at = end;
        self.comments.push((start as u32, end as u32));
        true
    }

    /// The text up to the next `<?php` or `<?=`.
    pub(crate) fn outside(&mut self) {
        let start = self.at;
        let open = memchr::memmem::find(self.rest(), b"<?")
            .map_or(self.bytes.len(), |length| start + length);
        if open > start {
            self.push(TokenKind::Outside, start, open);
        }
        self.at = open;
        if open == self.bytes.len() {
            return;
        }
        let rest = self.rest();
        let length = if rest.len() >= 5 && rest[..5].eq_ignore_ascii_case(b"<?php") {
            5
        } else if rest.starts_with(b"<?=") {
            3
        } else {
            2
        };
        self.punct(length);
        self.newline = true;
    }

    pub(crate) fn regex(&mut self) -> bool {
        let allowed = self.tokens.last().is_none_or(|token| match token.kind {
            // `</div>` of JSX is no regular expression.
            TokenKind::Punct => {
                let text = &self.bytes[token.start as usize..token.end as usize];
                !(text == b"<" && token.end as usize == self.at) && text != b"++" && text != b"--"
            }
            TokenKind::Open | TokenKind::HoleOpen => true,
            TokenKind::Word => matches!(
                &self.bytes[token.start as usize..token.end as usize],
                b"return"
                    | b"typeof"
                    | b"case"
                    | b"in"
                    | b"of"
                    | b"do"
                    | b"else"
                    | b"void"
                    | b"delete"
            ),
            _ => false,
        });
        if !allowed || (self.lonely[2].0..self.lonely[2].1).contains(&self.at) {
            return false;
        }
        let start = self.at;
        let mut at = start + 1;
        let mut class = false;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' => break,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    at += 1;
                    while self.bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
                        at += 1;
                    }
                    self.push(TokenKind::Regex, start, at);
                    self.at = at;
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        self.lonely[2] = (start, at);
        false
    }
}

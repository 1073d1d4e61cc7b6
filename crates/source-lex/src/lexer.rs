//! The lexer: one pass over the text, driven by a language's [`Table`].

mod text;

use crate::language::{Dialect, Language, StringRule, Table};
use crate::strings::Close;
use crate::token::{Content, NONE, Token, TokenKind};

/// The tokens of a text.
#[derive(Debug, Clone)]
pub struct Lexed<'s> {
    pub(crate) text: &'s str,
    pub(crate) language: Language,
    pub(crate) tokens: Vec<Token>,
    pub(crate) contents: Vec<Content>,
    pub(crate) comments: Vec<(u32, u32)>,
}

/// Operators of more than one character that some language has. Longer ones come first.
pub(crate) const OPERATORS: [&str; 27] = [
    "...", "===", "!==", "?->", "<<=", ">>=", "**=", "=>", "->", "::", "?.", "??", "==", "!=",
    "<=", ">=", "+=", "-=", ".=", ":=", "*=", "/=", "&&", "||", "++", "--", "!!",
];

/// What the lexer is inside of.
pub(crate) enum Mode {
    /// Code. `close`: the byte that ends the hole, 0 at the top. `open`: the token that began the hole.
    Code {
        close: u8,
        open: u32,
        counts: [u32; 3],
    },
    /// A string with holes.
    Text {
        rule: &'static StringRule,
        close: Close,
        open: u32,
    },
}

/// A here document of a shell whose body is still to come.
pub(crate) struct HereDoc {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) quoted: bool,
    pub(crate) dash: bool,
}

pub(crate) struct Lexer<'s> {
    pub(crate) text: &'s str,
    pub(crate) bytes: &'s [u8],
    pub(crate) at: usize,
    pub(crate) table: &'static Table,
    pub(crate) starts: [bool; 256],
    pub(crate) tokens: Vec<Token>,
    pub(crate) contents: Vec<Content>,
    pub(crate) comments: Vec<(u32, u32)>,
    /// Indices of tokens that opened a bracket or a hole.
    pub(crate) open: Vec<u32>,
    pub(crate) modes: Vec<Mode>,
    pub(crate) newline: bool,
    /// A quote at or after the first offset and before the second is known to have no partner.
    pub(crate) lonely: [(usize, usize); 3],
    pub(crate) here_docs: Vec<HereDoc>,
}

/// Lexes a text. Any text gives tokens; what is broken gives tokens that end with their line or with the text.
///
/// # Panics
///
/// When the text has 4 GiB or more, which [`source_text::Source`] excludes.
pub fn lex(text: &str, language: Language) -> Lexed<'_> {
    assert!(
        u32::try_from(text.len()).is_ok(),
        "a source has fewer than 2^32 bytes"
    );
    let mut lexer = Lexer::new(text, language.table());
    lexer.run();
    Lexed {
        text,
        language,
        tokens: lexer.tokens,
        contents: lexer.contents,
        comments: lexer.comments,
    }
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(text: &'s str, table: &'static Table) -> Self {
        let mut starts = [false; 256];
        for rule in table.strings {
            for prefix in rule.prefixes {
                let first = prefix.bytes().next().or_else(|| rule.open.bytes().next());
                if let Some(first) = first {
                    starts[first as usize] = true;
                }
            }
        }
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            table,
            starts,
            tokens: Vec::with_capacity(text.len() / 5),
            contents: Vec::new(),
            comments: Vec::new(),
            open: Vec::new(),
            modes: vec![Mode::Code {
                close: 0,
                open: NONE,
                counts: [0; 3],
            }],
            newline: true,
            lonely: [(0, 0); 3],
            here_docs: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self) {
        if self.table.dialect == Dialect::Php {
            self.outside();
        }
        while self.at < self.bytes.len() {
            match self.modes.last() {
                Some(Mode::Text { .. }) => self.text_piece(),
                _ => self.code(),
            }
        }
        while self.modes.len() > 1 {
            self.leave();
        }
    }

    pub(crate) fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.table.dialect
    }

    pub(crate) fn rest(&self) -> &'s [u8] {
        &self.bytes[self.at..]
    }

    pub(crate) fn push(&mut self, kind: TokenKind, start: usize, end: usize) -> u32 {
        let index = self.tokens.len() as u32;
        self.tokens.push(Token {
            kind,
            newline: std::mem::take(&mut self.newline),
            start: start as u32,
            end: end as u32,
            pair: NONE,
        });
        index
    }

    pub(crate) fn push_text(
        &mut self,
        kind: TokenKind,
        start: usize,
        end: usize,
        content: (usize, usize),
        rule: &StringRule,
    ) {
        let index = self.push(kind, start, end);
        self.tokens[index as usize].pair = self.contents.len() as u32;
        self.contents.push(Content {
            start: content.0 as u32,
            end: content.1 as u32,
            escape: rule.escape,
        });
    }

    pub(crate) fn punct(&mut self, length: usize) {
        let start = self.at;
        // A character of several bytes is one token.
        let mut end = start + length;
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.push(TokenKind::Punct, start, end);
        self.at = end;
    }

    /// One token, comment or blank of code.
    pub(crate) fn code(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            b' ' | b'\t' | b'\r' | 0x0B | 0x0C => self.at += 1,
            b'\n' => self.line_end(),
            _ if self.comment(byte) => {}
            _ if self.starts[byte as usize] && self.string() => {}
            b'(' | b'[' | b'{' => self.open_bracket(1),
            b')' | b']' | b'}' => self.close_bracket(byte),
            _ => match self.table.dialect {
                Dialect::PowerShell => self.powershell(byte),
                Dialect::Shell => self.shell(byte),
                _ => self.plain(byte),
            },
        }
    }

    pub(crate) fn line_end(&mut self) {
        self.at += 1;
        let mut broken = false;
        if let Some(Mode::Code { close, counts, .. }) = self.modes.last() {
            let inside = counts.iter().any(|count| *count > 0);
            // A hole of a string on one line cannot hold a line end: the text is broken, and ends with the line.
            broken = *close != 0 && !inside && self.string_is_single_line();
            if self.table.dialect == Dialect::Python && (inside || *close != 0) {
                self.here_docs.clear();
            } else {
                self.newline = true;
            }
        }
        if broken {
            self.leave();
            self.leave();
        }
        if !self.here_docs.is_empty() {
            self.here_doc_bodies();
        }
    }

    pub(crate) fn word_byte(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || byte == b'_'
            || byte >= 0x80
            || self.table.name_bytes.contains(&byte)
    }

    pub(crate) fn plain(&mut self, byte: u8) {
        if byte.is_ascii_digit() {
            self.number();
        } else if self.word_byte(byte) {
            let start = self.at;
            while self.at < self.bytes.len() && self.word_byte(self.bytes[self.at]) {
                self.at += 1;
            }
            self.push(TokenKind::Word, start, self.at);
        } else if (byte == b'$' && self.table.dollar_variables && self.variable())
            || (byte == b'/' && self.table.regex && self.regex())
        {
            // The token is read.
        } else if byte == b'\\'
            && self.table.dialect == Dialect::Python
            && matches!(self.byte(1), b'\n' | b'\r')
        {
            // A backslash at the end of a line continues it.
            self.at += if self.byte(1) == b'\r' && self.byte(2) == b'\n' {
                3
            } else {
                2
            };
        } else if byte == b'?' && self.table.dialect == Dialect::Php && self.byte(1) == b'>' {
            self.punct(2);
            self.outside();
        } else {
            self.operator();
        }
    }

    pub(crate) fn operator(&mut self) {
        let rest = self.rest();
        let length = if rest.len() > 1 && rest[1].is_ascii_punctuation() {
            OPERATORS
                .iter()
                .find(|operator| rest.starts_with(operator.as_bytes()))
                .map_or(1, |operator| operator.len())
        } else {
            1
        };
        self.punct(length);
    }

    pub(crate) fn number(&mut self) {
        let start = self.at;
        // A bare argument of a command: `-PermissionId 741f803b-c850-494e-b5df-cde7c675a1ca` is one word, as it is where it
        // begins with a letter.
        if self.dialect() == Dialect::PowerShell && is_guid(&self.bytes[start..]) {
            self.at += GUID;
            self.push(TokenKind::Word, start, self.at);
            return;
        }
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            let dot = byte == b'.' && self.byte(1).is_ascii_digit();
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || dot) {
                break;
            }
            self.at += 1;
        }
        self.push(TokenKind::Number, start, self.at);
    }

    // ---- brackets

    pub(crate) fn class(byte: u8) -> usize {
        match byte {
            b'(' | b')' => 0,
            b'[' | b']' => 1,
            _ => 2,
        }
    }

    pub(crate) fn open_bracket(&mut self, length: usize) {
        let start = self.at;
        self.at += length;
        let index = self.push(TokenKind::Open, start, self.at);
        self.open.push(index);
        let class = Self::class(self.bytes[self.at - 1]);
        if let Some(Mode::Code { counts, .. }) = self.modes.last_mut() {
            counts[class] += 1;
        }
    }

    pub(crate) fn close_bracket(&mut self, byte: u8) {
        let class = Self::class(byte);
        let start = self.at;
        self.at += 1;
        let Some(Mode::Code { close, counts, .. }) = self.modes.last() else {
            return;
        };
        if counts[class] == 0 {
            if *close == byte {
                self.end_hole(start);
            } else {
                self.push(TokenKind::Close, start, self.at);
            }
            return;
        }
        let index = self.push(TokenKind::Close, start, self.at);
        // What was opened later and is still open has no partner.
        while let Some(open) = self.open.pop() {
            let opened = Self::class(self.bytes[self.tokens[open as usize].end as usize - 1]);
            if let Some(Mode::Code { counts, .. }) = self.modes.last_mut() {
                counts[opened] -= 1;
            }
            if opened == class {
                self.tokens[open as usize].pair = index;
                self.tokens[index as usize].pair = open;
                break;
            }
        }
    }

    // ---- strings
}

/// The length of a GUID with its dashes.
const GUID: usize = 36;

/// Whether a text begins with a GUID that ends where a word does.
fn is_guid(text: &[u8]) -> bool {
    text.get(..GUID).is_some_and(|guid| {
        guid.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    }) && !text
        .get(GUID)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

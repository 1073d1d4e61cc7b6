//! Bicep's tokens: every byte of a file belongs to a token or to the blanks and comments between two of them.
//!
//! The table-driven lexer of `source-lex` reads constants out of many languages. A parser of the whole language needs
//! what that one leaves out: line ends as separators within brackets, `$'''` strings with holes, operators such as `.?`
//! and `[?`, and errors with their places.

use source_text::{FileId, Span};

/// A token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// A string: its parts between quotes.
    String(Vec<Part>),
    Symbol(&'static str),
    NewLine,
    /// Bytes that begin no token.
    Error,
    End,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The characters in the file and what they stand for.
    Literal { span: Span, text: String },
    /// The range of tokens within `${` and `}`.
    Hole { tokens: (usize, usize), span: Span },
}

/// A file's tokens and comments.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// In order. Those of a hole stand before the string that holds it, between [`Part::Hole`]'s bounds, and are
    /// closed by an [`Kind::End`].
    pub(super) all: Vec<Token>,
    /// The tokens outside of strings, as indices into `all`.
    pub(super) top: Vec<usize>,
    pub(super) comments: Vec<Span>,
    /// What is wrong, with its place.
    pub(super) errors: Vec<(Span, &'static str)>,
}

/// How deep strings may nest in holes of strings.
const DEPTH: usize = 16;

const SYMBOLS: &[&str] = &[
    "...", "::", "=>", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", ".?", "[?", "[^", "{",
    "}", "[", "]", "(", ")", ".", ",", ":", ";", "=", "?", "!", "<", ">", "+", "-", "*", "/", "%",
    "@", "|", "^", "#",
];

/// Cuts a text into tokens. Takes time proportional to its length.
pub(super) fn lex(file: FileId, text: &str) -> Tokens {
    let mut lexer = Lexer {
        file,
        text,
        at: 0,
        out: Tokens::default(),
    };
    let top = lexer.run(None, 0);
    lexer.out.top = top;
    lexer.out
}

struct Lexer<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    out: Tokens,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn push(&mut self, kind: Kind, start: usize, into: &mut Vec<usize>) {
        let span = self.span(start);
        into.push(self.out.all.len());
        self.out.all.push(Token { kind, span });
    }

    fn bump(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Tokens up to the end, or up to the `}` that closes a hole, which is consumed.
    fn run(&mut self, hole: Option<()>, depth: usize) -> Vec<usize> {
        let mut tokens = Vec::new();
        let mut braces = 0_usize;
        while let Some(c) = self.rest().chars().next() {
            let start = self.at;
            match c {
                '\n' => {
                    self.at += 1;
                    self.push(Kind::NewLine, start, &mut tokens);
                }
                c if c.is_whitespace() || c == '\u{feff}' => self.bump(),
                '/' if self.rest().starts_with("//") => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                    let comment = self.text[start..self.at].trim_end().len();
                    let span = Span::new(self.file, start, start + comment);
                    self.out.comments.push(span);
                }
                '/' if self.rest().starts_with("/*") => {
                    match self.rest()[2..].find("*/") {
                        Some(end) => self.at += end + 4,
                        None => {
                            self.at = self.text.len();
                            let span = self.span(start);
                            self.out.errors.push((span, "the comment has no end"));
                        }
                    }
                    let span = self.span(start);
                    self.out.comments.push(span);
                }
                // `#disable-next-line` and its like.
                '#' if crate::label::begins_line(self.text, start) => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                '$' if self.rest().trim_start_matches('$').starts_with("'''") => {
                    self.multi_line(depth, &mut tokens);
                }
                '\'' if self.rest().starts_with("'''") => self.multi_line(depth, &mut tokens),
                '\'' => self.string(depth, &mut tokens),
                '0'..='9' => {
                    while self.rest().starts_with(|c: char| c.is_ascii_digit()) {
                        self.at += 1;
                    }
                    self.push(Kind::Number, start, &mut tokens);
                }
                c if c.is_alphabetic() || c == '_' => {
                    while self
                        .rest()
                        .starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    {
                        self.bump();
                    }
                    self.push(Kind::Word, start, &mut tokens);
                }
                '}' if hole.is_some() && braces == 0 => return tokens,
                _ => {
                    match SYMBOLS
                        .iter()
                        .find(|symbol| self.rest().starts_with(**symbol))
                    {
                        Some(symbol) => {
                            match *symbol {
                                "{" => braces += 1,
                                "}" => braces = braces.saturating_sub(1),
                                _ => {}
                            }
                            self.at += symbol.len();
                            self.push(Kind::Symbol(symbol), start, &mut tokens);
                        }
                        None => {
                            self.bump();
                            self.push(Kind::Error, start, &mut tokens);
                        }
                    }
                }
            }
        }
        tokens
    }

    /// `'…'`, on one line, with escapes and holes.
    fn string(&mut self, depth: usize, into: &mut Vec<usize>) {
        let start = self.at;
        self.at += 1;
        let mut parts = Vec::new();
        let mut literal = (self.at, String::new());
        loop {
            let Some(c) = self.rest().chars().next() else {
                let span = self.span(start);
                self.out.errors.push((span, "the string has no end"));
                break;
            };
            match c {
                '\'' => {
                    self.flush(&mut literal, &mut parts);
                    self.at += 1;
                    break;
                }
                '\n' | '\r' => {
                    let span = self.span(start);
                    self.out
                        .errors
                        .push((span, "the string has no end on its line"));
                    break;
                }
                '\\' => self.escape(&mut literal.1),
                '$' if self.rest().starts_with("${") => {
                    self.flush(&mut literal, &mut parts);
                    self.hole(2, depth, &mut parts);
                    literal = (self.at, String::new());
                }
                c => {
                    literal.1.push(c);
                    self.bump();
                }
            }
        }
        if !literal.1.is_empty() {
            self.flush(&mut literal, &mut parts);
        }
        self.push(Kind::String(parts), start, into);
    }

    fn flush(&self, literal: &mut (usize, String), parts: &mut Vec<Part>) {
        if self.at > literal.0 {
            parts.push(Part::Literal {
                span: self.span(literal.0),
                text: std::mem::take(&mut literal.1),
            });
        }
        literal.0 = self.at;
    }

    fn escape(&mut self, out: &mut String) {
        let rest = &self.rest()[1..];
        let (taken, value) = match rest.chars().next() {
            Some('n') => (1, Some('\n')),
            Some('r') => (1, Some('\r')),
            Some('t') => (1, Some('\t')),
            Some('u') if rest.starts_with("u{") => {
                let end = rest.find('}').unwrap_or(0);
                let code = rest
                    .get(2..end)
                    .and_then(|hex| u32::from_str_radix(hex, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(c) => (end + 1, Some(c)),
                    None => (1, None),
                }
            }
            // `\\`, `\'` and `\$`.
            Some(c) if !matches!(c, '\n' | '\r') => (c.len_utf8(), Some(c)),
            _ => (0, None),
        };
        self.at += 1 + taken;
        out.extend(value);
    }

    /// The expression in a hole; `open` is the length of `${`.
    fn hole(&mut self, open: usize, depth: usize, parts: &mut Vec<Part>) {
        let start = self.at;
        self.at += open;
        if depth >= DEPTH {
            self.at = self.text.len();
            let span = self.span(start);
            self.out.errors.push((span, "strings are nested too deep"));
            return;
        }
        let tokens = self.run(Some(()), depth + 1);
        // The tokens of holes within this one stand between; only this one's own are kept in a row.
        let own: Vec<Token> = tokens.iter().map(|at| self.out.all[*at].clone()).collect();
        let first = self.out.all.len();
        self.out.all.extend(own);
        let end = Span::at(self.file, self.at);
        self.out.all.push(Token {
            kind: Kind::End,
            span: end,
        });
        if self.rest().starts_with('}') {
            self.at += 1;
        } else {
            let span = self.span(start);
            self.out
                .errors
                .push((span, "the hole of the string has no end"));
        }
        parts.push(Part::Hole {
            tokens: (first, self.out.all.len()),
            span: self.span(start),
        });
    }

    /// `'''…'''`, verbatim; with `$` before it, holes begin with as many.
    fn multi_line(&mut self, depth: usize, into: &mut Vec<usize>) {
        let start = self.at;
        let dollars = self.rest().len() - self.rest().trim_start_matches('$').len();
        self.at += dollars + 3;
        // The first line break is not part of the text.
        if self.rest().starts_with("\r\n") {
            self.at += 2;
        } else if self.rest().starts_with('\n') {
            self.at += 1;
        }
        let opening = format!("{}{{", "$".repeat(dollars));
        let mut parts = Vec::new();
        let mut literal = (self.at, String::new());
        loop {
            if self.rest().is_empty() {
                let span = self.span(start);
                self.out.errors.push((span, "the string has no end"));
                break;
            }
            if self.rest().starts_with("'''") {
                // Further quotes belong to the text: `''''` ends with one in it.
                while self.rest()[3..].starts_with('\'') {
                    literal.1.push('\'');
                    self.at += 1;
                }
                self.flush(&mut literal, &mut parts);
                self.at += 3;
                break;
            }
            if dollars > 0 && self.rest().starts_with(&opening) {
                self.flush(&mut literal, &mut parts);
                self.hole(opening.len(), depth, &mut parts);
                literal = (self.at, String::new());
                continue;
            }
            let c = self.rest().chars().next().unwrap_or_default();
            literal.1.push(c);
            self.bump();
        }
        if !literal.1.is_empty() {
            self.flush(&mut literal, &mut parts);
        }
        self.push(Kind::String(parts), start, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        let tokens = lex(FileId::default(), text);
        let shown = |at: &usize| {
            let token = &tokens.all[*at];
            text[token.span.range()].to_owned()
        };
        tokens.top.iter().map(shown).collect()
    }

    #[test]
    fn strings_hold_expressions_with_strings() {
        let text = "var a = '${b ? '${c}}' : {x: '}'}.x} d'";
        assert_eq!(
            kinds(text),
            ["var", "a", "=", "'${b ? '${c}}' : {x: '}'}.x} d'"]
        );
    }

    #[test]
    fn multi_line_strings_are_verbatim() {
        let text = "'''\nit''s \\n ${x}'''' y";
        let tokens = lex(FileId::default(), text);
        let Kind::String(parts) = &tokens.all[tokens.top[0]].kind else {
            panic!("a string");
        };
        assert!(matches!(&parts[..], [Part::Literal { text, .. }] if text == "it''s \\n ${x}'"));
    }

    proptest::proptest! {
        /// Tokens and comments come in order and leave nothing but blanks and directives between them.
        #[test]
        fn every_byte_is_covered(text in "[a'${}\\n/*\\[\\]. \\r\"#é]{0,60}") {
            let tokens = lex(FileId::default(), &text);
            let mut spans: Vec<Span> = tokens.top.iter().map(|at| tokens.all[*at].span).collect();
            let inside = |c: &Span| spans.iter().any(|s| s.contains(*c));
            let comments: Vec<Span> = tokens.comments.iter().filter(|c| !inside(c)).copied().collect();
            spans.extend(comments);
            spans.sort();
            let mut at = 0;
            for span in spans {
                let gap = &text[at..span.range().start];
                proptest::prop_assert!(gap.trim().is_empty() || gap.trim_start().starts_with('#'), "{gap:?}");
                at = span.range().end;
            }
            let rest = text[at..].trim();
            proptest::prop_assert!(rest.is_empty() || rest.starts_with('#'), "{rest:?}");
        }
    }
}

//! Bicep files: from tokens to a [`Program`]. What is not understood becomes an error with a place, and the
//! reading goes on at the next declaration.

use source_text::{FileId, Span, Spanned};

use super::lex::{Kind, Part, Token, Tokens, lex};
use crate::formats::deployment::{Expr, ExprKind, Program};

/// A Bicep file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) program: Program,
    /// `using 'main.bicep'` of a parameters file: the template that the parameters are for.
    pub(super) using: Option<Spanned<String>>,
    /// `param x = …` of a parameters file.
    pub(super) arguments: Vec<(String, Expr)>,
    pub(super) comments: Vec<Span>,
    /// Descriptions and metadata.
    pub(super) texts: Vec<Spanned<String>>,
    /// What is not understood: its place, and what was expected.
    pub(super) errors: Vec<(Span, String)>,
}

/// Reads a Bicep file or a parameters file. Takes any text.
pub(super) fn parse(file: FileId, text: &str) -> File {
    let tokens = lex(file, text);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        row: tokens.top.iter().map(|at| &tokens.all[*at]).collect(),
        at: 0,
        end: Token {
            kind: Kind::End,
            span: Span::at(file, text.len()),
        },
        depth: 0,
        nested: Vec::new(),
        out: File::default(),
    };
    parser.file();
    let mut out = parser.out;
    (out.errors).extend(
        tokens
            .errors
            .iter()
            .map(|(span, what)| (*span, (*what).to_owned())),
    );
    out.errors.sort();
    out.errors.dedup_by_key(|(span, _)| *span);
    out.comments = tokens.comments;
    out
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t Tokens,
    /// The tokens that are read: of the file, or of one hole of a string.
    row: Vec<&'t Token>,
    at: usize,
    end: Token,
    pub(super) depth: usize,
    /// Resources and types that the resources being read are nested in.
    pub(super) nested: Vec<(String, String)>,
    pub(super) out: File,
}

/// What is wrong at a place.
pub(super) type Wrong = (Span, String);
pub(super) type Result<T> = std::result::Result<T, Wrong>;

impl<'t> Parser<'t> {
    pub(super) fn token(&self) -> &Token {
        self.row.get(self.at).copied().unwrap_or(&self.end)
    }

    pub(super) fn peek(&self, ahead: usize) -> &Token {
        self.row.get(self.at + ahead).copied().unwrap_or(&self.end)
    }

    pub(super) fn advance(&mut self) -> Span {
        let span = self.token().span;
        self.at = (self.at + 1).min(self.row.len());
        span
    }

    /// The end of the token before this one.
    pub(super) fn last_end(&self) -> Span {
        match self.at.checked_sub(1).and_then(|at| self.row.get(at)) {
            Some(token) => token.span,
            None => self.token().span,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(&self.token().kind, Kind::Symbol(known) if *known == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.token().kind == Kind::Word && self.slice(self.token().span) == word
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Result<()> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.wrong(&format!("\"{symbol}\" is missing")))
        }
    }

    pub(super) fn wrong(&self, what: &str) -> Wrong {
        (self.token().span, what.to_owned())
    }

    pub(super) fn skip_lines(&mut self) {
        while self.token().kind == Kind::NewLine {
            self.advance();
        }
    }

    pub(super) fn word(&mut self, what: &str) -> Result<Spanned<String>> {
        if self.token().kind == Kind::Word {
            let span = self.advance();
            Ok(Spanned::new(self.slice(span).to_owned(), span))
        } else {
            Err(self.wrong(&format!("{what} is missing")))
        }
    }

    /// A string without holes.
    pub(super) fn plain_string(&mut self) -> Result<Spanned<String>> {
        let Kind::String(parts) = &self.token().kind else {
            return Err(self.wrong("a string is missing"));
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Literal { text: literal, .. } => text.push_str(literal),
                Part::Hole { .. } => return Err(self.wrong("a string without ${…} is expected")),
            }
        }
        let span = self.advance();
        Ok(Spanned::new(text, span))
    }

    /// A parser for the tokens of a hole.
    pub(super) fn within(&self, tokens: (usize, usize)) -> Parser<'t> {
        let all = &self.tokens.all[tokens.0..tokens.1.saturating_sub(1)];
        let end = (self.tokens.all.get(tokens.1.saturating_sub(1)))
            .map_or_else(|| self.end.clone(), Clone::clone);
        Parser {
            text: self.text,
            tokens: self.tokens,
            row: all.iter().collect(),
            at: 0,
            end,
            depth: self.depth,
            nested: Vec::new(),
            out: File::default(),
        }
    }

    /// Where the reading stands, to come back to.
    pub(super) const fn mark(&self) -> usize {
        self.at
    }

    pub(super) const fn reset(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.row.len()
    }

    fn file(&mut self) {
        loop {
            self.skip_lines();
            if self.at_end() {
                return;
            }
            let before = self.at;
            match self.statement() {
                Ok(()) => {
                    if !matches!(self.token().kind, Kind::NewLine | Kind::End) {
                        let wrong = self.wrong("the declaration should end here");
                        self.out.errors.push(wrong);
                        self.skip_statement();
                    }
                }
                Err(wrong) => {
                    self.out.errors.push(wrong);
                    self.skip_statement();
                }
            }
            if self.at == before {
                self.advance();
            }
        }
    }

    /// Goes on behind the line in which all brackets that were opened are closed, or before the next declaration.
    fn skip_statement(&mut self) {
        let mut open = 0_usize;
        while !self.at_end() {
            match &self.token().kind {
                Kind::Symbol("{" | "[" | "(" | "[?" | "[^") => open += 1,
                Kind::Symbol("}" | "]" | ")") => open = open.saturating_sub(1),
                Kind::NewLine => {
                    let next = self.peek(1);
                    let begins = next.kind == Kind::Word
                        && is_keyword(self.slice(next.span))
                        && matches!(self.peek(2).kind, Kind::Word | Kind::String(_));
                    let column = crate::label::begins_line(self.text, next.span.range().start)
                        && !self.text[..next.span.range().start].ends_with([' ', '\t']);
                    if open == 0 || (begins && column) {
                        return;
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }
}

fn is_keyword(word: &str) -> bool {
    [
        "param",
        "var",
        "resource",
        "module",
        "output",
        "func",
        "type",
        "import",
        "extension",
        "provider",
        "using",
        "targetScope",
        "metadata",
        "assert",
        "test",
    ]
    .contains(&word)
}

/// An expression that could not be read, in its place.
pub(super) fn error(wrong: &Wrong) -> Expr {
    Expr::new(ExprKind::Error(wrong.1.clone()), wrong.0)
}

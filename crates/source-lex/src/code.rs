//! A lexed text with its structure: partners and enclosing brackets, member chains, arguments.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::index::Index;
use crate::language::{Dialect, Language};
use crate::lexer::{Lexed, lex};
use crate::token::{Content, Escape, NONE, Token, TokenKind};
use crate::value::Value;

/// A text, its tokens and its structure. Positions are indices of tokens.
#[derive(Debug)]
pub struct Code<'s> {
    pub(crate) lexed: Lexed<'s>,
    /// For each token, the bracket, hole or string that it stands in.
    up: Vec<u32>,
    pub(crate) index: Index<'s>,
    pub(crate) memo: RefCell<FxHashMap<u32, Vec<Value>>>,
    pub(crate) busy: RefCell<Vec<u32>>,
    pub(crate) work: Cell<usize>,
    /// What names that the text does not bind hold in other files.
    pub(crate) outside: FxHashMap<String, String>,
}

impl<'s> Code<'s> {
    /// Lexes a text and indexes it.
    pub fn new(text: &'s str, language: Language) -> Self {
        let lexed = lex(text, language);
        let up = enclosing(&lexed.tokens);
        let mut code = Self {
            lexed,
            up,
            index: Index::default(),
            memo: RefCell::default(),
            busy: RefCell::default(),
            work: Cell::new(0),
            outside: FxHashMap::default(),
        };
        code.index = Index::build(&code);
        code
    }

    /// The same text, in which some names that it does not bind hold these texts: constants of other files.
    #[must_use]
    pub fn with_outside(mut self, names: FxHashMap<String, String>) -> Self {
        self.outside = names;
        self
    }

    /// The names that hold texts of other files.
    pub fn outside_names(&self) -> impl Iterator<Item = &str> {
        self.outside.keys().map(String::as_str)
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.lexed.language
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.lexed.language.table().dialect
    }

    /// The whole text.
    pub const fn source(&self) -> &'s str {
        self.lexed.text
    }

    /// Number of tokens.
    pub const fn len(&self) -> usize {
        self.lexed.tokens.len()
    }

    /// Whether the text has no tokens.
    pub const fn is_empty(&self) -> bool {
        self.lexed.tokens.is_empty()
    }

    /// The tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.lexed.tokens
    }

    /// The comments: offsets of begin and end.
    pub fn comments(&self) -> &[(u32, u32)] {
        &self.lexed.comments
    }

    /// A token.
    ///
    /// # Panics
    ///
    /// When there is no token of this index.
    pub fn token(&self, at: usize) -> Token {
        self.lexed.tokens[at]
    }

    /// The text of a token; empty where there is none.
    pub fn text(&self, at: usize) -> &'s str {
        self.lexed.tokens.get(at).map_or("", |token| {
            self.lexed
                .text
                .get(token.start as usize..token.end as usize)
                .unwrap_or_default()
        })
    }

    /// The kind of a token; [`TokenKind::Outside`] where there is none.
    pub fn kind(&self, at: usize) -> TokenKind {
        self.lexed
            .tokens
            .get(at)
            .map_or(TokenKind::Outside, |token| token.kind)
    }

    /// Whether a token is this operator or bracket.
    pub fn is(&self, at: usize, text: &str) -> bool {
        matches!(
            self.kind(at),
            TokenKind::Punct | TokenKind::Open | TokenKind::Close
        ) && self.text(at) == text
    }

    /// The partner of a bracket, of a string with holes, or of a hole.
    pub fn pair(&self, at: usize) -> Option<usize> {
        let token = self.lexed.tokens.get(at)?;
        let paired = !matches!(token.kind, TokenKind::Str | TokenKind::StrText);
        (paired && token.pair != NONE).then_some(token.pair as usize)
    }

    /// The bracket, hole or string that encloses a token.
    pub fn up(&self, at: usize) -> Option<usize> {
        let up = *self.up.get(at)?;
        (up != NONE).then_some(up as usize)
    }

    /// The content of a string without holes, or of a literal piece.
    pub fn content(&self, at: usize) -> Option<Content> {
        let token = self.lexed.tokens.get(at)?;
        if !matches!(token.kind, TokenKind::Str | TokenKind::StrText) {
            return None;
        }
        self.lexed.contents.get(token.pair as usize).copied()
    }

    /// The text of a string without holes, or of a literal piece, with its escapes resolved.
    pub fn string(&self, at: usize) -> Option<Cow<'s, str>> {
        let content = self.content(at)?;
        let raw = self
            .lexed
            .text
            .get(content.start as usize..content.end as usize)?;
        Some(unescape(raw, content.escape))
    }

    /// The token after a token, or after its partner if it opens something.
    pub fn skip(&self, at: usize) -> usize {
        match self.kind(at) {
            TokenKind::Open | TokenKind::StrOpen | TokenKind::HoleOpen => match self.pair(at) {
                Some(pair) if pair > at => pair + 1,
                _ => at + 1,
            },
            _ => at + 1,
        }
    }

    /// The token before a token, or before its partner if it closes something. `None` at the begin.
    pub fn skip_back(&self, at: usize) -> Option<usize> {
        let first = match self.kind(at) {
            TokenKind::Close | TokenKind::StrClose | TokenKind::HoleClose => {
                self.pair(at).filter(|pair| *pair < at).unwrap_or(at)
            }
            _ => at,
        };
        first.checked_sub(1)
    }

    /// The arguments between a bracket and its partner, split at its commas.
    pub fn arguments(&self, open: usize) -> Vec<Range<usize>> {
        let end = self.pair(open).unwrap_or(self.len());
        let mut arguments = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at < end {
            if self.is(at, ",") {
                arguments.push(start..at);
                start = at + 1;
            }
            at = self.skip(at);
        }
        if start < end {
            arguments.push(start..end);
        }
        arguments
    }

    /// The first token of the member chain that ends at `last`: in `a.b(x)[1].c`, with `last` at `c`, the place of `a`.
    pub fn chain_start(&self, last: usize) -> usize {
        let mut at = last;
        // Longer chains are generated text; the bound keeps a file that is one chain linear.
        for _ in 0..LONGEST_CHAIN {
            self.spend(1);
            // A word, a variable, a string or a bracketed expression.
            let first = match self.kind(at) {
                TokenKind::Close | TokenKind::StrClose => {
                    let Some(open) = self.pair(at).filter(|open| *open < at) else {
                        return at;
                    };
                    // `f(x)`, `a[x]`: what stands before the bracket belongs to it, unless a keyword or line end parts.
                    if let Some(before) = open.checked_sub(1)
                        && self.kind(at) == TokenKind::Close
                        && self.text(open) != "{"
                        && !(self.token(open).newline && self.newline_ends())
                        && (matches!(
                            self.kind(before),
                            TokenKind::Close | TokenKind::Var | TokenKind::Str
                        ) && self.text(before) != "}"
                            || (self.kind(before) == TokenKind::Word
                                && !is_keyword(self.text(before)))
                            || self.is(before, "?.")
                            || (self.is(before, "!") && before > 0))
                    {
                        at = before;
                        if self.is(at, "?.") || self.is(at, "!") {
                            match at.checked_sub(1) {
                                Some(before) => at = before,
                                None => return open,
                            }
                        }
                        continue;
                    }
                    open
                }
                _ => at,
            };
            let Some(mut before) = first.checked_sub(1) else {
                return first;
            };
            if !self.is_dot(before) {
                return first;
            }
            let Some(operand) = before.checked_sub(1) else {
                return first;
            };
            before = operand;
            // `x!.y`, `x?.y`: the mark belongs to the operand.
            while matches!(self.text(before), "!" | "?" | "!!") && before > 0 {
                before -= 1;
            }
            if !matches!(
                self.kind(before),
                TokenKind::Word
                    | TokenKind::Var
                    | TokenKind::Close
                    | TokenKind::Str
                    | TokenKind::StrClose
            ) {
                return first;
            }
            at = before;
        }
        at
    }

    fn newline_ends(&self) -> bool {
        !matches!(self.dialect(), Dialect::Php | Dialect::CSharp)
    }

    /// Whether a token is an operator that leads to a member: `.`, `?.`, `->`, `?->`, `::`.
    pub fn is_dot(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Punct
            && match self.text(at) {
                "?." | "->" | "?->" | "::" => true,
                // The dot of PHP joins strings.
                "." => self.dialect() != Dialect::Php,
                _ => false,
            }
    }

    /// The parts of what was counted: look-ups of names and steps of folding. For tests of linear time.
    pub fn work(&self) -> usize {
        self.work.get()
    }

    /// Counts work of a reader of this text.
    pub fn spend(&self, units: usize) {
        self.work.set(self.work.get().saturating_add(units));
    }
}

/// How many links of a chain are followed backwards.
const LONGEST_CHAIN: usize = 256;

/// Words that can stand before a bracket without being called.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "while"
            | "for"
            | "foreach"
            | "switch"
            | "catch"
            | "return"
            | "await"
            | "match"
            | "in"
            | "and"
            | "or"
            | "not"
            | "else"
            | "elseif"
            | "elif"
            | "using"
            | "lock"
            | "fixed"
            | "when"
            | "yield"
            | "throw"
            | "typeof"
            | "case"
            | "echo"
            | "print"
            | "with"
            | "except"
            | "assert"
            | "func"
            | "function"
            | "fn"
    )
}

fn enclosing(tokens: &[Token]) -> Vec<u32> {
    let mut up = Vec::with_capacity(tokens.len());
    let mut stack: Vec<u32> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let paired = token.pair != NONE;
        match token.kind {
            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose if paired => {
                while let Some(top) = stack.pop() {
                    if top == token.pair {
                        break;
                    }
                }
                up.push(stack.last().copied().unwrap_or(NONE));
            }
            TokenKind::Open | TokenKind::HoleOpen | TokenKind::StrOpen if paired => {
                up.push(stack.last().copied().unwrap_or(NONE));
                stack.push(at as u32);
            }
            _ => up.push(stack.last().copied().unwrap_or(NONE)),
        }
    }
    up
}

/// Resolves the escapes that matter in URLs and names; the others keep their character.
fn unescape(raw: &str, escape: Escape) -> Cow<'_, str> {
    let mark = match escape {
        Escape::None | Escape::Raw => return Cow::Borrowed(raw),
        Escape::Backslash | Escape::BackslashQuote => '\\',
        Escape::Backtick => '`',
        Escape::Doubled => {
            return if raw.contains("\"\"") || raw.contains("''") {
                Cow::Owned(raw.replace("\"\"", "\"").replace("''", "'"))
            } else {
                Cow::Borrowed(raw)
            };
        }
    };
    if !raw.contains(mark) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        if char != mark {
            out.push(char);
            continue;
        }
        match chars.next() {
            Some('n') if escape != Escape::BackslashQuote => out.push('\n'),
            Some('t') if escape != Escape::BackslashQuote => out.push('\t'),
            Some('r') if escape != Escape::BackslashQuote => out.push('\r'),
            Some('\n') => {}
            Some(other) => {
                if escape == Escape::BackslashQuote && !matches!(other, '\\' | '\'') {
                    out.push(mark);
                }
                out.push(other);
            }
            None => {}
        }
    }
    Cow::Owned(out)
}

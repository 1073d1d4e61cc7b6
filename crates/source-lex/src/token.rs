//! Tokens: kinds and places.

/// No token: an index that stands for "none".
pub const NONE: u32 = u32::MAX;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A name or keyword; in PowerShell also a cmdlet (`Get-MgUser`) or parameter (`-Uri`), in a shell any bare word.
    Word,
    /// A variable with its sigil: `$url`, `$script:base`, `${name}`, `@splat`. In a string of PHP with its member:
    /// `$user->id`.
    Var,
    /// A number.
    Number,
    /// An operator or separator.
    Punct,
    /// `(`, `[`, `{`, and `$(` of a shell.
    Open,
    /// `)`, `]`, `}`.
    Close,
    /// A whole string without holes.
    Str,
    /// The begin of a string with holes.
    StrOpen,
    /// Literal text of a string with holes.
    StrText,
    /// The begin of a hole in a string: `${`, `{`, `$(`.
    HoleOpen,
    /// The end of a hole.
    HoleClose,
    /// The end of a string with holes.
    StrClose,
    /// A regular expression.
    Regex,
    /// Text outside of the code: the HTML around PHP.
    Outside,
}

/// A token. Comments and white space are not tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Whether a line ends between the token before and this one, and the language lets a statement end there.
    pub newline: bool,
    /// Offset of the first byte in the text.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
    /// `Open`, `StrOpen`, `HoleOpen` and their ends: index of the partner, or [`NONE`]. `Str` and `StrText`: index of the
    /// content.
    pub(crate) pair: u32,
}

/// The characters between the delimiters of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
    /// How special characters are written.
    pub escape: Escape,
}

/// How a string writes its special characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Escape {
    /// Not at all.
    None,
    /// `\n`, `\"`.
    Backslash,
    /// A backslash hides a quote and stays in the text: raw strings of Python.
    Raw,
    /// Only `\\` and the quote: single quotes of PHP.
    BackslashQuote,
    /// The quote twice.
    Doubled,
    /// PowerShell's backtick, and the quote twice.
    Backtick,
}

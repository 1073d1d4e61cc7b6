//! Languages: one table each.

use crate::languages;
use crate::token::Escape;

/// A language whose text can be lexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Bicep.
    Bicep,
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// Java.
    Java,
    /// JavaScript and TypeScript, with JSX.
    JavaScript,
    /// Kotlin.
    Kotlin,
    /// PHP, mixed with HTML.
    Php,
    /// PowerShell.
    PowerShell,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// POSIX shell and bash.
    Shell,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 11] = [
        Self::Bicep,
        Self::CSharp,
        Self::Go,
        Self::Java,
        Self::JavaScript,
        Self::Kotlin,
        Self::Php,
        Self::PowerShell,
        Self::Python,
        Self::Rust,
        Self::Shell,
    ];

    /// The language of a file, by the extension of its name.
    pub fn of_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let (_, extension) = file.rsplit_once('.')?;
        Self::ALL.into_iter().find(|language| {
            language
                .table()
                .extensions
                .iter()
                .any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// The language that the first line of a script names: `#!/usr/bin/env python3`.
    pub fn of_shebang(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("#!")?;
        let program = line
            .split_whitespace()
            .map(|word| word.rsplit('/').next().unwrap_or(word))
            .find(|word| *word != "env" && !word.starts_with('-'))?;
        Some(
            match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
                "python" => Self::Python,
                "node" | "deno" | "bun" => Self::JavaScript,
                "pwsh" | "powershell" => Self::PowerShell,
                "sh" | "bash" | "zsh" | "dash" | "ksh" => Self::Shell,
                "php" => Self::Php,
                _ => return None,
            },
        )
    }

    /// The language's table.
    pub const fn table(self) -> &'static Table {
        match self {
            Self::Bicep => &languages::bicep::TABLE,
            Self::CSharp => &languages::csharp::TABLE,
            Self::Go => &languages::go::TABLE,
            Self::Java => &languages::java::TABLE,
            Self::JavaScript => &languages::javascript::TABLE,
            Self::Kotlin => &languages::kotlin::TABLE,
            Self::Php => &languages::php::TABLE,
            Self::PowerShell => &languages::powershell::TABLE,
            Self::Python => &languages::python::TABLE,
            Self::Rust => &languages::rust::TABLE,
            Self::Shell => &languages::shell::TABLE,
        }
    }
}

/// What the lexer knows of a language.
#[derive(Debug)]
pub struct Table {
    /// The extensions of its files, without the dot.
    pub extensions: &'static [&'static str],
    /// What begins a comment that ends with the line.
    pub line_comments: &'static [&'static str],
    /// What begins and ends a comment, and whether such comments nest.
    pub block_comments: &'static [(&'static str, &'static str, bool)],
    /// The strings. The first rule that fits is taken, so longer delimiters come first.
    pub strings: &'static [StringRule],
    /// Bytes above letters, digits and `_` that a name can hold.
    pub name_bytes: &'static [u8],
    /// Whether `$` begins a variable.
    pub dollar_variables: bool,
    /// Whether `/` can begin a regular expression.
    pub regex: bool,
    /// What is told apart by code, not by a table.
    pub dialect: Dialect,
    /// The operator that joins strings.
    pub concat: &'static str,
}

/// Habits of a language that no table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// None.
    Plain,
    /// `#if false` and the other directives.
    CSharp,
    /// HTML outside of `<?php … ?>`, here documents.
    Php,
    /// Cmdlet names, parameters, backtick at the end of a line.
    PowerShell,
    /// Brackets continue a line.
    Python,
    /// Bare words, `$(…)`, here documents.
    Shell,
}

/// One form of string.
#[derive(Debug)]
pub struct StringRule {
    /// Letters or signs that may stand before the quote, each alternative in full: `f`, `rb`, `$@`. Empty: none.
    pub prefixes: &'static [&'static str],
    /// The opening delimiter.
    pub open: &'static str,
    /// The closing delimiter. Empty: see `shape`.
    pub close: &'static str,
    /// How special characters are written.
    pub escape: Escape,
    /// Whether the string can hold line ends.
    pub multiline: bool,
    /// The code within.
    pub holes: Holes,
    /// Delimiters whose length or word the text chooses.
    pub shape: Shape,
}

/// Which holes a string has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holes {
    /// None.
    None,
    /// `${code}`.
    DollarBrace,
    /// `{code}`, with `{{` for a brace.
    Brace,
    /// `$name` and `${code}`: Kotlin.
    Kotlin,
    /// `$name`, `$name->member`, `{$code}`, `${name}`: PHP.
    Php,
    /// `$name`, `${name}`, `$(code)`: PowerShell.
    PowerShell,
    /// `$name`, `${name…}`, `$(code)`: shells.
    Shell,
}

/// Delimiters that the text chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The delimiters of the rule.
    Fixed,
    /// C# raw strings: three or more quotes, as many `$` as braces around a hole.
    CSharpRaw,
    /// Rust raw strings: `r##"…"##`.
    RustRaw,
    /// One character between quotes; the quote alone is an operator or part of a lifetime.
    Char,
    /// PHP: `<<<ID`, `<<<"ID"` with holes.
    HereDoc,
    /// PHP: `<<<'ID'`.
    NowDoc,
}

impl StringRule {
    /// A string on one line with backslash escapes.
    pub(crate) const fn quoted(quote: &'static str) -> Self {
        Self {
            prefixes: &[""],
            open: quote,
            close: quote,
            escape: Escape::Backslash,
            multiline: false,
            holes: Holes::None,
            shape: Shape::Fixed,
        }
    }
}

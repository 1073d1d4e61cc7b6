//! C#. Source: C# language specification, "Lexical structure"; "Raw string literal text".

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["cs", "csx", "cshtml", "razor"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            prefixes: &["$", "$$", "$$$"],
            open: "\"\"\"",
            close: "",
            escape: Escape::None,
            multiline: true,
            holes: Holes::Brace,
            shape: Shape::CSharpRaw,
        },
        StringRule {
            prefixes: &[""],
            open: "\"\"\"",
            close: "",
            escape: Escape::None,
            multiline: true,
            holes: Holes::None,
            shape: Shape::CSharpRaw,
        },
        StringRule {
            prefixes: &["$@", "@$"],
            escape: Escape::Doubled,
            multiline: true,
            holes: Holes::Brace,
            ..StringRule::quoted("\"")
        },
        StringRule {
            prefixes: &["@"],
            escape: Escape::Doubled,
            multiline: true,
            ..StringRule::quoted("\"")
        },
        StringRule {
            prefixes: &["$"],
            holes: Holes::Brace,
            ..StringRule::quoted("\"")
        },
        StringRule::quoted("\""),
        StringRule {
            shape: Shape::Char,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: false,
    regex: false,
    dialect: Dialect::CSharp,
    concat: "+",
};

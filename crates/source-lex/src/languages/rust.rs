//! Rust. Source: The Rust Reference, "Tokens".

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["rs"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", true)],
    strings: &[
        StringRule {
            prefixes: &["r", "br", "cr"],
            open: "",
            close: "",
            escape: Escape::None,
            multiline: true,
            holes: Holes::None,
            shape: Shape::RustRaw,
        },
        StringRule {
            prefixes: &["", "b", "c"],
            multiline: true,
            ..StringRule::quoted("\"")
        },
        StringRule {
            prefixes: &["", "b"],
            shape: Shape::Char,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: false,
    regex: false,
    dialect: Dialect::Plain,
    concat: "+",
};

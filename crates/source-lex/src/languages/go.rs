//! Go. Source: The Go Programming Language Specification, "Lexical elements".

use crate::language::{Dialect, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["go"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            escape: Escape::None,
            multiline: true,
            ..StringRule::quoted("`")
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
    dialect: Dialect::Plain,
    concat: "+",
};

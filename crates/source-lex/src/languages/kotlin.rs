//! Kotlin, and Groovy in so far as its strings agree. Source: Kotlin language specification, "Lexical grammar".

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["kt", "kts"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", true)],
    strings: &[
        StringRule {
            escape: Escape::None,
            multiline: true,
            holes: Holes::Kotlin,
            ..StringRule::quoted("\"\"\"")
        },
        StringRule {
            holes: Holes::Kotlin,
            ..StringRule::quoted("\"")
        },
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

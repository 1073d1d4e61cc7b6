//! Java. Source: The Java Language Specification, chapter 3.

use crate::language::{Dialect, Shape, StringRule, Table};

pub(crate) const TABLE: Table = Table {
    extensions: &["java"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            multiline: true,
            ..StringRule::quoted("\"\"\"")
        },
        StringRule::quoted("\""),
        StringRule {
            shape: Shape::Char,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"$",
    dollar_variables: false,
    regex: false,
    dialect: Dialect::Plain,
    concat: "+",
};

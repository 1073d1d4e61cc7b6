//! PHP. Source: PHP manual, "Strings" and "Basic syntax".

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["php", "phtml", "inc"],
    line_comments: &["//", "#"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            prefixes: &[""],
            open: "<<<'",
            close: "",
            escape: Escape::None,
            multiline: true,
            holes: Holes::None,
            shape: Shape::NowDoc,
        },
        StringRule {
            prefixes: &[""],
            open: "<<<",
            close: "",
            escape: Escape::Backslash,
            multiline: true,
            holes: Holes::Php,
            shape: Shape::HereDoc,
        },
        StringRule {
            multiline: true,
            holes: Holes::Php,
            ..StringRule::quoted("\"")
        },
        StringRule {
            escape: Escape::BackslashQuote,
            multiline: true,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: true,
    regex: false,
    dialect: Dialect::Php,
    concat: ".",
};

//! JavaScript and TypeScript, with JSX. Source: ECMAScript, "Lexical Grammar".

use crate::language::{Dialect, Holes, StringRule, Table};

pub(crate) const TABLE: Table = Table {
    extensions: &[
        "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte",
    ],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            multiline: true,
            holes: Holes::DollarBrace,
            ..StringRule::quoted("`")
        },
        StringRule::quoted("\""),
        StringRule::quoted("'"),
    ],
    name_bytes: b"$#",
    dollar_variables: false,
    regex: true,
    dialect: Dialect::Plain,
    concat: "+",
};

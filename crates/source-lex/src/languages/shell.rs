//! POSIX shell and bash. Source: POSIX.1-2024, "Shell Command Language"; bash manual, "Quoting".

use crate::language::{Dialect, Holes, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["sh", "bash", "zsh", "ksh", "bats"],
    line_comments: &["#"],
    block_comments: &[],
    strings: &[
        StringRule {
            prefixes: &["", "$"],
            multiline: true,
            holes: Holes::Shell,
            ..StringRule::quoted("\"")
        },
        StringRule {
            prefixes: &["$"],
            multiline: true,
            ..StringRule::quoted("'")
        },
        StringRule {
            escape: Escape::None,
            multiline: true,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: true,
    regex: false,
    dialect: Dialect::Shell,
    concat: "",
};

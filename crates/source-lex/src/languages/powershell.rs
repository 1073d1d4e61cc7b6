//! PowerShell. Source: Windows PowerShell Language Specification 3.0, chapter 2; about_Quoting_Rules.

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["ps1", "psm1", "psd1"],
    line_comments: &["#"],
    block_comments: &[("<#", "#>", false)],
    strings: &[
        StringRule {
            prefixes: &[""],
            open: "@\"",
            close: "\n\"@",
            escape: Escape::Backtick,
            multiline: true,
            holes: Holes::PowerShell,
            shape: Shape::Fixed,
        },
        StringRule {
            prefixes: &[""],
            open: "@'",
            close: "\n'@",
            escape: Escape::None,
            multiline: true,
            holes: Holes::None,
            shape: Shape::Fixed,
        },
        StringRule {
            escape: Escape::Backtick,
            multiline: true,
            holes: Holes::PowerShell,
            ..StringRule::quoted("\"")
        },
        StringRule {
            escape: Escape::Doubled,
            multiline: true,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: true,
    regex: false,
    dialect: Dialect::PowerShell,
    concat: "+",
};

//! Bicep. Source: Microsoft Learn, "Bicep file structure and syntax" and "Data types in Bicep".

use crate::language::{Dialect, Holes, Shape, StringRule, Table};
use crate::token::Escape;

pub(crate) const TABLE: Table = Table {
    extensions: &["bicep", "bicepparam"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    strings: &[
        StringRule {
            prefixes: &[""],
            open: "'''",
            close: "'''",
            escape: Escape::None,
            multiline: true,
            holes: Holes::None,
            shape: Shape::Fixed,
        },
        StringRule {
            holes: Holes::DollarBrace,
            ..StringRule::quoted("'")
        },
    ],
    name_bytes: b"",
    dollar_variables: false,
    regex: false,
    dialect: Dialect::Plain,
    concat: "+",
};

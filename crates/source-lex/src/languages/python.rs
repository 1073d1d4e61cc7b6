//! Python. Source: The Python Language Reference, "Lexical analysis".

use crate::language::{Dialect, Holes, StringRule, Table};
use crate::token::Escape;

const PLAIN: &[&str] = &["", "u", "U", "b", "B"];
const RAW: &[&str] = &["r", "R", "br", "Br", "bR", "BR", "rb", "rB", "Rb", "RB"];
const FORMATTED: &[&str] = &["f", "F", "t", "T"];
const RAW_FORMATTED: &[&str] = &["rf", "rF", "Rf", "RF", "fr", "fR", "Fr", "FR"];

const fn rule(
    prefixes: &'static [&'static str],
    quote: &'static str,
    multiline: bool,
    holes: Holes,
) -> StringRule {
    StringRule {
        prefixes,
        multiline,
        holes,
        ..StringRule::quoted(quote)
    }
}

const fn raw(
    prefixes: &'static [&'static str],
    quote: &'static str,
    multiline: bool,
    holes: Holes,
) -> StringRule {
    StringRule {
        escape: Escape::Raw,
        ..rule(prefixes, quote, multiline, holes)
    }
}

pub(crate) const TABLE: Table = Table {
    extensions: &["py", "pyw", "pyi"],
    line_comments: &["#"],
    block_comments: &[],
    strings: &[
        rule(FORMATTED, "\"\"\"", true, Holes::Brace),
        rule(FORMATTED, "'''", true, Holes::Brace),
        raw(RAW_FORMATTED, "\"\"\"", true, Holes::Brace),
        raw(RAW_FORMATTED, "'''", true, Holes::Brace),
        raw(RAW, "\"\"\"", true, Holes::None),
        raw(RAW, "'''", true, Holes::None),
        rule(PLAIN, "\"\"\"", true, Holes::None),
        rule(PLAIN, "'''", true, Holes::None),
        rule(FORMATTED, "\"", false, Holes::Brace),
        rule(FORMATTED, "'", false, Holes::Brace),
        raw(RAW_FORMATTED, "\"", false, Holes::Brace),
        raw(RAW_FORMATTED, "'", false, Holes::Brace),
        raw(RAW, "\"", false, Holes::None),
        raw(RAW, "'", false, Holes::None),
        rule(PLAIN, "\"", false, Holes::None),
        rule(PLAIN, "'", false, Holes::None),
    ],
    name_bytes: b"",
    dollar_variables: false,
    regex: false,
    dialect: Dialect::Python,
    concat: "+",
};

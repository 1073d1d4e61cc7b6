//! Words for people: how values from files and from the catalogue are shown.

use std::fmt::Write as _;

use msgraph_permissions::{PermissionName, PermissionType};
use serde::Serializer;

/// Text from a file, safe to print and not too long: what is very long is cut.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", escaped(text.get(..at).unwrap_or(text))),
        None => escaped(text),
    }
}

/// Text from a file or the name of one, safe to print: control characters, bidirectional
/// overrides and the like are escaped, so that a manifest cannot steer a terminal.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// JSON in which characters that steer a terminal are escaped: serde_json escapes the control characters below U+0020
/// only. They occur within strings alone, where `\uXXXX` stands for the same character.
pub fn safe_json(json: &str) -> String {
    if !json.chars().any(|c| steers(c) && c != '\n') {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// `1 finding`, `2 findings`; `1 fix`, `2 fixes`.
pub fn count(n: usize, one: &str) -> String {
    match one {
        _ if n == 1 => format!("1 {one}"),
        _ if one.ends_with('x') => format!("{n} {one}es"),
        _ => format!("{n} {one}s"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn and<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub fn or<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "or")
}

fn joined<T: AsRef<str>>(items: &[T], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", start.join(", "), last.as_ref())
        }
    }
}

/// At most `most` of the items, then how many more there are.
pub fn some<T: AsRef<str>>(items: &[T], most: usize) -> String {
    if items.len() <= most {
        return and(items);
    }
    let head: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    format!("{} and {} more", head.join(", "), items.len() - most)
}

/// The declaration's kind in the documentation's words.
pub fn kind(kind: PermissionType) -> &'static str {
    match kind {
        PermissionType::Delegated => "delegated",
        PermissionType::Application => "application",
    }
}

pub fn serialize_name<S: Serializer>(
    name: &PermissionName,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_str())
}

pub fn serialize_kind<S: Serializer>(
    value: &PermissionType,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_a_file_never_reach_the_terminal() {
        assert_eq!(shown("a\u{1b}[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 121);
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(and::<&str>(&[]), "");
        assert_eq!(and(&["a"]), "a");
        assert_eq!(and(&["a", "b", "c"]), "a, b and c");
        assert_eq!(or(&["a", "b"]), "a or b");
        assert_eq!(some(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(count(1, "finding"), "1 finding");
        assert_eq!(count(0, "finding"), "0 findings");
        assert_eq!(count(2, "fix"), "2 fixes");
    }
}

//! Words for people, and how values from files and from the catalog are shown without harm.

use camino::Utf8Path;
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

/// As [`shown`], between double quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

/// Text from a file or the name of one, safe to print: what could steer a terminal or a pipeline is escaped.
pub fn escaped(text: &str) -> String {
    // Nearly all text is of this kind, and a report has much of it.
    let is_plain = || text.bytes().all(is_plain) || !text.chars().any(steers);
    if !text.contains("##") && !text.contains("::") && is_plain() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // GitHub Actions takes a line that begins with `::` as a command.
    if rest.trim_start().starts_with("::") {
        let at = rest.len() - rest.trim_start().len();
        out.push_str(&rest[..at]);
        out.push_str("\\u{3a}");
        rest = &rest[at + 1..];
    }
    for (at, c) in rest.char_indices() {
        if steers(c) || starts_pipeline_command(&rest[at..]) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a byte is a printable ASCII character: these are nearly all of a report, and need no look at the character.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Whether a terminal or a reader takes the character for more than a letter: control characters (C0, DEL, C1),
/// bidirectional marks, overrides and isolates, line and paragraph separators, byte order marks, and the tag
/// characters that nothing shows.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Azure Pipelines takes `##vso[…]` and `##[…]` anywhere in a line as a command, and so does GitHub Actions the second.
fn starts_pipeline_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.starts_with('[')
            || rest
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("vso["))
    })
}

/// Whether such a command stands anywhere in a text.
fn has_pipeline_command(text: &str) -> bool {
    text.match_indices('#')
        .any(|(at, _)| starts_pipeline_command(&text[at..]))
}

/// A JSON document in which nothing can steer a terminal or a pipeline that prints it: the same document, with such
/// characters as escapes. They occur in strings only.
pub fn safe_json(json: &str) -> String {
    let is_plain = || {
        json.bytes().all(|byte| is_plain(byte) || byte == b'\n')
            || json.chars().all(|c| !steers(c) || c == '\n')
    };
    if !has_pipeline_command(json) && is_plain() {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len() + 64);
    for (at, c) in json.char_indices() {
        if c != '\n' && (steers(c) || starts_pipeline_command(&json[at..])) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Lines of a file, such as those of a diff: as [`escaped`], but line ends and tabs stay, and so do the joiners and
/// marks that names in some scripts need.
pub fn escaped_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        // Behind the column of signs of a diff: GitHub Actions skips leading blanks.
        let body = line.trim_start_matches([' ', '\t']);
        let command = body.starts_with("::").then_some(line.len() - body.len());
        for (at, c) in line.char_indices() {
            let end = matches!(c, '\n' | '\t')
                || (c == '\r' && matches!(&line[at..], "\r\n" | "\r"))
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
            if (steers(c) && !end) || Some(at) == command || starts_pipeline_command(&line[at..]) {
                out.extend(c.escape_unicode());
            } else {
                out.push(c);
            }
        }
    }
    out
}

/// `1 finding`, `2 findings`; `1 fix`, `2 fixes`; `1 entry`, `2 entries`.
pub fn count(n: usize, one: &str) -> String {
    match one {
        _ if n == 1 => format!("1 {one}"),
        _ if one.ends_with('x') => format!("{n} {one}es"),
        _ if one.ends_with("ry") => format!("{n} {}ies", &one[..one.len() - 1]),
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

/// A sentence: the first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The type of permission in the documentation's words.
pub const fn permission_type(permission_type: PermissionType) -> &'static str {
    match permission_type {
        PermissionType::Delegated => "delegated",
        PermissionType::Application => "application",
    }
}

/// Serializes a name as a string.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize_name<S: Serializer>(
    name: &PermissionName,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_str())
}

/// Serializes a type of permission as a string.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize_type<S: Serializer>(
    value: &PermissionType,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(permission_type(*value))
}

/// A path as reports write it on every platform: with `/` between folders, and without the prefix of Windows' long
/// paths, which no other program reads.
pub fn path(path: &Utf8Path) -> String {
    portable(path.as_str(), cfg!(windows))
}

/// [`path`]; a backslash separates folders on Windows alone, elsewhere it is a letter of a name.
fn portable(path: &str, is_windows: bool) -> String {
    if !is_windows {
        return path.to_owned();
    }
    // "Maximum Path Length Limitation", learn.microsoft.com: `\\?\C:\…` and `\\?\UNC\server\share\…`.
    let short = match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
    };
    short.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_have_forward_slashes_and_no_prefix() {
        for (path, shown) in [
            (r"apps\one\manifest.json", "apps/one/manifest.json"),
            (r"\\?\C:\work\apps\one.json", "C:/work/apps/one.json"),
            (r"\\?\UNC\server\share\one.json", "//server/share/one.json"),
            (r"C:\work/mixed\one.json", "C:/work/mixed/one.json"),
        ] {
            assert_eq!(portable(path, true), shown);
        }
        // Elsewhere it is a name like any other.
        assert_eq!(
            portable(r"apps/odd\name.json", false),
            r"apps/odd\name.json"
        );
    }

    #[test]
    fn what_steers_a_terminal_never_reaches_it() {
        assert_eq!(
            shown("a\u{1b}[31mb\u{202e}\u{9b}"),
            "a\\u{1b}[31mb\\u{202e}\\u{9b}"
        );
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 121);
    }

    #[test]
    fn what_steers_a_pipeline_never_reaches_it() {
        assert_eq!(escaped("::error::x"), "\\u{3a}:error::x");
        assert_eq!(escaped("a ##VSO[task.x]"), "a \\u{23}#VSO[task.x]");
        assert_eq!(escaped("a::b ## c"), "a::b ## c");
        assert_eq!(
            escaped_lines("+ok\n  ::error::x\r\n-\u{7}\n"),
            "+ok\n  \\u{3a}:error::x\r\n-\\u{7}\n"
        );
    }

    #[test]
    fn a_document_stays_the_same_document() {
        let value = serde_json::json!({ "a": "\u{9b}31m ##vso[x] \u{202e} ä \u{1F600} \u{e0041}" });
        let safe = safe_json(&serde_json::to_string_pretty(&value).expect("it is a value"));
        assert!(
            !safe.contains("##vso") && !safe.contains('\u{9b}'),
            "{safe}"
        );
        let back: serde_json::Value = serde_json::from_str(&safe).expect("it is still JSON");
        assert_eq!(back, value);
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
        assert_eq!(count(2, "entry"), "2 entries");
    }
}

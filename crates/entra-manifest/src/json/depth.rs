//! Scans that need no syntax tree: a bound on nesting, and strings left open.

use std::ops::Range;

use memchr::memchr2;

/// Deeper than any declaration, nested ARM templates included, and shallow enough for the stack of any thread.
pub(crate) const MAX_DEPTH: usize = 128;

/// The offset of the first bracket that nests deeper than [`MAX_DEPTH`]. One pass, no recursion.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' | b'\'' => at = string_end(bytes, at),
            b'/' => at = comment_end(bytes, at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The first string before `end` that runs over the end of its line: mostly, its closing quote is missing.
pub(crate) fn string_over_line_end(text: &str, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < end.min(bytes.len()) {
        match bytes[at] {
            b'"' | b'\'' => {
                let close = string_end(bytes, at);
                if let Some(line) = memchr2(b'\n', b'\r', &bytes[at..close]) {
                    return Some(at..at + line);
                }
                at = close;
            }
            b'/' => at = comment_end(bytes, at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset of a string's closing quote, or the text's end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while let Some(found) = memchr2(quote, b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == quote {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// The offset of a comment's last byte, the text's end, or `start` if there is no comment.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    match rest.get(1) {
        Some(b'/') => memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |end| start + end),
        Some(b'*') => rest[2..]
            .windows(2)
            .position(|pair| pair == b"*/")
            .map_or(bytes.len(), |end| start + 2 + end + 1),
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bracket_too_many_is_found() {
        let text = "[".repeat(MAX_DEPTH);
        assert_eq!(too_deep(&text), None);
        assert_eq!(too_deep(&format!("{text}{{")), Some(MAX_DEPTH));
        assert_eq!(too_deep(&"[]".repeat(1000)), None);
        assert_eq!(too_deep(&"]".repeat(1000)), None);
    }

    #[test]
    fn a_string_that_runs_over_its_line_is_found() {
        let text = "{\n // it's\n \"a\": \"b,\n \"c\": 1\n}";
        let span = string_over_line_end(text, text.len()).unwrap();
        assert_eq!(&text[span.clone()], "\"b,");
        assert_eq!(string_over_line_end(text, span.start), None);
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let many = "[".repeat(MAX_DEPTH + 1);
        for text in [
            format!("\"{many}\""),
            format!("\"\\\"{many}\""),
            format!("'\"{many}'"),
            format!("// {many}\n[]"),
            format!("/* \" {many} */"),
            format!("\"{many}"),
            format!("/*{many}"),
            format!("\"{many}\\"),
        ] {
            assert_eq!(too_deep(&text), None, "{text}");
        }
        for text in [
            format!("// x\r{many}"),
            format!("/**/{many}"),
            format!("/{many}"),
        ] {
            assert!(too_deep(&text).is_some(), "{text}");
        }
    }
}

//! Text from files and from permissions data as Markdown that shows it and nothing else.

use entralint_core::text;

/// As code. The fence is longer than any run of backticks in the text.
pub(crate) fn code(value: &str) -> String {
    let shown = text::shown(value);
    let mut longest = 0;
    let mut run = 0;
    for c in shown.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    // A blank keeps a backtick at the rim apart from the fence (CommonMark 0.31.2, 6.1).
    if shown.is_empty() || shown.starts_with(['`', ' ']) || shown.ends_with(['`', ' ']) {
        format!("{fence} {shown} {fence}")
    } else {
        format!("{fence}{shown}{fence}")
    }
}

/// As plain words: what Markdown or HTML would read as more than text is escaped.
pub(crate) fn plain(value: &str) -> String {
    let shown = text::shown(value);
    let mut out = String::with_capacity(shown.len());
    for c in shown.chars() {
        // Editors make links of bare addresses too: without its colon one is none.
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '('
                | ')'
                | '#'
                | '+'
                | '!'
                | '|'
                | '&'
                | '~'
                | '$'
                | ':'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A link; the words alone where there is no address.
pub(crate) fn link(words: &str, address: Option<String>) -> String {
    match address {
        // An address in angle brackets ends at `>` or at a line's end.
        Some(address) if !address.contains(['<', '>', '\n', '\\']) => {
            format!("[{}](<{address}>)", plain(words))
        }
        _ => plain(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_files_stays_text() {
        assert_eq!(code("User.Read"), "`User.Read`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(
            plain("[x](command:run) <img> *b*"),
            "\\[x\\]\\(command\\:run\\) \\<img\\> \\*b\\*"
        );
        assert_eq!(code("a\nb"), "`a\\u{a}b`");
        assert_eq!(
            link("a.ts:1", Some("file:///a%20b.ts#L1".to_owned())),
            "[a.ts\\:1](<file:///a%20b.ts#L1>)"
        );
        assert_eq!(link("a", Some("file:///a>(command:x)".to_owned())), "a");
    }
}

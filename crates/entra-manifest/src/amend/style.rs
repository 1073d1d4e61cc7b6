//! How a text is written: its line ends, its indentation, its blanks.

/// The habits that new text follows where no neighbour shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Style {
    /// The line end.
    pub(crate) newline: &'static str,
    /// One level of indentation.
    pub(crate) indent: String,
    /// What stands between a member's name and its value.
    pub(crate) colon: &'static str,
    /// Whether the text is one line.
    pub(crate) one_line: bool,
}

impl Style {
    pub(crate) fn of(text: &str) -> Self {
        let first_end = text.find('\n');
        let crlf = first_end.is_some_and(|end| text[..end].ends_with('\r'));
        let indented = text.lines().find_map(|line| {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            (blanks > 0 && blanks < line.len()).then(|| line[..blanks].to_owned())
        });
        let colon = text.find("\":").map(|at| &text[at + 2..]);
        Self {
            newline: if crlf { "\r\n" } else { "\n" },
            indent: indented.unwrap_or_else(|| "  ".to_owned()),
            colon: match colon {
                Some(rest) if rest.starts_with("  ") => ":  ",
                Some(rest) if !rest.starts_with(char::is_whitespace) => ":",
                _ => ": ",
            },
            one_line: !text.trim_end().contains('\n'),
        }
    }

    /// Whether the text is one line without blanks.
    pub(crate) const fn is_tight(&self) -> bool {
        self.one_line && self.colon.len() == 1
    }
}

/// The blanks that the line of `offset` begins with.
pub(crate) fn indent_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..offset];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// The line end before `offset`, or `usual` if there is none.
pub(crate) fn newline_before(text: &str, offset: usize, usual: &'static str) -> &'static str {
    let before = &text[..offset];
    match before.rfind('\n') {
        Some(end) if before[..end].ends_with('\r') => "\r\n",
        Some(_) => "\n",
        None => usual,
    }
}

/// `block`, whose lines after the first are indented for `from`, indented for `to` instead.
pub(crate) fn reindent(block: &str, from: &str, to: &str) -> String {
    if from == to {
        return block.to_owned();
    }
    let mut lines = block.split_inclusive('\n');
    let mut result = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        match line.strip_prefix(from) {
            Some(rest) => {
                result.push_str(to);
                result.push_str(rest);
            }
            None => result.push_str(line),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_are_read_off_the_text() {
        let style = Style::of("{\r\n\t\"a\":  1\r\n}\r\n");
        assert_eq!(style.newline, "\r\n");
        assert_eq!(style.indent, "\t");
        assert_eq!(style.colon, ":  ");
        assert!(!style.one_line);
        let style = Style::of("{\"a\":[1]}\n");
        assert_eq!((style.newline, style.colon), ("\n", ":"));
        assert!(style.one_line);
        assert_eq!(style.indent, "  ");
    }

    #[test]
    fn a_block_moves_with_its_lines() {
        assert_eq!(
            reindent("{\n    a\n  }", "  ", "      "),
            "{\n        a\n      }"
        );
        assert_eq!(reindent("{\na\n}", "  ", "\t"), "{\na\n}");
    }
}

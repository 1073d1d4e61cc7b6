//! Where a finding is, ready for every report: the text of the file is needed no more.

use camino::Utf8PathBuf;
use source_text::{FileId, Source, Span};

use crate::text;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file: a number of the report's table of files.
    pub file: FileId,
    /// The file's path, relative to the run's root.
    pub path: Utf8PathBuf,
    /// The bytes of the decoded text.
    pub span: Span,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: behind the last character.
    pub end: Position,
    /// The line, for people.
    pub excerpt: Excerpt,
}

impl Location {
    /// File and line, for messages: `src/app.ts:12`.
    pub fn shown(&self) -> String {
        format!("{}:{}", text::escaped(self.path.as_str()), self.start.line)
    }
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// From 1, in UTF-16 units, as editors and SARIF count.
    pub column_utf16: usize,
    /// From 1, in bytes of the decoded text.
    pub column_utf8: usize,
    /// In bytes of the file as it is stored, from 0.
    pub offset: usize,
}

/// The line that is marked, cut where it is very long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text.
    pub text: String,
    /// What of it is marked, in bytes.
    pub mark: std::ops::Range<usize>,
}

/// A minified manifest is one line: of a longer one only this many bytes around the mark are shown.
const LONGEST: usize = 240;

/// The place of a span. Takes time proportional to the lines' distance from a mark of the source's index and to the
/// excerpt, not to the line's length.
pub fn locate(source: &Source, span: Span) -> Location {
    let position = |offset: u32| {
        let (line, column) = source.line_column(offset);
        let (_, column_utf16) = source.line_column_utf16(offset);
        Position {
            line,
            column,
            column_utf16,
            column_utf8: source.line_column_utf8(offset).1,
            offset: source.original_offset(offset),
        }
    };
    Location {
        file: source.id(),
        path: source.name().to_owned(),
        span,
        start: position(span.start),
        end: position(span.end),
        excerpt: excerpt(source.text(), span),
    }
}

fn excerpt(text: &str, span: Span) -> Excerpt {
    let start = floor(text, span.start as usize);
    let end = floor(text, (span.end as usize).max(start));
    // An app's whole object would be underlined over all its lines: its first line identifies it.
    let shown_end = floor(text, end.min(start + LONGEST));
    let end = text[start..shown_end]
        .find('\n')
        .map_or(shown_end, |at| start + at);
    let window_start = floor(text, start.saturating_sub(LONGEST / 2));
    let from = text[window_start..start]
        .rfind('\n')
        .map_or(window_start, |at| window_start + at + 1);
    let window_end = floor(text, (end + LONGEST / 2).min(text.len()));
    let to = text[end..window_end]
        .find('\n')
        .map_or(window_end, |at| end + at);
    let line = text[from..to].trim_end_matches('\r');
    let start = (start - from).min(line.len());
    let marked = start..(end - from).min(line.len()).max(start);
    Excerpt {
        text: line.to_owned(),
        mark: marked,
    }
}

/// The nearest character boundary at or before `at`, within the text.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(text: &str, start: usize, end: usize) -> Location {
        let source = Source::decode(FileId::new(3), "a.json", text.as_bytes().to_vec())
            .expect("the text is UTF-8");
        locate(&source, source.span(start, end))
    }

    #[test]
    fn a_line_is_shown_whole_and_a_long_one_around_the_mark() {
        let short = located("one\ntwo three\r\nfour", 8, 13);
        assert_eq!(short.excerpt.text, "two three");
        assert_eq!(&short.excerpt.text[short.excerpt.mark.clone()], "three");
        assert_eq!((short.start.line, short.start.column), (2, 5));
        let long = format!("{}mark{}", "ä".repeat(5_000), "ö".repeat(5_000));
        let cut = located(&long, 10_000, 10_004);
        assert!(cut.excerpt.text.len() <= LONGEST + 8);
        assert_eq!(&cut.excerpt.text[cut.excerpt.mark.clone()], "mark");
        assert_eq!(cut.start.column, 5_001);
    }

    #[test]
    fn of_several_lines_the_first_is_shown() {
        let several = located("{\n  \"a\": 1\n}", 0, 13);
        assert_eq!(several.excerpt.text, "{");
        assert_eq!(several.excerpt.mark, 0..1);
    }

    proptest::proptest! {
        #[test]
        fn any_place_has_an_excerpt(text in "[a-zä\u{1F600}\r\n]{0,80}", start in 0_usize..400, length in 0_usize..400) {
            let location = located(&text, start, start + length);
            let excerpt = &location.excerpt;
            proptest::prop_assert!(excerpt.text.get(excerpt.mark.clone()).is_some());
            proptest::prop_assert!(!excerpt.text.contains('\n'));
        }
    }
}

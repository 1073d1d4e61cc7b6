//! A set of edits, and what they come to together.

use source_text::{Edit, Source, Span};

/// Edits in the making. They may touch: what is deleted twice is deleted once.
#[derive(Debug, Default)]
pub(super) struct Patch {
    edits: Vec<Edit>,
}

impl Patch {
    pub(super) fn replace(&mut self, span: Span, new: impl Into<String>) {
        self.edits.push(Edit::replace(span, new));
    }

    pub(super) fn delete(&mut self, span: Span) {
        if !span.is_empty() {
            self.replace(span, "");
        }
    }

    /// Inserts before a span's first byte.
    pub(super) fn insert_before(&mut self, span: Span, text: impl Into<String>) {
        self.replace(
            Span {
                end: span.start,
                ..span
            },
            text,
        );
    }

    /// Inserts behind a span's last byte.
    pub(super) fn insert_after(&mut self, span: Span, text: impl Into<String>) {
        self.replace(
            Span {
                start: span.end,
                ..span
            },
            text,
        );
    }

    /// The edits, sorted and disjoint. A line that a deletion leaves blank goes with it.
    pub(super) fn finish<'a>(mut self, text_of: impl Fn(Span) -> Option<&'a Source>) -> Vec<Edit> {
        // Insertions at one place stay in the order in which they were made: the sort is stable.
        self.edits
            .sort_by_key(|edit| (edit.span.file, edit.span.start));
        let merged = merge(self.edits);
        let whole_lines = merged.into_iter().map(|edit| {
            let lines = match text_of(edit.span) {
                Some(source) if edit.new.is_empty() => blank_line_around(source, edit.span),
                _ => None,
            };
            Edit {
                span: lines.unwrap_or(edit.span),
                ..edit
            }
        });
        merge(whole_lines.collect())
    }
}

/// Joins edits that overlap or touch.
fn merge(edits: Vec<Edit>) -> Vec<Edit> {
    let mut merged: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match merged.last_mut() {
            // One literal that serves two requests is written once.
            Some(last) if *last == edit && !edit.span.is_empty() => {}
            Some(last) if edit.span.file == last.span.file && edit.span.start <= last.span.end => {
                last.span = last.span.to(edit.span);
                last.new.push_str(&edit.new);
            }
            _ => merged.push(edit),
        }
    }
    merged
}

/// The whole lines of a span that has only blanks around it on them.
fn blank_line_around(source: &Source, span: Span) -> Option<Span> {
    let start = line_start_if_blank(source.text(), span.range().start)?;
    let end = line_end_if_blank(source.text(), span.range().end)?;
    Some(source.span(start, end))
}

/// The start of the line of `offset`, if only blanks stand between.
pub(super) fn line_start_if_blank(text: &str, offset: usize) -> Option<usize> {
    let before = &text[..offset];
    let start = before.trim_end_matches([' ', '\t']).len();
    (start == 0 || before[..start].ends_with('\n')).then_some(start)
}

/// The start of the next line, if only blanks stand between.
pub(super) fn line_end_if_blank(text: &str, offset: usize) -> Option<usize> {
    let after = &text[offset..];
    let rest = after.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    let rest = rest.strip_prefix('\n')?;
    Some(text.len() - rest.len())
}

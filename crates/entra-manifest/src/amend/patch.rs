//! A set of edits to one text, and what they come to together.

use super::Edit;
use crate::span::Span;

/// Edits in the making. They may touch: what is deleted twice is deleted once.
#[derive(Debug, Default)]
pub(super) struct Patch {
    edits: Vec<Edit>,
}

impl Patch {
    pub(super) fn replace(&mut self, span: Span, replacement: impl Into<String>) {
        self.edits.push(Edit {
            span,
            replacement: replacement.into(),
        });
    }

    pub(super) fn delete(&mut self, span: Span) {
        if !span.is_empty() {
            self.replace(span, "");
        }
    }

    pub(super) fn insert(&mut self, offset: usize, text: impl Into<String>) {
        self.replace(Span::at(offset), text);
    }

    /// The edits, sorted and disjoint. A line that a deletion leaves blank goes with it.
    pub(super) fn finish(mut self, text: &str) -> Vec<Edit> {
        // Insertions at one place stay in the order in which they were made: the sort is stable.
        self.edits.sort_by_key(|edit| edit.span.start);
        let merged = merge(self.edits);
        let whole_lines = merged
            .into_iter()
            .map(|edit| match edit.replacement.is_empty() {
                true => Edit {
                    span: blank_line_around(text, edit.span).unwrap_or(edit.span),
                    ..edit
                },
                false => edit,
            });
        merge(whole_lines.collect())
    }
}

/// Joins edits that overlap or touch.
fn merge(edits: Vec<Edit>) -> Vec<Edit> {
    let mut merged: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match merged.last_mut() {
            Some(last) if edit.span.start <= last.span.end => {
                last.span.end = last.span.end.max(edit.span.end);
                last.replacement.push_str(&edit.replacement);
            }
            _ => merged.push(edit),
        }
    }
    merged
}

/// The whole lines of a span that has only blanks around it on them.
fn blank_line_around(text: &str, span: Span) -> Option<Span> {
    let start = line_start_if_blank(text, span.start)?;
    let end = line_end_if_blank(text, span.end)?;
    Some(Span::new(start, end))
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

/// The text after its edits, which are sorted and disjoint.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(&text[at..edit.span.start]);
        result.push_str(&edit.replacement);
        at = edit.span.end;
    }
    result.push_str(&text[at..]);
    result
}

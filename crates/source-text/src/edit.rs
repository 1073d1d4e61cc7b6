//! Byte edits.

use crate::span::Span;

/// Replaces the bytes of a span by a text. An empty span inserts, an empty text removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub new: String,
}

impl Edit {
    /// Replaces `span` by `new`.
    pub fn replace(span: Span, new: impl Into<String>) -> Self {
        Self {
            span,
            new: new.into(),
        }
    }

    /// Removes `span`.
    pub const fn remove(span: Span) -> Self {
        Self {
            span,
            new: String::new(),
        }
    }
}

/// Edits that cannot be applied together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits touch the same bytes.
    #[error("two edits touch the same bytes")]
    Overlap(Span),
    /// An edit lies outside the text or within a character.
    #[error("an edit lies outside the text")]
    Outside(Span),
}

/// The text after the edits, which all are of this text's file. Their order makes no difference, except that of several
/// insertions at one place, which stay in the order given. Equal edits count once.
///
/// # Errors
///
/// When two edits overlap, or one lies outside the text. Nothing is applied then.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    sorted.dedup_by(|a, b| a == b && !a.span.is_empty());
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < at {
            return Err(EditError::Overlap(edit.span));
        }
        let (Some(kept), Some(_)) = (text.get(at..range.start), text.get(range.clone())) else {
            return Err(EditError::Outside(edit.span));
        };
        out.push_str(kept);
        out.push_str(&edit.new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn span(start: usize, end: usize) -> Span {
        Span::new(FileId::default(), start, end)
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [
            Edit::replace(span(4, 7), "two"),
            Edit::remove(span(0, 1)),
            Edit::replace(span(7, 7), "!"),
        ];
        assert_eq!(apply("abc def", &edits).as_deref(), Ok("bc two!"));
    }

    #[test]
    fn overlapping_edits_are_refused() {
        let edits = [Edit::remove(span(0, 3)), Edit::remove(span(2, 4))];
        assert_eq!(apply("abcdef", &edits), Err(EditError::Overlap(span(2, 4))));
    }

    #[test]
    fn an_edit_within_a_character_is_refused() {
        assert_eq!(
            apply("é", &[Edit::remove(span(1, 2))]),
            Err(EditError::Outside(span(1, 2)))
        );
    }
}

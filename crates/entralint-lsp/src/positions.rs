//! Positions of the protocol: lines and columns from 0, columns in the units that both sides agreed on.

use entralint_core::finding::{Location, Position};
use serde_json::{Value, json};
use source_text::Source;

/// The units of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Positions {
    /// Units of UTF-16: what the protocol says where nothing else is agreed on.
    Utf16,
    /// Bytes of UTF-8.
    Utf8,
}

impl Positions {
    /// UTF-8 where the editor takes it: nothing has to be counted then.
    pub(crate) fn negotiated(offered: &Value) -> Self {
        let mut offered = offered.as_array().into_iter().flatten();
        if offered.any(|encoding| encoding == "utf-8") {
            Self::Utf8
        } else {
            Self::Utf16
        }
    }

    /// The name in the protocol.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Utf16 => "utf-16",
            Self::Utf8 => "utf-8",
        }
    }

    /// A position of the protocol.
    pub(crate) fn position(self, position: Position) -> Value {
        let column = match self {
            Self::Utf16 => position.column_utf16,
            Self::Utf8 => position.column_utf8,
        };
        json!({
            "line": position.line.saturating_sub(1),
            "character": column.saturating_sub(1),
        })
    }

    /// The range of a place.
    pub(crate) fn range(self, at: &Location) -> Value {
        json!({ "start": self.position(at.start), "end": self.position(at.end) })
    }

    /// The offset of a position in a text. A position behind the text counts as its end; `None` where it is no position.
    pub(crate) fn offset(self, source: &Source, position: &Value) -> Option<usize> {
        let part = |name: &str| -> Option<usize> { usize::try_from(position[name].as_u64()?).ok() };
        let line = part("line")?.saturating_add(1);
        let column = part("character")?.saturating_add(1);
        let offset = match self {
            Self::Utf16 => source.offset_of_utf16(line, column),
            Self::Utf8 => source.offset_of_utf8(line, column),
        };
        Some(offset.unwrap_or(source.text().len()))
    }
}

#[cfg(test)]
mod tests {
    use entralint_core::finding::locate;
    use source_text::{Encoding, FileId};

    use super::*;

    #[test]
    fn utf_16_is_the_default() {
        assert_eq!(Positions::negotiated(&Value::Null), Positions::Utf16);
        assert_eq!(Positions::negotiated(&json!(["utf-32"])), Positions::Utf16);
        let both = json!(["utf-16", "utf-8"]);
        assert_eq!(Positions::negotiated(&both), Positions::Utf8);
    }

    proptest::proptest! {
        #[test]
        fn positions_and_offsets_agree(text in "[aä\u{1F600}\r\n]{0,20}", at in 0_usize..60) {
            let source = Source::new(FileId::default(), "a", text.clone(), Encoding::Utf8);
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let located = locate(&source, source.span(at, at));
            for positions in [Positions::Utf16, Positions::Utf8] {
                let there = positions.position(located.start);
                proptest::prop_assert_eq!(positions.offset(&source, &there), Some(at));
            }
        }

        #[test]
        fn no_position_is_too_odd(text in "[aä\n]{0,20}", line: u64, character: u64) {
            let source = Source::new(FileId::default(), "a", text.clone(), Encoding::Utf8);
            for positions in [Positions::Utf16, Positions::Utf8] {
                for (line, character) in [(line, character), (line % 4, character % 9)] {
                    let position = json!({ "line": line, "character": character });
                    let offset = positions.offset(&source, &position);
                    proptest::prop_assert!(offset.is_some_and(|at| text.is_char_boundary(at)));
                }
            }
        }
    }
}

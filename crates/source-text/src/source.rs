//! The text of a file, and the way back to its bytes.

use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use crate::span::{FileId, Span};

/// How the bytes of a file stand for its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, little end first, behind a byte order mark: what PowerShell's redirection writes.
    Utf16Le,
    /// UTF-16, big end first, behind a byte order mark.
    Utf16Be,
}

const UTF8_BOM: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF16_LE_BOM: &[u8] = &[0xFF, 0xFE];
const UTF16_BE_BOM: &[u8] = &[0xFE, 0xFF];

impl Encoding {
    const fn bom(self) -> &'static [u8] {
        match self {
            Self::Utf8 => &[],
            Self::Utf8Bom => UTF8_BOM,
            Self::Utf16Le => UTF16_LE_BOM,
            Self::Utf16Be => UTF16_BE_BOM,
        }
    }
}

/// Bytes that are no text in an encoding that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {offset})")]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Offset in the file of the first byte that is wrong.
    pub offset: usize,
}

/// The sorts of [`DecodeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Not UTF-8, and no byte order mark says what else.
    #[error("the file is not UTF-8: save it as UTF-8")]
    NotUtf8,
    /// A byte order mark announces UTF-16, and the bytes are not.
    #[error("the file is not the UTF-16 that its byte order mark announces")]
    NotUtf16,
    /// UTF-16 without the byte order mark that would say so.
    #[error("the file looks like UTF-16 without a byte order mark: save it as UTF-8")]
    Utf16WithoutBom,
    /// UTF-32.
    #[error("the file is UTF-32: save it as UTF-8")]
    Utf32,
    /// 4 GiB or more.
    #[error("the file is larger than 4 GiB")]
    TooLarge,
}

/// The text of a file, its encoding, and where its lines are.
///
/// All offsets and [`Span`](crate::Span)s count bytes of [`text`](Self::text), which is UTF-8 without a byte order mark.
#[derive(Debug, Clone)]
pub struct Source {
    id: FileId,
    name: Arc<Utf8Path>,
    text: String,
    encoding: Encoding,
    index: OnceLock<Index>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.text == other.text
    }
}

impl Eq for Source {}

/// Built at the first question for a line: a file without findings never pays for it.
#[derive(Debug, Clone)]
struct Index {
    /// Offset of each line's first byte.
    lines: Vec<usize>,
    /// At each multiple of [`STEP`]: the characters and UTF-16 units before it. Keeps questions about one endless
    /// line cheap.
    marks: Vec<Counts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    chars: usize,
    units: usize,
}

const STEP: usize = 1024;

impl Source {
    /// Decodes the bytes of a file: UTF-8, or UTF-16 behind a byte order mark. The name is the one that messages and
    /// formats see: a path relative to the repository's root where there is one.
    ///
    /// # Errors
    ///
    /// When the bytes are no text in one of these encodings.
    pub fn decode(
        id: FileId,
        name: impl Into<Utf8PathBuf>,
        bytes: Vec<u8>,
    ) -> Result<Self, DecodeError> {
        Self::decode_named(id, name.into().into(), bytes)
    }

    /// As [`decode`](Self::decode), under a name that others share.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_named(
        id: FileId,
        name: Arc<Utf8Path>,
        bytes: Vec<u8>,
    ) -> Result<Self, DecodeError> {
        let (text, encoding) = decode(bytes)?;
        Ok(Self::named(id, name, text, encoding))
    }
    ///
    /// # Panics
    ///
    /// When the text has 4 GiB or more.
    pub fn new(id: FileId, name: impl Into<Utf8PathBuf>, text: String, encoding: Encoding) -> Self {
        Self::named(id, name.into().into(), text, encoding)
    }

    fn named(id: FileId, name: Arc<Utf8Path>, text: String, encoding: Encoding) -> Self {
        assert!(
            u32::try_from(text.len()).is_ok(),
            "a source has fewer than 2^32 bytes"
        );
        Self {
            id,
            name,
            text,
            encoding,
            index: OnceLock::new(),
        }
    }

    /// The file's number, which its spans carry.
    pub const fn id(&self) -> FileId {
        self.id
    }

    /// The file's name.
    pub fn name(&self) -> &Utf8Path {
        &self.name
    }

    /// The file's name, for what speaks of the file without its text.
    pub fn shared_name(&self) -> Arc<Utf8Path> {
        Arc::clone(&self.name)
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of this file from `start` up to, and without, `end`.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    /// The text of a span of this file; empty where the span lies outside the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The same file with another text.
    #[must_use]
    pub fn with_text(&self, text: String) -> Self {
        Self::named(self.id, self.shared_name(), text, self.encoding)
    }

    /// How the file's bytes stand for the text.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Line and column of an offset into the text, both from 1. The column counts characters.
    ///
    /// An offset behind the text counts as its end, one within a character as that character's start.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let (line, start, end) = self.in_line(offset);
        (line, end.chars - start.chars + 1)
    }

    /// Line and column of an offset into the text, both from 1. The column counts UTF-16 units, as editors and SARIF
    /// do.
    pub fn line_column_utf16(&self, offset: u32) -> (usize, usize) {
        let (line, start, end) = self.in_line(offset);
        (line, end.units - start.units + 1)
    }

    /// Line and column of an offset into the text, both from 1. The column counts bytes of the text, as editors do that
    /// keep it as UTF-8.
    pub fn line_column_utf8(&self, offset: u32) -> (usize, usize) {
        let offset = self.boundary(offset as usize);
        let lines = &self.index().lines;
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line - 1).copied().unwrap_or_default();
        (line, offset - start + 1)
    }

    /// Offset into the text of a line and a column in bytes, both from 1. A column behind the line's end counts as its
    /// end, one within a character as that character's start; `None` where the text has no such line.
    pub fn offset_of_utf8(&self, line: usize, column: usize) -> Option<usize> {
        let index = self.index();
        let start = *index.lines.get(line.checked_sub(1)?)?;
        let end = index
            .lines
            .get(line)
            .map_or(self.text.len(), |next| next - 1);
        Some(self.boundary(start.saturating_add(column.saturating_sub(1)).min(end)))
    }

    /// Offset into the text of a line and a column in UTF-16 units, both from 1. A column behind the line's end counts
    /// as its end; `None` where the text has no such line.
    pub fn offset_of_utf16(&self, line: usize, column: usize) -> Option<usize> {
        let index = self.index();
        let start = *index.lines.get(line.checked_sub(1)?)?;
        let end = index
            .lines
            .get(line)
            .map_or(self.text.len(), |next| next - 1);
        let mut units = column.saturating_sub(1);
        for (at, char) in self.text[start..end].char_indices() {
            if units < char.len_utf16() {
                return Some(start + at);
            }
            units -= char.len_utf16();
        }
        Some(end)
    }

    /// The line of this number, from 1, without its end.
    pub fn line(&self, number: usize) -> Option<&str> {
        let lines = &self.index().lines;
        let start = *lines.get(number.checked_sub(1)?)?;
        let end = lines.get(number).copied().unwrap_or(self.text.len());
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }

    fn in_line(&self, offset: u32) -> (usize, Counts, Counts) {
        let offset = self.boundary(offset as usize);
        let index = self.index();
        let line = index.lines.partition_point(|start| *start <= offset);
        let start = index.lines.get(line - 1).copied().unwrap_or_default();
        (line, self.counts(start), self.counts(offset))
    }

    /// Offset in the file, byte order mark included, of an offset into the text.
    ///
    /// An offset behind the text counts as its end, one within a character as that character's start.
    pub fn original_offset(&self, offset: u32) -> usize {
        let offset = self.boundary(offset as usize);
        let within = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => offset,
            Encoding::Utf16Le | Encoding::Utf16Be => 2 * self.counts(offset).units,
        };
        self.encoding.bom().len() + within
    }

    /// The bytes of a file with this text in this source's encoding.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mut bytes = self.encoding.bom().to_vec();
        match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => bytes.extend_from_slice(text.as_bytes()),
            Encoding::Utf16Le => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Encoding::Utf16Be => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        }
        bytes
    }

    /// The bytes of the file that this source holds.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(&self.text)
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut lines = vec![0];
            let mut marks = Vec::with_capacity(self.text.len() / STEP + 1);
            let mut counts = Counts::default();
            for (at, &byte) in self.text.as_bytes().iter().enumerate() {
                if at % STEP == 0 {
                    marks.push(counts);
                }
                counts.add(byte);
                if byte == b'\n' {
                    lines.push(at + 1);
                }
            }
            Index { lines, marks }
        })
    }

    /// Characters and UTF-16 units before `offset`, which is a character's start.
    fn counts(&self, offset: usize) -> Counts {
        let step = offset / STEP;
        // An offset at the very end can be one step past the last mark.
        let (from, mut counts) = match self.index().marks.get(step) {
            Some(mark) => (step * STEP, *mark),
            None => match self.index().marks.last() {
                Some(mark) => ((self.index().marks.len() - 1) * STEP, *mark),
                None => (0, Counts::default()),
            },
        };
        for &byte in &self.text.as_bytes()[from..offset] {
            counts.add(byte);
        }
        counts
    }
}

impl Counts {
    /// Counts a character at its first byte; one of four bytes takes two UTF-16 units.
    const fn add(&mut self, byte: u8) {
        match byte {
            0x80..=0xBF => {}
            0xF0.. => {
                self.chars += 1;
                self.units += 2;
            }
            _ => {
                self.chars += 1;
                self.units += 1;
            }
        }
    }
}

fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), DecodeError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(DecodeError {
            kind: DecodeErrorKind::TooLarge,
            offset: 0,
        });
    }
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(DecodeError {
            kind: DecodeErrorKind::Utf32,
            offset: 0,
        });
    }
    if bytes.starts_with(UTF16_LE_BOM) {
        let text = decode_utf16(&bytes, u16::from_le_bytes)?;
        return Ok((text, Encoding::Utf16Le));
    }
    if bytes.starts_with(UTF16_BE_BOM) {
        let text = decode_utf16(&bytes, u16::from_be_bytes)?;
        return Ok((text, Encoding::Utf16Be));
    }
    // A JSON text begins with two ASCII characters, so zeros among its first bytes give UTF-16 away
    // (RFC 4627, section 3).
    if matches!(bytes.as_slice(), [0, b, 0, d, ..] | [b, 0, d, 0, ..] if *b != 0 && *d != 0) {
        return Err(DecodeError {
            kind: DecodeErrorKind::Utf16WithoutBom,
            offset: 0,
        });
    }
    let bom = bytes.starts_with(UTF8_BOM);
    match String::from_utf8(bytes) {
        Ok(mut text) if bom => {
            text.drain(..UTF8_BOM.len());
            Ok((text, Encoding::Utf8Bom))
        }
        Ok(text) => Ok((text, Encoding::Utf8)),
        Err(error) => Err(DecodeError {
            kind: DecodeErrorKind::NotUtf8,
            offset: error.utf8_error().valid_up_to(),
        }),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let error = |offset| DecodeError {
        kind: DecodeErrorKind::NotUtf16,
        offset,
    };
    let (pairs, rest) = bytes[UTF16_LE_BOM.len()..].as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let mut offset = UTF16_LE_BOM.len();
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let char = decoded.map_err(|_| error(offset))?;
        offset += 2 * char.len_utf16();
        text.push(char);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(error(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(FileId::default(), "a", text.to_owned(), Encoding::Utf8)
    }

    #[test]
    fn columns_count_characters_or_utf16_units() {
        let source = source("a\r\né𝄞x\n");
        let at = u32::try_from("a\r\né𝄞".len()).unwrap();
        assert_eq!(source.line_column(at), (2, 3));
        assert_eq!(source.line_column_utf16(at), (2, 4));
        assert_eq!(source.line_column_utf8(at), (2, 7));
        assert_eq!(source.offset_of_utf8(2, 7), Some(at as usize));
        let within = source.offset_of_utf8(2, 6);
        assert_eq!(within, Some(at as usize - '𝄞'.len_utf8()));
        assert_eq!(source.offset_of_utf8(9, 1), None);
        assert_eq!(source.offset_of_utf16(2, 4), Some(at as usize));
        assert_eq!(source.offset_of_utf16(2, 99), Some(at as usize + 1));
        assert_eq!(source.offset_of_utf16(9, 1), None);
        assert_eq!(source.line(1), Some("a"));
        assert_eq!(source.line(3), Some(""));
    }

    proptest::proptest! {
        #[test]
        fn every_offset_comes_back(text in "[ab\n\ré𝄞]{0,40}") {
            let source = source(&text);
            for (at, _) in text.char_indices() {
                let offset = u32::try_from(at).unwrap();
                let (line, column) = source.line_column_utf16(offset);
                proptest::prop_assert_eq!(source.offset_of_utf16(line, column), Some(at));
            }
        }
    }
}

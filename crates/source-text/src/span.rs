//! Places in a text.

use std::ops::Range;

/// A file of one run. Whoever reads the files gives the numbers; they mean nothing beyond the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The file with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, for use as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes in the text of a file: `start` is the first byte, `end` the one after the last.
///
/// Offsets count bytes of [`Source::text`](crate::Source::text). They have 32 bits: a file of 4 GiB or more is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `file` from `start` up to, and without, `end`.
    ///
    /// # Panics
    ///
    /// When an offset does not fit into 32 bits: [`Source`](crate::Source) holds no such text.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).expect("a source has fewer than 2^32 bytes");
        Self {
            file,
            start: offset(start),
            end: offset(end),
        }
    }

    /// The empty span at `offset` of `file`.
    pub fn at(file: FileId, offset: usize) -> Self {
        Self::new(file, offset, offset)
    }

    /// Number of bytes covered.
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this span, in the same file.
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// Whether the two spans share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.file == other.file && self.start < other.end && other.start < self.end
    }

    /// The smallest span that covers both, which are of one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file, "one span lies in one file");
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The span as a range, for slicing a text.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands. For a string literal, its quotes included.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// The value at a place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            span: self.span,
        }
    }
}

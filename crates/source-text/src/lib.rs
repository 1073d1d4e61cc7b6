//! The text of source files: decoding, places in bytes, lines and columns, and byte edits.
//!
//! Everything that reads a file begins with a [`Source`] and says where things stand with a [`Span`]. A span names its
//! file, so that a finding, an edit or a related place can lie in another file than the one that was looked at first.
//! No I/O: bytes come in, bytes go out.
//!
//! ```
//! use source_text::{FileId, Source};
//!
//! let source = Source::decode(FileId::new(0), "app.json", b"{\n  \"id\": 1\n}".to_vec())?;
//! let span = source.span(4, 8);
//! assert_eq!(source.slice(span), "\"id\"");
//! assert_eq!(source.line_column(span.start), (2, 3));
//! # Ok::<(), source_text::DecodeError>(())
//! ```

mod edit;
mod source;
mod span;

pub use edit::{Edit, EditError, apply};
pub use source::{DecodeError, DecodeErrorKind, Encoding, Source};
pub use span::{FileId, Span, Spanned};

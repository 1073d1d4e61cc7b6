//! JSON as people write it: a syntax tree with places, comments, and what strict JSON would not have allowed.
//!
//! The base of all formats that are written in JSON; what a document declares is theirs to say.

mod depth;
pub(crate) mod literal;
mod mask;
mod oddities;
mod strict;
mod syntax;
pub(crate) mod tree;

#[cfg(test)]
pub(crate) use depth::MAX_DEPTH;
pub(crate) use syntax::{Document, SyntaxError, error, with_document};

/// Whether a text holds one of a few words as they are written here: many times faster than any search that looks past
/// letter case.
pub(crate) fn holds(text: &str, words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

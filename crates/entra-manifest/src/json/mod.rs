//! JSON as people write it: a syntax tree with places, comments, and what strict JSON would not have allowed.
//!
//! The base of all formats that are written in JSON; what a document declares is theirs to say.

mod depth;
pub(crate) mod literal;
mod mask;
mod oddities;
mod syntax;
pub(crate) mod tree;

#[cfg(test)]
pub(crate) use depth::MAX_DEPTH;
pub(crate) use syntax::{Document, SyntaxError, error, with_document};

//! What became of a file, for people who ask why it was or was not checked.

use std::fmt;

/// A file, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// As people name it: relative to the working folder.
    pub file: String,
    /// What became of it.
    pub why: String,
}

impl Said {
    pub(crate) fn new(file: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            why: why.into(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.why)
    }
}

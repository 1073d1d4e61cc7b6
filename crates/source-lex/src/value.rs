//! Values of constant strings, with unknown parts as holes.

use std::fmt;

/// A string that was put together from the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// The parts, in order. Two literals can follow each other: they stand at different places.
    pub parts: Vec<Part>,
    /// The names through which the value came, with the offset of each assignment, the outermost first.
    pub through: Vec<(String, u32)>,
}

/// A part of a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands in the file.
    Literal {
        /// The text, with its escapes resolved.
        text: String,
        /// Offset of its first byte in the file.
        start: u32,
    },
    /// A part that is not known.
    Hole {
        /// The name that stands there, or its last component; empty for anything longer.
        name: String,
        /// Offset of its first byte in the file.
        start: u32,
    },
}

impl Value {
    /// A value that is one hole.
    pub fn hole(name: &str, start: u32) -> Self {
        Self {
            parts: vec![Part::Hole {
                name: name.to_owned(),
                start,
            }],
            through: Vec::new(),
        }
    }

    /// A value that is one literal.
    pub fn literal(text: String, start: u32) -> Self {
        Self {
            parts: vec![Part::Literal { text, start }],
            through: Vec::new(),
        }
    }

    /// Whether no part is known.
    pub fn is_unknown(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Part::Hole { .. }))
    }

    /// Where the first literal stands.
    pub fn literal_start(&self) -> Option<u32> {
        self.parts.iter().find_map(|part| match part {
            Part::Literal { start, .. } => Some(*start),
            Part::Hole { .. } => None,
        })
    }

    /// Where the path of an address begins to be written: the first literal behind a base that is a name of its own, or
    /// the first literal.
    pub fn literal_start_of_path(&self) -> Option<u32> {
        let mut literals = self.parts.iter().filter_map(|part| match part {
            Part::Literal { text, start } => Some((text, *start)),
            Part::Hole { .. } => None,
        });
        let first = literals.next()?;
        // `https://graph.microsoft.com/v1.0` alone is a base; the path follows it in the text.
        let base =
            first.0.contains("://") && first.0.trim_end_matches('/').matches('/').count() <= 3;
        match literals.next() {
            Some((_, start)) if base => Some(start),
            _ => Some(first.1),
        }
    }

    /// Appends another value.
    pub fn append(&mut self, other: &Self) {
        self.parts.extend(other.parts.iter().cloned());
        self.through.extend(other.through.iter().cloned());
    }

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => Some(text.as_str()),
                Part::Hole { .. } => None,
            })
            .collect()
    }

    /// Number of bytes of the known text, and parts.
    pub(crate) fn size(&self) -> usize {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => text.len() + 1,
                Part::Hole { .. } => 1,
            })
            .sum()
    }
}

impl fmt::Display for Value {
    /// The text, with `{name}` for each hole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal { text, .. } => f.write_str(text)?,
                Part::Hole { name, .. } => write!(f, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}

//! Reading Microsoft's JSON without copying it, and without one bad entry spoiling the rest.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{LoadError, LoadProblem, Place};

/// A string that borrows from the input unless it holds an escape.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'a> Text<'a> {
    /// The text as a piece of the input, unless it had to be unescaped.
    pub(crate) fn borrowed(&self) -> Option<&'a str> {
        match self.0 {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// The members of an object, in order, repeated keys included.
pub(crate) struct Members<'a, V>(pub(crate) Vec<(Text<'a>, V)>);

impl<V> Default for Members<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Members<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor<'a, V>(PhantomData<(&'a (), V)>);
        impl<'de: 'a, 'a, V: Deserialize<'de>> Visitor<'de> for MembersVisitor<'a, V> {
            type Value = Members<'a, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

/// A file being read, and what was wrong in it so far.
pub(crate) struct Input<'a> {
    /// How messages name the file.
    name: &'static str,
    text: &'a str,
    pub(crate) problems: Vec<LoadProblem>,
}

impl<'a> Input<'a> {
    /// Fails if the file is not UTF-8. A byte order mark is skipped.
    pub(crate) fn new(name: &'static str, bytes: &'a [u8]) -> Result<Self, LoadError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                name,
                text,
                problems: Vec::new(),
            }),
            Err(error) => Err(LoadError::Syntax {
                file: name,
                place: place(bytes, error.valid_up_to()),
                message: "not UTF-8".to_owned(),
            }),
        }
    }

    /// Reads the whole file at once; `None` if anything in it does not fit.
    pub(crate) fn read_strictly<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.text).ok()
    }

    /// The members of the object under `key` at the top of the file.
    pub(crate) fn top(&self, key: &str) -> Result<Vec<(Text<'a>, &'a RawValue)>, LoadError> {
        let syntax = |place, error: &serde_json::Error| LoadError::Syntax {
            file: self.name,
            place,
            message: reason(error),
        };
        let top: Members<'a, &'a RawValue> = serde_json::from_str(self.text).map_err(|error| {
            let place = Place {
                line: error.line().max(1),
                column: error.column().max(1),
            };
            syntax(place, &error)
        })?;
        let keys: Vec<String> = top
            .0
            .iter()
            .map(|(key, _)| format!("`{}`", key.as_str()))
            .take(5)
            .collect();
        let Some((_, value)) = top
            .0
            .into_iter()
            .rev()
            .find(|(name, _)| name.as_str() == key)
        else {
            return Err(LoadError::OtherFile {
                file: self.name,
                expected: key.to_owned(),
                found: if keys.is_empty() {
                    "nothing".to_owned()
                } else {
                    keys.join(", ")
                },
            });
        };
        let members: Members<'a, &'a RawValue> = serde_json::from_str(value.get())
            .map_err(|error| syntax(self.place_in(value, &error), &error))?;
        Ok(members.0)
    }

    /// Reads a piece of the file; what does not fit is noted as a problem of `subject`.
    pub(crate) fn read<T: Deserialize<'a>>(
        &mut self,
        raw: &'a RawValue,
        subject: &str,
    ) -> Option<T> {
        match serde_json::from_str(raw.get()) {
            Ok(value) => Some(value),
            Err(error) => {
                let place = self.place_in(raw, &error);
                self.problems.push(LoadProblem {
                    file: self.name,
                    place,
                    subject: subject.to_owned(),
                    message: format!("{}; skipped", reason(&error)),
                });
                None
            }
        }
    }

    /// Notes a problem at the beginning of a piece of the file.
    pub(crate) fn problem(&mut self, at: &str, subject: &str, message: String) {
        let place = self.place(at);
        self.problems.push(LoadProblem {
            file: self.name,
            place,
            subject: subject.to_owned(),
            message,
        });
    }

    /// Where `piece`, which borrows from the file, begins.
    ///
    /// A piece from elsewhere (an unescaped copy) is at the beginning of the file.
    fn place(&self, piece: &str) -> Place {
        let offset = (piece.as_ptr() as usize)
            .checked_sub(self.text.as_ptr() as usize)
            .filter(|&offset| offset <= self.text.len())
            .unwrap_or(0);
        place(self.text.as_bytes(), offset)
    }

    /// Where in the file an error in `raw` stands.
    fn place_in(&self, raw: &RawValue, error: &serde_json::Error) -> Place {
        let start = self.place(raw.get());
        match error.line() {
            0 => start,
            1 => Place {
                line: start.line,
                column: start.column + error.column().saturating_sub(1),
            },
            line => Place {
                line: start.line + line - 1,
                column: error.column(),
            },
        }
    }
}

fn place(bytes: &[u8], offset: usize) -> Place {
    let before = &bytes[..offset];
    Place {
        line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
        column: before
            .iter()
            .rev()
            .take_while(|&&byte| byte != b'\n')
            .count()
            + 1,
    }
}

/// serde_json's message without the place, which would be relative to a piece.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

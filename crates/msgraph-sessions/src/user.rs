//! The user to act on, as one safe segment of a path.

use std::fmt;
use std::str::FromStr;

/// Longest id or name accepted, in characters; real ones stay far below.
const LONGEST: usize = 1024;

/// Object id or user principal name of a user.
///
/// A value that exists is safe to put into a path: it has no slash, backslash or control character
/// and is neither `.` nor `..`, so it cannot reach another user's path, nor the caller's own.
/// Letters may be in any case; the text stays as given.
///
/// `Debug` does not show the value, so that it stays out of logs; [`as_str`](Self::as_str) and
/// `Display` give it.
///
/// ```
/// use msgraph_sessions::UserIdOrUpn;
///
/// let user: UserIdOrUpn = "alice@contoso.com".parse()?;
/// assert_eq!(format!("{user} {user:?}"), "alice@contoso.com UserIdOrUpn(…)");
/// assert!(r"..\..\me".parse::<UserIdOrUpn>().is_err());
/// # Ok::<(), msgraph_sessions::UserError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIdOrUpn(Box<str>);

impl UserIdOrUpn {
    /// Checks and takes a user's object id or user principal name.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the text; see [`UserError`].
    pub fn new(text: impl Into<String>) -> Result<Self, UserError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text.into_boxed_str()))
    }

    /// The id or name, as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the user principal name of an external (guest) user, which holds `#EXT#`.
    ///
    /// Revoking a guest's sessions succeeds without effect: guests sign in through their home tenant.
    /// `false` says nothing of an object id.
    #[must_use]
    pub fn is_guest_upn(&self) -> bool {
        let mark = b"#EXT#";
        self.0
            .as_bytes()
            .windows(mark.len())
            .any(|part| part.eq_ignore_ascii_case(mark))
    }
}

impl fmt::Display for UserIdOrUpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserIdOrUpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserIdOrUpn(…)")
    }
}

impl AsRef<str> for UserIdOrUpn {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserIdOrUpn {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        Self::new(text)
    }
}

impl TryFrom<String> for UserIdOrUpn {
    type Error = UserError;

    fn try_from(text: String) -> Result<Self, UserError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for UserIdOrUpn {
    type Error = UserError;

    fn try_from(text: &str) -> Result<Self, UserError> {
        Self::new(text)
    }
}

/// Why a text is no user's id or name. The text itself is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// Nothing there.
    #[error("the user is empty: give an object id or a user principal name")]
    Empty,
    /// Blanks before or after it.
    #[error("the user has blanks around it: remove them")]
    Blanks,
    /// More than 1024 characters.
    #[error("the user has {characters} characters; at most {LONGEST} can be right")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
    /// A slash or backslash, which would reach another path.
    #[error("the user holds `{0}`, which would reach another path: give the bare id or name")]
    Slash(char),
    /// A control character, such as a line end.
    #[error("the user holds a control character (U+{0:04X})")]
    Control(u32),
    /// `.` or `..`, which would reach another path.
    #[error("`.` and `..` are no users: they would reach another path")]
    Dots,
    /// `me` or `delta`, which Graph does not read as a user.
    #[error(
        "`{0}` is a word of Graph's own, not a user; for the signed-in user there is a call of its own"
    )]
    Reserved(&'static str),
    /// A user principal name that begins with `$`.
    #[error(
        "a user principal name that begins with `$` cannot stand in this path: give the user's object id"
    )]
    Dollar,
}

fn check(text: &str) -> Result<(), UserError> {
    if text.is_empty() {
        return Err(UserError::Empty);
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(UserError::Control(u32::from(control)));
    }
    if text.trim() != text {
        return Err(if text.trim().is_empty() {
            UserError::Empty
        } else {
            UserError::Blanks
        });
    }
    let characters = text.chars().count();
    if characters > LONGEST {
        return Err(UserError::TooLong { characters });
    }
    if let Some(slash) = text.chars().find(|c| matches!(c, '/' | '\\')) {
        return Err(UserError::Slash(slash));
    }
    if matches!(text, "." | "..") {
        return Err(UserError::Dots);
    }
    for word in ["me", "delta"] {
        if text.eq_ignore_ascii_case(word) {
            return Err(UserError::Reserved(word));
        }
    }
    if text.starts_with('$') {
        return Err(UserError::Dollar);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generated::types;

    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| text.parse::<UserIdOrUpn>().unwrap_err().to_string();
        let empty = "the user is empty: give an object id or a user principal name";
        for (text, expected) in [
            ("", empty),
            ("  ", empty),
            (" alice", "the user has blanks around it: remove them"),
            (
                "a/b",
                "the user holds `/`, which would reach another path: give the bare id or name",
            ),
            (
                r"..\..\me",
                r"the user holds `\`, which would reach another path: give the bare id or name",
            ),
            (
                "..",
                "`.` and `..` are no users: they would reach another path",
            ),
            ("a\nb", "the user holds a control character (U+000A)"),
            (
                "ME",
                "`me` is a word of Graph's own, not a user; for the signed-in user there is a call of its own",
            ),
            (
                "$alice@x",
                "a user principal name that begins with `$` cannot stand in this path: give the user's object id",
            ),
        ] {
            assert_eq!(said(text), expected, "{text:?}");
        }
        assert_eq!(
            said(&"a".repeat(1025)),
            "the user has 1025 characters; at most 1024 can be right"
        );
    }

    #[test]
    fn a_guest_is_known_by_the_mark_in_its_name() {
        let guest = |text: &str| text.parse::<UserIdOrUpn>().unwrap().is_guest_upn();
        assert!(guest("bob_fabrikam.com#EXT#@contoso.onmicrosoft.com"));
        assert!(guest("bob_fabrikam.com#ext#@contoso.onmicrosoft.com"));
        assert!(!guest("bob@contoso.com"));
    }

    proptest! {
        #[test]
        fn what_is_accepted_here_is_accepted_by_the_generated_type(text in "\\PC*|[.\\\\/a\u{0}-\u{20}\u{7f}]{0,4}") {
            if let Ok(user) = UserIdOrUpn::new(text) {
                prop_assert!(types::UserIdOrUpn::try_from(user.as_str()).is_ok());
            }
        }
    }
}

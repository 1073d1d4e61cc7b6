//! HTTP methods.

use std::fmt;
use std::str::FromStr;

/// The method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
}

impl Method {
    /// Every method, in the order in which answers list them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Head,
        Self::Options,
    ];

    /// The method in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
        }
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether the method changes its target. `POST` does not count: many a Graph query is a `POST`.
    pub(crate) const fn surely_writes(self) -> bool {
        matches!(self, Self::Put | Self::Patch | Self::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an HTTP method: expected GET, POST, PUT, PATCH or DELETE")]
pub struct MethodError(String);

impl FromStr for Method {
    type Err = MethodError;

    /// Reads a method in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| MethodError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_reads_back_what_it_prints_in_any_case() {
        for method in Method::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
            assert_eq!(method.as_str().to_lowercase().parse(), Ok(method));
        }
        assert_eq!(
            "FETCH".parse::<Method>().unwrap_err().to_string(),
            "`FETCH` is not an HTTP method: expected GET, POST, PUT, PATCH or DELETE"
        );
    }
}

//! What Graph answers to a success.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// A user's sign-in sessions are revoked: Graph answered with a success.
///
/// What that does not do: tokens can take a few minutes to be revoked, access tokens already issued
/// live on until they expire, and guests are not affected at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// What the body says: `None` for an answer without one, such as a 204. `Some(false)` is a success
    /// by its status whose body says otherwise; show it to a person.
    pub value: Option<bool>,
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// Graph's own id of the request.
    pub request_id: Option<String>,
    /// The id that this client gave the request.
    pub client_request_id: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
}

/// What every answer has beside its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
}

impl Envelope {
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            status: Some(status),
            request_id: plain_id(headers, "request-id"),
        }
    }
}

/// An id from a header, if it is one that may be printed.
pub(crate) fn plain_id(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    is_plain_id(text).then(|| text.to_owned())
}

/// Whether a text can be the id of a request: short, and without a blank.
pub(crate) fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

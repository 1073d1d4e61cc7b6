//! Why a call did not succeed.

mod build;
mod display;

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

pub use self::build::BuildError;

use crate::answer::{Confirmation, Verdict};
use crate::operations::USER_GET_SESSIONS_VALID_FROM;
use crate::token::TokenError;

/// Why a call did not succeed, with all that Graph said about it.
///
/// `Display` is for people: what happened and what to do. Neither it nor `Debug` holds a token, a
/// user's id or name, or the text of Graph's own message, which may name the user; that is in
/// [`message`](Self::message).
#[derive(Clone)]
pub struct Error(Arc<Parts>);

/// What an error is made of; the crate's own way to build one.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) kind: ErrorKind,
    pub(crate) operation: &'static str,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) attempts: u32,
    /// Whether some try may have had its effect although its answer was lost.
    pub(crate) maybe_done: bool,
    /// What exactly happened, where that is more than the kind says.
    pub(crate) detail: Option<&'static str>,
    pub(crate) source: Option<Source>,
}

impl Parts {
    /// What a success comes to: a confirmation, or the parts of the error that it is instead.
    pub(crate) fn of_verdict(verdict: Verdict, parts: Self) -> Result<Confirmation, Self> {
        let unknown = Self {
            maybe_done: true,
            ..parts
        };
        Err(match verdict {
            Verdict::Confirmed(confirmation) => return Ok(confirmation),
            Verdict::Unconfirmed(detail) => Self {
                kind: ErrorKind::Unconfirmed,
                detail: Some(detail),
                ..unknown
            },
            Verdict::Failed { code, message } => Self {
                kind: ErrorKind::Refused,
                detail: Some("an error under a status of success"),
                code,
                message,
                ..unknown
            },
            Verdict::Unreadable => Self {
                kind: ErrorKind::Unreadable,
                ..unknown
            },
        })
    }
}

/// The error behind an error, freed of what must not be printed.
#[derive(Clone)]
pub(crate) enum Source {
    Token(TokenError),
    Http(Arc<reqwest::Error>),
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There was no access token to send, or none to put in the place of one that Graph refused.
    Token,
    /// Graph, or something before it, refused the request: 4xx other than 408 and 429, or an error under a
    /// status of success.
    Refused,
    /// The status says success, and the body does not confirm the revocation: `"value": false`, another
    /// value, or an object that is no answer of the operation. Sending it again is harmless.
    Unconfirmed,
    /// Too many requests: 429 after every try, or the pause that Graph asked for is longer than the
    /// policy allows to wait.
    Throttled,
    /// The service could not answer: 408 or 5xx, after every try where a try is allowed.
    Unavailable,
    /// A redirect, which is never followed: it would turn the request into another one.
    Redirected,
    /// The connection failed, or it broke or timed out before the whole answer was there.
    NoAnswer,
    /// The status says success and the body is not an answer of Graph's: not JSON (a captive portal,
    /// a proxy), half of it, or far too long.
    Unreadable,
    /// A batch was answered without an answer to this item.
    Unanswered,
    /// The call was asked to stop, or its bulk run ended over too long a pause, before this request was
    /// sent or sent again.
    Stopped,
    /// The request could not be made.
    #[default]
    Request,
}

impl ErrorKind {
    /// What an answer that is no success comes to.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::Throttled,
            408 => Self::Unavailable,
            300..=399 => Self::Redirected,
            400..=499 => Self::Refused,
            500..=599 => Self::Unavailable,
            _ => Self::Unreadable,
        }
    }
}

/// What a failed call may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing: the user's sessions stand as they did.
    None,
    /// Perhaps what it was meant to do: an answer was lost. Sending it again is harmless.
    Unknown,
}

impl Error {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What the error is made of, to make another like it.
    pub(crate) fn parts(&self) -> Parts {
        Parts::clone(&self.0)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation's id in the OpenAPI fragment, such as `userRevokeSignInSessions`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// HTTP status of the last answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// Graph's code, such as `Authorization_RequestDenied`, if it gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Graph's message, word for word, if it gave one. It may name the user.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Graph's own id of the request: what Microsoft's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id that this client gave the request, the same for every try of a call.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.client_request_id.as_deref()
    }

    /// How long Graph asked to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many times the request was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the call may have had its effect all the same.
    #[must_use]
    pub fn effect(&self) -> Effect {
        if self.0.maybe_done {
            Effect::Unknown
        } else {
            Effect::None
        }
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::NoAnswer
            | ErrorKind::Unanswered
            | ErrorKind::Unreadable
            | ErrorKind::Unconfirmed
            | ErrorKind::Stopped => true,
            ErrorKind::Token | ErrorKind::Refused | ErrorKind::Redirected | ErrorKind::Request => {
                false
            }
        }
    }

    /// Why there was no access token, for [`ErrorKind::Token`].
    #[must_use]
    pub fn token_error(&self) -> Option<&TokenError> {
        match &self.0.source {
            Some(Source::Token(error)) => Some(error),
            _ => None,
        }
    }

    /// The errors behind a connection that failed, from the outermost to the innermost, such as `invalid
    /// peer certificate: UnknownIssuer`. They name hosts, and neither a user nor a token.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        match &self.0.source {
            Some(Source::Http(error)) => causes(error),
            Some(Source::Token(error)) => error.causes(),
            None => Vec::new(),
        }
    }

    /// Whether the server's certificate is not trusted, so that trying again does not help.
    #[must_use]
    pub fn is_certificate_error(&self) -> bool {
        matches!(&self.0.source, Some(Source::Http(error)) if is_certificate_error(error))
    }

    /// What a person can do about it, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        Some(
            match (self.0.kind, self.0.status.map(|status| status.as_u16())) {
                (ErrorKind::Refused, Some(401)) => {
                    "the token is expired, incomplete or for another cloud: sign in again"
                }
                (ErrorKind::Refused, Some(403))
                    if self.0.operation == USER_GET_SESSIONS_VALID_FROM.id() =>
                {
                    "the token lacks the permission User.Read.All, which reading takes"
                }
                (ErrorKind::Refused, Some(403)) => {
                    "the token lacks the permission User.RevokeSessions.All, or the signed-in user lacks a role fit for this user"
                }
                (ErrorKind::Refused, Some(404)) => "there is no such user in this tenant",
                (ErrorKind::Redirected, _) => {
                    "something between here and Graph redirects: check the proxy and the address"
                }
                (ErrorKind::Unreadable, _) => {
                    "something between here and Graph may have answered in its place: check the network and the proxy"
                }
                (ErrorKind::Throttled, _) => "wait, then run it again",
                (ErrorKind::Refused, Some(407)) => "the proxy wants a user and a password",
                (ErrorKind::NoAnswer, _) if self.is_certificate_error() => {
                    "if a proxy looks into TLS here, add its root certificate"
                }
                (ErrorKind::NoAnswer, _) => "check the network and the proxy",
                (ErrorKind::Unconfirmed, _) => "send it again: that is harmless",
                _ => return None,
            },
        )
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.source {
            Some(Source::Token(error)) => Some(error),
            Some(Source::Http(error)) => Some(&**error),
            None => None,
        }
    }
}

/// The errors behind an error, from the outermost to the innermost, each once.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = error.source();
    }
    causes
}

/// Whether a server's certificate is the reason. The error of the TLS library is wrapped in those of the
/// HTTP library, whose types differ from one TLS library to another; their texts do not.
pub(crate) fn is_certificate_error(error: &reqwest::Error) -> bool {
    causes(error).iter().any(|cause| {
        let cause = cause.to_ascii_lowercase();
        [
            "invalid peer certificate",
            "certificate verify failed",
            "unable to get local issuer",
        ]
        .iter()
        .any(|known| cause.contains(known))
    })
}

//! How an error is told to people: what happened and what to do, and nothing that names a user.

use std::fmt;

use reqwest::StatusCode;

use super::{Error, ErrorKind, Source, is_certificate_error};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        f.write_str(match parts.kind {
            ErrorKind::Token if parts.status == Some(StatusCode::UNAUTHORIZED) => {
                "the access token was refused and there is no other"
            }
            ErrorKind::Token => "no access token",
            ErrorKind::Refused => "refused",
            ErrorKind::Throttled => "too many requests",
            ErrorKind::Unavailable => "the service could not answer",
            ErrorKind::Redirected => "answered with a redirect, which is not followed",
            ErrorKind::NoAnswer => "no answer",
            ErrorKind::Unconfirmed => "the answer does not confirm it",
            ErrorKind::Unreadable => "the answer is not one of Graph's",
            ErrorKind::Unanswered => "the batch's answer leaves this request out",
            ErrorKind::Stopped if parts.attempts > 0 => "stopped while waiting to try again",
            ErrorKind::Stopped => "stopped before it was sent",
            ErrorKind::Request => "the request cannot be made",
        })?;
        match &parts.source {
            Some(Source::Token(error)) => write!(f, ": {error}")?,
            Some(Source::Http(error)) => f.write_str(match () {
                () if is_certificate_error(error) => ": the server's certificate is not trusted",
                () if error.is_timeout() => ": timed out",
                () if error.is_connect() => ": cannot connect",
                () if error.is_builder() => ": it is malformed",
                () => ": the connection broke",
            })?,
            None => {}
        }
        if let Some(detail) = parts.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(status) = parts.status {
            write!(f, ": {status}")?;
        }
        if let Some(code) = parts.code.as_deref().filter(|code| is_plain_code(code)) {
            write!(f, ", {code}")?;
        }
        if let Some(advice) = self.advice() {
            write!(f, " ({advice})")?;
        }
        if let Some(wait) = parts.retry_after {
            write!(f, "; Graph asks to wait {:.1} s", wait.as_secs_f64())?;
        }
        if let Some(id) = &parts.request_id {
            write!(f, "; request-id {id}")?;
        }
        if parts.attempts > 1 {
            write!(f, "; {} tries", parts.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        f.debug_struct("Error")
            .field("kind", &parts.kind)
            .field("operation", &parts.operation)
            .field("status", &self.status())
            .field(
                "code",
                &parts.code.as_deref().filter(|code| is_plain_code(code)),
            )
            .field("request_id", &parts.request_id)
            .field("client_request_id", &parts.client_request_id)
            .field("retry_after", &parts.retry_after)
            .field("attempts", &parts.attempts)
            .field("effect", &self.effect())
            .finish_non_exhaustive()
    }
}

/// Whether a code looks like one of Graph's, so that nothing else is printed in its place.
fn is_plain_code(code: &str) -> bool {
    (1..=80).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

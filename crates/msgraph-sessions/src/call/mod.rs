//! One call: what it is made with, what is remembered of it, and what comes out in the end.

pub(crate) mod conduct;
mod hooks;
mod tries;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use progenitor_client::ResponseValue;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument;

use self::conduct::{Alone, CallId, Conduct};
use crate::answer::{Envelope, Revoked, Verdict, is_plain_id};
use crate::client::Shared;
use crate::error::{Error, ErrorKind, Parts, Source};
use crate::generated::types;
use crate::http::BodyLost;
use crate::operations::Operation;
use crate::retry::{self, RetryPolicy};
use crate::token::{AccessToken, TokenError};

/// What a call may do differently from the client it is made with.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) conduct: Arc<dyn Conduct>,
}

impl Default for CallOptions {
    /// A single call with the client's own policy.
    fn default() -> Self {
        Self {
            retry: None,
            conduct: Arc::new(Alone),
        }
    }
}

/// One call, shared between the generated code's hooks and the method that began it.
#[derive(Clone)]
pub(crate) struct Call(Arc<State>);

struct State {
    id: CallId,
    shared: Arc<Shared>,
    operation: &'static Operation,
    retry: Option<RetryPolicy>,
    conduct: Arc<dyn Conduct>,
    client_request_id: String,
    /// No wait may end later, but for the time that its conduct held the call back.
    deadline: Instant,
    record: Mutex<Record>,
}

/// What has happened so far.
#[derive(Default)]
struct Record {
    token: Option<AccessToken>,
    attempts: u32,
    /// Of these, those that do not count against the policy.
    free: u32,
    sent_at: Option<SystemTime>,
    envelope: Envelope,
    retry_after: Option<Duration>,
    maybe_done: bool,
    /// How long the conduct held the call back.
    held: Duration,
    abort: Option<Abort>,
    /// What the body of a success says; see `hooks::hand_over`.
    verdict: Option<Verdict>,
    /// Why the body of a success is not there; see `hooks::hand_over`.
    lost: Option<BodyLost>,
}

/// Why a call ends without another try, for which reqwest and progenitor have no error.
#[derive(Clone)]
enum Abort {
    Token(TokenError),
    /// The pause asked for is longer than the policy allows to wait.
    TooLongAPause,
    Stopped,
    /// The service did not answer for too long; what the last try brought is the reason.
    GivenUp,
}

/// A success, with what stood around its body.
pub(crate) struct Success<T> {
    pub(crate) body: T,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: String,
    pub(crate) attempts: u32,
    /// What the body says, of a call that revokes.
    verdict: Option<Verdict>,
    pub(crate) sent_at: SystemTime,
    pub(crate) graph_time: Option<SystemTime>,
}

impl Call {
    pub(crate) fn new(
        shared: Arc<Shared>,
        operation: &'static Operation,
        options: CallOptions,
    ) -> Self {
        let policy = options.retry.as_ref().unwrap_or(&shared.retry);
        let deadline = Instant::now() + policy.longest();
        Self(Arc::new(State {
            id: fastrand::u64(..),
            shared,
            operation,
            retry: options.retry,
            conduct: options.conduct,
            client_request_id: random_id(),
            deadline,
            record: Mutex::default(),
        }))
    }

    pub(crate) fn client_request_id(&self) -> &str {
        &self.0.client_request_id
    }

    fn user_agent(&self) -> &HeaderValue {
        &self.0.shared.user_agent
    }

    /// Whether a success has to confirm a revocation.
    fn is_revocation(&self) -> bool {
        self.0.operation.revokes()
    }

    /// Remembers what the body of a success says.
    fn judge(&self, body: &[u8]) {
        self.record().verdict = Some(Verdict::of_body(body));
    }

    /// Remembers why the body of a success is not there.
    fn lost(&self, lost: BodyLost) {
        self.record().lost = Some(lost);
    }

    /// Awaits a call that revokes: only a confirmation is a success.
    pub(crate) async fn revoked(
        &self,
        sent: impl Future<
            Output = Result<
                ResponseValue<types::RevokeResult>,
                progenitor_client::Error<types::ODataError>,
            >,
        >,
    ) -> Result<Revoked, Error> {
        let success = self.conclude(sent).await?;
        let verdict = success.verdict.unwrap_or(Verdict::Unreadable);
        let parts = Parts {
            status: StatusCode::from_u16(success.status).ok(),
            request_id: success.request_id.clone(),
            ..self.parts(ErrorKind::Unconfirmed)
        };
        match Parts::of_verdict(verdict, parts) {
            Ok(confirmation) => Ok(Revoked {
                confirmation,
                status: success.status,
                request_id: success.request_id,
                client_request_id: Some(success.client_request_id),
                attempts: success.attempts,
                sent_at: success.sent_at,
                graph_time: success.graph_time,
            }),
            Err(parts) => Err(Error::new(parts)),
        }
    }

    /// Awaits the generated code and turns its outcome into this crate's.
    pub(crate) async fn conclude<T>(
        &self,
        sent: impl Future<
            Output = Result<ResponseValue<T>, progenitor_client::Error<types::ODataError>>,
        >,
    ) -> Result<Success<T>, Error> {
        let span = tracing::debug_span!(
            "msgraph_sessions.call",
            operation = self.0.operation.id(),
            client_request_id = %self.0.client_request_id,
            attempts = tracing::field::Empty,
            status = tracing::field::Empty,
            request_id = tracing::field::Empty,
        );
        let outcome = sent.instrument(span.clone()).await;
        self.record().tell(&span);
        match outcome {
            Ok(answer) => {
                let record = self.record();
                let status = answer.status().as_u16();
                Ok(Success {
                    body: answer.into_inner(),
                    status,
                    request_id: record.envelope.request_id.clone(),
                    client_request_id: self.0.client_request_id.clone(),
                    attempts: record.attempts,
                    verdict: record.verdict.clone(),
                    sent_at: record.sent_at.unwrap_or_else(SystemTime::now),
                    graph_time: record.envelope.date,
                })
            }
            Err(error) => Err(self.error(error)),
        }
    }

    /// An error of this call that is not about the call as a whole, such as an item of a batch.
    pub(crate) fn parts(&self, kind: ErrorKind) -> Parts {
        let record = self.record();
        Parts {
            kind,
            operation: self.0.operation.id(),
            client_request_id: Some(self.0.client_request_id.clone()),
            attempts: record.attempts,
            maybe_done: record.maybe_done,
            ..Parts::default()
        }
    }

    fn error(&self, error: progenitor_client::Error<types::ODataError>) -> Error {
        use progenitor_client::Error as Progenitor;

        let (kind, body, source) = match error {
            Progenitor::ErrorResponse(answer) => {
                let kind = ErrorKind::of(answer.status());
                (kind, Some(answer.into_inner()), None)
            }
            Progenitor::UnexpectedResponse(answer) => (ErrorKind::of(answer.status()), None, None),
            Progenitor::InvalidResponsePayload(..)
            | Progenitor::ResponseBodyError(_)
            | Progenitor::InvalidUpgrade(_) => (ErrorKind::Unreadable, None, None),
            Progenitor::CommunicationError(error) => {
                let kind = if error.is_builder() {
                    ErrorKind::Request
                } else {
                    ErrorKind::NoAnswer
                };
                // The URL holds the user.
                (
                    kind,
                    None,
                    Some(Source::Http(Arc::new(error.without_url()))),
                )
            }
            Progenitor::InvalidRequest(_) | Progenitor::Custom(_) => {
                (ErrorKind::Request, None, None)
            }
        };
        let record = self.record();
        let (kind, source) = match record.abort.clone() {
            Some(Abort::Token(error)) => (ErrorKind::Token, Some(Source::Token(error))),
            Some(Abort::TooLongAPause) => (ErrorKind::Throttled, source),
            Some(Abort::Stopped) => (ErrorKind::Stopped, source),
            Some(Abort::GivenUp) if record.attempts == 0 => (ErrorKind::Stopped, source),
            Some(Abort::GivenUp) | None => match record.lost {
                Some(BodyLost::Cut | BodyLost::TimedOut) => (ErrorKind::NoAnswer, source),
                Some(BodyLost::TooLong) | None => (kind, source),
            },
        };
        let main = body.and_then(|body| body.error);
        let inner_id = main
            .as_ref()
            .and_then(|main| main.inner_error.as_ref()?.request_id.clone())
            .filter(|id| is_plain_id(id));
        let (code, message) = main.map_or((None, None), |main| (main.code, main.message));
        Error::new(Parts {
            kind,
            operation: self.0.operation.id(),
            status: record.envelope.status,
            code: code.filter(|code| !code.is_empty()),
            message: message.filter(|message| !message.is_empty()),
            request_id: record.envelope.request_id.clone().or(inner_id),
            client_request_id: Some(self.0.client_request_id.clone()),
            retry_after: record.retry_after,
            attempts: record.attempts,
            maybe_done: record.maybe_done || kind == ErrorKind::Unreadable,
            detail: match (kind, record.lost) {
                (ErrorKind::NoAnswer, Some(BodyLost::TimedOut)) => {
                    Some("timed out in the middle of the answer")
                }
                (ErrorKind::NoAnswer, Some(BodyLost::Cut)) => {
                    Some("the connection broke in the middle of the answer")
                }
                _ => None,
            },
            source,
        })
    }

    /// No wait may end later.
    fn deadline(&self) -> Instant {
        self.0.deadline + self.record().held
    }

    fn policy(&self) -> &RetryPolicy {
        self.0.retry.as_ref().unwrap_or(&self.0.shared.retry)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn tell(&self, span: &tracing::Span) {
        span.record("attempts", self.attempts);
        if let Some(status) = self.envelope.status {
            span.record("status", status.as_u16());
        }
        if let Some(id) = &self.envelope.request_id {
            span.record("request_id", id);
        }
    }

    fn begin_attempt(&mut self) {
        self.attempts += 1;
        self.envelope = Envelope::default();
        self.retry_after = None;
        self.sent_at = Some(SystemTime::now());
    }

    fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.envelope = Envelope::of(status, headers);
        self.retry_after = retry::retry_after(headers, SystemTime::now());
        // An answer from a gateway does not tell whether the request went through.
        self.maybe_done |= status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.0.operation.id())
            .field("client_request_id", &self.0.client_request_id)
            .finish_non_exhaustive()
    }
}

/// A random UUID. It need not be hard to guess: it only tells this request from others in Graph's logs.
fn random_id() -> String {
    let bits = fastrand::u128(..);
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = random_id();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]));
        assert_ne!(id, random_id());
    }
}

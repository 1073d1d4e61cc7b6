//! One call: the hooks that the generated code runs through, and what is remembered on the way.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use reqwest::{Request, Response, StatusCode};
use tokio::time::Instant;
use tracing::Instrument;

use crate::answer::{Envelope, is_plain_id};
use crate::bulk::Pacer;
use crate::client::Shared;
use crate::error::{Error, ErrorKind, Parts, Source};
use crate::generated::{self, types};
use crate::operations::Operation;
use crate::retry::{self, RetryPolicy};
use crate::stop::Stop;
use crate::token::{AccessToken, TokenError};

/// Longest body that is read, in bytes; Graph's answers are far below.
const LONGEST_BODY: usize = 4 << 20;
/// Header that carries this client's id of the request, echoed in the answer.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
/// Header that progenitor adds and Graph does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// What a single call may do differently from the client it is made with.
#[derive(Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) stop: Option<Stop>,
    pub(crate) pacer: Option<Arc<Pacer>>,
}

/// One call, shared between the generated code's hooks and the method that began it.
#[derive(Clone)]
pub(crate) struct Call(Arc<State>);

struct State {
    shared: Arc<Shared>,
    operation: &'static Operation,
    options: CallOptions,
    client_request_id: String,
    /// No wait may end later.
    deadline: Instant,
    record: Mutex<Record>,
}

/// What has happened so far.
#[derive(Default)]
struct Record {
    token: Option<AccessToken>,
    attempts: u32,
    envelope: Envelope,
    retry_after: Option<Duration>,
    maybe_done: bool,
    abort: Option<Abort>,
}

/// Why a call ends without another try, for which reqwest and progenitor have no error.
#[derive(Clone)]
enum Abort {
    Token(TokenError),
    /// The pause asked for is longer than the policy allows to wait.
    TooLongAPause,
    Stopped,
}

/// What one try brought.
enum Try {
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Bytes, BodyLost>,
    },
    Failed(reqwest::Error),
}

/// A body that broke off or is longer than [`LONGEST_BODY`].
struct BodyLost;

/// A success, with what stood around its body.
pub(crate) struct Success<T> {
    pub(crate) body: T,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: String,
    pub(crate) attempts: u32,
}

impl Call {
    pub(crate) fn new(
        shared: Arc<Shared>,
        operation: &'static Operation,
        options: CallOptions,
    ) -> Self {
        let deadline = Instant::now() + options.retry(&shared).max_elapsed();
        Self(Arc::new(State {
            shared,
            operation,
            options,
            client_request_id: random_id(),
            deadline,
            record: Mutex::default(),
        }))
    }

    /// Awaits the generated code and turns its outcome into this crate's.
    pub(crate) async fn conclude<T>(
        &self,
        sent: impl Future<
            Output = Result<ResponseValue<T>, progenitor_client::Error<types::ODataError>>,
        >,
    ) -> Result<Success<T>, Error> {
        let span = tracing::debug_span!(
            "graph_sessions.call",
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
            ..Parts::default()
        }
    }

    fn error(&self, error: progenitor_client::Error<types::ODataError>) -> Error {
        use progenitor_client::Error as Progenitor;

        let (kind, body, source) = match error {
            Progenitor::ErrorResponse(answer) => {
                let kind = kind_of(answer.status());
                (kind, Some(answer.into_inner()), None)
            }
            Progenitor::UnexpectedResponse(answer) => (kind_of(answer.status()), None, None),
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
                (kind, None, Some(Source::Http(error.without_url())))
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
            None => (kind, source),
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
            source,
        })
    }

    /// Waits until the pool may send, gets a token and sets the headers that a try needs.
    async fn ready(&self, request: &mut Request) -> Result<(), Abort> {
        self.wait_until_open().await?;
        let token = self
            .unless_stopped(self.0.shared.tokens.token())
            .await?
            .map_err(Abort::Token)?;
        let header = token.header().map_err(Abort::Token)?;
        request.headers_mut().insert(AUTHORIZATION, header);
        self.record().token = Some(token);
        Ok(())
    }

    async fn wait_until_open(&self) -> Result<(), Abort> {
        while let Some(opens_at) = self.0.shared.gate.opens_at() {
            let wait = opens_at.saturating_duration_since(Instant::now());
            if opens_at > self.0.deadline {
                self.record().retry_after = Some(wait);
                return Err(Abort::TooLongAPause);
            }
            self.unless_stopped(tokio::time::sleep(retry::spread(wait)))
                .await?;
        }
        match &self.0.options.stop {
            Some(stop) if stop.is_stopped() => Err(Abort::Stopped),
            _ => Ok(()),
        }
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Abort> {
        match &self.0.options.stop {
            Some(stop) => stop.unless_stopped(work).await.ok_or(Abort::Stopped),
            None => Ok(work.await),
        }
    }

    /// Sends once and reads the whole answer.
    async fn attempt(&self, http: &reqwest::Client, request: Request) -> Try {
        self.record().begin_attempt();
        let mut response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                self.record().maybe_done |= !error.is_connect() && !error.is_builder();
                return Try::Failed(error);
            }
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        self.record().answered(status, &headers);
        let body = read(response).await;
        Try::Answered {
            status,
            headers,
            body,
        }
    }

    /// How long to wait before the next try; `None` if this one was the last.
    fn wait_before_next(
        &self,
        outcome: &Try,
        curve: &mut impl Iterator<Item = Duration>,
    ) -> Option<Duration> {
        let policy = self.0.options.retry(&self.0.shared);
        let (retryable, throttled) = match outcome {
            Try::Answered { status, .. } => (
                retry::is_retryable(*status),
                *status == StatusCode::TOO_MANY_REQUESTS,
            ),
            Try::Failed(error) => (!error.is_builder(), false),
        };
        if !retryable {
            return None;
        }
        let (asked, attempts) = {
            let record = self.record();
            (record.retry_after, record.attempts)
        };
        let wait = match asked {
            Some(asked) => asked,
            None => curve.next().unwrap_or(policy.max_wait()),
        };
        if throttled {
            self.0.shared.gate.close_for(wait);
            if let Some(pacer) = &self.0.options.pacer {
                pacer.throttled();
            }
        }
        let in_time = wait <= policy.max_wait() && Instant::now() + wait <= self.0.deadline;
        (attempts < policy.max_tries() && in_time).then(|| retry::spread(wait))
    }

    /// Waits for the next try and makes the request ready for it.
    async fn prepare_next(&self, wait: Duration, request: &mut Request) -> Result<(), Abort> {
        tracing::info!(
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            status = self.record().envelope.status.map(|status| status.as_u16()),
            "waiting before the next try"
        );
        self.unless_stopped(tokio::time::sleep(wait)).await?;
        self.ready(request).await
    }

    /// A token other than the one that was just refused, if there is one.
    async fn other_token(&self) -> Option<HeaderValue> {
        let refused = self.record().token.clone()?;
        self.0.shared.tokens.forget(&refused);
        let token = self.0.shared.tokens.token().await.ok()?;
        if token == refused {
            return None;
        }
        let header = token.header().ok()?;
        self.record().token = Some(token);
        Some(header)
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
    }

    fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.envelope = Envelope::of(status, headers);
        self.retry_after = retry::retry_after(headers, SystemTime::now());
        // An answer from a gateway does not tell whether the request went through.
        self.maybe_done |= status.is_server_error();
    }
}

impl CallOptions {
    fn retry<'a>(&'a self, shared: &'a Shared) -> &'a RetryPolicy {
        self.retry.as_ref().unwrap_or(&shared.retry)
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

impl ClientHooks<Call> for generated::Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        _info: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let call = self.inner();
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(USER_AGENT, call.0.shared.user_agent.clone());
        headers.insert(
            CLIENT_REQUEST_ID,
            HeaderValue::try_from(&call.0.client_request_id)?,
        );
        if request.body().is_none() {
            // Over HTTP/1.1 no length is sent for a POST without a body, and Graph answers 411.
            request
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        call.ready(request).await.map_err(|abort| {
            call.record().abort = Some(abort);
            progenitor_client::Error::Custom("not sent".to_owned())
        })
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let call = self.inner();
        let mut curve = call.0.options.retry(&call.0.shared).curve();
        let mut request = request;
        let mut may_change_token = true;
        loop {
            // A body held in memory can always be sent again.
            let again = request.try_clone();
            let outcome = call.attempt(self.client(), request).await;
            let Some(mut next) = again else {
                return hand_over(outcome, info);
            };
            if let Some(pacer) = &call.0.options.pacer
                && let Try::Answered { headers, .. } = &outcome
            {
                pacer.observe(headers);
            }
            let unauthorized = matches!(&outcome, Try::Answered { status, .. } if *status == StatusCode::UNAUTHORIZED);
            if unauthorized && std::mem::take(&mut may_change_token) {
                let Some(header) = call.other_token().await else {
                    return hand_over(outcome, info);
                };
                next.headers_mut().insert(AUTHORIZATION, header);
            } else {
                let Some(wait) = call.wait_before_next(&outcome, &mut curve) else {
                    return hand_over(outcome, info);
                };
                if let Err(abort) = call.prepare_next(wait, &mut next).await {
                    call.record().abort = Some(abort);
                    return hand_over(outcome, info);
                }
            }
            request = next;
        }
    }
}

/// Makes an answer fit for the generated decoder, without losing what it says.
fn hand_over(outcome: Try, info: &OperationInfo) -> reqwest::Result<Response> {
    let (status, body) = match outcome {
        Try::Answered { status, body, .. } => (status, body),
        Try::Failed(error) => return Err(error),
    };
    let body = if status.is_success() {
        match body {
            Ok(body) => readable_success(body, info),
            Err(BodyLost) => Bytes::new(),
        }
    } else {
        body.ok()
            .filter(|body| serde_json::from_slice::<types::ODataError>(body).is_ok())
            .filter(|body| is_object(body))
            .unwrap_or(EMPTY_OBJECT)
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    Ok(Response::from(response))
}

const EMPTY_OBJECT: Bytes = Bytes::from_static(b"{}");

/// A success is one whatever its body says, as long as the body is an answer of Graph's: an object,
/// or nothing at all. What the decoder must refuse is handed over empty.
fn readable_success(body: Bytes, info: &OperationInfo) -> Bytes {
    if body.iter().all(u8::is_ascii_whitespace) {
        return EMPTY_OBJECT;
    }
    if !is_object(&body) {
        return Bytes::new();
    }
    if info.operation_id == "batch" {
        return body;
    }
    match serde_json::from_slice::<types::RevokeResult>(&body) {
        Ok(_) => body,
        Err(error) if error.is_data() => EMPTY_OBJECT,
        Err(_) => Bytes::new(),
    }
}

fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

async fn read(mut response: Response) -> Result<Bytes, BodyLost> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| BodyLost)? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(BodyLost);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

pub(crate) fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        429 => ErrorKind::Throttled,
        300..=399 => ErrorKind::Redirected,
        400..=499 => ErrorKind::Refused,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Unreadable,
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

    #[test]
    fn the_decoder_gets_what_graph_meant() {
        let revoke = OperationInfo {
            operation_id: "me_revoke_sign_in_sessions",
        };
        for (body, handed) in [
            ("", "{}"),
            (" \r\n", "{}"),
            (r#"{"value":true}"#, r#"{"value":true}"#),
            (r#"{"value":"yes"}"#, "{}"),
            (r#"{"value":tr"#, ""),
            ("<html>", ""),
            ("[]", ""),
            ("null", ""),
        ] {
            let got = readable_success(Bytes::from_static(body.as_bytes()), &revoke);
            assert_eq!(got, handed.as_bytes(), "{body:?}");
        }
    }
}

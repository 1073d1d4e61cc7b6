//! The tries of one call: sending, waiting, sending again.

use std::time::Duration;

use backon::ExponentialBackoff;
use bytes::Bytes;
use futures_util::future::{Either, select};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Request, StatusCode};
use tokio::time::Instant;

use super::conduct::{Again, Failed, Refused, Seen, Trouble};
use super::{Abort, Call};
use crate::answer::Verdict;
use crate::error::{causes, is_certificate_error};
use crate::http::{BodyLost, read};
use crate::retry;
use crate::token::{AccessToken, TokenError};

/// What one try brought.
pub(super) enum Try {
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Result<Bytes, BodyLost>,
    },
    Failed(reqwest::Error),
}

/// What a call may still do after a try that failed.
pub(super) struct Tries {
    curve: ExponentialBackoff,
    may_change_token: bool,
}

impl Call {
    /// Waits until the request may go out and puts a token into it; `false` if it must not be sent.
    pub(super) async fn ready(&self, request: &mut Request) -> bool {
        let start = Instant::now();
        let admitted = self
            .0
            .conduct
            .admit(self.0.id, &self.0.shared.gate, self.deadline())
            .await;
        if !self.0.conduct.is_own_time() {
            self.record().held += start.elapsed();
        }
        let done = async {
            admitted.map_err(|refused| self.abort(refused))?;
            let token = async {
                let token = self.unless_ended(self.0.shared.tokens.token()).await?;
                self.put(token.map_err(Abort::Token)?, request)
                    .map_err(Abort::Token)
            };
            let put = token.await;
            if put.is_err() {
                self.0.conduct.withdraw(self.0.id);
            }
            put
        };
        self.unless_aborted(done.await.map(|()| true))
    }

    fn put(&self, token: AccessToken, request: &mut Request) -> Result<(), TokenError> {
        request.headers_mut().insert(AUTHORIZATION, token.header()?);
        self.record().token = Some(token);
        Ok(())
    }

    /// What a refusal to send comes to for this call.
    fn abort(&self, refused: Refused) -> Abort {
        match refused {
            // Sent and throttled, and the pause is too long: that is an answer, not a stop.
            Refused::TooLong(_)
                if self.record().envelope.status == Some(StatusCode::TOO_MANY_REQUESTS) =>
            {
                Abort::TooLongAPause
            }
            Refused::TooLong(pause) => {
                self.record().retry_after = Some(pause);
                if self.0.conduct.is_own_time() {
                    Abort::TooLongAPause
                } else {
                    Abort::Stopped
                }
            }
            Refused::Stopped => Abort::Stopped,
            Refused::Unavailable => Abort::GivenUp,
        }
    }

    async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Result<T, Abort> {
        // The first to be polled wins a tie: once ended, no further work is done.
        let ended = std::pin::pin!(self.0.conduct.ended());
        match select(ended, std::pin::pin!(work)).await {
            Either::Left(((), _)) => Err(self.abort(self.0.conduct.refused(&self.0.shared.gate))),
            Either::Right((done, _)) => Ok(done),
        }
    }

    /// Sends once and reads the whole answer.
    pub(super) async fn attempt(&self, http: &reqwest::Client, request: Request) -> Try {
        self.record().begin_attempt();
        let start = Instant::now();
        let outcome = self.send(http, request).await;
        let took = start.elapsed();
        let trouble = self.trouble(&outcome);
        let (status, headers) = match &outcome {
            Try::Answered {
                status, headers, ..
            } => (Some(*status), Some(headers)),
            Try::Failed(error) => {
                // The innermost says what is wrong; those around it only where it was met.
                let mut causes = causes(error);
                causes.reverse();
                tracing::debug!(
                    cause = causes.join("; while: "),
                    client_request_id = self.client_request_id(),
                    "no answer"
                );
                (None, None)
            }
        };
        let (attempt, request_id, asked) = {
            let record = self.record();
            let request_id = record.envelope.request_id.clone();
            (record.attempts, request_id, record.retry_after)
        };
        tracing::debug!(
            status = status.map(|status| status.as_u16()),
            took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            attempt,
            client_request_id = self.client_request_id(),
            request_id,
            "tried"
        );
        let seen = Seen {
            status,
            headers,
            trouble,
            asked,
            took,
        };
        self.0.conduct.tried(self.0.id, &seen);
        outcome
    }

    async fn send(&self, http: &reqwest::Client, request: Request) -> Try {
        let mut response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                self.record().maybe_done |= !error.is_connect() && !error.is_builder();
                // The URL holds the user.
                return Try::Failed(error.without_url());
            }
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        self.record().answered(status, &headers);
        let body = read(response).await;
        // A success whose body is lost may have been one.
        self.record().maybe_done |= status.is_success() && body.is_err();
        Try::Answered {
            status,
            headers,
            body,
        }
    }

    /// What is wrong with a try, as far as another one may help.
    fn trouble(&self, outcome: &Try) -> Option<Trouble> {
        match outcome {
            Try::Failed(error) if error.is_builder() => None,
            Try::Failed(error) if is_certificate_error(error) => Some(Trouble::Certificate),
            Try::Failed(error) if error.is_connect() => Some(Trouble::NoConnection),
            Try::Failed(_) => Some(Trouble::NoAnswer),
            Try::Answered { status, body, .. } if status.is_success() => match body {
                Err(BodyLost::TooLong) => Some(Trouble::NotGraph),
                Err(BodyLost::Cut | BodyLost::TimedOut) => Some(Trouble::NoAnswer),
                Ok(body)
                    if self.is_revocation() && Verdict::of_body(body) == Verdict::Unreadable =>
                {
                    Some(Trouble::NotGraph)
                }
                Ok(_) => None,
            },
            Try::Answered { status, .. } => Trouble::of_status(*status),
        }
    }

    pub(super) fn tries(&self) -> Tries {
        Tries {
            curve: self.policy().curve(),
            may_change_token: true,
        }
    }

    /// After a try: waits as needed and makes the request ready for the next one; `false` if there is
    /// none.
    pub(super) async fn goes_on(
        &self,
        outcome: &Try,
        tries: &mut Tries,
        request: &mut Request,
    ) -> bool {
        if outcome.status() == Some(StatusCode::UNAUTHORIZED) {
            // A token may be refused before its time; a second refusal is about something else.
            return std::mem::take(&mut tries.may_change_token)
                && self.unless_aborted(self.change_token(request).await);
        }
        let Some(trouble) = self.trouble(outcome) else {
            return false;
        };
        let (again, status) = (self.again(trouble, &mut tries.curve), outcome.status());
        let wait = match again {
            Again::No => return false,
            Again::Free => {
                self.record().free += 1;
                Duration::ZERO
            }
            Again::After(wait) | Again::AfterCommon(wait) => retry::spread(wait),
        };
        tracing::info!(
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            status = status.map(|status| status.as_u16()),
            "waiting before the next try"
        );
        let waited = self.unless_ended(tokio::time::sleep(wait)).await;
        if matches!(again, Again::AfterCommon(_)) {
            self.record().held += wait;
        }
        self.unless_aborted(waited.map(|()| true)) && self.ready(request).await
    }

    /// What was found, or `false` with the reason remembered.
    fn unless_aborted(&self, found: Result<bool, Abort>) -> bool {
        found.unwrap_or_else(|abort| {
            self.record().abort = Some(abort);
            false
        })
    }

    /// Whether and when the call is sent again.
    fn again(&self, trouble: Trouble, curve: &mut impl Iterator<Item = Duration>) -> Again {
        let policy = self.policy();
        let (asked, attempts, free) = {
            let record = self.record();
            (record.retry_after, record.attempts, record.free)
        };
        let own = curve.next().unwrap_or(policy.longest_wait());
        if trouble == Trouble::Throttled {
            self.0.shared.gate.close_for(asked.unwrap_or(own));
        }
        self.0.conduct.again(&Failed {
            trouble,
            wait: retry::wait(asked, own, attempts),
            tries: attempts.saturating_sub(free),
            policy,
            deadline: self.deadline(),
        })
    }

    /// Puts another token than the one that was just refused; `false` if there is no other.
    async fn change_token(&self, request: &mut Request) -> Result<bool, Abort> {
        let Some(refused) = self.record().token.clone() else {
            return Ok(false);
        };
        let tokens = &self.0.shared.tokens;
        tokens.forget(&refused);
        let token = self
            .unless_ended(tokens.token())
            .await?
            .map_err(Abort::Token)?;
        if token == refused {
            return Ok(false);
        }
        self.put(token, request).map_err(Abort::Token)?;
        Ok(true)
    }
}

impl Try {
    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Failed(_) => None,
        }
    }
}

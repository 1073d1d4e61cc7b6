//! The tries of one call: sending, waiting, sending again.

use std::time::Duration;

use backon::ExponentialBackoff;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Request, StatusCode};
use tokio::time::Instant;

use super::{Abort, Call};
use crate::bulk::Over;
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
    /// Waits until the pool may send and puts a token into the request; `false` if it must not be sent.
    pub(super) async fn ready(&self, request: &mut Request) -> bool {
        let done = async {
            self.wait_until_open().await?;
            let token = self
                .unless_stopped(self.0.shared.tokens.token())
                .await?
                .map_err(Abort::Token)?;
            self.put(token, request).map_err(Abort::Token)
        };
        self.unless_aborted(done.await.map(|()| true))
    }

    fn put(&self, token: AccessToken, request: &mut Request) -> Result<(), TokenError> {
        request.headers_mut().insert(AUTHORIZATION, token.header()?);
        self.record().token = Some(token);
        Ok(())
    }

    async fn wait_until_open(&self) -> Result<(), Abort> {
        let gate = &self.0.shared.gate;
        if let Some(run) = &self.0.options.run {
            return self.held_back(run.through(gate)).await;
        }
        while let Some(opens_at) = gate.opens_at() {
            let wait = opens_at.saturating_duration_since(Instant::now());
            if opens_at > self.deadline() {
                self.record().retry_after = Some(wait);
                return Err(Abort::TooLongAPause);
            }
            tokio::time::sleep(retry::spread(wait)).await;
        }
        Ok(())
    }

    /// Waits for what holds every user of the run back, which is not this call's own time.
    async fn held_back(&self, wait: impl Future<Output = Result<(), Over>>) -> Result<(), Abort> {
        let start = Instant::now();
        let done = wait.await;
        let mut record = self.record();
        record.held += start.elapsed();
        done.map_err(|over| match over.pause {
            // Sent and throttled, and the pause is too long: that is an answer, not a stop.
            Some(_) if record.envelope.status == Some(StatusCode::TOO_MANY_REQUESTS) => {
                Abort::TooLongAPause
            }
            Some(pause) => {
                record.retry_after = Some(pause);
                Abort::Stopped
            }
            None => Abort::Stopped,
        })
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Abort> {
        match &self.0.options.run {
            Some(run) => run.unless_ended(work).await.ok_or(Abort::Stopped),
            None => Ok(work.await),
        }
    }

    /// Sends once and reads the whole answer.
    pub(super) async fn attempt(&self, http: &reqwest::Client, request: Request) -> Try {
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
        if let (
            Some(run),
            Try::Answered {
                status, headers, ..
            },
        ) = (&self.0.options.run, outcome)
        {
            run.pacer.answered(*status, headers);
        }
        if outcome.status() == Some(StatusCode::UNAUTHORIZED) {
            // A token may be refused before its time; a second refusal is about something else.
            return std::mem::take(&mut tries.may_change_token)
                && self.unless_aborted(self.change_token(request).await);
        }
        let Some(wait) = self.wait_before_next(outcome, &mut tries.curve) else {
            return false;
        };
        tracing::info!(
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            status = outcome.status().map(|status| status.as_u16()),
            "waiting before the next try"
        );
        let waits = async {
            match &self.0.options.run {
                Some(run) if outcome.is_throttled() => {
                    let wait = async {
                        run.sleep(wait, &self.0.shared.gate).await?;
                        // Those that were throttled together come back one after the other.
                        run.turn(&self.0.shared.gate).await
                    };
                    self.held_back(wait).await
                }
                _ => self.unless_stopped(tokio::time::sleep(wait)).await,
            }
        };
        self.unless_aborted(waits.await.map(|()| true)) && self.ready(request).await
    }

    /// What was found, or `false` with the reason remembered.
    fn unless_aborted(&self, found: Result<bool, Abort>) -> bool {
        found.unwrap_or_else(|abort| {
            self.record().abort = Some(abort);
            false
        })
    }

    /// How long to wait before the next try; `None` if this one was the last.
    fn wait_before_next(
        &self,
        outcome: &Try,
        curve: &mut impl Iterator<Item = Duration>,
    ) -> Option<Duration> {
        let policy = self.policy();
        let retryable = match outcome {
            Try::Answered { status, .. } => retry::is_retryable(*status),
            Try::Failed(error) => !error.is_builder(),
        };
        if !retryable {
            return None;
        }
        let (asked, attempts) = {
            let record = self.record();
            (record.retry_after, record.attempts)
        };
        let own = curve.next().unwrap_or(policy.max_wait());
        let wait = retry::wait(asked, own, attempts);
        if outcome.is_throttled() {
            self.0.shared.gate.close_for(asked.unwrap_or(own));
        }
        let in_time = match &self.0.options.run {
            // The pause is for all of the run: its length is no reason to fail one user.
            Some(run) if outcome.is_throttled() => run.may_pause(wait),
            _ => wait <= policy.max_wait() && Instant::now() + wait <= self.deadline(),
        };
        (attempts < policy.max_tries() && in_time).then(|| retry::spread(wait))
    }

    /// Puts another token than the one that was just refused; `false` if there is no other.
    async fn change_token(&self, request: &mut Request) -> Result<bool, Abort> {
        let Some(refused) = self.record().token.clone() else {
            return Ok(false);
        };
        let tokens = &self.0.shared.tokens;
        tokens.forget(&refused);
        let token = self
            .unless_stopped(tokens.token())
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
    fn is_throttled(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Failed(_) => None,
        }
    }
}

//! What decides when a request may go out, and whether it goes out again. A single call has only itself
//! to think of; the users of a bulk run share one conduct, of which the call knows no more than this.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use crate::gate::Gate;
use crate::retry::{self, RetryPolicy};
use crate::token::BoxFuture;

/// Tells calls apart.
pub(crate) type CallId = u64;

/// When a request may go out, and whether again.
pub(crate) trait Conduct: Send + Sync {
    /// Waits until a request of this call may go out.
    fn admit<'a>(
        &'a self,
        call: CallId,
        gate: &'a Gate,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<(), Refused>>;

    /// An admitted request was not sent after all.
    fn withdraw(&self, _call: CallId) {}

    /// Resolves when nothing more is to be sent; for a single call never.
    fn ended(&self) -> BoxFuture<'_, ()>;

    /// Why nothing more is to be sent.
    fn refused(&self, gate: &Gate) -> Refused;

    /// Takes in what a try brought.
    fn tried(&self, _call: CallId, _seen: &Seen<'_>) {}

    /// Whether a call is sent again after a try that failed.
    fn again(&self, failed: &Failed<'_>) -> Again;

    /// Whether the time of `admit` counts against the call's own time limit.
    fn is_own_time(&self) -> bool;
}

/// Why a request may not go out.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    /// The pause that Graph asked for is too long to wait for.
    TooLong(Duration),
    /// The caller asked to stop.
    Stopped,
    /// The service did not answer for so long that the run was given up.
    Unavailable,
}

/// What is wrong with a try, as far as another one may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Trouble {
    /// 429.
    Throttled,
    /// 408, 500, 502, 503, 504.
    Unavailable,
    /// No connection.
    NoConnection,
    /// A server whose certificate is not trusted: trying again does not help.
    Certificate,
    /// The connection broke or timed out before the whole answer was there.
    NoAnswer,
    /// An answer that is not one of Graph's: a captive portal, a redirect, a proxy that wants a password.
    NotGraph,
}

impl Trouble {
    /// Whether the same request may succeed later.
    pub(crate) fn is_passing(self) -> bool {
        match self {
            Self::Throttled | Self::Unavailable | Self::NoConnection | Self::NoAnswer => true,
            Self::Certificate | Self::NotGraph => false,
        }
    }

    /// What a status says of the service; `None` where it answered, be it with a refusal.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        match status.as_u16() {
            429 => Some(Self::Throttled),
            408 | 500 | 502..=504 => Some(Self::Unavailable),
            300..=399 | 407 => Some(Self::NotGraph),
            _ => None,
        }
    }
}

/// What a try brought.
pub(crate) struct Seen<'a> {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: Option<&'a HeaderMap>,
    pub(crate) trouble: Option<Trouble>,
    /// How long Graph asks to wait.
    pub(crate) asked: Option<Duration>,
    /// How long the answer took.
    pub(crate) took: Duration,
}

/// A try that failed, and what the call may still do.
pub(crate) struct Failed<'a> {
    pub(crate) trouble: Trouble,
    pub(crate) wait: Duration,
    /// Tries so far, of those that count.
    pub(crate) tries: u32,
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) deadline: Instant,
}

impl Failed<'_> {
    /// Whether the policy of the call allows one more try after the wait.
    pub(crate) fn is_within_policy(&self) -> bool {
        self.tries < self.policy.tries()
            && self.wait <= self.policy.longest_wait()
            && Instant::now() + self.wait <= self.deadline
    }
}

/// Whether a call is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    /// After a wait of the call's own.
    After(Duration),
    /// After a wait that everyone has in common, and that fails no call by its length.
    AfterCommon(Duration),
    /// As soon as it is admitted; the try that failed does not count.
    Free,
}

/// The conduct of a single call: within its policy, and through the client's gate.
pub(crate) struct Alone;

impl Conduct for Alone {
    fn admit<'a>(
        &'a self,
        _call: CallId,
        gate: &'a Gate,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        Box::pin(async move {
            while let Some(opens_at) = gate.opens_at() {
                let wait = opens_at.saturating_duration_since(Instant::now());
                if opens_at > deadline {
                    return Err(Refused::TooLong(wait));
                }
                tokio::time::sleep(retry::spread(wait)).await;
            }
            Ok(())
        })
    }

    fn ended(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn refused(&self, _gate: &Gate) -> Refused {
        Refused::Stopped
    }

    fn again(&self, failed: &Failed<'_>) -> Again {
        if failed.trouble.is_passing() && failed.is_within_policy() {
            Again::After(failed.wait)
        } else {
            Again::No
        }
    }

    fn is_own_time(&self) -> bool {
        true
    }
}

//! The outcomes of a run, as they come.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt};

use super::run::Run;
use crate::answer::Revoked;
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::Error;
use crate::retry::RetryPolicy;
use crate::token::BoxFuture;
use crate::user::UserIdOrUpn;

/// What became of one user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Position of the user in the input, from 0.
    pub index: usize,
    /// The user.
    pub user: UserIdOrUpn,
    /// Graph's confirmation, or why there is none.
    pub result: Result<Revoked, Error>,
}

/// Why a run gives no further outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// Every user of the input was sent.
    Finished,
    /// The caller asked to [stop](super::Options::stop).
    Stopped,
    /// The caller [holds](Hold) the run.
    Held,
    /// Graph asked for a pause, given here, that is longer than [`max_pause`](super::Options::max_pause).
    TooLongAPause(Duration),
    /// The service did not answer within [`max_outage`](super::Options::max_outage), or its certificate is
    /// not trusted.
    Unavailable,
}

/// Holds a run: no further user is taken from its input, those under way get their answer, and then its
/// outcomes end. Once released it goes on where it was. Clones hold the same runs.
///
/// Unlike a [`Stop`](crate::Stop) it can be taken back, for a decision that late answers may change.
#[derive(Clone, Debug, Default)]
pub struct Hold(Arc<AtomicBool>);

impl Hold {
    /// Holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds, or releases. Takes effect when the outcomes are next polled.
    pub fn set(&self, held: bool) {
        self.0.store(held, Ordering::SeqCst);
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// The outcomes of a bulk run, as they come. Every user that was taken from the input has exactly one.
#[must_use = "nothing is sent unless the outcomes are polled"]
pub struct Outcomes<'a> {
    client: Client,
    users: Pin<Box<dyn Stream<Item = UserIdOrUpn> + Send + 'a>>,
    /// How many were taken from the input.
    taken: usize,
    is_empty: bool,
    retry: RetryPolicy,
    run: Arc<Run>,
    hold: Hold,
    under_way: FuturesUnordered<BoxFuture<'static, Outcome>>,
    /// Wakes the task when the run ends while the input has nothing to give.
    ended: Option<BoxFuture<'static, ()>>,
}

impl<'a> Outcomes<'a> {
    pub(super) fn new(
        client: Client,
        users: Pin<Box<dyn Stream<Item = UserIdOrUpn> + Send + 'a>>,
        retry: RetryPolicy,
        run: Arc<Run>,
        hold: Hold,
    ) -> Self {
        let until = Arc::clone(&run);
        Self {
            client,
            users,
            taken: 0,
            is_empty: false,
            retry,
            run,
            hold,
            under_way: FuturesUnordered::new(),
            ended: Some(Box::pin(async move { until.wait_for_end().await })),
        }
    }

    /// The next outcome, or `None` after the last. May be dropped and called again without loss.
    pub async fn next(&mut self) -> Option<Outcome> {
        StreamExt::next(self).await
    }

    /// Why there is no further outcome. `None` while there may be one.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        if !self.under_way.is_empty() {
            return None;
        }
        match self.run.end() {
            Some(end) => Some(end),
            None if self.is_empty => Some(End::Finished),
            None => self.hold.is_held().then_some(End::Held),
        }
    }

    /// The users that were never taken from the input. Whoever was taken has an [`Outcome`]; drop the
    /// outcomes only after the last one.
    #[must_use]
    pub fn into_rest(self) -> Rest<'a> {
        Rest(self.users)
    }

    fn send(&mut self, user: UserIdOrUpn) {
        let index = self.taken;
        self.taken += 1;
        let client = self.client.clone();
        let call = CallOptions {
            retry: Some(self.retry.clone()),
            conduct: Arc::clone(&self.run) as _,
        };
        self.under_way.push(Box::pin(async move {
            let result = client.revoke_user(&user, call).await;
            Outcome {
                index,
                user,
                result,
            }
        }));
    }

    /// Whether further users may be taken from the input.
    fn is_open(&self) -> bool {
        !self.is_empty && !self.hold.is_held() && !self.run.is_over()
    }
}

impl Stream for Outcomes<'_> {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let this = &mut *self;
        if let Some(ended) = &mut this.ended
            && ended.as_mut().poll(context).is_ready()
        {
            this.ended = None;
        }
        while this.is_open() && this.under_way.len() < this.run.width() {
            match this.users.as_mut().poll_next(context) {
                Poll::Ready(Some(user)) => this.send(user),
                Poll::Ready(None) => this.is_empty = true,
                Poll::Pending => break,
            }
        }
        match this.under_way.poll_next_unpin(context) {
            Poll::Ready(Some(outcome)) => Poll::Ready(Some(outcome)),
            Poll::Ready(None) if !this.is_open() => Poll::Ready(None),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for Outcomes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes")
            .field("taken", &self.taken)
            .field("under_way", &self.under_way.len())
            .finish_non_exhaustive()
    }
}

/// The users that a run left in its input.
pub struct Rest<'a>(Pin<Box<dyn Stream<Item = UserIdOrUpn> + Send + 'a>>);

impl Rest<'_> {
    /// The next user, or `None` after the last.
    pub async fn next(&mut self) -> Option<UserIdOrUpn> {
        self.0.next().await
    }
}

impl Stream for Rest<'_> {
    type Item = UserIdOrUpn;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<UserIdOrUpn>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

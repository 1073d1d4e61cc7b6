//! What the users of one run share: the pace, the brake, how many are under way, and when the run is over.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::brake::{Brake, GivenUp};
use super::width::Width;
use super::{End, Pacer};
use crate::call::conduct::{Again, CallId, Conduct, Failed, Refused, Seen, Trouble};
use crate::gate::Gate;
use crate::retry;
use crate::stop::Stop;
use crate::token::BoxFuture;

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    pacer: Pacer,
    brake: Brake,
    width: Width,
    max_pause: Duration,
    /// The caller's: other runs may hold it too.
    stop: Stop,
    /// This run's own: it is of no use to go on.
    over: Stop,
    /// Why, once it is.
    reason: Mutex<Option<End>>,
}

impl Run {
    pub(super) fn new(
        pacer: Pacer,
        brake: Brake,
        width: Width,
        max_pause: Duration,
        stop: Stop,
    ) -> Self {
        Self {
            pacer,
            brake,
            width,
            max_pause,
            stop,
            over: Stop::new(),
            reason: Mutex::new(None),
        }
    }

    /// How many users may be under way now.
    pub(super) fn width(&self) -> usize {
        self.width.now(&self.pacer)
    }

    /// Whether nothing more is to be sent.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_stopped() || self.over.is_stopped()
    }

    /// Why nothing more is sent; `None` while it is.
    pub(super) fn end(&self) -> Option<End> {
        let own = self.lock().clone();
        own.or_else(|| self.stop.is_stopped().then_some(End::Stopped))
    }

    /// Waits for the end of the run.
    pub(super) async fn wait_for_end(&self) {
        let stopped = std::pin::pin!(self.stop.stopped());
        let over = std::pin::pin!(self.over.stopped());
        match select(stopped, over).await {
            Either::Left(((), _)) | Either::Right(((), _)) => {}
        }
    }

    /// Ends the run; the first reason stays.
    fn finish(&self, reason: End) {
        self.lock().get_or_insert(reason);
        self.over.stop();
    }

    fn lock(&self) -> MutexGuard<'_, Option<End>> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a pause may be waited for. One that may not ends the run: every other user would only
    /// find the same pause.
    fn may_pause(&self, pause: Duration) -> bool {
        let may = pause <= self.max_pause;
        if !may {
            self.finish(End::TooLongAPause(pause));
        }
        may
    }

    async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let work = self.over.unless_stopped(work);
        self.stop.unless_stopped(work).await.flatten()
    }

    /// Waits for the brake, then until the gate is open, however often it closes again in the meantime,
    /// and then for a turn. The gate comes first: a turn taken before a long pause would be one of
    /// another time.
    async fn pass(&self, call: CallId, gate: &Gate) -> Result<(), Refused> {
        let ended = || self.refused(gate);
        if self.is_over() {
            return Err(ended());
        }
        match self.unless_ended(self.brake.pass(call)).await {
            Some(Ok(())) => {}
            Some(Err(GivenUp)) => return Err(Refused::Unavailable),
            None => return Err(ended()),
        }
        let passed = async {
            while let Some(opens_at) = gate.opens_at() {
                let pause = opens_at.saturating_duration_since(Instant::now());
                if !self.may_pause(pause) {
                    return Err(Refused::TooLong(pause));
                }
                let sleep = tokio::time::sleep(retry::spread(pause));
                self.unless_ended(sleep).await.ok_or_else(ended)?;
            }
            self.unless_ended(self.pacer.turn()).await.ok_or_else(ended)
        };
        let passed = passed.await;
        if passed.is_err() {
            self.brake.withdraw(call);
        }
        passed
    }
}

impl Conduct for Run {
    fn admit<'a>(
        &'a self,
        call: CallId,
        gate: &'a Gate,
        _deadline: Instant,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        Box::pin(self.pass(call, gate))
    }

    fn withdraw(&self, call: CallId) {
        self.brake.withdraw(call);
    }

    fn ended(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.wait_for_end())
    }

    fn refused(&self, gate: &Gate) -> Refused {
        match self.end() {
            Some(End::TooLongAPause(pause)) => {
                let left = |at: Instant| at.saturating_duration_since(Instant::now());
                Refused::TooLong(gate.opens_at().map_or(pause, left))
            }
            Some(End::Unavailable) => Refused::Unavailable,
            Some(End::Stopped | End::Finished | End::Held) | None => Refused::Stopped,
        }
    }

    fn tried(&self, call: CallId, seen: &Seen<'_>) {
        if let (Some(status), Some(headers)) = (seen.status, seen.headers) {
            self.pacer.answered(status, headers);
        }
        self.width.answered(seen.trouble, seen.took);
        // No user of the run can be sent where the server is not to be trusted.
        let untrusted = seen.trouble == Some(Trouble::Certificate);
        if self.brake.tried(call, seen.trouble, seen.asked) || untrusted {
            self.finish(End::Unavailable);
        }
    }

    fn again(&self, failed: &Failed<'_>) -> Again {
        match failed.trouble {
            // The pause is for all of the run: its length is no reason to fail one user.
            Trouble::Throttled => {
                if failed.tries < failed.policy.tries() && self.may_pause(failed.wait) {
                    Again::AfterCommon(failed.wait)
                } else {
                    Again::No
                }
            }
            Trouble::Certificate => Again::No,
            // Everyone fails: this user's tries are for its own failures.
            _ if self.brake.is_closed() => Again::Free,
            // What answers in Graph's place may go away again; the brake finds out.
            trouble if trouble.is_passing() || self.brake.is_on() => {
                if failed.is_within_policy() {
                    Again::After(failed.wait)
                } else {
                    Again::No
                }
            }
            _ => Again::No,
        }
    }

    fn is_own_time(&self) -> bool {
        false
    }
}

//! What the users of one run share: the pace, and when the run is over.

use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::Pacer;
use crate::gate::Gate;
use crate::retry;
use crate::stop::Stop;

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) pacer: Pacer,
    max_pause: Duration,
    /// The caller's: other runs may hold it too.
    stop: Stop,
    /// This run's own, for a pause that is too long.
    too_long: Stop,
}

/// The run came to its end before the work was done.
#[derive(Debug)]
pub(crate) struct Over {
    /// The pause that was too long to wait for, if that is why.
    pub(crate) pause: Option<Duration>,
}

impl Run {
    pub(super) fn new(pacer: Pacer, max_pause: Duration, stop: Stop) -> Self {
        Self {
            pacer,
            max_pause,
            stop,
            too_long: Stop::new(),
        }
    }

    /// Waits for the end of the run.
    pub(super) async fn ended(&self) {
        let stopped = std::pin::pin!(self.stop.stopped());
        let too_long = std::pin::pin!(self.too_long.stopped());
        match select(stopped, too_long).await {
            Either::Left(((), _)) | Either::Right(((), _)) => {}
        }
    }

    /// Waits for the work, or drops it when the run ends first.
    pub(crate) async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let work = self.too_long.unless_stopped(work);
        self.stop.unless_stopped(work).await.flatten()
    }

    /// Whether a pause may be waited for. One that may not ends the run: every other user would only
    /// find the same pause.
    pub(crate) fn may_pause(&self, pause: Duration) -> bool {
        let may = pause <= self.max_pause;
        if !may {
            self.too_long.stop();
        }
        may
    }

    /// Waits until the gate is open, however often it closes again in the meantime.
    pub(crate) async fn through(&self, gate: &Gate) -> Result<(), Over> {
        while let Some(opens_at) = gate.opens_at() {
            let pause = opens_at.saturating_duration_since(Instant::now());
            if !self.may_pause(pause) {
                return Err(Over { pause: Some(pause) });
            }
            self.sleep(retry::spread(pause), gate).await?;
        }
        if self.stop.is_stopped() || self.too_long.is_stopped() {
            return Err(self.over(gate));
        }
        Ok(())
    }

    /// Waits until the gate is open, and then for a turn.
    pub(crate) async fn turn(&self, gate: &Gate) -> Result<(), Over> {
        self.through(gate).await?;
        self.unless_ended(self.pacer.turn())
            .await
            .ok_or_else(|| self.over(gate))
    }

    /// Sleeps, unless the run ends first.
    pub(crate) async fn sleep(&self, wait: Duration, gate: &Gate) -> Result<(), Over> {
        self.unless_ended(tokio::time::sleep(wait))
            .await
            .ok_or_else(|| self.over(gate))
    }

    /// Why the run has ended.
    fn over(&self, gate: &Gate) -> Over {
        let opens_at = gate.opens_at().filter(|_| self.too_long.is_stopped());
        Over {
            pause: opens_at.map(|at| at.saturating_duration_since(Instant::now())),
        }
    }
}

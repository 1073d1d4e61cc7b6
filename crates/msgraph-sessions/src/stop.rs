//! A way to end work in good order.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::sync::watch;

/// Asks work under way to come to an end: nothing new is begun, waits end at once, and what is on the
/// wire is answered. Clones ask the same work.
///
/// ```
/// let stop = msgraph_sessions::Stop::new();
/// let for_ctrl_c = stop.clone();
/// for_ctrl_c.stop();
/// assert!(stop.is_stopped());
/// ```
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Work that holds this goes on until [`stop`](Self::stop).
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Asks for the end. A second time changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the end is asked for. May be dropped and called again.
    pub async fn stopped(&self) {
        // The sender is held by `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Waits for the work, or drops it when the end is asked for first.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        // The first to be polled wins a tie: once stopped, no further work is done.
        match select(pin!(self.stopped()), pin!(work)).await {
            Either::Left(((), _)) => None,
            Either::Right((done, _)) => Some(done),
        }
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

//! The pause that a 429 puts on every call of a client.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Closed until an instant; open otherwise.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Option<Instant>>);

impl Gate {
    /// Keeps the gate closed for at least this long from now.
    pub(crate) fn close_for(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.is_none_or(|already| already < until) {
            *closed = Some(until);
        }
    }

    /// When the gate opens; `None` if it is open.
    pub(crate) fn opens_at(&self) -> Option<Instant> {
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.is_some_and(|until| until <= Instant::now()) {
            *closed = None;
        }
        *closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_counts() {
        let gate = Gate::default();
        assert_eq!(gate.opens_at(), None);
        gate.close_for(Duration::from_secs(10));
        gate.close_for(Duration::from_secs(2));
        let start = Instant::now();
        assert_eq!(gate.opens_at(), Some(start + Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(gate.opens_at(), None);
    }
}

//! How fast users are sent: Graph's quota, mirrored here and corrected by what the answers say.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

/// Header that says how much of the quota is used, as a share; sent from about 0.8 on.
const USED: &str = "x-ms-throttle-limit-percentage";

/// How many users are sent over time: a number at once, and then so many a second.
///
/// The default is Graph's documented quota for identity writes of one app in one tenant: 3,000 in 150
/// seconds, which is 20 a second once the first 3,000 are spent. Another app's writes do not count
/// against it, but those of the same app do. When an answer says how much of the quota is used, the
/// pace follows that; when one is throttled, it slows down for a while.
///
/// ```
/// # use msgraph_sessions::bulk::Pace;
/// # use std::time::Duration;
/// let pace = Pace::default();
/// assert_eq!(pace.time_for(3_000), Duration::ZERO);
/// assert_eq!(pace.time_for(50_000), Duration::from_secs(2_350));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(Option<Quota>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Quota {
    at_once: u32,
    per_second: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self(Some(Quota {
            at_once: 3_000,
            per_second: 20.0,
        }))
    }
}

impl Pace {
    /// A pace of its own: this many users at once, and this many a second after that.
    ///
    /// # Errors
    ///
    /// Nothing can be sent at once, or the rate is not a positive number.
    pub fn new(at_once: u32, per_second: f64) -> Result<Self, PaceError> {
        if at_once == 0 {
            return Err(PaceError::NothingAtOnce);
        }
        if !per_second.is_finite() || per_second < 0.001 {
            return Err(PaceError::Rate);
        }
        Ok(Self(Some(Quota {
            at_once,
            per_second,
        })))
    }

    /// As fast as the answers come, until one is throttled; for servers without a quota.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// The least time in which this many users can be sent.
    #[must_use]
    pub fn time_for(&self, users: u64) -> Duration {
        let Some(quota) = self.0 else {
            return Duration::ZERO;
        };
        let later = users.saturating_sub(u64::from(quota.at_once));
        #[expect(
            clippy::cast_precision_loss,
            reason = "an estimate; exact up to 2^53 users"
        )]
        let seconds = later as f64 / quota.per_second;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// Why numbers make no pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaceError {
    /// At least one user must be sent at once.
    #[error("at least one user must be sent at once")]
    NothingAtOnce,
    /// Not a number of users a second.
    #[error("users a second must be a number from 0.001 on")]
    Rate,
}

/// Share of the pace that a throttled answer takes away.
const SLOWER: f64 = 0.1;
/// Share of the full pace that comes back every second.
const FASTER: f64 = 0.002;
/// The pace never falls below this share of the full one.
const SLOWEST: f64 = 0.1;

/// A wait may end so many seconds late before its time is lost.
const LATE: f64 = 0.5;

/// After a refusal lost time is not made up for this long: the service gives less than the pace, and what is sent on top
/// is refused as well.
const REFUSED: Duration = Duration::from_secs(10);

/// Lets users through at a pace. Users wait in the order in which they came.
#[derive(Debug)]
pub(crate) struct Pacer {
    quota: Option<Quota>,
    bucket: Mutex<Bucket>,
    queue: AsyncMutex<()>,
}

/// What is believed to be left of the quota.
#[derive(Debug)]
struct Bucket {
    left: f64,
    per_second: f64,
    filled: Instant,
    /// When an answer was last throttled, those that came with it not counted.
    throttled: Option<Instant>,
    /// Whether a user waits for the next turn.
    is_awaited: bool,
}

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        let (left, per_second) = pace.0.map_or((0.0, 0.0), |quota| {
            (f64::from(quota.at_once), quota.per_second)
        });
        Self {
            quota: pace.0,
            bucket: Mutex::new(Bucket {
                left,
                per_second,
                filled: Instant::now(),
                throttled: None,
                is_awaited: false,
            }),
            queue: AsyncMutex::new(()),
        }
    }

    /// Waits for this user's turn. Dropping the wait gives the turn to the next.
    pub(crate) async fn turn(&self) {
        let Some(quota) = self.quota else {
            return;
        };
        let _first = self.queue.lock().await;
        loop {
            let wait = {
                let mut bucket = self.bucket();
                bucket.fill(quota);
                if bucket.left >= 1.0 {
                    bucket.left -= 1.0;
                    bucket.is_awaited = false;
                    return;
                }
                bucket.is_awaited = true;
                (1.0 - bucket.left) / bucket.per_second
            };
            // Answers may lower what is left in the meantime, so look again after each wait.
            let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_secs(1));
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }

    /// Users a second at present; `None` without a quota.
    pub(crate) fn per_second(&self) -> Option<f64> {
        self.quota.map(|_| self.bucket().per_second)
    }

    /// Whether more than so many users could be sent at once.
    pub(crate) fn has_more_than(&self, users: f64) -> bool {
        let Some(quota) = self.quota else {
            return true;
        };
        let mut bucket = self.bucket();
        bucket.fill(quota);
        bucket.left > users
    }

    /// Takes in what an answer says of the quota.
    pub(crate) fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.throttled();
        } else {
            self.observe(headers);
        }
    }

    fn observe(&self, headers: &HeaderMap) {
        let Some(quota) = self.quota else {
            return;
        };
        let used = headers
            .get(USED)
            .and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok())
            .filter(|used| used.is_finite() && *used >= 0.0);
        if let Some(used) = used {
            let left = (1.0 - used.min(2.0)) * f64::from(quota.at_once);
            let mut bucket = self.bucket();
            bucket.fill(quota);
            // The share is rounded: the turn that has come together, which a user may be about to take,
            // must not be lost with every answer.
            let least = if used <= 1.0 {
                bucket.left.clamp(0.0, 1.5)
            } else {
                left
            };
            bucket.left = bucket.left.min(left.max(least));
        }
    }

    /// Takes in that an answer was throttled: nothing is left.
    ///
    /// If more was believed to be left, that belief was wrong and the rate may still be right; if not,
    /// the rate is too high.
    fn throttled(&self) {
        let Some(quota) = self.quota else {
            return;
        };
        let mut bucket = self.bucket();
        bucket.fill(quota);
        let more_was_left = bucket.left > bucket.per_second.max(1.0);
        bucket.left = bucket.left.min(0.0);
        // Requests that were on the wire together are throttled together: once is enough.
        let now = Instant::now();
        if bucket
            .throttled
            .is_some_and(|last| now.duration_since(last) < Duration::from_secs(1))
        {
            return;
        }
        bucket.throttled = Some(now);
        if !more_was_left {
            bucket.per_second =
                (bucket.per_second * (1.0 - SLOWER)).max(quota.per_second * SLOWEST);
        }
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn fill(&mut self, quota: Quota) {
        // Time in which a user waits is not lost when the wait ends late: with one user at once, every
        // turn would else cost as much as the timer is imprecise, or the machine busy. Since the wait began
        // no more are sent than the rate allows.
        let now = Instant::now();
        let is_refused = self
            .throttled
            .is_some_and(|last| now.duration_since(last) < REFUSED);
        let late = match (self.is_awaited, is_refused) {
            (false, _) => 0.0,
            (true, true) => 1.0,
            (true, false) => (self.per_second * LATE).max(1.0),
        };
        let most = f64::from(quota.at_once) + late;
        let seconds = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        // What a late wait has made up for stays until it is used.
        self.left = self
            .left
            .max((self.left + seconds * self.per_second).min(most));
        self.per_second =
            (self.per_second + seconds * quota.per_second * FASTER).min(quota.per_second);
    }
}

#[cfg(test)]
mod tests;

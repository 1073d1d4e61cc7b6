//! The write quota: a token bucket, and how its refusals are worded in headers.

use std::time::{Duration, Instant, SystemTime};

/// How many writes one app may make, as a bucket that refills evenly.
///
/// Microsoft documents 3,000 writes per 150 seconds for identity resources, per app and tenant:
/// a burst of 3,000 and then 20 a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Writes that fit into the bucket.
    pub writes: u32,
    /// Time in which an empty bucket fills.
    pub window: Duration,
    /// What the bucket holds at the start; `None` for a full one.
    pub initial: Option<u32>,
    /// How the refusal says when to come back.
    pub retry_after: RetryAfter,
    /// No refusal asks for less than this.
    pub shortest_wait: Duration,
}

impl Quota {
    /// The documented quota of one app.
    pub const DOCUMENTED: Quota = Quota::new(3000, Duration::from_secs(150));

    /// A full bucket of `writes` that refills within `window`, with decimal `Retry-After`.
    pub const fn new(writes: u32, window: Duration) -> Self {
        Quota {
            writes,
            window,
            initial: None,
            retry_after: RetryAfter::Decimal,
            shortest_wait: Duration::ZERO,
        }
    }
}

/// The form of `Retry-After` on a `429`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Seconds with three decimals, as in `2.128`.
    #[default]
    Decimal,
    /// Whole seconds, rounded up.
    Integer,
    /// An HTTP date, rounded up to the next whole second.
    Date,
    /// No header.
    Missing,
}

impl RetryAfter {
    fn header(self, wait: Duration, now: SystemTime) -> Option<String> {
        let millis = wait.as_nanos().div_ceil(1_000_000);
        match self {
            RetryAfter::Decimal => Some(format!("{}.{:03}", millis / 1000, millis % 1000)),
            RetryAfter::Integer => Some(millis.div_ceil(1000).to_string()),
            // A date has no fraction: one second more is never too early.
            RetryAfter::Date => Some(httpdate::fmt_http_date(now + wait + Duration::from_secs(1))),
            RetryAfter::Missing => None,
        }
    }
}

/// A quota at work.
#[derive(Debug)]
pub(crate) struct Bucket {
    quota: Quota,
    level: f64,
    at: Instant,
}

/// What the bucket says to one write.
#[derive(Debug, PartialEq)]
pub(crate) enum Draw {
    /// Granted; the share of the quota in use.
    Granted { used: f64 },
    /// Refused, with the value of `Retry-After`.
    Refused { retry_after: Option<String> },
}

impl Bucket {
    pub(crate) fn new(quota: Quota, now: Instant) -> Self {
        Bucket {
            quota,
            level: f64::from(quota.initial.unwrap_or(quota.writes).min(quota.writes)),
            at: now,
        }
    }

    pub(crate) fn draw(&mut self, now: Instant) -> Draw {
        let full = f64::from(self.quota.writes);
        let rate = full / self.quota.window.as_secs_f64().max(f64::MIN_POSITIVE);
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + passed * rate).min(full);
        self.at = now;
        if self.level >= 1.0 {
            self.level -= 1.0;
            return Draw::Granted {
                used: 1.0 - self.level / full,
            };
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.level) / rate)
            .unwrap_or(Duration::MAX)
            .clamp(self.quota.shortest_wait, Duration::from_secs(86_400));
        Draw::Refused {
            retry_after: self.quota.retry_after.header(wait, SystemTime::now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_when_empty_and_says_when_to_come_back() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Quota::new(2, Duration::from_secs(4)), start);
        assert_eq!(bucket.draw(start), Draw::Granted { used: 0.5 });
        assert_eq!(bucket.draw(start), Draw::Granted { used: 1.0 });
        assert_eq!(
            bucket.draw(start),
            Draw::Refused {
                retry_after: Some("2.000".to_owned())
            }
        );
        let later = start + Duration::from_millis(500);
        assert_eq!(
            bucket.draw(later),
            Draw::Refused {
                retry_after: Some("1.500".to_owned())
            }
        );
        assert!(matches!(
            bucket.draw(start + Duration::from_secs(2)),
            Draw::Granted { .. }
        ));
    }

    #[test]
    fn every_form_of_retry_after_is_never_too_early() {
        let wait = Duration::from_micros(2_127_001);
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(
            RetryAfter::Decimal.header(wait, now).as_deref(),
            Some("2.128")
        );
        assert_eq!(RetryAfter::Integer.header(wait, now).as_deref(), Some("3"));
        assert_eq!(
            RetryAfter::Date.header(wait, now).as_deref(),
            Some("Thu, 01 Jan 1970 00:00:03 GMT")
        );
        assert_eq!(RetryAfter::Missing.header(wait, now), None);
    }

    #[test]
    fn the_shortest_wait_is_kept() {
        let mut quota = Quota::new(1, Duration::from_millis(10));
        quota.shortest_wait = Duration::from_secs(1);
        let start = Instant::now();
        let mut bucket = Bucket::new(quota, start);
        bucket.draw(start);
        assert_eq!(
            bucket.draw(start),
            Draw::Refused {
                retry_after: Some("1.000".to_owned())
            }
        );
    }
}

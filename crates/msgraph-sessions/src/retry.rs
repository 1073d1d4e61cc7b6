//! When to send a request again, and how long to wait before.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// When a call is sent again, and when it is given up.
///
/// Sent again is what was answered 408, 429, 500, 502, 503 or 504, and what got no whole answer because
/// the connection failed, broke or timed out: revoking twice is harmless. A server whose certificate is
/// not trusted is not tried again. The wait is what `Retry-After` says, never less, plus a little chance
/// so that many callers do not come back at once; without `Retry-After`, and where that wait was not
/// enough, it doubles from try to try. A 429 makes every call of the client and its clones wait, not only
/// the one that got it.
///
/// ```
/// # use std::time::Duration;
/// # use msgraph_sessions::RetryPolicy;
/// let patient = RetryPolicy::default()
///     .max_tries(10)
///     .max_elapsed(Duration::from_secs(1800));
/// assert_eq!(RetryPolicy::none().tries(), 1);
/// # let _ = patient;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    max_tries: u32,
    max_elapsed: Duration,
    max_wait: Duration,
    first_delay: Duration,
}

/// No setting goes beyond this, so that no sum of times can overflow: a month.
const LONGEST_CALL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Default for RetryPolicy {
    /// 6 tries in at most 5 minutes, waiting at most 150 seconds at a time: Graph counts identity
    /// writes over 150 seconds.
    fn default() -> Self {
        Self {
            max_tries: 6,
            max_elapsed: Duration::from_secs(300),
            max_wait: Duration::from_secs(150),
            first_delay: Duration::from_secs(1),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once.
    #[must_use]
    pub fn none() -> Self {
        Self::default().max_tries(1)
    }

    /// How many times a request is sent in all; 0 counts as 1.
    #[must_use]
    pub fn max_tries(mut self, tries: u32) -> Self {
        self.max_tries = tries.max(1);
        self
    }

    /// How long a call may take from its start to its last try. A wait that would end later is not
    /// begun: the call fails at once with what it has.
    #[must_use]
    pub fn max_elapsed(mut self, elapsed: Duration) -> Self {
        self.max_elapsed = elapsed.min(LONGEST_CALL);
        self
    }

    /// The longest single wait. A `Retry-After` beyond it is not shortened, since coming back early
    /// only prolongs the throttling: the call fails at once instead.
    #[must_use]
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait.min(LONGEST_CALL);
        self
    }

    /// The wait before the second try where the answer does not say how long; it doubles from then on,
    /// with up to as much again added by chance.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay.min(LONGEST_CALL);
        self
    }

    /// How many times a request is sent in all.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.max_tries
    }

    pub(crate) fn longest(&self) -> Duration {
        self.max_elapsed
    }

    pub(crate) fn longest_wait(&self) -> Duration {
        self.max_wait
    }

    /// The waits of one call where no answer says how long.
    pub(crate) fn curve(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.first_delay)
            .with_max_delay(self.max_wait / 2)
            .with_jitter()
            .without_max_times()
            .build()
    }
}

/// How long to wait after so many tries: as asked the first time, and from then on at least what the
/// curve says, since what was asked has turned out to be too short.
pub(crate) fn wait(asked: Option<Duration>, curve: Duration, tries: u32) -> Duration {
    match asked {
        Some(asked) if tries <= 1 => asked,
        Some(asked) => asked.max(curve),
        None => curve,
    }
}

/// A little more than the wait that was asked for, never less, so that callers spread out.
pub(crate) fn spread(wait: Duration) -> Duration {
    let most = (wait / 20).clamp(Duration::from_millis(10), Duration::from_secs(1));
    wait + most.mul_f64(fastrand::f64())
}

/// How long an answer asks to wait: whole seconds, seconds with decimals, or an HTTP date.
///
/// A date counts from the answer's own `Date`, so that a clock that is wrong here does not shorten the
/// wait. A date in the past, and anything that cannot be read, is as if the header were missing: the wait
/// is then the policy's own.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = crate::answer::date(headers).unwrap_or(now);
    parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// The same for the text of one header, as it also stands in the items of a batch.
pub(crate) fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number {
        let seconds: f64 = text.parse().ok()?;
        return Some(
            Duration::try_from_secs_f64(seconds).map_or(LONGEST_CALL, |it| it.min(LONGEST_CALL)),
        );
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let wait = date
        .duration_since(now)
        .ok()
        .filter(|wait| !wait.is_zero())?;
    Some(wait.min(LONGEST_CALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn retry_after_is_read_in_each_of_its_forms() {
        let now = at(784_111_777);
        let read = |text: &str| parse_retry_after(text, now).map(|it| it.as_secs_f64());
        assert_eq!(read("10"), Some(10.0));
        assert_eq!(read(" 10 "), Some(10.0));
        assert_eq!(read("2.128"), Some(2.128));
        assert_eq!(read("0"), Some(0.0));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10.0));
        assert_eq!(read("7200"), Some(7_200.0));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:27 GMT"), None);
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert_eq!(read("99999999999999999999999"), Some(2_592_000.0));
        assert_eq!(read("Sat, 06 Nov 2094 08:49:47 GMT"), Some(2_592_000.0));
        for nonsense in ["", ".", "1.2.3", "-1", "soon", "1e9", "NaN", "inf", "+3"] {
            assert_eq!(read(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_spread_wait_is_never_shorter_and_only_a_little_longer() {
        for millis in [0, 1, 2_128, 150_000] {
            let asked = Duration::from_millis(millis);
            for _ in 0..100 {
                let wait = spread(asked);
                assert!(wait >= asked && wait <= asked + Duration::from_secs(1));
            }
        }
    }

    #[test]
    fn without_retry_after_the_wait_doubles_with_up_to_as_much_again() {
        let policy = RetryPolicy::default().first_delay(Duration::from_millis(100));
        let mut least = Duration::from_millis(100);
        for wait in policy.curve().take(6) {
            assert!(wait >= least && wait <= least * 2, "{wait:?} for {least:?}");
            least *= 2;
        }
    }

    #[test]
    fn a_wait_that_was_too_short_grows() {
        let [short, long] = [1, 10].map(Duration::from_secs);
        assert_eq!(wait(None, short, 1), short);
        assert_eq!(wait(Some(short), long, 1), short);
        assert_eq!(wait(Some(short), long, 2), long);
        assert_eq!(wait(Some(long), short, 2), long);
    }
}

//! How many users are under way at a time: as many as the pace and the time of an answer call for.
//!
//! A user occupies a place from being sent to being answered, so a pace of 20 a second and answers that
//! take 3 seconds need 60 places (Little's law), while answers within 50 ms need one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Pacer;
use crate::call::conduct::Trouble;

/// Places to begin with, and at least.
const LEAST: usize = 16;
/// Places at most, unless the caller sets another number.
const MOST: usize = 128;
/// Places at most while there is quota for more users at once; beyond this a burst only queues up at the
/// service.
const MOST_IN_A_BURST: usize = 64;
/// Places at least while the pace alone sets how fast users go: 20 a second with answers of 3 seconds. Not more: until
/// the first answer comes, each of them may be sent into a refusal.
const PACED: usize = 64;
/// Places at least after a refusal: when the pause ends, each of them may be sent into the next one.
const REFUSED: usize = 8;
/// More places than the mean time of an answer calls for, because some answers take longer.
const MARGIN: f64 = 1.6;
/// A refusal that took at least so many seconds says how long answers take. Below that it may be the connection that took
/// them, and every place more at the start is one more refusal.
const TELLING: f64 = 1.0;
/// How much a longer time counts against the mean so far, and how much a shorter one.
const SLOWER: f64 = 0.3;
const FASTER: f64 = 0.05;

/// The number of places of one run.
#[derive(Debug)]
pub(super) struct Width {
    /// What the caller set, if anything.
    most: Option<usize>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// Mean time of an answer in seconds; `None` before the first.
    took: Option<f64>,
    /// Places that successes have earned.
    earned: usize,
    /// Places that they can earn: a burst is only welcome until the service has refused one.
    most_earned: usize,
    /// Places at least while the pace alone sets how fast users go.
    paced: usize,
    /// Places at least.
    least: usize,
}

impl Width {
    pub(super) fn new(most: Option<usize>) -> Self {
        Self {
            most: most.map(|most| most.max(1)),
            seen: Mutex::new(Seen {
                took: None,
                earned: LEAST,
                most_earned: MOST_IN_A_BURST,
                paced: PACED,
                least: LEAST,
            }),
        }
    }

    /// The most places that there can be.
    pub(super) fn most(&self) -> usize {
        self.most.unwrap_or(MOST)
    }

    /// The number of places now.
    pub(super) fn now(&self, pacer: &Pacer) -> usize {
        let Some(per_second) = pacer.per_second() else {
            // Without a pace there is nothing to reckon with: the caller says how many.
            return self.most.unwrap_or(LEAST);
        };
        let seen = self.lock();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number; a float as an integer saturates"
        )]
        let needed = (per_second * seen.took.unwrap_or_default() * MARGIN).ceil() as usize + 4;
        // While there is quota for more at once, the places set how fast users go, and have to be earned.
        // Otherwise the pace does, and too few places would only hold it up, above all before the first
        // answer has said how long one takes.
        let places = if pacer.has_more_than(1.5) {
            seen.earned
        } else {
            seen.paced
        };
        needed.max(places).max(seen.least).min(self.most())
    }

    /// Takes in an answer: how long it took, and what was wrong with it.
    pub(super) fn answered(&self, trouble: Option<Trouble>, took: Duration) {
        let mut seen = self.lock();
        match trouble {
            None => {
                seen.took(took.as_secs_f64());
                seen.earned = (seen.earned + 1).min(seen.most_earned);
            }
            // The pace is more than the service gives, for example because others use the quota as well: from here the
            // time of an answer alone says how many places are needed, or each of them would be sent into a refusal.
            Some(Trouble::Throttled) => {
                // A refusal that took its time says how long answers take, too; a quick one does not.
                let took = took.as_secs_f64();
                if took >= TELLING && seen.took.is_none_or(|mean| mean < took) {
                    seen.took(took);
                }
                seen.earned = REFUSED;
                seen.most_earned = REFUSED;
                seen.paced = REFUSED;
                seen.least = REFUSED;
            }
            // More at once would only make it worse.
            Some(_) => seen.earned = (seen.earned / 2).max(seen.least),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Takes the time of one more answer into the mean, in seconds.
    fn took(&mut self, took: f64) {
        let mean = self.took.unwrap_or(took);
        let weight = if took > mean { SLOWER } else { FASTER };
        self.took = Some(mean + (took - mean) * weight);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pace;
    use super::*;

    fn after(width: &Width, seconds: f64, answers: usize) -> usize {
        let pacer = Pacer::new(Pace::new(1, 20.0).unwrap());
        for _ in 0..answers {
            width.answered(None, Duration::from_secs_f64(seconds));
        }
        width.now(&pacer)
    }

    #[tokio::test]
    async fn there_are_places_enough_for_the_time_of_an_answer() {
        for (seconds, least, most) in [
            (0.05, 64, 64),
            (1.2, 64, 64),
            (3.0, 100, 100),
            (4.0, 128, 128),
        ] {
            let width = after(&Width::new(None), seconds, 40);
            assert!((least..=most).contains(&width), "{width} at {seconds} s");
        }
        assert_eq!(after(&Width::new(Some(8)), 3.0, 40), 8);
        assert_eq!(after(&Width::new(None), 60.0, 40), 128);
    }

    #[tokio::test]
    async fn a_refusal_at_the_start_leaves_places_for_the_time_of_an_answer() {
        let pacer = Pacer::new(Pace::new(1, 20.0).unwrap());
        let width = Width::new(None);
        width.answered(Some(Trouble::Throttled), Duration::from_secs(3));
        let places = width.now(&pacer);
        assert!((60..=110).contains(&places), "{places}");
        // A gateway that refuses at once says nothing of the service.
        let width = Width::new(None);
        width.answered(Some(Trouble::Throttled), Duration::ZERO);
        width.answered(None, Duration::from_secs(3));
        assert!(width.now(&pacer) >= 30);
    }

    #[tokio::test]
    async fn failures_take_back_what_successes_earned() {
        let pacer = Pacer::new(Pace::new(1_000, 20.0).unwrap());
        let width = Width::new(None);
        assert_eq!(width.now(&pacer), 16);
        for _ in 0..100 {
            width.answered(None, Duration::from_millis(50));
        }
        assert_eq!(width.now(&pacer), 64);
        width.answered(Some(Trouble::Unavailable), Duration::ZERO);
        assert_eq!(width.now(&pacer), 32);
    }
}

//! How far the run is: a bar on a terminal, now and then a plain line elsewhere.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::redact::redacted;
use crate::words::{number, time};

/// Time between two plain lines.
const EVERY: Duration = Duration::from_secs(10);

/// Shows on standard error how far the run is.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    done: usize,
    failed: usize,
    start: Instant,
    /// The least time that the pace allows for all of them.
    least: Duration,
    show: Show,
}

#[derive(Debug)]
enum Show {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    /// For so many users to send, for which the pace allows no less than this time.
    pub(crate) fn new(total: usize, least: Duration, terminal: bool) -> Self {
        let now = Instant::now();
        let show = if terminal {
            let bar = ProgressBar::with_draw_target(
                Some(total as u64),
                ProgressDrawTarget::stderr_with_hz(5),
            );
            // The template is a constant; were it wrong, the bar's own look would do.
            if let Ok(style) =
                ProgressStyle::with_template("{bar:30} {human_pos} of {human_len}{msg}")
            {
                bar.set_style(style);
            }
            Show::Bar(bar)
        } else {
            Show::Lines { last: now }
        };
        Progress {
            total,
            done: 0,
            failed: 0,
            start: now,
            least,
            show,
        }
    }

    /// One more user is done.
    pub(crate) fn done(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        let rest = self.rest();
        match &mut self.show {
            Show::Bar(bar) => {
                bar.inc(1);
                bar.set_message(rest);
            }
            Show::Lines { last } => {
                if last.elapsed() >= EVERY {
                    *last = Instant::now();
                    say(&self.line());
                }
            }
        }
    }

    /// Says something without breaking the bar.
    pub(crate) fn say(&self, text: &str) {
        match &self.show {
            Show::Bar(bar) => bar.suspend(|| say(text)),
            Show::Lines { .. } => say(text),
        }
    }

    /// How many users are left.
    pub(crate) fn left(&self) -> usize {
        self.total.saturating_sub(self.done)
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) -> Duration {
        if let Show::Bar(bar) = self.show {
            bar.finish_and_clear();
        }
        self.start.elapsed()
    }

    fn line(&self) -> String {
        let (done, total) = (number(self.done), number(self.total));
        format!("{done} of {total} done{}", self.rest())
    }

    /// What failed, and how long the rest takes: as long as so far for each, and no less than the pace
    /// allows. The first thousands may go at once and the rest may not, so the mean alone is too short.
    fn rest(&self) -> String {
        let failed = match self.failed {
            0 => String::new(),
            n => format!(", {} failed", number(n)),
        };
        let left = self.left();
        let elapsed = self.start.elapsed();
        let left = match u32::try_from(self.done) {
            Ok(done) if done > 0 && left > 0 => {
                let each = elapsed / done;
                let mean = each.saturating_mul(left.try_into().unwrap_or(u32::MAX));
                let paced = self.least.saturating_sub(elapsed);
                format!(", about {} left", time(mean.max(paced)))
            }
            _ => String::new(),
        };
        format!("{failed}{left}")
    }
}

/// A line on standard error. That it has no reader is no reason to stop. Whatever goes wrong, it holds no
/// token.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{}", redacted(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_says_how_far_it_is() {
        let mut progress = Progress::new(4000, Duration::ZERO, false);
        assert_eq!(progress.line(), "0 of 4,000 done");
        progress.start -= Duration::from_secs(100);
        for n in 0..1000 {
            progress.done(n < 3);
        }
        assert_eq!(
            progress.line(),
            "1,000 of 4,000 done, 3 failed, about 5 min 0 s left"
        );
        // The pace allows no less than 400 seconds in all.
        progress.least = Duration::from_secs(400);
        progress.start -= Duration::from_millis(500);
        assert!(progress.line().ends_with("about 5 min 1 s left"));
        progress.least = Duration::from_secs(900);
        assert!(
            progress.line().contains("about 13 min 19 s left"),
            "{}",
            progress.line()
        );
    }
}

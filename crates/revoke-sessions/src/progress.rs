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
    show: Show,
}

#[derive(Debug)]
enum Show {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    /// For so many users to send.
    pub(crate) fn new(total: usize, terminal: bool) -> Self {
        let now = Instant::now();
        let show = if terminal {
            let bar = ProgressBar::with_draw_target(
                Some(total as u64),
                ProgressDrawTarget::stderr_with_hz(5),
            );
            // The template is a constant; were it wrong, the bar's own look would do.
            if let Ok(style) = ProgressStyle::with_template(
                "{bar:30} {human_pos} of {human_len}, about {eta} left{msg}",
            ) {
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
            show,
        }
    }

    /// One more user is done.
    pub(crate) fn done(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        match &mut self.show {
            Show::Bar(bar) => {
                bar.inc(1);
                if failed {
                    bar.set_message(format!(", {} failed", number(self.failed)));
                }
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

    /// Takes the bar away.
    pub(crate) fn finish(self) -> Duration {
        if let Show::Bar(bar) = self.show {
            bar.finish_and_clear();
        }
        self.start.elapsed()
    }

    fn line(&self) -> String {
        let (done, total) = (number(self.done), number(self.total));
        let failed = match self.failed {
            0 => String::new(),
            n => format!(", {} failed", number(n)),
        };
        let left = self.total.saturating_sub(self.done);
        let left = match u32::try_from(self.done) {
            Ok(done) if done > 0 && left > 0 => {
                let each = self.start.elapsed() / done;
                let left = each.saturating_mul(left.try_into().unwrap_or(u32::MAX));
                format!(", about {} left", time(left))
            }
            _ => String::new(),
        };
        format!("{done} of {total} done{failed}{left}")
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
        let mut progress = Progress::new(4000, false);
        assert_eq!(progress.line(), "0 of 4,000 done");
        progress.start -= Duration::from_secs(100);
        for n in 0..1000 {
            progress.done(n < 3);
        }
        assert_eq!(
            progress.line(),
            "1,000 of 4,000 done, 3 failed, about 5 min 0 s left"
        );
    }
}

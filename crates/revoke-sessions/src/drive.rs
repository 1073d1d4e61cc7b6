//! Sending: from the client's outcomes to the journal, and from there to the counts.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use msgraph_sessions::{Error, ErrorKind, Revoked, Stop};

use crate::journal::{Event, EventKind, Line, Sink};
use crate::outcome::{Kind, Outcome};
use crate::progress::Progress;
use crate::run::Run;
use crate::words::{now, time};

/// So many refusals of the kind "no permission", and nothing else, are enough to stop.
const DENIALS: usize = 20;

/// After so long without an outcome a word is due.
const QUIET: Duration = Duration::from_secs(15);

/// How a run ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Every user was tried.
    Finished,
    /// The operator stopped it.
    Interrupted,
    /// There is no access token, or Graph does not take it.
    SignIn(Error),
    /// Every answer so far was that the permission or the role is missing.
    Denied,
    /// Outcomes can no longer be written down.
    Journal(io::Error),
}

/// Sends until the outcomes end, noting each once it is in the journal. `paused` tells how long Graph
/// makes everyone wait, for a word to the operator when nothing comes.
pub(crate) async fn drive(
    mut outcomes: impl Stream<Item = (String, Result<Revoked, Error>)> + Unpin,
    run: &mut Run,
    mut sink: Option<Sink>,
    stop: &Stop,
    progress: &mut Progress,
    paused: impl Fn() -> Option<Duration>,
) -> End {
    let mut watch = Watch::of(run);
    let mut pending: Option<Line> = None;
    let mut unwritten = 0_usize;
    let mut drained = false;
    let lines = sink.as_ref().map(Sink::lines);
    let mut quiet = tokio::time::interval(QUIET);
    quiet.reset();
    loop {
        if drained && pending.is_none() && unwritten == 0 {
            break;
        }
        tokio::select! {
            biased;
            written = next_written(&mut sink), if unwritten > 0 => match written {
                Ok(written) => {
                    unwritten -= written.len();
                    written.into_iter().for_each(|line| note(run, progress, line));
                }
                Err(error) => {
                    watch.journal = Some(error);
                    stop.stop();
                    // What is under way still gets its answer; it just cannot count.
                    sink = None;
                    pending = None;
                    unwritten = 0;
                }
            },
            slot = reserve(lines.as_ref()), if pending.is_some() && sink.is_some() => {
                match (slot, pending.take()) {
                    (Some(slot), Some(line)) => {
                        slot.send(line);
                        unwritten += 1;
                    }
                    // The writer has ended, and says why in its last report.
                    _ => unwritten = unwritten.max(1),
                }
            }
            _ = quiet.tick() => progress.say(&lull(paused())),
            outcome = outcomes.next(), if pending.is_none() && !drained => match outcome {
                None => drained = true,
                Some((user, result)) => {
                    quiet.reset();
                    let stopping = watch.take(&user, &result);
                    if let Some(outcome) = Outcome::of(&user, &result) {
                        match (&sink, &watch.journal) {
                            (Some(_), _) => pending = Some(Line::Outcome(outcome)),
                            (None, None) => note(run, progress, Line::Outcome(outcome)),
                            (None, Some(_)) => {}
                        }
                    }
                    if stopping {
                        stop.stop();
                    }
                }
            },
        }
    }
    drop(lines);
    let end = watch.end(stop);
    match sink {
        Some(sink) => finish(sink, end).await,
        None => end,
    }
}

/// Why nothing comes.
fn lull(paused: Option<Duration>) -> String {
    match paused {
        Some(pause) => format!(
            "Graph asked for a pause; going on in about {}.",
            time(pause)
        ),
        None => "No answer for a while; still trying.".to_owned(),
    }
}

async fn next_written(sink: &mut Option<Sink>) -> io::Result<Vec<Line>> {
    match sink {
        Some(sink) => sink
            .written()
            .await
            .unwrap_or_else(|| Err(io::Error::other("the thread that writes it has ended"))),
        None => std::future::pending().await,
    }
}

async fn reserve(
    lines: Option<&tokio::sync::mpsc::Sender<Line>>,
) -> Option<tokio::sync::mpsc::Permit<'_, Line>> {
    lines?.reserve().await.ok()
}

fn note(run: &mut Run, progress: &mut Progress, line: Line) {
    if let Line::Outcome(outcome) = line {
        progress.done(outcome.outcome != Kind::Revoked);
        run.note(outcome);
    }
}

/// Writes down how the run ended.
async fn finish(mut sink: Sink, end: End) -> End {
    let event = match end {
        End::Finished => EventKind::Finished,
        End::Interrupted => EventKind::Interrupted,
        End::SignIn(_) | End::Denied | End::Journal(_) => EventKind::Stopped,
    };
    let line = Line::Event(Event { at: now(), event });
    // Every outcome is on the disk: this line is for readers, and its loss changes nothing.
    if sink.lines().send(line).await.is_ok() {
        let _ = sink.written().await;
    }
    sink.close();
    end
}

/// Watches for reasons to stop.
struct Watch {
    /// Denied in an earlier part of the run. That they are denied again is no news: if it counted,
    /// a run with enough of them could not go on, however often it is resumed.
    denied_before: HashSet<String>,
    denied: usize,
    other: usize,
    sign_in: Option<Error>,
    journal: Option<io::Error>,
}

impl Watch {
    /// For a run as far as it came: a confirmed user shows that the permission is there.
    fn of(run: &Run) -> Self {
        let denied_before = run
            .results()
            .filter(|(_, outcome)| outcome.is_some_and(|o| o.status == Some(403)))
            .map(|(user, _)| user.user.clone())
            .collect();
        Watch {
            denied_before,
            denied: 0,
            other: usize::from(run.counts().revoked > 0),
            sign_in: None,
            journal: None,
        }
    }

    /// Takes a result in; says whether the run is to stop.
    fn take(&mut self, user: &str, result: &Result<Revoked, Error>) -> bool {
        match result {
            Err(error) if error.kind() == ErrorKind::Stopped => {}
            Err(error) if error.kind() == ErrorKind::Token || error.status() == Some(401) => {
                self.sign_in.get_or_insert_with(|| error.clone());
            }
            Err(error) if error.status() == Some(403) => {
                self.denied += usize::from(!self.denied_before.contains(user));
            }
            _ => self.other += 1,
        }
        self.sign_in.is_some() || self.is_denied()
    }

    fn is_denied(&self) -> bool {
        self.denied >= DENIALS && self.other == 0
    }

    fn end(self, stop: &Stop) -> End {
        let is_denied = self.is_denied();
        match (self.journal, self.sign_in) {
            (Some(error), _) => End::Journal(error),
            (None, Some(error)) => End::SignIn(error),
            (None, None) if is_denied && stop.is_stopped() => End::Denied,
            (None, None) if stop.is_stopped() => End::Interrupted,
            (None, None) => End::Finished,
        }
    }
}

#[cfg(test)]
mod tests;

//! Sending: from the client's outcomes to the journal, and from there to the counts.

mod answers;
mod watch;

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use msgraph_sessions::bulk::{Event as BulkEvent, Hold};
use msgraph_sessions::{Error, ErrorKind, Stop};
use tokio::sync::mpsc;

pub(crate) use self::answers::{Answer, Bulk, Plain, Source};
use self::watch::Watch;
use crate::journal::{Encoded, Event, EventKind, Line, Sink};
use crate::outcome::{Kind, Outcome};
use crate::progress::Progress;
use crate::run::Run;
use crate::words::{counted, now, time};

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
    /// The service did not answer for too long.
    Unavailable,
    /// Graph asked for a pause that is too long to wait for.
    TooLongAPause(Duration),
    /// Outcomes can no longer be written down.
    Journal(io::Error),
}

impl End {
    /// Whether the journal is no longer where it was, so that no run can go on from it.
    pub(crate) fn is_journal_lost(&self) -> bool {
        matches!(self, End::Journal(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// What a run is steered and followed by.
pub(crate) struct Controls {
    pub(crate) stop: Stop,
    pub(crate) hold: Hold,
    /// What the client tells of pauses.
    pub(crate) events: mpsc::UnboundedReceiver<BulkEvent>,
}

impl Controls {
    /// For a run that nothing is heard of.
    pub(crate) fn of(stop: Stop) -> Self {
        let (_, events) = mpsc::unbounded_channel();
        Controls {
            stop,
            hold: Hold::new(),
            events,
        }
    }
}

/// Sends until the outcomes end, noting each once it is in the journal. `paused` tells how long Graph
/// makes everyone wait, for a word to the operator when nothing comes.
pub(crate) async fn drive(
    mut answers: impl Source,
    run: &mut Run,
    mut sink: Option<Sink>,
    mut controls: Controls,
    progress: &mut Progress,
    paused: impl Fn() -> Option<Duration>,
) -> End {
    let mut watch = Watch::of(run);
    let stop = controls.stop.clone();
    // What was answered and is not given to the journal yet; and what was given and is not on the disk.
    let mut pending: Option<Noted> = None;
    let mut given: VecDeque<Noted> = VecDeque::new();
    let mut drained = false;
    let lines = sink.as_ref().map(Sink::lines);
    let mut quiet = tokio::time::interval(QUIET);
    quiet.reset();
    loop {
        if drained && pending.is_none() && given.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            written = next_written(&mut sink), if sink.is_some() => match written {
                Ok(written) => {
                    for noted in given.drain(..written.min(given.len())) {
                        progress.done(noted.outcome.outcome != Kind::Revoked);
                        run.note(noted.at, noted.outcome);
                    }
                }
                Err(error) => {
                    watch.journal = Some(error);
                    stop.stop();
                    // What is under way still gets its answer, which is told apart from what is recorded.
                    sink = None;
                    for noted in given.drain(..).chain(pending.take()) {
                        run.note_unrecorded(noted.at, noted.outcome);
                    }
                }
            },
            // A writer that has ended says why in its last report, which the branch above takes.
            Some(slot) = reserve(lines.as_ref()), if pending.is_some() && sink.is_some() => {
                if let Some(noted) = pending.take() {
                    slot.send(Line::Outcome(noted.outcome.clone()).encoded());
                    given.push_back(noted);
                }
            }
            Some(event) = controls.events.recv() => {
                quiet.reset();
                progress.say(&told(&event));
            }
            _ = quiet.tick() => progress.say(&lull(paused(), progress.left())),
            answer = answers.next(), if pending.is_none() && !drained => match answer {
                None => {
                    // Late answers may have shown that the permission is there.
                    if controls.hold.is_held() && !watch.is_denied() && !stop.is_stopped() {
                        controls.hold.set(false);
                    } else {
                        drained = true;
                    }
                }
                Some(Answer { at, user, result }) => {
                    quiet.reset();
                    watch.take(&user, &result);
                    if let Some(outcome) = Outcome::of(&user, &result) {
                        let noted = Noted { at, outcome };
                        match (&sink, &watch.journal) {
                            (Some(_), _) => pending = Some(noted),
                            (None, Some(_)) => run.note_unrecorded(noted.at, noted.outcome),
                            (None, None) => {
                                progress.done(noted.outcome.outcome != Kind::Revoked);
                                run.note(noted.at, noted.outcome);
                            }
                        }
                    }
                    // Held, not stopped: those under way may still be answered otherwise.
                    controls.hold.set(watch.is_denied());
                    if watch.sign_in.is_some() {
                        stop.stop();
                    }
                }
            },
        }
    }
    drop(lines);
    let open = run.counts().open > 0;
    let end = watch.end(answers.end(), stop.is_stopped() && open);
    match sink {
        Some(sink) => finish(sink, end).await,
        None => end,
    }
}

/// An outcome, and the place in the run of its user.
struct Noted {
    at: usize,
    outcome: Outcome,
}

/// A word on what the client tells.
fn told(event: &BulkEvent) -> String {
    match event {
        BulkEvent::Paused {
            failures,
            kind,
            pause,
        } => {
            let what = match kind {
                ErrorKind::NoAnswer => "without an answer",
                ErrorKind::Unreadable => "with an answer that is not one of Graph's",
                _ => "because the service could not answer",
            };
            format!(
                "Paused: {failures} requests in a row failed {what}. No user is lost; trying one after \
                 {}.",
                time(*pause)
            )
        }
        BulkEvent::Probing => "Trying one user.".to_owned(),
        BulkEvent::Resumed { after } => {
            format!(
                "The service answers again after {}; going on.",
                time(*after)
            )
        }
        BulkEvent::GivenUp { after } => format!(
            "The service has not answered for {}; the run ends here.",
            time(*after)
        ),
        _ => "The run goes on.".to_owned(),
    }
}

/// Why nothing comes, with so many users left.
fn lull(paused: Option<Duration>, left: usize) -> String {
    match paused {
        Some(pause) => format!(
            "Graph asked for a pause; going on in about {}.",
            time(pause)
        ),
        None => format!(
            "No answer for a while; still trying, with {} left.",
            counted(left, "user", "users")
        ),
    }
}

async fn next_written(sink: &mut Option<Sink>) -> io::Result<usize> {
    match sink {
        Some(sink) => sink.written().await,
        None => std::future::pending().await,
    }
}

async fn reserve(lines: Option<&mpsc::Sender<Encoded>>) -> Option<mpsc::Permit<'_, Encoded>> {
    lines?.reserve().await.ok()
}

/// Writes down how the run ended.
async fn finish(mut sink: Sink, end: End) -> End {
    let event = match end {
        End::Finished => EventKind::Finished,
        End::Interrupted => EventKind::Interrupted,
        End::SignIn(_)
        | End::Denied
        | End::Unavailable
        | End::TooLongAPause(_)
        | End::Journal(_) => EventKind::Stopped,
    };
    let line = Line::Event(Event { at: now(), event });
    // Every outcome is on the disk: this line is for readers, and its loss changes nothing.
    if sink.lines().send(line.encoded()).await.is_ok() {
        let _ = sink.written().await;
    }
    sink.close();
    end
}

#[cfg(test)]
mod tests;

//! Sending: from the client's outcomes to the journal, and from there to the counts.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use msgraph_sessions::bulk::{self, Event as BulkEvent, Hold, Outcomes};
use msgraph_sessions::{Client, Error, ErrorKind, Revoked, Stop, UserIdOrUpn};
use tokio::sync::{mpsc, oneshot};

use crate::journal::{Encoded, Event, EventKind, Line, Sink};
use crate::outcome::{Kind, Outcome};
use crate::progress::Progress;
use crate::run::Run;
use crate::words::{counted, now, time};

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

/// What became of the user at a place of the run.
pub(crate) struct Answer {
    pub(crate) at: usize,
    pub(crate) user: String,
    pub(crate) result: Result<Revoked, Error>,
}

/// Where answers come from.
pub(crate) trait Source: Stream<Item = Answer> + Unpin {
    /// Why there is no further answer, if there is a reason.
    fn end(&self) -> Option<bulk::End>;
}

/// A bulk run of the client, whose positions are places of the run.
pub(crate) struct Bulk<'a> {
    pub(crate) outcomes: Outcomes<'a>,
    /// From the position of a user in what is sent to the place in the run.
    pub(crate) places: Vec<usize>,
    /// How many are still to be answered before the operator's own account is sent.
    others: usize,
    /// Says that none is.
    answered: Option<oneshot::Sender<()>>,
}

impl Bulk<'static> {
    /// Sends users, of whom the last `own` are the operator: not before every other user is answered, since
    /// the sign-in of the run may not outlive it.
    pub(crate) fn new(
        client: &Client,
        mut users: Vec<UserIdOrUpn>,
        places: Vec<usize>,
        own: usize,
        options: bulk::Options,
    ) -> Self {
        let others = users.len().saturating_sub(own);
        let last = users.split_off(others);
        let (answered, all_answered) = oneshot::channel();
        let last = stream::once(async move {
            // The sender is gone only with the run itself.
            let _ = all_answered.await;
            stream::iter(last)
        });
        let users = stream::iter(users).chain(last.flatten());
        let mut bulk = Bulk {
            outcomes: bulk::revoke(client, users, options),
            places,
            others,
            answered: Some(answered),
        };
        bulk.release();
        bulk
    }

    /// Lets the own account go once no other is left.
    fn release(&mut self) {
        if self.others == 0
            && let Some(answered) = self.answered.take()
        {
            // Without a receiver there is nothing left to send.
            let _ = answered.send(());
        }
    }
}

impl Stream for Bulk<'static> {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        let this = &mut *self;
        let outcome = ready!(this.outcomes.poll_next_unpin(context));
        Poll::Ready(outcome.map(|outcome| {
            this.others = this.others.saturating_sub(1);
            this.release();
            Answer {
                at: this.places[outcome.index],
                user: outcome.user.to_string(),
                result: outcome.result,
            }
        }))
    }
}

impl Source for Bulk<'static> {
    fn end(&self) -> Option<bulk::End> {
        self.outcomes.end()
    }
}

/// Answers from anywhere else.
pub(crate) struct Plain<S>(pub(crate) S);

impl<S: Stream<Item = Answer> + Unpin> Stream for Plain<S> {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        self.0.poll_next_unpin(context)
    }
}

impl<S: Stream<Item = Answer> + Unpin> Source for Plain<S> {
    fn end(&self) -> Option<bulk::End> {
        None
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

/// Watches for reasons to stop. What it finds first is why the run ended, whatever is answered later.
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

    /// Takes a result in.
    fn take(&mut self, user: &str, result: &Result<Revoked, Error>) {
        match result {
            Err(error) if error.kind() == ErrorKind::Stopped => {}
            Err(error) if error.kind() == ErrorKind::Token || error.status() == Some(401) => {
                self.sign_in.get_or_insert_with(|| error.clone());
            }
            Err(error) if error.status() == Some(403) => {
                self.denied += usize::from(!self.denied_before.contains(user));
            }
            // Only what Graph answers to the request shows that the permission is there: an outage does not.
            Err(error) if error.is_transient() => {}
            _ => self.other += 1,
        }
    }

    /// Whether all answers so far were that the permission is missing.
    fn is_denied(&self) -> bool {
        self.denied >= DENIALS && self.other == 0
    }

    fn end(self, client: Option<bulk::End>, is_interrupted: bool) -> End {
        match (self.journal, self.sign_in, client) {
            (Some(error), _, _) => End::Journal(error),
            (None, Some(error), _) => End::SignIn(error),
            (None, None, Some(bulk::End::Unavailable)) => End::Unavailable,
            (None, None, Some(bulk::End::TooLongAPause(pause))) => End::TooLongAPause(pause),
            (None, None, Some(bulk::End::Held)) => End::Denied,
            (None, None, _) if is_interrupted => End::Interrupted,
            (None, None, _) => End::Finished,
        }
    }
}

#[cfg(test)]
mod tests;

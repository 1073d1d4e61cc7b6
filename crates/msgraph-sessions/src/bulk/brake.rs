//! A brake for outages: while the service fails for everyone, one user at a time finds out whether it is
//! back, and nobody's tries are used up.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::call::conduct::{CallId, Trouble};
use crate::error::ErrorKind;

/// The first pause. Most failures of a gateway last for seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two probes, unless the service asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A pause is this share of the outage so far: the time lost after its end grows with it, and so does
/// what the probes cost the service.
const SHARE: u32 = 5;
/// The failures must be of so many users, or of all that there may be at a time: a few users that always
/// fail are no outage. Where fewer are left, at the end of a run or in a short one, the two cannot be told
/// apart. Their own tries then carry them through an outage of about two minutes, and a user that always
/// fails costs no more than that.
const USERS: usize = 5;

/// Something that an operator of a run wants to know while it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The service fails for everyone: nothing is sent for a while.
    Paused {
        /// How many tries failed one after the other, without a success.
        failures: u32,
        /// How they failed.
        kind: ErrorKind,
        /// How long nothing is sent.
        pause: Duration,
    },
    /// One user is sent to find out whether the service is back.
    Probing,
    /// The service answers again, and the run goes on.
    Resumed {
        /// How long it was paused.
        after: Duration,
    },
    /// The service did not come back within the time set; the run ends.
    GivenUp {
        /// How long it was paused.
        after: Duration,
    },
}

/// Who hears of events.
#[derive(Clone)]
pub(super) struct Listener(Arc<dyn Fn(Event) + Send + Sync>);

impl Listener {
    pub(super) fn new(listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// When the brake closes, and when it gives up.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Failures of one kind without a success; 0 turns the brake off.
    pub(super) failures: u32,
    /// The longest outage that is waited for.
    pub(super) longest: Duration,
    pub(super) listener: Listener,
}

/// The outage has lasted too long.
#[derive(Debug)]
pub(super) struct GivenUp;

/// The brake of one run.
#[derive(Debug)]
pub(super) struct Brake {
    settings: Settings,
    /// How many users may be under way.
    most: usize,
    state: Mutex<State>,
    /// Counts changes, for those that wait.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures since the last success, by kind, with whom they befell.
    failures: Vec<(Trouble, u32, HashSet<CallId>)>,
    outage: Option<Outage>,
    given_up: bool,
    waiting: usize,
}

#[derive(Debug)]
struct Outage {
    since: Instant,
    next_probe: Instant,
    /// Whose answer is awaited.
    probe: Option<CallId>,
    /// Whose probe failed last: another user's turn comes first, since that one's failure may be its own.
    last: Option<CallId>,
}

impl Brake {
    pub(super) fn new(settings: Settings, most: usize) -> Self {
        Self {
            settings,
            most,
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Whether the brake can close at all.
    pub(super) fn is_on(&self) -> bool {
        self.settings.failures > 0
    }

    /// Whether nothing is sent but probes.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().outage.is_some()
    }

    /// Waits until this call may be sent, be it as the probe. Dropping the wait gives the turn away.
    pub(super) async fn pass(&self, call: CallId) -> Result<(), GivenUp> {
        let mut changed = self.changed.subscribe();
        let _waiting = Waiting::new(self);
        loop {
            changed.mark_unchanged();
            let wake = match self.turn(call) {
                Turn::Go => return Ok(()),
                Turn::Probe => {
                    self.tell(Event::Probing);
                    return Ok(());
                }
                Turn::GivenUp => return Err(GivenUp),
                Turn::Wait(until) => until,
            };
            let timer = async {
                match wake {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            // The sender is held by `self`, so waiting for a change cannot fail.
            let change = std::pin::pin!(changed.changed());
            match select(change, std::pin::pin!(timer)).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        }
    }

    fn turn(&self, call: CallId) -> Turn {
        let mut state = self.lock();
        if state.given_up {
            return Turn::GivenUp;
        }
        let alone = state.waiting <= 1;
        let Some(outage) = &mut state.outage else {
            return Turn::Go;
        };
        if outage.probe.is_some() {
            return Turn::Wait(None);
        }
        let now = Instant::now();
        let mut from = outage.next_probe;
        if outage.last == Some(call) && !alone {
            from += FIRST_PAUSE / 4;
        }
        if now < from {
            return Turn::Wait(Some(from));
        }
        outage.probe = Some(call);
        Turn::Probe
    }

    /// Takes in what a try brought; `true` if the outage has now lasted too long.
    pub(super) fn tried(
        &self,
        call: CallId,
        trouble: Option<Trouble>,
        asked: Option<Duration>,
    ) -> bool {
        // A service that throttles answers.
        let Some(trouble) = trouble.filter(|it| *it != Trouble::Throttled) else {
            self.answered();
            return false;
        };
        if !self.is_on() {
            return false;
        }
        let now = Instant::now();
        let mut state = self.lock();
        if let Some(outage) = &mut state.outage {
            if outage.probe != Some(call) {
                return false;
            }
            outage.probe = None;
            outage.last = Some(call);
            let lasted = now - outage.since;
            let pause = (FIRST_PAUSE + lasted / SHARE).min(LONGEST_PAUSE);
            outage.next_probe = now + pause.max(asked.unwrap_or_default());
            let too_long = outage.next_probe - outage.since > self.settings.longest;
            state.given_up |= too_long;
            drop(state);
            if too_long {
                self.tell(Event::GivenUp { after: lasted });
            }
            self.change();
            return too_long;
        }
        let (failures, users) = state.count(trouble, call);
        if failures >= self.settings.failures && users >= USERS.min(self.most) {
            let pause = FIRST_PAUSE.max(asked.unwrap_or_default());
            state.failures.clear();
            state.outage = Some(Outage {
                since: now,
                next_probe: now + pause,
                probe: None,
                last: None,
            });
            drop(state);
            self.tell(Event::Paused {
                failures,
                kind: kind(trouble),
                pause,
            });
        }
        false
    }

    /// An admitted call was not sent after all.
    pub(super) fn withdraw(&self, call: CallId) {
        let mut state = self.lock();
        if let Some(outage) = &mut state.outage
            && outage.probe == Some(call)
        {
            outage.probe = None;
            drop(state);
            self.change();
        }
    }

    fn answered(&self) {
        let mut state = self.lock();
        state.failures.clear();
        if let Some(outage) = state.outage.take() {
            drop(state);
            self.tell(Event::Resumed {
                after: outage.since.elapsed(),
            });
            self.change();
        }
    }

    fn tell(&self, event: Event) {
        tracing::info!(?event, "the run's brake");
        (self.settings.listener.0)(event);
    }

    fn change(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Turn {
    Go,
    Probe,
    /// Until then, or until something changes.
    Wait(Option<Instant>),
    GivenUp,
}

impl State {
    /// One more failure of a kind: how many there are now, and of how many users.
    fn count(&mut self, trouble: Trouble, call: CallId) -> (u32, usize) {
        let at = match self.failures.iter().position(|(kind, ..)| *kind == trouble) {
            Some(at) => at,
            None => {
                self.failures.push((trouble, 0, HashSet::new()));
                self.failures.len() - 1
            }
        };
        let (_, count, users) = &mut self.failures[at];
        *count += 1;
        users.insert(call);
        (*count, users.len())
    }
}

/// One call that waits, counted for as long as it does.
struct Waiting<'a>(&'a Brake);

impl<'a> Waiting<'a> {
    fn new(brake: &'a Brake) -> Self {
        brake.lock().waiting += 1;
        Self(brake)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

fn kind(trouble: Trouble) -> ErrorKind {
    match trouble {
        Trouble::Throttled => ErrorKind::Throttled,
        Trouble::Unavailable => ErrorKind::Unavailable,
        Trouble::NoConnection | Trouble::Certificate | Trouble::NoAnswer => ErrorKind::NoAnswer,
        Trouble::NotGraph => ErrorKind::Unreadable,
    }
}

#[cfg(test)]
mod tests;

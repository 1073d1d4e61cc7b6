//! A run: who is in it, what became of each, and how it ended.

use std::collections::BTreeSet;

use crate::journal::{ExcludedUser, Planned, Replay};
use crate::outcome::{Kind, Outcome};
use crate::users::User;

/// The users of a run and what became of each.
#[derive(Debug)]
pub(crate) struct Run {
    users: Vec<Planned>,
    outcomes: Vec<Option<Outcome>>,
    /// Whose outcome may be missing from the journal, because it could not be written.
    unrecorded: BTreeSet<usize>,
    /// How many were settled before this program was started.
    settled_before: usize,
}

/// A run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Everyone in the run.
    pub(crate) users: usize,
    /// Confirmed by Graph.
    pub(crate) revoked: usize,
    /// Of these, known guests: without effect.
    pub(crate) guests: usize,
    /// Answered with success, and not confirmed.
    pub(crate) unconfirmed: usize,
    /// Failed.
    pub(crate) failed: usize,
    /// Of these, those whose answer was lost, and whose sessions may be revoked all the same.
    pub(crate) maybe: usize,
    /// Taken out when the run was resumed.
    pub(crate) excluded: usize,
    /// Without an outcome: not sent.
    pub(crate) open: usize,
    /// Sent, with an outcome that may be missing from the journal.
    pub(crate) unrecorded: usize,
    /// Settled before this program was started.
    pub(crate) before: usize,
}

impl Counts {
    /// Whether everyone is revoked, but for those taken out.
    pub(crate) fn is_complete(&self) -> bool {
        self.revoked + self.excluded == self.users
    }
}

impl Run {
    /// A run that begins.
    pub(crate) fn new(users: &[User]) -> Self {
        let users: Vec<Planned> = users
            .iter()
            .map(|user| Planned {
                user: user.user.to_string(),
                also: user.others.iter().map(ToString::to_string).collect(),
                guest: user.guest,
            })
            .collect();
        let outcomes = vec![None; users.len()];
        Run::of(users, outcomes)
    }

    /// A run of one, under this label.
    pub(crate) fn one(label: &str) -> Self {
        let user = Planned {
            user: label.to_owned(),
            also: Vec::new(),
            guest: false,
        };
        Run::of(vec![user], vec![None])
    }

    /// A run that goes on.
    pub(crate) fn resumed(replay: Replay) -> Self {
        Run::of(replay.users, replay.outcomes)
    }

    fn of(users: Vec<Planned>, outcomes: Vec<Option<Outcome>>) -> Self {
        let mut run = Run {
            users,
            outcomes,
            unrecorded: BTreeSet::new(),
            settled_before: 0,
        };
        run.settled_before = run.users.len() - run.open().count();
        run
    }

    /// Everyone in the run.
    pub(crate) fn users(&self) -> &[Planned] {
        &self.users
    }

    /// Who is still to be sent, in order.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Planned> {
        self.open_places().map(|(_, user)| user)
    }

    /// The same with the place of each in the run.
    pub(crate) fn open_places(&self) -> impl Iterator<Item = (usize, &Planned)> {
        self.results()
            .enumerate()
            .filter(|(_, (_, outcome))| !outcome.is_some_and(|o| o.outcome.is_settled()))
            .map(|(at, (user, _))| (at, user))
    }

    /// Whether nothing is known yet of the user at a place.
    pub(crate) fn is_untried(&self, at: usize) -> bool {
        self.outcomes.get(at).is_none_or(Option::is_none)
    }

    /// Every user with what became of them, in order.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&Planned, Option<&Outcome>)> {
        self.users
            .iter()
            .zip(self.outcomes.iter().map(Option::as_ref))
    }

    /// Who was taken out of the run by exclusions when it was resumed.
    pub(crate) fn excluded(&self) -> impl Iterator<Item = ExcludedUser> {
        self.results()
            .filter(|(_, outcome)| outcome.is_some_and(|it| it.outcome == Kind::Excluded))
            .map(|(user, _)| ExcludedUser {
                user: user.user.clone(),
                also: user.also.clone(),
            })
    }

    /// Takes note of the outcome of the user at a place. A confirmed revocation stays.
    pub(crate) fn note(&mut self, at: usize, outcome: Outcome) {
        match self.outcomes.get_mut(at) {
            Some(Some(known)) if known.outcome == Kind::Revoked => {}
            Some(slot) => *slot = Some(outcome),
            None => {}
        }
    }

    /// The same for an outcome that the journal could not take. On `--resume` the user is sent again.
    pub(crate) fn note_unrecorded(&mut self, at: usize, outcome: Outcome) {
        self.note(at, outcome);
        self.unrecorded.insert(at);
    }

    /// Whose outcome may be missing from the journal.
    pub(crate) fn unrecorded(&self) -> impl Iterator<Item = &Outcome> {
        self.unrecorded
            .iter()
            .filter_map(|at| self.outcomes.get(*at)?.as_ref())
    }

    /// Whether the outcome of the user at a place may be missing from the journal.
    pub(crate) fn is_unrecorded(&self, at: usize) -> bool {
        self.unrecorded.contains(&at)
    }

    /// The run in numbers.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts {
            users: self.users.len(),
            before: self.settled_before,
            unrecorded: self.unrecorded.len(),
            ..Counts::default()
        };
        for (user, outcome) in self.results() {
            let Some(outcome) = outcome else {
                counts.open += 1;
                continue;
            };
            match outcome.outcome {
                Kind::Revoked => {
                    counts.revoked += 1;
                    counts.guests += usize::from(user.guest);
                }
                Kind::Unconfirmed => counts.unconfirmed += 1,
                Kind::Failed => {
                    counts.failed += 1;
                    counts.maybe += usize::from(outcome.maybe_done);
                }
                Kind::Excluded => counts.excluded += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let users = ["a@x.y", "b_z.w#EXT#@x.y", "c@x.y", "d@x.y"]
            .map(|name| User::new(name.parse().unwrap()));
        Run::new(&users)
    }

    #[test]
    fn outcomes_are_counted_and_the_open_ones_left() {
        let mut run = run();
        assert_eq!(run.open().count(), 4);
        run.note(0, Outcome::sample("a@x.y", Kind::Revoked));
        run.note(0, Outcome::sample("a@x.y", Kind::Failed));
        run.note(1, Outcome::sample("b_z.w#EXT#@x.y", Kind::Revoked));
        let mut lost = Outcome::sample("c@x.y", Kind::Failed);
        lost.maybe_done = true;
        run.note(2, lost);
        run.note(4, Outcome::sample("nobody@x.y", Kind::Failed));
        let counts = run.counts();
        assert_eq!(
            counts,
            Counts {
                users: 4,
                revoked: 2,
                guests: 1,
                failed: 1,
                maybe: 1,
                open: 1,
                ..Counts::default()
            }
        );
        assert!(!counts.is_complete());
        let open: Vec<_> = run.open().map(|user| user.user.as_str()).collect();
        assert_eq!(open, ["c@x.y", "d@x.y"]);
        run.note(2, Outcome::sample("c@x.y", Kind::Revoked));
        run.note(3, Outcome::sample("d@x.y", Kind::Excluded));
        assert!(run.counts().is_complete());
    }
}

//! Why a run stops by itself.

use std::collections::HashSet;
use std::io;

use msgraph_sessions::bulk;
use msgraph_sessions::{Error, ErrorKind, Revoked};

use super::End;
use crate::run::Run;

/// So many refusals of the kind "no permission", and nothing else, are enough to stop.
const DENIALS: usize = 20;

/// Watches for reasons to stop. What it finds first is why the run ended, whatever is answered later.
pub(super) struct Watch {
    /// Denied in an earlier part of the run. That they are denied again is no news: if it counted,
    /// a run with enough of them could not go on, however often it is resumed.
    denied_before: HashSet<String>,
    denied: usize,
    other: usize,
    pub(super) sign_in: Option<Error>,
    pub(super) journal: Option<io::Error>,
}

impl Watch {
    /// For a run as far as it came: a confirmed user shows that the permission is there.
    pub(super) fn of(run: &Run) -> Self {
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
    pub(super) fn take(&mut self, user: &str, result: &Result<Revoked, Error>) {
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
    pub(super) fn is_denied(&self) -> bool {
        self.denied >= DENIALS && self.other == 0
    }

    pub(super) fn end(self, client: Option<bulk::End>, is_interrupted: bool) -> End {
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

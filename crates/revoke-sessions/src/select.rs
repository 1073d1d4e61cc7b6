//! Who of a list is in the run: exclusions, and the operator's own account.

mod accounts;
mod own;

use std::collections::HashSet;

use self::accounts::Accounts;
pub(crate) use self::own::guard_self;
use crate::users::{User, is_id};

/// What is left of a list after the exclusions.
#[derive(Debug)]
pub(crate) struct Selected {
    /// Who is in the run.
    pub(crate) users: Vec<User>,
    /// Who was taken out.
    pub(crate) excluded: Vec<User>,
    /// Exclusions that are not in the list, which is worth a word: they may be misspelt.
    pub(crate) unmatched: Vec<String>,
}

/// Why a selection cannot be made safely.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectError {
    #[error(
        "{exclusion} is excluded by {by}, but {users} of the list {verb} given by {other} alone, so \
         whether it is among them cannot be told. Exclude it by both: the exclusion file may be CSV \
         with the columns userPrincipalName and id"
    )]
    Incomparable {
        exclusion: String,
        by: &'static str,
        other: &'static str,
        users: String,
        verb: &'static str,
    },
    #[error(
        "{user}{place} is your own account. Revoking it signs you out as well. Add it to an \
         --exclude file, or pass --include-self if you mean it; it then comes last"
    )]
    OwnAccount { user: String, place: String },
    #[error(
        "the access token does not say who is signed in, so whether your own account is in the list \
         cannot be told. Pass --include-self if that does not matter"
    )]
    UnknownCaller,
    #[error(
        "you are signed in as {known}, and {users} of the list {verb} given by {other} alone, so \
         whether your own account is among them cannot be told. Pass --include-self if that does \
         not matter"
    )]
    UnknownSelf {
        known: String,
        users: String,
        verb: &'static str,
        other: &'static str,
    },
}

const BY_NAME: &str = "user principal name";
const BY_ID: &str = "object id";

/// How many users are known by one kind of identity alone.
struct Alone {
    by_id: usize,
    by_name: usize,
}

impl Alone {
    fn of(users: &[User]) -> Self {
        let alone = |wanted: bool| {
            users
                .iter()
                .filter(|user| user.names().all(|name| is_id(name) == wanted))
                .count()
        };
        Alone {
            by_id: alone(true),
            by_name: alone(false),
        }
    }

    /// Whether someone known only by `has_id`/`has_name` could hide in the list: gives who hides.
    fn hides(&self, has_id: bool, has_name: bool) -> Option<(&'static str, &'static str, usize)> {
        match (has_id, has_name) {
            (false, true) if self.by_id > 0 => Some((BY_NAME, BY_ID, self.by_id)),
            (true, false) if self.by_name > 0 => Some((BY_ID, BY_NAME, self.by_name)),
            _ => None,
        }
    }
}

fn count(users: usize) -> (String, &'static str) {
    match users {
        1 => ("1 user".to_owned(), "is"),
        n => (format!("{n} users"), "are"),
    }
}

/// Takes the exclusions out of a list. Break-glass accounts depend on it: what cannot be compared is
/// an error, never a guess.
///
/// Everything that the list or an exclusion says of an excluded account counts: a row that is matched by
/// its name excludes the other rows that have its id, too.
pub(crate) fn exclude(users: Vec<User>, exclusions: &[User]) -> Result<Selected, SelectError> {
    let accounts = Accounts::of(&users, exclusions);
    let (excluded, users): (Vec<User>, Vec<User>) = users
        .into_iter()
        .partition(|user| user.names().any(|name| accounts.contains(name)));
    let alone = Alone::of(&users);
    for exclusion in exclusions {
        let (has_id, has_name) = accounts.kinds(exclusion);
        if let Some((by, other, hidden)) = alone.hides(has_id, has_name) {
            let (users, verb) = count(hidden);
            return Err(SelectError::Incomparable {
                exclusion: exclusion.user.to_string(),
                by,
                other,
                users,
                verb,
            });
        }
    }
    let mut listed: HashSet<usize> = HashSet::new();
    for user in &excluded {
        listed.extend(user.names().filter_map(|name| accounts.place(name)));
    }
    let unmatched = exclusions
        .iter()
        .filter(|exclusion| {
            accounts
                .place(&exclusion.user)
                .is_none_or(|at| !listed.contains(&at))
        })
        .map(|exclusion| exclusion.user.to_string())
        .collect();
    Ok(Selected {
        users,
        excluded,
        unmatched,
    })
}

#[cfg(test)]
mod tests;

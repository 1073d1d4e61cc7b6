//! From rows to accounts: two rows that share a name or an id are one account, which is sent once and
//! which an exclusion finds by anything that either row says.

use std::collections::HashMap;

use msgraph_sessions::UserIdOrUpn;

use super::{ListError, User, folded, is_id};

/// The accounts of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    /// In the order of their first rows; `None` where a later row joined two of them.
    users: Vec<Option<User>>,
    /// From each folded name to its account.
    places: HashMap<String, usize>,
    duplicates: usize,
}

impl Accounts {
    /// Adds a row.
    pub(super) fn add(&mut self, row: User) -> Result<(), ListError> {
        let mut known: Vec<usize> = row
            .names()
            .filter_map(|name| self.places.get(&folded(name)).copied())
            .collect();
        known.sort_unstable();
        known.dedup();
        let Some((&first, later)) = known.split_first() else {
            let at = self.users.len();
            self.name(&row, at);
            self.users.push(Some(row));
            return Ok(());
        };
        self.duplicates += 1;
        let line = row.line;
        self.join(first, row, line)?;
        for &at in later {
            if let Some(user) = self.users.get_mut(at).and_then(Option::take) {
                self.join(first, user, line)?;
                // Its row is now one more that names an account named before.
                self.duplicates += 1;
            }
        }
        Ok(())
    }

    /// The accounts in order, and how many rows named one that had been named before.
    pub(super) fn finish(self) -> (Vec<User>, usize) {
        (self.users.into_iter().flatten().collect(), self.duplicates)
    }

    fn name(&mut self, user: &User, at: usize) {
        for name in user.names() {
            self.places.insert(folded(name), at);
        }
    }

    /// Adds what `other` says to an account.
    fn join(&mut self, at: usize, other: User, line: u64) -> Result<(), ListError> {
        self.name(&other, at);
        let Some(user) = self.users.get_mut(at).and_then(Option::as_mut) else {
            return Ok(());
        };
        user.guest |= other.guest;
        for name in other.names() {
            if user.names().any(|known| folded(known) == folded(name)) {
                continue;
            }
            if let Some(before) = user.names().find(|known| is_id(known) == is_id(name)) {
                return Err(conflict(user, name, before, line));
            }
            user.others.push(name.clone());
        }
        Ok(())
    }
}

fn conflict(user: &User, now: &UserIdOrUpn, before: &UserIdOrUpn, line: u64) -> ListError {
    let (what, shared) = if is_id(now) {
        ("object id", user.names().find(|name| !is_id(name)))
    } else {
        ("name", user.names().find(|name| is_id(name)))
    };
    ListError::Conflict {
        line,
        name: shared.unwrap_or(&user.user).to_string(),
        what,
        now: now.to_string(),
        before: before.to_string(),
    }
}

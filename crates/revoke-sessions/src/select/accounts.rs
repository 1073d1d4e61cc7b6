//! The excluded accounts: everything that the list and the exclusions say of one account belongs together.

use std::collections::HashMap;

use msgraph_sessions::UserIdOrUpn;

use crate::users::{User, folded, is_id};

/// The excluded accounts, each with everything that it is known by.
pub(super) struct Accounts {
    /// From each folded name to its account.
    places: HashMap<String, usize>,
    /// Whether an account is known by an object id, and whether by a name. An account that was joined to
    /// another one is empty.
    kinds: Vec<(bool, bool)>,
}

impl Accounts {
    /// Joins what rows and exclusions say until nothing is added: each round takes in a row that shares
    /// a name with an excluded account.
    pub(super) fn of(users: &[User], exclusions: &[User]) -> Self {
        let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, user) in users.iter().enumerate() {
            for name in user.names() {
                rows.entry(folded(name)).or_default().push(at);
            }
        }
        let mut accounts = Accounts {
            places: HashMap::new(),
            kinds: Vec::new(),
        };
        for exclusion in exclusions {
            let mut open: Vec<&User> = vec![exclusion];
            while let Some(user) = open.pop() {
                for name in accounts.add(user) {
                    open.extend(
                        rows.remove(&name)
                            .into_iter()
                            .flatten()
                            .map(|at| &users[at]),
                    );
                }
            }
        }
        accounts
    }

    /// Takes in that these names are one excluded account; gives the names that are new.
    fn add(&mut self, user: &User) -> Vec<String> {
        let names: Vec<(String, bool)> = user.names().map(|it| (folded(it), is_id(it))).collect();
        let known: Vec<usize> = names
            .iter()
            .filter_map(|(name, _)| self.places.get(name).copied())
            .collect();
        let at = known.first().copied().unwrap_or_else(|| {
            self.kinds.push((false, false));
            self.kinds.len() - 1
        });
        for other in known.into_iter().filter(|other| *other != at) {
            for place in self.places.values_mut().filter(|place| **place == other) {
                *place = at;
            }
            let (id, name) = std::mem::take(&mut self.kinds[other]);
            self.kinds[at].0 |= id;
            self.kinds[at].1 |= name;
        }
        let mut new = Vec::new();
        for (name, id) in names {
            self.kinds[at].0 |= id;
            self.kinds[at].1 |= !id;
            if self.places.insert(name.clone(), at).is_none() {
                new.push(name);
            }
        }
        new
    }

    pub(super) fn place(&self, name: &UserIdOrUpn) -> Option<usize> {
        self.places.get(&folded(name)).copied()
    }

    pub(super) fn contains(&self, name: &UserIdOrUpn) -> bool {
        self.place(name).is_some()
    }

    /// Whether the account of an exclusion is known by an object id, and whether by a name.
    pub(super) fn kinds(&self, exclusion: &User) -> (bool, bool) {
        self.place(&exclusion.user)
            .map_or((false, false), |at| self.kinds[at])
    }
}

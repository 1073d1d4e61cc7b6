//! Who of a list is in the run: exclusions, and the operator's own account.

use std::collections::{HashMap, HashSet};

use crate::caller::SignedIn;
use crate::users::{User, folded, folded_text, is_id};

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
pub(crate) fn exclude(users: Vec<User>, exclusions: &[User]) -> Result<Selected, SelectError> {
    let places: HashMap<String, usize> = users
        .iter()
        .enumerate()
        .flat_map(|(at, user)| user.names().map(move |name| (folded(name), at)))
        .collect();
    let alone = Alone::of(&users);
    let mut out = HashSet::new();
    let mut unmatched = Vec::new();
    for exclusion in exclusions {
        let mut matched = false;
        for name in exclusion.names() {
            if let Some(at) = places.get(&folded(name)) {
                matched = true;
                out.insert(*at);
            }
        }
        if matched {
            continue;
        }
        let has_id = exclusion.names().any(is_id);
        let has_name = exclusion.names().any(|name| !is_id(name));
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
        unmatched.push(exclusion.user.to_string());
    }
    let (excluded, users) = users
        .into_iter()
        .enumerate()
        .partition::<Vec<_>, _>(|(at, _)| out.contains(at));
    let bare = |users: Vec<(usize, User)>| users.into_iter().map(|(_, user)| user).collect();
    Ok(Selected {
        users: bare(users),
        excluded: bare(excluded),
        unmatched,
    })
}

/// Sees to the operator's own account: refused, or with `include_self` sent last, so that a run is
/// not cut short by its own effect.
pub(crate) fn guard_self(
    users: &mut [User],
    signed_in: &SignedIn,
    include_self: bool,
) -> Result<(), SelectError> {
    let (id, name) = match signed_in {
        SignedIn::App => return Ok(()),
        SignedIn::User { id, name } => (id.as_deref(), name.as_deref()),
        SignedIn::Unknown => (None, None),
    };
    let own: Vec<String> = [id, name].into_iter().flatten().map(folded_text).collect();
    let is_own = |user: &User| user.names().any(|name| own.contains(&folded(name)));
    if include_self {
        users.sort_by_key(is_own);
        return Ok(());
    }
    if let Some(user) = users.iter().find(|user| is_own(user)) {
        return Err(SelectError::OwnAccount {
            user: user.user.to_string(),
            place: match user.line {
                0 => String::new(),
                line => format!(" (line {line})"),
            },
        });
    }
    if own.is_empty() {
        return Err(SelectError::UnknownCaller);
    }
    match Alone::of(users).hides(id.is_some(), name.is_some()) {
        Some((_, other, hidden)) => {
            let (users, verb) = count(hidden);
            Err(SelectError::UnknownSelf {
                known: name.or(id).unwrap_or_default().to_owned(),
                users,
                verb,
                other,
            })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users;

    const ALICE: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";
    const BREAK_GLASS: &str = "00000000-0000-4000-8000-000000000009";

    fn list(text: &str) -> Vec<User> {
        let list = users::read(text.as_bytes(), None).unwrap();
        assert_eq!(list.bad, []);
        list.users
    }

    fn names(users: &[User]) -> Vec<&str> {
        users.iter().map(|user| user.user.as_str()).collect()
    }

    #[test]
    fn exclusions_match_in_any_case_and_by_either_column() {
        let both = format!("userPrincipalName,id\nalice@x.y,{ALICE}\nbob@x.y,{BREAK_GLASS}\n");
        for exclusion in ["BOB@x.y", BREAK_GLASS] {
            let selected = exclude(list(&both), &list(exclusion)).unwrap();
            assert_eq!(names(&selected.users), ["alice@x.y"]);
            assert_eq!((selected.excluded.len(), selected.unmatched.len()), (1, 0));
        }
    }

    #[test]
    fn an_exclusion_that_is_not_in_the_list_is_named() {
        let selected = exclude(list("alice@x.y"), &list("bob@x.y")).unwrap();
        assert_eq!(
            (selected.excluded.len(), selected.unmatched),
            (0, vec!["bob@x.y".to_owned()])
        );
    }

    #[test]
    fn an_exclusion_that_cannot_be_compared_is_refused() {
        let refused = |users: &str, exclusion: &str| {
            exclude(list(users), &list(exclusion))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused(&format!("{ALICE}\nbob@x.y"), "glass@x.y"),
            "glass@x.y is excluded by user principal name, but 1 user of the list is given by object \
             id alone, so whether it is among them cannot be told. Exclude it by both: the exclusion \
             file may be CSV with the columns userPrincipalName and id"
        );
        assert!(refused("alice@x.y\nbob@x.y", BREAK_GLASS).contains(
            "by object id, but 2 users of the list are given by user principal name alone"
        ));
        let both = format!("userPrincipalName,id\nglass@x.y,{BREAK_GLASS}\n");
        let selected = exclude(list(ALICE), &list(&both)).unwrap();
        assert_eq!(selected.users.len(), 1);
    }

    /// The spellings that are read as an object id.
    fn spellings(id: &str) -> [String; 4] {
        [
            id.to_uppercase(),
            format!("{{{id}}}"),
            id.replace('-', ""),
            format!("urn:uuid:{id}"),
        ]
    }

    #[test]
    fn an_id_is_excluded_and_guarded_in_whatever_spelling() {
        for spelling in spellings(ALICE) {
            let selected = exclude(list(&spelling), &list(ALICE)).unwrap();
            assert_eq!(selected.excluded.len(), 1, "{spelling}");
            let selected = exclude(list(ALICE), &list(&spelling)).unwrap();
            assert_eq!(selected.excluded.len(), 1, "{spelling}");
            let own = SignedIn::User {
                id: Some(ALICE.to_owned()),
                name: None,
            };
            let spelt = SignedIn::User {
                id: Some(spelling.clone()),
                name: None,
            };
            assert!(guard_self(&mut list(&spelling), &own, false).is_err());
            assert!(guard_self(&mut list(ALICE), &spelt, false).is_err());
        }
    }

    fn operator() -> SignedIn {
        SignedIn::User {
            id: Some(ALICE.to_owned()),
            name: Some("alice@x.y".to_owned()),
        }
    }

    #[test]
    fn the_own_account_is_refused_or_comes_last() {
        for (own, sent) in [("ALICE@x.y", "ALICE@x.y"), (&ALICE.to_uppercase(), ALICE)] {
            let mut users = list(&format!("{own}\nbob@x.y"));
            let error = guard_self(&mut users, &operator(), false).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "{sent} (line 1) is your own account. Revoking it signs you out as well. Add it to \
                     an --exclude file, or pass --include-self if you mean it; it then comes last"
                )
            );
            guard_self(&mut users, &operator(), true).unwrap();
            assert_eq!(names(&users), ["bob@x.y", sent]);
        }
        guard_self(&mut list("bob@x.y"), &operator(), false).unwrap();
        guard_self(&mut list("bob@x.y"), &SignedIn::App, false).unwrap();
    }

    #[test]
    fn who_cannot_be_told_from_the_operator_is_refused() {
        let mut users = list(&format!("bob@x.y\n{BREAK_GLASS}"));
        let unknown = guard_self(&mut users, &SignedIn::Unknown, false).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "the access token does not say who is signed in, so whether your own account is in the \
             list cannot be told. Pass --include-self if that does not matter"
        );
        guard_self(&mut users, &SignedIn::Unknown, true).unwrap();
        let only_name = SignedIn::User {
            id: None,
            name: Some("alice@x.y".to_owned()),
        };
        let hidden = guard_self(&mut users, &only_name, false).unwrap_err();
        assert_eq!(
            hidden.to_string(),
            "you are signed in as alice@x.y, and 1 user of the list is given by object id alone, so \
             whether your own account is among them cannot be told. Pass --include-self if that does \
             not matter"
        );
    }
}

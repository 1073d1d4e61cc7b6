//! The operator's own account, which a run would sign out in the middle of its work.

use super::{Alone, SelectError, count};
use crate::caller::SignedIn;
use crate::users::{User, folded, folded_text};

/// Sees to the operator's own account: refused, or with `include_self` sent last, so that a run is
/// not cut short by its own effect. Gives how many rows at the end are the own account.
pub(crate) fn guard_self(
    users: &mut [User],
    signed_in: &SignedIn,
    include_self: bool,
) -> Result<usize, SelectError> {
    let (id, name) = match signed_in {
        SignedIn::App => return Ok(0),
        SignedIn::User { id, name } => (id.as_deref(), name.as_deref()),
        SignedIn::Unknown => (None, None),
    };
    let own: Vec<String> = [id, name].into_iter().flatten().map(folded_text).collect();
    let is_own = |user: &User| user.names().any(|name| own.contains(&folded(name)));
    if include_self {
        users.sort_by_key(is_own);
        return Ok(users.iter().filter(|user| is_own(user)).count());
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
        None => Ok(0),
    }
}

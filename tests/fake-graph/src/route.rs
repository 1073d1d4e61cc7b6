//! From a request's path to what it asks for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::token::Scheme;

/// The version of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    Beta,
}

impl Version {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Version::V1 => "v1.0",
            Version::Beta => "beta",
        }
    }
}

/// What can be done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    RevokeSignInSessions,
    InvalidateAllRefreshTokens,
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Me,
    User(String),
}

/// What a path of Graph leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Batch,
    Call(Subject, Action),
    /// A user, to be read.
    Read(String),
    /// Nothing; the segment that is not known.
    Nowhere(String),
}

impl Action {
    fn parse(segment: &str, version: Version) -> Option<Action> {
        if segment.eq_ignore_ascii_case("revokeSignInSessions") {
            Some(Action::RevokeSignInSessions)
        } else if version == Version::Beta
            && segment.eq_ignore_ascii_case("invalidateAllRefreshTokens")
        {
            Some(Action::InvalidateAllRefreshTokens)
        } else {
            None
        }
    }

    /// The permissions that the documentation and Microsoft's published data accept.
    pub(crate) fn accepted(self, subject: &Subject, scheme: Scheme) -> &'static [&'static str] {
        match (self, subject, scheme) {
            (Action::RevokeSignInSessions, _, Scheme::DelegatedWork)
            | (Action::RevokeSignInSessions, Subject::User(_), Scheme::Application) => &[
                "User.RevokeSessions.All",
                "Directory.ReadWrite.All",
                "User.ReadWrite.All",
                "AgentIdUser.ReadWrite.All",
                "AgentIdUser.ReadWrite.IdentityParentedBy",
            ],
            (Action::InvalidateAllRefreshTokens, _, Scheme::DelegatedWork) => &[
                "User.RevokeSessions.All",
                "Directory.ReadWrite.All",
                "User.ReadWrite",
            ],
            (Action::InvalidateAllRefreshTokens, _, Scheme::DelegatedPersonal) => {
                &["User.ReadWrite"]
            }
            (Action::InvalidateAllRefreshTokens, Subject::User(_), Scheme::Application) => {
                &["User.RevokeSessions.All"]
            }
            (Action::RevokeSignInSessions, _, Scheme::DelegatedPersonal)
            | (_, Subject::Me, Scheme::Application) => &[],
        }
    }
}

/// The permissions that show `signInSessionsValidFromDateTime` of any user.
pub(crate) const READING: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Splits `/v1.0/…` or `/beta/…`.
pub(crate) fn version(path: &str) -> Option<(Version, &str)> {
    let rest = path.strip_prefix('/')?;
    let (first, rest) = rest.split_once('/').unwrap_or((rest, ""));
    match first {
        _ if first.eq_ignore_ascii_case("v1.0") => Some((Version::V1, rest)),
        _ if first.eq_ignore_ascii_case("beta") => Some((Version::Beta, rest)),
        _ => None,
    }
}

/// Reads a path relative to the version; a slash at its start and a query do no harm.
pub(crate) fn route(version: Version, path: &str) -> Route {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<Cow<'_, str>> = path
        .strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect();
    let nowhere = |segment: &str| Route::Nowhere(segment.to_owned());
    let (subject, rest) = match &segments[..] {
        [only] if only.eq_ignore_ascii_case("$batch") => return Route::Batch,
        [me, rest @ ..] if me.eq_ignore_ascii_case("me") => (Subject::Me, rest),
        [users, id, rest @ ..] if users.eq_ignore_ascii_case("users") => {
            // The form `/users/$x@y` is refused; `/users('$x@y')` is the one to use.
            if id.is_empty() || id.starts_with('$') {
                return nowhere(id);
            }
            (Subject::User(id.to_string()), rest)
        }
        [keyed, rest @ ..] => match key(keyed) {
            Some(id) => (Subject::User(id), rest),
            None => return nowhere(keyed),
        },
        [] => return nowhere(""),
    };
    match rest {
        [action] => match Action::parse(action, version) {
            Some(action) => Route::Call(subject, action),
            None => nowhere(action),
        },
        [_, more, ..] => nowhere(more),
        [] => match subject {
            Subject::User(user) => Route::Read(user),
            Subject::Me => nowhere(""),
        },
    }
}

/// The key of `users('x@y')`, in which a quote is written twice.
fn key(segment: &str) -> Option<String> {
    let (name, rest) = segment.split_at_checked("users".len())?;
    let key = rest.strip_prefix("('")?.strip_suffix("')")?;
    (name.eq_ignore_ascii_case("users") && !key.is_empty()).then(|| key.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Route {
        Route::Call(Subject::User(id.to_owned()), Action::RevokeSignInSessions)
    }

    #[test]
    fn paths_lead_where_graph_leads_them() {
        let v1 = |path: &str| route(Version::V1, path);
        assert_eq!(v1("users/a@b.c/revokeSignInSessions"), user("a@b.c"));
        assert_eq!(v1("/Users/a%40b.c/revokesigninsessions?x=1"), user("a@b.c"));
        assert_eq!(
            v1("users('o''neil@b.c')/revokeSignInSessions"),
            user("o'neil@b.c")
        );
        assert_eq!(v1("users('$x@b.c')/revokeSignInSessions"), user("$x@b.c"));
        assert_eq!(
            v1("me/revokeSignInSessions"),
            Route::Call(Subject::Me, Action::RevokeSignInSessions)
        );
        assert_eq!(v1("$batch"), Route::Batch);
        assert_eq!(
            v1("users/a@b.c?$select=id"),
            Route::Read("a@b.c".to_owned())
        );
    }

    #[test]
    fn unknown_paths_name_the_segment() {
        let nowhere = |s: &str| Route::Nowhere(s.to_owned());
        assert_eq!(
            route(Version::V1, "users/x/invalidateAllRefreshTokens"),
            nowhere("invalidateAllRefreshTokens")
        );
        assert_eq!(
            route(Version::V1, "users/$x/revokeSignInSessions"),
            nowhere("$x")
        );
        assert_eq!(
            route(Version::V1, "users//revokeSignInSessions"),
            nowhere("")
        );
        assert_eq!(route(Version::V1, "groups/x"), nowhere("groups"));
        assert_eq!(route(Version::V1, "users"), nowhere("users"));
        assert_eq!(route(Version::V1, ""), nowhere(""));
        assert_eq!(route(Version::V1, "me/a/b"), nowhere("b"));
    }

    #[test]
    fn the_action_of_beta_is_not_in_v1() {
        assert_eq!(
            route(Version::Beta, "me/invalidateAllRefreshTokens"),
            Route::Call(Subject::Me, Action::InvalidateAllRefreshTokens)
        );
        assert_eq!(version("/beta/me"), Some((Version::Beta, "me")));
        assert_eq!(version("/v2.0/me"), None);
    }
}

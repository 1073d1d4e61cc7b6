//! Who is signed in, as far as the access token says.
//!
//! A token is meant for Graph, not for its bearer, and a form that cannot be read is therefore no
//! error: it only leaves open who is signed in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Who is behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedIn {
    /// An app by itself, without a user.
    App,
    /// A person.
    User {
        /// Object id.
        id: Option<String>,
        /// User principal name.
        name: Option<String>,
    },
    /// It cannot be told.
    Unknown,
}

/// What a token says of its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) signed_in: SignedIn,
    /// The tenant's id.
    pub(crate) tenant: Option<String>,
    /// The app's id.
    pub(crate) client_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct Claims {
    tid: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
    oid: Option<String>,
    upn: Option<String>,
    preferred_username: Option<String>,
    unique_name: Option<String>,
    scp: Option<String>,
    roles: Option<Vec<String>>,
    idtyp: Option<String>,
}

impl Caller {
    /// Reads what there is to read.
    pub(crate) fn of_token(token: &str) -> Self {
        let claims = claims(token).unwrap_or_default();
        let is_user = match claims.idtyp.as_deref() {
            Some("app") => Some(false),
            Some("user") => Some(true),
            _ if claims.scp.is_some() => Some(true),
            _ if claims.roles.is_some() => Some(false),
            _ => None,
        };
        let name = claims
            .upn
            .or(claims.preferred_username)
            .or(claims.unique_name);
        Caller {
            signed_in: match is_user {
                Some(false) => SignedIn::App,
                Some(true) if claims.oid.is_some() || name.is_some() => SignedIn::User {
                    id: claims.oid,
                    name,
                },
                _ => SignedIn::Unknown,
            },
            tenant: claims.tid,
            client_id: claims.appid.or(claims.azp),
        }
    }
}

impl Caller {
    /// The signed-in user, for people.
    pub(crate) fn user_name(&self) -> Option<String> {
        match &self.signed_in {
            SignedIn::User { id, name } => name.clone().or_else(|| id.clone()),
            SignedIn::App | SignedIn::Unknown => None,
        }
    }
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_in(claims: &str) -> SignedIn {
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        Caller::of_token(&token).signed_in
    }

    fn user(id: Option<&str>, name: Option<&str>) -> SignedIn {
        SignedIn::User {
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn both_versions_of_tokens_say_who_it_is() {
        assert_eq!(
            signed_in(r#"{"scp": "x", "oid": "1", "upn": "a@x.y"}"#),
            user(Some("1"), Some("a@x.y"))
        );
        assert_eq!(
            signed_in(r#"{"idtyp": "user", "oid": "1", "preferred_username": "a@x.y"}"#),
            user(Some("1"), Some("a@x.y"))
        );
        assert_eq!(
            signed_in(r#"{"scp": "x", "oid": "1"}"#),
            user(Some("1"), None)
        );
    }

    #[test]
    fn an_app_has_no_user() {
        assert_eq!(signed_in(r#"{"idtyp": "app", "oid": "1"}"#), SignedIn::App);
        assert_eq!(signed_in(r#"{"roles": ["x"], "oid": "1"}"#), SignedIn::App);
    }

    #[test]
    fn what_cannot_be_read_stays_open() {
        assert_eq!(signed_in("{}"), SignedIn::Unknown);
        assert_eq!(signed_in(r#"{"scp": "x"}"#), SignedIn::Unknown);
        assert_eq!(signed_in("nonsense"), SignedIn::Unknown);
        for token in ["", "opaque", "a.b.c", "a.!.c"] {
            assert_eq!(Caller::of_token(token).signed_in, SignedIn::Unknown);
        }
    }

    #[test]
    fn tenant_and_app_are_read() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"tid": "t", "azp": "c"}"#);
        let caller = Caller::of_token(&format!("e30.{claims}.x"));
        assert_eq!(caller.tenant.as_deref(), Some("t"));
        assert_eq!(caller.client_id.as_deref(), Some("c"));
    }
}

//! Access tokens: unsigned JSON web tokens that say who calls and with which permissions.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// App id of Microsoft Graph, which tokens may name as their audience instead of its address.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Tenant of every personal Microsoft account.
pub const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Template id of the directory role *User Administrator*, which may revoke other users' sessions.
pub const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/// Directory roles that may revoke the sessions of other users in a delegated flow.
const REVOKING_ROLES: [&str; 6] = [
    USER_ADMINISTRATOR,
    "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
    "9360feb5-f418-4baa-8175-e2a00bac4301", // Directory Writers
    "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
];

/// What an access token says. The fake checks no signature: whoever can reach it may write one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The resource the token is for: the fake's root address or [`GRAPH_APP_ID`].
    pub aud: String,
    /// The tenant.
    pub tid: String,
    /// The app.
    pub appid: String,
    /// When the token ends, in seconds since 1970.
    pub exp: u64,
    /// When the token was issued, in seconds since 1970.
    pub iat: u64,
    /// Delegated permissions, separated by blanks; there is a signed-in user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// Application permissions; there is no user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The signed-in user's object id, or the service principal's.
    pub oid: String,
    /// The signed-in user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// Template ids of the signed-in user's directory roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wids: Vec<String>,
}

/// The kind of permissions a token carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    DelegatedWork,
    DelegatedPersonal,
    Application,
}

impl Claims {
    pub(crate) fn scheme(&self) -> Scheme {
        match &self.scp {
            Some(_) if self.tid == PERSONAL_TENANT => Scheme::DelegatedPersonal,
            Some(_) => Scheme::DelegatedWork,
            None => Scheme::Application,
        }
    }

    /// Whether the token carries one of these permissions.
    pub(crate) fn holds_any(&self, accepted: &[&str]) -> bool {
        let held = |name: &str| match &self.scp {
            Some(scp) => scp.split(' ').any(|s| s.eq_ignore_ascii_case(name)),
            None => self.roles.iter().any(|r| r.eq_ignore_ascii_case(name)),
        };
        accepted.iter().any(|name| held(name))
    }

    pub(crate) fn has_revoking_role(&self) -> bool {
        self.wids
            .iter()
            .any(|id| REVOKING_ROLES.contains(&id.as_str()))
    }

    /// Whether the signed-in user goes by this id or name.
    pub(crate) fn is_self(&self, user: &str) -> bool {
        self.oid.eq_ignore_ascii_case(user)
            || self
                .upn
                .as_deref()
                .is_some_and(|upn| upn.eq_ignore_ascii_case(user))
    }

    /// The token as text, with `none` as its signature's algorithm.
    pub fn encode(&self) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        // Strings, numbers and lists of strings always have a JSON form.
        let claims = serde_json::to_vec(self).unwrap_or_default();
        format!("{header}.{}.fake", URL_SAFE_NO_PAD.encode(claims))
    }

    /// Reads a token's claims back; `None` when the text is no such token.
    pub fn decode(token: &str) -> Option<Claims> {
        let mut parts = token.split('.');
        let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

pub(crate) fn unix(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back() {
        let claims = Claims {
            aud: GRAPH_APP_ID.to_owned(),
            tid: "t".to_owned(),
            appid: "a".to_owned(),
            exp: 2,
            iat: 1,
            scp: None,
            roles: vec!["User.RevokeSessions.All".to_owned()],
            oid: "o".to_owned(),
            upn: None,
            wids: Vec::new(),
        };
        assert_eq!(Claims::decode(&claims.encode()), Some(claims));
        assert_eq!(Claims::decode("opaque"), None);
        assert_eq!(Claims::decode("a.!.c"), None);
    }
}

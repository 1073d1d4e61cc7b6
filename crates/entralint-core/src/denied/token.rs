//! What a token had: the claims of a token in a text, or as a program decoded and printed them. The token itself goes
//! nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msgraph_permissions::PermissionType;
use serde_json::Value;

/// A longer part of a token is not decoded.
const LONGEST: usize = 64 * 1024;

/// What the claims say of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// The claim `scp` or `roles`: words that have not been checked yet.
    pub(super) permissions: Vec<String>,
    /// `scp` is that of a signed-in user's token, `roles` that of an app's.
    pub(super) permission_type: Option<PermissionType>,
    /// The claim `aud` is none of Microsoft Graph.
    pub(super) is_for_another_resource: bool,
}

/// Microsoft Graph's id and addresses, as the claim `aud` has them.
/// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>
const GRAPH: &[&str] = &[
    "00000003-0000-0000-c000-000000000000",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
];

/// The claims of the first token of a text that has any. A JSON Web Token begins with `eyJ`, which is `{"` in base64url
/// (RFC 7519).
pub(super) fn in_text(text: &str) -> Option<Claims> {
    const MOST: usize = 20;
    text.match_indices("eyJ").take(MOST).find_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(rest.len());
        let mut parts = rest[..end].split('.').skip(1);
        let payload = parts.next().filter(|part| part.len() <= LONGEST)?;
        let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
        of_claims(&serde_json::from_slice(&bytes).ok()?)
    })
}

/// The claims of a decoded token.
pub(super) fn of_claims(claims: &Value) -> Option<Claims> {
    let words = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
            Value::Array(items) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    };
    let is_for_another_resource = claims["aud"].as_str().is_some_and(|audience| {
        let host = audience
            .trim_start_matches("https://")
            .trim_end_matches('/');
        !GRAPH.iter().any(|known| host.eq_ignore_ascii_case(known))
    });
    let scopes = words(&claims["scp"]);
    let roles = words(&claims["roles"]);
    let (permissions, permission_type) = if !scopes.is_empty() {
        (scopes, Some(PermissionType::Delegated))
    } else if !roles.is_empty() || claims["idtyp"] == "app" {
        (roles, Some(PermissionType::Application))
    } else if claims["aud"].is_string() {
        (Vec::new(), None)
    } else {
        return None;
    };
    Some(Claims {
        permissions,
        permission_type,
        is_for_another_resource,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(claims)
        )
    }

    #[test]
    fn the_claims_of_a_token_are_read() {
        let text = format!(
            "curl -H 'Authorization: Bearer {}' https://graph.microsoft.com/v1.0/me",
            token(r#"{"aud":"https://graph.microsoft.com","scp":"User.Read openid"}"#)
        );
        let claims = in_text(&text).expect("claims");
        assert_eq!(claims.permissions, ["User.Read", "openid"]);
        assert_eq!(claims.permission_type, Some(PermissionType::Delegated));
        assert!(!claims.is_for_another_resource);
        let claims = in_text(&token(
            r#"{"aud":"https://management.azure.com/","roles":["A.B"]}"#,
        ))
        .expect("claims");
        assert_eq!(claims.permission_type, Some(PermissionType::Application));
        assert!(claims.is_for_another_resource);
        assert_eq!(in_text("eyJ.eyJ.eyJ eyJhbGciOi"), None);
        assert_eq!(in_text(&token(r#"{"nonce":"x"}"#)), None);
    }
}

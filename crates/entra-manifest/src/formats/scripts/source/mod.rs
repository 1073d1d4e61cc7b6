//! Scopes that source code requests at sign-in: lists of MSAL, addresses such as `https://graph.microsoft.com/User.Read`;
//! and entries of `requiredResourceAccess` that it builds.
//!
//! A name alone says nothing: it may be a table, a check or a text. It counts where what it is bound to is called a scope,
//! or where it is an argument of a function that gets tokens; and it must be a permission that Microsoft Graph publishes.

mod binding;
mod claims;
mod entries;

use msgraph_permissions::{Catalog, is_oidc_scope};
use source_lex::{Code, TokenKind};
use uuid::Uuid;

use self::binding::binding;
pub(super) use self::claims::{is_test, worth};
use super::collect::{Collected, Declared, Manner};
use super::follow::words;
use super::scopes::{Scope, scope_name};
use crate::PermissionType;
use crate::model::Means;

/// Functions that get tokens, in lower case and without underscores.
/// <https://learn.microsoft.com/en-us/entra/msal/>, <https://learn.microsoft.com/en-us/graph/sdks/choose-authentication-providers>
const TOKENS: [&str; 24] = [
    "acquiretoken",
    "acquiretokenbyauthorizationcode",
    "acquiretokenbydevicecode",
    "acquiretokenforclient",
    "acquiretokeninteractive",
    "acquiretokenonbehalfof",
    "acquiretokenpopup",
    "acquiretokenredirect",
    "acquiretokensilent",
    "azureidentityauthenticationprovider",
    "enabletokenacquisitiontocalldownstreamapi",
    "getaccesstokenforuserasync",
    "getauthorizationrequesturl",
    "getauthorizationurl",
    "graphserviceclient",
    "initiateauthcodeflow",
    "initiatedeviceflow",
    "loginpopup",
    "loginredirect",
    "newgraphserviceclientwithcredentials",
    "tokencredentialauthenticationprovider",
    "tokencredentialauthprovider",
    "ssosilent",
    "gettokenforuser",
];

/// What such a name is about is a check, a table or a report.
const NOT: [&str; 14] = [
    "required",
    "missing",
    "denied",
    "forbidden",
    "accepted",
    "verify",
    "assert",
    "expect",
    "allowed",
    "known",
    "valid",
    "description",
    "replace",
    "endswith",
];

/// Brackets between a literal and what it is bound to.
const MOST_LEVELS: usize = 6;

pub(super) fn read(code: &Code<'_>, text: &str, out: &mut Collected<'_>) {
    let mut named: Vec<(Declared, Means)> = Vec::new();
    let mut companions: Vec<(Declared, Means)> = Vec::new();
    for at in 0..code.len() {
        // The key of a table is looked up, not requested: `{ 'Mail.ReadWrite': ['Mail.Read'] }`.
        if code.kind(at) != TokenKind::Str || code.is(at + 1, ":") || code.is(at + 1, "=>") {
            continue;
        }
        let Some(content) = code.content(at) else {
            continue;
        };
        let raw = &text[content.start as usize..content.end as usize];
        if raw.len() > 4_096 {
            continue;
        }
        if Uuid::try_parse(raw).is_ok() {
            entries::entry(code, text, at, out);
            continue;
        }
        let mut bound = None;
        for (offset, word) in words(raw) {
            let address = word.contains('/');
            let Scope::Graph(name) = scope_name(word) else {
                continue;
            };
            let oidc = !address && is_oidc_scope(name);
            let known = oidc || Catalog::embedded().permission(name).is_some();
            let means = match address {
                true => Some(Means::AskedAtSignIn),
                false => *bound.get_or_insert_with(|| purpose(code, at)),
            };
            let Some(means) = means.filter(|_| known) else {
                continue;
            };
            let declared = literal(code, at, content.start, raw, offset, word, name);
            if oidc {
                companions.push((declared, means));
            } else {
                named.push((declared, means));
            }
        }
    }
    // Sign-in scopes of themselves may be another provider's.
    if named.is_empty() {
        return;
    }
    for (declared, means) in named.into_iter().chain(companions) {
        let manner = Manner::new(
            means,
            Some(PermissionType::Delegated),
            (declared.start, declared.end),
        );
        out.push(declared, manner);
    }
}

/// A word of a string; the whole literal where it is the only one.
fn literal(
    code: &Code<'_>,
    at: usize,
    base: u32,
    raw: &str,
    offset: usize,
    word: &str,
    name: &str,
) -> Declared {
    let number = |at: usize| u32::try_from(at).unwrap_or_default();
    let token = code.token(at);
    let (start, end) = if word.len() == raw.len() {
        (token.start, token.end)
    } else {
        (base + number(offset), base + number(offset + word.len()))
    };
    Declared {
        text: name.to_owned(),
        start,
        end,
        unknown: None,
        element: None,
    }
}

/// What a string of scopes is for; `None` where it is not bound to something that is called a scope, nor given to a function
/// that gets tokens.
fn purpose(code: &Code<'_>, at: usize) -> Option<Means> {
    let mut means = None;
    let mut inner = at;
    for _ in 0..MOST_LEVELS {
        let (name, called) = binding(code, inner);
        if let Some(name) = name {
            let folded: String = code
                .name(name)
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .flat_map(char::to_lowercase)
                .collect();
            if NOT.iter().any(|word| folded.contains(word)) {
                return None;
            }
            if folded.contains("scope") || (called && TOKENS.contains(&folded.as_str())) {
                means = Some(Means::AskedAtSignIn);
            } else if means.is_none() && !called {
                // The value of another name is not the scopes around it: `{ name: 'Mail.Read', scopes: [] }`.
                return None;
            }
        }
        let Some(up) = code.up(inner) else {
            return means;
        };
        // `OAuth2PermissionGrant(scope="User.Read")` consents for all users.
        let consents = code.is(up, "(")
            && up > 0
            && code
                .text(up - 1)
                .to_ascii_lowercase()
                .contains("permissiongrant");
        if means.is_some() && consents {
            return Some(Means::Granted);
        }
        inner = up;
    }
    means
}

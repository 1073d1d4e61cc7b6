//! Scopes that source code requests at sign-in: lists of MSAL, addresses such as `https://graph.microsoft.com/User.Read`;
//! and entries of `requiredResourceAccess` that it builds.
//!
//! A name alone says nothing: it may be a table, a check or a text. It counts where what it is bound to is called a scope,
//! or where it is an argument of a function that gets tokens; and it must be a permission that Microsoft Graph publishes.

mod binding;
mod claims;
mod entries;

use msgraph_permissions::{Catalog, is_oidc_scope};
use rustc_hash::FxHashMap;
use source_lex::{Code, TokenKind};
use uuid::Uuid;

use self::binding::binding;
pub(super) use self::claims::{is_test, worth};
use super::collect::{Collected, Declared, Manner};
use super::follow::words;
use super::oauth;
use super::scopes::{Scope, scope_name};
use crate::PermissionType;
use crate::model::Means;

/// Beginnings of functions that get tokens, in lower case and without underscores.
/// <https://learn.microsoft.com/en-us/entra/msal/>, <https://learn.microsoft.com/en-us/graph/sdks/choose-authentication-providers>
const TOKENS: [&str; 19] = [
    "acquiretoken",
    "azureidentityauthenticationprovider",
    "enabletokenacquisitiontocalldownstreamapi",
    "getaccesstoken",
    "getauthcodeurl",
    "getauthenticatedclient",
    "getauthorizationcodeurl",
    "getauthorizationrequesturl",
    "getauthorizationurl",
    "gettoken",
    "graphserviceclient",
    "initiateauthcodeflow",
    "initiatedeviceflow",
    "loginpopup",
    "loginredirect",
    "newgraphserviceclientwithcredentials",
    "tokencredentialauthenticationprovider",
    "tokencredentialauthprovider",
    "ssosilent",
];

/// What such a name is about is a check, a table or a report.
pub(super) const NOT: [&str; 24] = [
    "required",
    "missing",
    "denied",
    "deny",
    "forbidden",
    "blocked",
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
    "supported",
    "dangerous",
    "privileged",
    "risky",
    "sensitive",
    "excluded",
    "ignored",
    "removed",
];

/// A longer list is a table of all permissions. The longest list of requests among real files has 163.
const MOST_LISTED: usize = 300;

/// More objects with scopes in one list are a table of what needs what, not what an app requests; the apps that list their
/// APIs with scopes have up to five.
const MOST_OBJECTS: usize = 8;

/// Other places of a name that are looked at.
const MOST_USES: usize = 16;

/// Brackets between a literal and what it is bound to.
const MOST_LEVELS: usize = 6;

pub(super) fn read(code: &Code<'_>, text: &str, out: &mut Collected<'_>) {
    let mut named: Vec<(Declared, Means)> = Vec::new();
    let mut companions: Vec<(Declared, Means)> = Vec::new();
    let uses = uses(code);
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
        // A sentence is no list of scopes: one of its words is a plain word.
        let is_plain =
            |word: &str| word.chars().all(|c| c.is_ascii_alphabetic()) && !is_oidc_scope(word);
        let prose = words(raw).any(|(_, word)| is_plain(word));
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
                false if prose => None,
                false => *bound.get_or_insert_with(|| purpose(code, &uses, at)),
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
        companions.clear();
    }
    for (declared, means) in named.into_iter().chain(companions) {
        let manner = Manner::new(
            means,
            Some(PermissionType::Delegated),
            (declared.start, declared.end),
        );
        out.push(declared, manner);
    }
    oauth::queries(code, text, out);
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
    Declared::literal(name, start, end)
}

/// A name as its parts say: lower case letters and digits.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_lowercase)
        .collect()
}

/// What a string of scopes is for; `None` where it is not bound to something that is called a scope, nor given to a function
/// that gets tokens, itself or by a name.
fn purpose(code: &Code<'_>, uses: &Uses<'_>, at: usize) -> Option<Means> {
    match direct(code, at) {
        Purpose::Is(means) => Some(means),
        Purpose::Not => None,
        // `const permissions = ['User.Read']`, and later `scopes: permissions`.
        Purpose::Named(name) => uses.get(code.name(name)).and_then(|places| {
            places
                .iter()
                .filter(|place| **place != name)
                .take(MOST_USES)
                .find_map(|place| match direct(code, *place) {
                    Purpose::Is(means) => Some(means),
                    _ => None,
                })
        }),
    }
}

/// Where the names of a file stand.
type Uses<'s> = FxHashMap<&'s str, Vec<usize>>;

fn uses<'s>(code: &Code<'s>) -> Uses<'s> {
    let mut uses: Uses<'s> = FxHashMap::default();
    for at in 0..code.len() {
        if matches!(code.kind(at), TokenKind::Word | TokenKind::Var) {
            let places = uses.entry(code.name(at)).or_default();
            if places.len() <= MOST_USES {
                places.push(at);
            }
        }
    }
    uses
}

enum Purpose {
    Is(Means),
    Not,
    /// Bound to this name, which does not say what for.
    Named(usize),
}

/// What an expression is for, as far as what stands around it says.
fn direct(code: &Code<'_>, at: usize) -> Purpose {
    let mut means = None;
    let mut inner = at;
    for _ in 0..MOST_LEVELS {
        let (name, called) = binding(code, inner);
        if let Some(name) = name {
            let own = folded(code.name(name));
            let assigned = !called && code.kind(name) != TokenKind::Str && !code.is(name + 1, ":");
            if NOT.iter().any(|word| own.contains(word)) {
                return if assigned && means.is_none() {
                    Purpose::Named(name)
                } else {
                    Purpose::Not
                };
            }
            if own.contains("scope") || (called && gets_tokens(code, name, &own)) {
                means = Some(Means::AskedAtSignIn);
            } else if means.is_none() && !called {
                // The value of another name is not the scopes around it: `{ name: 'Mail.Read', scopes: [] }`.
                return if assigned {
                    Purpose::Named(name)
                } else {
                    Purpose::Not
                };
            }
        }
        let Some(up) = code.up(inner) else {
            return means.map_or(Purpose::Not, Purpose::Is);
        };
        if is_table(code, up) {
            return Purpose::Not;
        }
        // `OAuth2PermissionGrant(scope="User.Read")` consents for all users.
        let consents = code.is(up, "(")
            && up > 0
            && code
                .text(up - 1)
                .to_ascii_lowercase()
                .contains("permissiongrant");
        if means.is_some() && consents {
            return Purpose::Is(Means::Granted);
        }
        inner = up;
    }
    means.map_or(Purpose::Not, Purpose::Is)
}

/// Whether a function gets tokens, or builds the parameters of one: `SilentParameters.builder(scopes, account)`.
fn gets_tokens(code: &Code<'_>, name: usize, folded_name: &str) -> bool {
    if folded_name == "builder" && name >= 2 && code.is_dot(name - 1) {
        let receiver = code.name(name - 2);
        return receiver.ends_with("Parameters");
    }
    TOKENS.iter().any(|word| folded_name.starts_with(word))
}

/// Whether a bracket holds a table: a list of all permissions, or of objects that each have scopes.
fn is_table(code: &Code<'_>, open: usize) -> bool {
    let close = code.pair(open).unwrap_or(open);
    // A string and its comma are two tokens.
    if code.text(open) != "("
        && close - open > 2 * MOST_LISTED
        && code.kind(open + 1) == TokenKind::Str
    {
        return true;
    }
    if !matches!(code.text(open), "[" | "{") {
        return false;
    }
    let mut objects = 0;
    let mut at = open + 1;
    while at < close && at < open + 4_000 {
        if code.is(at, "{") && (at..code.skip(at)).any(|inner| is_scopes_key(code, inner)) {
            objects += 1;
            if objects > MOST_OBJECTS {
                return true;
            }
        }
        at = code.skip(at).max(at + 1);
    }
    false
}

fn is_scopes_key(code: &Code<'_>, at: usize) -> bool {
    matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
        && matches!(code.text(at + 1), ":" | "=>" | "=")
        && code.name(at).to_ascii_lowercase().contains("scope")
}

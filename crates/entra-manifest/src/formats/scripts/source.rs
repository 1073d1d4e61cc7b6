//! Scopes that source code requests at sign-in: lists of MSAL, addresses such as `https://graph.microsoft.com/User.Read`;
//! and entries of `requiredResourceAccess` that it builds.
//!
//! A name alone says nothing: it may be a table, a check or a text. It counts where what it is bound to is called a scope,
//! or where it is an argument of a function that gets tokens; and it must be a permission that Microsoft Graph publishes.

use std::ops::Range;

use msgraph_permissions::{Catalog, is_oidc_scope};
use source_lex::{Code, TokenKind};
use uuid::Uuid;

use super::api;
use super::collect::{Collected, Declared, Manner};
use super::powershell::{HOSTS, Scope, scope_name};
use super::reach::words;
use crate::PermissionType;
use crate::model::{Means, permission_type};

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
            entry(code, text, at, out);
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
        let manner = Manner {
            means,
            permission_type: Some(PermissionType::Delegated),
            used_at: (declared.start, declared.end),
            resource: None,
            branch: false,
        };
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

/// What the expression that holds a token is bound to: the name before `=` or `:`, or the function whose argument it is;
/// and whether it is a function.
fn binding(code: &Code<'_>, inner: usize) -> (Option<usize>, bool) {
    let mut at = inner;
    for _ in 0..24 {
        let Some(before) = at.checked_sub(1) else {
            return (None, false);
        };
        match code.kind(before) {
            TokenKind::Open => {
                // `name(`, `name[…](`: a call, or the list itself.
                let callee = before.checked_sub(1).filter(|&callee| {
                    code.text(before) == "(" && code.kind(callee) == TokenKind::Word
                });
                return (callee, callee.is_some());
            }
            TokenKind::Punct => match code.text(before) {
                "=" | ":=" | "+=" | "=>" | ":" => return (named(code, before), false),
                "," => {
                    let Some(up) = code.up(inner) else {
                        return (None, false);
                    };
                    let callee = up.checked_sub(1).filter(|&callee| {
                        code.text(up) == "(" && code.kind(callee) == TokenKind::Word
                    });
                    return (callee, callee.is_some());
                }
                ";" => return (None, false),
                _ => at = before,
            },
            TokenKind::Close | TokenKind::StrClose | TokenKind::HoleClose => {
                at = code
                    .pair(before)
                    .filter(|pair| *pair < before)
                    .unwrap_or(before);
            }
            TokenKind::Word if matches!(code.text(before), "return" | "yield") => {
                return (None, false);
            }
            _ => at = before,
        }
        if code.token(at).newline
            && !matches!(code.kind(at), TokenKind::Open)
            && at < inner
            && !code.is(at, ".")
        {
            return (None, false);
        }
    }
    (None, false)
}

/// The name before an operator; a type that stands between is skipped: `scopes: string[] = `.
fn named(code: &Code<'_>, operator: usize) -> Option<usize> {
    let mut at = operator.checked_sub(1)?;
    if code.is(operator, "=") {
        // No newline, no parenthesis: an annotation is short.
        for before in (operator.saturating_sub(12)..operator).rev() {
            if code.is(before, ":") {
                at = before.checked_sub(1)?;
                break;
            }
            let of_type = code.kind(before) == TokenKind::Word
                || matches!(code.text(before), "[" | "]" | "<" | ">" | "|" | "?" | ".");
            if !of_type || code.token(before).newline {
                break;
            }
        }
    }
    if code.is(at, "?") {
        at = at.checked_sub(1)?;
    }
    matches!(
        code.kind(at),
        TokenKind::Word | TokenKind::Var | TokenKind::Str
    )
    .then_some(at)
}

/// `ResourceAccess(id="…", type="Scope")`, `new ResourceAccess { Id = Guid.Parse("…"), Type = "Role" }`: an id of Microsoft
/// Graph with its type in the same brackets.
fn entry(code: &Code<'_>, text: &str, at: usize, out: &mut Collected<'_>) {
    let Some(content) = code.content(at) else {
        return;
    };
    let raw = &text[content.start as usize..content.end as usize];
    let Some(id) = Uuid::try_parse(raw)
        .ok()
        .filter(|id| !id.is_nil() && api::knows(*id))
    else {
        return;
    };
    let mut inner = at;
    for _ in 0..3 {
        let Some(up) = code.up(inner) else {
            return;
        };
        let close = code.pair(up).unwrap_or(up);
        if close - up > 60 {
            return;
        }
        let named = (up.saturating_sub(4)..up).any(|token| {
            let word = code.text(token).to_ascii_lowercase();
            word.ends_with("resourceaccess") && !word.starts_with("required")
        });
        let ty = (up + 1..close).find_map(|token| {
            (code.kind(token) == TokenKind::Str)
                .then(|| code.string(token))
                .flatten()
                .and_then(|text| permission_type(&text))
        });
        let in_list = within(code, up, "resourceaccess");
        if let Some(ty) = ty.filter(|_| named || in_list) {
            let token = code.token(at);
            let declared = Declared {
                text: id.to_string(),
                start: token.start,
                end: token.end,
                unknown: None,
                element: Some(offsets(code, up..close + 1)),
            };
            let manner = Manner {
                means: Means::Requested,
                permission_type: Some(ty),
                used_at: (token.start, token.end),
                resource: None,
                branch: false,
            };
            out.push(declared, manner);
            return;
        }
        inner = up;
    }
}

/// Whether a bracket stands in a list that is bound to this name, without underscores.
fn within(code: &Code<'_>, open: usize, name: &str) -> bool {
    let mut inner = open;
    for _ in 0..4 {
        let (bound, _) = binding(code, inner);
        if bound.is_some_and(|bound| code.name(bound).replace('_', "").eq_ignore_ascii_case(name)) {
            return true;
        }
        let Some(up) = code.up(inner) else {
            return false;
        };
        inner = up;
    }
    false
}

fn offsets(code: &Code<'_>, range: Range<usize>) -> (u32, u32) {
    (code.token(range.start).start, code.token(range.end - 1).end)
}

/// Whether a text can hold what is read here. Cheap, and run on every source file of a project.
pub(super) fn worth(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let scopes = (has("cope") || has("COPE") || has("oken"))
        && (has(".Read") || has(".read") || has(".Send") || has(".AccessAsUser") || has(".send"));
    scopes || HOSTS.iter().any(|host| has(host)) || has("esourceAccess") || has("resource_access")
}

/// Whether a file is a test or a mock, by its name.
pub(super) fn is_test(name: &camino::Utf8Path) -> bool {
    let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
    [
        ".test.",
        ".spec.",
        "_test.",
        ".tests.",
        "tests.cs",
        "test.java",
    ]
    .iter()
    .any(|mark| file.contains(mark))
        || file.starts_with("test_")
        || name.components().any(|component| {
            matches!(
                component.as_str().to_ascii_lowercase().as_str(),
                "test"
                    | "tests"
                    | "__tests__"
                    | "spec"
                    | "mocks"
                    | "__mocks__"
                    | "fixtures"
                    | "node_modules"
                    | "vendor"
                    | "dist"
            )
        })
}

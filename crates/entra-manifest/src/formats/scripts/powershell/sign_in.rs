//! Scopes at sign-in: `Connect-MgGraph -Scopes …`, MSAL's methods, requests to the token endpoint.

use std::ops::Range;

use source_lex::TokenKind;

use super::commands::command;
use super::{Reached, Reader, arguments};
use crate::PermissionType;
use crate::formats::scripts::collect::{Collected, Manner};
use crate::formats::scripts::scopes::{push_names, push_published};
use crate::model::Means;

/// Commands that sign in with the scopes of a parameter, which is the first positional one, too.
/// <https://learn.microsoft.com/en-us/powershell/module/microsoft.graph.authentication/connect-mggraph>
const SIGN_IN: [&str; 7] = [
    "connect-mggraph",
    "connect-mgbetagraph",
    "connect-mggraphcommunity",
    "connect-graph",
    "connect-entra",
    "connect-msgraph",
    "get-msaltoken",
];

/// Parameters of `Connect-MgGraph` without a value.
const SWITCHES: [&str; 3] = ["nowelcome", "usedevicecode", "usedeviceauthentication"];

/// Verbs of functions of other files that sign in, or make sure that there is a session.
const VERBS: [&str; 12] = [
    "connect",
    "confirm",
    "ensure",
    "get",
    "initialize",
    "invoke",
    "login",
    "new",
    "open",
    "request",
    "set",
    "start",
];

/// What the noun of such a function names. `Get-MgContextScopes` and `New-ReportFilter` do not sign in.
const NOUNS: [&str; 11] = [
    "graph",
    "entra",
    "msal",
    "token",
    "auth",
    "session",
    "connection",
    "context",
    "login",
    "signin",
    "m365",
];

/// The command at `at`, if it signs in. A wrapper that another file defines counts where it gets scopes that Microsoft
/// Graph publishes; one of this file is followed to where it signs in.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, lower: &str, out: &mut Collected<'_>) {
    let known = SIGN_IN.contains(&lower);
    let has_verb = lower
        .split_once('-')
        .is_some_and(|(verb, _)| VERBS.contains(&verb));
    if !known && !has_verb {
        return;
    }
    let command = command(reader.code, at);
    // A parameter of this name says by itself what the function does with it.
    let required = !known && command.parameter("requiredscopes").is_some();
    if !known && !required && !is_wrapper(lower) {
        return;
    }
    let parameter = if required { "requiredscopes" } else { "scopes" };
    for way in reader.ways(at) {
        let mut values = arguments(reader, &command, parameter, &way);
        if values.is_empty() && known && command.splats.is_empty() {
            values.extend(command.positional.iter().take(1).cloned());
            // `-NoWelcome User.Read`: what stands behind a switch is positional.
            values.extend(
                SWITCHES
                    .iter()
                    .filter_map(|switch| command.parameter(switch))
                    .filter(|value| !value.is_empty()),
            );
        }
        let mut reached = Reached::default();
        for value in values {
            reader.reach(value, &way, 0, &mut reached);
        }
        let manner = signs_in(reader.offsets(at..command.end));
        if known {
            push_names(reached, manner, out);
        } else {
            push_published(reached, manner, out);
        }
    }
}

fn is_wrapper(lower: &str) -> bool {
    lower.split_once('-').is_some_and(|(verb, noun)| {
        VERBS.contains(&verb) && NOUNS.iter().any(|word| noun.contains(word))
    })
}

const fn signs_in(used_at: (u32, u32)) -> Manner {
    Manner::new(
        Means::AskedAtSignIn,
        Some(PermissionType::Delegated),
        used_at,
    )
}

/// `$app.AcquireTokenInteractive($scopes)`: MSAL's methods, called from PowerShell.
pub(super) fn method(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let lower = code.text(at).to_ascii_lowercase();
    if !lower.starts_with("acquiretoken")
        || at == 0
        || !code.is_dot(at - 1)
        || !code.is(at + 1, "(")
    {
        return;
    }
    let Some(first) = code.arguments(at + 1).into_iter().next() else {
        return;
    };
    published(reader, at, first, out);
}

/// `@{client_id = …; scope = …}`: the form that a script sends to the token or device code endpoint.
/// <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code>
pub(super) fn form(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let name = code.name(at);
    if !(name.eq_ignore_ascii_case("scope") || name.eq_ignore_ascii_case("scopes"))
        || !code.is(at + 1, "=")
        || !matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
    {
        return;
    }
    let Some(table) = code.up(at).filter(|up| code.text(*up).ends_with('{')) else {
        return;
    };
    let is_form = ["client_id", "grant_type"]
        .iter()
        .any(|key| reader.element(table, key).is_some());
    if let Some(value) = reader.element(table, name).filter(|_| is_form) {
        published(reader, at, value, out);
    }
}

fn published(reader: &Reader<'_, '_>, at: usize, value: Range<usize>, out: &mut Collected<'_>) {
    let manner = signs_in(reader.offsets(at..value.end));
    for way in reader.ways(at) {
        let mut reached = Reached::default();
        reader.reach(value.clone(), &way, 0, &mut reached);
        push_published(reached, manner, out);
    }
}

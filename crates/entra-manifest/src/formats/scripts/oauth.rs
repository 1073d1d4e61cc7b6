//! Scopes in addresses: `https://graph.microsoft.com/User.Read`, `…/authorize?client_id=…&scope=openid%20User.Read`.

use source_lex::{Code, TokenKind};

use super::collect::{Collected, Declared, Manner};
use super::follow::{Reached, Reader, words};
use super::scopes::{Scope, is_published, push_published, scope_name};
use crate::PermissionType;
use crate::model::Means;

/// Longer texts are documents.
const MOST_TEXT: usize = 8 * 1024;

/// Words of a request to the authorize, token or device code endpoint.
/// <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow>
const REQUEST: [&str; 4] = ["client_id=", "response_type=", "grant_type=", "/authorize?"];

/// Scopes in the strings of a script, where nothing else has declared them.
pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        match code.kind(at) {
            TokenKind::Str | TokenKind::StrText | TokenKind::Word => {
                addresses(reader, at, out);
            }
            _ => {}
        }
    }
    queries(code, reader.text, out);
}

/// Scopes in the addresses and bodies of requests to the authorize, token or device code endpoint.
pub(super) fn queries(code: &Code<'_>, text: &str, out: &mut Collected<'_>) {
    for at in 0..code.len() {
        if matches!(code.kind(at), TokenKind::Str | TokenKind::StrText) {
            query(code, text, at, out);
        }
    }
}

const fn signs_in(start: u32, end: u32) -> Manner {
    Manner::new(
        Means::AskedAtSignIn,
        Some(PermissionType::Delegated),
        (start, end),
    )
}

/// The address of Microsoft Graph and a published permission is a scope and nothing else.
fn addresses(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let token = code.token(at);
    let (start, end) = match code.content(at) {
        Some(content) => (content.start, content.end),
        None => (token.start, token.end),
    };
    let raw = &reader.text[start as usize..end as usize];
    if raw.len() > MOST_TEXT || !raw.contains('/') || !raw.contains("graph") {
        return;
    }
    let is_address = |word: &str| {
        word.contains('/') && matches!(scope_name(word), Scope::Graph(name) if is_published(name))
    };
    if !words(raw).any(|(_, word)| is_address(word)) {
        return;
    }
    let mut reached = Reached::default();
    for (offset, word) in words(raw) {
        let begin = start + u32::try_from(offset).unwrap_or_default();
        let stop = begin + u32::try_from(word.len()).unwrap_or_default();
        let whole = word.len() == raw.len() && code.kind(at) == TokenKind::Str;
        let (begin, stop) = if whole {
            (token.start, token.end)
        } else {
            (begin, stop)
        };
        // Names alone go with the addresses of their string: a scope without an address is Microsoft Graph's.
        let is_name = !word.contains('/') && is_published(word);
        if (is_address(word) || is_name) && !out.has(begin, stop) {
            reached.literals.push(Declared::literal(word, begin, stop));
        }
    }
    push_published(reached, signs_in(start, end), out);
}

/// `scope=openid%20User.Read&…` in a request that names its client.
fn query(code: &Code<'_>, text: &str, at: usize, out: &mut Collected<'_>) {
    let Some(content) = code.content(at) else {
        return;
    };
    let raw = &text[content.start as usize..content.end as usize];
    if raw.len() > MOST_TEXT || !raw.contains("scope=") {
        return;
    }
    // A string with holes is seen as a whole.
    let whole = match code
        .up(at)
        .filter(|up| code.kind(*up) == TokenKind::StrOpen)
    {
        Some(open) => {
            let close = code.pair(open).unwrap_or(open);
            let (start, end) = (code.token(open).start, code.token(close).end);
            &text[start as usize..end as usize]
        }
        None => raw,
    };
    if !REQUEST.iter().any(|word| whole.contains(word)) {
        return;
    }
    for (place, _) in raw.match_indices("scope=") {
        let begin = place + "scope=".len();
        let value = raw[begin..]
            .split(['&', '"', '\'', '\n'])
            .next()
            .unwrap_or_default();
        let mut reached = Reached::default();
        for (offset, word) in encoded_words(value) {
            let start = content.start + u32::try_from(begin + offset).unwrap_or_default();
            let end = start + u32::try_from(word.len()).unwrap_or_default();
            if !out.has(start, end) {
                reached.literals.push(Declared::literal(word, start, end));
            }
        }
        push_published(reached, signs_in(content.start, content.end), out);
    }
}

/// The names in an encoded list of scopes, each with its offset: `openid+https%3A%2F%2Fgraph.microsoft.com%2FMail.Read`.
fn encoded_words(value: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = value.as_bytes();
    let mut at = 0;
    while at <= bytes.len() {
        let separator = match bytes.get(at) {
            None | Some(b' ' | b'+') => 1,
            Some(b'%')
                if value
                    .get(at..at + 3)
                    .is_some_and(|code| matches!(code, "%20" | "%2C" | "%2c")) =>
            {
                3
            }
            // The address ends where the name begins.
            Some(b'%')
                if value
                    .get(at..at + 3)
                    .is_some_and(|code| code.eq_ignore_ascii_case("%2f")) =>
            {
                start = at + 3;
                at += 3;
                continue;
            }
            Some(_) => 0,
        };
        if separator == 0 {
            at += 1;
            continue;
        }
        if let Some(word) = value.get(start..at).filter(|word| !word.is_empty()) {
            found.push((start, word));
        }
        at += separator;
        start = at;
    }
    found
}

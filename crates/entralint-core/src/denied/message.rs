//! The words in which the services behind Microsoft Graph deny a call.
//!
//! Each service has its own: the lists below were collected from error texts that people posted in public issue trackers
//! and from Microsoft's pages on troubleshooting. What is not recognised is left out, never guessed.

use msgraph_calls::Api;
use msgraph_permissions::{Catalog, PermissionType};

use super::causes::{KNOWN, Known};
use super::names::{is_permission, names};
use super::request::{self, Request};
use super::token::{self, Claims};

/// Longest text that is looked at: an error is short, and a log that holds one is cut.
const LONGEST: usize = 256 * 1024;

/// What a text says.
#[derive(Default, Clone)]
pub(super) struct Message {
    pub(super) request: Option<Request>,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) permission_type: Option<PermissionType>,
    /// Permissions of which one is enough.
    pub(super) listed: Vec<String>,
    /// Permissions of the token; `None` where the text does not say.
    pub(super) had: Option<Vec<String>>,
    /// Rows of the table of causes that the text has a sign of.
    pub(super) causes: Vec<&'static Known>,
    /// The text speaks of a denial in words that name no cause.
    pub(super) speaks_of_denial: bool,
}

impl Message {
    /// Whether nothing in the text speaks of a denied call.
    pub(super) fn is_empty(&self) -> bool {
        self.code.is_none()
            && self.status.is_none()
            && self.listed.is_empty()
            && self.causes.is_empty()
            && !self.speaks_of_denial
    }

    /// Takes what the claims of a token say.
    pub(super) fn take(&mut self, claims: &Claims, catalog: &Catalog) {
        let permissions = claims.permissions.iter();
        let known = permissions.filter(|name| is_permission(name, catalog));
        self.had = Some(known.cloned().collect());
        self.permission_type = claims.permission_type.or(self.permission_type);
        if claims.is_for_another_resource {
            self.causes
                .extend(KNOWN.iter().filter(|known| known.is_in("invalid audience")));
            self.causes.dedup_by_key(|known| known.meaning);
        }
    }
}

/// What stands before the list of permissions that would do. The type is the one that the words are about.
const LISTS: &[(&str, Option<PermissionType>)] = &[
    // Teams.
    (
        "missing scope permissions on the request. api requires one of",
        Some(PermissionType::Delegated),
    ),
    (
        "missing role permissions on the request. api requires one of",
        Some(PermissionType::Application),
    ),
    ("api requires one of", None),
    // Intune, for both types.
    ("must have one of the following scopes:", None),
    // Privileged Identity Management and role management.
    ("due to missing permission scope", None),
    // Sign-in and audit logs.
    ("does not have required msgraph permissions", None),
    ("does not have required microsoft graph permission(s)", None),
    (
        "required scopes are missing in the token:",
        Some(PermissionType::Delegated),
    ),
    ("requires the following permissions:", None),
    ("requires one of the following permissions:", None),
    ("one of the following permissions is required:", None),
    ("required scopes:", None),
    ("required scopes =", None),
    ("required permissions:", None),
];

/// What stands before the list of permissions that the token has.
const TOKENS: &[(&str, PermissionType)] = &[
    ("scopes on the request", PermissionType::Delegated),
    ("roles on the request", PermissionType::Application),
    ("call contains scopes", PermissionType::Delegated),
    ("call contains roles", PermissionType::Application),
    ("token contains scopes", PermissionType::Delegated),
    ("token contains roles", PermissionType::Application),
    // Decoded claims.
    ("\"scp\":", PermissionType::Delegated),
    ("'scp':", PermissionType::Delegated),
    ("\"roles\":", PermissionType::Application),
    ("'roles':", PermissionType::Application),
];

/// Words of a refusal that name no cause.
const DENIALS: &[&str] = &[
    "forbidden",
    "unauthorized",
    "access denied",
    "accessdenied",
    "insufficient privileges",
    "not authorized",
    "permission denied",
    "required scopes are missing",
];

/// Codes that say only that something went wrong: one inside of it says more.
const VAGUE: &[&str] = &[
    "unknownerror",
    "generalexception",
    "general",
    "forbidden",
    "unauthorized",
    "badrequest",
    "actionfailed",
];

/// Reads an error as a program printed it: a JSON body, an exception's text, lines of a log.
pub(super) fn read(text: &str, catalog: &Catalog, api: &Api) -> Message {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = unescaped(&text[..end]);
    // ASCII alone, so that offsets are the same in both.
    let lower = text.to_ascii_lowercase();
    let plain = plain(&lower);
    let mut message = Message {
        request: request::find(&text, &lower, api),
        status: status(&lower),
        code: code(&text, &lower),
        causes: KNOWN.iter().filter(|known| known.is_in(&plain)).collect(),
        speaks_of_denial: DENIALS.iter().any(|word| plain.contains(word)),
        ..Message::default()
    };
    for (words, permission_type) in LISTS {
        if let Some(at) = lower.find(words) {
            message.listed = names(&text[at + words.len()..], catalog);
            message.permission_type = *permission_type;
            break;
        }
    }
    for (words, permission_type) in TOKENS {
        if let Some(at) = lower.find(words) {
            message.had = Some(names(&text[at + words.len()..], catalog));
            message.permission_type = message.permission_type.or(Some(*permission_type));
            break;
        }
    }
    context(&text, &lower, catalog, &mut message);
    if message.had.is_none()
        && let Some(claims) = token::in_text(&text)
    {
        message.take(&claims, catalog);
    }
    message
}

/// What `Get-MgContext` prints: `AuthType : AppOnly`, `Scopes : {User.Read, Mail.Read}`.
fn context(text: &str, lower: &str, catalog: &Catalog, message: &mut Message) {
    for (line, lower) in text.lines().zip(lower.lines()) {
        let Some((name, value)) = lower.split_once(':') else {
            continue;
        };
        match (name.trim(), value.trim()) {
            ("authtype", "apponly") => message.permission_type = Some(PermissionType::Application),
            ("authtype", "delegated") => message.permission_type = Some(PermissionType::Delegated),
            ("scopes", list) if list.starts_with('{') && message.had.is_none() => {
                message.had = Some(names(&line[name.len() + 1..], catalog));
            }
            _ => {}
        }
    }
}

/// JSON within a text of JSON has its quotes and line ends escaped, once for each level.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let run = rest[at..].len() - rest[at..].trim_start_matches('\\').len();
        let behind = &rest[at + run..];
        // A path of Windows has its backslashes, and no quote behind them; a line end of JSON is written `\r\n`.
        let (put, skip) = if behind.starts_with('"') {
            ("\"", 1)
        } else if behind.starts_with("u0027") {
            ("'", 5)
        } else if behind.starts_with("u0022") {
            ("\"", 5)
        } else if let Some(next) = behind
            .strip_prefix('r')
            .map(|next| next.trim_start_matches('\\'))
            .filter(|next| next.starts_with('n'))
        {
            ("\n", behind.len() - next.len() + 1)
        } else {
            (&rest[at..at + run], 0)
        };
        out.push_str(put);
        rest = &behind[skip..];
    }
    out.push_str(rest);
    out
}

/// A text in lower case with single blanks, and none between the marks of JSON.
fn plain(lower: &str) -> String {
    let mut out = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        let joins = out.ends_with(['{', ':', ',']) && word.starts_with(['"', '{'])
            || word.starts_with([':', ',', '}']);
        if !out.is_empty() && !joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The HTTP status of a refusal, where the text names one as such.
fn status(lower: &str) -> Option<u16> {
    [403_u16, 401].into_iter().find(|status| {
        let number = status.to_string();
        lower.match_indices(&number).any(|(at, _)| {
            let before = lower[..at].chars().next_back();
            let behind = lower[at + number.len()..].chars().next();
            // No part of an id, a version or a larger number.
            let is_apart = |c: Option<char>| {
                c.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
            };
            is_apart(before) && is_apart(behind.filter(|c| *c != '.'))
        })
    })
}

/// The value of `"code": "…"`, `Code: …`, `ErrorCode: …`, or of an error record of PowerShell; one that says something
/// before one that does not.
fn code(text: &str, lower: &str) -> Option<String> {
    let mut vague = None;
    for (found, _) in lower.match_indices("code") {
        // `?code=…` of an address is the code of a sign-in, which is a secret.
        if lower[..found].ends_with(['?', '&', '_', '-']) {
            continue;
        }
        let rest = text[found + "code".len()..].trim_start_matches(['"', '\'', ' ']);
        let Some(rest) = rest.strip_prefix([':', '=']) else {
            continue;
        };
        let value = rest.trim_start_matches(['"', '\'', ' ']);
        let end = value
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(value.len());
        let value = &value[..end];
        let is_known = KNOWN.iter().any(|known| known.is_sign(value));
        if !is_known && !is_code(value) {
            continue;
        }
        if !VAGUE.contains(&value.to_ascii_lowercase().as_str()) {
            return Some(value.to_owned());
        }
        vague = vague.or_else(|| Some(value.to_owned()));
    }
    sign_in_code(text)
        .or_else(|| record_code(text))
        // Without a label: the one code that stands for nearly every denial.
        .or_else(|| {
            lower
                .contains("authorization_requestdenied")
                .then(|| "Authorization_RequestDenied".to_owned())
        })
        .or(vague)
}

/// `AADSTS65001`.
fn sign_in_code(text: &str) -> Option<String> {
    const SIGN: &str = "AADSTS";
    let at = text.find(SIGN)?;
    let digits = text[at + SIGN.len()..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    (4..=8)
        .contains(&digits)
        .then(|| text[at..at + SIGN.len() + digits].to_owned())
}

/// `FullyQualifiedErrorId : Authorization_RequestDenied,Microsoft.Graph…`.
fn record_code(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("FullyQualifiedErrorId")?;
    let value = rest.trim_start_matches([' ', ':']).split(',').next()?;
    is_code(value).then(|| value.to_owned())
}

/// Letters and underscores, as words are: no id, no token. `S2SUnauthorized` has a digit, and Exchange's codes have none.
fn is_code(value: &str) -> bool {
    (4..=60).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
        && value.bytes().any(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_any_level_are_undone_and_paths_stay() {
        assert_eq!(
            unescaped(r#"{\"a\":\"{\\\"b\\\": \\u0027c\\u0027}\"}"#),
            r#"{"a":"{"b": 'c'}"}"#
        );
        assert_eq!(unescaped(r"a\\r\\n  b"), "a\n  b");
        assert_eq!(unescaped(r"C:\runs\new\Graph"), r"C:\runs\new\Graph");
        assert_eq!(unescaped("\\"), "\\");
    }

    #[test]
    fn codes_are_words() {
        let code = |text: &str| code(text, &text.to_ascii_lowercase());
        assert_eq!(code("{\"code\":\"UnknownError\",\"message\":\"{\"errorCode\":\"PermissionScopeNotGranted\"}").as_deref(), Some("PermissionScopeNotGranted"));
        assert_eq!(code("\"code\":\"Forbidden\"").as_deref(), Some("Forbidden"));
        assert_eq!(
            code("AADSTS65001: no consent").as_deref(),
            Some("AADSTS65001")
        );
        assert_eq!(
            code("FullyQualifiedErrorId : AccessDenied,Microsoft").as_deref(),
            Some("AccessDenied")
        );
        assert_eq!(
            code("http://localhost?code=OAQABAAIAAAD secret_code=abcdefgh"),
            None
        );
        assert_eq!(code("\"code\":\"0a1b2c3d\" Status Code: 403"), None);
    }

    #[test]
    fn a_status_is_a_number_by_itself() {
        assert_eq!(status("http/1.1 403 forbidden"), Some(403));
        assert_eq!(status("401 (unauthorized)"), Some(401));
        assert_eq!(status("\"statuscode\": 403,"), Some(403));
        assert_eq!(status("ended with 403."), Some(403));
        assert_eq!(status("a-403-b 1403 4030 v1.403 403abc"), None);
    }
}

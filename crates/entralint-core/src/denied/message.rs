//! The words in which the services behind Microsoft Graph deny a call.
//!
//! Each service has its own: the list below was collected from error texts that people posted in public issue trackers
//! and from Microsoft's pages on troubleshooting. What is not recognised is left out, never guessed.

use msgraph_permissions::{Call, Method, PermissionType};

/// Longest text that is looked at: an error is short, and a log that holds one is cut.
const LONGEST: usize = 256 * 1024;

/// What a text says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) call: Option<Call>,
    pub(super) code: Option<String>,
    pub(super) permission_type: Option<PermissionType>,
    /// Permissions of which one is enough.
    pub(super) listed: Vec<String>,
    /// Permissions of the token; `None` where the text does not say.
    pub(super) had: Option<Vec<String>>,
    /// The token was refused, whatever it permits.
    pub(super) token: bool,
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
    (
        "required scopes are missing in the token:",
        Some(PermissionType::Delegated),
    ),
    ("requires the following permissions:", None),
    ("one of the following permissions is required:", None),
];

/// What stands before the list of permissions that the token has.
const TOKENS: &[(&str, PermissionType)] = &[
    ("scopes on the request", PermissionType::Delegated),
    ("roles on the request", PermissionType::Application),
    ("call contains scopes", PermissionType::Delegated),
    ("call contains roles", PermissionType::Application),
    ("token contains scopes", PermissionType::Delegated),
];

/// Codes and words of an answer that is about the token, not about what it permits.
const REFUSED_TOKENS: &[&str] = &[
    "invalidauthenticationtoken",
    "authentication_expiredtoken",
    "token is expired",
    "lifetime validation failed",
    "invalid audience",
    "access token validation failure",
    "either scp or roles claim need to be present in the token",
    "compacttoken parsing failed",
];

/// Reads an error as a program printed it: a JSON body, an exception's text, lines of a log.
pub(super) fn read(text: &str) -> Message {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // JSON within a text of JSON has its quotes escaped.
    let text = text[..end].replace("\\\"", "\"").replace("\\u0027", "'");
    // ASCII alone, so that offsets are the same in both.
    let lower = text.to_ascii_lowercase();
    let mut message = Message {
        token: REFUSED_TOKENS.iter().any(|word| lower.contains(word)),
        call: call(&text, &lower),
        code: code(&text, &lower),
        ..Message::default()
    };
    for (words, permission_type) in LISTS {
        if let Some(at) = lower.find(words) {
            message.listed = names(&text[at + words.len()..]);
            message.permission_type = *permission_type;
            break;
        }
    }
    for (words, permission_type) in TOKENS {
        if let Some(at) = lower.find(words) {
            message.had = Some(names(&text[at + words.len()..]));
            message.permission_type = message.permission_type.or(Some(*permission_type));
            break;
        }
    }
    message
}

/// The names of a list: quoted, or up to the first word that is none.
fn names(text: &str) -> Vec<String> {
    let text = text.trim_start_matches([':', ' ']);
    let quote = text
        .chars()
        .next()
        .filter(|c| matches!(c, '\'' | '"' | '`' | '['));
    let list = match quote {
        Some(quote) => {
            let end = if quote == '[' { ']' } else { quote };
            text[1..].split(end).next().unwrap_or_default()
        }
        None => text.lines().next().unwrap_or_default(),
    };
    let mut names = Vec::new();
    for word in list.split([',', ' ', ';', '|']) {
        let word = word.trim_matches(['.', '\'', '"']);
        if word.is_empty() || word.eq_ignore_ascii_case("or") || word.eq_ignore_ascii_case("and") {
            continue;
        }
        if !is_name(word) {
            break;
        }
        if !names.iter().any(|known: &String| known == word) {
            names.push(word.to_owned());
        }
    }
    names
}

/// `User.Read.All`, or a scope for sign-in.
fn is_name(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    word.len() <= 128
        && word.chars().all(plain)
        && (msgraph_permissions::is_oidc_scope(word)
            || (word.contains('.') && word.starts_with(|c: char| c.is_ascii_alphabetic())))
}

/// The value of `"code": "…"`, `Code: …`, `ErrorCode: …`.
fn code(text: &str, lower: &str) -> Option<String> {
    let mut from = 0;
    while let Some(found) = lower[from..].find("code") {
        let at = from + found + "code".len();
        from = at;
        let rest = text[at..].trim_start_matches(['"', '\'', ' ']);
        let Some(rest) = rest.strip_prefix([':', '=']) else {
            continue;
        };
        let value: String = rest
            .trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .take(80)
            .collect();
        if value.len() > 3 && value.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some(value);
        }
    }
    // Without a label: the one code that stands for nearly every denial.
    lower
        .contains("authorization_requestdenied")
        .then(|| "Authorization_RequestDenied".to_owned())
}

/// The first request to Microsoft Graph that the text names, with its method: before the address, or as a member or
/// parameter of the same text.
fn call(text: &str, lower: &str) -> Option<Call> {
    let mut from = 0;
    while let Some(found) = lower[from..].find("://") {
        let at = from + found;
        let start = lower[..at]
            .char_indices()
            .rfind(|(_, c)| !c.is_ascii_alphabetic())
            .map_or(0, |(before, c)| before + c.len_utf8());
        let end = at
            + text[at..]
                .find(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')' | ']')
                })
                .unwrap_or(text.len() - at);
        from = end;
        let address = text[start..end].trim_end_matches(['.', ',', ';', ':']);
        let method = before(&lower[..start]).or_else(|| member(lower));
        if let Some(method) = method
            && let Ok(call) = format!("{method} {address}").parse()
        {
            return Some(call);
        }
    }
    // A request line without a host: `POST /v1.0/users/…`.
    text.lines().find_map(|line| {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| word.parse::<Method>().is_err());
        let method = words.next()?;
        let path = words.next().filter(|path| path.starts_with('/'))?;
        format!("{method} {path}").parse().ok()
    })
}

/// The method that stands right before an address.
fn before(lower: &str) -> Option<Method> {
    let word = lower
        .trim_end_matches([' ', '"', '\'', ':', '=', '\t', '['])
        .rsplit(|c: char| !c.is_ascii_alphabetic())
        .next()?;
    word.parse().ok()
}

/// The value of a member `method`, for texts that print a request's parts.
fn member(lower: &str) -> Option<Method> {
    let at = lower.find("method")?;
    let word: String = lower[at + "method".len()..]
        .trim_start_matches(['"', '\'', ' ', ':', '='])
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    word.parse().ok()
}

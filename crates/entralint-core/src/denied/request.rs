//! Which request a text is about: a request line, an address, a command, or a frame of an SDK's stack trace.

use msgraph_calls::Api;
use msgraph_permissions::{Call, Method};

use super::trace;

/// Addresses and lines of one text that are looked at.
const MOST: usize = 200;

/// A request, as far as the text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Method and path.
    Call(Call),
    /// A path of Microsoft Graph without ids; the text names no method.
    Path(String),
}

/// The request that a text names. `lower` is the text in ASCII lower case, so that offsets are the same in both.
pub(super) fn find(text: &str, lower: &str, api: &Api) -> Option<Request> {
    let (mut path, mut found) = (None, None);
    for (start, end) in addresses(lower) {
        let address = text[start..end].trim_end_matches(['.', ',', ';', ':', '\\']);
        let Some(masked) = api.masked(Method::Get, address) else {
            continue;
        };
        path = path.or(Some(masked));
        found = method_of(lower, start, end).and_then(|method| call(method, address));
        if found.is_some() {
            break;
        }
    }
    found
        .or_else(|| request_line(text))
        .or_else(|| trace::command(text, api))
        .or_else(|| trace::frame(text, api))
        .map(Request::Call)
        .or_else(|| {
            path.or_else(|| behind_graph(text, lower, api))
                .map(Request::Path)
        })
}

/// A call of this method and address or path.
pub(super) fn call(method: Method, address: &str) -> Option<Call> {
    format!("{method} {address}").parse().ok()
}

/// Where the addresses of a text stand.
fn addresses(lower: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    lower.match_indices("://").take(MOST).map(|(at, _)| {
        let start = lower[..at]
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |before| {
                before + lower[before..].chars().next().map_or(1, char::len_utf8)
            });
        let end = lower[at..]
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')' | ']' | '}')
            })
            // A key in quotes and brackets is part of the address: `/users('ada')`.
            .map_or(lower.len(), |length| extended(lower, at + length));
        (start, end)
    })
}

/// `…/users('` ends at the quote; the address goes on behind the bracket.
fn extended(lower: &str, end: usize) -> usize {
    if !lower[..end].ends_with('(') {
        return end;
    }
    let Some(close) = lower[end..].find(')').filter(|length| *length < 200) else {
        return end;
    };
    let from = end + close + 1;
    from + lower[from..]
        .find(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | ')' | ']' | '}')
        })
        .unwrap_or(lower.len() - from)
}

/// The method of an address: right before it (`GET https://…`, `"https://graph.microsoft.com:443 "GET /v1.0/me`), or the
/// nearest member or option that names one (`"method": "POST"`, `--method patch`, `-X POST`, `Request method: 'GET'`).
fn method_of(lower: &str, start: usize, end: usize) -> Option<Method> {
    const NEAR: usize = 600;
    let before = &lower[..start];
    let word = before
        .trim_end_matches([' ', '"', '\'', ':', '=', '\t', '[', '|', '-', '>'])
        .rsplit(|c: char| !c.is_ascii_alphabetic())
        .next()?;
    if let Ok(method) = word.parse() {
        return Some(method);
    }
    let cut = |text: &str, mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let before = &before[cut(before, before.len().saturating_sub(NEAR))..];
    let behind = &lower[end..cut(lower, (end + NEAR).min(lower.len()))];
    let last = before.rfind("method").and_then(|at| named(&before[at..]));
    last.or_else(|| {
        behind
            .match_indices("method")
            .find_map(|(at, _)| named(&behind[at..]))
    })
    .or_else(|| option(before, behind))
}

/// The word behind `method`.
fn named(text: &str) -> Option<Method> {
    let word: String = text["method".len()..]
        .trim_start_matches(['"', '\'', ' ', ':', '=', '\\', '\t'])
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    word.parse().ok()
}

/// The options of `curl` and `az rest`, on the line of the address.
fn option(before: &str, behind: &str) -> Option<Method> {
    let line = [
        before.rsplit('\n').next().unwrap_or_default(),
        behind.lines().next().unwrap_or_default(),
    ]
    .concat();
    let words: Vec<&str> = line.split_whitespace().collect();
    let named = words.iter().enumerate().find_map(|(at, word)| {
        let value = match *word {
            "-x" | "--request" | "-m" => words.get(at + 1).copied(),
            word => word
                .strip_prefix("--request=")
                .or_else(|| word.strip_prefix("-x")),
        };
        value?.trim_matches(['"', '\'']).parse().ok()
    });
    let is_curl = words
        .iter()
        .any(|word| *word == "curl" || word.ends_with("/curl"));
    named.or_else(|| {
        is_curl.then(|| {
            // curl(1): data makes it a POST.
            let sends = words
                .iter()
                .any(|word| *word == "-d" || word.starts_with("--data") || *word == "--json");
            if sends { Method::Post } else { Method::Get }
        })
    })
}

/// A request line without a host: `POST /v1.0/users/…`, also behind the sign of `curl -v` or in quotes.
fn request_line(text: &str) -> Option<Call> {
    text.lines().take(MOST * 10).find_map(|line| {
        let mut words = line
            .split([' ', '\t', '"', '\'', '|', '>', '<', '`'])
            .filter(|word| !word.is_empty())
            .skip_while(|word| word.parse::<Method>().is_err());
        let method = words.next()?.parse().ok()?;
        let path = words.next().filter(|path| path.starts_with('/'))?;
        call(method, path.trim_end_matches(['.', ',', ';']))
    })
}

/// The path of a service behind Microsoft Graph, which Intune puts into its errors:
/// `Url: https://fef.…manage.microsoft.com/…/StatelessDeviceFEService/deviceManagement/managedDevices?…`.
fn behind_graph(text: &str, lower: &str, api: &Api) -> Option<String> {
    ["/devicemanagement/", "/deviceappmanagement/"]
        .into_iter()
        .find_map(|root| {
            let at = lower.find(root)?;
            let end = lower[at..]
                .find(|c: char| c.is_whitespace() || matches!(c, '?' | '"' | '\'' | '\\' | '<'))
                .map_or(lower.len(), |length| at + length);
            api.masked(Method::Get, &text[at..end])
        })
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use msgraph_permissions::Catalog;

    use super::*;

    fn read(text: &str) -> String {
        static API: OnceLock<Api> = OnceLock::new();
        let api = API.get_or_init(|| Api::of(Catalog::embedded()));
        match find(text, &text.to_ascii_lowercase(), api) {
            Some(Request::Call(call)) => {
                let path = api.masked(call.method, call.path.as_str());
                format!("{} {}", call.method, path.unwrap_or_default())
            }
            Some(Request::Path(path)) => format!("? {path}"),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_forms_of_requests() {
        for (text, wanted) in [
            (
                "GET https://graph.microsoft.com/v1.0/users/ada@contoso.com 403",
                "GET /users/{id}",
            ),
            (
                "{\"uri\": \"https://graph.microsoft.com/v1.0/users/7\", \"method\": \"PATCH\"}",
                "PATCH /users/{id}",
            ),
            (
                "az rest --method post --url 'https://graph.microsoft.com/v1.0/users/7/revokeSignInSessions'",
                "POST /users/{id}/revokeSignInSessions",
            ),
            (
                "az rest -m delete -u https://graph.microsoft.com/v1.0/users/7",
                "DELETE /users/{id}",
            ),
            (
                "$ curl -i -X POST -H 'A: b' https://graph.microsoft.com/v1.0/users/7/revokeSignInSessions",
                "POST /users/{id}/revokeSignInSessions",
            ),
            (
                "curl -s https://graph.microsoft.com/v1.0/groups",
                "GET /groups",
            ),
            (
                "curl https://graph.microsoft.com/v1.0/groups --json @body.json",
                "POST /groups",
            ),
            (
                "> PATCH /v1.0/groups/7 HTTP/1.1\n> Host: graph.microsoft.com",
                "PATCH /groups/{id}",
            ),
            (
                "urllib3.connectionpool: https://graph.microsoft.com:443 \"DELETE /v1.0/groups/7 HTTP/1.1\" 403 431",
                "DELETE /groups/{id}",
            ),
            (
                "Request URL: 'https://graph.microsoft.com/v1.0/policies/authorizationPolicy'\nRequest method: 'PATCH'\n",
                "PATCH /policies/authorizationPolicy",
            ),
            (
                "403 Client Error: Forbidden for url: https://graph.microsoft.com/v1.0/groups",
                "? /groups",
            ),
            (
                "PS C:\\> Invoke-MgGraphRequest -Method POST -Uri v1.0/users/$id/revokeSignInSessions",
                "POST /users/{id}/revokeSignInSessions",
            ),
            (
                "Get-MgServicePrincipal : Insufficient privileges\nAt line:81 char:5\n+     Get-MgServicePrincipal -Filter \"displayName eq 'x'\"\n+     ~~~~",
                "GET /serviceprincipals",
            ),
            (
                "Get-MgGroup_Get: Insufficient privileges to complete the operation.",
                "GET /groups/{id}",
            ),
            (
                "FullyQualifiedErrorId : Authorization_RequestDenied,Microsoft.Graph.PowerShell.Cmdlets.RevokeMgUserSignInSession_Revoke",
                "POST /users/{id}/revokeSignInSessions",
            ),
            (
                "   at Microsoft.Graph.Users.Item.RevokeSignInSessions.RevokeSignInSessionsRequestBuilder.PostAsRevokeSignInSessionsPostResponseAsync(Action`1 c)",
                "POST /users/{id}/revokeSignInSessions",
            ),
            (
                "   at Microsoft.Graph.Users.Item.Messages.MessagesRequestBuilder.GetAsync(Action`1 c)",
                "GET /users/{id}/messages",
            ),
            (
                "\tat com.microsoft.graph.beta.groups.item.GroupItemRequestBuilder.patch(GroupItemRequestBuilder.java:90)",
                "PATCH /groups/{id}",
            ),
            (
                "  File \"/venv/lib/msgraph/generated/users/item/messages/messages_request_builder.py\", line 71, in get",
                "GET /users/{id}/messages",
            ),
            (
                "#3 Microsoft\\Graph\\Generated\\Users\\Item\\UserItemRequestBuilder->delete()",
                "DELETE /users/{id}",
            ),
            (
                "see https://learn.microsoft.com/graph/errors and https://contoso.com/users",
                "nothing",
            ),
            (
                "Url: https://fef.x.manage.microsoft.com/D/StatelessDeviceFEService/deviceManagement/managedDevices?api-version=1",
                "? /deviceManagement/managedDevices",
            ),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}

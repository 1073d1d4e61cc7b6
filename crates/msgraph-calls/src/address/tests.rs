//! Addresses, each in one line.

use super::*;

const OPERATIONS: &[(Method, &str)] = &[
    (Method::Get, "/users"),
    (Method::Get, "/users/{id}"),
    (Method::Get, "/users/{id}/messages"),
    (Method::Get, "/users/{id}/mailFolders/{id}"),
    (Method::Get, "/users/{id}/mailFolders/inbox/messageRules"),
    (Method::Post, "/users/{id}/revokeSignInSessions"),
    (Method::Post, "/users/{id}/assignLicense"),
    (Method::Get, "/groups/{id}/members"),
    (Method::Get, "/sites/{id}/getByPath(path={value})"),
    (Method::Get, "/drives/{id}/root:/{id}:/children"),
    (Method::Get, "/me"),
];

/// The address in one line; `*` in the text is an unknown part.
fn reads(method: &str, text: &str) -> String {
    let api = Api::new(OPERATIONS.iter().copied());
    let text = text.replace('*', "\0");
    let Some(address) = read(&api, method.parse().ok(), &text) else {
        return "-".to_owned();
    };
    let host = match address.host {
        Host::Graph => "graph",
        Host::Unknown => "host?",
        Host::None => "path",
    };
    let version = address.version.map_or("", Version::as_str);
    match address.target {
        Target::Path {
            path,
            template,
            open_end,
        } => format!(
            "{host} {version} {path} {}{}",
            template.unwrap_or("no template"),
            if open_end { " open" } else { "" }
        ),
        Target::Batch => format!("{host} {version} batch"),
        Target::Unknown { root, text } => format!(
            "{host} {version} unknown {} {text}",
            root.unwrap_or_default()
        ),
    }
}

#[test]
fn hosts_and_versions_are_taken_off() {
    for (text, expected) in [
        (
            "https://graph.microsoft.com/v1.0/users/ada@contoso.example?$select=id",
            "graph v1.0 /users/{id} /users/{id}",
        ),
        (
            "https://graph.microsoft.us/beta//users/*",
            "graph beta /users/{id} /users/{id}",
        ),
        (
            "HTTPS://Graph.Microsoft.com/V1.0/Users/x ?$top=1",
            "graph v1.0 /Users/{id} /users/{id}",
        ),
        ("graph.microsoft.com/v1.0/me", "graph v1.0 /me /me"),
        ("https://*/v1.0/users", "host? v1.0 /users /users"),
        ("*/users/*", "host?  /users/{id} /users/{id}"),
        ("*/*/users/*", "host?  /users/{id} /users/{id}"),
        ("*users/*", "host?  /users/{id} /users/{id}"),
        ("*v1.0/users", "host? v1.0 /users /users"),
        (
            "users/*/messages",
            "path  /users/{id}/messages /users/{id}/messages",
        ),
        (
            "https://graph.microsoft.com/*/users",
            "graph  /users /users",
        ),
        (
            "https://graph.microsoft.com/v1.0/myorganization/users",
            "graph v1.0 /users /users",
        ),
        (
            "https://graph.microsoft.com/v1.0/*/users/*/messages",
            "graph v1.0 /users/{id}/messages /users/{id}/messages",
        ),
        (
            "https://graph.microsoft.com/v1.0/$batch",
            "graph v1.0 batch",
        ),
        ("https://graph.example.com/v1.0/users", "-"),
        ("https://graph.microsoft.com.evil.example/v1.0/users", "-"),
        ("ftp://graph.microsoft.com/v1.0/users", "-"),
    ] {
        assert_eq!(reads("GET", text), expected, "{text}");
    }
}

#[test]
fn ids_are_masked_and_words_stay() {
    for (method, text, expected) in [
        (
            "GET",
            "/users/ada/mailFolders/inbox",
            "path  /users/{id}/mailFolders/{id} /users/{id}/mailFolders/{id}",
        ),
        (
            "GET",
            "/users/ada/mailFolders/inbox/messageRules",
            "path  /users/{id}/mailFolders/inbox/messageRules /users/{id}/mailFolders/inbox/messageRules",
        ),
        (
            "GET",
            "/users('ada')/messages",
            "path  /users/{id}/messages /users/{id}/messages",
        ),
        (
            "GET",
            "/users/ada/secretThing/42",
            "path  /users/{id}/{id}/{id} no template",
        ),
        (
            "PUT",
            "/users/ada/messages",
            "path  /users/{id}/messages no template",
        ),
        (
            "POST",
            "/users/*/microsoft.graph.assignLicense",
            "path  /users/{id}/microsoft.graph.assignLicense /users/{id}/assignLicense",
        ),
        (
            "GET",
            "/groups/1/members/$count",
            "path  /groups/{id}/members/$count /groups/{id}/members",
        ),
        (
            "GET",
            "/groups/1/members/microsoft.graph.user",
            "path  /groups/{id}/members/microsoft.graph.user /groups/{id}/members",
        ),
        (
            "POST",
            "/groups/1/members/$ref",
            "path  /groups/{id}/members/$ref no template",
        ),
        (
            "GET",
            "/sites/a/getByPath(path='/teams/b')",
            "path  /sites/{id}/getByPath(path={}) /sites/{id}/getByPath(path={value})",
        ),
        (
            "GET",
            "/drives/d/root:/a/b.txt:/children",
            "path  /drives/{id}/root:/{id}:/children /drives/{id}/root:/{id}:/children",
        ),
    ] {
        assert_eq!(reads(method, text), expected, "{method} {text}");
    }
}

#[test]
fn an_unknown_part_where_the_api_has_words_is_said() {
    for (text, expected) in [
        ("/users/*/*", "path  unknown users /users/{}/{}"),
        ("/users/*/*/x", "path  unknown users /users/{}/{}/{}"),
        ("*/*", "host?  unknown  /{}/{}"),
        ("/users*", "path  /users /users open"),
        (
            "/users/*/messages*",
            "path  /users/{id}/messages /users/{id}/messages open",
        ),
    ] {
        assert_eq!(reads("GET", text), expected, "{text}");
    }
}

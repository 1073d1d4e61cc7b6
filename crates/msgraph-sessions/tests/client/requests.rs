//! What the client sends.

use msgraph_sessions::{Client, Revoked, UserIdOrUpn};

use crate::support::{SUCCESS, TOKEN, builder, client, json, received, server, user};

#[tokio::test]
async fn each_operation_has_its_path() {
    let server = server(json(200, SUCCESS)).await;
    let client = client(&server);
    let alice = user("alice@contoso.com");
    client.me_revoke_sign_in_sessions().await.unwrap();
    client.user_revoke_sign_in_sessions(&alice).await.unwrap();
    client.beta_me_revoke_sign_in_sessions().await.unwrap();
    client
        .beta_user_revoke_sign_in_sessions(&alice)
        .await
        .unwrap();
    deprecated(&client, &alice).await;
    let sent: Vec<_> = received(&server)
        .await
        .iter()
        .map(|request| format!("{} {}", request.method, request.url.path()))
        .collect();
    assert_eq!(
        sent,
        [
            "POST /v1.0/me/revokeSignInSessions",
            "POST /v1.0/users/alice@contoso.com/revokeSignInSessions",
            "POST /beta/me/revokeSignInSessions",
            "POST /beta/users/alice@contoso.com/revokeSignInSessions",
            "POST /beta/me/invalidateAllRefreshTokens",
            "POST /beta/users/alice@contoso.com/invalidateAllRefreshTokens",
        ]
    );
}

#[expect(deprecated, reason = "deprecated operations must work all the same")]
async fn deprecated(client: &Client, alice: &UserIdOrUpn) -> Vec<Revoked> {
    vec![
        client
            .beta_me_invalidate_all_refresh_tokens()
            .await
            .unwrap(),
        client
            .beta_user_invalidate_all_refresh_tokens(alice)
            .await
            .unwrap(),
    ]
}

#[tokio::test]
async fn a_request_has_the_headers_that_graph_wants_and_no_other() {
    let server = server(json(200, SUCCESS)).await;
    let client = builder(&server).application("mytool/1.2").build().unwrap();
    let revoked = client.me_revoke_sign_in_sessions().await.unwrap();
    let request = &received(&server).await[0];
    let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "client-request-id",
            "content-length",
            "host",
            "user-agent"
        ]
    );
    let header = |name: &str| request.headers[name].to_str().unwrap();
    assert_eq!(header("accept"), "application/json");
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(header("content-length"), "0");
    assert_eq!(
        Some(header("client-request-id")),
        revoked.client_request_id.as_deref()
    );
    assert_eq!(
        header("user-agent"),
        concat!("mytool/1.2 msgraph-sessions/", env!("CARGO_PKG_VERSION"))
    );
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn no_id_that_exists_reaches_another_path() {
    let server = server(json(200, SUCCESS)).await;
    let client = client(&server);
    let mut sent = 0;
    for text in [
        "..",
        ".",
        r"..\..\me",
        r"..\me",
        "../me",
        "../../v1.0/me",
        "me",
        "ME",
        "%2e%2e",
        "%2E%2E%2Fme",
        "..%2fme",
        "%5c..%5cme",
        "a?x=1",
        "a#b",
        "a%2Fb",
        "bob_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        "o'brien@contoso.com",
        "a;b",
        "a b",
        "ünïcode@contoso.com",
        "．．",
        "a\u{2028}b",
        "\u{202e}em",
        "...",
        "..me",
        "users('x')",
        "$x@contoso.com",
        "delta",
    ] {
        let Ok(user) = text.parse::<UserIdOrUpn>() else {
            continue;
        };
        client.user_revoke_sign_in_sessions(&user).await.unwrap();
        sent += 1;
        let requests = received(&server).await;
        let url = &requests.last().unwrap().url;
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        assert_eq!(segments.len(), 4, "{text:?} went to {url}");
        assert_eq!((segments[0], segments[1]), ("v1.0", "users"), "{text:?}");
        assert_eq!(segments[3], "revokeSignInSessions", "{text:?}");
        assert_eq!(decoded(segments[2]), text, "{url}");
        assert_eq!((url.query(), url.fragment()), (None, None), "{text:?}");
    }
    assert_eq!(received(&server).await.len(), sent);
    assert_eq!(sent, 18);
}

/// The text that a percent-encoded segment stands for.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

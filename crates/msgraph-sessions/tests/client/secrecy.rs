//! What must never be printed.

use msgraph_sessions::bulk::{self, Options};
use msgraph_sessions::{Client, Cloud, ErrorKind, RetryPolicy, StaticToken};

use crate::support::{REQUEST_ID, TOKEN, client, json, nobody_listens, server, user};

#[tokio::test]
async fn an_error_names_neither_user_nor_token_unless_asked() {
    let upn = "alice@contoso.com";
    let body = format!(
        r#"{{"error":{{"code":"{upn}","message":"Resource '{upn}' does not exist; {TOKEN}"}}}}"#
    );
    let server = server(json(404, &body)).await;
    let client = client(&server);
    let error = client
        .user_revoke_sign_in_sessions(&user(upn))
        .await
        .unwrap_err();
    assert!(error.message().unwrap().contains(upn));
    let mut printed = format!("{error} {error:?} {error:#?} {client:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(behind) = source {
        printed += &format!("{behind} {behind:?}");
        source = behind.source();
    }
    for secret in ["alice", "contoso", "secret"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    assert!(printed.contains(REQUEST_ID));
}

#[tokio::test]
async fn a_failed_connection_does_not_print_the_url() {
    let address = nobody_listens().await;
    let client = Client::builder(StaticToken::new(TOKEN).unwrap())
        .cloud(Cloud::custom(&address, &address).unwrap())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = client
        .user_revoke_sign_in_sessions(&user("alice@contoso.com"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    let mut printed = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(behind) = source {
        printed += &format!(" / {behind} {behind:?}");
        source = behind.source();
    }
    assert!(!printed.contains("alice"), "{printed}");
}

#[tokio::test]
async fn an_outcome_does_not_print_its_user() {
    let server = server(json(200, "{}")).await;
    let mut outcomes = bulk::revoke_iter(
        &client(&server),
        [user("alice@contoso.com")],
        Options::default(),
    );
    let outcome = outcomes.next().await.unwrap();
    assert!(!format!("{outcome:?}").contains("alice"));
}

//! Tokens that are refused, and tokens that there are none of.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use msgraph_sessions::{
    AccessToken, BoxFuture, Client, Effect, ErrorKind, Stop, TokenError, TokenProvider, bulk,
};
use wiremock::ResponseTemplate;

use crate::support::{
    REQUEST_ID, SUCCESS, TOKEN, cloud, json, received, server, server_in_turn, user,
};

/// Gives a new token every time.
struct Fresh(AtomicU32);

impl TokenProvider for Fresh {
    fn token<'a>(&'a self, _scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        let turn = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { AccessToken::new(format!("token{turn}"), None) })
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let server = server_in_turn(vec![ResponseTemplate::new(401), json(200, SUCCESS)]).await;
    let client = Client::builder(Fresh(AtomicU32::new(0)))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let revoked = client.me_revoke_sign_in_sessions().await.unwrap();
    assert_eq!(revoked.attempts, 2);
    let sent: Vec<_> = received(&server)
        .await
        .iter()
        .map(|request| {
            request.headers["authorization"]
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(sent, ["Bearer token0", "Bearer token1"]);
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_an_error_401() {
    let server = server(ResponseTemplate::new(401)).await;
    let client = Client::builder(Fresh(AtomicU32::new(0)))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 2));
}

/// Has no token to give.
struct Nobody;

impl TokenProvider for Nobody {
    fn token<'a>(&'a self, _scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async { Err(TokenError::new("nobody is signed in")) })
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = server(json(200, SUCCESS)).await;
    let client = Client::builder(Nobody)
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 0));
    assert_eq!(error.to_string(), "no access token: nobody is signed in");
    assert!(received(&server).await.is_empty());
}

/// Has one token to give; after that the sign-in service does not answer, or never ends.
struct Once {
    asked: AtomicU32,
    hangs: bool,
}

impl Once {
    fn new(hangs: bool) -> Self {
        let asked = AtomicU32::new(0);
        Self { asked, hangs }
    }
}

impl TokenProvider for Once {
    fn token<'a>(&'a self, _scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        let first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            match (first, self.hangs) {
                (true, _) => AccessToken::new(TOKEN, None),
                (false, false) => Err(TokenError::new("the sign-in service answered 503")),
                (false, true) => std::future::pending().await,
            }
        })
    }
}

#[tokio::test]
async fn a_refused_token_without_another_says_why_there_is_none() {
    let server = server(ResponseTemplate::new(401)).await;
    let client = Client::builder(Once::new(false))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Token, 1));
    assert_eq!((error.status(), error.effect()), (Some(401), Effect::None));
    assert_eq!(
        error.token_error().unwrap().to_string(),
        "the sign-in service answered 503"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "the access token was refused and there is no other: the sign-in service answered 503: \
             401 Unauthorized; request-id {REQUEST_ID}"
        )
    );
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_token_in_the_place_of_a_refused_one() {
    let server = server(ResponseTemplate::new(401)).await;
    let client = Client::builder(Once::new(true))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let stop = Stop::new();
    let options = bulk::Options::default().stop(stop.clone());
    let mut outcomes = bulk::revoke_iter(&client, [user("alice@contoso.com")], options);
    let waiting = tokio::time::timeout(Duration::from_millis(300), outcomes.next()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    stop.stop();
    let outcome = tokio::time::timeout(Duration::from_secs(10), outcomes.next()).await;
    let error = outcome.unwrap().unwrap().result.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Stopped, 1));
    assert_eq!(
        error.to_string(),
        format!("stopped while waiting to try again: 401 Unauthorized; request-id {REQUEST_ID}")
    );
}

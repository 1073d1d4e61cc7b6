//! The client against the fake Graph: permissions, sign-in, quota and faults, all at once.

use std::time::{Duration, Instant};

use fake_graph::{DeviceCode, FakeGraph, Quota, Registration};
use msgraph_sessions::bulk::{self, Options, Pace};
use msgraph_sessions::operations::{self, Operation, Permissions, Scheme};
use msgraph_sessions::sign_in::{ClientSecret, DeviceCodeFlow};
use msgraph_sessions::{
    Client, Cloud, Effect, Error, ErrorKind, RetryPolicy, Revoked, StaticToken, UserIdOrUpn,
};

use crate::support::{quick, user};

fn cloud(graph: &FakeGraph) -> Cloud {
    Cloud::custom(graph.url(), graph.url()).unwrap()
}

fn client(graph: &FakeGraph, token: &str) -> Client {
    Client::builder(StaticToken::new(token).unwrap())
        .cloud(cloud(graph))
        .retry(quick())
        .build()
        .unwrap()
}

fn token(graph: &FakeGraph, scheme: Scheme, permission: &str) -> String {
    match scheme {
        Scheme::Application => graph.application_token([permission]),
        Scheme::Delegated | Scheme::Personal => graph.delegated_token([permission]),
    }
}

#[expect(
    deprecated,
    reason = "deprecated operations need their permission all the same"
)]
async fn call(client: &Client, operation: &Operation) -> Result<Revoked, Error> {
    let alice = user("alice@contoso.com");
    match operation.id() {
        "meRevokeSignInSessions" => client.me_revoke_sign_in_sessions().await,
        "userRevokeSignInSessions" => client.user_revoke_sign_in_sessions(&alice).await,
        "betaMeRevokeSignInSessions" => client.beta_me_revoke_sign_in_sessions().await,
        "betaUserRevokeSignInSessions" => client.beta_user_revoke_sign_in_sessions(&alice).await,
        "betaMeInvalidateAllRefreshTokens" => client.beta_me_invalidate_all_refresh_tokens().await,
        "betaUserInvalidateAllRefreshTokens" => {
            client.beta_user_invalidate_all_refresh_tokens(&alice).await
        }
        "batch" => client.revoke_batch(&[alice]).await.remove(0),
        other => panic!("no call for {other}"),
    }
}

#[tokio::test]
async fn the_least_permission_suffices_and_a_lesser_one_does_not() {
    let graph = FakeGraph::start().unwrap();
    let mut sufficed = 0;
    for operation in operations::ALL.iter().filter(|it| it.method() == "POST") {
        for scheme in [Scheme::Delegated, Scheme::Application] {
            let place = format!("{} {scheme}", operation.id());
            let needed = match operation.permissions(scheme) {
                Permissions::OfItems => operations::USER_REVOKE_SIGN_IN_SESSIONS.least(scheme),
                _ => operation.least(scheme),
            };
            if let Some(least) = needed {
                let least = token(&graph, scheme, least);
                let answer = call(&client(&graph, &least), operation).await;
                assert!(answer.is_ok(), "{place}: {answer:?}");
                sufficed += 1;
            }
            let lesser = token(&graph, scheme, "User.Read.All");
            let error = call(&client(&graph, &lesser), operation).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Refused, "{place}");
            assert_eq!(error.effect(), Effect::None, "{place}");
            if needed.is_some() {
                assert_eq!(error.status(), Some(403), "{place}");
                assert_eq!(error.code(), Some("Authorization_RequestDenied"), "{place}");
            }
        }
    }
    assert_eq!(sufficed, 11);
}

/// A client that signs in as the app that every fake knows.
fn app_client(graph: &FakeGraph) -> Client {
    let app = Registration::default();
    let cloud = cloud(graph);
    let credential = ClientSecret::new(&cloud, "contoso.com", &app.client_id, app.client_secret);
    Client::builder(credential.unwrap())
        .cloud(cloud)
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_app_signs_in_with_its_secret_and_revokes() {
    let graph = FakeGraph::start().unwrap();
    let client = app_client(&graph);
    for _ in 0..5 {
        client
            .user_revoke_sign_in_sessions(&user("alice@contoso.com"))
            .await
            .unwrap();
    }
    assert_eq!(graph.revocations("alice@contoso.com"), 5);
    assert_eq!(graph.totals().sign_in_requests, 1);
}

#[tokio::test]
async fn a_person_signs_in_with_a_code_and_revokes_their_own_sessions() {
    let graph = FakeGraph::builder()
        .device_code(DeviceCode {
            interval: 1,
            ..DeviceCode::default()
        })
        .start()
        .unwrap();
    let app = Registration::default().client_id;
    let flow = DeviceCodeFlow::new(&cloud(&graph), "contoso.com", &app).unwrap();
    let person = flow.begin().await.unwrap().wait().await.unwrap();
    let client = Client::builder(person)
        .cloud(cloud(&graph))
        .build()
        .unwrap();
    client.me_revoke_sign_in_sessions().await.unwrap();
    assert_eq!(graph.revocations("operator@contoso.com"), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_before_its_time_is_replaced() {
    let graph = FakeGraph::builder()
        .rule("expired-token=next".parse().unwrap())
        .start()
        .unwrap();
    let client = app_client(&graph);
    // The fake gives the same text within one second, and a token that is the same is not tried again.
    client.token().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let revoked = client
        .user_revoke_sign_in_sessions(&user("alice@contoso.com"))
        .await
        .unwrap();
    assert_eq!(revoked.attempts, 2);
    assert_eq!(graph.totals().sign_in_requests, 2);
}

fn users(count: usize) -> Vec<UserIdOrUpn> {
    (0..count)
        .map(|number| user(&format!("u{number}@contoso.com")))
        .collect()
}

#[tokio::test]
async fn a_run_keeps_within_the_quota_and_uses_it() {
    let graph = FakeGraph::builder()
        .quota(Quota::new(100, Duration::from_secs(1)))
        .start()
        .unwrap();
    let client = client(
        &graph,
        &graph.application_token(["User.RevokeSessions.All"]),
    );
    let options = Options::default().pace(Pace::new(100, 100.0).unwrap());
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client, users(400), options);
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_ok());
    }
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds >= 2.9, "{seconds} s: sent faster than the quota");
    assert!(seconds < 6.0, "{seconds} s: far from using the quota");
    assert_eq!(graph.totals().revocations, 400);
    assert!(graph.totals().throttled <= 3, "{:?}", graph.totals());
}

#[tokio::test]
async fn a_run_that_finds_the_quota_used_up_slows_down_and_finishes() {
    let graph = FakeGraph::builder()
        .quota(Quota {
            initial: Some(0),
            ..Quota::new(100, Duration::from_secs(1))
        })
        .start()
        .unwrap();
    let client = client(
        &graph,
        &graph.application_token(["User.RevokeSessions.All"]),
    );
    let options = Options::default().pace(Pace::new(100, 100.0).unwrap());
    let mut outcomes = bulk::revoke_iter(&client, users(200), options);
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    }
    // The first users in flight find out together; after that the pace is the quota's.
    assert!(graph.totals().throttled <= 16 + 5, "{:?}", graph.totals());
}

#[tokio::test]
async fn a_run_through_faults_tells_the_truth_about_every_user() {
    let graph = FakeGraph::builder()
        .seed(7)
        .rule("reset=5%".parse().unwrap())
        .rule("lost-answer=5%".parse().unwrap())
        .rule("html:503=5%".parse().unwrap())
        .rule("empty-429:0.05=1%".parse().unwrap())
        .rule("truncated-json=2%".parse().unwrap())
        .rule("cut-body=2%".parse().unwrap())
        .start()
        .unwrap();
    let client = client(
        &graph,
        &graph.application_token(["User.RevokeSessions.All"]),
    );
    let options = Options::default()
        .pace(Pace::unlimited())
        .retry(RetryPolicy::none());
    let mut outcomes = bulk::revoke_iter(&client, users(500), options);
    let (mut revoked, mut untouched, mut open) = (0, 0, 0);
    while let Some(outcome) = outcomes.next().await {
        let times = graph.revocations(outcome.user.as_str());
        match outcome.result {
            Ok(_) => {
                assert!(times > 0, "{} was not revoked", outcome.user);
                revoked += 1;
            }
            Err(error) if error.effect() == Effect::None => {
                assert_eq!(times, 0, "{}: {error}", outcome.user);
                untouched += 1;
            }
            Err(_) => open += 1,
        }
    }
    assert_eq!(revoked + untouched + open, 500);
    assert!(revoked > 350 && open > 0, "{revoked} {untouched} {open}");
}

#[tokio::test]
async fn a_batch_through_a_quota_loses_nobody() {
    let graph = FakeGraph::builder()
        .quota(Quota::new(30, Duration::from_millis(600)))
        .start()
        .unwrap();
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let client = Client::builder(StaticToken::new(&token).unwrap())
        .cloud(cloud(&graph))
        .retry(RetryPolicy::default().first_delay(Duration::from_millis(100)))
        .build()
        .unwrap();
    let results = client.revoke_batch(&users(50)).await;
    assert_eq!(results.len(), 50);
    for result in results {
        assert!(result.is_ok(), "{result:?}");
    }
    assert_eq!(graph.totals().revocations, 50);
    assert!(graph.totals().throttled > 0);
}

#[tokio::test]
async fn a_few_users_come_through_an_outage_by_their_own_tries() {
    let graph = FakeGraph::builder()
        .rule("html:502=for:1s".parse().unwrap())
        .start()
        .unwrap();
    let client = client(
        &graph,
        &graph.application_token(["User.RevokeSessions.All"]),
    );
    let events = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = events.clone();
    // As many tries as a run has by default, with shorter waits.
    let retry = RetryPolicy::default()
        .max_tries(8)
        .first_delay(Duration::from_millis(50));
    let options = Options::default()
        .retry(retry)
        .on_event(move |event| heard.lock().unwrap().push(event));
    let mut outcomes = bulk::revoke_iter(&client, users(4), options);
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    }
    assert_eq!(graph.totals().revocations, 4);
    assert!(graph.totals().faults >= 8, "{:?}", graph.totals());
    assert!(events.lock().unwrap().is_empty(), "{events:?}");
}

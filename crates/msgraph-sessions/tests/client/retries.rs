//! When the client sends again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use msgraph_sessions::{Client, Cloud, Effect, ErrorKind, RetryPolicy, bulk};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

use crate::support::{
    REQUEST_ID, SUCCESS, TOKEN, builder, client, html, json, nobody_listens, quick, received,
    server, server_in_turn, user,
};

#[tokio::test]
async fn a_throttled_call_waits_as_told_and_is_sent_again() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "0.3");
    let server = server_in_turn(vec![throttled, json(200, SUCCESS)]).await;
    let start = Instant::now();
    let revoked = client(&server).me_revoke_sign_in_sessions().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(revoked.attempts, 2);
    let ids: Vec<_> = received(&server)
        .await
        .iter()
        .map(|request| request.headers["client-request-id"].clone())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn what_stays_throttled_is_an_error_429() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "0.1");
    let server = server(throttled).await;
    let start = Instant::now();
    let error = client(&server)
        .me_revoke_sign_in_sessions()
        .await
        .unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.status(), Some(429));
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.retry_after(), Some(Duration::from_millis(100)));
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(received(&server).await.len(), 3);
    assert_eq!(
        error.to_string(),
        format!(
            "too many requests: 429 Too Many Requests (wait, then run it again); Graph asks to wait 0.1 s; request-id {REQUEST_ID}; 3 tries"
        )
    );
}

#[tokio::test]
async fn an_unavailable_service_in_html_is_tried_again_and_then_an_error_503() {
    let server = server(html(503)).await;
    let error = client(&server)
        .me_revoke_sign_in_sessions()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));
    assert_eq!(error.request_id(), Some(REQUEST_ID));
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn one_try_means_one() {
    let server = server(html(503)).await;
    let client = builder(&server).retry(RetryPolicy::none()).build().unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_policy_is_not_shortened_but_given_up() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "400");
    let server = server(throttled).await;
    let start = Instant::now();
    let client = client(&server);
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 1));
    // The pool stays closed: the next call is not even sent.
    let next = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((next.kind(), next.attempts()), (ErrorKind::Throttled, 0));
    assert!(next.retry_after() > Some(Duration::from_secs(390)));
    assert!(client.paused_for() > Some(Duration::from_secs(390)));
    assert_eq!(received(&server).await.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn the_time_of_all_tries_is_bounded() {
    let server = server(html(503)).await;
    let client = builder(&server)
        .retry(
            quick()
                .max_tries(1_000_000)
                .max_elapsed(Duration::from_millis(200)),
        )
        .build()
        .unwrap();
    let start = Instant::now();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert!(error.attempts() > 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_setting_is_too_large() {
    let server = server_in_turn(vec![ResponseTemplate::new(503), json(200, SUCCESS)]).await;
    let policy = RetryPolicy::default()
        .max_tries(u32::MAX)
        .max_elapsed(Duration::MAX)
        .max_wait(Duration::MAX)
        .first_delay(Duration::from_millis(1));
    let client = builder(&server)
        .retry(policy)
        .timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .build()
        .unwrap();
    let revoked = client.me_revoke_sign_in_sessions().await.unwrap();
    assert_eq!(revoked.attempts, 2);
}

#[tokio::test]
async fn one_throttled_call_makes_all_wait() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "1.0");
    let server = server_in_turn(vec![throttled, json(200, SUCCESS)]).await;
    let client = client(&server);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.me_revoke_sign_in_sessions().await }
    });
    let (start, pause) = loop {
        let now = Instant::now();
        if let Some(pause) = client.paused_for() {
            break (now, pause);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let alice = client
        .clone()
        .user_revoke_sign_in_sessions(&user("alice@contoso.com"))
        .await
        .unwrap();
    assert!(start.elapsed() >= pause);
    assert_eq!(alice.attempts, 1);
    assert_eq!(first.await.unwrap().unwrap().attempts, 2);
    assert_eq!(received(&server).await.len(), 3);
}

/// A server that breaks so many connections after the request, then answers.
async fn breaks(times: u32) -> (Cloud, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let turn = count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            if turn >= times {
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{SUCCESS}",
                    SUCCESS.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (Cloud::custom(&address, &address).unwrap(), connections)
}

fn client_of(cloud: Cloud) -> Client {
    Client::builder(msgraph_sessions::StaticToken::new(TOKEN).unwrap())
        .cloud(cloud)
        .retry(quick())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_tried_again() {
    let (cloud, connections) = breaks(2).await;
    let revoked = client_of(cloud).me_revoke_sign_in_sessions().await.unwrap();
    assert_eq!(revoked.attempts, 3);
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn connections_that_all_break_leave_the_effect_open() {
    let (cloud, _) = breaks(u32::MAX).await;
    let error = client_of(cloud)
        .me_revoke_sign_in_sessions()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert_eq!((error.status(), error.attempts()), (None, 3));
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(
        error.to_string(),
        "no answer: the connection broke (check the network and the proxy); 3 tries"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_has_done_nothing() {
    let address = nobody_listens().await;
    let error = client_of(Cloud::custom(&address, &address).unwrap())
        .me_revoke_sign_in_sessions()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(
        error.to_string(),
        "no answer: cannot connect (check the network and the proxy); 3 tries"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_time_limit() {
    let server = server(json(200, SUCCESS).set_delay(Duration::from_secs(60))).await;
    let client = builder(&server)
        .timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NoAnswer, 3));
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(error.to_string().starts_with("no answer: timed out"));
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for status in [408, 500, 502, 503, 504] {
        let server = server_in_turn(vec![html(status), json(200, SUCCESS)]).await;
        let revoked = client(&server).revoke_me().await.unwrap();
        assert_eq!(revoked.attempts, 2, "{status}");
    }
    for status in [400, 404, 409, 501, 505] {
        let server = server_in_turn(vec![html(status), json(200, SUCCESS)]).await;
        let error = client(&server).revoke_me().await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
    }
}

/// A server that cuts the body of so many answers, then answers.
async fn cuts(times: u32, cut: &'static str) -> Cloud {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for turn in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            let length = SUCCESS.len();
            let body = if turn < times { cut } else { SUCCESS };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Cloud::custom(&address, &address).unwrap()
}

#[tokio::test]
async fn a_body_that_is_cut_is_tried_again_and_is_no_confirmation() {
    for cut in ["", &SUCCESS[..20]] {
        let revoked = client_of(cuts(2, cut).await).revoke_me().await.unwrap();
        assert_eq!(revoked.attempts, 3);
        let error = client_of(cuts(9, cut).await).revoke_me().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NoAnswer, 3));
        assert_eq!(error.effect(), Effect::Unknown);
        let said = error.to_string();
        assert!(
            said.starts_with("no answer: the connection broke in the middle of the answer: 200 OK"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_date_in_the_past_is_no_reason_to_hurry() {
    let throttled =
        ResponseTemplate::new(503).insert_header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
    let server = server_in_turn(vec![throttled, json(200, SUCCESS)]).await;
    let policy = RetryPolicy::default().first_delay(Duration::from_millis(300));
    let client = builder(&server).retry(policy).build().unwrap();
    let start = Instant::now();
    client.revoke_me().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_wait_of_more_than_an_hour_is_not_shortened() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "7200");
    let server = server(throttled).await;
    let error = client(&server).revoke_me().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7_200)));
    let options = bulk::Options::default();
    let mut outcomes = bulk::revoke_iter(&client(&server), ["a@x", "b@x"].map(user), options);
    let outcome = outcomes.next().await.unwrap();
    let error = outcome.result.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7_200)));
    while outcomes.next().await.is_some() {}
    assert!(matches!(outcomes.end(), Some(bulk::End::TooLongAPause(_))));
}

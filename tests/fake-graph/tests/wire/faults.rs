//! Faults of the connection and of the answer.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use fake_graph::FakeGraph;

use crate::raw::{Raw, form, post};

const ALICE: &str = "/v1.0/users/alice@contoso.com/revokeSignInSessions";

/// A fake with one rule, what came of one call, and how often Alice was revoked.
fn with(rule: &str) -> (std::io::Result<Raw>, u64) {
    let graph = FakeGraph::builder()
        .rule(rule.parse().unwrap())
        .start()
        .unwrap();
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let answer = post(graph.url(), ALICE, &token, "");
    (answer, graph.revocations("alice@contoso.com"))
}

#[test]
fn a_reset_leaves_nothing_done_and_a_lost_answer_does() {
    let (answer, done) = with("reset=next");
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(done, 0);
    let (answer, done) = with("lost-answer=next");
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(done, 1);
}

#[test]
fn a_hang_gives_no_byte() {
    let (answer, done) = with("hang=next");
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(done, 0);
}

#[test]
fn truncated_json_is_a_whole_message() {
    let (answer, done) = with("truncated-json=next");
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200);
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(length, answer.body.len());
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
    assert_eq!(done, 1);
}

#[test]
fn a_cut_body_promises_more_than_it_gives() {
    let (answer, done) = with("cut-body=next");
    // The reset may come to light before or after the half that was sent.
    match answer {
        Ok(answer) => {
            let length: usize = answer.header("content-length").unwrap().parse().unwrap();
            assert!(length > answer.body.len());
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert_eq!(done, 1);
}

#[test]
fn gateways_throttling_tokens_and_redirects_answer_without_doing() {
    for (rule, status, content) in [
        ("html:503=next", 503, Some("text/html; charset=us-ascii")),
        ("html:500=next", 500, Some("text/html; charset=us-ascii")),
        ("empty-429:2.128=next", 429, None),
        ("empty-429=next", 429, None),
        ("redirect:https://example.com/=next", 302, None),
        ("status:401=next", 401, None),
    ] {
        let (answer, done) = with(rule);
        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{rule}");
        assert_eq!(answer.header("content-type"), content, "{rule}");
        assert_eq!(done, 0, "{rule}");
        assert!(answer.header("request-id").is_some(), "{rule}");
    }
    let (answer, _) = with("empty-429:2.128=next");
    assert_eq!(answer.unwrap().header("retry-after"), Some("2.128"));
    let (answer, _) = with("redirect:https://example.com/=next");
    assert_eq!(
        answer.unwrap().header("location"),
        Some("https://example.com/")
    );
    let (answer, done) = with("expired-token=next");
    assert_eq!(answer.unwrap().code(), "InvalidAuthenticationToken");
    assert_eq!(done, 0);
}

#[test]
fn latency_comes_on_top() {
    let start = Instant::now();
    let (answer, done) = with("latency:80ms=always");
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!((answer.unwrap().status, done), (200, 1));
}

#[test]
fn the_same_seed_plays_the_same_faults() {
    let play = |seed: u64| -> Vec<u16> {
        let graph = FakeGraph::builder()
            .seed(seed)
            .rule("html:503=30%".parse().unwrap())
            .start()
            .unwrap();
        let token = graph.application_token(["User.RevokeSessions.All"]);
        (0..30)
            .map(|_| post(graph.url(), ALICE, &token, "").unwrap().status)
            .collect()
    };
    let first = play(1);
    assert_eq!(first, play(1));
    assert_ne!(first, play(2));
    assert!(first.contains(&200) && first.contains(&503));
}

#[test]
fn sign_in_faults_leave_graph_alone() {
    let graph = FakeGraph::builder()
        .rule("html:502@sign-in=always".parse().unwrap())
        .start()
        .unwrap();
    let token = graph.application_token(["User.RevokeSessions.All"]);
    assert_eq!(post(graph.url(), ALICE, &token, "").unwrap().status, 200);
    assert_eq!(form(graph.url(), "/t/oauth2/v2.0/token", "").status, 502);
}

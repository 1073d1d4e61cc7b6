//! Batches: limits, order, items refused one by one.

use std::time::Duration;

use fake_graph::{FakeGraph, Quota};
use serde_json::{Value, json};

use crate::raw::{Raw, post};

const LEAST: [&str; 1] = ["User.RevokeSessions.All"];

fn item(id: &str, url: &str) -> Value {
    json!({"id": id, "method": "POST", "url": url,
        "headers": {"Content-Type": "application/json"}, "body": {}})
}

fn users(count: usize) -> Vec<Value> {
    (1..=count)
        .map(|n| {
            item(
                &n.to_string(),
                &format!("/users/user{n}@contoso.com/revokeSignInSessions"),
            )
        })
        .collect()
}

fn send(graph: &FakeGraph, requests: &[Value]) -> Raw {
    let body = json!({ "requests": requests }).to_string();
    post(
        graph.url(),
        "/v1.0/$batch",
        &graph.application_token(LEAST),
        &body,
    )
    .unwrap()
}

#[test]
fn twenty_are_answered_in_another_order_and_twenty_one_refused() {
    let graph = FakeGraph::builder().seed(7).start().unwrap();
    let answer = send(&graph, &users(20)).json();
    let ids: Vec<u32> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            assert_eq!(
                (&r["status"], &r["body"]["value"]),
                (&json!(200), &json!(true))
            );
            r["id"].as_str().unwrap().parse().unwrap()
        })
        .collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=20).collect::<Vec<_>>());
    assert_ne!(ids, sorted);
    assert_eq!(
        (graph.totals().batches, graph.totals().batch_items),
        (1, 20)
    );

    let refused = send(&graph, &users(21));
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("exceeds the maximum value of 20"));
    assert_eq!(graph.totals().revocations, 20);
}

#[test]
fn a_batch_that_breaks_a_rule_is_refused_whole() {
    let graph = FakeGraph::start().unwrap();
    let url = "/users/a/revokeSignInSessions";
    let mut bare = item("1", url);
    bare.as_object_mut().unwrap().remove("body");
    let mut untyped = item("1", url);
    untyped.as_object_mut().unwrap().remove("headers");
    let mut chained = item("1", url);
    chained["dependsOn"] = json!(["0"]);
    for (requests, message) in [
        (vec![item("a", url), item("A", url)], "has to be unique"),
        (
            vec![item("", url)],
            "has to be unique in a batch and not empty",
        ),
        (vec![bare], "does not contain Content-Type header or body"),
        (
            vec![untyped],
            "does not contain Content-Type header or body",
        ),
        (vec![chained], "dependsOn"),
        (vec![], "no requests"),
        (vec![json!(1)], "Unable to read JSON request payload"),
    ] {
        let refused = send(&graph, &requests);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "BadRequest")
        );
        assert!(
            refused.body.contains(message),
            "{message}: {}",
            refused.body
        );
    }
    assert_eq!(graph.totals().revocations, 0);
}

#[test]
fn the_outer_200_says_nothing_about_the_items() {
    let graph = FakeGraph::builder()
        .absent("ghost@contoso.com")
        .quota(Quota::new(2, Duration::from_secs(60)))
        .start()
        .unwrap();
    let requests = [
        item("ok", "users/a/revokeSignInSessions"),
        item("ghost", "/users/ghost@contoso.com/revokeSignInSessions"),
        item("late", "/users/b/revokeSignInSessions"),
        item("me", "/me/revokeSignInSessions"),
        item(
            "outside",
            "https://graph.microsoft.com/v1.0/users/b/revokeSignInSessions",
        ),
        item("nested", "/$batch"),
    ];
    let answer = send(&graph, &requests);
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let by_id = |id: &str| {
        let all = json["responses"].as_array().unwrap();
        all.iter().find(|r| r["id"] == id).unwrap().clone()
    };
    assert_eq!(by_id("ok")["status"], 200);
    assert_eq!(by_id("ghost")["status"], 404);
    assert_eq!(
        by_id("ghost")["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    let late = by_id("late");
    assert_eq!(late["status"], 429);
    let wait = late["headers"]["Retry-After"].as_str().unwrap();
    assert!(wait.parse::<f64>().unwrap() > 0.0 && wait.contains('.'));
    assert_eq!(by_id("me")["status"], 400);
    assert_eq!(by_id("outside")["status"], 400);
    assert_eq!(by_id("nested")["status"], 400);
    assert_eq!(graph.totals().throttled, 1);
}

#[test]
fn faults_meet_single_items() {
    let graph = FakeGraph::builder()
        .rule("empty-429:1.5@user:user1@contoso.com=next".parse().unwrap())
        .rule("lost-answer@user:user2@contoso.com=next".parse().unwrap())
        .rule("html:503@user:user3@contoso.com=next".parse().unwrap())
        .rule("reset@item=next".parse().unwrap())
        .start()
        .unwrap();
    let json = send(&graph, &users(5)).json();
    let by_id = |id: &str| {
        let all = json["responses"].as_array().unwrap();
        all.iter().find(|r| r["id"] == id).unwrap().clone()
    };
    assert_eq!(by_id("1")["status"], 429);
    assert_eq!(by_id("1")["headers"]["Retry-After"], "1.5");
    assert_eq!(by_id("1")["body"], Value::Null);
    assert_eq!(by_id("2")["status"], 504);
    assert_eq!(by_id("3")["status"], 503);
    assert_eq!(by_id("4")["status"], 504);
    assert_eq!(by_id("5")["status"], 200);
    let done: Vec<u64> = (1..=5)
        .map(|n| graph.revocations(&format!("user{n}@contoso.com")))
        .collect();
    assert_eq!(done, [0, 1, 0, 0, 1]);
    assert_eq!(graph.totals().faults, 4);
}

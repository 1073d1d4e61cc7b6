//! Several users in one request.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use msgraph_sessions::{Confirmation, Effect, ErrorKind};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::{client, html, received, server, server_in_turn, user};

/// Answers each item as the function says, the last item first.
struct Items<F>(Mutex<F>);

impl<F: FnMut(&str) -> Option<Value> + Send> Respond for Items<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = request.body_json().unwrap();
        let mut answer = self.0.lock().unwrap();
        let responses: Vec<Value> = body["requests"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .filter_map(|item| {
                let mut answer = answer(item["url"].as_str().unwrap())?;
                answer["id"] = item["id"].clone();
                Some(answer)
            })
            .collect();
        ResponseTemplate::new(200).set_body_json(json!({"responses": responses}))
    }
}

async fn batch_server<F>(items: F) -> MockServer
where
    F: FnMut(&str) -> Option<Value> + Send + 'static,
{
    let server = MockServer::start().await;
    Mock::given(path("/v1.0/$batch"))
        .respond_with(Items(Mutex::new(items)))
        .mount(&server)
        .await;
    server
}

/// How many items each batch had.
async fn sizes(server: &MockServer) -> Vec<usize> {
    received(server)
        .await
        .iter()
        .map(|request| {
            let body: Value = request.body_json().unwrap();
            body["requests"].as_array().unwrap().len()
        })
        .collect()
}

#[tokio::test]
async fn users_go_twenty_at_a_time_and_answers_find_their_user() {
    let server = batch_server(|url| {
        let number = url.split(['u', '@']).find_map(|it| it.parse::<u32>().ok())?;
        Some(if number % 7 == 3 {
            json!({"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}})
        } else {
            json!({"status": 200, "headers": {"request-id": format!("r{number}")}, "body": {"value": true}})
        })
    })
    .await;
    let users: Vec<_> = (0..45)
        .map(|it| user(&format!("u{it}@contoso.com")))
        .collect();
    let results = client(&server).revoke_batch(&users).await;
    assert_eq!(sizes(&server).await, [20, 20, 5]);
    assert_eq!(results.len(), 45);
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(revoked) => {
                assert_ne!(number % 7, 3);
                assert_eq!(revoked.confirmation, Confirmation::True);
                assert_eq!(revoked.request_id, Some(format!("r{number}")));
            }
            Err(error) => {
                assert_eq!(number % 7, 3);
                assert_eq!(error.code(), Some("Request_ResourceNotFound"));
                assert_eq!(error.kind(), ErrorKind::Refused);
            }
        }
    }
}

#[tokio::test]
async fn an_item_is_written_as_the_documentation_has_it() {
    let server = batch_server(|_| Some(json!({"status": 204}))).await;
    let guest = user("bob_fabrikam.com#EXT#@contoso.onmicrosoft.com");
    let results = client(&server).revoke_batch(&[guest]).await;
    assert_eq!(results[0].as_ref().unwrap().status, 204);
    let body: Value = received(&server).await[0].body_json().unwrap();
    assert_eq!(
        body,
        json!({"requests": [{
            "id": "0",
            "method": "POST",
            "url": "/users/bob_fabrikam.com%23EXT%23@contoso.onmicrosoft.com/revokeSignInSessions",
            "headers": {"Content-Type": "application/json"},
            "body": {},
        }]})
    );
}

#[tokio::test]
async fn throttled_items_are_sent_again_alone() {
    let mut seen = std::collections::HashSet::new();
    let server = batch_server(move |url| {
        let throttled = url.contains("slow") && seen.insert(url.to_owned());
        Some(if throttled {
            json!({"status": 429, "headers": {"Retry-After": "0.2"}})
        } else {
            json!({"status": 200, "body": {"value": true}})
        })
    })
    .await;
    let users = ["a@x", "slow1@x", "b@x", "slow2@x"].map(user);
    let start = Instant::now();
    let results = client(&server).revoke_batch(&users).await;
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(sizes(&server).await, [4, 2]);
    let attempts: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().unwrap().attempts)
        .collect();
    assert_eq!(attempts, [1, 2, 1, 2]);
}

#[tokio::test]
async fn items_that_stay_throttled_are_errors_and_the_others_are_not() {
    let server = batch_server(|url| {
        Some(if url.contains("slow") {
            json!({"status": 429, "headers": {"retry-after": 0}})
        } else {
            json!({"status": 200})
        })
    })
    .await;
    let results = client(&server)
        .revoke_batch(&["a@x", "slow@x"].map(user))
        .await;
    assert!(results[0].is_ok());
    let error = results[1].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 3));
    assert_eq!(sizes(&server).await, [2, 1, 1]);
}

#[tokio::test]
async fn an_item_without_an_answer_is_an_error_whose_effect_is_open() {
    let server = batch_server(|url| (!url.contains("lost")).then(|| json!({"status": 200}))).await;
    let results = client(&server)
        .revoke_batch(&["a@x", "lost@x"].map(user))
        .await;
    assert!(results[0].is_ok());
    let error = results[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unanswered);
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn odd_items_do_not_harm_their_neighbours() {
    let server = batch_server(|url| {
        Some(if url.contains("odd") {
            json!({"status": 9, "headers": null, "body": "text"})
        } else {
            json!({"status": 200, "headers": null, "body": null})
        })
    })
    .await;
    let results = client(&server)
        .revoke_batch(&["a@x", "odd@x"].map(user))
        .await;
    assert!(results[0].is_ok());
    let error = results[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_fails_for_each() {
    let server = server(html(403)).await;
    let results = client(&server)
        .revoke_batch(&["a@x", "b@x"].map(user))
        .await;
    assert_eq!(results.len(), 2);
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(403), 1));
        assert_eq!(error.operation(), "userRevokeSignInSessions");
        assert_eq!(error.effect(), Effect::None);
    }
    assert!(client(&server).revoke_batch(&[]).await.is_empty());
}

fn items(items: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"responses": items}))
}

#[tokio::test]
async fn a_later_batch_that_fails_as_a_whole_does_not_hide_what_an_earlier_one_may_have_done() {
    let server = server_in_turn(vec![
        items(json!([
            {"id": "0", "status": 503},
            {"id": "1", "status": 429, "headers": {"retry-after": "0"}},
            {"id": "2", "status": 200},
        ])),
        html(403),
    ])
    .await;
    let results = client(&server)
        .revoke_batch(&["lost@x", "slow@x", "a@x"].map(user))
        .await;
    assert_eq!(sizes(&server).await, [3, 2]);
    for (result, effect) in results.iter().zip([Effect::Unknown, Effect::None]) {
        let error = result.as_ref().unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Refused, Some(403))
        );
        assert_eq!((error.attempts(), error.effect()), (2, effect));
        assert_eq!(error.operation(), "userRevokeSignInSessions");
    }
    assert!(results[2].is_ok());
}

#[tokio::test]
async fn the_tries_of_a_batch_are_tries_of_its_items() {
    let server = server_in_turn(vec![
        html(503),
        items(json!([
            {"id": "0", "status": 403},
            {"id": "2", "status": 429, "headers": {"retry-after": "0"}},
        ])),
        items(json!([])),
    ])
    .await;
    let results = client(&server)
        .revoke_batch(&["a@x", "out@x", "b@x"].map(user))
        .await;
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            let error = result.as_ref().unwrap_err();
            (error.kind(), error.attempts(), error.effect())
        })
        .collect();
    // The first answer, a gateway's, does not tell whether the batch went through.
    assert_eq!(
        told,
        [
            (ErrorKind::Refused, 2, Effect::Unknown),
            (ErrorKind::Unanswered, 2, Effect::Unknown),
            (ErrorKind::Unanswered, 3, Effect::Unknown),
        ]
    );
}

#[tokio::test]
async fn an_item_that_does_not_confirm_is_no_success() {
    let bodies = [
        json!({"value": false}),
        json!({"value": "false"}),
        json!({"error": {"code": "Blocked"}}),
        json!({"status": "blocked"}),
        json!("<html>"),
        json!({"@odata.context": "x"}),
        json!({"value": true}),
    ];
    let answers: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(id, body)| json!({"id": id.to_string(), "status": 200, "body": body}))
        .collect();
    let server = server(items(Value::from(answers))).await;
    let users: Vec<_> = (0..bodies.len())
        .map(|it| user(&format!("u{it}@x")))
        .collect();
    let results = client(&server).revoke_batch(&users).await;
    let kinds: Vec<_> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .map(|it| it.confirmation)
                .map_err(|it| it.kind())
        })
        .collect();
    assert_eq!(
        kinds,
        [
            Err(ErrorKind::Unconfirmed),
            Err(ErrorKind::Unconfirmed),
            Err(ErrorKind::Refused),
            Err(ErrorKind::Unconfirmed),
            Err(ErrorKind::Unreadable),
            Ok(Confirmation::ContextOnly),
            Ok(Confirmation::True),
        ]
    );
    assert_eq!(results[2].as_ref().unwrap_err().code(), Some("Blocked"));
}

#[tokio::test]
async fn a_malformed_item_spoils_only_itself() {
    let server = server(items(json!([
        {"id": "0", "status": "ok"},
        {"status": 200},
        "text",
        null,
        {"id": 1, "status": 200, "body": {"value": true}},
        {"id": "2", "status": 200, "headers": []},
        {"id": "3", "status": 204},
    ])))
    .await;
    let results = client(&server)
        .revoke_batch(&["a@x", "b@x", "c@x", "d@x", "e@x"].map(user))
        .await;
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().map(|_| ()).map_err(|it| it.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            Err(ErrorKind::Unreadable),
            Ok(()),
            Err(ErrorKind::Unreadable),
            Ok(()),
            Err(ErrorKind::Unanswered),
        ]
    );
}

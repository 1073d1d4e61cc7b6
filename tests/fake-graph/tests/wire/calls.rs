//! Single calls: both dialects, permissions, guests, quota.

use std::time::Duration;

use fake_graph::{FakeGraph, Operator, PERSONAL_TENANT, Quota, RetryAfter, Success};

use crate::raw::{Raw, exchange, post};

const LEAST: [&str; 1] = ["User.RevokeSessions.All"];
const ALICE: &str = "/v1.0/users/alice@contoso.com/revokeSignInSessions";

fn revoke(graph: &FakeGraph, path: &str, token: &str) -> Raw {
    post(graph.url(), path, token, "").unwrap()
}

#[test]
fn v1_answers_with_a_value_and_counts_the_revocation() {
    let graph = FakeGraph::start().unwrap();
    let answer = revoke(&graph, ALICE, &graph.application_token(LEAST));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["value"], true);
    assert_eq!(
        answer.json()["@odata.context"],
        format!("{}/v1.0/$metadata#Edm.Boolean", graph.url())
    );
    assert!(answer.header("request-id").is_some());
    let alice = graph.user("Alice@Contoso.com").unwrap();
    assert_eq!((alice.revocations, alice.effective), (1, 1));
    assert_eq!(graph.totals().revocations, 1);
}

#[test]
fn beta_answers_without_a_body_and_has_the_deprecated_twin() {
    let graph = FakeGraph::start().unwrap();
    let token = graph.delegated_token(LEAST);
    for path in [
        "/beta/me/revokeSignInSessions",
        "/beta/me/invalidateAllRefreshTokens",
        "/beta/users/alice@contoso.com/invalidateAllRefreshTokens",
    ] {
        let answer = revoke(&graph, path, &token);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
    }
    assert_eq!(graph.revocations("operator@contoso.com"), 2);
    let missing = revoke(&graph, "/v1.0/me/invalidateAllRefreshTokens", &token);
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (400, "BadRequest")
    );
}

#[test]
fn success_comes_in_every_documented_form() {
    for (success, status, body) in [
        (Success::False, 200, "\"value\":false"),
        (Success::NoContent, 204, ""),
        (Success::Empty, 200, ""),
        (Success::Accepted, 202, ""),
    ] {
        let graph = FakeGraph::builder().v1_success(success).start().unwrap();
        let answer = revoke(&graph, ALICE, &graph.application_token(LEAST));
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(body) && answer.body.is_empty() == body.is_empty());
        assert_eq!(graph.revocations("alice@contoso.com"), 1);
    }
}

#[test]
fn a_post_without_content_length_gets_the_html_411() {
    let graph = FakeGraph::start().unwrap();
    let token = graph.application_token(LEAST);
    let answer = exchange(
        graph.url(),
        &format!(
            "POST {ALICE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        ),
    )
    .unwrap();
    assert_eq!(answer.status, 411);
    assert!(answer.body.contains("Length Required"));
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(graph.revocations("alice@contoso.com"), 0);
}

#[test]
fn the_least_permission_suffices_and_a_lesser_one_is_denied() {
    let graph = FakeGraph::start().unwrap();
    for token in [
        graph.application_token(LEAST),
        graph.delegated_token(LEAST),
        graph.application_token(["User.ReadWrite.All"]),
        graph.delegated_token(["openid", "Directory.ReadWrite.All"]),
    ] {
        assert_eq!(revoke(&graph, ALICE, &token).status, 200);
    }
    for token in [
        graph.application_token(["User.Read.All"]),
        graph.application_token::<String>([]),
        graph.delegated_token(["User.ReadWrite"]),
        graph.delegated_token(["User.RevokeSessions"]),
    ] {
        let answer = revoke(&graph, ALICE, &token);
        assert_eq!(answer.status, 403);
        assert_eq!(answer.code(), "Authorization_RequestDenied");
        assert_eq!(
            answer.json()["error"]["innerError"]["request-id"],
            answer.header("request-id").unwrap()
        );
    }
    assert_eq!(graph.revocations("alice@contoso.com"), 4);
}

#[test]
fn me_is_refused_to_a_token_without_a_user() {
    let graph = FakeGraph::start().unwrap();
    let path = "/v1.0/me/revokeSignInSessions";
    let refused = revoke(&graph, path, &graph.application_token(LEAST));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "BadRequest")
    );
    assert_eq!(
        revoke(&graph, path, &graph.delegated_token(LEAST)).status,
        200
    );
}

#[test]
fn an_operator_without_a_role_may_revoke_only_themselves() {
    let operator = Operator {
        roles: Vec::new(),
        ..Operator::default()
    };
    let graph = FakeGraph::builder().operator(operator).start().unwrap();
    let token = graph.delegated_token(LEAST);
    assert_eq!(revoke(&graph, ALICE, &token).status, 403);
    let own = "/v1.0/users/operator@contoso.com/revokeSignInSessions";
    assert_eq!(revoke(&graph, own, &token).status, 200);
}

#[test]
fn a_personal_account_may_only_invalidate_tokens() {
    let graph = FakeGraph::start().unwrap();
    let mut claims = graph.delegated_claims(["User.ReadWrite", "User.RevokeSessions.All"]);
    claims.tid = PERSONAL_TENANT.to_owned();
    let token = claims.encode();
    assert_eq!(
        revoke(&graph, "/v1.0/me/revokeSignInSessions", &token).status,
        403
    );
    let status = revoke(&graph, "/beta/me/invalidateAllRefreshTokens", &token).status;
    assert_eq!(status, 204);
}

#[test]
fn tokens_that_are_missing_foreign_or_over_are_refused() {
    let graph = FakeGraph::start().unwrap();
    let mut foreign = graph.application_claims(LEAST);
    foreign.aud = "https://graph.microsoft.us".to_owned();
    let mut over = graph.application_claims(LEAST);
    over.exp = over.iat - 1;
    for (token, message) in [
        (String::new(), "empty"),
        ("opaque".to_owned(), "not well formed"),
        (foreign.encode(), "Invalid audience"),
        (over.encode(), "expired"),
    ] {
        let answer = revoke(&graph, ALICE, &token);
        assert_eq!(answer.status, 401);
        assert_eq!(answer.code(), "InvalidAuthenticationToken");
        assert!(answer.body.contains(message), "{message}: {}", answer.body);
    }
}

#[test]
fn guests_are_accepted_without_effect() {
    let graph = FakeGraph::start().unwrap();
    let path = "/v1.0/users/bob_fabrikam.com%23EXT%23@contoso.com/revokeSignInSessions";
    assert_eq!(
        revoke(&graph, path, &graph.application_token(LEAST)).status,
        200
    );
    let bob = graph.user("bob_fabrikam.com#EXT#@contoso.com").unwrap();
    assert!(bob.guest);
    assert_eq!((bob.revocations, bob.effective), (1, 0));
}

#[test]
fn a_user_is_one_under_id_and_name_and_others_do_not_exist() {
    let graph = FakeGraph::builder()
        .users(["carol@contoso.com"])
        .user("87d349ed-44d7-43e1-9a83-5f2406dee5bd", "alice@contoso.com")
        .start()
        .unwrap();
    let token = graph.application_token(LEAST);
    assert_eq!(revoke(&graph, ALICE, &token).status, 200);
    let by_id = "/v1.0/users/87D349ED-44D7-43E1-9A83-5F2406DEE5BD/revokeSignInSessions";
    assert_eq!(revoke(&graph, by_id, &token).status, 200);
    assert_eq!(graph.revocations("alice@contoso.com"), 2);
    let nobody = revoke(&graph, "/v1.0/users/nobody/revokeSignInSessions", &token);
    assert_eq!(nobody.status, 404);
    assert_eq!(nobody.code(), "Request_ResourceNotFound");
    assert_eq!(graph.users().len(), 2);
}

#[test]
fn get_is_not_allowed_on_an_action() {
    let graph = FakeGraph::start().unwrap();
    let token = graph.application_token(LEAST);
    let answer = exchange(
        graph.url(),
        &format!("GET {ALICE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"),
    )
    .unwrap();
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[test]
fn the_quota_refuses_with_a_decimal_retry_after_and_warns_before() {
    let graph = FakeGraph::builder()
        .quota(Quota::new(10, Duration::from_secs(30)))
        .start()
        .unwrap();
    let token = graph.application_token(LEAST);
    let shares: Vec<Option<f64>> = (0..10)
        .map(|_| {
            let answer = revoke(&graph, ALICE, &token);
            assert_eq!(answer.status, 200);
            answer
                .header("x-ms-throttle-limit-percentage")
                .map(|share| share.parse().unwrap())
        })
        .collect();
    assert!(shares[..7].iter().all(Option::is_none), "{shares:?}");
    assert!(shares[9].is_some_and(|share| share > 0.9), "{shares:?}");
    let refused = revoke(&graph, ALICE, &token);
    assert_eq!(refused.status, 429);
    assert_eq!(refused.code(), "TooManyRequests");
    let wait = refused.header("retry-after").unwrap();
    let seconds: f64 = wait.parse().unwrap();
    assert!(
        wait.contains('.') && (0.0..=3.0).contains(&seconds),
        "{wait}"
    );
    assert_eq!(graph.totals().throttled, 1);
    assert_eq!(graph.revocations("alice@contoso.com"), 10);
}

#[test]
fn retry_after_can_be_left_out() {
    let mut quota = Quota::new(1, Duration::from_secs(30));
    quota.retry_after = RetryAfter::Missing;
    quota.initial = Some(0);
    let graph = FakeGraph::builder().quota(quota).start().unwrap();
    let refused = revoke(&graph, ALICE, &graph.application_token(LEAST));
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
}

#[test]
fn the_log_keeps_headers_and_status_but_no_token() {
    let graph = FakeGraph::builder().log(1).start().unwrap();
    let token = graph.application_token(LEAST);
    revoke(&graph, "/v1.0/users/first/revokeSignInSessions", &token);
    revoke(&graph, ALICE, &token);
    let [seen] = &graph.requests()[..] else {
        panic!("one request is kept");
    };
    assert_eq!(seen.target, ALICE);
    assert_eq!(seen.status, Some(200));
    assert_eq!(seen.header("content-length"), Some("0"));
    assert_eq!(seen.header("authorization"), Some("Bearer"));
}

#[test]
fn the_admin_endpoints_read_and_steer() {
    let graph = FakeGraph::start().unwrap();
    let token = post(
        graph.url(),
        "/_fake/token",
        "",
        r#"{"application": ["User.RevokeSessions.All"]}"#,
    )
    .unwrap()
    .body;
    assert_eq!(
        post(graph.url(), "/_fake/rules", "", "html:503=next\n")
            .unwrap()
            .status,
        204
    );
    assert_eq!(revoke(&graph, ALICE, &token).status, 503);
    assert_eq!(revoke(&graph, ALICE, &token).status, 200);
    let get = |path: &str| {
        exchange(
            graph.url(),
            &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        )
        .unwrap()
    };
    let state = get("/_fake/state").json();
    assert_eq!(state["users"][0]["user"], "alice@contoso.com");
    assert_eq!(state["users"][0]["revocations"], 1);
    assert_eq!(state["totals"]["answers"]["503"], 1);
    assert_eq!(get("/_fake/requests").json().as_array().unwrap().len(), 2);
    assert_eq!(get("/_fake/nothing").status, 404);
    assert_eq!(
        post(graph.url(), "/_fake/rules", "", "nonsense")
            .unwrap()
            .status,
        400
    );
    post(graph.url(), "/_fake/reset", "", "").unwrap();
    assert_eq!(get("/_fake/totals").json()["revocations"], 0);
}

//! What the client makes of each answer.

use msgraph_sessions::{Confirmation, Effect, Error, ErrorKind, Revoked};
use wiremock::ResponseTemplate;

use crate::support::{REQUEST_ID, SUCCESS, client, html, json, received, server, user};

async fn ask(answer: ResponseTemplate) -> Result<Revoked, Error> {
    let server = server(answer).await;
    client(&server)
        .user_revoke_sign_in_sessions(&user("alice@contoso.com"))
        .await
}

/// Status and confirmation of a success whose ids are all there.
async fn success(answer: ResponseTemplate) -> (u16, Confirmation) {
    let revoked = ask(answer).await.unwrap();
    assert_eq!(revoked.request_id.as_deref(), Some(REQUEST_ID));
    assert_eq!(revoked.client_request_id.map(|id| id.len()), Some(36));
    assert_eq!(revoked.attempts, 1);
    (revoked.status, revoked.confirmation)
}

/// A failure whose ids are all there.
async fn failure(answer: ResponseTemplate) -> Error {
    let error = ask(answer).await.unwrap_err();
    assert_eq!(error.request_id(), Some(REQUEST_ID));
    assert_eq!(error.client_request_id().map(str::len), Some(36));
    assert_eq!(error.operation(), "userRevokeSignInSessions");
    error
}

#[tokio::test]
async fn a_body_with_true_is_a_confirmation() {
    assert_eq!(success(json(200, SUCCESS)).await, (200, Confirmation::True));
}

#[tokio::test]
async fn a_success_without_a_body_is_one_whatever_its_status() {
    for status in [200, 202, 204] {
        let answer = ResponseTemplate::new(status);
        assert_eq!(success(answer).await, (status, Confirmation::Empty));
        assert_eq!(success(json(200, "{}")).await, (200, Confirmation::Empty));
    }
    let context = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean"}"#;
    assert_eq!(
        success(json(200, context)).await,
        (200, Confirmation::ContextOnly)
    );
}

#[tokio::test]
async fn what_does_not_confirm_is_an_error_that_a_question_mark_finds() {
    for body in [
        r#"{"value":false}"#,
        r#"{"value":"false"}"#,
        r#"{"value":0}"#,
        r#"{"value":null}"#,
        r#"{"status":"blocked"}"#,
        "[]",
        "true",
    ] {
        let error = failure(json(200, body)).await;
        assert_eq!(error.kind(), ErrorKind::Unconfirmed, "{body}");
        assert_eq!((error.status(), error.attempts()), (Some(200), 1));
        assert_eq!(error.effect(), Effect::Unknown);
        assert!(error.is_transient());
    }
    let error = failure(json(200, r#"{"value":false}"#)).await;
    assert_eq!(
        error.to_string(),
        format!(
            "the answer does not confirm it: its value is false: 200 OK (send it again: that is harmless); request-id {REQUEST_ID}"
        )
    );
}

#[tokio::test]
async fn an_error_under_a_status_of_success_is_a_failure() {
    let body = r#"{"error":{"code":"Authorization_RequestDenied","message":"No."}}"#;
    let error = failure(json(200, body)).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.code(), Some("Authorization_RequestDenied"));
    assert_eq!(error.message(), Some("No."));
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn a_success_with_html_is_not_a_revocation() {
    let error = failure(html(200)).await;
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert_eq!(error.status(), Some(200));
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(
        error.to_string(),
        format!(
            "the answer is not one of Graph's: 200 OK (something between here and Graph may have answered in its place: check the network and the proxy); request-id {REQUEST_ID}"
        )
    );
}

#[tokio::test]
async fn a_success_cut_short_is_not_a_revocation() {
    let error = failure(json(200, &SUCCESS[..40])).await;
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn a_success_of_endless_length_is_not_a_revocation() {
    let body = format!(r#"{{"value":true,"x":"{}"}}"#, "x".repeat(5 << 20));
    let error = failure(json(200, &body)).await;
    assert_eq!(error.kind(), ErrorKind::Unreadable);
}

#[tokio::test]
async fn a_refusal_has_its_code_and_message() {
    let error = failure(json(
        403,
        r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"date":"2026-01-01T00:00:00","request-id":"x","client-request-id":"y"}}}"#,
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.status(), Some(403));
    assert_eq!(error.code(), Some("Authorization_RequestDenied"));
    assert_eq!(
        error.message(),
        Some("Insufficient privileges to complete the operation.")
    );
    assert_eq!(error.effect(), Effect::None);
    assert!(!error.is_transient());
    assert_eq!(
        error.to_string(),
        format!(
            "refused: 403 Forbidden, Authorization_RequestDenied (the token lacks the permission User.RevokeSessions.All, or the signed-in user lacks a role fit for this user); request-id {REQUEST_ID}"
        )
    );
}

#[tokio::test]
async fn a_refusal_without_a_body_has_its_status() {
    let error = failure(ResponseTemplate::new(401)).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!((error.status(), error.code()), (Some(401), None));
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_refusal_in_html_has_its_status() {
    let error = failure(html(411)).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!((error.status(), error.code()), (Some(411), None));
}

#[tokio::test]
async fn an_error_without_a_message_has_its_code() {
    let error = failure(json(
        404,
        r#"{"error":{"code":"Request_ResourceNotFound"}}"#,
    ))
    .await;
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.code(), Some("Request_ResourceNotFound"));
    assert_eq!(error.message(), None);
}

#[tokio::test]
async fn an_error_with_empty_or_odd_fields_has_its_status() {
    for body in [
        r#"{"error":{"code":"","message":"","innerError":null}}"#,
        r#"{"error":"invalid_request","error_description":"text"}"#,
        r#"{"error":{"code":7}}"#,
        "[]",
        "null",
        "{",
    ] {
        let error = failure(json(400, body)).await;
        assert_eq!(error.kind(), ErrorKind::Refused, "{body}");
        assert_eq!((error.status(), error.code()), (Some(400), None), "{body}");
    }
}

#[tokio::test]
async fn the_request_id_is_also_read_from_the_body() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::any())
        .respond_with(json(
            400,
            r#"{"error":{"code":"BadRequest","innerError":{"request-id":"from-the-body"}}}"#,
        ))
        .mount(&server)
        .await;
    let error = client(&server)
        .me_revoke_sign_in_sessions()
        .await
        .unwrap_err();
    assert_eq!(error.request_id(), Some("from-the-body"));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let elsewhere = server(json(200, SUCCESS)).await;
    let redirect = ResponseTemplate::new(302)
        .insert_header("location", format!("{}/v1.0/me", elsewhere.uri()));
    let error = failure(redirect).await;
    assert_eq!(error.kind(), ErrorKind::Redirected);
    assert_eq!(error.status(), Some(302));
    assert!(received(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_server_error_that_is_not_retried_leaves_the_effect_open() {
    let error = failure(json(501, r#"{"error":{"code":"NotImplemented"}}"#)).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(error.is_transient());
    assert_eq!(error.attempts(), 1);
}

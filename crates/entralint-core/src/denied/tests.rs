//! Texts in the words of the services, each invented.

use std::sync::OnceLock;

use msgraph_calls::Api;
use msgraph_permissions::Catalog;
use source_text::{Encoding, FileId, Source};

fn explain(text: &str) -> String {
    let catalog = Catalog::embedded();
    static API: OnceLock<Api> = OnceLock::new();
    let api = API.get_or_init(|| Api::of(catalog));
    let source = Source::new(FileId::default(), "stdin", text.to_owned(), Encoding::Utf8);
    super::render(&super::read(&source, catalog, api))
}

#[test]
fn a_body_with_its_request_line() {
    insta::assert_snapshot!(explain(
        r#"POST https://graph.microsoft.com/v1.0/users/5e9d1b70-0000-4000-8000-1f2a3b4c5d6e/revokeSignInSessions
HTTP/1.1 403 Forbidden
{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"request-id":"x"}}}"#
    ));
}

#[test]
fn a_message_that_lists_permissions() {
    insta::assert_snapshot!(explain(
        "Missing scope permissions on the request. API requires one of 'Channel.ReadBasic.All, ChannelSettings.Read.All, Group.ReadWrite.All'. Scopes on the request 'openid, profile, User.Read, email'"
    ));
}

#[test]
fn a_message_for_an_app_without_a_user() {
    insta::assert_snapshot!(explain(
        "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Missing role permissions on the request. API requires one of 'TeamMember.Read.All, TeamMember.ReadWrite.All'. Roles on the request 'User.Read.All'.\"}}"
    ));
}

#[test]
fn a_token_that_has_the_permission() {
    insta::assert_snapshot!(explain(
        "POST https://graph.microsoft.com/v1.0/users/a@contoso.com/revokeSignInSessions -> 403; Call contains scopes 'User.RevokeSessions.All User.Read'"
    ));
}

#[test]
fn a_refused_token() {
    insta::assert_snapshot!(explain(
        r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}"#
    ));
}

#[test]
fn the_words_of_powershell() {
    insta::assert_snapshot!(explain(
        "Revoke-MgUserSignInSession : Insufficient privileges to complete the operation.\nStatus: 403 (Forbidden)\nErrorCode: Authorization_RequestDenied\n"
    ));
}

#[test]
fn no_token_and_no_id_of_the_text_comes_out() {
    let out = explain(
        "GET https://graph.microsoft.com/v1.0/users/alice@contoso.com/messages\nAuthorization: Bearer eyJ0eXAiOiJKV1QiLCJhbGciOi\n403 Authorization_RequestDenied",
    );
    assert!(!out.contains("alice") && !out.contains("eyJ"), "{out}");
    assert!(out.contains("GET /users/{id}/messages"), "{out}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_explained(text in "\\PC{0,300}") {
        explain(&text);
    }

    #[test]
    fn any_words_of_a_denial_are_explained(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "API requires one of", "'", "\"", "code", ":", "https://graph.microsoft.com/", "é", "POST ", "[", "User.Read", "://",
                "Roles on the request", "\\\"", " ", ",",
            ]),
            0..30,
        )
    ) {
        explain(&parts.concat());
    }
}

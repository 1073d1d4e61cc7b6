//! `user` and `me`.

use fake_graph::{FakeGraph, Success};

use crate::desk::{Desk, LEAST, says, text};

#[test]
fn one_user_is_revoked_with_the_least_permission() {
    let desk = Desk::plain();
    says("user", desk.command("user alice@contoso.com --yes"));
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
}

#[test]
fn a_few_users_are_revoked_each_once() {
    let desk = Desk::plain();
    says(
        "user-several",
        desk.command("user alice@contoso.com ALICE@contoso.com ghost@contoso.com bob_x.com#EXT#@contoso.com --yes")
    );
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
    assert_eq!(desk.graph.totals().requests, 3);
}

#[test]
fn words_that_are_no_user_are_refused_before_anything_is_sent() {
    let desk = Desk::plain();
    for (user, reason) in [
        ("alice", "neither an object id nor a user principal name"),
        ("../me", "the user holds `/`"),
        (r"..\..\me", r"the user holds `\`"),
        ("me", "`me` is a word of Graph's own"),
        ("", "the user is empty"),
    ] {
        let output = desk.command("user --yes").arg(user).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(reason), "{}", text(&output));
    }
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn the_signed_in_user_is_revoked() {
    let desk = Desk::plain();
    let token = desk.graph.delegated_token(LEAST);
    says("me", desk.command_with("me --yes", &token));
    assert_eq!(desk.graph.revocations("operator@contoso.com"), 1);
}

#[test]
fn me_is_refused_to_an_app_before_anything_is_sent() {
    let desk = Desk::plain();
    says("me-as-app", desk.command("me --yes"));
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn the_own_account_needs_include_self() {
    let desk = Desk::plain();
    let token = desk.graph.delegated_token(LEAST);
    let line = "user operator@contoso.com alice@contoso.com --yes";
    says("user-self", desk.command_with(line, &token));
    assert_eq!(desk.graph.totals().requests, 0);
    let output = desk
        .command_with(&format!("{line} --include-self"), &token)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(desk.graph.revocations("operator@contoso.com"), 1);
}

#[test]
fn a_missing_permission_is_told_with_what_to_do() {
    let desk = Desk::plain();
    let token = desk.graph.application_token(["User.Read.All"]);
    says(
        "user-denied",
        desk.command_with("user alice@contoso.com --yes", &token),
    );
}

#[test]
fn an_answer_of_false_is_shown_and_is_no_success() {
    let desk = Desk::new(FakeGraph::builder().v1_success(Success::False));
    says("user-false", desk.command("user alice@contoso.com --yes"));
}

#[test]
fn json_says_the_same() {
    let desk = Desk::plain();
    says(
        "user-json",
        desk.command("user alice@contoso.com ghost@contoso.com --yes --format json"),
    );
}

#[test]
fn without_a_terminal_nothing_is_sent_unasked() {
    let desk = Desk::plain();
    says("nobody-to-ask", desk.command("user alice@contoso.com"));
    let token = desk.graph.delegated_token(LEAST);
    let me = desk.command_with("me", &token).output().unwrap();
    assert_eq!(me.status.code(), Some(2));
    assert_eq!(desk.graph.totals().requests, 0);
}

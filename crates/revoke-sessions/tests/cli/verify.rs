//! `verify`.

use fake_graph::FakeGraph;

use crate::desk::{Desk, text};

fn verify(desk: &Desk, permissions: &[&str], arguments: &str) -> (Option<i32>, String) {
    let token = desk.graph.application_token(permissions.iter().copied());
    let output = desk
        .command_with(&format!("verify run.jsonl {arguments}"), &token)
        .output()
        .unwrap();
    (output.status.code(), text(&output))
}

#[test]
fn values_that_are_older_than_the_revocation_are_listed() {
    let desk = Desk::new(
        FakeGraph::builder()
            .unmoved("bob@contoso.com")
            .absent("ghost@contoso.com"),
    );
    desk.write(
        "users.txt",
        "alice@contoso.com\nbob@contoso.com\nghost@contoso.com\n",
    );
    desk.json("bulk --users users.txt --yes --journal run.jsonl");
    let (code, said) = verify(&desk, &["User.Read.All"], "");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("takes the permission User.Read.All"),
        "{said}"
    );
    assert!(
        said.contains("Verified: the sessions of 1 user are valid only"),
        "{said}"
    );
    assert!(
        said.contains(
            "Older than the revocation: 1 user\n  bob@contoso.com (revoked): valid from 2020"
        ),
        "{said}"
    );
    assert!(
        said.contains("Not read: 1 user\n  ghost@contoso.com"),
        "{said}"
    );
    let (code, said) = verify(&desk, &["User.Read.All"], "--format json");
    assert_eq!(code, Some(1));
    assert!(
        said.contains("\"older\": 1") && said.contains("\"notRead\": 1"),
        "{said}"
    );
    // Nothing was revoked by reading.
    assert_eq!(desk.graph.totals().revocations, 2);
}

#[test]
fn without_the_permission_nothing_is_said_to_be_verified() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    desk.json("bulk --users users.txt --yes --journal run.jsonl");
    let (code, said) = verify(&desk, &["User.RevokeSessions.All"], "");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the sessions of 0 users") && said.contains("403 Forbidden"),
        "{said}"
    );
    assert!(
        said.contains("the token lacks the permission User.Read.All, which reading takes"),
        "{said}"
    );
    assert!(!said.contains("User.RevokeSessions.All"), "{said}");
    let (code, said) = verify(&desk, &["User.Read.All"], "");
    assert_eq!(code, Some(0), "{said}");
}

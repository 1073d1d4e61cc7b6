//! Exclusions go with the run: into its journal, and to whatever machine it goes on.

use fake_graph::FakeGraph;
use serde_json::Value;

use crate::desk::{Desk, text};

const GLASS: &str = "00000000-0000-4000-8000-000000000009";

/// A run with a standing exclusion that ends with one user open.
fn begun() -> Desk {
    let desk = Desk::new(
        FakeGraph::builder().rule("status:404@user:bob@contoso.com=next".parse().unwrap()),
    );
    desk.write(
        "users.txt",
        "alice@contoso.com\nglass@contoso.com\nbob@contoso.com\n",
    );
    desk.write(
        "glass.csv",
        format!("userPrincipalName,id\nglass@contoso.com,{GLASS}\nolder@contoso.com,\n"),
    );
    let output = desk
        .command("bulk --users users.txt --yes --journal run.jsonl")
        .env("REVOKE_SESSIONS_EXCLUDE", "glass.csv")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    desk
}

#[test]
fn the_journal_names_every_account_that_is_never_sent() {
    let desk = begun();
    let journal = desk.read("run.jsonl");
    let header: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    assert_eq!(
        header["neverSent"],
        serde_json::json!([
            {"user": "glass@contoso.com", "also": [GLASS]},
            {"user": "older@contoso.com"},
        ])
    );
    assert_eq!(header["excludedUsers"][0]["user"], "glass@contoso.com");
}

#[test]
fn a_run_goes_on_elsewhere_with_the_exclusions_of_its_journal() {
    let desk = begun();
    // Another machine: no standing exclusion, and not even the file.
    std::fs::remove_file(desk.path("glass.csv")).unwrap();
    let output = desk
        .command("bulk --resume run.jsonl --yes")
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("excluded       1 user: glass@contoso.com"),
        "{said}"
    );
    assert!(!said.contains("not in the list"), "{said}");
    assert_eq!(desk.graph.revocations("glass@contoso.com"), 0);
    assert_eq!(desk.graph.revocations("bob@contoso.com"), 1);
}

#[test]
fn a_journal_in_which_an_excluded_account_was_put_does_not_send_it() {
    let desk = begun();
    // As if the list in it had been made by another tool, which gives the account by its id.
    let journal = desk.read("run.jsonl");
    let mut lines: Vec<String> = journal.lines().map(str::to_owned).collect();
    let mut header: Value = serde_json::from_str(&lines[0]).unwrap();
    let users = [
        "alice@contoso.com".to_owned(),
        "bob@contoso.com".to_owned(),
        GLASS.to_owned(),
    ];
    header["users"] = 3.into();
    header["usersSha256"] = sha256(&users).into();
    lines[0] = header.to_string();
    lines.insert(3, format!("{{\"user\":\"{GLASS}\"}}"));
    desk.write("run.jsonl", lines.join("\n") + "\n");
    let (code, json) = desk.json("bulk --resume run.jsonl --yes");
    assert_eq!((code, &json["excluded"]), (0, &2.into()), "{json}");
    assert_eq!(desk.graph.revocations(GLASS), 0);
    assert_eq!(desk.graph.revocations("bob@contoso.com"), 1);
}

fn sha256(users: &[String]) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for user in users {
        hash.update(user.as_bytes());
        hash.update(b"\n");
    }
    base16ct::lower::encode_string(&hash.finalize())
}

#[test]
fn accounts_that_were_taken_out_on_the_way_stay_counted() {
    let desk = begun();
    desk.graph
        .add_rule("status:404@user:bob@contoso.com=always".parse().unwrap());
    desk.write("bob.txt", "bob@contoso.com\n");
    let (code, json) = desk.json("bulk --resume run.jsonl --exclude bob.txt --yes");
    assert_eq!(code, 3, "{json}");
    let line = "bulk --resume run.jsonl --yes --results all.csv";
    let (_, json) = desk.json(line);
    assert_eq!(json["excluded"], 2, "{json}");
    assert_eq!(desk.read("all.csv").matches(",excluded,").count(), 2);
}

#[test]
fn who_is_excluded_is_said_where_no_user_is_left() {
    let desk = Desk::plain();
    desk.write("users.txt", "glass@contoso.com\n");
    for arguments in [
        "user glass@contoso.com --yes",
        "bulk --users users.txt --yes",
    ] {
        let mut command = desk.command(arguments);
        command.env("REVOKE_SESSIONS_EXCLUDE", "glass@contoso.com");
        let output = command.output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(
            said.contains(
                "every user is excluded.\n  excluded       1 user: glass@contoso.com\n                 by REVOKE_SESSIONS_EXCLUDE\n"
            ),
            "{said}"
        );
    }
}

#[test]
fn files_and_json_are_given_where_no_user_is_left() {
    let desk = Desk::plain();
    desk.write("glass.txt", "glass@contoso.com\n");
    let (code, json) = desk
        .json("user glass@contoso.com --exclude glass.txt --yes --results one.csv --report one.md");
    assert_eq!((code, &json["users"]), (3, &0.into()));
    assert_eq!(json["excludedUsers"][0]["user"], "glass@contoso.com");
    assert!(desk.read("one.csv").contains("glass@contoso.com,excluded,"));
    assert!(desk.read("one.md").contains("glass@contoso.com"));
    let output = desk.command("user - --yes").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(
        text(&output).contains("standard input names no user"),
        "{}",
        text(&output)
    );
    assert_eq!(desk.graph.totals().requests, 0);
}

//! The files of a command line: none has two purposes, and each has a place.

use std::fs;

use crate::desk::{Desk, text};

#[test]
fn a_file_with_two_purposes_is_refused_before_anything_is_sent() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    desk.write("glass.txt", "glass@contoso.com\n");
    for (arguments, said) in [
        (
            "bulk --users users.txt --journal run.jsonl --results run.jsonl",
            "--journal and --results are the same file, run.jsonl",
        ),
        (
            "bulk --users users.txt --journal run.jsonl --results ./run.jsonl",
            "--journal and --results",
        ),
        (
            "bulk --users users.txt --journal run.jsonl --results users.txt",
            "--users and --results",
        ),
        (
            "bulk --users users.txt --journal run.jsonl --log run.jsonl",
            "--log and --journal",
        ),
        (
            "bulk --users users.txt --report all.md --results all.md",
            "--results and --report",
        ),
        (
            "bulk --users users.txt --exclude glass.txt --results glass.txt",
            "--exclude and --results",
        ),
        (
            "user alice@contoso.com --journal one.jsonl --results one.jsonl",
            "--journal and --results",
        ),
        (
            "me --results me.md --report me.md",
            "--results and --report",
        ),
    ] {
        let output = desk
            .command(&format!("{arguments} --yes"))
            .output()
            .unwrap();
        let all = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {all}");
        assert!(all.contains(said), "{arguments}: {all}");
    }
    let mut command = desk.command("user alice@contoso.com --yes --results glass.txt");
    let output = command
        .env("REVOKE_SESSIONS_EXCLUDE", "glass.txt")
        .output()
        .unwrap();
    assert!(
        text(&output).contains("standing exclusions and --results"),
        "{}",
        text(&output)
    );
    assert_eq!(desk.read("users.txt"), "alice@contoso.com\n");
    assert_eq!(desk.read("glass.txt"), "glass@contoso.com\n");
    assert_eq!(fs::read_dir(desk.path(".")).unwrap().count(), 2);
    assert_eq!(desk.graph.totals().requests, 0);
}

#[cfg(unix)]
#[test]
fn a_link_to_the_journal_is_the_journal() {
    let desk = Desk::plain();
    desk.write("users.txt", "ghost@contoso.com\n");
    desk.json("bulk --users users.txt --yes --journal run.jsonl");
    std::os::unix::fs::symlink("run.jsonl", desk.path("soft")).unwrap();
    fs::hard_link(desk.path("run.jsonl"), desk.path("hard")).unwrap();
    let before = desk.read("run.jsonl");
    for (option, name) in [("--results", "soft"), ("--log", "soft"), ("--log", "hard")] {
        let output = desk
            .command(&format!("bulk --resume run.jsonl --yes {option} {name}"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    }
    assert_eq!(desk.read("run.jsonl"), before);
}

#[test]
fn a_journal_without_a_folder_is_refused_before_anyone_signs_in() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    let output = desk
        .command("bulk --users users.txt --yes --journal nowhere/run.jsonl")
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("there is no folder nowhere"), "{said}");
    assert!(!said.contains("To be revoked"), "{said}");
}

#[test]
fn standard_output_is_no_file() {
    let desk = Desk::plain();
    for option in ["--results", "--journal", "--log"] {
        let output = desk
            .command(&format!("user alice@contoso.com --yes {option} -"))
            .output()
            .unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(&format!("{option} needs the name of a file")),
            "{said}"
        );
    }
    assert_eq!(fs::read_dir(desk.path(".")).unwrap().count(), 0);
    assert_eq!(desk.graph.totals().requests, 0);
}

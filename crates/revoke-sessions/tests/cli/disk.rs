//! Disks that are full, and journals that are gone: what was sent is still told.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use fake_graph::FakeGraph;
use serde_json::Value;

use crate::desk::{Desk, text};

fn users(count: usize) -> String {
    (0..count)
        .map(|n| format!("user{n}@contoso.com\n"))
        .collect()
}

/// The command under a limit on the size of files, which a full disk resembles: the journal takes the
/// list, and some outcomes.
fn limited(desk: &Desk, arguments: &str, bytes: u64) -> Output {
    let command = desk.command(arguments);
    let mut limited = Command::new("prlimit");
    limited
        .arg(format!("--fsize={bytes}"))
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .current_dir(desk.path("."));
    for (name, value) in command.get_envs() {
        limited.env(name, value.unwrap());
    }
    limited.output().unwrap()
}

fn revoked(desk: &Desk) -> BTreeSet<String> {
    let users = desk.graph.users();
    let revoked = users.iter().filter(|user| user.revocations > 0);
    revoked.map(|user| user.user.clone()).collect()
}

#[test]
fn a_disk_that_is_full_on_the_way_stops_the_run_and_names_who_is_not_recorded() {
    let desk = Desk::new(FakeGraph::builder().rule("latency:20ms=always".parse().unwrap()));
    desk.write("users.txt", users(400));
    let output = limited(
        &desk,
        "bulk --users users.txt --yes --journal run.jsonl --format json",
        40_000,
    );
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["end"], "journal-failed", "{said}");
    // Everyone who was sent is in the journal, or is named here.
    let journal = desk.read("run.jsonl");
    let mut told: BTreeSet<String> = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["outcome"] == "revoked")
        .map(|line| line["user"].as_str().unwrap().to_owned())
        .collect();
    let unrecorded = json["unrecorded"].as_array().unwrap();
    assert!(!unrecorded.is_empty() && !told.is_empty(), "{said}");
    assert_eq!(json["notRecorded"], unrecorded.len());
    for outcome in unrecorded {
        assert_eq!(outcome["outcome"], "revoked", "{said}");
        told.insert(outcome["user"].as_str().unwrap().to_owned());
    }
    let revoked = revoked(&desk);
    assert_eq!(told, revoked);
    assert!(revoked.len() < 400, "the run did not stop");
    assert_eq!(json["revoked"], revoked.len());
    assert_eq!(json["notSent"], 400 - revoked.len());
    // With room on the disk it goes on.
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
    assert_eq!(self::revoked(&desk).len(), 400);
}

#[test]
fn the_screen_and_the_files_name_who_is_not_recorded() {
    let desk = Desk::plain();
    desk.write("users.txt", users(100));
    let output = limited(
        &desk,
        "bulk --users users.txt --yes --journal run.jsonl --results all.csv --report all.md",
        24_000,
    );
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("Stopped, because the journal cannot be written: File too large"),
        "{said}"
    );
    let (_, listed) = said
        .split_once("Sent, and perhaps not in the journal:\n")
        .unwrap();
    let listed = listed.matches(": revoked at ").count();
    assert!(listed > 0, "{said}");
    let results = desk.read("all.csv");
    assert_eq!(results.matches(",false\n").count(), listed, "{results}");
    let page = desk.read("all.md");
    assert!(
        page.contains("## Sent, and perhaps not in the journal"),
        "{page}"
    );
    assert!(
        said.contains("To send the rest again:\n  revoke-sessions bulk --resume run.jsonl"),
        "{said}"
    );
}

#[test]
fn a_disk_that_is_full_before_the_list_is_down_sends_nothing() {
    let desk = Desk::plain();
    desk.write("users.txt", users(400));
    let output = limited(
        &desk,
        "bulk --users users.txt --yes --journal run.jsonl",
        4_000,
    );
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("error: cannot use the journal run.jsonl: File too large"),
        "{said}"
    );
    assert_eq!(desk.graph.totals().requests, 0);
    assert_eq!(fs::read_dir(desk.path(".")).unwrap().count(), 1);
}

#[test]
fn a_journal_that_is_gone_offers_no_way_on_from_it() {
    let desk = Desk::new(FakeGraph::builder().rule("latency:50ms=always".parse().unwrap()));
    desk.write("users.txt", users(2_000));
    let child = desk
        .command("bulk --users users.txt --yes --journal run.jsonl --concurrency 4")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while desk.graph.totals().revocations < 20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fs::remove_file(desk.path("run.jsonl")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("Start a new run from your list: revoking a user again is harmless."),
        "{said}"
    );
    assert!(!said.contains("--resume run.jsonl"), "{said}");
}

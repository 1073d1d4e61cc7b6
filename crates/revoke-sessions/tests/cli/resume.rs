//! Going on with a run from its journal.

use std::fs::OpenOptions;
use std::io::Write as _;

use fake_graph::{FakeGraph, Success};

use crate::desk::{Desk, LEAST, says, text};

/// A journal in which Alice is revoked and the ghost failed.
fn half_done() -> Desk {
    let desk = Desk::new(FakeGraph::builder());
    desk.graph
        .add_rule("status:404@user:ghost@contoso.com=next".parse().unwrap());
    desk.write("users.txt", "alice@contoso.com\nghost@contoso.com\n");
    let (code, _) = desk.json("bulk --users users.txt --yes --journal run.jsonl --concurrency 1");
    assert_eq!(code, 1);
    desk
}

#[test]
fn only_those_not_confirmed_are_sent_again() {
    let desk = half_done();
    says("resume", desk.command("bulk --resume run.jsonl --yes"));
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
    assert_eq!(desk.graph.revocations("ghost@contoso.com"), 1);
    assert_eq!(
        desk.outcomes("run.jsonl"),
        [
            "alice@contoso.com revoked",
            "ghost@contoso.com failed",
            "ghost@contoso.com revoked"
        ]
    );
    says(
        "resume-nothing",
        desk.command("bulk --resume run.jsonl --yes"),
    );
}

#[test]
fn an_answer_of_false_is_sent_again() {
    let desk = Desk::new(FakeGraph::builder().v1_success(Success::False));
    desk.write("users.txt", "alice@contoso.com\n");
    assert_eq!(
        desk.json("bulk --users users.txt --yes --journal run.jsonl")
            .0,
        1
    );
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 1);
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 2);
}

#[test]
fn a_dry_run_shows_what_is_left_and_leaves_the_journal_alone() {
    let desk = half_done();
    let before = desk.read("run.jsonl");
    let url = desk.graph.url();
    let mut command = desk.bare("bulk --resume run.jsonl --dry-run");
    command.args(["--graph", url, "--authority", url]);
    says("resume-dry-run", command);
    assert_eq!(desk.read("run.jsonl"), before);
}

#[test]
fn an_account_can_be_taken_out_on_the_way_and_stays_out() {
    let desk = half_done();
    desk.write("break-glass.txt", "ghost@contoso.com\nalice@contoso.com\n");
    desk.graph
        .add_rule("status:404@user:late@contoso.com=next".parse().unwrap());
    desk.write("users.txt", "ghost@contoso.com\nlate@contoso.com\n");
    let ghost_fails = "status:404@user:ghost@contoso.com=next".parse().unwrap();
    desk.graph.add_rule(ghost_fails);
    assert_eq!(
        desk.json("bulk --users users.txt --yes --journal two.jsonl")
            .0,
        1
    );
    says(
        "resume-exclude",
        desk.command("bulk --resume two.jsonl --exclude break-glass.txt --yes"),
    );
    assert_eq!(desk.graph.revocations("ghost@contoso.com"), 0);
    let again = desk
        .command("bulk --resume two.jsonl --yes")
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(3), "{}", text(&again));
    assert_eq!(desk.graph.revocations("ghost@contoso.com"), 0);
}

#[test]
fn taking_out_everyone_left_is_written_down() {
    let desk = half_done();
    desk.write("ghost.txt", "ghost@contoso.com\n");
    let before = desk.read("run.jsonl");
    let line = "bulk --resume run.jsonl --exclude ghost.txt";
    for (arguments, written) in [("--dry-run", false), ("--yes", true)] {
        let output = desk
            .command(&format!("{line} {arguments}"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        assert_eq!(desk.read("run.jsonl") != before, written, "{arguments}");
    }
    let again = desk
        .command("bulk --resume run.jsonl --yes")
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(3), "{}", text(&again));
    assert_eq!(desk.graph.revocations("ghost@contoso.com"), 0);
}

#[test]
fn users_who_are_denied_again_and_again_keep_nobody_from_a_try() {
    let desk = Desk::new(FakeGraph::builder());
    let admins: Vec<String> = (0..50).map(|n| format!("admin{n}@contoso.com")).collect();
    for admin in &admins {
        let rule = format!("status:403@user:{admin}=always");
        desk.graph.add_rule(rule.parse().unwrap());
    }
    desk.write(
        "users.txt",
        format!("{}\nalice@contoso.com\n", admins.join("\n")),
    );
    let line = "--yes --concurrency 1";
    let (code, json) = desk.json(&format!(
        "bulk --users users.txt --journal run.jsonl {line}"
    ));
    assert_eq!((code, json["end"].as_str()), (1, Some("denied")));
    let mut ends = Vec::new();
    for _ in 0..3 {
        let (_, json) = desk.json(&format!("bulk --resume run.jsonl {line}"));
        ends.push(json["end"].as_str().unwrap().to_owned());
    }
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
    assert_eq!(ends, ["denied", "finished", "finished"]);
}

#[test]
fn the_command_that_goes_on_carries_the_options_over() {
    let desk = half_done();
    let said = |options: &str| {
        desk.graph
            .add_rule("status:404@user:ghost@contoso.com=next".parse().unwrap());
        let (_, json) = desk.json(&format!("bulk --resume run.jsonl --yes {options}"));
        json["resume"].as_str().unwrap().to_owned()
    };
    let options =
        "--include-self --results r.csv --rate 2.5 --burst 7 --concurrency 3 --timeout 9.5";
    assert!(said(options).starts_with(&format!(
        "revoke-sessions bulk --resume run.jsonl {options} --graph"
    )));
    assert!(said("").starts_with("revoke-sessions bulk --resume run.jsonl --graph"));
}

#[test]
fn the_results_of_a_finished_run_can_be_had_later() {
    let desk = half_done();
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
    let (code, json) = desk.json("bulk --resume run.jsonl --results late.csv");
    assert_eq!((code, &json["revoked"]), (3, &2.into()));
    assert_eq!(desk.read("late.csv").matches(",revoked,").count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_does_not_cost_the_results() {
    let desk = half_done();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = desk
        .command("bulk --resume run.jsonl --yes --results results.csv")
        .stdout(full)
        .output()
        .unwrap();
    // Everyone was revoked, and that is what the exit code says.
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("error: "), "{}", text(&output));
    assert_eq!(desk.read("results.csv").matches(",revoked,").count(), 2);
}

#[test]
fn a_torn_last_line_is_understood() {
    let desk = half_done();
    let mut journal = OpenOptions::new()
        .append(true)
        .open(desk.path("run.jsonl"))
        .unwrap();
    write!(journal, "not json\n{{\"at\":\"2026").unwrap();
    says("resume-torn", desk.command("bulk --resume run.jsonl --yes"));
}

#[test]
fn a_second_run_on_the_same_journal_is_refused() {
    let desk = half_done();
    desk.graph
        .add_rule("latency:3s@user:ghost@contoso.com=next".parse().unwrap());
    let mut first = desk
        .command("bulk --resume run.jsonl --yes")
        .spawn()
        .unwrap();
    while desk.graph.requests().len() < 3 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    says(
        "resume-locked",
        desk.command("bulk --resume run.jsonl --yes"),
    );
    first.kill().unwrap();
    first.wait().unwrap();
    desk.graph.clear_rules();
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
}

#[test]
fn a_run_goes_on_only_where_it_began() {
    let desk = half_done();
    let said = |arguments: &str, token: &str| {
        let mut command = desk.bare(arguments);
        let output = command
            .args(["--yes", "--auth", "token"])
            .env("REVOKE_SESSIONS_TOKEN", token)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output).replace(desk.graph.url(), "http://GRAPH")
    };
    let token = desk.graph.application_token(LEAST);
    assert!(
        said("bulk --resume run.jsonl", &token).contains(
            "the journal is of a run against http://GRAPH, which is none of the four clouds: give the same --graph and --authority as then"
        )
    );
    assert!(said("bulk --resume run.jsonl --cloud china", &token).contains(
        "the journal is of a run against http://GRAPH, and this command is for https://microsoftgraph.chinacloudapi.cn"
    ));
    let mut other = desk.graph.application_claims(LEAST);
    other.tid = "33333333-3333-3333-3333-333333333333".to_owned();
    let url = desk.graph.url();
    assert!(
        said(
            &format!("bulk --resume run.jsonl --graph {url} --authority {url}"),
            &other.encode()
        )
        .contains("the journal is of a run in tenant 22222222-2222-2222-2222-222222222222, and you are signed in to tenant 33333333-3333-3333-3333-333333333333: nothing was sent")
    );
    assert_eq!(desk.graph.totals().requests, 2);
}

#[test]
fn what_is_no_journal_is_refused() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    for (name, said) in [
        (
            "users.txt",
            "users.txt is no journal of revoke-sessions: its first line is not JSON",
        ),
        (
            "missing.jsonl",
            "cannot use the journal missing.jsonl: No such file",
        ),
    ] {
        let output = desk
            .command(&format!("bulk --yes --resume {name}"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains(said), "{}", text(&output));
    }
}

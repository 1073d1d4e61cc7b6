//! Killed at any instant and resumed, a run loses nobody.

use std::collections::HashSet;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fake_graph::FakeGraph;
use serde_json::Value;

use crate::desk::{Desk, text};

const USERS: usize = 2000;
const KILLS: usize = 20;
/// The run goes at this pace, so that the kills are spread over it.
const RATE: usize = 800;

/// Who is confirmed in a journal, its torn end left out.
fn confirmed(journal: &str) -> HashSet<String> {
    journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["outcome"] == "revoked")
        .map(|line| line["user"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn killed_twenty_times_and_resumed_every_user_ends_confirmed() {
    let rules = [
        "latency:5ms=always",
        "reset=2%",
        "lost-answer=2%",
        "html:503=2%",
        "html:500=1%",
        "empty-429:0.05=1%",
        "truncated-json=1%",
        "cut-body=1%",
        "hang=0.2%",
    ];
    let graph = rules
        .iter()
        .fold(FakeGraph::builder().seed(42), |graph, rule| {
            graph.rule(rule.parse().unwrap())
        });
    let desk = Desk::new(graph);
    let users: Vec<String> = (0..USERS).map(|n| format!("user{n}@contoso.com")).collect();
    desk.write("users.txt", users.join("\n"));
    let pace = format!("--yes --timeout 1 --rate {RATE} --burst 16");
    let begin = format!("bulk --users users.txt --journal run.jsonl {pace}");
    let go_on = format!("bulk --resume run.jsonl {pace}");
    let journal = desk.path("run.jsonl");

    let mut random = fastrand::Rng::with_seed(7);
    let (mut kills, mut kills_while_sending) = (0, 0);
    while kills < KILLS {
        let line = if journal.exists() { &go_on } else { &begin };
        let sent_before = desk.graph.totals().requests;
        let mut child = desk
            .command(line)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Some kills come before anything is sent, most in the middle of it.
        let sending = random.u8(..10) > 0;
        let start = Instant::now();
        while sending
            && desk.graph.totals().requests == sent_before
            && start.elapsed() < Duration::from_secs(10)
        {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_micros(random.u64(0..60_000)));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.code().is_some() {
            // A machine under load may let a run come to its end before the kill.
            break;
        }
        kills += 1;
        let journal = match fs::read_to_string(&journal) {
            Ok(text) => text,
            // Killed before there was one; or so early that it has to begin anew.
            Err(_) => continue,
        };
        if journal.lines().count() <= USERS {
            assert_eq!(desk.graph.totals().requests, 0, "sent without a whole list");
            fs::remove_file(desk.path("run.jsonl")).unwrap();
            continue;
        }
        let confirmed = confirmed(&journal);
        kills_while_sending += usize::from(!confirmed.is_empty() && confirmed.len() < USERS);
        let untrue: Vec<_> = confirmed
            .iter()
            .filter(|user| desk.graph.revocations(user) == 0)
            .collect();
        assert!(untrue.is_empty(), "confirmed and not revoked: {untrue:?}");
    }
    assert!(
        kills_while_sending >= KILLS / 2,
        "{kills_while_sending} of {kills}"
    );

    // Left alone it comes to its end, although some users fail; without faults they do not.
    let output = desk.command(&go_on).output().unwrap();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{}", text(&output));
    desk.graph.clear_rules();
    let last = desk.command(&go_on).output().unwrap();
    let expected = if code == Some(0) { 3 } else { 0 };
    assert_eq!(last.status.code(), Some(expected), "{}", text(&last));

    let confirmed = confirmed(&desk.read("run.jsonl"));
    assert_eq!(confirmed.len(), USERS);
    let missed: Vec<_> = users
        .iter()
        .filter(|user| desk.graph.user(user).is_none_or(|u| u.effective == 0))
        .collect();
    assert!(missed.is_empty(), "not revoked: {missed:?}");
    // What is sent twice is what was under way at a kill, or whose answer was lost.
    let twice = desk.graph.totals().revocations as usize - USERS;
    println!("{kills} kills, {kills_while_sending} of them while sending; {twice} sent again");
    assert!(twice < USERS / 2, "{twice} sent again");
}

//! Ctrl-C, the termination signal, the end of the terminal.

use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use fake_graph::FakeGraph;
use rustix::process::{Pid, Signal, kill_process};

use crate::desk::{Desk, text};

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// A run over a thousand users that has begun to send.
fn running() -> (Desk, Child) {
    let desk = Desk::new(FakeGraph::builder().rule("latency:20ms=always".parse().unwrap()));
    let users: String = (0..1000)
        .map(|n| format!("user{n}@contoso.com\n"))
        .collect();
    desk.write("users.txt", users);
    let child = piped(desk.command("bulk --users users.txt --yes --journal run.jsonl"));
    while desk.graph.totals().revocations < 20 {
        sleep(Duration::from_millis(2));
    }
    (desk, child)
}

fn piped(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn resumes(desk: &Desk, output: &Output) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("Stopping: no further user is sent; waiting for the answers under way."),
        "{said}"
    );
    assert!(
        said.contains("Interrupted: not every user was revoked."),
        "{said}"
    );
    assert!(
        said.contains("To send the rest again:\n  revoke-sessions bulk --resume run.jsonl"),
        "{said}"
    );
    assert!(
        desk.read("run.jsonl")
            .trim_end()
            .ends_with("\"event\":\"interrupted\"}")
    );
    // Everyone who was revoked is in the journal: nothing was under way any more.
    let revoked = desk.graph.totals().revocations;
    assert_eq!(desk.outcomes("run.jsonl").len() as u64, revoked);
    assert!(revoked < 1000);
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
    assert_eq!(desk.graph.totals().revocations, 1000);
}

#[test]
fn ctrl_c_stops_in_good_order_and_says_how_to_go_on() {
    let (desk, child) = running();
    send(&child, Signal::INT);
    resumes(&desk, &child.wait_with_output().unwrap());
}

#[test]
fn the_termination_signal_does_the_same() {
    let (desk, child) = running();
    send(&child, Signal::TERM);
    resumes(&desk, &child.wait_with_output().unwrap());
}

#[test]
fn the_end_of_the_terminal_does_the_same() {
    let (desk, child) = running();
    send(&child, Signal::HUP);
    resumes(&desk, &child.wait_with_output().unwrap());
}

#[test]
fn a_second_ctrl_c_stops_at_once() {
    let (desk, child) = running();
    desk.graph.add_rule("hang=always".parse().unwrap());
    sleep(Duration::from_millis(100));
    send(&child, Signal::INT);
    sleep(Duration::from_millis(200));
    send(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(
        text(&output).contains("Stopped at once."),
        "{}",
        text(&output)
    );
    desk.graph.clear_rules();
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
}

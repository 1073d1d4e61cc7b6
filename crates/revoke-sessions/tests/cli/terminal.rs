//! With a person at a terminal: the question, and the progress bar.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::desk::Desk;

/// Runs a command on a terminal of its own, types `answer`, and gives the exit code and the screen.
fn at_terminal(mut command: Command, answer: &str) -> (i32, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut child = command
        .env("TERM", "xterm")
        .stdin(slave.try_clone().unwrap())
        .stdout(slave.try_clone().unwrap())
        .stderr(slave)
        .spawn()
        .unwrap();
    // The command holds the other end open until it is dropped.
    drop(command);
    let mut master = File::from(master);
    let screen = read_all(master.try_clone().unwrap());
    master.write_all(answer.as_bytes()).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    let screen = screen.join().unwrap();
    (code, screen)
}

/// The end of a terminal is an error, not an end of file.
fn read_all(mut terminal: File) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut screen = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            screen.extend_from_slice(&buffer[..length]);
        }
        String::from_utf8_lossy(&screen).replace('\r', "")
    })
}

#[test]
fn yes_goes_on() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\nbob@contoso.com\n");
    let (code, screen) = at_terminal(desk.command("bulk --users users.txt"), "yes\n");
    assert_eq!(code, 0, "{screen}");
    assert!(
        screen.contains("Revoke the sign-in sessions of 2 users? Type yes to go on: "),
        "{screen}"
    );
    assert!(screen.contains("Done: 2 users."), "{screen}");
    assert_eq!(desk.graph.totals().revocations, 2);
}

#[test]
fn anything_else_sends_nothing() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    for answer in ["y\n", "no\n", "\n", "yes please\n", "\u{4}"] {
        let (code, screen) = at_terminal(
            desk.command("bulk --users users.txt --journal run.jsonl"),
            answer,
        );
        assert_eq!(code, 2, "{answer:?}: {screen}");
        assert!(
            screen.contains("error: nothing was sent: not confirmed"),
            "{screen}"
        );
        assert!(!desk.path("run.jsonl").exists());
    }
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_bar_shows_how_far_it_is() {
    let desk = Desk::plain();
    desk.graph.add_rule("latency:30ms=always".parse().unwrap());
    let users: String = (0..300).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let (code, screen) = at_terminal(desk.command("bulk --users users.txt --yes"), "");
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains(" of 300, about "), "{screen:?}");
}

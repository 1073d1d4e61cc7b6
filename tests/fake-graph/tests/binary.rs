//! The binary, as its README shows it.

#![expect(
    clippy::unwrap_used,
    reason = "what a test helper cannot do fails the test"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Ends the process with the test, whichever way that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-graph"));
    command
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Starts it, and gives the address that it prints.
fn start(arguments: &str) -> (Running, String) {
    let mut child = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut first).unwrap();
    let (_, address) = first.trim().split_once("://").unwrap();
    (Running(child), address.to_owned())
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn every_command_line_of_the_readme_starts() {
    let readme = include_str!("../README.md");
    let lines: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("cargo run -p fake-graph"))
        .collect();
    assert!(lines.len() >= 4);
    for line in lines {
        let arguments = line.trim().trim_start_matches("-- ");
        // The first takes the port that the README names, which may be taken where tests run.
        let arguments = match arguments {
            "" => "--port 0",
            arguments => arguments,
        };
        let (_running, address) = start(arguments);
        if arguments.contains("--tls") {
            let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authority.pem");
            let pem = std::fs::read_to_string(written).unwrap();
            assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
            continue;
        }
        assert!(
            get(&address, "/_fake/totals").contains("\"requests\":0"),
            "{line}"
        );
    }
}

#[test]
fn every_part_of_a_rule_in_the_readme_is_one() {
    let readme = include_str!("../README.md");
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut parts = 0;
    for cell in cells {
        let (cell, _) = cell.split_once(" | ").unwrap();
        for part in format!("`{cell}").split('`').skip(1).step_by(2) {
            let as_fault = format!("{part}=always").parse::<fake_graph::Rule>();
            let as_target = format!("reset@{part}=always").parse::<fake_graph::Rule>();
            let as_time = format!("reset={part}").parse::<fake_graph::Rule>();
            assert!(
                as_fault.is_ok() || as_target.is_ok() || as_time.is_ok(),
                "{part}: {as_fault:?}"
            );
            parts += 1;
        }
    }
    assert!(parts >= 20, "{parts}");
}

fn fails(arguments: &str) -> String {
    let Output { status, stderr, .. } = command(arguments).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn flags_that_are_wrong_are_told() {
    for (arguments, said) in [
        (
            "--quota 3000",
            "`3000` is not WRITES/SECONDS such as 3000/150",
        ),
        ("--quota 0/1", "`0/1` is not WRITES/SECONDS"),
        (
            "--retry-after later",
            "choose decimal, integer, date or missing",
        ),
        ("--fault rest=1%", "`rest` is not a fault"),
        ("--users missing.txt", "fake-graph: No such file"),
    ] {
        let said_instead = fails(arguments);
        assert!(said_instead.contains(said), "{said_instead}");
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let (_running, address) = start("--port 0");
    let port = address.rsplit(':').next().unwrap();
    assert!(fails(&format!("--port {port}")).contains("fake-graph: Address already in use"));
}

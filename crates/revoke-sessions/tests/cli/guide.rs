//! The operator's guide: every command in it is run, and prints what the guide says.

use std::fs;
use std::path::Path;

use fake_graph::{FakeGraph, Registration};

use crate::desk::{Desk, stable};

/// A page whose `console` blocks are run, in order.
fn run_page(name: &str, desk: &Desk) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    let page = fs::read_to_string(&path).unwrap();
    let mut out = String::new();
    let mut block: Option<(usize, Vec<&str>)> = None;
    let mut run = 0;
    for line in page.lines() {
        let bare = line.trim_start();
        match &mut block {
            Some((indent, lines)) if bare == "```" => {
                let indent = *indent;
                for line in played(desk, lines, &mut run).lines() {
                    let pad = if line.is_empty() { 0 } else { indent };
                    out.push_str(&" ".repeat(pad));
                    out.push_str(line);
                    out.push('\n');
                }
                block = None;
            }
            Some((indent, lines)) => {
                lines.push(line.get(*indent..).unwrap_or_default());
                continue;
            }
            None if bare == "```console" => block = Some((line.len() - bare.len(), Vec::new())),
            None => {}
        }
        out.push_str(line);
        out.push('\n');
    }
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        fs::write(&path, &out).unwrap();
    }
    similar_asserts(&page, &out, name);
    run
}

#[track_caller]
fn similar_asserts(page: &str, played: &str, name: &str) {
    for (at, (old, new)) in page.lines().zip(played.lines()).enumerate() {
        assert_eq!(
            old,
            new,
            "{name}, line {}: UPDATE_GUIDE=1 writes it anew",
            at + 1
        );
    }
    assert_eq!(page.lines().count(), played.lines().count(), "{name}");
}

/// The commands of one block, each with what it prints.
fn played(desk: &Desk, lines: &[&str], run: &mut usize) -> String {
    let mut out = String::new();
    let mut lines = lines.iter().peekable();
    while let Some(line) = lines.next() {
        let command = line
            .strip_prefix("$ ")
            .unwrap_or_else(|| panic!("not a command: {line}"));
        out.push_str(line);
        out.push('\n');
        let mut below = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            below.push_str(line);
            below.push('\n');
        }
        match command.strip_prefix("cat ") {
            Some(name) => {
                // A file that a command wrote is shown; any other is written for the commands below.
                if desk.path(name).exists() {
                    below = as_in_the_guide(desk, &desk.read(name));
                } else {
                    desk.write(name, &below);
                }
                out.push_str(&below);
            }
            None => {
                out.push_str(&ran(desk, command));
                *run += 1;
            }
        }
    }
    out
}

fn ran(desk: &Desk, command: &str) -> String {
    let app = Registration::default();
    let arguments = command.strip_prefix("revoke-sessions ").unwrap();
    let mut child = desk.bare(arguments);
    child
        .env("REVOKE_SESSIONS_AUTH", "client-secret")
        .env("AZURE_TENANT_ID", "contoso.com")
        .env("AZURE_CLIENT_ID", &app.client_id)
        .env("AZURE_CLIENT_SECRET", &app.client_secret);
    if !arguments.contains("--cloud") {
        child
            .env("REVOKE_SESSIONS_GRAPH", desk.graph.url())
            .env("REVOKE_SESSIONS_AUTHORITY", desk.graph.url());
    }
    let ran = child.output().unwrap();
    // On a terminal the plan comes before the result.
    let said = [&ran.stderr, &ran.stdout]
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .concat();
    as_in_the_guide(desk, &said)
}

#[test]
fn every_command_of_the_guide_prints_what_it_says() {
    let desk = Desk::new(FakeGraph::builder().absent("mallory@contoso.com"));
    let run = run_page("revoke-sessions.md", &desk);
    assert!(run >= 8, "{run} commands");
    assert_eq!(desk.graph.revocations("emergency@contoso.com"), 0);
}

#[test]
fn every_command_of_the_page_on_verifying_prints_what_it_says() {
    let permissions = ["User.RevokeSessions.All", "User.Read.All"]
        .map(str::to_owned)
        .to_vec();
    let app = Registration {
        application: permissions,
        ..Registration::default()
    };
    let graph = FakeGraph::builder()
        .registration(app)
        .absent("mallory@contoso.com")
        .unmoved("bob@contoso.com");
    assert!(run_page("verifying.md", &Desk::new(graph)) >= 2);
}

#[test]
fn every_command_of_the_page_for_powershell_prints_what_it_says() {
    assert!(run_page("powershell.md", &Desk::plain()) >= 1);
}

/// The output with the cloud of the guide, and with names for what differs from run to run.
fn as_in_the_guide(desk: &Desk, said: &str) -> String {
    let url = desk.graph.url();
    let said = said
        .replace(
            &format!("custom ({url})"),
            "global (https://graph.microsoft.com)",
        )
        .replace(&format!(" --graph {url} --authority {url}"), "");
    stable(&said)
}

//! The operator's guide: every command in it is run, and prints what the guide says.

use std::fs;
use std::path::Path;

use fake_graph::{FakeGraph, Registration};

use crate::desk::{Desk, stable, text};

/// A command of the guide with what stands below it.
struct Shown {
    command: String,
    output: String,
}

/// The commands of every block marked `console`, in order.
fn shown(guide: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut indent = None;
    for line in guide.lines() {
        let bare = line.trim_start();
        match indent {
            None if bare == "```console" => indent = Some(line.len() - bare.len()),
            None => {}
            Some(_) if bare == "```" => indent = None,
            Some(indent) => {
                let line = line.get(indent..).unwrap_or_default();
                match (line.strip_prefix("$ "), all.last_mut()) {
                    (Some(command), _) => all.push(Shown {
                        command: command.to_owned(),
                        output: String::new(),
                    }),
                    (None, Some(shown)) => {
                        shown.output.push_str(line);
                        shown.output.push('\n');
                    }
                    (None, None) => panic!("output before the first command: {line}"),
                }
            }
        }
    }
    all
}

#[test]
fn every_command_of_the_guide_prints_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/revoke-sessions.md");
    let guide = fs::read_to_string(path).unwrap();
    let desk = Desk::new(FakeGraph::builder().absent("mallory@contoso.com"));
    let app = Registration::default();
    let mut run = 0;
    for Shown { command, output } in shown(&guide) {
        if let Some(name) = command.strip_prefix("cat ") {
            desk.write(name, &output);
            continue;
        }
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
        assert_eq!(
            as_in_the_guide(&desk, &said),
            output,
            "{command}\n{}",
            text(&ran)
        );
        run += 1;
    }
    assert!(run >= 8, "{run} commands");
    assert_eq!(desk.graph.revocations("emergency@contoso.com"), 0);
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

//! An operator's desk: a folder with files, the command, and a fake Graph to send to.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fake_graph::{Builder, FakeGraph};
use insta::Settings;
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const LEAST: [&str; 1] = ["User.RevokeSessions.All"];

pub(crate) struct Desk {
    pub(crate) graph: FakeGraph,
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new(graph: Builder) -> Self {
        Desk {
            graph: graph.start().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A Graph as it comes, where `ghost@contoso.com` does not exist.
    pub(crate) fn plain() -> Self {
        Desk::new(FakeGraph::builder().absent("ghost@contoso.com"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command with nothing but these words: an empty environment, no terminal, in the folder.
    pub(crate) fn bare(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_revoke-sessions"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .args(arguments.split_whitespace());
        command
    }

    /// The same with the fake Graph, and the least permission as an app.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        self.command_with(arguments, &self.graph.application_token(LEAST))
    }

    /// The same with another access token.
    pub(crate) fn command_with(&self, arguments: &str, token: &str) -> Command {
        let url = self.graph.url();
        let mut command = self.bare(arguments);
        command
            .args(["--graph", url, "--authority", url, "--auth", "token"])
            .env("REVOKE_SESSIONS_TOKEN", token);
        command
    }

    /// Runs it and gives the exit code and the JSON on standard output.
    pub(crate) fn json(&self, arguments: &str) -> (i32, Value) {
        let output = self
            .command(&format!("{arguments} --format json"))
            .output()
            .unwrap();
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", text(&output)));
        (output.status.code().unwrap(), json)
    }

    /// The outcomes in a journal, as `user outcome`.
    pub(crate) fn outcomes(&self, journal: &str) -> Vec<String> {
        self.read(journal)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["outcome"].is_string())
            .map(|line| {
                format!(
                    "{} {}",
                    line["user"].as_str().unwrap(),
                    line["outcome"].as_str().unwrap()
                )
            })
            .collect()
    }
}

/// Everything that a command wrote, for messages of tests.
pub(crate) fn text(output: &Output) -> String {
    format!(
        "{:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What differs from run to run, and the name that stands for it.
const VARYING: [(&str, &str); 7] = [
    (r"http://127\.0\.0\.1:\d+", "http://GRAPH"),
    (
        r"request-id [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "request-id ID",
    ),
    (
        r#"equestId": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}""#,
        r#"equestId": "ID""#,
    ),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"revoke-sessions-\d{8}T\d{6}Z", "revoke-sessions-TIME"),
    (r"  took           [\d.]+ s", "  took           TIME"),
    (r#""seconds": [\d.e-]+"#, r#""seconds": TIME"#),
];

/// The same text in every run.
pub(crate) fn stable(text: &str) -> String {
    VARYING
        .iter()
        .fold(text.to_owned(), |text, (pattern, name)| {
            Regex::new(pattern)
                .unwrap()
                .replace_all(&text, *name)
                .into_owned()
        })
}

/// Compares what a command says and how it ends with a snapshot.
#[track_caller]
pub(crate) fn says(name: &str, mut command: Command) {
    let output = command.output().unwrap();
    let part = |title: &str, bytes: &[u8]| match bytes {
        [] => String::new(),
        bytes => format!("--- {title}\n{}", String::from_utf8_lossy(bytes)),
    };
    let said = format!(
        "$ {}\n{}{}--- exit {}\n",
        line(&command),
        part("stdout", &output.stdout),
        part("stderr", &output.stderr),
        output.status.code().unwrap()
    );
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, stable(&said)));
}

/// The command line, without the address of the fake Graph.
fn line(command: &Command) -> String {
    let mut words = vec!["revoke-sessions".to_owned()];
    let mut arguments = command.get_args().map(|word| word.to_string_lossy());
    while let Some(word) = arguments.next() {
        match &*word {
            "--graph" | "--authority" => drop(arguments.next()),
            word => words.push(word.to_owned()),
        }
    }
    words.join(" ")
}

//! What the pages for agents say is what there is: commands run, snippets are read, names are those of the tools.

use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path)).expect("the page is there")
}

/// The blocks of a page in this language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    page.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a block has an end"))
        .collect()
}

#[test]
fn the_snippets_start_the_server_with_flags_that_it_has() {
    let page = page("docs/agents.md");
    let mut starts: Vec<Vec<String>> = Vec::new();
    for block in blocks(&page, "json") {
        let config: serde_json::Value = serde_json::from_str(block).expect("JSON");
        let servers = ["mcpServers", "servers", "context_servers"]
            .iter()
            .find_map(|name| config.get(name));
        let server = &servers.expect("servers")["entralint"];
        assert_eq!(server["command"], "entralint-mcp");
        starts.push(serde_json::from_value(server["args"].clone()).expect("arguments"));
    }
    for block in blocks(&page, "toml") {
        let config: toml::Table = block.parse().expect("TOML");
        let server = &config["mcp_servers"]["entralint"];
        assert_eq!(server["command"].as_str(), Some("entralint-mcp"));
        starts.push(server["args"].clone().try_into().expect("arguments"));
    }
    assert_eq!(starts.len(), 7);
    for arguments in starts {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_str().expect("UTF-8");
        // Without a client standard input is at its end, and the server stops.
        let status = Command::new(env!("CARGO_BIN_EXE_entralint-mcp"))
            .args(
                arguments
                    .iter()
                    .map(|flag| flag.replace("${workspaceFolder}", root))
                    .map(|flag| flag.replace("/path/to/repository", root)),
            )
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .status()
            .expect("it starts");
        assert!(status.success(), "{arguments:?}");
    }
}

#[test]
fn the_commands_of_the_skill_run() {
    let page = page("skills/entralint/SKILL.md");
    assert!(page.starts_with("---\nname: entralint\ndescription: "));
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    std::fs::write(
        at.join("manifest.json"),
        r#"{"requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"77f3a031-c388-4f99-b373-dc68676a979e","type":"Role"}]}]}"#,
    )
    .expect("a file");
    std::fs::write(
        at.join("worker.py"),
        "import requests\nrequests.post(f\"https://graph.microsoft.com/v1.0/users/{user}/revokeSignInSessions\")\n",
    )
    .expect("a file");
    let mut commands = 0;
    for line in blocks(&page, "console")
        .iter()
        .flat_map(|block| block.lines())
    {
        let command = line
            .strip_prefix("$ entralint ")
            .expect("a command of entralint");
        let mut words: Vec<&str> = Vec::new();
        for (at, part) in command.split('\'').enumerate() {
            // Every second part stands between quotes.
            if at % 2 == 1 {
                words.push(part);
            } else {
                words.extend(part.split_whitespace());
            }
        }
        let output = entralint(&words, at);
        let code = output.status.code();
        assert!(
            code == Some(0) || (words[0] == "check" && code == Some(1)),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        commands += 1;
    }
    assert_eq!(commands, 9);
}

/// The command line of the same build.
fn entralint(words: &[&str], folder: &Path) -> std::process::Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_entralint-mcp")).with_file_name("entralint");
    if !binary.is_file() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "entralint"])
            .current_dir(workspace())
            .status()
            .expect("cargo runs");
        assert!(built.success());
    }
    Command::new(binary)
        .args(words)
        .current_dir(folder)
        .output()
        .expect("entralint runs")
}

//! Every command of the README and of the guides runs, and prints what they say it prints.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::process::Command;

use e2e::Folder;

/// A command of a `console` block, and the output that stands below it.
struct Example {
    page: String,
    command: String,
    output: String,
}

fn examples(page: &str, text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ")
            && inside
        {
            examples.push(Example {
                page: page.to_owned(),
                command: command.to_owned(),
                output: String::new(),
            });
        } else if inside && let Some(example) = examples.last_mut() {
            example.output.push_str(line);
            example.output.push('\n');
        }
    }
    examples
}

fn pages() -> Vec<(String, String)> {
    let root = e2e::root();
    let mut paths = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root).unwrap().to_string(), text)
        })
        .collect()
}

/// What the commands of the pages find when they run.
fn folder() -> Folder {
    let folder = Folder::empty();
    let root = e2e::root();
    let example = std::fs::read(root.join("examples/session-revoker.json")).unwrap();
    folder.write("manifest.json", &example);
    folder.write("examples/session-revoker.json", &example);
    let config = std::fs::read(root.join("examples/entralint.toml")).unwrap();
    folder.write("examples/entralint.toml", &config);
    folder.write(
        "graph.json",
        r#"{ "appId": "00000003-0000-0000-c000-000000000000",
  "appRoles": [{ "id": "77f3a031-c388-4f99-b373-dc68676a979e", "value": "User.RevokeSessions.All", "isEnabled": true, "allowedMemberTypes": ["Application"] }],
  "oauth2PermissionScopes": [{ "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "value": "User.Read", "isEnabled": true, "type": "User" }] }"#,
    );
    folder.write(
        "src/revoke.ps1",
        "Invoke-MgGraphRequest -Method POST -Uri \"https://graph.microsoft.com/v1.0/users/$id/revokeSignInSessions\"\n",
    );
    folder.write(
        "calls.txt",
        "application POST /users/{id}/revokeSignInSessions\n",
    );
    folder.write(
        "session.har",
        r#"{ "log": { "version": "1.2", "entries": [{
  "request": { "method": "POST", "url": "https://graph.microsoft.com/v1.0/users/7/revokeSignInSessions", "headers": [] },
  "response": { "status": 403, "headers": [], "content": { "mimeType": "application/json",
    "text": "{\"error\":{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient privileges to complete the operation.\"}}" } }
}] } }"#,
    );
    for name in ["permissions.json", "provisioningInfo.json"] {
        let bytes = std::fs::read(root.join("tests/fixtures/catalog").join(name)).unwrap();
        folder.write(name, bytes);
    }
    folder
}

#[test]
fn every_command_of_the_linter_runs_and_prints_what_the_page_says() {
    let mut run = 0;
    let path = e2e::binary("entralint").parent().unwrap().to_string();
    for (page, text) in pages() {
        let folder = folder();
        for example in examples(&page, &text) {
            let command = example
                .command
                .replace("cargo run --quiet --package entralint -- ", "entralint ");
            // Needs the network; the commands of other programs have tests of their own.
            if !command.starts_with("entralint ") || command.contains("catalog fetch") {
                continue;
            }
            let output = Command::new("/bin/sh")
                .args(["-c", &command])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", &path)
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{page}: {command}: {stderr}"
            );
            if !example.output.is_empty() {
                let stdout = String::from_utf8_lossy(&output.stdout);
                assert_eq!(
                    stdout.trim_end(),
                    example.output.trim_end(),
                    "{}: {command}",
                    example.page
                );
            }
            run += 1;
        }
    }
    assert!(run >= 5, "only {run} commands");
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    for (page, text) in pages() {
        let folder = e2e::root().join(&page);
        let folder = folder.parent().unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(folder.join(target).exists(), "{page}: {target}");
        }
    }
}

#[test]
fn the_page_about_the_configuration_has_every_key_of_the_schema() {
    let read = |path: &str| std::fs::read_to_string(e2e::root().join(path)).unwrap();
    let page = read("docs/configuration.md");
    let schema: serde_json::Value = serde_json::from_str(&read("docs/schema/config.json")).unwrap();
    let tables = schema["$defs"].as_object().unwrap().values();
    let keys: Vec<&String> = tables
        .chain([&schema])
        .filter_map(|table| table["properties"].as_object())
        .flat_map(|properties| properties.keys())
        .collect();
    assert!(keys.len() > 30, "{keys:?}");
    for key in keys {
        assert!(page.contains(&format!("| `{key}` |")), "{key} is missing");
    }
}

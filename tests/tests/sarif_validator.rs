//! Microsoft's validator finds no error in our SARIF files, neither by GitHub's rules nor by those of Azure DevOps.
//! Opt-in, as it needs the program:
//!
//! ```text
//! npm ci --prefix tests/sarif-validator
//! ENTRALINT_SARIF_MULTITOOL=$PWD/tests/sarif-validator/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool \
//!   cargo test --package e2e --features sarif-validator --test sarif_validator
//! ```
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::process::{Command, Output};

use e2e::Folder;
use serde_json::Value;

/// What the agent of Azure Pipelines sets: the service wants to know the pipeline of a file. Elsewhere there is none to name.
const AZURE: [(&str, &str); 4] = [
    ("SYSTEM_DEFINITIONID", "12"),
    ("BUILD_DEFINITIONNAME", "entralint"),
    ("SYSTEM_PHASEID", "3d1f5a52-1b6e-5a2c-9d0f-6c6f1d6a2b11"),
    ("SYSTEM_PHASENAME", "Job"),
];

/// Writes a file, as it is written in a pipeline of that kind.
fn write(folder: &Folder, file: &str, kind: &str, arguments: &[&str]) -> Output {
    let mut command = folder.entralint(&["check", "--format", "concise"]);
    command
        .args(arguments)
        .args(["--output", &format!("sarif={file}")]);
    if kind == "Ado" {
        command.envs(AZURE);
    }
    command.output().unwrap()
}

/// What the validator finds in a file, by its own report.
fn errors(folder: &Folder, file: &str, kind: &str) -> Vec<String> {
    let program = std::env::var("ENTRALINT_SARIF_MULTITOOL")
        .expect("ENTRALINT_SARIF_MULTITOOL names the validator");
    let report = format!("{file}.{kind}.report");
    let output = Command::new(program)
        .args(["validate", file, "--rule-kind", kind, "--output", &report])
        .args(["--log", "ForceOverwrite"])
        .current_dir(folder.path())
        // It needs no ICU library then.
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output()
        .unwrap();
    let report: Value = serde_json::from_str(&folder.read(&report))
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let run = &report["runs"][0];
    assert_ne!(
        run["tool"]["driver"]["name"],
        Value::Null,
        "the validator ran: {output:?}"
    );
    let results = run["results"].as_array().cloned().unwrap_or_default();
    results
        .iter()
        .filter(|result| result["level"] == "error")
        .map(|result| format!("{} {}", result["ruleId"], result["message"]["arguments"]))
        .collect()
}

#[test]
fn every_sort_of_run_is_valid_for_github_and_for_azure_devops() {
    let folder = Folder::with(&[
        "apps/mixed.json",
        "apps/both-types.json",
        "apps/helpdesk.json",
        "apps/headline.json",
    ]);
    folder.write("broken app.json", "{ \"requiredResourceAccess\": [");
    folder.write("ä/über #1.json", folder.read("mixed.json"));
    folder.write("calls.txt", "POST /users/{id}/revokeSignInSessions\n");
    folder.write(
        "src/revoke.ps1",
        "Invoke-MgGraphRequest -Method POST -Uri \"https://graph.microsoft.com/v1.0/users/$id/revokeSignInSessions\"\n",
    );
    let runs: [(&str, &[&str]); 8] = [
        ("scanned", &[]),
        ("answered", &["--calls-from", "calls.txt"]),
        (
            "unanswered",
            &[
                "--calls",
                "GET /no/such/path",
                "--calls",
                "PATCH /users/{id}",
            ],
        ),
        ("one", &["helpdesk.json"]),
        ("nothing-selected", &["--select", "retired-api"]),
        ("missing-file", &["mixed.json", "absent.json"]),
        ("wrong-call", &["--calls", "FETCH /users"]),
        ("wrong-config", &["--config", "wrong.toml"]),
    ];
    folder.write("wrong.toml", "[rules]\nbroder-permission = 'off'\n");
    for (name, arguments) in runs {
        for kind in ["Ghas", "Ado"] {
            let file = format!("{name}.{kind}.sarif");
            let output = write(&folder, &file, kind, arguments);
            assert!(output.status.code().is_some_and(|code| code < 3));
            let errors = errors(&folder, &file, kind);
            assert!(errors.is_empty(), "{name}, {kind}: {errors:#?}");
        }
    }
}

#[test]
fn accepted_findings_are_valid_too() {
    let folder = Folder::with(&["apps/headline.json", "apps/helpdesk.json"]);
    folder.write(
        "entralint.toml",
        "[[allow]]\nrule = 'privileged-permission'\nreason = 'reviewed'\n",
    );
    let written = folder.entralint(&["baseline", "write"]).output().unwrap();
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    for kind in ["Ghas", "Ado"] {
        let file = format!("accepted.{kind}.sarif");
        let output = write(&folder, &file, kind, &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(folder.read(&file).contains("\"suppressions\""));
        let errors = errors(&folder, &file, kind);
        assert!(errors.is_empty(), "{kind}: {errors:#?}");
    }
}

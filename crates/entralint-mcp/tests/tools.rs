//! The tools: their schemas, and answers that are those of the command line.

mod common;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::{CheckOptions, Project, baseline};
use serde_json::{Value, json};

use common::{BROAD, Client, REVOKE, project};

#[test]
fn every_tool_answers_by_its_schema() {
    let folder = project();
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let tools = client.request("tools/list", json!({}))["result"]["tools"].clone();
    let tools = tools.as_array().expect("a list");
    let names: Vec<&str> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "needs",
            "check",
            "calls",
            "list_permissions",
            "fix",
            "explain",
            "denied"
        ]
    );
    for tool in tools {
        let is_fix = tool["name"] == "fix";
        assert_eq!(tool["annotations"]["readOnlyHint"], !is_fix, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], is_fix, "{tool}");
        assert_eq!(tool["annotations"]["idempotentHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["openWorldHint"], false, "{tool}");
    }
    for (name, arguments) in [
        ("needs", json!({"calls": [REVOKE, "GET /me"]})),
        ("check", json!({})),
        (
            "check",
            json!({"text": BROAD, "file_name": "manifest.json", "calls": [REVOKE]}),
        ),
        ("calls", json!({"paths": ["worker.py"]})),
        (
            "calls",
            json!({"text": "await client.Users[id].RevokeSignInSessions.PostAsync();", "file_name": "a.cs"}),
        ),
        ("check", json!({"list": "remarks"})),
        ("calls", json!({"list": "unresolved"})),
        ("list_permissions", json!({"list": "not-listed"})),
        ("list_permissions", json!({"paths": ["."]})),
        ("fix", json!({"unsafe_fixes": true})),
        ("explain", json!({"subject": "User.RevokeSessions.All"})),
        ("explain", json!({"subject": "broader-permission"})),
        (
            "denied",
            json!({"limit": 1, "text": "POST https://graph.microsoft.com/v1.0/users/x/revokeSignInSessions 403 Authorization_RequestDenied"}),
        ),
    ] {
        let tool = tools
            .iter()
            .find(|tool| tool["name"] == name)
            .expect("it is listed");
        let input = jsonschema::validator_for(&tool["inputSchema"]).expect("a schema");
        assert!(input.is_valid(&arguments), "{name} {arguments}");
        let result = client.ok(name, arguments.clone());
        let output = jsonschema::validator_for(&tool["outputSchema"]).expect("a schema");
        if let Err(error) = output.validate(&result) {
            panic!("{name}: {error}: {result}");
        }
        // The same question has the same answer.
        assert_eq!(client.ok(name, arguments), result);
    }
}

#[test]
fn answers_are_those_of_the_command_line() {
    let folder = project();
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let needs = client.ok("needs", json!({"calls": [REVOKE]}));
    assert_eq!(
        needs["needs"][0]["minimal"],
        json!(["User.RevokeSessions.All"])
    );
    assert_eq!(
        needs["needs"][0]["calls"][0]["covered_by"],
        json!(["User.RevokeSessions.All"])
    );
    let check = client.ok("check", json!({"paths": ["manifest.json"]}));
    assert_eq!(check["findings"][0]["rule"], "broader-permission");
    assert_eq!(
        check["findings"][0]["instead"],
        json!(["User.RevokeSessions.All"])
    );
    let first = client.ok("check", json!({"limit": 1}));
    assert_eq!(
        (
            &first["findings"].as_array().map(Vec::len),
            &first["next_cursor"]
        ),
        (&Some(1), &json!("1"))
    );
    let second = client.ok("check", json!({"limit": 1, "cursor": "1"}));
    assert_ne!(first["findings"], second["findings"]);
    let calls = client.ok("calls", json!({}));
    assert_eq!(
        calls["calls"][0]["path"],
        "/users/{id}/revokeSignInSessions"
    );
    let list = client.ok("list_permissions", json!({}));
    assert_eq!(list["permissions"][0]["name"], "Directory.ReadWrite.All");
    assert!(
        client
            .wrong("needs", json!({"calls": ["nonsense"]}))
            .contains("nonsense")
    );
    assert!(
        client
            .wrong("explain", json!({"subject": "User.Reed"}))
            .contains("did you mean User.Read")
    );
}

#[test]
fn files_are_written_only_with_both_permissions() {
    let folder = project();
    let path = folder.path().join("manifest.json");
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let dry = client.ok("fix", json!({"unsafe_fixes": true}));
    assert!(
        dry["diff"]
            .as_str()
            .is_some_and(|diff| diff.contains("-{\"id\":\"19dbc75e")),
        "{dry}"
    );
    assert_eq!((&dry["applied"], &dry["fixes"]), (&json!(false), &json!(1)));
    assert!(
        dry["edits"]
            .as_array()
            .is_some_and(|edits| !edits.is_empty()),
        "{dry}"
    );
    let safe = client.ok("fix", json!({}));
    assert_eq!(
        (&safe["fixes"], &safe["unsafe_left"]),
        (&json!(0), &json!(1))
    );
    assert!(
        client
            .wrong("fix", json!({"unsafe_fixes": true, "apply": true}))
            .contains("--allow-write")
    );
    assert_eq!(fs::read_to_string(&path).expect("it is there"), BROAD);
    drop(client);
    let mut client = Client::initialized(folder.path(), &["--allow-write"], json!({}));
    assert_eq!(
        client.ok("fix", json!({"unsafe_fixes": true}))["applied"],
        false
    );
    assert_eq!(fs::read_to_string(&path).expect("it is there"), BROAD);
    assert_eq!(
        client.ok("fix", json!({"unsafe_fixes": true, "apply": true}))["applied"],
        true
    );
    assert_ne!(fs::read_to_string(&path).expect("it is there"), BROAD);
    assert_eq!(
        client.ok("fix", json!({"unsafe_fixes": true, "apply": true}))["applied"],
        false
    );
}

/// What a finding says, for comparing.
fn findings_of(report: &entralint_core::report::Report) -> Vec<Value> {
    let open = report.findings.iter().filter(|finding| finding.is_open());
    open.map(|finding| {
        let at = finding.place.as_ref().map(|mark| &mark.at);
        json!([
            finding.rule.id,
            finding.severity.as_str(),
            at.map(|at| at.path.as_str()),
            at.map(|at| at.start.line),
        ])
    })
    .collect()
}

/// What the command line says of these paths, or why it says nothing.
fn checked(folder: &Utf8Path, paths: &[&str]) -> Result<Vec<Value>, String> {
    let paths: Vec<Utf8PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
    let project = Project::open(folder, &CatalogOptions::default(), &paths)?;
    let known = baseline::load(
        &project.files,
        None,
        project.config.of_run(),
        &project.root,
        false,
    )?;
    let mut run = project.check(&CheckOptions {
        paths,
        calls: CallOptions::default(),
        limit: 1 << 26,
        scan: true,
        include_tests: false,
        keep_apps: false,
        keep_said: false,
        today: jiff::Zoned::now().date(),
    })?;
    run.finish(known.as_ref().and_then(|known| known.baseline.as_ref()));
    Ok(findings_of(&run.report))
}

/// What the server says: all parts of the list.
fn served(client: &mut Client, arguments: &Value, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut arguments = arguments.clone();
        arguments["limit"] = json!(limit);
        if cursor.is_string() {
            arguments["cursor"] = cursor;
        }
        let part = client.ok("check", arguments);
        let findings = part["findings"].as_array().expect("a list");
        all.extend(findings.iter().map(|finding| {
            json!([
                finding["rule"],
                finding["severity"],
                finding["file"],
                finding["line"],
            ])
        }));
        cursor = part["next_cursor"].clone();
        if cursor.is_null() {
            assert_eq!(part["total"], all.len());
            return all;
        }
    }
}

/// A repository with a configuration at its root and others in folders.
fn nested() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    write(
        "entralint.toml",
        "version = 1\n[rules]\nprivileged-permission = \"off\"\n",
    );
    write("a/manifest.json", BROAD);
    write(
        "a/entralint.toml",
        &format!("version = 1\ncalls = [\"{REVOKE}\"]\n"),
    );
    write("b/manifest.json", BROAD);
    write("b/deep/manifest.json", BROAD);
    write(
        "b/deep/entralint.toml",
        "version = 1\ncalls = [\"application GET /users\"]\n",
    );
    folder
}

/// The path of a temporary folder, links resolved.
fn real(folder: &tempfile::TempDir) -> Utf8PathBuf {
    Utf8Path::from_path(folder.path())
        .expect("UTF-8")
        .canonicalize_utf8()
        .expect("it is there")
}

#[test]
fn configurations_in_nearer_folders_count_as_on_the_command_line() {
    let folder = nested();
    let at = real(&folder);
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    for paths in [
        &["."][..],
        &["a"],
        &["a/manifest.json"],
        &["b", "a"],
        &["b/deep/manifest.json"],
    ] {
        let wanted = checked(&at, paths).expect("it is checked");
        assert_eq!(
            served(&mut client, &json!({ "paths": paths }), 1),
            wanted,
            "{paths:?}"
        );
        assert!(
            wanted
                .iter()
                .any(|finding| finding[0] == "broader-permission"),
            "{paths:?}: {wanted:?}"
        );
        assert!(
            !wanted
                .iter()
                .any(|finding| finding[0] == "privileged-permission"),
            "{paths:?}: {wanted:?}"
        );
    }
}

#[test]
fn the_fixtures_have_the_findings_of_the_command_line() {
    let fixtures = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut compared = 0;
    let mut folders: Vec<Utf8PathBuf> = fixtures
        .read_dir_utf8()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").into_path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
        // Outside of this repository, whose own root would count.
        let copy = tempfile::tempdir().expect("a folder");
        let to = real(&copy);
        copy_all(&folder, &to);
        let mut client = Client::initialized(copy.path(), &[], json!({}));
        match checked(&to, &["."]) {
            Ok(wanted) => {
                assert_eq!(served(&mut client, &json!({}), 200), wanted, "{folder}");
                compared += wanted.len();
            }
            Err(_) => {
                client.wrong("check", json!({}));
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

fn copy_all(from: &Utf8Path, to: &Utf8Path) {
    for entry in from.read_dir_utf8().expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy_all(entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

#[test]
fn a_text_is_checked_as_if_its_file_had_it() {
    let folder = nested();
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let rules = |client: &mut Client, name: &str| -> Vec<String> {
        let check = client.ok("check", json!({"text": BROAD, "file_name": name}));
        let findings = check["findings"].as_array().expect("a list").clone();
        findings
            .iter()
            .filter_map(|finding| Some(finding["rule"].as_str()?.to_owned()))
            .collect()
    };
    // The configuration of the folder counts, and that of the root, whether the file is there or not.
    for name in ["a/manifest.json", "a/new.json", "a/none/yet/new.json"] {
        assert_eq!(rules(&mut client, name), ["broader-permission"], "{name}");
    }
    let instead = |client: &mut Client, name: &str| {
        let check = client.ok("check", json!({"text": BROAD, "file_name": name}));
        check["findings"][0]["instead"].clone()
    };
    assert_eq!(
        instead(&mut client, "a/new.json"),
        json!(["User.RevokeSessions.All"])
    );
    assert_eq!(
        instead(&mut client, "b/deep/new.json"),
        json!(["User.Read.All"])
    );
    let calls = client.ok(
        "calls",
        json!({"text": "import requests\nrequests.get(\"https://graph.microsoft.com/v1.0/users\")\n", "file_name": "b/none.py"}),
    );
    assert_eq!(calls["calls"][0]["path"], "/users", "{calls}");
    assert!(!folder.path().join("b/none.py").exists());
    for name in ["../x.json", "/etc/x.json", "a", "", "x/", "a\u{0}.json"] {
        client.wrong("check", json!({"text": "{}", "file_name": name}));
    }
}

#[test]
fn every_list_can_be_asked_for_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..30 {
        fs::write(
            folder.path().join(format!("broken{number:02}.json")),
            "{\"requiredResourceAccess\": [",
        )
        .expect("a file");
        fs::write(
            folder.path().join(format!("worker{number:02}.py")),
            "import requests\nrequests.get(\"https://graph.microsoft.com/v1.0/\" + path)\n",
        )
        .expect("a file");
    }
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    for (tool, list, member, total) in [
        ("calls", "unresolved", "unresolved", "unresolved_total"),
        (
            "list_permissions",
            "not-listed",
            "not_listed",
            "not_listed_total",
        ),
        ("check", "remarks", "remarks", "remarks_total"),
    ] {
        let first = client.ok(tool, json!({}));
        assert!(
            first[member].as_array().expect("a list").len() <= 11,
            "{first}"
        );
        let wanted = first[total].as_u64().expect("a number");
        let (mut found, mut cursor) = (0, Value::Null);
        loop {
            let mut arguments = json!({"list": list, "limit": 9});
            if cursor.is_string() {
                arguments["cursor"] = cursor;
            }
            let part = client.ok(tool, arguments);
            found += part[member].as_array().expect("a list").len() as u64;
            cursor = part["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(found, wanted, "{tool}");
        assert!(found >= 30 || tool == "check", "{tool}: {found}");
    }
}

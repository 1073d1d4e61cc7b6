//! What goes wrong is said with its place, and the other files are still checked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use insta_cmd::assert_cmd_snapshot;

#[test]
fn a_broken_manifest_is_a_finding_and_the_others_are_checked() {
    let folder = Folder::with(&["apps/headline.json"]);
    folder.write(
        "broken.json",
        "{\n  \"requiredResourceAccess\": [\n    { \"resourceAppId\": \n",
    );
    folder.write(
        "latin1.json",
        b"{ \"requiredResourceAccess\": [], \"x\": \"\xe4\" }",
    );
    folder.write("empty.json", "");
    folder.write("settings.json", "{ \"editor.tabSize\": 2 }");
    folder.write("not-json.json", "hello");
    assert_cmd_snapshot!(folder.entralint(&["check"]));
}

#[test]
fn a_named_file_that_is_no_manifest_is_an_error_that_says_so() {
    let folder = Folder::with(&["apps/headline.json"]);
    folder.write("empty.json", "");
    folder.write("settings.json", "{ \"editor.tabSize\": 2 }");
    folder.write("not-json.json", "hello");
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "empty.json",
        "settings.json",
        "not-json.json",
        "absent.json",
        "headline.json",
    ]));
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_a_link_to_itself_are_errors() {
    let folder = Folder::with(&["apps/headline.json"]);
    std::os::unix::fs::symlink("loop.json", folder.path().join("loop.json")).unwrap();
    folder.write("sub/readme.txt", "");
    std::os::unix::fs::symlink("..", folder.path().join("sub/up")).unwrap();
    // Walking passes links by; naming one follows it.
    assert_cmd_snapshot!(folder.entralint(&["check"]));
    assert_cmd_snapshot!(folder.entralint(&["check", "loop.json", "headline.json"]));
}

#[test]
fn a_file_over_the_limit_is_an_error_that_says_how_to_raise_it() {
    let folder = Folder::with(&["apps/headline.json"]);
    let file = std::fs::File::create(folder.path().join("huge.json")).unwrap();
    file.set_len(2 * 1024 * 1024).unwrap();
    assert_cmd_snapshot!(folder.entralint(&["check", "--max-file-size", "1"]));
}

#[test]
fn deep_nesting_is_an_error_of_the_file() {
    let folder = Folder::with(&["apps/headline.json"]);
    let deep = 200_000;
    folder.write(
        "deep.json",
        format!(
            "{{\"requiredResourceAccess\":{}{}}}",
            "[".repeat(deep),
            "]".repeat(deep)
        ),
    );
    assert_cmd_snapshot!(folder.entralint(&["check"]));
}

#[test]
fn malformed_calls_are_pointed_at() {
    let folder = Folder::with(&["apps/headline.json"]);
    for (name, call) in [
        ("method", "FETCH /users"),
        ("empty", ""),
        ("only_method", "GET"),
        ("type", "robot GET /users"),
        ("host", "GET https://example.com/v1.0/users"),
    ] {
        assert_cmd_snapshot!(
            format!("malformed_call_{name}"),
            folder.entralint(&["check", "--calls", call])
        );
    }
    folder.write("calls.txt", "GET /users\nPATCH\n");
    assert_cmd_snapshot!(
        "malformed_call_in_a_file",
        folder.entralint(&["check", "--calls-from", "calls.txt"])
    );
    folder.write("entralint.toml", "calls = [\n  \"GET\"\n]\n");
    assert_cmd_snapshot!(
        "malformed_call_in_the_configuration",
        folder.entralint(&["check"])
    );
}

#[test]
fn unknown_flags_and_subjects_are_errors_of_usage() {
    let folder = Folder::empty();
    assert_cmd_snapshot!("unknown_flag", folder.entralint(&["check", "--fixx"]));
    assert_cmd_snapshot!(
        "unknown_subject",
        folder.entralint(&["explain", "User.RevokeSession.All"])
    );
    assert_cmd_snapshot!(
        "unknown_rule",
        folder.entralint(&["explain", "broder-permission"])
    );
}

#[test]
fn a_catalog_that_is_none_is_an_error() {
    let folder = Folder::with(&["apps/headline.json"]);
    folder.write("catalog.json", "[1, 2]");
    assert_cmd_snapshot!(
        "not_a_catalog",
        folder.entralint(&["check", "--catalog", "catalog.json"])
    );
    assert_cmd_snapshot!(
        "no_catalog",
        folder.entralint(&["check", "--catalog", "absent.json"])
    );
    folder.write(
        "entralint.toml",
        "[catalog]\npermissions = \"catalog.json\"\nsha256 = \"00\"\n",
    );
    assert_cmd_snapshot!("not_the_pinned_catalog", folder.entralint(&["check"]));
    folder.write(
        "entralint.toml",
        "[catalog]\npermissions = \"absent.json\"\n",
    );
    assert_cmd_snapshot!("no_configured_catalog", folder.entralint(&["check"]));
    folder.write("catalog.json", "{\n  \"permissions\": {\n    \"a\": ,\n");
    folder.write(
        "entralint.toml",
        "[catalog]\npermissions = \"catalog.json\"\n",
    );
    assert_cmd_snapshot!("a_broken_catalog", folder.entralint(&["check"]));
    assert_cmd_snapshot!(
        "a_broken_catalog_json",
        folder.entralint(&["check", "--format", "concise"])
    );
    folder.write("catalog.json", "{\"name\": \"package\"}");
    assert_cmd_snapshot!("another_file", folder.entralint(&["check"]));
}

#[test]
fn a_catalog_without_ids_cannot_judge_ids() {
    let folder = Folder::with(&["apps/headline.json"]);
    let spec = e2e::root().join("tests/fixtures/catalog/permissions.json");
    folder.write("permissions.json", std::fs::read(spec).unwrap());
    assert_cmd_snapshot!(
        "catalog_without_ids",
        folder.entralint(&["check", "--catalog", "permissions.json"])
    );
    let output = folder
        .entralint(&["needs", "--catalog", "permissions.json", "GET /me"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "calls need no ids");
}

#[test]
fn a_file_that_is_reached_in_several_ways_is_checked_once_and_hidden_ones_too() {
    let folder = Folder::empty();
    let manifest = std::fs::read(e2e::root().join("examples/session-revoker.json")).unwrap();
    folder.write("apps/one.json", &manifest);
    folder.write(".deploy/two.json", &manifest);
    folder.write(".git/three.json", &manifest);
    let output = folder
        .entralint(&[
            "check",
            ".",
            "apps",
            "./apps/../apps/one.json",
            "apps/one.json",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["summary"]["manifests"], 2, "{}", document["files"]);
}

#[test]
fn a_manifest_in_an_encoding_that_cannot_be_told_is_an_error_in_a_folder_too() {
    let manifest =
        std::fs::read_to_string(e2e::root().join("examples/session-revoker.json")).unwrap();
    let units = |big: bool| -> Vec<u8> {
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        manifest.encode_utf16().flat_map(bytes).collect()
    };
    let mut odd = units(false);
    odd.push(b'x');
    for (name, content) in [("le", units(false)), ("be", units(true)), ("odd", odd)] {
        let folder = Folder::with(&["apps/headline.json"]);
        folder.write("apps/wide.json", content);
        let output = folder.entralint(&["check"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("apps/wide.json:1:1") && said.contains("invalid-manifest"),
            "{name}: {said}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_read_by_itself_is_read() {
    let folder = Folder::empty();
    let manifest = std::fs::read(e2e::root().join("examples/session-revoker.json")).unwrap();
    folder.write("apps/real.txt", &manifest);
    folder.write("apps/real.json", &manifest);
    for (target, link) in [("real.txt", "of_text.json"), ("real.json", "of_json.json")] {
        std::os::unix::fs::symlink(target, folder.path().join("apps").join(link)).unwrap();
    }
    let output = folder
        .entralint(&["check", "--files", "--fail-on", "never"])
        .output()
        .unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("apps/of_text.json"), "{said}");
    assert!(!said.contains("apps/of_json.json"), "{said}");
}

#[test]
fn lists_of_calls_come_in_any_encoding_and_from_standard_input() {
    let folder = Folder::with(&["apps/headline.json"]);
    let text = "\u{feff}application POST /users/{id}/revokeSignInSessions\r\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("calls.txt", utf16);
    let output = folder
        .entralint(&["check", "--calls-from", "calls.txt"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let question = "\u{feff}{\"scheme\": \"application\", \"calls\": [\"GET /users\"]}\n";
    folder.write("questions.jsonl", question);
    let output = folder
        .entralint(&["needs", "--from", "questions.jsonl"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn names_in_files_cannot_steer_the_terminal() {
    let folder = Folder::empty();
    folder.write(
        "app.json",
        r#"{
  "displayName": "\u001b[31mred\u001b[0m\u202egnp.exe",
  "requiredResourceAccess": [
    {
      "resourceAppId": "00000003-0000-0000-c000-000000000000",
      "resourceAccess": [{ "id": "\u001b]0;title\u0007", "type": "Role" }]
    }
  ]
}"#,
    );
    for arguments in [&["check"][..], &["list"]] {
        let output = folder.entralint(arguments).output().unwrap();
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
        }
    }
}

//! Nothing outside of the roots is read, and no token comes out.

mod common;

use std::fs;

use serde_json::json;

use common::{BROAD, Client, project};

#[test]
fn nothing_outside_of_the_root_is_read() {
    let outside = tempfile::tempdir().expect("a folder");
    let secret = outside.path().join("secret.json");
    fs::write(&secret, BROAD).expect("a file");
    let folder = project();
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let secret = secret.to_str().expect("UTF-8");
    for path in [
        secret,
        "../secret.json",
        "a/../../x",
        "/etc/passwd",
        "",
        "a\u{0}b",
        "-",
        "no-such-file",
    ] {
        for tool in ["check", "calls", "list_permissions", "fix"] {
            let message = client.wrong(tool, json!({"paths": [path]}));
            assert!(
                message.contains("refused")
                    || message.contains("not below a root")
                    || message.contains("is no path"),
                "{message}"
            );
        }
    }
    assert!(
        client
            .wrong("denied", json!({"path": "/etc/hostname"}))
            .contains("not below a root")
    );
}

#[cfg(unix)]
#[test]
fn links_and_configurations_do_not_lead_out() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.json"), BROAD).expect("a file");
    fs::write(outside.path().join("calls.txt"), "SECRETWORD\n").expect("a file");
    fs::write(outside.path().join("x.tf"), "resource \"azuread_application\" \"outsider\" {\n  display_name = \"outsider\"\n required_resource_access {\n resource_app_id = \"00000003-0000-0000-c000-000000000000\"\n resource_access {\n id = \"19dbc75e-c2e2-444c-a770-ec69d8559fc7\"\n type = \"Role\"\n}\n}\n}\n").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(outside.path().join(from), folder.path().join(to))
            .expect("a link");
    };
    link("secret.json", "manifest.json");
    link("", "folder");
    fs::write(
        folder.path().join("main.tf"),
        "resource \"azuread_application\" \"own\" {\n  display_name = \"own\"\n}\n",
    )
    .expect("a file");
    link("x.tf", "other.tf");
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    for path in ["manifest.json", "folder/secret.json", "other.tf"] {
        assert!(
            client
                .wrong("check", json!({"paths": [path]}))
                .contains("not below a root")
        );
    }
    for arguments in [json!({}), json!({"paths": ["main.tf"]})] {
        let listed = client.ok("list_permissions", arguments);
        assert_eq!(listed["total"], 0, "{listed}");
        assert!(!listed.to_string().contains("outsider"), "{listed}");
    }
    let named = format!(
        "version = 1\ncalls-from = [\"{}\"]\n",
        outside.path().join("calls.txt").display()
    );
    fs::write(folder.path().join("entralint.toml"), named).expect("a file");
    let message = client.wrong("check", json!({}));
    assert!(!message.contains("SECRETWORD"), "{message}");
}

#[test]
fn the_roots_of_the_client_narrow_those_of_the_start() {
    let folder = project();
    fs::create_dir(folder.path().join("inner")).expect("a folder");
    fs::write(folder.path().join("inner/manifest.json"), BROAD).expect("a file");
    let mut client = Client::initialized(folder.path(), &[], json!({"roots": {}}));
    let id = client.send(
        "tools/call",
        json!({"name": "list_permissions", "arguments": {}}),
    );
    let question = client.read();
    assert_eq!(question["method"], "roots/list", "{question}");
    let uri = format!("file://{}", folder.path().join("inner").display());
    client.write(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"roots": [{"uri": uri}, {"uri": "file:///etc"}]}}).to_string());
    let answer = client.read();
    assert_eq!(answer["id"], id);
    assert_eq!(
        answer["result"]["structuredContent"]["permissions"][0]["file"], "manifest.json",
        "{answer}"
    );
    let outer = folder.path().join("manifest.json");
    assert!(
        client
            .wrong("check", json!({"paths": [outer]}))
            .contains("not below a root")
    );
}

#[test]
fn a_client_without_roots_has_those_of_the_start() {
    let folder = project();
    for (roots, is_read) in [(json!([]), true), (json!([{"uri": "file:///etc"}]), false)] {
        let mut client = Client::initialized(folder.path(), &[], json!({"roots": {}}));
        let id = client.send(
            "tools/call",
            json!({"name": "list_permissions", "arguments": {}}),
        );
        let question = client.read();
        assert_eq!(question["method"], "roots/list", "{question}");
        client.write(
            &json!({"jsonrpc": "2.0", "id": question["id"], "result": {"roots": roots}})
                .to_string(),
        );
        let answer = client.read();
        assert_eq!(answer["id"], id);
        assert_eq!(answer["result"]["isError"], !is_read, "{answer}");
    }
}

#[test]
fn no_token_comes_out_of_any_text() {
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl";
    let folder = project();
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    let text = format!(
        "GET https://graph.microsoft.com/v1.0/users/{TOKEN}/messages\nAuthorization: Bearer {TOKEN}\n{{\"error\":{{\"code\":\"{TOKEN}\"}}}} Call contains scopes '{TOKEN}'"
    );
    for (tool, arguments) in [
        ("denied", json!({"text": text})),
        ("explain", json!({"subject": TOKEN})),
        ("needs", json!({"calls": [format!("GET /users/{TOKEN}")]})),
        (
            "check",
            json!({"text": format!("{{\"displayName\":\"{TOKEN}\",\"requiredResourceAccess\":[]}}"), "file_name": "manifest.json"}),
        ),
        (
            "calls",
            json!({"text": format!("requests.get(\"https://graph.microsoft.com/v1.0/users/{TOKEN}\")"), "file_name": "a.py"}),
        ),
    ] {
        let answer = client.tool(tool, arguments).to_string();
        assert!(!answer.contains("eyJ0eXAi"), "{tool}: {answer}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_configuration_names_outside_is_refused_before_it_is_opened() {
    let outside = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("x.toml", "version = 1\nSECRETWORD = 1\n"),
        ("x.json", "{\"SECRETWORD\": 1}"),
        ("x.txt", "SECRETWORD\n"),
    ] {
        fs::write(outside.path().join(name), text).expect("a file");
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("inner")).expect("a folder");
    for link in ["link", "inner/link"] {
        std::os::unix::fs::symlink(outside.path(), folder.path().join(link)).expect("a link");
    }
    fs::write(folder.path().join("inner/manifest.json"), BROAD).expect("a file");
    let name = outside.path().file_name().and_then(|name| name.to_str());
    let name = name.expect("a name");
    let mut client = Client::initialized(folder.path(), &[], json!({}));
    for (at, places) in [
        ("entralint.toml", ["link".to_owned(), format!("../{name}")]),
        (
            "inner/entralint.toml",
            ["link".to_owned(), format!("../../{name}")],
        ),
    ] {
        for place in &places {
            for (line, file) in [
                ("extends = [\"PLACE/FILE\"]", "x.toml"),
                ("baseline = \"PLACE/FILE\"", "x.json"),
                ("calls-from = [\"PLACE/FILE\"]", "x.txt"),
                ("[catalog]\npermissions = \"PLACE/FILE\"", "x.json"),
                (
                    "[[app]]\nname = \"a\"\nrecordings = [\"PLACE/FILE\"]",
                    "x.json",
                ),
            ] {
                let mut answer = |file: &str| {
                    let text = line.replace("PLACE", place).replace("FILE", file);
                    let config = format!("version = 1\n{text}\n");
                    fs::write(folder.path().join(at), config).expect("a file");
                    let answer = client.tool("check", json!({"paths": ["inner"]}));
                    fs::remove_file(folder.path().join(at)).expect("it is there");
                    let answer = answer["result"].to_string();
                    assert!(!answer.contains("SECRETWORD"), "{at} {text}: {answer}");
                    answer.replace(file, "FILE")
                };
                let there = answer(file);
                assert!(
                    there.contains("outside of the folders")
                        || there.contains("files of its repository only"),
                    "{at} {place} {line}: {there}"
                );
                // Whether the file is there is not said.
                assert_eq!(there, answer("none"), "{at} {place} {line}");
            }
        }
    }
}

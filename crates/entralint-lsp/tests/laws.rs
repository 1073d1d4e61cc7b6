//! Laws of the server: what it shows is what `entralint check` finds, and no message ends it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::finding::Finding;
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::{CheckOptions, Project, baseline};
use lsp_server::{Connection, Message, Notification, Request, Response};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

/// Rule and first line of each finding, by file.
type Shown = BTreeMap<Utf8PathBuf, Vec<(String, u64)>>;

fn uri(path: &Utf8Path) -> String {
    Url::from_file_path(path).expect("it is absolute").into()
}

fn initialize(client: &Connection, folder: &Utf8Path) {
    let parameters = json!({
        "workspaceFolders": [{ "uri": uri(folder), "name": "a" }],
        "capabilities": { "window": { "workDoneProgress": true } },
    });
    send(
        client,
        Request::new(0.into(), "initialize".to_owned(), parameters),
    );
    send(
        client,
        Notification::new("initialized".to_owned(), json!({})),
    );
}

fn send(client: &Connection, message: impl Into<Message>) {
    client.sender.send(message.into()).expect("the server runs");
}

/// What the server shows of a folder once it was read.
fn shown(folder: &Utf8Path) -> Shown {
    let (server, client) = Connection::memory();
    let server = std::thread::spawn(move || entralint_lsp::run(&server));
    initialize(&client, folder);
    let mut shown = Shown::new();
    loop {
        match client.receiver.recv().expect("the server runs") {
            Message::Request(request) => send(&client, Response::new_ok(request.id, Value::Null)),
            Message::Notification(n) if n.method == "textDocument/publishDiagnostics" => {
                let url: Url = n.params["uri"]
                    .as_str()
                    .expect("a text")
                    .parse()
                    .expect("an address");
                let path = Utf8PathBuf::from_path_buf(url.to_file_path().expect("a file"));
                let of_file = n.params["diagnostics"].as_array().expect("a list");
                let entry = |d: &Value| {
                    let rule = d["code"].as_str().unwrap_or_default().to_owned();
                    (rule, d["range"]["start"]["line"].as_u64().unwrap_or(0) + 1)
                };
                shown.insert(
                    path.expect("it is UTF-8"),
                    of_file.iter().map(entry).collect(),
                );
            }
            Message::Notification(n) if n.params["value"]["kind"] == "end" => break,
            _ => {}
        }
    }
    send(
        &client,
        Request::new(1.into(), "shutdown".to_owned(), Value::Null),
    );
    send(&client, Notification::new("exit".to_owned(), Value::Null));
    assert!(server.join().expect("the server does not panic"));
    sorted(shown)
}

fn sorted(mut shown: Shown) -> Shown {
    shown.retain(|_, findings| !findings.is_empty());
    for findings in shown.values_mut() {
        findings.sort();
        findings.dedup();
    }
    shown
}

/// What a check of a folder finds.
fn checked(folder: &Utf8Path) -> Shown {
    let paths = vec![Utf8PathBuf::from(".")];
    let Ok(project) = Project::open(folder, &CatalogOptions::default(), &paths) else {
        panic!("{folder} is configured well");
    };
    let known = baseline::load(
        &project.files,
        None,
        project.config.of_run(),
        &project.root,
        false,
    )
    .expect("its baseline can be read");
    let run = project.check(&CheckOptions {
        paths,
        calls: CallOptions::default(),
        limit: 1024 * 1024 * 1024,
        scan: true,
        include_tests: false,
        keep_apps: false,
        keep_said: false,
        today: jiff::Zoned::now().date(),
    });
    let Ok(mut run) = run else {
        panic!("{folder} can be checked")
    };
    run.finish(known.as_ref().and_then(|known| known.baseline.as_ref()));
    let mut shown = Shown::new();
    for finding in run.report.findings.iter().filter(|f| Finding::is_open(f)) {
        if let Some(mark) = &finding.place {
            let path = project.root.open(&mark.at.path);
            let entry = (finding.rule.id.to_owned(), mark.at.start.line as u64);
            shown.entry(path).or_default().push(entry);
        }
    }
    sorted(shown)
}

#[test]
fn what_is_shown_is_what_check_finds() {
    let fixtures = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let fixtures = fixtures
        .canonicalize_utf8()
        .expect("the fixtures are there");
    let mut some = 0;
    for entry in fixtures.read_dir_utf8().expect("it is a folder").flatten() {
        if entry.path().is_dir() && entry.file_name() != "catalog" {
            let found = checked(entry.path());
            some += found.len();
            assert_eq!(shown(entry.path()), found, "{}", entry.path());
        }
    }
    assert!(some > 0);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!({ "line": n, "character": n })),
        ".{0,9}".prop_map(|text| json!(text)),
        Just(json!([])),
        Just(
            json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 9 } })
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn no_message_ends_the_server(
        messages in proptest::collection::vec((0..16_usize, any::<bool>(), value(), value(), value()), 1..30),
    ) {
        const METHODS: [&str; 16] = [
            "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
            "textDocument/didSave", "textDocument/hover", "textDocument/completion",
            "textDocument/definition", "textDocument/references", "textDocument/inlayHint",
            "textDocument/codeAction", "workspace/didChangeWatchedFiles",
            "workspace/didChangeWorkspaceFolders", "workspace/didChangeConfiguration",
            "$/cancelRequest", "initialize", "no/such/method",
        ];
        let temporary = tempfile::tempdir().expect("a folder can be made");
        let folder = Utf8Path::from_path(temporary.path()).expect("its path is UTF-8");
        let (server, client) = Connection::memory();
        let server = std::thread::spawn(move || entralint_lsp::run(&server));
        initialize(&client, folder);
        let mut requests = 0;
        for (at, (method, is_right, a, b, c)) in messages.into_iter().enumerate() {
            let address = if is_right { json!(uri(&folder.join("a.json"))) } else { a.clone() };
            let parameters = json!({
                "textDocument": { "uri": address, "version": b, "text": if is_right { json!("{\"a\": 1}") } else { c.clone() } },
                "contentChanges": [{ "text": c }], "position": b, "range": c, "context": { "only": a },
                "changes": [{ "uri": address, "type": b }], "event": { "added": [{ "uri": a }], "removed": c },
                "settings": { "entralint": a }, "id": b,
            });
            if method < 4 || (10..14).contains(&method) {
                send(&client, Notification::new(METHODS[method].to_owned(), parameters));
            } else {
                requests += 1;
                let id = i32::try_from(at).expect("there are few") + 1;
                send(&client, Request::new(id.into(), METHODS[method].to_owned(), parameters));
            }
        }
        // Each request has one answer, and so has `initialize`.
        let mut answers = 0;
        while answers <= requests {
            if let Message::Response(_) = client.receiver.recv().expect("the server runs") {
                answers += 1;
            }
        }
        send(&client, Request::new((-1).into(), "shutdown".to_owned(), Value::Null));
        send(&client, Notification::new("exit".to_owned(), Value::Null));
        prop_assert!(server.join().expect("the server does not panic"));
    }
}

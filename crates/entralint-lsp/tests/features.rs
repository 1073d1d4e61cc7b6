//! A scripted editor uses each feature once: the positions, ranges and edits of the protocol are right.

use camino::{Utf8Path, Utf8PathBuf};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};
use url::Url;

/// An editor with a folder of these files.
struct Editor {
    client: Connection,
    server: std::thread::JoinHandle<bool>,
    folder: Utf8PathBuf,
    _temporary: tempfile::TempDir,
    number: i32,
}

impl Editor {
    fn new(files: &[(&str, &str)], options: Value) -> Self {
        let temporary = tempfile::tempdir().expect("a folder can be made");
        let folder = temporary.path().canonicalize().expect("it is there");
        let folder = Utf8PathBuf::from_path_buf(folder).expect("its path is UTF-8");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("files can be written");
        }
        let (server, client) = Connection::memory();
        let server = std::thread::spawn(move || entralint_lsp::run(&server));
        let mut editor = Self {
            client,
            server,
            folder,
            _temporary: temporary,
            number: 0,
        };
        let root = editor.uri("");
        editor.request(
            "initialize",
            json!({
                "workspaceFolders": [{ "uri": root, "name": "a" }],
                "initializationOptions": options,
                "capabilities": { "window": { "workDoneProgress": true } },
            }),
        );
        editor.notify("initialized", json!({}));
        editor.wait_for_index();
        for (name, text) in files {
            let uri = editor.uri(name);
            editor.notify(
                "textDocument/didOpen",
                json!({ "textDocument": { "uri": uri, "languageId": "x", "version": 1, "text": text } }),
            );
        }
        editor
    }

    /// Waits until the whole folder was read.
    fn wait_for_index(&self) {
        loop {
            match self.client.receiver.recv().expect("the server runs") {
                Message::Request(request) => {
                    let answer = Response::new_ok(request.id, Value::Null);
                    self.client
                        .sender
                        .send(answer.into())
                        .expect("the server runs");
                }
                Message::Notification(n)
                    if n.method == "$/progress" && n.params["value"]["kind"] == "end" =>
                {
                    return;
                }
                _ => {}
            }
        }
    }

    fn uri(&self, name: &str) -> String {
        let path = self.folder.join(name);
        Url::from_file_path(Utf8Path::new(path.as_str().trim_end_matches('/')))
            .expect("it is absolute")
            .into()
    }

    fn notify(&self, method: &str, params: Value) {
        let notification = Notification::new(method.to_owned(), params);
        self.client
            .sender
            .send(notification.into())
            .expect("the server runs");
    }

    /// The result of a request.
    fn request(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let request = Request::new(self.number.into(), method.to_owned(), params);
        self.client
            .sender
            .send(request.into())
            .expect("the server runs");
        loop {
            match self.client.receiver.recv().expect("the server runs") {
                Message::Response(response) => {
                    let response = serde_json::to_value(response).expect("it is JSON");
                    assert_eq!(response["error"], Value::Null, "{method}");
                    return response["result"].clone();
                }
                // Such as the registration of watchers.
                Message::Request(request) => {
                    let answer = lsp_server::Response::new_ok(request.id, Value::Null);
                    self.client
                        .sender
                        .send(answer.into())
                        .expect("the server runs");
                }
                Message::Notification(_) => {}
            }
        }
    }

    /// A request at the first place of a text in a file.
    fn at(&mut self, method: &str, name: &str, text: &str, what: &str) -> Value {
        let position = position(text, text.find(what).expect("it is in the text"));
        let params = json!({
            "textDocument": { "uri": self.uri(name) },
            "position": position,
            "context": { "includeDeclaration": true },
        });
        self.request(method, params)
    }

    fn end(mut self) {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        assert!(self.server.join().expect("it does not panic"));
    }
}

/// A position in UTF-16 units.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.rsplit('\n').next().unwrap_or_default();
    json!({
        "line": before.matches('\n').count(),
        "character": line.encode_utf16().count(),
    })
}

/// The text with an edit of the protocol made.
fn edited(text: &str, edit: &Value) -> String {
    let offset = |at: &Value| -> usize {
        text.char_indices()
            .map(|(offset, _)| offset)
            .chain([text.len()])
            .find(|offset| position(text, *offset) == *at)
            .expect("the position is in the text")
    };
    let (start, end) = (
        offset(&edit["range"]["start"]),
        offset(&edit["range"]["end"]),
    );
    let new = edit["newText"].as_str().expect("an edit has a text");
    format!("{}{new}{}", &text[..start], &text[end..])
}

const MANIFEST: &str = r#"{
  "displayName": "désk 𝄞",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [
      /* 𝄞 */ { "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" },
      { "id": "", "type": "Role" }
    ]
  }]
}"#;

const CODE: &str = "import { Client } from '@microsoft/microsoft-graph-client';\n\
    export async function lock(client: Client, id: string) {\n  \
    await client.api(`/users/${id}/revokeSignInSessions`).post({});\n}\n";

#[test]
fn an_editor_uses_each_feature() {
    let files = [
        ("app.json", MANIFEST),
        ("desk.ts", CODE),
        ("package.json", "{}"),
    ];
    let mut editor = Editor::new(&files, json!({}));

    let id = "741f803b";
    let hover = editor.at("textDocument/hover", "app.json", MANIFEST, id);
    let shown = hover["contents"]["value"].as_str().expect("it is Markdown");
    assert!(shown.contains("User.ReadWrite.All"), "{shown}");
    assert!(shown.contains("`User.RevokeSessions.All`"), "{shown}");
    assert!(shown.contains("desk.ts#L3"), "{shown}");
    let start = position(MANIFEST, MANIFEST.find(id).expect("it is there") - 1);
    assert_eq!(hover["range"]["start"], start);

    let hover = editor.at("textDocument/hover", "desk.ts", CODE, "revoke");
    let shown = hover["contents"]["value"].as_str().expect("it is Markdown");
    assert!(
        shown.contains("POST /users/{id}/revokeSignInSessions"),
        "{shown}"
    );

    let list = editor.at(
        "textDocument/completion",
        "app.json",
        MANIFEST,
        "\", \"type\": \"Role\" }\n",
    );
    let first = &list["items"][0];
    assert_eq!(first["label"], "User.RevokeSessions.All");
    let new = edited(MANIFEST, &first["textEdit"]);
    assert!(
        new.contains("{ \"id\": \"77f3a031-c388-4f99-b373-dc68676a979e\", \"type\""),
        "{new}"
    );

    let places = editor.at("textDocument/definition", "app.json", MANIFEST, id);
    assert_eq!(places[0]["uri"], editor.uri("desk.ts"));
    assert_eq!(places[0]["range"]["start"]["line"], 2);

    let places = editor.at("textDocument/references", "desk.ts", CODE, "revoke");
    assert_eq!(places[0]["uri"], editor.uri("app.json"));
    assert_eq!(places[0]["range"]["start"], start);

    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": editor.uri("app.json") }, "range": all });
    let hints = editor.request("textDocument/inlayHint", params);
    let labels: Vec<&Value> = hints
        .as_array()
        .expect("there are hints")
        .iter()
        .map(|hint| &hint["label"])
        .collect();
    assert_eq!(labels, ["Microsoft Graph", "User.ReadWrite.All"]);
    editor.end();
}

#[test]
fn a_finding_is_allowed_in_a_new_configuration() {
    let files = [
        ("app.json", MANIFEST),
        ("desk.ts", CODE),
        ("package.json", "{}"),
    ];
    let mut editor = Editor::new(&files, json!({}));
    let at = position(MANIFEST, MANIFEST.find("741f803b").expect("it is there"));
    let actions = editor.request(
        "textDocument/codeAction",
        json!({
            "textDocument": { "uri": editor.uri("app.json") },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        }),
    );
    let actions = actions.as_array().expect("there are actions");
    let allow = actions
        .iter()
        .find(|action| {
            let title = action["title"].as_str();
            title.is_some_and(|title| {
                title.starts_with("Allow broader-permission in entralint.toml")
            })
        })
        .expect("the finding can be allowed");
    let changes = &allow["edit"]["documentChanges"];
    assert_eq!(changes[0]["kind"], "create");
    assert_eq!(changes[0]["uri"], editor.uri("entralint.toml"));
    assert_eq!(
        edited("", &changes[1]["edits"][0]),
        "[[allow]]\nrule = \"broader-permission\"\napp = \"désk 𝄞\"\npermission = \"User.ReadWrite.All\"\nreason = \"\"\n"
    );
    editor.end();
}

#[test]
fn what_is_known_is_shown_while_the_configuration_is_wrong() {
    let config = "cals = []\n\n[[allow]]\nrule = \"label-mismatch\"\n";
    let files = [("app.json", MANIFEST), ("entralint.toml", config)];
    let mut editor = Editor::new(&files, json!({}));
    let hover = editor.at("textDocument/hover", "app.json", MANIFEST, "741f803b");
    let shown = hover["contents"]["value"].as_str().expect("it is Markdown");
    assert!(shown.contains("User.ReadWrite.All"), "{shown}");
    let hover = editor.at("textDocument/hover", "entralint.toml", config, "label-");
    let shown = hover["contents"]["value"].as_str().expect("it is Markdown");
    assert!(shown.contains("label-mismatch.md"), "{shown}");
    let list = editor.at("textDocument/completion", "entralint.toml", config, "cals");
    assert!(
        list["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty()),
        "{list}"
    );
    editor.end();
}

#[test]
fn text_that_is_half_written_is_completed() {
    let text = "{ \"requiredResourceAccess\": [{ \"resourceAccess\": [\n  { \"type\": \"Role\", \"id\": \"user.revoke\n";
    let files = [("app.json", "{}"), ("package.json", "{}")];
    let mut editor = Editor::new(&files, json!({}));
    let uri = editor.uri("app.json");
    editor.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] }),
    );
    let at = position(text, text.len() - 1);
    let list = editor.request(
        "textDocument/completion",
        json!({ "textDocument": { "uri": uri }, "position": at }),
    );
    let new = edited(text, &list["items"][0]["textEdit"]);
    assert!(
        new.ends_with("\"id\": \"77f3a031-c388-4f99-b373-dc68676a979e\n"),
        "{new}"
    );
    editor.end();
}

#[test]
fn hints_can_be_switched_off_and_nonsense_is_answered() {
    let files = [("app.json", MANIFEST)];
    let mut editor = Editor::new(&files, json!({ "inlayHints": false }));
    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": editor.uri("app.json") }, "range": all });
    let hints = editor.request("textDocument/inlayHint", params);
    assert!(hints.as_array().is_none_or(Vec::is_empty), "{hints}");
    for method in ["hover", "completion", "definition", "references"] {
        for position in [
            json!({ "line": 4_000_000_000_u64, "character": 4_000_000_000_u64 }),
            json!({ "line": -1, "character": "x" }),
            json!(null),
        ] {
            editor.request(
                &format!("textDocument/{method}"),
                json!({ "textDocument": { "uri": editor.uri("app.json") }, "position": position }),
            );
        }
        editor.request(
            &format!("textDocument/{method}"),
            json!({ "textDocument": { "uri": "file:///no/such/file.json" }, "position": { "line": 0, "character": 0 } }),
        );
    }
    editor.end();
}

//! `entralint lsp` as an editor starts it: the built program over standard input and output.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use e2e::Folder;
use serde_json::{Value, json};

const DIRECTORY: &str = "19dbc75e-c2e2-444c-a770-ec69d8559fc7";
const REVOKE: &str = "77f3a031-c388-4f99-b373-dc68676a979e";

fn manifest(id: &str) -> String {
    format!(
        r#"{{
  "displayName": "desk",
  "requiredResourceAccess": [{{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{{ "id": "{id}", "type": "Role" }}]
  }}]
}}"#
    )
}

/// The program and the messages to and from it.
struct Editor {
    program: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ids: i32,
}

impl Editor {
    fn start(folder: &Folder) -> Self {
        let mut program = folder
            .entralint(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            input: program.stdin.take().unwrap(),
            output: BufReader::new(program.stdout.take().unwrap()),
            program,
            ids: 0,
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(
                self.output.read_line(&mut line).unwrap(),
                0,
                "the program ended"
            );
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", count)) => length = count.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Sends a request and waits for its result; requests of the server are answered with nothing.
    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.ids += 1;
        let id = self.ids;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["method"].is_null() && message["id"] == id {
                assert!(message["error"].is_null(), "{message}");
                return message["result"].clone();
            }
            self.answered(&message);
        }
    }

    /// Waits until the rules that are shown for a file are these.
    fn shows(&mut self, uri: &str, rules: &[&str]) -> Vec<Value> {
        loop {
            let message = self.receive();
            self.answered(&message);
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
            {
                let shown = message["params"]["diagnostics"].as_array().unwrap().clone();
                let mut found: Vec<&str> = shown
                    .iter()
                    .map(|finding| finding["code"].as_str().unwrap())
                    .collect();
                found.sort_unstable();
                if found == rules {
                    return shown;
                }
            }
        }
    }

    fn answered(&mut self, message: &Value) {
        if !message["method"].is_null() && !message["id"].is_null() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
    }
}

#[test]
fn an_editor_opens_changes_asks_fixes_and_leaves() {
    let folder = Folder::empty();
    folder.write(
        "entralint.toml",
        "calls = [\"application POST /users/{id}/revokeSignInSessions\"]\n",
    );
    folder.write("app.json", manifest(REVOKE));
    let root = format!("file://{}", folder.path());
    let uri = format!("{root}/app.json");
    let mut editor = Editor::start(&folder);

    let answer = editor.request(
        "initialize",
        &json!({
            "processId": null,
            "capabilities": {},
            "workspaceFolders": [{ "uri": root, "name": "folder" }],
        }),
    );
    assert_eq!(answer["capabilities"]["hoverProvider"], true);
    editor.notify("initialized", &json!({}));

    // The text of the editor counts, not that of the file.
    let text = manifest(DIRECTORY);
    editor.notify(
        "textDocument/didOpen",
        &json!({ "textDocument": { "uri": uri, "languageId": "json", "version": 1, "text": text } }),
    );
    let shown = editor.shows(&uri, &["broader-permission", "privileged-permission"]);
    assert!(
        shown.iter().any(|finding| finding["message"]
            .as_str()
            .unwrap()
            .contains("User.RevokeSessions.All is enough")),
        "{shown:#?}"
    );

    let line = text
        .lines()
        .position(|line| line.contains(DIRECTORY))
        .unwrap();
    let column = text.lines().nth(line).unwrap().find(DIRECTORY).unwrap();
    let position = json!({ "line": line, "character": column + 3 });
    let hover = editor.request(
        "textDocument/hover",
        &json!({ "textDocument": { "uri": uri }, "position": position }),
    );
    let said = hover["contents"]["value"].as_str().unwrap();
    assert!(said.contains("Directory.ReadWrite.All"), "{said}");

    let actions = editor.request(
        "textDocument/codeAction",
        &json!({
            "textDocument": { "uri": uri },
            "range": { "start": position, "end": position },
            "context": { "diagnostics": [], "only": ["quickfix"] },
        }),
    );
    let edits: Vec<&Value> = actions
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|action| action.pointer("/edit/documentChanges/0/edits/0/newText"))
        .chain(actions.as_array().unwrap().iter().filter_map(|action| {
            action["edit"]["changes"]
                .as_object()?
                .values()
                .next()?
                .get(0)?
                .get("newText")
        }))
        .collect();
    assert!(
        edits
            .iter()
            .any(|edit| edit.as_str().unwrap().contains(REVOKE)),
        "{actions:#}"
    );

    // As the fix would leave it, nothing is found.
    editor.notify(
        "textDocument/didChange",
        &json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "text": manifest(REVOKE) }],
        }),
    );
    editor.shows(&uri, &[]);
    assert_eq!(
        folder.read("app.json"),
        manifest(REVOKE),
        "a server writes no file"
    );

    assert!(editor.request("shutdown", &Value::Null).is_null());
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.program.wait().unwrap().code(), Some(0));
}

#[test]
fn an_editor_that_goes_away_ends_the_program() {
    let folder = Folder::empty();
    let mut editor = Editor::start(&folder);
    editor.request(
        "initialize",
        &json!({ "processId": null, "capabilities": {}, "rootUri": null }),
    );
    drop(editor.input);
    assert_eq!(editor.program.wait().unwrap().code(), Some(1));
}

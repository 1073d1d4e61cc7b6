//! A scripted editor: it opens a file, reads the findings, takes a fix, and says goodbye.

use camino::Utf8Path;
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};
use url::Url;

const MANIFEST: &str = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" }]
  }]
}"#;

fn request(client: &Connection, id: i32, method: &str, params: Value) -> Response {
    let request = Request::new(id.into(), method.to_owned(), params);
    client.sender.send(request.into()).expect("the server runs");
    loop {
        if let Message::Response(response) = client.receiver.recv().expect("the server runs") {
            return response;
        }
    }
}

fn notify(client: &Connection, method: &str, params: Value) {
    let notification = Notification::new(method.to_owned(), params);
    client
        .sender
        .send(notification.into())
        .expect("the server runs");
}

fn diagnostics(client: &Connection) -> Value {
    loop {
        if let Message::Notification(n) = client.receiver.recv().expect("the server runs")
            && n.method == "textDocument/publishDiagnostics"
        {
            return n.params;
        }
    }
}

#[test]
fn a_buffer_has_findings_and_fixes() {
    let temporary = tempfile::tempdir().expect("a folder can be made");
    let folder = temporary.path().canonicalize().expect("it is there");
    let folder = Utf8Path::from_path(&folder).expect("its path is UTF-8");
    let config = "calls = [\"POST /users/{id}/revokeSignInSessions\"]\n";
    std::fs::write(folder.join("entralint.toml"), config).expect("files can be written");
    std::fs::write(folder.join("an app.json"), "{}").expect("files can be written");
    let root = String::from(Url::from_file_path(folder).expect("it is absolute"));
    let uri =
        String::from(Url::from_file_path(folder.join("an app.json")).expect("it is absolute"));
    let (server, client) = Connection::memory();
    let server = std::thread::spawn(move || entralint_lsp::run(&server));

    request(
        &client,
        1,
        "initialize",
        json!({ "workspaceFolders": [{ "uri": root, "name": "a" }] }),
    );
    notify(&client, "initialized", json!({}));
    let document = json!({ "uri": uri, "languageId": "json", "version": 7, "text": MANIFEST });
    notify(
        &client,
        "textDocument/didOpen",
        json!({ "textDocument": document }),
    );
    let published = diagnostics(&client);
    assert_eq!(published["uri"], json!(uri));
    assert_eq!(published["version"], json!(7));
    assert_eq!(
        published["diagnostics"][0]["code"],
        json!("broader-permission")
    );
    assert_eq!(
        published["diagnostics"][0]["range"]["start"],
        json!({ "line": 4, "character": 31 })
    );

    let range = published["diagnostics"][0]["range"].clone();
    let asked = json!({ "textDocument": { "uri": uri }, "range": range, "context": {} });
    let actions = request(&client, 2, "textDocument/codeAction", asked);
    let actions = format!("{actions:?}");
    assert!(
        actions.contains("77f3a031-c388-4f99-b373-dc68676a979e"),
        "{actions}"
    );

    // No message ends the server but the last.
    notify(
        &client,
        "textDocument/didChange",
        json!({ "textDocument": 3, "contentChanges": "x" }),
    );
    notify(&client, "$/unknown", json!(null));
    let refused = request(&client, 3, "no/such/request", json!([]));
    assert!(format!("{refused:?}").contains("is not supported"));

    notify(
        &client,
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(diagnostics(&client)["diagnostics"], json!([]));
    request(&client, 4, "shutdown", json!(null));
    notify(&client, "exit", json!(null));
    assert!(server.join().expect("the server does not panic"));
}

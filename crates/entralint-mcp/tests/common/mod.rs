//! A client that speaks with the real server over its standard input and output.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub const BROAD: &str = r#"{"requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[
{"id":"19dbc75e-c2e2-444c-a770-ec69d8559fc7","type":"Role"}]}]}"#;
pub const REVOKE: &str = "application POST /users/{id}/revokeSignInSessions";

pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Client {
    pub fn start(root: &Path, flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_entralint-mcp"))
            .arg("--root")
            .arg(root)
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
            last: 0,
        }
    }

    /// With the handshake of the revision before the current one.
    pub fn initialized(root: &Path, flags: &[&str], capabilities: Value) -> Self {
        let mut client = Self::start(root, flags);
        let result = client.request("initialize", json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "test", "version": "1"}}));
        assert_eq!(
            result["result"]["protocolVersion"], "2025-11-25",
            "{result}"
        );
        client.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        client
    }

    pub fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is open");
        writeln!(input, "{line}").expect("the server reads");
        input.flush().expect("the server reads");
    }

    pub fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server writes");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    pub fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        let id = self.last;
        self.write(
            &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string(),
        );
        id
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        loop {
            let answer = self.read();
            if answer["id"] == id && answer.get("method").is_none() {
                return answer;
            }
        }
    }

    pub fn tool(&mut self, name: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": name, "arguments": arguments}))
    }

    /// The structured result of a tool that succeeds.
    pub fn ok(&mut self, name: &str, arguments: Value) -> Value {
        let answer = self.tool(name, arguments);
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        answer["result"]["structuredContent"].clone()
    }

    /// The message of a tool that fails.
    pub fn wrong(&mut self, name: &str, arguments: Value) -> String {
        let answer = self.tool(name, arguments);
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"]
            .as_str()
            .expect("a message")
            .to_owned()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

pub fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("manifest.json"), BROAD).expect("a file");
    fs::write(
        folder.path().join("entralint.toml"),
        format!("version = 1\ncalls = [\"{REVOKE}\"]\n"),
    )
    .expect("a file");
    fs::write(
        folder.path().join("worker.py"),
        "import requests\nrequests.post(f\"https://graph.microsoft.com/v1.0/users/{user}/revokeSignInSessions\")\n",
    )
    .expect("a file");
    folder
}

//! Measures the language server on folders that it makes: `cargo run --release --example bench`.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};
use url::Url;

/// A piece of code without a sign of Microsoft Graph, and one call.
const PIECE: &str = "export async function addLine(orderId: string, line: OrderLine): Promise<Order> {\n  const order = await repository.find(orderId);\n  if (!order) {\n    throw new Error(`order ${orderId} is not there`);\n  }\n  order.lines.push({ ...line, added: new Date().toISOString() });\n  return repository.save(order); // the total follows\n}\n";
const CALL: &str = "export const revoke = (id: string) => graphClient.api(`/users/${id}/revokeSignInSessions`).post({});\n";

const MANIFEST: &str = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" }]
  }]
}"#;

/// Where the id stands in the manifest.
const AT: (u64, u64) = (4, 35);

/// How often each request is made.
const TIMES: usize = 51;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:<58} {:>10}   target", "language server", "");
    let small = measure(1_000)?;
    row(
        "1,000 files: first diagnostics after open",
        small.first,
        "50 ms",
    );
    row(
        "1,000 files: a change of one file, and an answer",
        small.change,
        "5 ms",
    );
    row("1,000 files: hover", small.hover, "1 ms");
    row("1,000 files: completion", small.completion, "none");
    let peak = "15,000 source files: memory at most";
    measure(15_000)?;
    match peak_megabytes() {
        Some(megabytes) => println!("{peak:<58} {megabytes:>7.0} MB   100 MB"),
        None => println!("{peak:<58} {:>10}   not measured on this system", ""),
    }
    Ok(())
}

fn row(what: &str, time: Duration, target: &str) {
    println!("{what:<58} {:>7.3} ms   {target}", time.as_secs_f64() * 1e3);
}

/// What an editor waits for.
struct Times {
    first: Duration,
    change: Duration,
    hover: Duration,
    completion: Duration,
}

/// Serves an editor in a folder of so many files.
fn measure(files: usize) -> Result<Times, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().canonicalize()?;
    make(&root, files)?;
    let uri = |name: &str| -> Result<String, Box<dyn Error>> {
        let path = Url::from_file_path(root.join(name)).map_err(|()| "the path is absolute")?;
        Ok(path.into())
    };
    let manifest = uri("app-0/app.json")?;
    let (server, client) = Connection::memory();
    let server = std::thread::spawn(move || entralint_lsp::run(&server));
    let mut editor = Editor { client, number: 0 };
    editor.request(
        "initialize",
        json!({
            "workspaceFolders": [{ "uri": uri("")?, "name": "a" }],
            "capabilities": {},
        }),
    )?;
    editor.notify("initialized", json!({}))?;
    let started = Instant::now();
    let document = json!({ "uri": manifest, "languageId": "json", "version": 0, "text": MANIFEST });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }))?;
    editor.diagnostics_of(&manifest)?;
    let first = started.elapsed();
    // The whole folder is known once a call of the code is.
    let position = json!({ "line": AT.0, "character": AT.1 });
    let place = json!({ "textDocument": { "uri": manifest }, "position": position });
    while !editor
        .request("textDocument/hover", place.clone())?
        .to_string()
        .contains("/revokeSignInSessions")
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for number in 1..=TIMES {
        let text = MANIFEST.replace("desk", &format!("desk {number}"));
        let started = Instant::now();
        editor.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": manifest, "version": number },
                "contentChanges": [{ "text": text }],
            }),
        )?;
        editor.request("textDocument/hover", place.clone())?;
        times[0].push(started.elapsed());
        for (at, method) in ["textDocument/hover", "textDocument/completion"]
            .into_iter()
            .enumerate()
        {
            let started = Instant::now();
            editor.request(method, place.clone())?;
            times[at + 1].push(started.elapsed());
        }
    }
    let [change, hover, completion] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    editor.request("shutdown", Value::Null)?;
    editor.notify("exit", Value::Null)?;
    if !server.join().map_err(|_| "the server panicked")? {
        return Err("the server did not end in order".into());
    }
    Ok(Times {
        first,
        change,
        hover,
        completion,
    })
}

/// So many files of 6 kB: of a hundred one is a manifest, ten make a call.
fn make(root: &Path, files: usize) -> std::io::Result<()> {
    let plain = PIECE.repeat(6_000 / PIECE.len());
    for number in 0..files {
        let folder = root.join(format!("app-{}", number / 100));
        match number % 100 {
            0 => {
                fs::create_dir_all(&folder)?;
                fs::write(folder.join("app.json"), MANIFEST)?;
            }
            1 => fs::write(folder.join("package.json"), "{}")?,
            n if n < 12 => fs::write(folder.join(format!("{n}.ts")), format!("{plain}{CALL}"))?,
            n => fs::write(folder.join(format!("{n}.ts")), &plain)?,
        }
    }
    Ok(())
}

struct Editor {
    client: Connection,
    number: i32,
}

impl Editor {
    fn notify(&self, method: &str, params: Value) -> Result<(), Box<dyn Error>> {
        let notification = Notification::new(method.to_owned(), params);
        Ok(self.client.sender.send(notification.into())?)
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Value, Box<dyn Error>> {
        self.number += 1;
        let request = Request::new(self.number.into(), method.to_owned(), params);
        self.client.sender.send(request.into())?;
        loop {
            match self.client.receiver.recv()? {
                Message::Response(response) => return Ok(serde_json::to_value(response)?),
                other => self.reply(other)?,
            }
        }
    }

    fn diagnostics_of(&self, uri: &str) -> Result<(), Box<dyn Error>> {
        loop {
            match self.client.receiver.recv()? {
                Message::Notification(published)
                    if published.method == "textDocument/publishDiagnostics"
                        && published.params["uri"] == uri =>
                {
                    return Ok(());
                }
                other => self.reply(other)?,
            }
        }
    }

    /// Says yes to what the server requests, such as a sign of progress.
    fn reply(&self, message: Message) -> Result<(), Box<dyn Error>> {
        if let Message::Request(request) = message {
            let answer = Response::new_ok(request.id, Value::Null);
            self.client.sender.send(answer.into())?;
        }
        Ok(())
    }
}

/// The largest resident set of this process so far, the editor included.
fn peak_megabytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

//! The language server of entralint, over standard input and output: the findings of `entralint check` as diagnostics,
//! and its fixes as code actions.
//!
//! Each folder of the editor is checked as `entralint check` checks it, with the unsaved buffers in place of the files.
//! The server holds no rule. A message that it does not understand is answered with an error or ignored.

mod allow;
mod completion;
mod config_text;
mod definition;
mod diagnostics;
mod hover;
mod inlay_hints;
mod markdown;
mod subject;
#[cfg(test)]
mod testing;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::finding::Finding;
use entralint_core::report::Report;
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::run::failed;
use entralint_project::{CheckOptions, Failure, Files, Project, baseline, read};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde_json::{Value, json};
use url::Url;

/// After a change the server waits this long for the next one.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// Serves an editor over standard input and output until it says goodbye. Gives whether it did so in order.
///
/// # Errors
///
/// That the first messages are not those of an editor.
pub fn serve() -> Result<bool, String> {
    let (connection, threads) = Connection::stdio();
    let result = run(&connection);
    drop(connection);
    threads.join().map_err(|error| error.to_string())?;
    result
}

/// As [`serve`], over any connection.
///
/// # Errors
///
/// As [`serve`].
pub fn run(connection: &Connection) -> Result<bool, String> {
    let (id, parameters) = connection
        .initialize_start()
        .map_err(|error| error.to_string())?;
    connection
        .initialize_finish(
            id,
            json!({
                "capabilities": {
                    "positionEncoding": "utf-16",
                    "textDocumentSync": { "openClose": true, "change": 1, "save": true },
                    "codeActionProvider": { "codeActionKinds": ["quickfix"] },
                },
                "serverInfo": { "name": "entralint", "version": env!("CARGO_PKG_VERSION") },
            }),
        )
        .map_err(|error| error.to_string())?;
    let mut server = Server::new(connection, &parameters);
    server.check();
    let mut is_stale = false;
    loop {
        let message = if is_stale {
            match connection.receiver.recv_timeout(DEBOUNCE) {
                Ok(message) => message,
                Err(error) if error.is_timeout() => {
                    server.check();
                    is_stale = false;
                    continue;
                }
                Err(_) => return Ok(false),
            }
        } else {
            match connection.receiver.recv() {
                Ok(message) => message,
                Err(_) => return Ok(false),
            }
        };
        match message {
            Message::Request(request) => {
                match connection.handle_shutdown(&request) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(_) => return Ok(false),
                }
                // An answer is about the text as it is now.
                if std::mem::take(&mut is_stale) {
                    server.check();
                }
                server.answer(request);
            }
            Message::Notification(notification) if notification.method == "exit" => {
                return Ok(false);
            }
            Message::Notification(notification) => is_stale |= server.take(&notification),
            Message::Response(_) => {}
        }
    }
}

struct Server<'c> {
    connection: &'c Connection,
    files: Files,
    folders: Vec<Utf8PathBuf>,
    /// The version of each open file, by address.
    versions: BTreeMap<String, i64>,
    /// The findings of the last check, each with the root that its paths are relative to.
    findings: Vec<(Utf8PathBuf, Finding)>,
    /// Files with diagnostics.
    published: BTreeSet<String>,
}

impl<'c> Server<'c> {
    fn new(connection: &'c Connection, parameters: &Value) -> Self {
        let mut folders: Vec<Utf8PathBuf> = parameters["workspaceFolders"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|folder| path(&folder["uri"]))
            .collect();
        if folders.is_empty() {
            folders.extend(path(&parameters["rootUri"]));
        }
        Self {
            connection,
            files: Files::disk(),
            folders,
            versions: BTreeMap::new(),
            findings: Vec::new(),
            published: BTreeSet::new(),
        }
    }

    /// Takes note of a change. Says whether something is to be checked again.
    fn take(&mut self, notification: &Notification) -> bool {
        let parameters = &notification.params;
        let document = &parameters["textDocument"];
        match notification.method.as_str() {
            "textDocument/didOpen" => self.set(document, &document["text"]),
            // The whole text, as the server's capabilities ask.
            "textDocument/didChange" => {
                let changes = parameters["contentChanges"].as_array();
                let last = changes.and_then(|changes| changes.last());
                last.is_some_and(|change| self.set(document, &change["text"]))
            }
            "textDocument/didClose" => {
                if let Some(path) = path(&document["uri"]) {
                    self.files.drop_buffer(&path);
                }
                if let Some(uri) = document["uri"].as_str() {
                    self.versions.remove(uri);
                }
                true
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => true,
            _ => false,
        }
    }

    fn set(&mut self, document: &Value, text: &Value) -> bool {
        let (Some(path), Some(text)) = (path(&document["uri"]), text.as_str()) else {
            return false;
        };
        if let (Some(uri), Some(version)) = (document["uri"].as_str(), document["version"].as_i64())
        {
            self.versions.insert(uri.to_owned(), version);
        }
        self.files.set_buffer(path, text);
        true
    }

    /// Checks all folders and publishes what is found.
    fn check(&mut self) {
        self.findings.clear();
        for folder in self.folders.clone() {
            match check(&self.files, &folder) {
                Ok((root, report)) => self.findings.extend(
                    report
                        .findings
                        .into_iter()
                        .filter(Finding::is_open)
                        .map(|finding| (root.clone(), finding)),
                ),
                Err(why) => self.notify(
                    "window/logMessage",
                    json!({ "type": 1, "message": format!("{folder}: {why}") }),
                ),
            }
        }
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (root, finding) in &self.findings {
            if let Some(place) = &finding.place
                && let Some(uri) = diagnostics::uri(&root.join(&place.at.path))
            {
                by_file
                    .entry(uri)
                    .or_default()
                    .push(diagnostics::diagnostic(root, finding, place));
            }
        }
        let found: BTreeSet<String> = by_file.keys().cloned().collect();
        for gone in self.published.difference(&found) {
            by_file.insert(gone.clone(), Vec::new());
        }
        self.published = found;
        for (uri, mut diagnostics) in by_file {
            // Folders of one editor may overlap.
            diagnostics.dedup();
            let mut parameters = json!({ "uri": uri, "diagnostics": diagnostics });
            if let Some(version) = self.versions.get(&uri) {
                parameters["version"] = json!(version);
            }
            self.notify("textDocument/publishDiagnostics", parameters);
        }
    }

    fn answer(&self, request: Request) {
        let response = match request.method.as_str() {
            "textDocument/codeAction" => {
                Response::new_ok(request.id, self.actions(&request.params))
            }
            method => Response::new_err(
                request.id,
                ErrorCode::MethodNotFound as i32,
                format!("{method} is not supported"),
            ),
        };
        self.send(Message::Response(response));
    }

    /// The fixes of the findings whose lines a range touches.
    fn actions(&self, parameters: &Value) -> Value {
        let Some(wanted) = path(&parameters["textDocument"]["uri"]) else {
            return json!([]);
        };
        let line = |end: &str| parameters["range"][end]["line"].as_u64().unwrap_or(0);
        let (first, last) = (line("start"), line("end"));
        let version = |uri: &str| self.versions.get(uri).copied();
        let actions: Vec<Value> = self
            .findings
            .iter()
            .filter(|(root, finding)| {
                finding.place.as_ref().is_some_and(|mark| {
                    root.join(&mark.at.path) == wanted
                        && mark.at.start.line as u64 <= last.saturating_add(1)
                        && mark.at.end.line as u64 > first
                })
            })
            .filter_map(|(root, finding)| diagnostics::action(root, finding, &version))
            .collect();
        Value::Array(actions)
    }

    fn notify(&self, method: &str, parameters: Value) {
        self.send(Message::Notification(Notification::new(
            method.to_owned(),
            parameters,
        )));
    }

    fn send(&self, message: Message) {
        // An editor that is gone reads nothing; the next message that cannot be received ends the server.
        let _ = self.connection.sender.send(message);
    }
}

/// The path that an address of a file stands for.
fn path(uri: &Value) -> Option<Utf8PathBuf> {
    let url = Url::parse(uri.as_str()?).ok()?;
    if url.scheme() != "file" {
        return None;
    }
    Utf8PathBuf::from_path_buf(url.to_file_path().ok()?).ok()
}

/// Checks a folder as `entralint check` in it does. Gives the root of the report's paths.
fn check(files: &Files, folder: &Utf8Path) -> Result<(Utf8PathBuf, Report), String> {
    let paths = vec![Utf8PathBuf::from(".")];
    let root = entralint_project::root::Root::of(folder, &paths).root;
    let report = (|| {
        let options = CatalogOptions::default();
        let project = Project::open_with(files.clone(), folder, &options, &paths)?;
        let known = baseline::load(
            &project.files,
            None,
            &project.config.config,
            &project.root,
            false,
        )?;
        let mut run = project.check(&CheckOptions {
            paths,
            calls: CallOptions::default(),
            limit: read::LARGEST_MIB * 1024 * 1024,
            scan: true,
            include_tests: false,
            keep_apps: false,
            today: jiff::Zoned::now().date(),
        })?;
        run.finish(known.as_ref().and_then(|known| known.baseline.as_ref()));
        Ok(run.report)
    })();
    match report {
        Ok(report) => Ok((root, report)),
        Err(Failure::Findings(findings)) => Ok((root, failed(findings))),
        Err(Failure::Text(why)) => Err(why),
    }
}

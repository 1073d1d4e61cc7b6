//! The conversation with an editor: what changed is taken note of, checked after a pause, and published; requests are
//! answered from what the last check knows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_project::{Files, Workspace, read};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde_json::{Value, json};
use source_text::{FileId, Source};
use url::Url;

use crate::context::{ClientOptions, Context};
use crate::features::FEATURES;
use crate::folder::{Folder, Opened};
use crate::{adapters, diagnostics};

/// After a change the server waits this long for the next one.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// What comes next.
enum Next {
    /// The folders are opened anew: a configuration or a file that decides what counts changed.
    Open,
    /// The editor said goodbye, in order or not.
    End(bool),
}

/// The server of one editor.
pub(crate) struct Server<'c> {
    connection: &'c Connection,
    files: Files,
    folders: Vec<Utf8PathBuf>,
    options: ClientOptions,
    /// The version of each open file, by address.
    versions: BTreeMap<String, i64>,
    /// Files with diagnostics.
    published: BTreeSet<String>,
    /// What changed since the last check, by absolute path.
    changed: BTreeSet<Utf8PathBuf>,
    /// Files came or went since.
    listed: bool,
    /// The folders themselves changed, or what is configured.
    is_stale: bool,
    /// A request that waits until the folders are opened.
    waiting: Option<Request>,
}

impl<'c> Server<'c> {
    /// A server for the folders of an editor's first message.
    pub(crate) fn new(connection: &'c Connection, parameters: &Value) -> Self {
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
            options: ClientOptions::of(&parameters["initializationOptions"]),
            versions: BTreeMap::new(),
            published: BTreeSet::new(),
            changed: BTreeSet::new(),
            listed: false,
            is_stale: false,
            waiting: None,
        }
    }

    /// Serves until the editor says goodbye. Gives whether it did so in order.
    pub(crate) fn run(mut self) -> bool {
        loop {
            self.is_stale = false;
            self.listed = false;
            self.changed.clear();
            let opened: Vec<Opened> = self
                .folders
                .iter()
                .map(|path| Opened::new(&self.files, path.clone()))
                .collect();
            let mut folders: Vec<Folder<'_>> = opened.iter().map(Folder::new).collect();
            self.publish(&folders);
            if let Some(request) = self.waiting.take() {
                self.answer(request, &folders);
            }
            if let Next::End(in_order) = self.talk(&mut folders) {
                return in_order;
            }
        }
    }

    fn talk(&mut self, folders: &mut [Folder<'_>]) -> Next {
        loop {
            let message = if self.has_changed() {
                match self.connection.receiver.recv_timeout(DEBOUNCE) {
                    Ok(message) => message,
                    Err(error) if error.is_timeout() => {
                        if self.is_stale {
                            return Next::Open;
                        }
                        self.update(folders);
                        continue;
                    }
                    Err(_) => return Next::End(false),
                }
            } else {
                match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Next::End(false),
                }
            };
            match message {
                Message::Request(request) => {
                    match self.connection.handle_shutdown(&request) {
                        Ok(true) => return Next::End(true),
                        Ok(false) => {}
                        Err(_) => return Next::End(false),
                    }
                    // An answer is about the text as it is now.
                    if self.is_stale {
                        self.waiting = Some(request);
                        return Next::Open;
                    }
                    if self.has_changed() {
                        self.update(folders);
                    }
                    self.answer(request, folders);
                }
                Message::Notification(notification) if notification.method == "exit" => {
                    return Next::End(false);
                }
                Message::Notification(notification) => self.take(&notification, folders),
                Message::Response(_) => {}
            }
        }
    }

    fn has_changed(&self) -> bool {
        self.is_stale || self.listed || !self.changed.is_empty()
    }

    fn update(&mut self, folders: &mut [Folder<'_>]) {
        let changed = std::mem::take(&mut self.changed);
        let listed = std::mem::take(&mut self.listed);
        for folder in folders.iter_mut() {
            folder.update(&changed, listed);
        }
        self.publish(folders);
    }

    /// Takes note of what a notification says.
    fn take(&mut self, notification: &Notification, folders: &[Folder<'_>]) {
        let parameters = &notification.params;
        let document = &parameters["textDocument"];
        match notification.method.as_str() {
            "textDocument/didOpen" => self.set(document, &document["text"], folders),
            // The whole text, as the server's capabilities say.
            "textDocument/didChange" => {
                let changes = parameters["contentChanges"].as_array();
                if let Some(change) = changes.and_then(|changes| changes.last()) {
                    self.set(document, &change["text"], folders);
                }
            }
            "textDocument/didClose" => {
                if let Some(uri) = document["uri"].as_str() {
                    self.versions.remove(uri);
                }
                if let Some(path) = path(&document["uri"]) {
                    self.files.drop_buffer(&path);
                    self.listed |= !self.files.is_file(&path);
                    self.note(path, folders);
                }
            }
            "textDocument/didSave" => {
                if let Some(path) = path(&document["uri"]) {
                    self.note(path, folders);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                /// A file whose content changed; otherwise it came or went.
                const CHANGED: u64 = 2;
                for change in parameters["changes"].as_array().into_iter().flatten() {
                    if let Some(path) = path(&change["uri"]) {
                        self.listed |= change["type"].as_u64() != Some(CHANGED);
                        self.note(path, folders);
                    }
                }
            }
            "workspace/didChangeConfiguration" => {
                let settings = &parameters["settings"]["entralint"];
                if settings.is_object() {
                    self.options = ClientOptions::of(settings);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, document: &Value, text: &Value, folders: &[Folder<'_>]) {
        let (Some(path), Some(text)) = (path(&document["uri"]), text.as_str()) else {
            return;
        };
        if let (Some(uri), Some(version)) = (document["uri"].as_str(), document["version"].as_i64())
        {
            self.versions.insert(uri.to_owned(), version);
        }
        self.listed |= !self.files.is_file(&path);
        self.files.set_buffer(path.clone(), text);
        self.note(path, folders);
    }

    fn note(&mut self, path: Utf8PathBuf, folders: &[Folder<'_>]) {
        self.is_stale |= folders
            .iter()
            .filter_map(|folder| folder.project)
            .any(|project| Workspace::depends_on(project, &path));
        self.changed.insert(path);
    }

    /// Publishes the findings of all folders.
    fn publish(&mut self, folders: &[Folder<'_>]) {
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for folder in folders {
            if let Some(why) = &folder.failure {
                self.notify(
                    "window/logMessage",
                    json!({ "type": 1, "message": format!("{}: {why}", folder.path) }),
                );
            }
            let root = folder.root();
            for (path, findings) in &folder.findings {
                let Some(uri) = diagnostics::uri(&root.join(path)) else {
                    continue;
                };
                let shown = by_file.entry(uri).or_default();
                for finding in findings {
                    if let Some(place) = &finding.place {
                        shown.push(diagnostics::diagnostic(root, finding, place));
                    }
                }
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

    fn answer(&self, request: Request, folders: &[Folder<'_>]) {
        let method = request.method.as_str();
        let feature = FEATURES.iter().find(|feature| feature.method == method);
        let response = if method == "textDocument/codeAction" {
            let actions = self.in_file(folders, &request.params, |context| {
                self.actions(context, &request.params)
            });
            Response::new_ok(request.id, actions.unwrap_or_else(|| json!([])))
        } else if let Some(feature) = feature {
            let answer = self.in_file(folders, &request.params, |context| {
                (feature.answer)(context, &request.params)
            });
            Response::new_ok(request.id, answer.unwrap_or(Value::Null))
        } else {
            Response::new_err(
                request.id,
                ErrorCode::MethodNotFound as i32,
                format!("{method} is not supported"),
            )
        };
        self.send(Message::Response(response));
    }

    /// Runs a feature with what is known of the file of a request: that of the nearest folder around it.
    fn in_file(
        &self,
        folders: &[Folder<'_>],
        parameters: &Value,
        run: impl FnOnce(&Context<'_>) -> Value,
    ) -> Option<Value> {
        let whole = path(&parameters["textDocument"]["uri"])?;
        let folder = folders
            .iter()
            .filter(|folder| whole.starts_with(folder.path))
            .max_by_key(|folder| folder.path.as_str().len())?;
        let (project, workspace) = (folder.project?, folder.workspace.as_ref()?);
        let relative = project.root.relative(&whole);
        let unit = workspace.unit_of(&relative);
        let in_unit = unit.as_deref().and_then(|unit| {
            let mut files = unit.texts.unit().files();
            files.find(|source| source.name() == relative)
        });
        let alone;
        let source = match in_unit {
            Some(source) => source,
            None => {
                let limit = read::LARGEST_MIB * 1024 * 1024;
                let bytes = self.files.bytes(&whole, limit).ok()?;
                // No file of a unit has this number.
                alone = Source::decode(FileId::new(u32::MAX), relative.clone(), bytes).ok()?;
                &alone
            }
        };
        let context = Context {
            workspace,
            source,
            unit: unit.as_deref(),
            evidence: workspace.calls_of(&relative).next(),
            findings: folder.findings.get(&relative).map_or(&[], Vec::as_slice),
            options: &self.options,
        };
        Some(run(&context))
    }

    /// The fixes of the findings whose lines a range touches, and the ways to accept them.
    fn actions(&self, context: &Context<'_>, parameters: &Value) -> Value {
        let line = |end: &str| parameters["range"][end]["line"].as_u64().unwrap_or(0);
        let (first, last) = (line("start"), line("end"));
        let version = |uri: &str| self.versions.get(uri).copied();
        let root = &context.workspace.project().root.root;
        let here: Vec<_> = context
            .findings
            .iter()
            .filter(|finding| {
                finding.place.as_ref().is_some_and(|mark| {
                    mark.at.start.line as u64 <= last.saturating_add(1)
                        && mark.at.end.line as u64 > first
                })
            })
            .collect();
        let mut actions: Vec<Value> = here
            .iter()
            .filter_map(|finding| diagnostics::action(root, finding, &version))
            .collect();
        actions.extend(
            here.iter()
                .flat_map(|finding| adapters::allow(context, finding)),
        );
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

impl Folder<'_> {
    /// What the paths of its findings are relative to.
    fn root(&self) -> &Utf8Path {
        self.project
            .map_or(self.path, |project| project.root.root.as_path())
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

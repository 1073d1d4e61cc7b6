//! The editor at the other end: what it has open, what it can do, and what it is sent. Shared by all threads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use crossbeam_channel::Sender;
use entralint_project::Files;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::context::ClientOptions;
use crate::positions::Positions;
use crate::progress;
use crate::uri::{self, System};

/// An open file.
#[derive(Clone, Debug)]
struct Document {
    /// Its address, as the editor writes it.
    uri: String,
    version: Option<i64>,
}

/// Diagnostics of one file, by the folder that they are of.
type OfFile = BTreeMap<usize, Vec<Value>>;

#[derive(Debug, Default)]
struct State {
    documents: BTreeMap<Utf8PathBuf, Document>,
    options: ClientOptions,
    published: BTreeMap<Utf8PathBuf, OfFile>,
    /// The newest generation of each folder that published.
    generations: HashMap<usize, u64>,
    /// Requests that wait for their answer.
    waiting: HashSet<RequestId>,
    cancelled: HashSet<RequestId>,
    /// Progress that the editor agreed to show.
    shown: BTreeSet<String>,
    /// Progress that it was asked to show.
    asked: HashMap<RequestId, String>,
    /// Progress that was over before the editor agreed.
    over: BTreeSet<String>,
    /// Progress that a person cancelled.
    stopped: BTreeSet<String>,
}

/// What the editor can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abilities {
    /// Columns are counted so.
    pub(crate) positions: Positions,
    /// It shows progress.
    pub(crate) progress: bool,
    /// It watches files when asked to.
    pub(crate) watches: bool,
}

impl Abilities {
    /// As the parameters of `initialize` say.
    pub(crate) fn of(parameters: &Value) -> Self {
        let capabilities = &parameters["capabilities"];
        let is = |value: &Value| value.as_bool().unwrap_or(false);
        Self {
            positions: Positions::negotiated(&capabilities["general"]["positionEncodings"]),
            progress: is(&capabilities["window"]["workDoneProgress"]),
            watches: is(&capabilities["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"]),
        }
    }
}

/// The editor.
pub(crate) struct Client {
    sender: Sender<Message>,
    /// The files, with the editor's buffers in place of those on the disk.
    pub(crate) files: Files,
    pub(crate) abilities: Abilities,
    state: Mutex<State>,
    next: AtomicI32,
}

impl Client {
    /// The editor at the other end of a connection.
    pub(crate) fn new(sender: Sender<Message>, parameters: &Value) -> Self {
        let state = State {
            options: ClientOptions::of(&parameters["initializationOptions"]),
            ..State::default()
        };
        Self {
            sender,
            files: Files::disk(),
            abilities: Abilities::of(parameters),
            state: Mutex::new(state),
            next: AtomicI32::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, message: Message) {
        // An editor that is gone reads nothing; the next message that cannot be received ends the server.
        let _ = self.sender.send(message);
    }

    /// Sends a notification.
    pub(crate) fn notify(&self, method: &str, parameters: Value) {
        let notification = Notification::new(method.to_owned(), parameters);
        self.send(Message::Notification(notification));
    }

    /// Sends a request; gives its id.
    pub(crate) fn request(&self, method: &str, parameters: Value) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::from(format!("entralint/{number}"));
        let request = Request::new(id.clone(), method.to_owned(), parameters);
        self.send(Message::Request(request));
        id
    }

    /// Writes a line into the editor's log.
    pub(crate) fn log(&self, text: &str) {
        /// The protocol's number for a warning.
        const WARNING: u8 = 2;
        self.notify(
            "window/logMessage",
            json!({ "type": WARNING, "message": text }),
        );
    }

    /// Takes note of a request that is to be answered.
    pub(crate) fn received(&self, id: &RequestId) {
        self.state().waiting.insert(id.clone());
    }

    /// The editor does not want an answer any more.
    pub(crate) fn cancel(&self, id: &RequestId) {
        let mut state = self.state();
        if state.waiting.contains(id) {
            state.cancelled.insert(id.clone());
        }
    }

    /// Whether a request was cancelled.
    pub(crate) fn is_cancelled(&self, id: &RequestId) -> bool {
        self.state().cancelled.contains(id)
    }

    /// Answers a request; one that was cancelled with that.
    pub(crate) fn answer(&self, id: RequestId, answer: Result<Value, (ErrorCode, String)>) {
        let mut state = self.state();
        state.waiting.remove(&id);
        let was_cancelled = state.cancelled.remove(&id);
        drop(state);
        let response = match answer {
            _ if was_cancelled => {
                let code = ErrorCode::RequestCanceled as i32;
                Response::new_err(id, code, "the request was cancelled".to_owned())
            }
            Ok(value) => Response::new_ok(id, value),
            Err((code, why)) => Response::new_err(id, code as i32, why),
        };
        self.send(Message::Response(response));
    }

    /// What the editor sets.
    pub(crate) fn options(&self) -> ClientOptions {
        self.state().options.clone()
    }

    /// The editor set something else.
    pub(crate) fn set_options(&self, options: ClientOptions) {
        self.state().options = options;
    }

    /// Takes note of an open file.
    pub(crate) fn opened(&self, path: Utf8PathBuf, uri: &str, version: Option<i64>) {
        let document = Document {
            uri: uri.to_owned(),
            version,
        };
        self.state().documents.insert(path, document);
    }

    /// Takes note that a file is open no more.
    pub(crate) fn closed(&self, path: &Utf8Path) {
        self.state().documents.remove(path);
    }

    /// The open files.
    pub(crate) fn open_files(&self) -> Vec<Utf8PathBuf> {
        self.state().documents.keys().cloned().collect()
    }

    /// The address of a file: of an open one as the editor writes it.
    pub(crate) fn uri(&self, path: &Utf8Path) -> Option<String> {
        match self.state().documents.get(path) {
            Some(document) => Some(document.uri.clone()),
            None => uri::uri(path, System::HERE),
        }
    }

    /// The version of an open file.
    pub(crate) fn version(&self, path: &Utf8Path) -> Option<i64> {
        self.state().documents.get(path)?.version
    }

    /// Publishes the diagnostics of a folder, by absolute path. What an older generation says after a newer one does not
    /// count.
    pub(crate) fn publish(
        &self,
        folder: usize,
        generation: u64,
        mut by_file: BTreeMap<Utf8PathBuf, Vec<Value>>,
    ) {
        let mut state = self.state();
        let newest = state.generations.entry(folder).or_default();
        if generation < *newest {
            return;
        }
        *newest = generation;
        let mut changed: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        for (path, folders) in &mut state.published {
            let new = by_file.remove(path).unwrap_or_default();
            let old = folders.get(&folder).map(Vec::as_slice).unwrap_or_default();
            if old != new {
                changed.insert(path.clone());
                folders.insert(folder, new);
            }
        }
        for (path, new) in by_file {
            changed.insert(path.clone());
            state.published.insert(path, OfFile::from([(folder, new)]));
        }
        // In an open file an editor moves or drops what it shows with each change: that is said anew.
        let open = state.documents.keys();
        let shown = open.filter(|path| state.published.contains_key(*path));
        changed.extend(shown.cloned());
        let mut messages = Vec::new();
        for path in changed {
            let document = state.documents.get(&path);
            let address = match document {
                Some(document) => Some(document.uri.clone()),
                None => uri::uri(&path, System::HERE),
            };
            let Some(address) = address else { continue };
            let mut diagnostics: Vec<&Value> = Vec::new();
            let of_file = state.published.get(&path).into_iter().flatten();
            for diagnostic in of_file.flat_map(|(_, diagnostics)| diagnostics) {
                // Folders of one editor may overlap.
                if !diagnostics.contains(&diagnostic) {
                    diagnostics.push(diagnostic);
                }
            }
            let mut parameters = json!({ "uri": address, "diagnostics": diagnostics });
            if let Some(version) = document.and_then(|document| document.version) {
                parameters["version"] = json!(version);
            }
            messages.push(parameters);
        }
        state
            .published
            .retain(|_, folders| folders.values().any(|diagnostics| !diagnostics.is_empty()));
        // Before the next one publishes: the order of messages is the order of generations.
        for parameters in messages {
            self.notify("textDocument/publishDiagnostics", parameters);
        }
    }

    /// Asks the editor to show progress of this token.
    pub(crate) fn create_progress(&self, token: &str) {
        let mut state = self.state();
        let id = self.request("window/workDoneProgress/create", json!({ "token": token }));
        state.asked.insert(id, token.to_owned());
    }

    /// Takes note of what the editor answers to a request of the server.
    pub(crate) fn answered(&self, response: &Response) {
        let mut state = self.state();
        if let Some(token) = state.asked.remove(&response.id)
            && response.response_result.is_ok()
        {
            if state.over.remove(&token) {
                // It was over before the editor agreed: what it prepared to show ends here.
                self.progress(&token, progress::begin(0));
                self.progress(&token, progress::end());
            } else {
                state.shown.insert(token);
            }
        }
    }

    /// Says how far something is.
    pub(crate) fn progress(&self, token: &str, value: Value) {
        self.notify("$/progress", json!({ "token": token, "value": value }));
    }

    /// Progress of this token is over, of which something was shown or not.
    pub(crate) fn end_progress(&self, token: &str, has_begun: bool) {
        let mut state = self.state();
        state.stopped.remove(token);
        if state.shown.remove(token) {
            if !has_begun {
                self.progress(token, progress::begin(0));
            }
            self.progress(token, progress::end());
        } else if state.asked.values().any(|asked| asked == token) {
            state.over.insert(token.to_owned());
        }
    }

    /// Whether the editor agreed to show progress of this token.
    pub(crate) fn shows_progress(&self, token: &str) -> bool {
        self.state().shown.contains(token)
    }

    /// A person cancelled what the progress of this token is of.
    pub(crate) fn cancel_progress(&self, token: &str) {
        let mut state = self.state();
        if state.shown.contains(token) {
            state.stopped.insert(token.to_owned());
        }
    }

    /// Whether a person cancelled it.
    pub(crate) fn has_cancelled_progress(&self, token: &str) -> bool {
        self.state().stopped.contains(token)
    }
}

//! The conversation with an editor. What it says is taken note of at once and handed to the workers of its folders, which
//! check and answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use crossbeam_channel::{Receiver, Sender, select, unbounded};
use entralint_project::Workspace;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::context::ClientOptions;
use crate::uri::{self, System};
use crate::worker::{self, Job, Opened, Scope, Update, Worker};

/// After a change of the configuration a folder is opened anew when nothing more came for so long.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// A request waits so long for the index of its folder; then it is answered from the open files.
const PATIENCE: Duration = Duration::from_secs(1);

/// A worker, seen from the main loop.
struct Handle {
    generation: u64,
    jobs: Sender<Job>,
    stop: Arc<AtomicBool>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A folder of the editor, or one in which it has a file open that lies in none of them.
struct Folder {
    number: usize,
    path: Utf8PathBuf,
    /// Only open files are looked at.
    is_loose: bool,
    /// Answers requests.
    current: Option<Handle>,
    /// Reads the whole folder, to become the current one.
    next: Option<Handle>,
    /// It is to be opened anew then.
    reopen: Option<Instant>,
}

impl Folder {
    fn handles(&self) -> impl Iterator<Item = &Handle> {
        self.current.iter().chain(&self.next)
    }
}

/// A request that waits for the index of its folder.
struct Held {
    folder: usize,
    request: Request,
    path: Utf8PathBuf,
    until: Instant,
}

/// How a conversation ended, or that it goes on.
enum Next {
    GoOn,
    End(bool),
}

/// The server of one editor.
pub(crate) struct MainLoop<'c> {
    connection: &'c Connection,
    client: Arc<Client>,
    folders: Vec<Folder>,
    numbers: usize,
    generations: u64,
    opened: (Sender<Opened>, Receiver<Opened>),
    held: Vec<Held>,
    /// The editor asked to shut down: what follows is its last word.
    is_shut_down: bool,
}

impl<'c> MainLoop<'c> {
    /// A server for the folders of an editor's first message.
    pub(crate) fn new(connection: &'c Connection, parameters: &Value, client: Arc<Client>) -> Self {
        let mut this = Self {
            connection,
            client,
            folders: Vec::new(),
            numbers: 0,
            generations: 0,
            opened: unbounded(),
            held: Vec::new(),
            is_shut_down: false,
        };
        let named = parameters["workspaceFolders"].as_array();
        let mut folders: Vec<Utf8PathBuf> = named
            .into_iter()
            .flatten()
            .filter_map(|folder| path(&folder["uri"]))
            .collect();
        if folders.is_empty() {
            folders.extend(path(&parameters["rootUri"]));
        }
        for folder in folders {
            this.add(folder);
        }
        this
    }

    /// Asks the editor to say which files change on the disk.
    fn watch(&self) {
        if self.client.abilities.watches {
            let watchers = json!([{ "globPattern": "**/*" }]);
            let registration = json!({
                "id": "entralint/files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            });
            let parameters = json!({ "registrations": [registration] });
            self.client.request("client/registerCapability", parameters);
        }
    }

    /// Serves until the editor says goodbye. Gives whether it did so in order.
    pub(crate) fn run(mut self) -> bool {
        loop {
            let timer = match self.next_deadline() {
                Some(until) => crossbeam_channel::at(until),
                None => crossbeam_channel::never(),
            };
            let next = select! {
                recv(self.connection.receiver) -> message => match message {
                    Ok(message) => self.take(message),
                    Err(_) => Next::End(self.is_shut_down),
                },
                recv(self.opened.1) -> opened => {
                    if let Ok(opened) = opened {
                        self.switch(opened);
                    }
                    Next::GoOn
                }
                recv(timer) -> _ => {
                    self.expire();
                    Next::GoOn
                }
            };
            if let Next::End(in_order) = next {
                return in_order;
            }
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let reopened = self.folders.iter().filter_map(|folder| folder.reopen);
        reopened
            .chain(self.held.iter().map(|held| held.until))
            .min()
    }

    /// Does what waited for a time that has come.
    fn expire(&mut self) {
        let now = Instant::now();
        for at in 0..self.folders.len() {
            if self.folders[at].reopen.is_some_and(|until| until <= now) {
                self.folders[at].reopen = None;
                let next = self.start(at, self.scope(at));
                self.folders[at].next = Some(next);
            }
        }
        let (ready, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| held.until <= now);
        self.held = held;
        self.hand_on(ready);
    }

    fn take(&mut self, message: Message) -> Next {
        match message {
            Message::Request(request) if self.is_shut_down => {
                self.client.received(&request.id);
                let why = "the server is shut down".to_owned();
                let answer = Err((ErrorCode::InvalidRequest, why));
                self.client.answer(request.id, answer);
            }
            Message::Request(request) if request.method == "shutdown" => {
                self.is_shut_down = true;
                self.client.received(&request.id);
                self.client.answer(request.id, Ok(Value::Null));
                self.folders.clear();
            }
            Message::Request(request) => self.answer(request),
            Message::Notification(notification) if notification.method == "exit" => {
                return Next::End(self.is_shut_down);
            }
            Message::Notification(_) if self.is_shut_down => {}
            Message::Notification(notification) => self.note(&notification),
            Message::Response(response) => self.client.answered(&response),
        }
        Next::GoOn
    }

    /// Takes note of what a notification says.
    fn note(&mut self, notification: &Notification) {
        let parameters = &notification.params;
        let document = &parameters["textDocument"];
        match notification.method.as_str() {
            "initialized" => self.watch(),
            "textDocument/didOpen" => self.set(document, &document["text"], true),
            // The whole text, as the server's capabilities say.
            "textDocument/didChange" => {
                let changes = parameters["contentChanges"].as_array();
                if let Some(change) = changes.and_then(|changes| changes.last()) {
                    self.set(document, &change["text"], false);
                }
            }
            "textDocument/didClose" => {
                if let Some(path) = path(&document["uri"]) {
                    let before = self.client.files.buffer(&path);
                    self.client.closed(&path);
                    self.client.files.drop_buffer(&path);
                    let on_disk = std::fs::read(&path).ok();
                    let is_same =
                        before.is_some_and(|text| on_disk.as_deref() == Some(text.as_bytes()));
                    self.changed(path.clone(), on_disk.is_none(), true, is_same);
                    self.close_loose();
                }
            }
            "textDocument/didSave" => {
                if let Some(path) = path(&document["uri"]) {
                    self.changed(path, false, true, false);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                /// A file whose content changed; otherwise it came or went.
                const CHANGED: u64 = 2;
                for change in parameters["changes"].as_array().into_iter().flatten() {
                    // What git keeps for itself is in no project.
                    if let Some(path) = path(&change["uri"])
                        && !path.components().any(|part| part.as_str() == ".git")
                    {
                        let listed = change["type"].as_u64() != Some(CHANGED);
                        self.changed(path, listed, false, false);
                    }
                }
            }
            "workspace/didChangeConfiguration" => {
                let settings = &parameters["settings"]["entralint"];
                if settings.is_object() {
                    self.client.set_options(ClientOptions::of(settings));
                }
            }
            "workspace/didChangeWorkspaceFolders" => self.change_folders(&parameters["event"]),
            "$/cancelRequest" => {
                if let Some(id) = id(&parameters["id"]) {
                    self.client.cancel(&id);
                    let (cancelled, held) = std::mem::take(&mut self.held)
                        .into_iter()
                        .partition(|held| held.request.id == id);
                    self.held = held;
                    self.hand_on(cancelled);
                }
            }
            "window/workDoneProgress/cancel" => {
                if let Some(token) = parameters["token"].as_str() {
                    self.client.cancel_progress(token);
                }
            }
            _ => {}
        }
    }

    fn change_folders(&mut self, event: &Value) {
        let paths = |key: &str| -> Vec<Utf8PathBuf> {
            let folders = event[key].as_array();
            folders
                .into_iter()
                .flatten()
                .filter_map(|folder| path(&folder["uri"]))
                .collect()
        };
        for gone in paths("removed") {
            let is_gone = |folder: &Folder| !folder.is_loose && folder.path == gone;
            let (gone, kept) = std::mem::take(&mut self.folders)
                .into_iter()
                .partition(is_gone);
            self.folders = kept;
            for folder in gone {
                self.forget(&folder);
            }
        }
        for new in paths("added") {
            self.add(new);
        }
    }

    /// A folder is looked at no more: nothing is shown of it.
    fn forget(&mut self, folder: &Folder) {
        self.generations += 1;
        let nothing = std::collections::BTreeMap::new();
        self.client
            .publish(folder.number, self.generations, nothing);
        let (gone, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| held.folder == folder.number);
        self.held = held;
        self.hand_on(gone);
    }

    /// A folder that was only looked at for an open file is none when that is closed.
    fn close_loose(&mut self) {
        let open = self.client.open_files();
        let is_left = |folder: &Folder| {
            folder.is_loose && !open.iter().any(|open| open.starts_with(&folder.path))
        };
        let (left, kept) = std::mem::take(&mut self.folders)
            .into_iter()
            .partition(is_left);
        self.folders = kept;
        for folder in left {
            self.forget(&folder);
        }
    }

    fn set(&mut self, document: &Value, text: &Value, is_opened: bool) {
        let (Some(path), Some(uri), Some(text)) = (
            path(&document["uri"]),
            document["uri"].as_str(),
            text.as_str(),
        ) else {
            return;
        };
        let files = &self.client.files;
        let is_new = !files.is_file(&path);
        let is_same = match files.buffer(&path) {
            Some(known) => *known == *text,
            None => std::fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()),
        };
        self.client
            .opened(path.clone(), uri, document["version"].as_i64());
        files.set_buffer(path.clone(), text);
        if !self
            .folders
            .iter()
            .any(|folder| path.starts_with(&folder.path))
            && let Some(folder) = path.parent()
        {
            self.add_folder(folder.to_owned(), true);
        }
        self.changed(path, is_new, is_opened, is_same);
    }

    /// Hands a change on to the folders that it concerns. `is_same`: the file says what it said.
    fn changed(&mut self, path: Utf8PathBuf, listed: bool, at_once: bool, is_same: bool) {
        let is_settings = !is_same && Workspace::depends_on(&self.client.files, &path);
        let is_named = self.client.files.is_named(&path);
        for folder in &mut self.folders {
            let is_inside = path.starts_with(&folder.path);
            if is_settings && (is_named || is_inside) {
                folder.reopen = Some(Instant::now() + DEBOUNCE);
            }
            // A project may reach to the root of its repository: which files are its own it knows itself.
            for handle in folder.handles() {
                let update = Update {
                    changed: [path.clone()].into(),
                    listed: listed && is_inside,
                    at_once,
                };
                let _ = handle.jobs.send(Job::Update(update));
            }
        }
    }

    fn add(&mut self, path: Utf8PathBuf) {
        let is_known = |folder: &Folder| !folder.is_loose && folder.path == path;
        if !self.folders.iter().any(is_known) {
            self.add_folder(path, false);
        }
    }

    fn add_folder(&mut self, path: Utf8PathBuf, is_loose: bool) {
        self.numbers += 1;
        let at = self.folders.len();
        self.folders.push(Folder {
            number: self.numbers,
            path,
            is_loose,
            current: None,
            next: None,
            reopen: None,
        });
        let current = self.start(at, Scope::Open);
        self.folders[at].current = Some(current);
        if !is_loose {
            let next = self.start(at, Scope::Folder);
            self.folders[at].next = Some(next);
        }
    }

    fn scope(&self, at: usize) -> Scope {
        if self.folders[at].is_loose {
            Scope::Open
        } else {
            Scope::Folder
        }
    }

    /// Starts a worker of a folder.
    fn start(&mut self, at: usize, scope: Scope) -> Handle {
        self.generations += 1;
        let (jobs, received) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            client: Arc::clone(&self.client),
            folder: self.folders[at].number,
            path: self.folders[at].path.clone(),
            generation: self.generations,
            scope,
            opened: self.opened.0.clone(),
            stop: Arc::clone(&stop),
        };
        std::thread::spawn(move || worker.run(&received));
        Handle {
            generation: self.generations,
            jobs,
            stop,
        }
    }

    /// A worker opened its project: from now on it answers. One that could not leaves the answers to the one before.
    fn switch(&mut self, opened: Opened) {
        let found = self
            .folders
            .iter_mut()
            .find(|folder| folder.number == opened.folder);
        let Some(folder) = found else { return };
        let is_next = |handle: &Handle| handle.generation == opened.generation;
        if !folder.next.as_ref().is_some_and(is_next) {
            return;
        }
        let next = folder.next.take();
        if opened.is_ready {
            folder.current = next;
        }
        let (ready, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| held.folder == opened.folder);
        self.held = held;
        self.hand_on(ready);
    }

    fn answer(&mut self, request: Request) {
        self.client.received(&request.id);
        if !worker::is_answered(&request.method) {
            let why = format!("{} is not supported", request.method);
            let answer = Err((ErrorCode::MethodNotFound, why));
            return self.client.answer(request.id, answer);
        }
        let path = path(&request.params["textDocument"]["uri"]);
        let nearest = path.as_ref().and_then(|path| {
            self.folders
                .iter()
                .filter(|folder| path.starts_with(&folder.path))
                .max_by_key(|folder| folder.path.as_str().len())
        });
        match (path, nearest) {
            (Some(path), Some(folder)) => {
                let held = Held {
                    folder: folder.number,
                    request,
                    path,
                    until: Instant::now() + PATIENCE,
                };
                if folder.next.is_some() {
                    self.held.push(held);
                } else {
                    self.hand_on(vec![held]);
                }
            }
            _ => {
                let nothing = worker::nothing(&request.method);
                self.client.answer(request.id, Ok(nothing));
            }
        }
    }

    /// Hands requests to the workers that answer.
    fn hand_on(&mut self, requests: Vec<Held>) {
        for Held {
            folder,
            request,
            path,
            ..
        } in requests
        {
            let known = self.folders.iter().find(|known| known.number == folder);
            let current = known.and_then(|folder| folder.current.as_ref());
            let nothing = worker::nothing(&request.method);
            let id = request.id.clone();
            let is_sent =
                current.is_some_and(|worker| worker.jobs.send(Job::Answer(request, path)).is_ok());
            if !is_sent {
                self.client.answer(id, Ok(nothing));
            }
        }
    }
}

/// The path that an address of a file stands for.
fn path(uri: &Value) -> Option<Utf8PathBuf> {
    uri::path(uri.as_str()?, System::HERE)
}

/// The id of a request.
fn id(value: &Value) -> Option<RequestId> {
    match value {
        Value::String(text) => Some(text.clone().into()),
        number => Some(i32::try_from(number.as_i64()?).ok()?.into()),
    }
}

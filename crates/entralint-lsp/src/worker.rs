//! A folder of the editor, on a thread of its own: its project is opened, checked, kept up to date, and asked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use entralint_core::finding::Finding;
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::engine::guarded;
use entralint_project::root::Root;
use entralint_project::run::failed;
use entralint_project::workspace::{Reach, Stopped};
use entralint_project::{CheckOptions, Failure, Project, Workspace, baseline, read};
use lsp_server::{ErrorCode, Request};
use serde_json::{Value, json};
use source_text::{FileId, Source};

use crate::actions;
use crate::client::Client;
use crate::context::Context;
use crate::diagnostics;
use crate::features::FEATURES;
use crate::progress::Shown;

/// After a change a worker waits this long for the next one.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// What a worker is to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Files changed.
    Update(Update),
    /// A request about a file, by its absolute path.
    Answer(Request, Utf8PathBuf),
}

/// What changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Update {
    /// Files, by absolute path.
    pub(crate) changed: BTreeSet<Utf8PathBuf>,
    /// Files came or went.
    pub(crate) listed: bool,
    /// No person is typing: there is nothing to wait for.
    pub(crate) at_once: bool,
}

/// What a worker looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The files that the editor has open. Where the configuration is wrong it goes on without, to answer requests.
    Open,
    /// The whole folder.
    Folder,
}

/// A worker opened its project, or could not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    /// The folder.
    pub(crate) folder: usize,
    /// Which of its workers.
    pub(crate) generation: u64,
    /// It can be asked.
    pub(crate) is_ready: bool,
}

/// One worker.
pub(crate) struct Worker {
    /// The editor.
    pub(crate) client: Arc<Client>,
    /// The folder's number.
    pub(crate) folder: usize,
    /// The folder.
    pub(crate) path: Utf8PathBuf,
    /// A newer worker of the folder has a higher number.
    pub(crate) generation: u64,
    /// What it looks at.
    pub(crate) scope: Scope,
    /// Where to say that the project is opened.
    pub(crate) opened: Sender<Opened>,
    /// Set where it is not wanted any more.
    pub(crate) stop: Arc<AtomicBool>,
}

/// The open findings of the last check, by the file in which they are shown, relative to the root.
type Found = BTreeMap<Utf8PathBuf, Vec<Finding>>;

impl Worker {
    /// Works until the channel of jobs is closed.
    pub(crate) fn run(&self, jobs: &Receiver<Job>) {
        // A bug in one file is reported by the check itself; what is left over ends one worker, and no request waits.
        if let Err(why) = guarded(|| self.work(jobs)) {
            self.client.log(&format!("{}: {why}", self.path));
        }
        self.say(false);
        for job in jobs {
            if let Job::Answer(request, _) = job {
                self.client.answer(request.id, Ok(Value::Null));
            }
        }
    }

    fn say(&self, is_ready: bool) {
        // The main loop may have ended.
        let _ = self.opened.send(Opened {
            folder: self.folder,
            generation: self.generation,
            is_ready,
        });
    }

    fn work(&self, jobs: &Receiver<Job>) {
        let mut progress = match self.scope {
            Scope::Folder => Some(Shown::new(&self.client, self.folder, self.generation)),
            Scope::Open => None,
        };
        let open: Vec<Utf8PathBuf> = self.client.open_files();
        let open: Vec<Utf8PathBuf> = open
            .into_iter()
            .filter(|path| path.starts_with(&self.path))
            .collect();
        let paths = match self.scope {
            Scope::Folder => vec![Utf8PathBuf::from(".")],
            Scope::Open => open.clone(),
        };
        let open_with = |options: &CatalogOptions| {
            Project::open_with(self.client.files.clone(), &self.path, options, &paths)
        };
        let mut is_isolated = false;
        let project = match open_with(&CatalogOptions::default()) {
            Ok(project) => project,
            Err(failure) => {
                self.fail(&Root::of(&self.path, &paths), failure);
                if self.scope == Scope::Folder {
                    return;
                }
                // What is known of permissions helps to write the configuration.
                let isolated = CatalogOptions {
                    isolated: true,
                    ..CatalogOptions::default()
                };
                is_isolated = true;
                match open_with(&isolated) {
                    Ok(project) => project,
                    Err(_) => return,
                }
            }
        };
        let reach = match self.scope {
            Scope::Folder => Reach::Paths,
            Scope::Open => Reach::Only(
                open.iter()
                    .map(|path| project.root.relative(path))
                    .collect(),
            ),
        };
        let known = baseline::load(
            &project.files,
            None,
            project.config.of_run(),
            &project.root,
            false,
        );
        let known = match known {
            Ok(known) => known,
            Err(why) => return self.fail(&project.root, Failure::Text(why)),
        };
        let go_on = |done: usize, total: usize| {
            if let Some(progress) = &progress {
                progress.report(done, total);
                if progress.is_cancelled() {
                    return ControlFlow::Break(());
                }
            }
            if self.stop.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let workspace = match Workspace::open(&project, &options(), reach, known, &go_on) {
            Ok(workspace) => workspace,
            Err(Stopped::Failed(failure)) => return self.fail(&project.root, failure),
            Err(Stopped::Cancelled) => return,
        };
        let mut asked = Asked {
            worker: self,
            workspace,
            found: Found::new(),
            // A configuration that is wrong was reported: without it another check would say something else.
            is_silent: is_isolated,
        };
        asked.report();
        drop(progress.take());
        self.say(true);
        asked.serve(jobs);
    }

    fn fail(&self, root: &Root, failure: Failure) {
        match failure {
            Failure::Text(why) => self.client.log(&format!("{}: {why}", self.path)),
            Failure::Findings(findings) => {
                self.publish(root, &shown(failed(findings).findings));
            }
        }
    }

    fn publish(&self, root: &Root, found: &Found) {
        let by_file = found
            .iter()
            .map(|(path, findings)| {
                let diagnostics = findings
                    .iter()
                    .filter_map(|finding| {
                        let place = finding.place.as_ref()?;
                        Some(diagnostics::diagnostic(&self.client, root, finding, place))
                    })
                    .collect();
                (root.open(path), diagnostics)
            })
            .collect();
        self.client.publish(self.folder, self.generation, by_file);
    }
}

fn options() -> CheckOptions {
    CheckOptions {
        paths: vec![".".into()],
        calls: CallOptions::default(),
        limit: LIMIT,
        scan: true,
        include_tests: false,
        keep_apps: false,
        keep_said: false,
        today: jiff::Zoned::now().date(),
    }
}

/// The largest file that is read.
const LIMIT: u64 = read::LARGEST_MIB * 1024 * 1024;

fn shown(findings: Vec<Finding>) -> Found {
    let mut found = Found::new();
    for finding in findings.into_iter().filter(Finding::is_open) {
        if let Some(mark) = &finding.place {
            let file = mark.at.path.clone();
            found.entry(file).or_default().push(finding);
        }
    }
    found
}

/// A project that was opened.
struct Asked<'w> {
    worker: &'w Worker,
    workspace: Workspace<'w>,
    found: Found,
    /// It publishes nothing.
    is_silent: bool,
}

impl Asked<'_> {
    fn serve(&mut self, jobs: &Receiver<Job>) {
        let mut waiting: Option<(Update, Instant)> = None;
        loop {
            let job = match &waiting {
                Some((_, until)) => jobs.recv_deadline(*until),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match job {
                Ok(Job::Update(update)) => {
                    let until = if update.at_once {
                        Instant::now()
                    } else {
                        Instant::now() + DEBOUNCE
                    };
                    let (known, known_until) =
                        waiting.get_or_insert_with(|| (Update::default(), until));
                    known.changed.extend(update.changed);
                    known.listed |= update.listed;
                    *known_until = until;
                }
                Ok(Job::Answer(request, path)) => {
                    if self.worker.client.is_cancelled(&request.id) {
                        self.worker.client.answer(request.id, Ok(Value::Null));
                        continue;
                    }
                    // An answer is about the text as it is now.
                    if let Some((update, _)) = waiting.take() {
                        self.update(update);
                    }
                    self.answer(request, &path);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some((update, _)) = waiting.take() {
                        self.update(update);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn update(&mut self, update: Update) {
        let root = &self.workspace.project().root;
        let changed: BTreeSet<Utf8PathBuf> = update
            .changed
            .iter()
            .map(|path| root.relative(path))
            .collect();
        let mut listed = update.listed;
        if self.worker.scope == Scope::Open {
            let open: BTreeSet<Utf8PathBuf> = self.worker.client.open_files().into_iter().collect();
            let new = update.changed.iter().filter(|path| open.contains(*path));
            let new: Vec<Utf8PathBuf> = new.map(|path| root.relative(path)).collect();
            self.workspace.reach_to(new);
            listed = true;
        }
        self.workspace.update(&changed, listed);
        self.report();
    }

    fn report(&mut self) {
        let findings = match self.workspace.report() {
            Ok(report) => report.findings,
            Err(Failure::Findings(findings)) => failed(findings).findings,
            Err(Failure::Text(why)) => return self.worker.client.log(&why),
        };
        self.found = shown(findings);
        if !self.is_silent {
            self.worker
                .publish(&self.workspace.project().root, &self.found);
        }
    }

    fn answer(&self, request: Request, path: &Utf8Path) {
        let Request { id, method, params } = request;
        let answer = guarded(|| self.result(&method, &params, path)).map_err(|why| {
            self.worker.client.log(&format!("{method}: {why}"));
            (ErrorCode::InternalError, why)
        });
        self.worker.client.answer(id, answer);
    }

    fn result(&self, method: &str, parameters: &Value, whole: &Utf8Path) -> Value {
        let project = self.workspace.project();
        let relative = project.root.relative(whole);
        let unit = self.workspace.unit_of(&relative);
        let in_unit = unit.as_deref().and_then(|unit| {
            let mut files = unit.texts.unit().files();
            files.find(|source| source.name() == relative)
        });
        let alone;
        let source = match in_unit {
            Some(source) => source,
            None => {
                let source = project
                    .files
                    .bytes(whole, LIMIT)
                    .ok()
                    // No file of a unit has this number.
                    .and_then(|bytes| {
                        Source::decode(FileId::new(u32::MAX), relative.clone(), bytes).ok()
                    });
                let Some(source) = source else {
                    return Value::Null;
                };
                alone = source;
                &alone
            }
        };
        let context = Context {
            client: &self.worker.client,
            workspace: &self.workspace,
            source,
            unit: unit.as_deref(),
            evidence: self.workspace.calls_of(&relative).next(),
            findings: self.found.get(&relative).map_or(&[], Vec::as_slice),
            options: &self.worker.client.options(),
        };
        if method == actions::METHOD {
            return actions::actions(&context, parameters);
        }
        let feature = FEATURES.iter().find(|feature| feature.method == method);
        feature.map_or(Value::Null, |feature| {
            (feature.answer)(&context, parameters)
        })
    }
}

/// Whether a request is answered by a worker.
pub(crate) fn is_answered(method: &str) -> bool {
    method == actions::METHOD || FEATURES.iter().any(|feature| feature.method == method)
}

/// What a request is answered with where nothing is known.
pub(crate) fn nothing(method: &str) -> Value {
    if method == actions::METHOD {
        json!([])
    } else {
        Value::Null
    }
}

//! Joins evidence of calls with the apps whose code makes them.

use std::collections::{BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};
use msgraph_calls::Kind;
use msgraph_permissions::{Method, PermissionType};

use super::{AppId, EvidenceOf};
use crate::calls::{DeclaredCall, Origin, UnresolvedCall, Window};
use crate::config::{AppSection, Config};

/// What one file calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEvidence {
    /// The file, relative to the run's root.
    pub path: Utf8PathBuf,
    /// Its calls.
    pub calls: Vec<DeclaredCall>,
    /// Places that could not be resolved.
    pub unresolved: Vec<UnresolvedCall>,
    /// The section of the configuration that names it as a recording.
    pub recording_of: Option<usize>,
    /// It makes calls that no reader sees: its language is not read, or it exports a function that sends any path.
    pub partly: bool,
    /// It is a recording: the time that it covers, where it tells.
    pub recorded: Option<Window>,
    /// The names of scripts and modules that a script mentions, in lower case and without folder: it may run them.
    pub mentions: BTreeSet<String>,
    /// It is a script that signs in with a module that has an app of its own: its calls are that app's.
    pub in_own_session: bool,
    /// Properties that it names and that need a permission of their own.
    pub properties: BTreeSet<&'static str>,
}

impl FileEvidence {
    /// Whether it says nothing about calls, nor about who makes them.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
            && self.unresolved.is_empty()
            && self.mentions.is_empty()
            && !self.partly
    }
}

/// Whether a file is a script that a person or a schedule runs by itself: its calls are made in its own session.
pub fn is_script(path: &Utf8Path) -> bool {
    const ENDINGS: [&str; 7] = ["ps1", "psm1", "sh", "bash", "zsh", "ksh", "azcli"];
    path.extension()
        .is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str()))
}

/// The names of scripts and modules that a script mentions: `. ./lib.ps1`, `Import-Module ./Graph.psm1`,
/// `source common.sh`. Where a name is put together at run time, `*` stands for it.
pub fn mentions(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let mut loads = false;
        let mut named = false;
        let mut before = "";
        for word in line.split_whitespace() {
            for part in word.split(|c: char| "\"'`/\\;|&(){}=,".contains(c)) {
                if part.len() > 3 && is_script(Utf8Path::new(part)) {
                    found.insert(part.to_ascii_lowercase());
                    named = true;
                }
            }
            let is_computed = word.trim_start_matches(['"', '\'', '(']).starts_with('$');
            loads |= is_computed && LOADS.iter().any(|load| before.eq_ignore_ascii_case(load));
            if before.eq_ignore_ascii_case("import-module") && !named && !is_computed {
                let name = word.trim_matches(['"', '\'']);
                let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
                found.insert(format!("{}.psm1", name.to_ascii_lowercase()));
            }
            before = word.trim_start_matches(['{', '(', ';']);
        }
        if loads && !named {
            found.insert(ANY.to_owned());
        }
    }
    found
}

/// Commands that load a script or a module in the session of the script that has them. Not `&`: with a computed name it
/// runs a program or opens a file as often as not (`& $pathOfReport`).
const LOADS: [&str; 4] = [".", "source", "import-module", "ipmo"];

/// Stands for any script in the folder of the script that mentions it, and in folders below.
const ANY: &str = "*";

/// Where projects begin: folders with a `package.json`, a `.csproj`, a `pyproject.toml`.
#[derive(Clone, Debug, Default)]
pub struct Project {
    roots: BTreeSet<Utf8PathBuf>,
    /// Those whose scripts run in one session: PowerShell modules and Azure Functions.
    modules: BTreeSet<Utf8PathBuf>,
}

impl Project {
    /// Takes note of a file's name: some mark the root of a project. They are the package descriptions of the
    /// languages that evidence is read in, and the one of Azure Functions.
    pub fn add(&mut self, path: &Utf8Path) {
        const NAMES: [&str; 10] = [
            "package.json",
            "pyproject.toml",
            "setup.py",
            "requirements.txt",
            "go.mod",
            "pom.xml",
            "build.gradle",
            "composer.json",
            "cargo.toml",
            "host.json",
        ];
        const ENDINGS: [&str; 4] = ["csproj", "fsproj", "vbproj", "psd1"];
        let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
        let marks = NAMES.contains(&name.as_str())
            || name == "build.gradle.kts"
            || path
                .extension()
                .is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str()));
        if marks && let Some(folder) = path.parent() {
            self.roots.insert(folder.to_owned());
            if name == "host.json" || name.ends_with(".psd1") {
                self.modules.insert(folder.to_owned());
            }
        }
    }

    /// Whether a script is part of a module, whose files run in one session.
    fn is_in_module(&self, path: &Utf8Path) -> bool {
        path.ancestors()
            .skip(1)
            .any(|folder| self.modules.contains(folder))
    }

    /// The project that a file is part of: the nearest root upwards; the run's root where there is none.
    pub fn of<'p>(&self, path: &'p Utf8Path) -> &'p Utf8Path {
        path.ancestors()
            .skip(1)
            .find(|folder| self.roots.contains(*folder))
            .unwrap_or(Utf8Path::new(""))
    }
}

/// Evidence, by app.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// Of one app.
    pub own: HashMap<AppId, EvidenceOf>,
    /// Of several, or of an unknown one.
    pub shared: EvidenceOf,
    /// Of code that belongs to none of the apps.
    pub of_no_app: EvidenceOf,
    /// All files of the run's root were looked at.
    pub whole: bool,
}

/// Finds the app of each file's calls, in this order:
///
/// 1. the configuration's `sources` and `recordings`;
/// 2. a file that declares permissions itself: a script that signs in and calls is its own app, and so is a template
///    whose workflow calls. A script that registers or grants for another app, and does not sign in itself, calls as the
///    operator who runs it: its calls are no app's;
/// 3. of other scripts outside of modules: the script that signs in and runs them, or that they run. Two scripts of one
///    folder that do not mention each other are two programs (a folder of samples is the rule, not the exception);
/// 4. the nearest declaration upwards inside the same project root;
/// 5. the only app of the project, then the only app of the run.
///
/// Several candidates make a call shared. Apps that are only documented in prose are joined apart: a README does not
/// make it unclear which registration the code uses.
pub fn join<'f>(
    apps: &[AppId],
    files: impl IntoIterator<Item = &'f FileEvidence>,
    project: &Project,
    config: &Config,
    whole: bool,
) -> Joined {
    let files: Vec<&FileEvidence> = files.into_iter().collect();
    let (documented, declared): (Vec<&AppId>, Vec<&AppId>) =
        apps.iter().partition(|app| app.documented);
    let mut joined = Joined {
        whole,
        ..Joined::default()
    };
    let by_section = |section: usize, apps: &[&AppId]| -> Vec<AppId> {
        apps.iter()
            .filter(|app| {
                let section = config.apps.get(section);
                section.is_some_and(|section| super::selects(section, app))
            })
            .map(|app| (*app).clone())
            .collect()
    };
    let index = Index::new(&declared, project, &files);
    let prose = Index::new(&documented, project, &files);
    for file in files {
        let section = file.recording_of.or_else(|| {
            let claims =
                |section: &AppSection| section.sources.iter().any(|p| p.matches(&file.path));
            super::nearest(config, claims).first().copied()
        });
        if let Some(section) = section {
            let owners = by_section(section, &declared);
            match owners.as_slice() {
                [one] => joined.add(one, file),
                _ => joined.share(file),
            }
            continue;
        }
        let prose = prose.owner(file, project);
        if let Owner::App(app) = prose {
            joined.add(app, file);
        }
        match index.owner(file, project) {
            Owner::App(app) => joined.add(app, file),
            Owner::Perhaps(app) => joined.add_perhaps(app, file),
            Owner::Several => joined.share(file),
            // What prose is judged by is judged.
            Owner::NoApp if matches!(prose, Owner::App(_)) => {}
            Owner::NoApp => joined.of_no_app.add(file),
        }
    }
    joined
}

impl Joined {
    fn add(&mut self, app: &AppId, file: &FileEvidence) {
        let of_app = self.own.entry(app.clone()).or_default();
        let first = of_app.calls.len();
        of_app.add(file);
        sign_in(app, &mut of_app.calls[first..]);
    }

    fn add_perhaps(&mut self, app: &AppId, file: &FileEvidence) {
        let mut of_file = EvidenceOf::default();
        of_file.add(file);
        sign_in(app, &mut of_file.calls);
        let of_app = self.own.entry(app.clone()).or_default();
        of_app.perhaps.append(&mut of_file.calls);
        of_app.add_rest(file);
    }

    fn share(&mut self, file: &FileEvidence) {
        self.shared.add(file);
    }
}

impl EvidenceOf {
    fn add(&mut self, file: &FileEvidence) {
        self.calls.extend(file.calls.iter().cloned());
        self.add_rest(file);
    }

    fn add_rest(&mut self, file: &FileEvidence) {
        self.unresolved.extend(file.unresolved.iter().cloned());
        self.properties.extend(&file.properties);
        self.partly |= file.partly;
        self.recorded = match (self.recorded, file.recorded) {
            (Some(known), Some(other)) => Some(known.and(other)),
            (known, other) => known.or(other),
        };
    }
}

/// Calls of a script's session are made as the user who signs in with the scopes that the script names.
fn sign_in(app: &AppId, calls: &mut [DeclaredCall]) {
    if !(app.signs_in && is_script(&app.path)) {
        return;
    }
    for call in calls {
        let scheme = &mut call.call.scheme;
        scheme.get_or_insert(PermissionType::Delegated.scheme());
    }
}

/// Apps by the folder of their declaration.
struct Index<'a> {
    by_file: HashMap<&'a Utf8Path, Vec<&'a AppId>>,
    by_folder: HashMap<&'a Utf8Path, Vec<&'a AppId>>,
    by_project: HashMap<&'a Utf8Path, Vec<&'a AppId>>,
    all: Vec<&'a AppId>,
    /// The apps of scripts outside of modules that sign in, with the scripts that they run.
    sessions: Vec<(&'a AppId, Reach)>,
    mentions: Mentions<'a>,
}

impl<'a> Index<'a> {
    fn new(apps: &[&'a AppId], project: &Project, files: &[&'a FileEvidence]) -> Self {
        let mut by_file: HashMap<&Utf8Path, Vec<&AppId>> = HashMap::new();
        let mut by_folder: HashMap<&Utf8Path, Vec<&AppId>> = HashMap::new();
        let mut by_project: HashMap<&Utf8Path, Vec<&AppId>> = HashMap::new();
        let mentions: Mentions<'a> = files
            .iter()
            .filter(|file| !file.mentions.is_empty())
            .map(|file| (file.path.as_path(), &file.mentions))
            .collect();
        let mut sessions: Vec<&'a AppId> = Vec::new();
        let mut all = Vec::new();
        for app in apps {
            by_file.entry(&app.path).or_default().push(app);
            if app.signs_in && is_script(&app.path) && !project.is_in_module(&app.path) {
                sessions.push(*app);
                continue;
            }
            // What a module's function registers or grants is for another app than the module's own session.
            if !app.signs_in && is_script(&app.path) && project.is_in_module(&app.path) {
                continue;
            }
            all.push(*app);
            let folder = app.path.parent().unwrap_or(Utf8Path::new(""));
            by_folder.entry(folder).or_default().push(app);
            by_project
                .entry(project.of(&app.path))
                .or_default()
                .push(app);
        }
        Self {
            by_file,
            by_folder,
            by_project,
            all,
            sessions: sessions
                .into_iter()
                .map(|app: &AppId| (app, reach(&app.path, &mentions)))
                .collect(),
            mentions,
        }
    }

    /// Whose a file's calls are.
    fn owner(&self, file: &FileEvidence, project: &Project) -> Owner<'a> {
        let path = file.path.as_path();
        if let Some(own) = self.by_file.get(path) {
            let signing: Vec<&AppId> = own.iter().filter(|app| app.signs_in).copied().collect();
            return if !signing.is_empty() {
                only(&signing)
            } else if file
                .calls
                .iter()
                .all(|call| call.origin.is_named() || is_action(call))
                || own.iter().any(|app| app.documented)
            {
                only(own)
            } else {
                Owner::NoApp
            };
        }
        if is_script(path) && !project.is_in_module(path) {
            return self.owner_of_script(file, project);
        }
        match self.nearest(path, project) {
            // Another function of the module signs in. The user of the module may have signed in otherwise.
            Owner::App(app) if app.signs_in && is_script(&app.path) => Owner::Perhaps(app),
            // A program that registers an app runs as someone who may do that, and so do the files that it is made of.
            Owner::App(app) if !app.signs_in && !app.documented && is_program(&app.path) => {
                Owner::Perhaps(app)
            }
            // A workflow has an identity of its own. Only the folders say that an app elsewhere is granted to it.
            Owner::App(app)
                if file.calls.iter().all(is_action)
                    && !app.documented
                    && !is_above(&app.path, path)
                    && !is_above(path, &app.path) =>
            {
                Owner::Perhaps(app)
            }
            owner => owner,
        }
    }

    /// Whose the calls of a script are that declares nothing itself.
    fn owner_of_script(&self, file: &FileEvidence, project: &Project) -> Owner<'a> {
        let own = reach(&file.path, &self.mentions);
        let sessions = |reaches: fn(&Reach, &Utf8Path) -> bool| -> Vec<&'a AppId> {
            self.sessions
                .iter()
                .filter(|(app, reach)| reaches(reach, &file.path) || reaches(&own, &app.path))
                .map(|(app, _)| *app)
                .collect()
        };
        let by_name = sessions(Reach::names);
        if !by_name.is_empty() {
            return only(&by_name);
        }
        match sessions(Reach::may_load).as_slice() {
            [] => {}
            [one] => return Owner::Perhaps(one),
            _ => return Owner::Several,
        }
        if is_operators(file) {
            return Owner::NoApp;
        }
        let signs_in_as_app = file.calls.iter().any(|call| {
            call.call
                .scheme
                .is_some_and(|s| s.permission_type() == PermissionType::Application)
        });
        match self.nearest(&file.path, project) {
            // Whether it runs as the registered app or as who starts it does not show; and one that signs in as an app may
            // do so as another than the one that stands elsewhere.
            Owner::App(app)
                if !app.documented && (!signs_in_as_app || !is_above(&app.path, &file.path)) =>
            {
                Owner::Perhaps(app)
            }
            owner => owner,
        }
    }

    /// The nearest declaration upwards inside the same project root, else the only one of the project or of the run.
    fn nearest(&self, path: &Utf8Path, project: &Project) -> Owner<'a> {
        let root = project.of(path);
        for folder in path.ancestors().skip(1) {
            if let Some(apps) = self.by_folder.get(folder) {
                return only(apps);
            }
            if folder == root {
                break;
            }
        }
        match self.by_project.get(root) {
            Some(apps) => only(apps),
            None if self.all.is_empty() => Owner::NoApp,
            None => only(&self.all),
        }
    }
}

/// Whether a file is source code of a program, which declares an app by registering it or by signing in as it.
fn is_program(path: &Utf8Path) -> bool {
    const LANGUAGES: [&str; 13] = [
        "py", "ts", "tsx", "js", "jsx", "mjs", "cjs", "cs", "go", "java", "kt", "php", "rb",
    ];
    path.extension()
        .is_some_and(|ext| LANGUAGES.contains(&ext.to_ascii_lowercase().as_str()))
}

/// Whether a declaration stands in a folder of a file's path.
fn is_above(declaration: &Utf8Path, file: &Utf8Path) -> bool {
    declaration
        .parent()
        .is_some_and(|folder| file.starts_with(folder))
}

/// Whether a call is an action of a workflow.
fn is_action(call: &DeclaredCall) -> bool {
    matches!(&call.origin, Origin::Found(found) if found.kind == Kind::Workflow)
}

/// Whether a script administers apps: it creates them, or grants them permissions, in the session of the person who runs
/// it. What it reads on the way is no call of the apps that it sets up.
fn is_operators(file: &FileEvidence) -> bool {
    const WRITES: [&str; 7] = [
        "/approleassignments",
        "/approleassignedto",
        "/oauth2permissiongrants",
        "/applications",
        "/serviceprincipals",
        "/addpassword",
        "/directoryroles/{id}/members/$ref",
    ];
    let as_app = |call: &DeclaredCall| {
        call.call
            .scheme
            .is_some_and(|scheme| scheme.permission_type() == PermissionType::Application)
    };
    let writes = |call: &DeclaredCall| {
        let path = call.call.path.to_string().to_ascii_lowercase();
        let ends = |path: &str| WRITES.iter().any(|end| path.ends_with(end));
        match call.call.method {
            Method::Post => ends(&path),
            // What was set up is taken away by its id.
            Method::Delete => path
                .rsplit_once('/')
                .is_some_and(|(parent, _)| ends(parent)),
            _ => false,
        }
    };
    (file.in_own_session || file.calls.iter().any(writes)) && !file.calls.iter().any(as_app)
}

/// What each script mentions.
type Mentions<'a> = HashMap<&'a Utf8Path, &'a BTreeSet<String>>;

/// The scripts that one script runs, also by way of others.
#[derive(Debug, Default)]
struct Reach {
    names: BTreeSet<String>,
    /// Folders of which it may run any script.
    folders: BTreeSet<Utf8PathBuf>,
}

impl Reach {
    fn names(&self, script: &Utf8Path) -> bool {
        let name = script.file_name().unwrap_or_default().to_ascii_lowercase();
        self.names.contains(&name)
    }

    fn may_load(&self, script: &Utf8Path) -> bool {
        self.folders.iter().any(|folder| script.starts_with(folder))
    }
}

fn reach(script: &Utf8Path, mentions: &Mentions<'_>) -> Reach {
    let mut reach = Reach::default();
    let mut waiting = vec![script];
    let mut seen: BTreeSet<&Utf8Path> = BTreeSet::new();
    while let Some(script) = waiting.pop() {
        let Some((path, names)) = mentions.get_key_value(script) else {
            continue;
        };
        if !seen.insert(path) {
            continue;
        }
        if names.contains(ANY) {
            let folder = path.parent().unwrap_or(Utf8Path::new(""));
            reach.folders.insert(folder.to_owned());
        }
        let new: Vec<&String> = names
            .iter()
            .filter(|name| !reach.names.contains(*name))
            .collect();
        if new.is_empty() {
            continue;
        }
        reach.names.extend(new.into_iter().cloned());
        waiting.extend(mentions.keys().copied().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
            names.contains(&name)
        }));
    }
    reach
}

/// Whose calls are.
#[derive(Clone, Copy)]
enum Owner<'a> {
    /// One app's.
    App(&'a AppId),
    /// Of one app, if of any.
    Perhaps(&'a AppId),
    /// One of several, or of none that is known.
    Several,
    /// Of none: of the person who runs the script, or of code that none of the apps runs.
    NoApp,
}

fn only<'a>(apps: &[&'a AppId]) -> Owner<'a> {
    match apps {
        [one] => Owner::App(one),
        _ => Owner::Several,
    }
}

//! From files to units, and from units to what they declare.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use entra_manifest::{Environment, Manifest, Read, Want, Wanted, WhyNot};
use entralint_core::config::Config;
use entralint_core::finding::Finding;
use entralint_core::fix::Texts;
use entralint_core::plan::AppId;
use entralint_core::report::{FileOutcome, FileReport};
use entralint_core::rules::{invalid_config, invalid_manifest};
use entralint_core::unit::app_ids;
use globset::GlobBuilder;
use source_text::{DecodeErrorKind, Encoding, FileId, Source, Span};

use crate::discover::Candidate;
use crate::files::Files;
use crate::read;
use crate::root::{Root, similar_path};
use crate::said::Said;

/// What is read at once.
#[derive(Clone, Debug)]
pub enum Work {
    /// A file by itself.
    File(Candidate),
    /// The files of one folder that a format reads together.
    Folder(Vec<Candidate>),
}

impl Work {
    /// Its files.
    pub fn files(&self) -> &[Candidate] {
        match self {
            Work::File(file) => std::slice::from_ref(file),
            Work::Folder(files) => files,
        }
    }

    /// The folder that its files lie in.
    pub fn folder(&self) -> &Utf8Path {
        self.files()
            .first()
            .and_then(|file| file.path.parent())
            .unwrap_or(Utf8Path::new(""))
    }
}

/// Groups files: those of one folder that a format reads together are one unit. Of a file that was named alone the
/// folder's other files are needed too: `folder` lists them.
pub fn group(
    candidates: Vec<Candidate>,
    folder: &dyn Fn(&Utf8Path) -> Vec<Utf8PathBuf>,
) -> Vec<Work> {
    let mut works = Vec::new();
    let mut folders: BTreeMap<(Utf8PathBuf, &'static str), Grouped> = BTreeMap::new();
    for candidate in candidates {
        let Some(format) = entra_manifest::folder_format(&candidate.path) else {
            works.push(Work::File(candidate));
            continue;
        };
        let parent = candidate
            .path
            .parent()
            .map(Utf8Path::to_owned)
            .unwrap_or_default();
        let group = folders.entry((parent.clone(), format.id)).or_default();
        if candidate.named && !group.is_whole {
            group.is_whole = true;
            for path in folder(&parent) {
                if entra_manifest::folder_format(&path).is_some_and(|f| f.id == format.id) {
                    group.files.entry(path.into()).or_default();
                }
            }
        }
        *group.files.entry(candidate.path).or_default() |= candidate.named;
    }
    works.extend(folders.into_values().map(|group| {
        let files = group.files.into_iter();
        Work::Folder(
            files
                .map(|(path, named)| Candidate { path, named })
                .collect(),
        )
    }));
    works
}

/// Files of one folder that are read together.
#[derive(Default)]
struct Grouped {
    /// Each with whether a person named it.
    files: BTreeMap<Arc<Utf8Path>, bool>,
    /// All files of the folder are there, named or not.
    is_whole: bool,
}

/// What a unit turned out to be.
pub struct ReadUnit {
    /// Its texts.
    pub texts: Texts,
    /// What it declares, if anything.
    pub manifest: Option<Manifest>,
    /// Its files, where something is said of them.
    pub files: Vec<FileReport>,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// What kept it from being read, and named files that declare nothing.
    pub errors: Vec<String>,
    /// Lines for `--verbose`.
    pub said: Vec<Said>,
    /// Folders that its format wanted: they are modules of it, and no units of their own.
    pub modules: Vec<Utf8PathBuf>,
    /// Plans and states that were read with a configuration: they are no units of their own.
    pub recorded: Vec<Utf8PathBuf>,
}

impl ReadUnit {
    /// The apps that it declares, as a plan tells them apart.
    pub fn apps(&self) -> Vec<AppId> {
        self.manifest
            .as_ref()
            .map(|manifest| app_ids(self.texts.unit(), manifest))
            .unwrap_or_default()
    }
}

/// A path as a key. A path as such takes itself apart each time it is compared; these are straight.
struct Name(Arc<Utf8Path>);

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.0.as_str()
    }
}

/// Reads units.
pub struct Units<'r> {
    /// What files hold.
    pub files: Files,
    /// Where the run is.
    pub root: &'r Root,
    /// The largest file that is read, in bytes.
    pub limit: u64,
    ids: Mutex<HashMap<Name, FileId>>,
    /// The environments that the configuration names, by the folder that they are of.
    environments: Vec<(Utf8PathBuf, Environment)>,
    /// Canonical, to compare with what links lead to.
    canonical: Option<Utf8PathBuf>,
}

impl<'r> Units<'r> {
    /// Reads below this root, and no file that has more bytes than `limit`.
    pub fn new(root: &'r Root, limit: u64) -> Self {
        Self {
            files: Files::disk(),
            root,
            limit,
            ids: Mutex::default(),
            environments: Vec::new(),
            canonical: root.root.canonicalize_utf8().ok(),
        }
    }

    /// The same, with the environments of a configuration file.
    #[must_use]
    pub fn deployed_as(mut self, config: &Config) -> Self {
        // As names of files are: relative to the root, without dots.
        let relative = |path: &Utf8Path| {
            let straight = crate::root::absolute(Utf8Path::new("/"), path);
            straight.strip_prefix("/").unwrap_or(&straight).to_owned()
        };
        self.environments = (config.environments.iter())
            .map(|section| {
                let files = section.files.iter().map(|file| relative(&file.value));
                let environment = Environment {
                    name: section.name.clone(),
                    files: files.collect(),
                };
                (relative(&section.folder), environment)
            })
            .collect();
        self
    }

    /// What is wrong with the files of values that the configuration names: they are not there.
    pub fn missing_values<'s>(
        &self,
        config: &Config,
        source_of: &dyn Fn(FileId) -> Option<&'s Source>,
    ) -> Vec<Finding> {
        let files = config
            .environments
            .iter()
            .flat_map(|section| &section.files);
        files
            .filter(|file| {
                let path = self.root.open(&file.value);
                self.files.note(&path);
                !self.files.is_file(&path)
            })
            .filter_map(|file| {
                let message =
                    "there is no such file: it is relative to the folder of entralint.toml";
                let source = source_of(file.span.file)?;
                Some(invalid_config::finding(source, file.span, message))
            })
            .collect()
    }

    fn environments_of(&self, work: &Work) -> Vec<Environment> {
        let Work::Folder(_) = work else {
            return Vec::new();
        };
        let own = self.environments.iter();
        own.filter(|(folder, _)| folder == work.folder())
            .map(|(_, environment)| environment.clone())
            .collect()
    }

    /// The same with these files: an editor's unsaved buffers win over the disk.
    #[must_use]
    pub fn over(self, files: Files) -> Self {
        Self { files, ..self }
    }

    /// The number of a file. A file that several units read has one.
    pub fn id(&self, path: &Utf8Path) -> FileId {
        self.numbered(path, || path.into()).1
    }

    /// The name that is shared by all that speak of a file, and its number.
    fn numbered(
        &self,
        path: &Utf8Path,
        name: impl FnOnce() -> Arc<Utf8Path>,
    ) -> (Arc<Utf8Path>, FileId) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, id)) = ids.get_key_value(path.as_str()) {
            return (Arc::clone(&name.0), *id);
        }
        // The configuration and files of calls have the first numbers.
        let number = u32::try_from(ids.len()).unwrap_or(u32::MAX - 1) + FIRST_ID;
        let id = FileId::new(number);
        let name = name();
        ids.insert(Name(Arc::clone(&name)), id);
        (name, id)
    }

    /// A file for reports.
    pub fn report(&self, path: &Utf8Path, outcome: FileOutcome) -> FileReport {
        let is_stdin = path == crate::discover::STDIN;
        let name = if is_stdin {
            Utf8Path::new("stdin")
        } else {
            path
        };
        let (path, id) = self.numbered(name, || name.into());
        let shown = if is_stdin {
            crate::discover::STDIN.to_owned()
        } else {
            self.root.shown(&path)
        };
        let shown = if path.as_str() == shown {
            Arc::clone(&path)
        } else {
            Utf8PathBuf::from(shown).into()
        };
        FileReport {
            id,
            path,
            shown,
            outcome,
            format: None,
            apps: 0,
        }
    }

    /// Reads a unit and all that its format wants.
    pub fn read(&self, work: &Work) -> ReadUnit {
        let mut unit = ReadUnit {
            texts: Texts {
                environments: self.environments_of(work),
                sources: Vec::new(),
                wanted: Vec::new(),
            },
            manifest: None,
            files: Vec::new(),
            findings: Vec::new(),
            errors: Vec::new(),
            said: Vec::new(),
            modules: Vec::new(),
            recorded: Vec::new(),
        };
        for candidate in work.files() {
            self.load(candidate, &mut unit);
        }
        if unit.texts.sources.is_empty() {
            return unit;
        }
        self.understand(work, &mut unit);
        unit
    }

    /// Why a file could not be read; where a person named it and it is not there, with the path that was probably meant.
    pub(crate) fn with_similar_path(&self, candidate: &Candidate, error: String) -> String {
        if !candidate.named || candidate.is_stdin() || self.root.open(&candidate.path).exists() {
            return error;
        }
        // A link that leads nowhere is there.
        if self.root.open(&candidate.path).is_symlink() {
            return error;
        }
        let shown = self.root.shown(&candidate.path);
        match similar_path(&self.root.working, Utf8Path::new(&shown)) {
            Some(near) => format!("no such file or folder; did you mean {near}?"),
            None => "no such file or folder".to_owned(),
        }
    }

    /// Reads a file of a unit.
    fn load(&self, candidate: &Candidate, unit: &mut ReadUnit) {
        let name = if candidate.is_stdin() {
            Utf8Path::new("stdin").into()
        } else {
            Arc::clone(&candidate.path)
        };
        let bytes = if candidate.is_stdin() {
            read::stdin(self.limit)
        } else {
            self.files
                .bytes(&self.root.open(&candidate.path), self.limit)
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                let error = self.with_similar_path(candidate, error);
                let file = self.report(&candidate.path, FileOutcome::NotRead(error.clone()));
                unit.errors.push(format!(
                    "{}: {error}",
                    entralint_core::text::escaped(file.shown.as_str())
                ));
                unit.files.push(file);
                return;
            }
        };
        let (name, id) = self.numbered(&name, || Arc::clone(&name));
        // Decoding takes the bytes; only of what is no text they are needed once more. UTF-16 of plain letters is valid
        // UTF-8 with a zero for every second byte.
        let is_text =
            !bytes.iter().take(4).any(|byte| *byte == 0) && std::str::from_utf8(&bytes).is_ok();
        let kept = if is_text { Vec::new() } else { bytes.clone() };
        match Source::decode_named(id, Arc::clone(&name), bytes) {
            Ok(source) => unit.texts.sources.push(source),
            Err(error) => {
                // A walk meets files that were never text; what names permissions was meant to be read.
                if !candidate.named && !hints_at_permissions(&kept) {
                    unit.said.push(Said::new(
                        self.root.shown(&candidate.path),
                        "no supported permission declaration found: not text",
                    ));
                    return;
                }
                // Up to the first byte that is not UTF-8 the text is right, and so is its place. Of another encoding
                // nothing is shown: its message names the byte.
                let text = match error.kind {
                    DecodeErrorKind::NotUtf8 => String::from_utf8_lossy(&kept).into_owned(),
                    _ => String::new(),
                };
                let start = error.offset.min(text.len());
                let replaced = text.get(start..).and_then(|rest| rest.chars().next());
                let end = start + replaced.map_or(0, char::len_utf8);
                let source = Source::new(id, &*name, text, Encoding::Utf8);
                let span = Span::new(id, start, end);
                unit.findings
                    .push(invalid_manifest::finding(&source, span, &error.to_string()));
                unit.files
                    .push(self.report(&candidate.path, FileOutcome::Invalid));
            }
        }
    }

    /// Finds out what the texts of a unit declare.
    fn understand(&self, work: &Work, unit: &mut ReadUnit) {
        let mut rounds = 0;
        let read = loop {
            match entra_manifest::read(unit.texts.unit()) {
                Read::Wants(wants) if rounds < entra_manifest::ROUNDS => {
                    rounds += 1;
                    for want in wants {
                        if unit.texts.unit().got(&want).is_none() {
                            if let Want::Folder { path, .. } = &want {
                                unit.modules.push(path.clone());
                            }
                            let files = self.wanted(&want);
                            if matches!(&want, Want::Folder { pattern, .. } if pattern == entra_manifest::RECORDED)
                            {
                                let names = files.iter().map(|file| file.name().to_owned());
                                unit.recorded.extend(names);
                            }
                            unit.texts.wanted.push(Wanted { want, files });
                        }
                    }
                }
                read => break read,
            }
        };
        let named = work.files().iter().find(|file| file.named);
        let shown = |source: &Source| self.root.shown(source.name());
        match read {
            Read::Manifest(manifest) => {
                // Several files can declare: each app counts for its own.
                let mut apps: HashMap<FileId, usize> = HashMap::new();
                for app in &manifest.apps {
                    *apps.entry(app.span.file).or_default() += 1;
                }
                let all: Vec<&Source> = unit.texts.unit().files().collect();
                let mut seen = BTreeSet::new();
                for source in all {
                    let own = unit.texts.sources.iter().any(|own| own.id() == source.id());
                    let apps = apps.get(&source.id()).copied().unwrap_or(0);
                    if (own || apps > 0) && seen.insert(source.id()) {
                        let path = if source.name() == "stdin" {
                            Utf8Path::new(crate::discover::STDIN)
                        } else {
                            source.name()
                        };
                        let mut file = self.report(path, FileOutcome::Manifest);
                        file.format = Some((manifest.about.id, manifest.about.name));
                        file.apps = apps;
                        unit.said.push(Said::new(
                            file.shown.as_str(),
                            format!(
                                "{}, {}",
                                manifest.about.name,
                                entralint_core::text::count(apps, "app")
                            ),
                        ));
                        unit.files.push(file);
                    }
                }
                unit.manifest = Some(manifest);
            }
            Read::Unsupported(what) => {
                for source in &unit.texts.sources {
                    unit.files.push(
                        self.report(source.name(), FileOutcome::Unsupported(what.to_owned())),
                    );
                }
            }
            Read::Broken(errors) => {
                let files: Vec<&Source> = unit.texts.unit().files().collect();
                let mut broken = BTreeSet::new();
                for error in errors {
                    let Some(source) = files.iter().find(|s| s.id() == error.span.file) else {
                        continue;
                    };
                    unit.findings.push(invalid_manifest::finding(
                        source,
                        error.span,
                        &error.message,
                    ));
                    if broken.insert(source.id()) {
                        unit.files
                            .push(self.report(source.name(), FileOutcome::Invalid));
                    }
                }
            }
            // What a walk meets may be anything; what is named was meant to be read.
            Read::Nothing(why) => match (named, unit.texts.sources.first()) {
                (Some(_), Some(source)) if unit.texts.sources.len() == 1 => {
                    match entra_manifest::syntax_error(source) {
                        Some(error) => {
                            unit.findings.push(invalid_manifest::finding(
                                source,
                                error.span,
                                &error.message,
                            ));
                            unit.files
                                .push(self.report(source.name(), FileOutcome::Invalid));
                        }
                        None => unit.errors.push(format!(
                            "{}: {}",
                            entralint_core::text::escaped(&shown(source)),
                            nothing_found(why)
                        )),
                    }
                }
                (Some(named), _) => unit.errors.push(format!(
                    "{}: {}",
                    entralint_core::text::escaped(&self.root.shown(&named.path)),
                    nothing_found(why)
                )),
                _ => {
                    for source in &unit.texts.sources {
                        unit.said.push(Said::new(shown(source), nothing_found(why)));
                    }
                }
            },
            Read::Wants(_) => unit.errors.push(format!(
                "{}: its modules refer to each other without end",
                entralint_core::text::escaped(work.folder().as_str())
            )),
            _ => {}
        }
    }

    /// The files that a format wants, confined to the root.
    fn wanted(&self, want: &Want) -> Vec<Source> {
        let paths = match want {
            Want::File(path) => vec![path.clone()],
            Want::Folder { path, pattern } => {
                let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else {
                    return Vec::new();
                };
                let matcher = glob.compile_matcher();
                let deep = pattern.contains('/');
                let mut files: Vec<Utf8PathBuf> = self
                    .list(path, deep)
                    .into_iter()
                    .filter(|file| {
                        file.strip_prefix(path)
                            .is_ok_and(|name| matcher.is_match(name))
                    })
                    .collect();
                files.sort();
                files
            }
        };
        paths
            .into_iter()
            .filter_map(|path| {
                let straight = crate::root::absolute(Utf8Path::new("/"), &path);
                let path = straight.strip_prefix("/").ok()?.to_owned();
                let whole = self.root.open(&path);
                // A link may lead out of the repository, by way of any folder. A file that is not saved yet is none.
                match whole.canonicalize_utf8() {
                    Ok(target) if target.starts_with(self.canonical.as_ref()?) => {}
                    Err(_) if self.files.buffer(&whole).is_some() => {}
                    _ => return None,
                }
                let bytes = self.files.bytes(&whole, self.limit).ok()?;
                Source::decode(self.id(&path), path, bytes).ok()
            })
            .collect()
    }

    /// Whether a file lies in the root, links resolved.
    fn holds(&self, path: &Utf8Path) -> bool {
        let target = self.root.open(path).canonicalize_utf8();
        target.is_ok_and(|target| {
            self.canonical
                .as_ref()
                .is_some_and(|root| target.starts_with(root))
        })
    }

    /// The files of a folder, relative to the root; with `deep` those of folders in it, too.
    pub fn list(&self, folder: &Utf8Path, deep: bool) -> Vec<Utf8PathBuf> {
        /// A pattern that reaches deeper than this is not meant.
        const DEPTH: usize = 8;
        let mut files = Vec::new();
        let mut waiting = vec![(folder.to_owned(), 0)];
        while let Some((folder, depth)) = waiting.pop() {
            let Ok(entries) = self.root.open(&folder).read_dir_utf8() else {
                continue;
            };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => {
                        if deep && depth < DEPTH && entry.file_name() != ".git" {
                            waiting.push((path, depth + 1));
                        }
                    }
                    // A link may lead out of the repository.
                    Ok(kind) if kind.is_symlink() && !self.holds(&path) => {}
                    Ok(_) => files.push(path),
                    Err(_) => {}
                }
            }
        }
        for buffer in self.files.buffers_below(&self.root.open(folder)) {
            let path = self.root.relative(&buffer);
            let is_direct = path.parent() == Some(folder);
            if (deep || is_direct) && !files.contains(&path) {
                files.push(path);
            }
        }
        files
    }
}

/// Numbers below are those of the configuration and of files of calls.
pub const FIRST_ID: u32 = 1000;

/// That a file declares nothing that is read, and why where that is more than its absence.
fn nothing_found(why: WhyNot) -> String {
    const NOTHING: &str = "no supported permission declaration found";
    match why {
        WhyNot::NoDeclaration => NOTHING.to_owned(),
        why => format!("{NOTHING}: {why}"),
    }
}

/// Whether bytes that are no text name what manifests declare permissions with, in an encoding of one, two or four bytes
/// a letter.
fn hints_at_permissions(bytes: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [
        b"requiredresourceaccess",
        b"00000003-0000-0000-c000-000000000000",
        b"webapipermissionrequests",
        b"resourcespecific",
    ];
    let letters: Vec<u8> = bytes
        .iter()
        .filter(|byte| **byte != 0)
        .map(u8::to_ascii_lowercase)
        .collect();
    WORDS
        .iter()
        .any(|word| letters.windows(word.len()).any(|window| window == *word))
}

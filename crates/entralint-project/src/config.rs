//! Finds and reads `entralint.toml`: at the root of what is checked, in the folders between it and the files, and what
//! these extend.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::{Config, NAME};
use entralint_core::finding::Finding;
use entralint_core::rules::invalid_config;
use source_text::{FileId, Source};

use crate::discover::{Listing, STDIN};
use crate::files::Files;
use crate::root::{self, Root, git_root};

/// The number of the first configuration among the files of a run.
pub const ID: FileId = FileId::new(0);

/// Numbers from this one downwards are those of further configurations.
const LAST_ID: u32 = u32::MAX - 1;

/// More configurations than this that one extends are a mistake.
const MOST: usize = 32;

/// What is configured, with the texts, which findings about it show.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What counts, for each folder.
    pub config: Config,
    /// What a report says of the configurations once.
    pub remarks: Vec<String>,
    sources: Vec<Source>,
    /// Those that were named by `extends`.
    extended: Vec<FileId>,
    /// The folder that all paths of the run lie in, relative to the root.
    base: Utf8PathBuf,
}

impl Loaded {
    /// What counts where a run has one value only: `catalog` and `baseline` are those of the nearest configuration at
    /// or above the folder that all its paths lie in.
    #[must_use]
    pub fn of_run(&self) -> &Config {
        self.config.of_folder(&self.base)
    }

    /// The folder that all paths of the run lie in, relative to the root.
    #[must_use]
    pub fn base(&self) -> &Utf8Path {
        &self.base
    }

    /// All files that were read.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// A file that was read.
    #[must_use]
    pub fn source(&self, file: FileId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id() == file)
    }

    /// Whether a file was named by `extends`; otherwise it lies in a folder at or above files that are checked.
    #[must_use]
    pub fn is_extended(&self, file: FileId) -> bool {
        self.extended.contains(&file)
    }
}

/// Why there is none.
#[derive(Debug)]
pub enum Failed {
    /// It cannot be read.
    Unreadable(String),
    /// It is wrong.
    Wrong(Vec<Finding>),
}

/// Reads the named file; or else every `entralint.toml` from the root down to the files that are checked. The root is
/// that of their git repository: what lies above a repository is not its configuration. `listing` are the files below
/// the paths of the run.
///
/// What counts for a file does not depend on the working folder. [`Config`] says how several files are merged.
///
/// # Errors
///
/// That one cannot be read, or what is wrong, each with its place.
pub fn load(
    files: &Files,
    named: Option<&Utf8Path>,
    isolated: bool,
    root: &Root,
    listing: Option<&Listing>,
) -> Result<Loaded, Failed> {
    let mut loading = Loading {
        files,
        root,
        loaded: Loaded::default(),
        seen: BTreeSet::new(),
        open: Vec::new(),
        wrong: Vec::new(),
    };
    if isolated {
        return Ok(loading.loaded);
    }
    if let Some(path) = named {
        let near = root::similar_path(&root.working, path);
        let path = root.working.join(path);
        return match (loading.add_first(&path), near) {
            (Ok(()), _) => loading.finish(),
            (Err(Failed::Unreadable(error)), Some(near)) if !path.exists() => {
                Err(Failed::Unreadable(format!("{error}: did you mean {near}?")))
            }
            (Err(error), _) => Err(error),
        };
    }
    // Files in no repository, and outside of the working folder: what is configured here counts for them.
    let is_elsewhere = !root.is_git && !root.working.starts_with(&root.root);
    if is_elsewhere {
        let top = git_root(&root.working).unwrap_or_else(|| root.working.clone());
        let mut above = root
            .working
            .ancestors()
            .take_while(|folder| folder.starts_with(&top))
            .map(|folder| folder.join(NAME))
            .filter(|path| files.is_file(path));
        if let Some(path) = above.next() {
            loading.add_first(&path)?;
        }
        return loading.finish();
    }
    let paths = listing.map(Listing::paths).unwrap_or_default();
    loading.loaded.base = base(root, paths);
    // The folders between the root and what is named, and those below it that have one. A folder above comes first.
    let mut folders: BTreeSet<(usize, Utf8PathBuf)> = BTreeSet::new();
    let mut add = |folder: &Utf8Path| {
        for folder in folder.ancestors() {
            folders.insert((folder.components().count(), folder.to_owned()));
        }
    };
    add(&loading.loaded.base.clone());
    for path in paths.iter().filter(|path| *path != "-") {
        let path = root.relative(path);
        if path.is_relative() {
            add(&path);
        }
    }
    for name in listing.iter().flat_map(|listing| listing.names()) {
        if name.file_name() == Some(NAME) && name.is_relative() {
            add(name.parent().unwrap_or(Utf8Path::new("")));
        }
    }
    for (depth, folder) in folders {
        let path = root.open(&folder).join(NAME);
        // A folder, a broken link or a pipe of this name was meant to be one.
        if !files.is_file(&path) && path.symlink_metadata().is_err() {
            continue;
        }
        if depth == 0 {
            loading.add_first(&path)?;
        } else if let Some(config) = loading.read(&path)? {
            loading.loaded.config.add_nested(config);
        }
    }
    loading.finish()
}

/// The folder that all paths lie in, relative to the root; the working folder where none is named.
fn base(root: &Root, paths: &[Utf8PathBuf]) -> Utf8PathBuf {
    let mut base: Option<Utf8PathBuf> = None;
    for path in paths {
        let whole = if path == "-" || path == STDIN {
            root.working.clone()
        } else {
            root::absolute(&root.working, path)
        };
        let folder = if whole.is_dir() {
            whole
        } else {
            whole.parent().map(Utf8Path::to_owned).unwrap_or_default()
        };
        base = Some(match base {
            None => folder,
            Some(base) => base
                .ancestors()
                .find(|above| folder.starts_with(above))
                .map(Utf8Path::to_owned)
                .unwrap_or_default(),
        });
    }
    let base = base.unwrap_or_else(|| root.working.clone());
    base.strip_prefix(&root.root)
        .map(Utf8Path::to_owned)
        .unwrap_or_default()
}

/// Configurations while they are read.
struct Loading<'r> {
    files: &'r Files,
    root: &'r Root,
    loaded: Loaded,
    seen: BTreeSet<Utf8PathBuf>,
    /// Those that are being extended.
    open: Vec<Utf8PathBuf>,
    wrong: Vec<Finding>,
}

impl Loading<'_> {
    /// Reads the configuration that counts for all files.
    fn add_first(&mut self, path: &Utf8Path) -> Result<(), Failed> {
        if let Some(config) = self.read(path)? {
            self.loaded.config = config;
        }
        Ok(())
    }

    /// Reads a configuration with those that it extends. Mistakes are kept, so that those of all files are reported.
    fn read(&mut self, path: &Utf8Path) -> Result<Option<Config>, Failed> {
        let name = self.root.relative(path);
        self.seen.insert(name.clone());
        let source = self.text(path, &name).map_err(Failed::Unreadable)?;
        let mut config = match Config::parse(&source) {
            Ok(config) => config,
            Err(findings) => {
                self.wrong.extend(findings);
                self.loaded.sources.push(source);
                return Ok(None);
            }
        };
        let mut extended = 0;
        self.open = vec![name];
        let result = self.extend(&mut config, &source, &mut extended);
        self.loaded.sources.push(source);
        match result {
            Err(Failed::Wrong(findings)) => {
                self.wrong.extend(findings);
                Ok(None)
            }
            result => result.map(|()| Some(config)),
        }
    }

    /// Adds the policies of what a configuration extends to its own.
    fn extend(
        &mut self,
        config: &mut Config,
        source: &Source,
        extended: &mut usize,
    ) -> Result<(), Failed> {
        for path in config.extends.clone() {
            let wrong = |message: String| {
                Failed::Wrong(vec![invalid_config::finding(source, path.span, message)])
            };
            let whole = self.root.open(&path.value);
            let name = self.root.relative(&whole);
            if name.is_absolute() || path.value.is_absolute() {
                return Err(wrong(
                    "a configuration can extend files of its repository only: give a relative path"
                        .to_owned(),
                ));
            }
            if self.open.contains(&name) {
                return Err(wrong(format!(
                    "{name} extends itself, by way of others or not: remove it from one of the `extends`"
                )));
            }
            *extended += 1;
            if *extended > MOST {
                return Err(wrong(format!(
                    "more than {MOST} configurations are extended"
                )));
            }
            let known = self
                .loaded
                .sources
                .iter()
                .find(|source| source.name() == name);
            let further = match known {
                // Several configurations may build on the same one.
                Some(known) => known.clone(),
                None => self.text(&whole, &name).map_err(|error| {
                    let near = root::similar_path(&self.root.root, &name)
                        .filter(|_| !whole.exists())
                        .map(|near| format!(": did you mean {near}?"))
                        .unwrap_or_default();
                    wrong(format!("{error}{near}"))
                })?,
            };
            let mut policy = Config::parse(&further).map_err(Failed::Wrong)?;
            self.open.push(name.clone());
            let result = self.extend(&mut policy, &further, extended);
            self.open.pop();
            if self.seen.insert(name) {
                self.loaded.extended.push(further.id());
                self.loaded.sources.push(further);
            }
            result?;
            config.policy.inherit(policy.policy, true);
        }
        Ok(())
    }

    fn text(&self, path: &Utf8Path, name: &Utf8Path) -> Result<Source, String> {
        let number = u32::try_from(self.loaded.sources.len() + self.open.len()).unwrap_or(0);
        let id = match number {
            0 => ID,
            number => FileId::new(LAST_ID - number),
        };
        self.files.text(id, path, name)
    }

    fn finish(mut self) -> Result<Loaded, Failed> {
        if !self.wrong.is_empty() {
            return Err(Failed::Wrong(self.wrong));
        }
        let mut remarks = Vec::new();
        let of_run = self.loaded.of_run().file.clone();
        for config in self.loaded.config.all() {
            let Some(file) = &config.file else { continue };
            let is_above = config
                .folder
                .as_ref()
                .is_some_and(|folder| self.loaded.base.starts_with(folder));
            let own = |written: Option<&Utf8Path>| written == Some(file.as_path());
            let source_of = |file: FileId| self.loaded.source(file).map(Source::name);
            if !is_above && of_run.as_ref() != Some(file) {
                for (key, is_own) in [
                    (
                        "catalog",
                        own(config
                            .catalog
                            .as_ref()
                            .map(|catalog| catalog.file.as_path())),
                    ),
                    (
                        "baseline",
                        own(config
                            .baseline
                            .as_ref()
                            .and_then(|path| source_of(path.span.file))),
                    ),
                ] {
                    if is_own {
                        remarks.push(format!(
                            "{file}: `{key}` does not count in this run, which begins above that folder"
                        ));
                    }
                }
            }
            for rule in &config.policy.overruled {
                remarks.push(format!(
                    "{file}: the level of {rule} does not count: another configuration locks the rule at a higher one"
                ));
            }
        }
        remarks.dedup();
        self.loaded.remarks = remarks;
        Ok(self.loaded)
    }
}

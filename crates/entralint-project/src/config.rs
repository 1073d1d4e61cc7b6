//! Finds and reads `entralint.toml`, and what it builds on: the configurations that it extends, and those of the folders
//! above it, up to the git root.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::{Config, NAME};
use entralint_core::finding::Finding;
use entralint_core::rules::invalid_config;
use source_text::{FileId, Source};

use crate::files::Files;
use crate::root::{Root, git_root};

/// The number of the configuration among the files of a run.
pub const ID: FileId = FileId::new(0);

/// Numbers from this one downwards are those of further configurations.
const LAST_ID: u32 = u32::MAX - 1;

/// More configurations than this are a mistake.
const MOST: usize = 32;

/// A configuration with its text, which findings about it show.
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// Its text; `None` where there is none.
    pub source: Option<Source>,
    /// The further configurations, the nearest first, each with how it came.
    pub inherited: Vec<Inherited>,
}

/// A further configuration.
pub struct Inherited {
    /// Its text.
    pub source: Source,
    /// It was named by `extends`; otherwise it lies in a folder above.
    pub by_extends: bool,
}

/// Why there is none.
pub enum Failed {
    /// It cannot be read.
    Unreadable(String),
    /// It is wrong.
    Wrong(Vec<Finding>),
}

/// Reads the named file, or the nearest `entralint.toml` from the working folder upwards, up to the git root: what lies
/// above a repository is not its configuration. Without a repository the working folder alone is looked at.
///
/// The nearest one counts as a whole. Of those in folders above it, up to the git root, and of those that it extends,
/// the policy counts too: `rules`, `locked`, `allow` and `forbid`.
///
/// # Errors
///
/// That it cannot be read, or what is wrong, each with its place.
pub fn load(
    files: &Files,
    named: Option<&Utf8Path>,
    isolated: bool,
    root: &Root,
) -> Result<Loaded, Failed> {
    let none = || Loaded {
        config: Config::default(),
        source: None,
        inherited: Vec::new(),
    };
    if isolated {
        return Ok(none());
    }
    let top = git_root(&root.working).unwrap_or_else(|| root.working.clone());
    let above = |from: &Utf8Path| -> Vec<Utf8PathBuf> {
        from.ancestors()
            .take_while(|folder| folder.starts_with(&top))
            .map(|folder| folder.join(NAME))
            .filter(|path| files.is_file(path))
            .collect()
    };
    let mut found = match named {
        Some(path) => vec![root.working.join(path)],
        None => above(&root.working),
    };
    if found.is_empty() {
        return Ok(none());
    }
    let path = found.remove(0);
    let name = root.relative(&path);
    let source = files.text(ID, &path, &name).map_err(Failed::Unreadable)?;
    let mut config = Config::parse(&source).map_err(Failed::Wrong)?;
    let mut chain = Chain {
        files,
        root,
        open: vec![name.clone()],
        seen: BTreeSet::from([name]),
        inherited: Vec::new(),
    };
    chain.extend(&mut config, &source)?;
    for path in found {
        let name = root.relative(&path);
        if chain.seen.insert(name.clone()) {
            let source = chain.read(&path, &name).map_err(Failed::Unreadable)?;
            let mut further = Config::parse(&source).map_err(Failed::Wrong)?;
            chain.extend(&mut further, &source)?;
            config.policy.inherit(further.policy, false);
            chain.inherited.push(Inherited {
                source,
                by_extends: false,
            });
        }
    }
    Ok(Loaded {
        config,
        source: Some(source),
        inherited: chain.inherited,
    })
}

/// The configurations that are read on behalf of the first.
struct Chain<'r> {
    files: &'r Files,
    root: &'r Root,
    seen: BTreeSet<Utf8PathBuf>,
    /// Those that are being extended.
    open: Vec<Utf8PathBuf>,
    inherited: Vec<Inherited>,
}

impl Chain<'_> {
    /// Adds the policies of what a configuration extends to its own.
    fn extend(&mut self, config: &mut Config, source: &Source) -> Result<(), Failed> {
        for path in config.extends.clone() {
            let wrong = |message: String| {
                Failed::Wrong(vec![invalid_config::finding(source, path.span, message)])
            };
            let folder = config.folder.clone().unwrap_or_default();
            let whole = self.root.open(&folder).join(&path.value);
            let name = self.root.relative(&whole);
            if name.is_absolute() || path.value.is_absolute() {
                return Err(wrong(
                    "a configuration can extend files of its repository only: give a relative path"
                        .to_owned(),
                ));
            }
            if self.open.contains(&name) {
                return Err(wrong(format!(
                    "{name} extends itself, by way of others or not"
                )));
            }
            if !self.seen.insert(name.clone()) {
                // Two configurations may build on the same third one: it counts once.
                continue;
            }
            if self.inherited.len() >= MOST {
                return Err(wrong(format!(
                    "more than {MOST} configurations are extended"
                )));
            }
            let further = self.read(&whole, &name).map_err(wrong)?;
            let mut extended = Config::parse(&further).map_err(Failed::Wrong)?;
            self.open.push(name);
            self.extend(&mut extended, &further)?;
            self.open.pop();
            config.policy.inherit(extended.policy, true);
            self.inherited.push(Inherited {
                source: further,
                by_extends: true,
            });
        }
        Ok(())
    }

    fn read(&self, path: &Utf8Path, name: &Utf8Path) -> Result<Source, String> {
        let number = u32::try_from(self.inherited.len()).unwrap_or(0);
        self.files.text(FileId::new(LAST_ID - number), path, name)
    }
}

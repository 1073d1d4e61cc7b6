//! A repository in memory, and a caller that answers what a format wants.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use entra_manifest::{FileId, ROUNDS, Read, Source, Unit, Want, Wanted};

/// Files by their paths from the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

/// A unit that was read, with all that it wanted.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) sources: Vec<Source>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) read: Read,
}

impl Opened {
    pub(crate) fn unit(&self) -> Unit<'_> {
        Unit::folder(&self.sources).with(&self.wanted)
    }
}

impl Repository {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).into(), text.as_bytes().to_vec()));
        Self {
            files: files.collect(),
        }
    }

    /// All files under a folder on disk.
    pub(crate) fn on_disk(root: &Path) -> Self {
        let mut repository = Self::default();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path
                        .strip_prefix(root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .replace('\\', "/");
                    repository
                        .files
                        .insert(name.into(), fs::read(path).unwrap());
                }
            }
        }
        assert!(
            !repository.files.is_empty(),
            "{} has no files",
            root.display()
        );
        repository
    }

    /// The folders that hold files which one format reads together.
    pub(crate) fn folders(&self) -> Vec<Utf8PathBuf> {
        let terraform = entra_manifest::folder_format("main.tf".into());
        let mut folders: Vec<Utf8PathBuf> = self
            .files
            .keys()
            .filter(|name| entra_manifest::folder_format(name) == terraform)
            .map(|name| name.parent().unwrap().to_owned())
            .collect();
        folders.dedup();
        folders
    }

    pub(crate) fn open(&self, folder: &Utf8Path) -> Opened {
        let mut next = 0;
        let mut load = |name: &Utf8Path| {
            next += 1;
            Source::decode(FileId::new(next), name, self.files[name].clone()).unwrap()
        };
        let terraform = entra_manifest::folder_format("main.tf".into());
        let sources: Vec<Source> = self
            .files
            .keys()
            .filter(|name| name.parent() == Some(folder))
            .filter(|name| entra_manifest::folder_format(name) == terraform)
            .map(|name| load(name))
            .collect();
        let mut wanted: Vec<Wanted> = Vec::new();
        for _ in 0..ROUNDS {
            let Read::Wants(wants) = entra_manifest::read(Unit::folder(&sources).with(&wanted))
            else {
                break;
            };
            for want in wants {
                let files = self.files.keys().filter(|name| answers(&want, name));
                let files = files.map(|name| load(name)).collect();
                wanted.push(Wanted { want, files });
            }
        }
        let read = entra_manifest::read(Unit::folder(&sources).with(&wanted));
        Opened {
            sources,
            wanted,
            read,
        }
    }
}

fn answers(want: &Want, name: &Utf8Path) -> bool {
    match want {
        Want::File(path) => name == path,
        Want::Folder { path, pattern } => {
            let glob = globset::GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .unwrap();
            name.strip_prefix(path)
                .is_ok_and(|rest| glob.compile_matcher().is_match(rest))
        }
    }
}

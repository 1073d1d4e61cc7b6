//! What the files of a project declare, as it is written.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::list::{Document, NotListed};
use entralint_core::report::FileOutcome;
use rayon::prelude::*;

use crate::discover::{self, STDIN};
use crate::engine;
use crate::modules::Modules;
use crate::project::Project;
use crate::said::Said;
use crate::units::{ReadUnit, Units, Work, group};

/// Declarations of a project.
pub struct Listed {
    /// What is declared, and the files of which nothing could be listed.
    pub document: Document,
    /// How many manifests were read.
    pub manifests: usize,
    /// A file is not well-formed.
    pub invalid: bool,
    /// What could not be walked or read, for people.
    pub errors: Vec<String>,
    /// What became of each file, for who asks.
    pub said: Vec<Said>,
}

impl Project {
    /// Lists what the files below these paths declare, and reads no file that has more bytes than `limit`.
    ///
    /// # Errors
    ///
    /// That the catalog has no ids.
    pub fn list(&self, paths: &[Utf8PathBuf], limit: u64) -> Result<Listed, String> {
        self.catalog.require_ids()?;
        let root = &self.root;
        let units = Units::new(root, limit)
            .over(self.files.clone())
            .deployed_as(&self.config.config);
        let found = discover::discover(
            paths,
            root,
            &self.config.config,
            &entra_manifest::is_candidate,
        );
        let works = group(found.candidates, &|folder| units.list(folder, false));
        let mut listed = Listed {
            document: Document::new(self.catalog.get().info()),
            manifests: 0,
            invalid: false,
            errors: found.errors,
            said: Vec::new(),
        };
        let (folders, files): (Vec<&Work>, Vec<&Work>) = works
            .iter()
            .partition(|work| matches!(work, Work::Folder(_)));
        let mut read_folders: Vec<_> = folders
            .par_iter()
            .map(|work| (*work, engine::read(&units, work)))
            .collect();
        let mut modules = Modules::default();
        let mut recorded: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        for (work, unit) in &read_folders {
            modules.add(work.folder(), &unit.modules);
            if unit.manifest.is_some() {
                recorded.extend(unit.recorded.iter().cloned());
            }
        }
        let files: Vec<&Work> = files
            .into_iter()
            .filter(|work| !(work.files().iter()).any(|file| recorded.contains(&*file.path)))
            .collect();
        read_folders.retain(|(work, _)| !modules.is_called(work.folder()));
        for (_, unit) in read_folders {
            listed.add(self, unit);
        }
        // Parts, so that the texts of a large repository are not all held at once.
        const PART: usize = 512;
        for part in files.chunks(PART) {
            let read: Vec<_> = part
                .par_iter()
                .map(|work| engine::read(&units, work))
                .collect();
            for unit in read {
                listed.add(self, unit);
            }
        }
        for path in &found.ignored {
            listed.not_listed(
                root.shown(path),
                "an ignore file excludes it, although git tracks it",
            );
        }
        for path in &found.links {
            listed.not_listed(
                root.shown(path),
                "it is a link that leads out of the repository or nowhere",
            );
        }
        listed.document.finish();
        Ok(listed)
    }
}

impl Listed {
    fn add(&mut self, project: &Project, unit: ReadUnit) {
        if let Some(manifest) = &unit.manifest {
            self.manifests += 1;
            self.document
                .add(unit.texts.unit(), manifest, project.catalog.get(), &|at| {
                    if at.path == Utf8Path::new("stdin") {
                        STDIN.to_owned()
                    } else {
                        project.root.shown(&at.path)
                    }
                });
        }
        for file in &unit.files {
            let reason = match &file.outcome {
                FileOutcome::Unsupported(what) => format!("{what} is not supported yet"),
                FileOutcome::Invalid => {
                    self.invalid = true;
                    let finding = unit
                        .findings
                        .iter()
                        .find(|f| f.place.as_ref().is_some_and(|mark| mark.at.file == file.id));
                    match finding.and_then(|f| Some((f, f.place.as_ref()?))) {
                        Some((finding, mark)) => format!(
                            "line {}, column {}: {}",
                            mark.at.start.line, mark.at.start.column, finding.message
                        ),
                        None => "it could not be parsed".to_owned(),
                    }
                }
                _ => continue,
            };
            self.not_listed(file.shown.to_string(), reason);
        }
        self.errors.extend(unit.errors);
        self.said.extend(unit.said);
    }

    fn not_listed(&mut self, file: String, reason: impl Into<String>) {
        self.document.not_listed.push(NotListed {
            file,
            reason: reason.into(),
        });
    }
}

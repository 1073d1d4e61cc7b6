//! The files that a deployment refers to, as far as the caller has read them.

use std::cell::RefCell;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;
use source_text::{FileId, Source};

use super::program::Program;
use super::requests::Texts;
use crate::read::{Unit, Want};

/// The files of a unit: those that are read, those that they want, and what is still wanted.
pub(crate) struct UnitFiles<'a> {
    unit: Unit<'a>,
    by_path: FxHashMap<&'a Utf8Path, &'a Source>,
    by_id: FxHashMap<FileId, &'a Source>,
    programs: FxHashMap<Utf8PathBuf, Program>,
    wants: RefCell<Vec<Utf8PathBuf>>,
}

impl<'a> UnitFiles<'a> {
    /// The files of a unit. `parse` reads those that are Bicep files or templates.
    pub(crate) fn new(unit: Unit<'a>, mut parse: impl FnMut(&Source) -> Option<Program>) -> Self {
        let mut programs = FxHashMap::default();
        for source in unit.files() {
            if let Some(program) = parse(source) {
                programs.insert(source.name().to_owned(), program);
            }
        }
        Self {
            unit,
            by_path: unit.files().map(|source| (source.name(), source)).collect(),
            by_id: unit.files().map(|source| (source.id(), source)).collect(),
            programs,
            wants: RefCell::default(),
        }
    }

    /// The program of a file that was read.
    pub(crate) fn program(&self, path: &Utf8Path) -> Option<&Program> {
        self.programs.get(path)
    }

    /// The file at a path, which is wanted if it was not read yet.
    pub(crate) fn want(&self, path: &Utf8Path) -> Option<&'a Source> {
        if let Some(source) = self.by_path.get(path) {
            return Some(source);
        }
        if self.unit.got(&Want::File(path.to_owned())).is_none() {
            let mut wants = self.wants.borrow_mut();
            if !wants.iter().any(|known| known == path) {
                wants.push(path.to_owned());
            }
        }
        None
    }

    /// What is still wanted.
    pub(crate) fn wants(&self) -> Vec<Want> {
        self.wants
            .borrow()
            .iter()
            .cloned()
            .map(Want::File)
            .collect()
    }
}

impl Files for UnitFiles<'_> {
    fn load(&self, path: &Utf8Path, data: bool) -> Loaded<'_> {
        let Some(source) = self.want(path) else {
            return Loaded::Missing;
        };
        match self.programs.get(path) {
            Some(program) if !data => Loaded::Program(program),
            _ => Loaded::Text(source),
        }
    }
}

impl Texts for UnitFiles<'_> {
    fn source(&self, file: FileId) -> Option<&Source> {
        self.by_id.get(&file).copied()
    }

    fn any(&self, such: &dyn Fn(&str) -> bool) -> bool {
        self.by_id.values().any(|source| such(source.text()))
    }
}

/// A file that an expression or a module names.
pub(crate) enum Loaded<'a> {
    /// A Bicep file or a template.
    Program(&'a Program),
    /// Any other file.
    Text(&'a Source),
    /// It is not there, or lies outside the repository.
    Missing,
}

/// The files of the repository that a unit refers to.
pub(crate) trait Files {
    /// The file at a path, which is relative to the repository's root. With `data` it is read as text even if it is a
    /// Bicep file or a template.
    fn load(&self, path: &Utf8Path, data: bool) -> Loaded<'_>;
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Utf8Path) -> &Utf8Path {
    path.parent().unwrap_or_else(|| Utf8Path::new(""))
}

//! What a workspace keeps of a unit: all but its text, which is kept only while an editor has it open.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::finding::Finding;
use entralint_core::plan::{AppId, FileEvidence};
use entralint_core::report::FileReport;
use entralint_core::unit::UnitReport;
use msgraph_calls::{Helpers, Skipped};

use crate::engine;
use crate::files::Files;
use crate::modules::Modules;
use crate::root::Root;
use crate::units::{ReadUnit, Work};

/// A unit, and what came of it.
pub(super) struct Entry {
    pub(super) work: Work,
    /// What follows is of its files as they are now.
    pub(super) is_read: bool,
    pub(super) is_scanned: bool,
    pub(super) is_judged: bool,
    /// Files that it wanted and read.
    wanted: Vec<Utf8PathBuf>,
    /// It wanted files or folders: what is read changes with the files that there are.
    pub(super) wants: bool,
    /// Folders that are modules of it.
    pub(super) modules: Vec<Utf8PathBuf>,
    /// Plans and states that were read with it.
    recorded: Vec<Utf8PathBuf>,
    /// The helpers of its own files; `None` where none of them can hold a call.
    pub(super) helpers: Option<Helpers>,
    pub(super) has_manifest: bool,
    pub(super) apps: Vec<AppId>,
    pub(super) evidence: Vec<FileEvidence>,
    pub(super) skipped: Skipped,
    pub(super) files: Vec<FileReport>,
    /// What is wrong with its files.
    pub(super) findings: Vec<Finding>,
    read_errors: Vec<String>,
    pub(super) scan_errors: Vec<String>,
    pub(super) judge_errors: Vec<String>,
    pub(super) report: UnitReport,
    /// Its text, while it is worked on or open in an editor.
    pub(super) unit: Option<Arc<ReadUnit>>,
}

/// The units that are part of others: a folder that others call as a module is judged where it is called, a plan that was
/// read with its configuration with that.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    modules: Modules,
    recorded: BTreeSet<Utf8PathBuf>,
}

impl Parts {
    /// Those of these units.
    pub(super) fn of(entries: &[Entry], scans: bool) -> Self {
        let mut parts = Self::default();
        for entry in entries.iter().filter(|entry| entry.is_first(scans)) {
            parts.modules.add(entry.work.folder(), &entry.modules);
            if entry.has_manifest {
                parts.recorded.extend(entry.recorded.iter().cloned());
            }
        }
        parts
    }

    /// Whether a unit is part of another one.
    pub(super) fn has(&self, entry: &Entry, scans: bool) -> bool {
        if entry.is_first(scans) {
            matches!(entry.work, Work::Folder(_))
                && (entry.has_manifest || entry.helpers.is_some())
                && self.modules.is_called(entry.work.folder())
        } else {
            let mut files = entry.work.files().iter();
            files.any(|file| self.recorded.contains(&*file.path))
        }
    }
}

/// What tells a unit from others, as long as it has the same files.
pub(super) fn key(work: &Work) -> Vec<Arc<Utf8Path>> {
    (work.files().iter())
        .map(|file| Arc::clone(&file.path))
        .collect()
}

impl Entry {
    /// A unit of which nothing is known.
    pub(super) fn new(work: Work) -> Self {
        Self {
            work,
            is_read: false,
            is_scanned: false,
            is_judged: false,
            wanted: Vec::new(),
            wants: false,
            modules: Vec::new(),
            recorded: Vec::new(),
            helpers: None,
            has_manifest: false,
            apps: Vec::new(),
            evidence: Vec::new(),
            skipped: Skipped::default(),
            files: Vec::new(),
            findings: Vec::new(),
            read_errors: Vec::new(),
            scan_errors: Vec::new(),
            judge_errors: Vec::new(),
            report: UnitReport::default(),
            unit: None,
        }
    }

    /// Takes over what was read. Says whether calls are gone by that.
    pub(super) fn take(&mut self, mut unit: ReadUnit, helpers: Option<Helpers>) -> bool {
        self.is_read = true;
        self.is_scanned = false;
        self.is_judged = false;
        let own: HashSet<_> = unit
            .texts
            .sources
            .iter()
            .map(|source| source.id())
            .collect();
        self.wanted = unit
            .texts
            .unit()
            .files()
            .filter(|source| !own.contains(&source.id()))
            .map(|source| source.name().to_owned())
            .collect();
        self.wants = !unit.texts.wanted.is_empty();
        self.modules = std::mem::take(&mut unit.modules);
        self.recorded = std::mem::take(&mut unit.recorded);
        self.helpers = helpers;
        self.has_manifest = unit.manifest.is_some();
        self.apps = unit.apps();
        self.files = std::mem::take(&mut unit.files);
        self.findings = std::mem::take(&mut unit.findings);
        self.read_errors = std::mem::take(&mut unit.errors);
        self.scan_errors.clear();
        self.judge_errors.clear();
        let mut is_less = false;
        if self.helpers.is_none() {
            is_less = !self.evidence.is_empty();
            self.evidence.clear();
            self.skipped = Skipped::default();
        }
        if !self.has_manifest {
            self.report = UnitReport::default();
        }
        self.unit = (self.has_manifest || self.helpers.is_some()).then(|| Arc::new(unit));
        is_less
    }

    /// How many bytes of text it holds.
    pub(super) fn bytes(&self) -> usize {
        self.unit.as_ref().map_or(0, |unit| {
            unit.texts.unit().files().map(|s| s.text().len()).sum()
        })
    }

    /// Whether it is part of the unit.
    pub(super) fn is_of(&self, path: &Utf8Path) -> bool {
        self.work.files().iter().any(|file| *file.path == *path)
    }

    /// Whether its content decides what the unit is.
    pub(super) fn reads(&self, path: &Utf8Path) -> bool {
        self.is_of(path) || self.wanted.iter().any(|wanted| wanted == path)
    }

    /// Whether one of its files is open in an editor.
    pub(super) fn is_open(&self, files: &Files, root: &Root) -> bool {
        self.work
            .files()
            .iter()
            .any(|file| files.buffer(&root.open(&file.path)).is_some())
    }

    /// Whether it is code or a folder: those count first.
    pub(super) fn is_first(&self, scans: bool) -> bool {
        engine::is_first(&self.work, scans)
    }

    /// What went wrong with it.
    pub(super) fn errors(&self) -> impl Iterator<Item = &String> {
        self.read_errors
            .iter()
            .chain(&self.scan_errors)
            .chain(&self.judge_errors)
    }
}

//! Brings a workspace up to date: reads, scans, joins and judges what is not.

use std::ops::ControlFlow;
use std::sync::Arc;

use entralint_core::plan::{AppId, FileEvidence, Rejoined, join};
use entralint_core::unit::Judge;
use msgraph_calls::Helpers;
use rayon::prelude::*;

use super::Workspace;
use super::entry::{Entry, Parts};
use crate::engine;
use crate::project::Failure;
use crate::units::ReadUnit;

/// Units are worked on in parts of this many: between them the work can be stopped.
const PART: usize = 256;

/// Beyond this many bytes of text, units are read again for each step.
const MOST_KEPT: usize = 16 * 1024 * 1024;

/// Takes note of how many units of how many are done, and says whether to go on.
pub type Progress<'a> = dyn Fn(usize, usize) -> ControlFlow<()> + Sync + 'a;

/// Why there is no workspace.
#[derive(Debug)]
pub enum Stopped {
    /// A check cannot begin.
    Failed(Failure),
    /// It was cancelled.
    Cancelled,
}

/// What changed in files that were read again.
#[derive(Clone, Copy, Debug, Default)]
struct Reread {
    /// The helpers of code.
    helpers: bool,
    /// Files that called call no more.
    calls: bool,
}

impl Workspace<'_> {
    /// Does what is left to do. `all` says that nothing was known before.
    pub(super) fn refresh(&mut self, all: bool, progress: &Progress<'_>) -> Result<(), Stopped> {
        let parts = self.parts();
        let Reread {
            helpers: helpers_changed,
            calls: calls_changed,
        } = self.read(all, progress)?;
        let now = self.parts();
        let mut changed = self.is_listed || calls_changed || now != parts;
        if helpers_changed {
            self.merge_helpers();
        }
        changed |= self.scan(all, progress)?;
        self.join(all || changed, &now);
        self.is_listed = false;
        self.judge(&now, progress)?;
        self.plan.keep_sets_of(&self.apps);
        for entry in &mut self.entries {
            if entry.unit.is_some() && !entry.is_open(&self.units.files, self.units.root) {
                entry.unit = None;
            }
        }
        Ok(())
    }

    /// Reads what is not read.
    fn read(&mut self, all: bool, progress: &Progress<'_>) -> Result<Reread, Stopped> {
        let Self {
            entries,
            units,
            scanner,
            ..
        } = self;
        let scanner = scanner.as_ref();
        let mut waiting: Vec<&mut Entry> =
            entries.iter_mut().filter(|entry| !entry.is_read).collect();
        let total = if all { 2 * waiting.len() } else { 0 };
        let mut kept = 0;
        let mut changed = Reread::default();
        for (part, entries) in waiting.chunks_mut(PART).enumerate() {
            go_on(progress, part * PART, total)?;
            let read: Vec<(ReadUnit, Option<Helpers>)> = entries
                .par_iter()
                .map(|entry| {
                    let unit = engine::read(units, &entry.work);
                    let helpers = engine::helpers(scanner, &unit);
                    (unit, helpers)
                })
                .collect();
            for (entry, (unit, helpers)) in entries.iter_mut().zip(read) {
                changed.helpers |= entry.is_first(scanner.is_some()) && entry.helpers != helpers;
                changed.calls |= entry.take(unit, helpers);
                kept += entry.bytes();
                if kept > MOST_KEPT {
                    entry.unit = None;
                }
            }
        }
        Ok(changed)
    }

    /// Puts the helpers of all code together. Where they change, all code is scanned again.
    fn merge_helpers(&mut self) {
        let scans = self.scanner.is_some();
        let mut helpers = Helpers::default();
        for entry in &self.entries {
            if entry.is_first(scans)
                && let Some(of_unit) = &entry.helpers
            {
                helpers.merge(of_unit.clone());
            }
        }
        if helpers != self.helpers {
            self.helpers = helpers;
            for entry in &mut self.entries {
                entry.is_scanned &= !entry.is_first(scans);
            }
        }
    }

    /// Searches for calls what is not searched. Says whether evidence changed.
    fn scan(&mut self, all: bool, progress: &Progress<'_>) -> Result<bool, Stopped> {
        let Self {
            entries,
            units,
            scanner,
            helpers,
            ..
        } = self;
        let scanner = scanner.as_ref();
        let none = Helpers::default();
        let before = entries.len();
        let mut changed = false;
        let mut waiting: Vec<&mut Entry> = entries
            .iter_mut()
            .filter(|entry| !entry.is_scanned && entry.helpers.is_some())
            .collect();
        let total = if all { before + waiting.len() } else { 0 };
        for (part, entries) in waiting.chunks_mut(PART).enumerate() {
            go_on(progress, before + part * PART, total)?;
            let scanned: Vec<_> = entries
                .par_iter()
                .map(|entry| {
                    let unit = text_of(entry, units);
                    let helpers = if entry.is_first(scanner.is_some()) {
                        &*helpers
                    } else {
                        &none
                    };
                    engine::scan(scanner, &unit, helpers)
                })
                .collect();
            for (entry, (evidence, skipped, errors)) in entries.iter_mut().zip(scanned) {
                changed |= entry.evidence != evidence;
                entry.evidence = evidence;
                entry.skipped = skipped;
                entry.scan_errors = errors;
                entry.is_scanned = true;
                if !entry.has_manifest {
                    entry.unit = None;
                }
            }
        }
        Ok(changed)
    }

    /// Joins calls with apps, where one or the other changed. `changed` says that calls did.
    fn join(&mut self, changed: bool, parts: &Parts) {
        let scans = self.scanner.is_some();
        let apps: Vec<AppId> = self
            .entries
            .iter()
            .filter(|entry| !parts.has(entry, scans))
            .flat_map(|entry| entry.apps.iter().cloned())
            .collect();
        if !changed && apps == self.apps {
            return;
        }
        let joined = join(
            &apps,
            self.evidence(parts),
            &self.roots,
            &self.project.config.config,
            self.found.whole,
        );
        let rejoined = self.plan.rejoin(joined, &apps);
        self.apps = apps;
        for entry in &mut self.entries {
            entry.is_judged &= match &rejoined {
                Rejoined::All => false,
                Rejoined::Some(apps) => !entry.apps.iter().any(|app| apps.contains(app)),
            };
        }
    }

    /// Judges what is not judged.
    fn judge(&mut self, parts: &Parts, progress: &Progress<'_>) -> Result<(), Stopped> {
        let Self {
            entries,
            units,
            plan,
            scanner,
            ..
        } = self;
        let scans = scanner.is_some();
        let mut waiting: Vec<&mut Entry> = entries
            .iter_mut()
            .filter(|entry| !entry.is_judged && entry.has_manifest && !parts.has(entry, scans))
            .collect();
        for entry in &waiting {
            plan.forget(&entry.apps);
        }
        let judge = Judge::new(plan);
        for entries in waiting.chunks_mut(PART) {
            go_on(progress, 0, 0)?;
            entries.par_iter_mut().for_each(|entry| {
                let unit = text_of(entry, units);
                let (report, errors) = engine::judge(&judge, &entry.work, &unit);
                entry.report = report;
                entry.judge_errors = errors;
                entry.is_judged = true;
            });
        }
        Ok(())
    }

    /// The units that are part of others.
    pub(super) fn parts(&self) -> Parts {
        Parts::of(&self.entries, self.scanner.is_some())
    }

    /// All evidence, in the order in which a run has it.
    pub(super) fn evidence(&self, parts: &Parts) -> Vec<&FileEvidence> {
        let scans = self.scanner.is_some();
        let of = |first: bool| {
            self.entries
                .iter()
                .filter(move |entry| entry.is_first(scans) == first && !parts.has(entry, scans))
                .flat_map(|entry| &entry.evidence)
        };
        self.recorded
            .iter()
            .chain(of(true))
            .chain(of(false))
            .collect()
    }
}

fn text_of(entry: &Entry, units: &crate::units::Units<'_>) -> Arc<ReadUnit> {
    match &entry.unit {
        Some(unit) => Arc::clone(unit),
        None => Arc::new(engine::read(units, &entry.work)),
    }
}

fn go_on(progress: &Progress<'_>, done: usize, total: usize) -> Result<(), Stopped> {
    match progress(done, total) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stopped::Cancelled),
    }
}

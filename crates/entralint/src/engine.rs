//! A run over many units: reads each once, judges it as soon as its calls are known, and keeps only what is reported.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::Utf8PathBuf;
use entralint_core::plan::{AppId, Plan};
use entralint_core::report::{FileOutcome, FileReport, Report};
use entralint_core::unit::{Judge, UnitReport, app_ids};
use rayon::prelude::*;

use crate::units::{ReadUnit, Units, Work};

/// Units are read in parts of this many, so that a part can be judged before the next is read.
const PART: usize = 512;

/// What came of a run.
pub(crate) struct Checked<'p> {
    /// The plan as it stands, with the number of apps known.
    pub(crate) plan: Plan<'p>,
    /// The report, not yet finished.
    pub(crate) report: Report,
    /// Places in the works of units with a fix.
    pub(crate) fixable: Vec<usize>,
    /// Every app.
    pub(crate) apps: Vec<AppId>,
    /// Lines for `--verbose`.
    pub(crate) said: Vec<String>,
}

/// A unit that waits for what it is judged by.
struct Waiting {
    work: usize,
    unit: ReadUnit,
}

/// What is kept of a unit.
pub(crate) struct Done {
    work: usize,
    pub(crate) report: UnitReport,
    pub(crate) files: Vec<FileReport>,
    pub(crate) errors: Vec<String>,
    pub(crate) said: Vec<String>,
    apps: Vec<AppId>,
    fixable: bool,
}

/// Reads and judges all units.
pub(crate) fn check<'p>(
    units: &Units<'_>,
    works: &[Work],
    mut plan: Plan<'p>,
    keep_apps: bool,
) -> Checked<'p> {
    let mut apps: Vec<AppId> = Vec::new();
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut done: Vec<Done> = Vec::new();
    let (folders, files): (Vec<usize>, Vec<usize>) =
        (0..works.len()).partition(|at| matches!(works[*at], Work::Folder(_)));
    let read = |at: usize| -> ReadUnit { read(units, &works[at]) };

    let mut read_folders: Vec<Waiting> = folders
        .par_iter()
        .map(|at| Waiting {
            work: *at,
            unit: read(*at),
        })
        .collect();
    let modules: BTreeSet<Utf8PathBuf> = read_folders
        .iter()
        .flat_map(|waiting| {
            let own = works[waiting.work].folder();
            waiting
                .unit
                .modules
                .iter()
                .filter(move |module| *module != own)
                .cloned()
        })
        .collect();
    // A module is judged where it is called: its own folder would list everything twice.
    read_folders.retain(|waiting| !modules.contains(works[waiting.work].folder()));
    waiting.extend(read_folders);

    for part in files.chunks(PART) {
        // With calls that no section claims, one app or several makes the difference.
        let decided = !plan.depends_on_number() || several(&apps, &waiting);
        let judge = Judge {
            keep_apps,
            ..Judge::new(&plan)
        };
        let results: Vec<Result<Done, Waiting>> = part
            .par_iter()
            .map(|at| {
                let waiting = Waiting {
                    work: *at,
                    unit: read(*at),
                };
                if decided || waiting.unit.manifest.is_none() {
                    Ok(finish(&judge, &works[*at], waiting))
                } else {
                    Err(waiting)
                }
            })
            .collect();
        for result in results {
            match result {
                Ok(finished) => {
                    apps.extend(finished.apps.iter().cloned());
                    done.push(finished);
                }
                Err(waits) => waiting.push(waits),
            }
        }
        if !waiting.is_empty() && several(&apps, &waiting) {
            let judge = Judge {
                keep_apps,
                ..Judge::new(&plan)
            };
            done.extend(judge_all(&judge, works, &mut waiting, &mut apps));
        }
    }
    let single = apps.len() + count(&waiting) == 1;
    plan = plan.single(single);
    let judge = Judge {
        keep_apps,
        ..Judge::new(&plan)
    };
    done.extend(judge_all(&judge, works, &mut waiting, &mut apps));

    done.sort_by_key(|unit| unit.work);
    let mut report = Report::default();
    let mut fixable = Vec::new();
    let mut said = Vec::new();
    let mut known: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for unit in done {
        if unit.fixable {
            fixable.push(unit.work);
        }
        said.extend(unit.said);
        report.errors.extend(unit.errors);
        report.add(unit.report);
        for file in unit.files {
            // A module's file is read by each unit that calls it.
            if known.insert(file.path.clone()) {
                report.add_file(file);
            }
        }
    }
    Checked {
        plan,
        report,
        fixable,
        apps,
        said,
    }
}

fn count(waiting: &[Waiting]) -> usize {
    waiting
        .iter()
        .filter_map(|waiting| waiting.unit.manifest.as_ref())
        .map(|manifest| manifest.apps.len())
        .sum()
}

fn several(apps: &[AppId], waiting: &[Waiting]) -> bool {
    apps.len() + count(waiting) > 1
}

fn judge_all(
    judge: &Judge<'_>,
    works: &[Work],
    waiting: &mut Vec<Waiting>,
    apps: &mut Vec<AppId>,
) -> Vec<Done> {
    for waits in waiting.iter() {
        if let Some(manifest) = &waits.unit.manifest {
            apps.extend(app_ids(waits.unit.texts.unit(), manifest));
        }
    }
    std::mem::take(waiting)
        .into_par_iter()
        .map(|waits| {
            let work = &works[waits.work];
            finish(judge, work, waits)
        })
        .collect()
}

/// Reads a unit. A unit that cannot be read ends nothing but itself.
pub(crate) fn read(units: &Units<'_>, work: &Work) -> ReadUnit {
    guarded(|| units.read(work)).unwrap_or_else(|why| {
        let mut unit = ReadUnit {
            texts: entralint_core::fix::Texts {
                sources: Vec::new(),
                wanted: Vec::new(),
            },
            manifest: None,
            files: Vec::new(),
            findings: Vec::new(),
            errors: Vec::new(),
            said: Vec::new(),
            modules: Vec::new(),
        };
        for file in work.files() {
            let shown = units.root.shown(&file.path);
            unit.errors.push(internal(&shown, &why));
            unit.files
                .push(units.report(&file.path, FileOutcome::NotRead(why.clone())));
        }
        unit
    })
}

/// Judges a unit and drops its text.
fn finish(judge: &Judge<'_>, work: &Work, waiting: Waiting) -> Done {
    let Waiting { work: at, unit } = waiting;
    let mut errors = unit.errors;
    let mut report = match &unit.manifest {
        Some(manifest) => {
            guarded(|| judge.check(unit.texts.unit(), manifest)).unwrap_or_else(|why| {
                for file in work.files() {
                    errors.push(internal(file.path.as_str(), &why));
                }
                UnitReport::default()
            })
        }
        None => UnitReport::default(),
    };
    let fixable = report.findings.iter().any(|finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| !fix.changes.is_empty())
    });
    report.findings.extend(unit.findings);
    let apps = unit
        .manifest
        .as_ref()
        .map(|manifest| app_ids(unit.texts.unit(), manifest))
        .unwrap_or_default();
    Done {
        work: at,
        apps,
        report,
        files: unit.files,
        errors,
        said: unit.said,
        fixable,
    }
}

/// Reads and judges one unit again, after it was changed.
pub(crate) fn again(units: &Units<'_>, judge: &Judge<'_>, work: &Work) -> Done {
    let unit = read(units, work);
    finish(judge, work, Waiting { work: 0, unit })
}

/// Runs what may fail in a way that is a bug. One file never ends a run: its bug is reported, and the others are
/// checked.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        format!("internal error: {message}")
    })
}

fn internal(file: &str, why: &str) -> String {
    format!(
        "{}: {}; it was not checked, please report this at {}/issues",
        entralint_core::text::escaped(file),
        entralint_core::text::shown(why),
        env!("CARGO_PKG_REPOSITORY")
    )
}

//! A run over many units: reads each once, judges it as soon as its calls are known, and keeps only what is reported.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::Config;
use entralint_core::plan::{AppId, FileEvidence, Plan, Project, join};
use entralint_core::report::{FileOutcome, FileReport, Report};
use entralint_core::unit::{Judge, UnitReport};
use msgraph_calls::{Helpers, Skipped};
use rayon::prelude::*;
use source_text::FileId;

use crate::evidence::{self, Scanner};
use crate::modules::Modules;
use crate::said::Said;
use crate::units::{ReadUnit, Units, Work};

/// Units are read in parts of this many, so that a part can be judged before the next is read.
const PART: usize = 512;

/// Beyond this many bytes of waiting text, units are read again when they are judged.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// What came of a run.
pub struct Checked<'p> {
    /// The plan as it stands, with the apps and their evidence known.
    pub plan: Plan<'p>,
    /// The report, not yet finished.
    pub report: Report,
    /// Places in the works of units with a fix.
    pub fixable: Vec<usize>,
    /// Every app.
    pub apps: Vec<AppId>,
    /// What each file calls.
    pub evidence: Vec<FileEvidence>,
    /// What became of each file.
    pub said: Vec<Said>,
}

/// What a run is about besides its files.
pub struct Options<'o> {
    /// Searches code for calls; `None` with `--no-scan`.
    pub scanner: Option<&'o Scanner<'o>>,
    /// Evidence that is named: recordings.
    pub recorded: Vec<FileEvidence>,
    /// All files of the run, to tell projects apart.
    pub names: &'o [Arc<Utf8Path>],
    /// The configuration.
    pub config: &'o Config,
    /// All files of the root were looked at.
    pub whole: bool,
    /// Keep what each app requests and needs.
    pub keep_apps: bool,
    /// Keep what became of each file.
    pub keep_said: bool,
}

/// A unit that waits for what it is judged by.
struct Waiting {
    work: usize,
    /// `None` where its text would take too much memory: it is read again.
    unit: Option<ReadUnit>,
    apps: Vec<AppId>,
}

/// What came of a unit.
pub struct Done {
    work: usize,
    /// What was found in it.
    pub report: UnitReport,
    /// Its files, where something is said of them.
    pub files: Vec<FileReport>,
    /// What could not be read, for people.
    pub errors: Vec<String>,
    /// What became of each file.
    pub said: Vec<Said>,
    apps: Vec<AppId>,
    fixable: bool,
}

/// What is kept of a unit until all are judged. Of a hundred thousand most have nothing but a file and an app, so the
/// rest stands apart.
struct Kept {
    work: usize,
    files: Box<[FileReport]>,
    /// Places in the list of the apps of judged units.
    apps: Range<usize>,
    rest: Option<Box<Rest>>,
}

#[derive(Default)]
struct Rest {
    report: UnitReport,
    errors: Vec<String>,
    said: Vec<Said>,
    fixable: bool,
}

/// What a pass over files gathers.
#[derive(Default)]
struct Gathered {
    waiting: Vec<Waiting>,
    done: Vec<Kept>,
    /// The apps of the units that are done.
    apps: Vec<AppId>,
    keep_said: bool,
    evidence: Vec<FileEvidence>,
    skipped: Skipped,
    bytes: usize,
}

impl Kept {
    /// What is kept of a unit, whose apps stand at these places.
    fn new(unit: Done, apps: Range<usize>, keep_said: bool) -> Self {
        let mut rest = Rest {
            report: unit.report,
            errors: unit.errors,
            said: if keep_said { unit.said } else { Vec::new() },
            fixable: unit.fixable,
        };
        rest.report.findings.shrink_to_fit();
        let is_empty = rest.report.is_empty()
            && rest.errors.is_empty()
            && rest.said.is_empty()
            && !rest.fixable;
        Self {
            work: unit.work,
            files: unit.files.into_boxed_slice(),
            apps,
            rest: (!is_empty).then(|| Box::new(rest)),
        }
    }
}

impl Gathered {
    fn finish(&mut self, mut unit: Done) {
        let first = self.apps.len();
        self.apps.append(&mut unit.apps);
        let apps = first..self.apps.len();
        self.done.push(Kept::new(unit, apps, self.keep_said));
    }

    fn wait(&mut self, work: usize, mut unit: ReadUnit) {
        let apps = unit.apps();
        let bytes: usize = unit.texts.unit().files().map(|s| s.text().len()).sum();
        self.bytes += bytes;
        let keep = self.bytes <= MOST_WAITING;
        if !keep {
            unit.texts.sources.clear();
        }
        self.waiting.push(Waiting {
            work,
            unit: keep.then_some(unit),
            apps,
        });
    }

    /// How many apps are known.
    fn apps(&self) -> usize {
        let waiting: usize = self.waiting.iter().map(|w| w.apps.len()).sum();
        waiting + self.apps.len()
    }
}

/// Reads and judges all units.
///
/// What an app is judged by can depend on all files: code anywhere may call for it, and shared calls are its own if it
/// is the only one. So code comes first; then other files are judged as they are read where nothing is left open, and
/// wait otherwise.
pub fn check<'p>(
    units: &Units<'_>,
    works: &[Work],
    mut plan: Plan<'p>,
    options: Options<'_>,
) -> Checked<'p> {
    let mut gathered = Gathered {
        evidence: options.recorded,
        keep_said: options.keep_said,
        ..Gathered::default()
    };
    let (code, files): (Vec<usize>, Vec<usize>) =
        (0..works.len()).partition(|at| is_first(&works[*at], options.scanner.is_some()));
    let recorded = read_code(units, works, &code, options.scanner, &mut gathered);
    // A plan was read with its configuration: by itself it would list everything twice.
    let files: Vec<usize> = files
        .into_iter()
        .filter(|at| !(works[*at].files().iter()).any(|file| recorded.contains(&*file.path)))
        .collect();
    for part in files.chunks(PART) {
        let open = !gathered.evidence.is_empty() || plan.depends_on_number(gathered.apps());
        read_part(
            units,
            works,
            part,
            &plan,
            options.scanner,
            options.keep_apps,
            open,
            &mut gathered,
        );
    }
    let Gathered {
        mut waiting,
        mut done,
        apps: mut judged,
        evidence,
        skipped,
        ..
    } = gathered;
    let mut apps: Vec<AppId> = Vec::new();
    for waiting in &mut waiting {
        apps.append(&mut waiting.apps);
    }
    let first_judged = apps.len();
    apps.append(&mut judged);
    let mut project = Project::default();
    for name in options.names {
        project.add(name);
    }
    let joined = join(&apps, &evidence, &project, options.config, options.whole);
    // Judged before a workflow among the later files was known to call for them.
    let affected = |unit: &mut Kept| {
        let of_unit = &apps[first_judged..][unit.apps.clone()];
        !of_unit.is_empty()
            && (!joined.shared.calls.is_empty()
                || !joined.shared.unresolved.is_empty()
                || of_unit.iter().any(|app| joined.own.contains_key(app)))
    };
    let again: Vec<Kept> = done.extract_if(.., affected).collect();
    plan = plan.for_apps(&apps).with_evidence(joined);
    let judge = Judge {
        keep_apps: options.keep_apps,
        ..Judge::new(&plan)
    };
    let again = again.into_iter().map(|unit| Waiting {
        work: unit.work,
        unit: None,
        apps: Vec::new(),
    });
    let waiting: Vec<Waiting> = waiting.into_iter().chain(again).collect();
    done.par_extend(waiting.into_par_iter().map(|waiting| {
        let work = &works[waiting.work];
        let unit = waiting.unit.unwrap_or_else(|| read(units, work));
        let unit = finish(&judge, work, waiting.work, unit);
        Kept::new(unit, 0..0, options.keep_said)
    }));
    done.sort_by_key(|unit| unit.work);
    let mut report = Report {
        skipped,
        ..Report::default()
    };
    let mut fixable = Vec::new();
    let mut said = Vec::new();
    let mut known: HashSet<FileId> = HashSet::new();
    for unit in done {
        if let Some(rest) = unit.rest {
            if rest.fixable {
                fixable.push(unit.work);
            }
            said.extend(rest.said);
            report.errors.extend(rest.errors);
            report.add(rest.report);
        }
        for file in unit.files {
            // A module's file is read by each unit that calls it.
            if known.insert(file.id) {
                report.add_file(file);
            }
        }
    }
    Checked {
        plan,
        report,
        fixable,
        apps,
        evidence,
        said,
    }
}

/// Whether a unit is read before others: a folder, or code whose helpers others may call.
pub(crate) fn is_first(work: &Work, scans: bool) -> bool {
    let is_code = || {
        work.files().iter().any(|file| {
            !matches!(file.path.extension(), Some("json" | "jsonc"))
                && evidence::is_code(&file.path)
        })
    };
    matches!(work, Work::Folder(_)) || (scans && is_code())
}

/// The helpers of a unit's own files; `None` where no file of it can hold a call.
pub(crate) fn helpers(scanner: Option<&Scanner<'_>>, unit: &ReadUnit) -> Option<Helpers> {
    let scanner = scanner?;
    let mut found = None;
    for source in &unit.texts.sources {
        if scanner.is_worth(source) {
            let of_file = guarded(|| scanner.helpers(source));
            found
                .get_or_insert_with(Helpers::default)
                .merge(of_file.unwrap_or_default());
        }
    }
    found
}

/// Reads folders and code, and searches them for calls: first for the helpers of the project, then with them. Gives the
/// plans and states that were read with a folder's configuration.
fn read_code(
    units: &Units<'_>,
    works: &[Work],
    code: &[usize],
    scanner: Option<&Scanner<'_>>,
    gathered: &mut Gathered,
) -> BTreeSet<Utf8PathBuf> {
    let mut recorded: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    let mut open: Vec<(usize, ReadUnit)> = Vec::new();
    let mut helpers = Helpers::default();
    let mut modules = Modules::default();
    for part in code.chunks(PART) {
        let results: Vec<(usize, ReadUnit, Option<Helpers>)> = part
            .par_iter()
            .map(|at| {
                let unit = read(units, &works[*at]);
                let found = self::helpers(scanner, &unit);
                (*at, unit, found)
            })
            .collect();
        for (at, unit, found) in results {
            let is_worth = found.is_some();
            helpers.merge(found.unwrap_or_default());
            modules.add(works[at].folder(), &unit.modules);
            if unit.manifest.is_some() {
                recorded.extend(unit.recorded.iter().cloned());
            }
            if is_worth || unit.manifest.is_some() {
                open.push((at, unit));
            } else {
                gathered.finish(without_manifest(at, unit));
            }
        }
    }
    // A module is judged where it is called: its own folder would list everything twice.
    open.retain(|(at, _)| {
        !(matches!(works[*at], Work::Folder(_)) && modules.is_called(works[*at].folder()))
    });
    let scanned: Vec<(usize, ReadUnit, Vec<FileEvidence>, Skipped)> = open
        .into_par_iter()
        .map(|(at, mut unit)| {
            let (evidence, skipped, errors) = scan(scanner, &unit, &helpers);
            unit.errors.extend(errors);
            (at, unit, evidence, skipped)
        })
        .collect();
    for (at, unit, evidence, skipped) in scanned {
        gathered.evidence.extend(evidence);
        gathered.skipped.merge(&skipped);
        if unit.manifest.is_some() {
            gathered.wait(at, unit);
        } else {
            gathered.finish(without_manifest(at, unit));
        }
    }
    recorded
}

/// The calls of a unit's own files, and what went wrong.
pub(crate) fn scan(
    scanner: Option<&Scanner<'_>>,
    unit: &ReadUnit,
    helpers: &Helpers,
) -> (Vec<FileEvidence>, Skipped, Vec<String>) {
    let mut found = Vec::new();
    let mut skipped = Skipped::default();
    let mut errors = Vec::new();
    let Some(scanner) = scanner else {
        return (found, skipped, errors);
    };
    for source in &unit.texts.sources {
        if !scanner.is_worth(source) {
            continue;
        }
        match guarded(|| scanner.scan(source, helpers)) {
            Ok(evidence) => {
                skipped.merge(&evidence.skipped);
                let of_file = entralint_core::evidence::of_file(source, &evidence);
                if !of_file.is_empty() {
                    found.push(of_file);
                }
            }
            Err(why) => errors.push(internal(source.name().as_str(), &why)),
        }
    }
    (found, skipped, errors)
}

/// Reads a part of the other files. Where nothing is open each is judged at once.
#[expect(clippy::too_many_arguments, reason = "one step of one loop")]
fn read_part(
    units: &Units<'_>,
    works: &[Work],
    part: &[usize],
    plan: &Plan<'_>,
    scanner: Option<&Scanner<'_>>,
    keep_apps: bool,
    open: bool,
    gathered: &mut Gathered,
) {
    enum Step {
        Done(Done),
        Wait(usize, ReadUnit),
    }
    let judge = Judge {
        keep_apps,
        ..Judge::new(plan)
    };
    let none = Helpers::default();
    let results: Vec<(Step, Vec<FileEvidence>, Skipped)> = part
        .par_iter()
        .map(|at| {
            let mut unit = read(units, &works[*at]);
            let (evidence, skipped, errors) = scan(scanner, &unit, &none);
            unit.errors.extend(errors);
            let step = if unit.manifest.is_none() {
                Step::Done(without_manifest(*at, unit))
            } else if open || !evidence.is_empty() {
                Step::Wait(*at, unit)
            } else {
                Step::Done(finish(&judge, &works[*at], *at, unit))
            };
            (step, evidence, skipped)
        })
        .collect();
    for (step, evidence, skipped) in results {
        gathered.evidence.extend(evidence);
        gathered.skipped.merge(&skipped);
        match step {
            Step::Done(done) => gathered.finish(done),
            Step::Wait(at, unit) => gathered.wait(at, unit),
        }
    }
}

fn without_manifest(work: usize, unit: ReadUnit) -> Done {
    Done {
        work,
        report: UnitReport {
            findings: unit.findings,
            ..UnitReport::default()
        },
        files: unit.files,
        errors: unit.errors,
        said: unit.said,
        apps: Vec::new(),
        fixable: false,
    }
}

/// Reads a unit. A unit that cannot be read ends nothing but itself.
pub fn read(units: &Units<'_>, work: &Work) -> ReadUnit {
    guarded(|| units.read(work)).unwrap_or_else(|why| {
        let mut unit = ReadUnit {
            texts: entralint_core::fix::Texts {
                environments: Vec::new(),
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
        for file in work.files() {
            let shown = units.root.shown(&file.path);
            unit.errors.push(internal(&shown, &why));
            unit.files
                .push(units.report(&file.path, FileOutcome::NotRead(why.clone())));
        }
        unit
    })
}

/// What the rules report of a unit, and what went wrong.
pub(crate) fn judge(judge: &Judge<'_>, work: &Work, unit: &ReadUnit) -> (UnitReport, Vec<String>) {
    let Some(manifest) = &unit.manifest else {
        return (UnitReport::default(), Vec::new());
    };
    match guarded(|| judge.check(unit.texts.unit(), manifest)) {
        Ok(report) => (report, Vec::new()),
        Err(why) => {
            let files = work.files().iter();
            let errors = files.map(|file| internal(file.path.as_str(), &why));
            (UnitReport::default(), errors.collect())
        }
    }
}

/// Judges a unit and drops its text.
fn finish(judge: &Judge<'_>, work: &Work, at: usize, unit: ReadUnit) -> Done {
    let apps = unit.apps();
    let (mut report, wrong) = self::judge(judge, work, &unit);
    let mut errors = unit.errors;
    errors.extend(wrong);
    let fixable = report.findings.iter().any(|finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| !fix.changes.is_empty())
    });
    report.findings.extend(unit.findings);
    Done {
        work: at,
        report,
        files: unit.files,
        errors,
        said: unit.said,
        apps,
        fixable,
    }
}

/// Reads and judges one unit again, after it was changed.
pub fn again(units: &Units<'_>, judge: &Judge<'_>, work: &Work) -> Done {
    finish(judge, work, 0, read(units, work))
}

/// Runs what may fail in a way that is a bug. One file never ends a run: its bug is reported, and the others are
/// checked.
pub fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
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

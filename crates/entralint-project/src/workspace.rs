//! A project that is checked once and then kept up to date: after a change of some files, those are read again, and what
//! depends on them is judged again. Its report is always the one that a fresh check gives.

mod entry;
mod fix;
mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::calls::CallSet;
use entralint_core::config::NAME;
use entralint_core::plan::{AppId, FileEvidence, Plan, Project as Roots};
use entralint_core::report::Report;
use entralint_core::unit::UnitReport;
use msgraph_calls::Helpers;
use source_text::FileId;

use crate::assemble::{Begun, Judged, about_calls, find, finish, is_wanted};
use crate::baseline;
use crate::discover::{self, Candidate, Discovered};
use crate::engine;
use crate::evidence::Scanner;
use crate::files::Files;
use crate::project::{Failure, Project};
use crate::run::CheckOptions;
use crate::units::{ReadUnit, Units, Work, group};

use entry::Entry;

pub use fix::Changed;
pub use index::{Progress, Stopped};

/// Which files a workspace looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those below the paths of a check.
    Paths,
    /// Only these, relative to the root, and what they are read with, as long as a check of their folder would look at
    /// them. They need not be named as manifests, so that nothing is said of those that are none.
    Only(BTreeSet<Utf8PathBuf>),
}

/// A project in memory.
pub struct Workspace<'p> {
    project: &'p Project,
    paths: Vec<Utf8PathBuf>,
    reach: Reach,
    baseline: Option<baseline::Loaded>,
    units: Units<'p>,
    plan: Plan<'p>,
    scanner: Option<Scanner<'p>>,
    found: Discovered,
    roots: Roots,
    /// In the order in which a run has them.
    entries: Vec<Entry>,
    /// Of all files.
    helpers: Helpers,
    recorded: Vec<FileEvidence>,
    recorded_remarks: Vec<String>,
    named_files: Vec<(FileId, Utf8PathBuf)>,
    /// Which files there are was looked at since evidence was joined.
    is_listed: bool,
    /// The apps as evidence was joined with them.
    apps: Vec<AppId>,
    /// What was reported of these sets of calls.
    about_calls: Option<(Vec<Arc<CallSet>>, UnitReport)>,
}

impl<'p> Workspace<'p> {
    /// Reads and judges everything.
    ///
    /// # Errors
    ///
    /// What keeps a check from beginning, or that `progress` stopped it.
    pub fn open(
        project: &'p Project,
        options: &CheckOptions,
        reach: Reach,
        baseline: Option<baseline::Loaded>,
        progress: &Progress<'_>,
    ) -> Result<Self, Stopped> {
        let Begun {
            plan,
            units,
            scanner,
            recorded,
            recorded_remarks,
            named_files,
        } = Begun::new(project, options).map_err(Stopped::Failed)?;
        let mut workspace = Self {
            project,
            paths: options.paths.clone(),
            reach,
            baseline,
            units,
            plan,
            scanner,
            roots: Roots::default(),
            found: Discovered::default(),
            entries: Vec::new(),
            helpers: Helpers::default(),
            recorded,
            recorded_remarks,
            named_files,
            is_listed: true,
            apps: Vec::new(),
            about_calls: None,
        };
        workspace.list(false);
        workspace.refresh(true, progress)?;
        Ok(workspace)
    }

    /// The project that it is of.
    #[must_use]
    pub fn project(&self) -> &'p Project {
        self.project
    }

    /// Whose calls are which.
    #[must_use]
    pub fn plan(&self) -> &Plan<'p> {
        &self.plan
    }

    /// All apps.
    #[must_use]
    pub fn apps(&self) -> &[AppId] {
        &self.apps
    }

    /// How many files it looks at.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries
            .iter()
            .map(|entry| entry.work.files().len())
            .sum()
    }

    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The calls that a file makes, and the places that could not be read.
    pub fn calls_of(&self, path: &Utf8Path) -> impl Iterator<Item = &FileEvidence> {
        self.entries
            .iter()
            .flat_map(|entry| &entry.evidence)
            .filter(move |file| file.path == path)
    }

    /// The unit that a file is part of, read. Of a file that has no unsaved buffer it is read now.
    pub fn unit_of(&self, path: &Utf8Path) -> Option<Arc<ReadUnit>> {
        let entry = self.entries.iter().find(|entry| entry.is_of(path))?;
        Some(match &entry.unit {
            Some(unit) => Arc::clone(unit),
            None => Arc::new(engine::read(&self.units, &entry.work)),
        })
    }

    /// Whether a change of a file, given by its absolute path, changes what is configured or which files count: the
    /// project is then to be opened anew.
    #[must_use]
    pub fn depends_on(files: &Files, path: &Utf8Path) -> bool {
        const RULES: [&str; 4] = [NAME, ".gitignore", ".ignore", ".entralintignore"];
        path.file_name().is_some_and(|name| RULES.contains(&name))
            || path.ends_with(".git/info/exclude")
            || files.is_named(path)
    }

    /// Takes note of files that changed, relative to the root. `listed`: files came or went, so that the folders are
    /// looked at anew.
    pub fn update(&mut self, changed: &BTreeSet<Utf8PathBuf>, listed: bool) {
        if listed {
            self.list(true);
        }
        for entry in &mut self.entries {
            if changed.iter().any(|path| entry.reads(path)) || (listed && entry.wants) {
                entry.is_read = false;
            }
        }
        // Nothing stops an update.
        let _ = self.refresh(false, &|_, _| std::ops::ControlFlow::Continue(()));
    }

    /// Looks at more files, where it looks at some only.
    pub fn reach_to(&mut self, files: impl IntoIterator<Item = Utf8PathBuf>) {
        if let Reach::Only(known) = &mut self.reach {
            known.extend(files);
        }
    }

    /// Looks for files, and keeps what is known of those that are still there. `anew` walks the folders again.
    fn list(&mut self, anew: bool) {
        let scanner = self.scanner.as_ref();
        let (found, works) = match &self.reach {
            Reach::Paths => find(self.project, &self.units, &self.paths, scanner, anew),
            Reach::Only(files) => only(self.project, &self.units, files, scanner),
        };
        let mut known: BTreeMap<Vec<Arc<Utf8Path>>, Entry> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|entry| (entry::key(&entry.work), entry))
            .collect();
        self.entries = works
            .into_iter()
            .map(|work| match known.remove(&entry::key(&work)) {
                Some(mut entry) => {
                    entry.work = work;
                    entry
                }
                None => Entry::new(work),
            })
            .collect();
        self.roots = roots(&found);
        self.found = found;
        self.is_listed = true;
    }

    /// What the rules report of the calls of all apps.
    fn about_calls(&mut self) -> UnitReport {
        let sets = self.plan.sets();
        if let Some((of, about)) = &self.about_calls
            && of.len() == sets.len()
            && of.iter().zip(&sets).all(|(a, b)| Arc::ptr_eq(a, b))
        {
            return about.clone();
        }
        let about = about_calls(&self.plan);
        self.about_calls = Some((sets, about.clone()));
        about
    }

    /// The report, as a fresh check gives it.
    ///
    /// # Errors
    ///
    /// What is wrong with the sections of the configuration.
    pub fn report(&mut self) -> Result<Report, Failure> {
        let scans = self.scanner.is_some();
        let parts = self.parts();
        let about = self.about_calls();
        let mut report = Report::default();
        let mut known: BTreeSet<&Utf8Path> = BTreeSet::new();
        let counted: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| !parts.has(entry, scans))
            .collect();
        self.count_uses(&counted, &about);
        for entry in counted {
            report.skipped.merge(&entry.skipped);
            report.errors.extend(entry.errors().cloned());
            let mut of_unit = entry.report.clone();
            of_unit.findings.extend(entry.findings.iter().cloned());
            report.add(of_unit);
            for file in &entry.files {
                if known.insert(&file.path) {
                    report.add_file(file.clone());
                }
            }
        }
        let evidence = self.evidence(&parts);
        Judged {
            project: self.project,
            units: &self.units,
            plan: &self.plan,
            found: &self.found,
            apps: &self.apps,
            evidence: &evidence,
            recorded: &self.recorded_remarks,
        }
        .complete(&mut report, || about)?;
        finish(
            &mut report,
            self.project,
            &self.plan,
            &self.named_files,
            &self.found,
            self.baseline
                .as_ref()
                .and_then(|known| known.baseline.as_ref()),
        );
        Ok(report)
    }

    /// Counts anew which exceptions are used: of the findings some are older than others.
    fn count_uses(&self, counted: &[&Entry], about: &UnitReport) {
        let config = &self.project.config.config;
        let mut policies = config.all().map(|config| &config.policy);
        if policies.all(|policy| policy.allows.is_empty()) {
            return;
        }
        for config in config.all() {
            config.policy.clear_uses();
        }
        let of_units = counted.iter().flat_map(|entry| &entry.report.findings);
        for finding in of_units.chain(&about.findings) {
            let policy = match &finding.place {
                Some(mark) => self.plan.policy_of(&mark.at.path),
                None => &config.policy,
            };
            policy.count_use(finding, self.plan.today());
        }
    }
}

/// The files to look at where only these are, with those that a format reads together with them.
fn only(
    project: &Project,
    units: &Units<'_>,
    files: &BTreeSet<Utf8PathBuf>,
    scanner: Option<&Scanner<'_>>,
) -> (Discovered, Vec<Work>) {
    let config = &project.config.config;
    let mut candidates: BTreeSet<Candidate> = BTreeSet::new();
    let mut add = |path: &Utf8Path| {
        if is_wanted(path, scanner) && !config.excludes(path) {
            candidates.insert(Candidate {
                path: path.into(),
                named: false,
            });
        }
    };
    for path in files {
        let whole = project.root.open(path);
        if !project.files.is_file(&whole) || !discover::is_listed(&project.root, path) {
            continue;
        }
        add(path);
        if let Some(format) = entra_manifest::folder_format(path) {
            for near in units.list(path.parent().unwrap_or(Utf8Path::new("")), false) {
                if entra_manifest::folder_format(&near).is_some_and(|f| f.id == format.id) {
                    add(&near);
                }
            }
        }
    }
    let found = Discovered {
        names: candidates.iter().map(|c| c.path.clone()).collect(),
        ..Discovered::default()
    };
    let works = group(candidates.into_iter().collect(), &|folder| {
        units.list(folder, false)
    });
    (found, works)
}

fn roots(found: &Discovered) -> Roots {
    let mut roots = Roots::default();
    for name in &found.names {
        roots.add(name);
    }
    roots
}

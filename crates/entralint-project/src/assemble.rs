//! What a check begins with, and what completes its report: the same for a run and for a workspace that is kept up to
//! date.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::baseline::Baseline;
use entralint_core::calls::{CallSet, Origin};
use entralint_core::config::Config;
use entralint_core::finding::Finding;
use entralint_core::plan::{AppId, FileEvidence, Plan};
use entralint_core::report::{FileOutcome, FileReport, Report};
use entralint_core::rules::unused_allow;
use entralint_core::text;
use entralint_core::unit::{Judge, UnitReport};
use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme};
use source_text::{FileId, Source};

use crate::calls;
use crate::config;
use crate::discover::{self, Discovered};
use crate::evidence::{self, Scanner};
use crate::project::{Failure, Project};
use crate::run::CheckOptions;
use crate::units::{Units, Work, group};

/// What a check begins with.
pub(crate) struct Begun<'p> {
    pub(crate) plan: Plan<'p>,
    pub(crate) units: Units<'p>,
    pub(crate) scanner: Option<Scanner<'p>>,
    pub(crate) recorded: Vec<FileEvidence>,
    /// Lines about the recordings that were read.
    pub(crate) recorded_remarks: Vec<String>,
    pub(crate) named_files: Vec<(FileId, Utf8PathBuf)>,
}

impl<'p> Begun<'p> {
    /// Reads all that is named: calls, recordings, values of environments.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the configuration or with the catalog.
    pub(crate) fn new(project: &'p Project, options: &CheckOptions) -> Result<Self, Failure> {
        let Project {
            files,
            root,
            config: loaded_config,
            catalog: loaded,
            ..
        } = project;
        let config = &loaded_config.config;
        let source_of = |file| loaded_config.source(file);
        loaded.require_ids()?;
        let named = calls::named(files, &options.calls, config, &source_of, root)?;
        let lookup = LookupOptions {
            other_users: options.calls.other_users,
        };
        let plan = Plan::new(
            loaded.get(),
            config,
            lookup,
            named.top,
            named.top_level,
            named.sections,
        )
        .with_scopes(named.scopes)
        .on(options.today);
        let units = Units::new(root, options.limit)
            .over(files.clone())
            .deployed_as(config);
        let missing = units.missing_values(config, &source_of);
        if !missing.is_empty() {
            return Err(Failure::Findings(missing));
        }
        let scanner = (options.scan && config.all().any(Config::scans))
            .then(|| Scanner::new(loaded.get(), options.include_tests).configured(config));
        let (recorded, recorded_remarks) = match &scanner {
            Some(scanner) => scanner
                .recordings(&units, config, &source_of)
                .map_err(Failure::Findings)?,
            None => (Vec::new(), Vec::new()),
        };
        Ok(Self {
            plan,
            units,
            scanner,
            recorded,
            recorded_remarks,
            named_files: named.files,
        })
    }
}

/// Whether a file of this name is looked at.
pub(crate) fn is_wanted(name: &Utf8Path, scanner: Option<&Scanner<'_>>) -> bool {
    entra_manifest::is_candidate(name)
        || scanner.is_some_and(|scanner| evidence::is_code(name) && scanner.searches(name))
}

/// Finds the files to look at, and groups them to units. `anew` walks the folders again.
pub(crate) fn find(
    project: &Project,
    units: &Units<'_>,
    paths: &[Utf8PathBuf],
    scanner: Option<&Scanner<'_>>,
    anew: bool,
) -> (Discovered, Vec<Work>) {
    let Project {
        files,
        root,
        config,
        listing,
        ..
    } = project;
    let config = &config.config;
    let wanted = |name: &Utf8Path| is_wanted(name, scanner);
    let known = listing.as_ref().filter(|known| !anew && known.is_of(paths));
    let mut found = match known {
        Some(listing) => listing.select(root, config, &wanted),
        None => discover::list_with(paths, root, files).select(root, config, &wanted),
    };
    let candidates = std::mem::take(&mut found.candidates);
    let works = group(candidates, &|folder| units.list(folder, false));
    (found, works)
}

/// What stands around the units that were judged, which a report says too.
pub(crate) struct Judged<'a, 'p> {
    pub(crate) project: &'p Project,
    pub(crate) units: &'a Units<'p>,
    pub(crate) plan: &'a Plan<'p>,
    pub(crate) found: &'a Discovered,
    pub(crate) apps: &'a [AppId],
    pub(crate) evidence: &'a [&'a FileEvidence],
    /// Lines about the recordings that were read.
    pub(crate) recorded: &'a [String],
}

/// What the rules report of the calls of all apps.
pub(crate) fn about_calls(plan: &Plan<'_>) -> UnitReport {
    let mut about_calls = Judge::new(plan).check_calls();
    plan.settle(&mut about_calls.findings, &[]);
    about_calls
}

impl Judged<'_, '_> {
    /// Completes a report of units.
    ///
    /// # Errors
    ///
    /// What is wrong with the sections of the configuration, now that all apps are known.
    pub(crate) fn complete(
        &self,
        report: &mut Report,
        about_calls: impl FnOnce() -> UnitReport,
    ) -> Result<(), Failure> {
        let Self {
            units, plan, found, ..
        } = self;
        let loaded = &self.project.config;
        report.errors.splice(0..0, found.errors.iter().cloned());
        for path in &found.ignored {
            report.add_file(units.report(path, FileOutcome::Ignored));
        }
        for path in &found.links {
            let why = "it is a link that leads out of the repository or nowhere".to_owned();
            report.add_file(units.report(path, FileOutcome::NotRead(why)));
        }
        let configs: Vec<&Source> = loaded.sources().collect();
        let wrong = plan.check_sections(&configs, self.apps, &found.names, found.whole);
        if !wrong.is_empty() {
            return Err(Failure::Findings(wrong));
        }
        report.sets = plan.sets();
        report.add(about_calls());
        report.no_calls = report.sets.iter().all(|set| set.is_unknown());
        report.catalog = Some(plan.catalog().info().clone());
        report.remarks = remarks(plan, loaded, report, self.apps.len());
        report.remarks.extend(self.recorded.iter().cloned());
        if self.apps.is_empty() {
            let undeclared = undeclared(plan.catalog(), self.evidence);
            report.remarks.extend(undeclared);
        }
        add_code(report, units, self.evidence);
        Ok(())
    }
}

/// Completes a report: exceptions that nothing needed, files that findings point into, and what the baseline accepts.
pub(crate) fn finish(
    report: &mut Report,
    project: &Project,
    plan: &Plan<'_>,
    named_files: &[(FileId, Utf8PathBuf)],
    found: &Discovered,
    accepted: Option<&Baseline>,
) {
    let config = &project.config;
    // Exceptions are unused only where the whole repository was looked at, with all rules and all apps.
    if found.whole && config.config.policy.selection.is_everything() {
        // What lies in a folder above counts in each below it.
        let mut seen = BTreeSet::new();
        let mut unused: Vec<Finding> = config
            .config
            .all()
            .flat_map(|config| config.policy.unused_allows())
            .filter(|allow| seen.insert((allow.at.file, allow.at.span.start)))
            .map(unused_allow::configured)
            .collect();
        unused.append(&mut report.unused_allows);
        plan.settle(&mut unused, &[]);
        report.findings.extend(unused);
    }
    add_named_files(report, named_files, config.sources());
    // Asked for files of the baseline alone.
    let looked_at: HashSet<String> = accepted
        .iter()
        .flat_map(|_| &found.names)
        .map(|name| text::path(name))
        .collect();
    // An entry of a file that this run did not look at is not stale, unless the file is gone.
    let root = &project.root;
    let was_checked = |file: &str| {
        looked_at.contains(file) || (found.whole && !root.open(Utf8Path::new(file)).exists())
    };
    report.finish(accepted, was_checked);
}

/// Lines that the report has once.
fn remarks(plan: &Plan<'_>, config: &config::Loaded, report: &Report, apps: usize) -> Vec<String> {
    let mut remarks = Vec::new();
    let files: Vec<&str> = config.config.files().map(Utf8Path::as_str).collect();
    if !files.is_empty() {
        remarks.push(format!("config: {}", files.join(", ")));
    }
    remarks.extend(config.remarks.iter().cloned());
    let judged: Vec<&Arc<CallSet>> = report.sets.iter().filter(|set| !set.is_unknown()).collect();
    if apps > 0 && judged.is_empty() {
        remarks.push(
            "no calls found or declared: only what needs no calls is checked. Declare the calls of an app with --calls, --calls-from or `calls` in entralint.toml"
                .to_owned(),
        );
    } else if apps > 0 {
        // A shared call is in the set of every app.
        let mut calls: Vec<(String, bool)> = judged
            .iter()
            .flat_map(|set| &set.calls)
            .map(|call| (call.call.to_string(), call.is_answered()))
            .collect();
        calls.sort();
        calls.dedup();
        remarks.push(format!(
            "calls: {}, {} answered",
            calls.len(),
            calls.iter().filter(|(_, answered)| *answered).count()
        ));
    }
    let mut beyond: Vec<&String> = judged.iter().flat_map(|set| &set.beyond_source).collect();
    beyond.sort();
    beyond.dedup();
    if !beyond.is_empty() {
        remarks.push(format!(
            "recordings hold {} that the source lacks ({}): the source is not all that the app runs, and nothing is reported unused",
            text::count(beyond.len(), "request"),
            text::some(&beyond, 3),
        ));
    }
    let of_no_app = plan.calls_of_no_app();
    if apps > 0 && !of_no_app.is_empty() {
        let files: BTreeSet<FileId> = of_no_app
            .iter()
            .filter_map(|call| match &call.origin {
                Origin::Found(found) => Some(found.at.file),
                Origin::Named(_) | Origin::CommandLine => None,
            })
            .collect();
        remarks.push(format!(
            "{} in {} {} to none of the declared apps and {} not judged; if they do, name the files with `sources` in entralint.toml",
            text::count(of_no_app.len(), "call"),
            text::count(files.len(), "file"),
            if of_no_app.len() == 1 { "belongs" } else { "belong" },
            if of_no_app.len() == 1 { "is" } else { "are" },
        ));
    }
    for (shared, apps) in plan.shared_calls() {
        remarks.push(format!(
            "{} {} shared by {}, so nothing is reported missing. To end this, give each app its calls in entralint.toml: [[app]] manifests = [\"…\"] calls = [\"…\"]",
            text::count(shared, "call"),
            if shared == 1 { "is" } else { "are" },
            text::count(apps, "app"),
        ));
    }
    remarks
}

/// Code that calls, and no declaration: what the calls need, so that it can be declared.
fn undeclared(catalog: &Catalog, evidence: &[&FileEvidence]) -> Option<String> {
    let calls: Vec<&Call> = evidence
        .iter()
        .flat_map(|file| &file.calls)
        .map(|declared| &declared.call)
        .collect();
    if calls.is_empty() {
        return None;
    }
    let options = LookupOptions { other_users: true };
    let needs: Vec<String> = [Scheme::DelegatedWork, Scheme::Application]
        .into_iter()
        .filter_map(|scheme| {
            let answers: Vec<_> = calls
                .iter()
                .filter(|call| {
                    call.scheme
                        .is_none_or(|named| named.permission_type() == scheme.permission_type())
                })
                .map(|call| catalog.lookup(call, scheme, options))
                .collect();
            let solution = catalog.solve(&answers);
            (!solution.minimal.is_empty()).then(|| {
                format!(
                    "{} ({})",
                    text::and(&solution.minimal),
                    text::permission_type(scheme.permission_type())
                )
            })
        })
        .collect();
    Some(format!(
        "{} found in {}, and no declaration of permissions{}",
        text::count(calls.len(), "call"),
        text::count(
            evidence
                .iter()
                .filter(|file| !file.calls.is_empty())
                .count(),
            "file"
        ),
        if needs.is_empty() {
            String::new()
        } else {
            format!("; least privileged: {}", text::or(&needs))
        }
    ))
}

/// Files of code that findings point to.
fn add_code(report: &mut Report, units: &Units<'_>, evidence: &[&FileEvidence]) {
    let known: std::collections::HashSet<FileId> =
        report.files.iter().map(|file| file.id).collect();
    for file in evidence
        .iter()
        .filter(|file| !file.calls.is_empty() || !file.unresolved.is_empty())
    {
        let entry = units.report(&file.path, FileOutcome::Code);
        if !known.contains(&entry.id) {
            report.add_file(entry);
        }
    }
}

/// The configuration and files of calls, where a finding points into them.
fn add_named_files<'s>(
    report: &mut Report,
    files: &[(FileId, Utf8PathBuf)],
    configs: impl Iterator<Item = &'s Source>,
) {
    let config = configs.map(|source| (source.id(), source.shared_name()));
    let files = files.iter().map(|(id, path)| (*id, path.as_path().into()));
    for (id, path) in files.chain(config) {
        let points_there = |finding: &Finding| {
            finding
                .place
                .iter()
                .chain(&finding.related)
                .any(|mark| mark.at.file == id)
        };
        if report.findings.iter().any(points_there) {
            report.add_file(FileReport {
                id,
                shown: Arc::clone(&path),
                path,
                outcome: FileOutcome::Code,
                format: None,
                apps: 0,
            });
        }
    }
}

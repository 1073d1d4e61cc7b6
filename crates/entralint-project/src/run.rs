//! A check of a project, from its paths to a report.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::baseline::Baseline;
use entralint_core::calls::{CallSet, Origin};
use entralint_core::config::Config;
use entralint_core::finding::Finding;
use entralint_core::plan::{FileEvidence, Plan};
use entralint_core::policy::Selection;
use entralint_core::report::{FileOutcome, FileReport, Report};
use entralint_core::rules::unused_allow;
use entralint_core::text;
use entralint_core::unit::Judge;
use jiff::civil::Date;
use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme};
use source_text::{FileId, Source};

use crate::calls::{self, CallOptions};
use crate::config;
use crate::discover;
use crate::engine::{self, Checked};
use crate::evidence::{self, Scanner};
use crate::project::{Failure, Project};
use crate::said::Said;
use crate::units::{Units, Work, group};

/// What a check looks at.
#[derive(Debug)]
pub struct CheckOptions {
    /// Files and folders, relative to the working folder; `-` is standard input.
    pub paths: Vec<Utf8PathBuf>,
    /// The calls that are named.
    pub calls: CallOptions,
    /// The largest file that is read, in bytes.
    pub limit: u64,
    /// Search code for calls, unless the configuration says otherwise.
    pub scan: bool,
    /// Search tests, too.
    pub include_tests: bool,
    /// Keep in the report what each app requests and needs.
    pub keep_apps: bool,
    /// Exceptions expire by it.
    pub today: Date,
}

/// A check that was made: its report, and what its fixes are made from.
pub struct Run<'p> {
    pub(crate) project: &'p Project,
    pub(crate) units: Units<'p>,
    pub(crate) plan: Plan<'p>,
    pub(crate) works: Vec<Work>,
    /// Places in `works` of units with a fix.
    pub(crate) fixable: Vec<usize>,
    /// Calls that each file makes.
    pub evidence: Vec<FileEvidence>,
    /// The report. [`Run::finish`] completes it.
    pub report: Report,
    /// What became of each file.
    pub said: Vec<Said>,
    names: Vec<Utf8PathBuf>,
    named_files: Vec<(FileId, Utf8PathBuf)>,
    /// The whole of the root was walked.
    whole: bool,
}

impl Project {
    /// What the command line keeps of the findings.
    pub fn select(&mut self, selection: Selection) {
        self.config.config.select(selection);
    }

    /// Checks the files below these paths.
    ///
    /// # Errors
    ///
    /// What is wrong with the calls that are named, with the configuration or with the catalog.
    pub fn check(&self, options: &CheckOptions) -> Result<Run<'_>, Failure> {
        let Project {
            files,
            root,
            config: loaded_config,
            catalog: loaded,
            listing,
        } = self;
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
        let wanted = |name: &Utf8Path| {
            entra_manifest::is_candidate(name)
                || scanner
                    .as_ref()
                    .is_some_and(|scanner| evidence::is_code(name) && scanner.searches(name))
        };
        let found = match listing.as_ref().filter(|known| known.is_of(&options.paths)) {
            Some(listing) => listing.select(root, config, &wanted),
            None => discover::discover(&options.paths, root, config, &wanted),
        };
        let works = group(found.candidates, &|folder| units.list(folder, false));
        let (recorded, recorded_remarks) = match &scanner {
            Some(scanner) => scanner
                .recordings(&units, config, &source_of)
                .map_err(Failure::Findings)?,
            None => (Vec::new(), Vec::new()),
        };
        let Checked {
            plan,
            mut report,
            fixable,
            apps,
            evidence,
            said,
        } = engine::check(
            &units,
            &works,
            plan,
            engine::Options {
                scanner: scanner.as_ref(),
                recorded,
                names: &found.names,
                config,
                whole: found.whole,
                keep_apps: options.keep_apps,
            },
        );
        report.errors.splice(0..0, found.errors);
        for path in found.ignored {
            report.add_file(units.report(&path, FileOutcome::Ignored));
        }
        for path in found.links {
            let why = "it is a link that leads out of the repository or nowhere".to_owned();
            report.add_file(units.report(&path, FileOutcome::NotRead(why)));
        }
        let configs: Vec<&Source> = loaded_config.sources().collect();
        let wrong = plan.check_sections(&configs, &apps, &found.names, found.whole);
        if !wrong.is_empty() {
            return Err(Failure::Findings(wrong));
        }
        report.sets = plan.sets();
        let mut about_calls = Judge::new(&plan).check_calls();
        plan.settle(&mut about_calls.findings, &[]);
        report.add(about_calls);
        report.no_calls = report.sets.iter().all(|set| set.is_unknown());
        report.catalog = Some(loaded.get().info().clone());
        report.remarks = remarks(&plan, loaded_config, &report, apps.len());
        report.remarks.extend(recorded_remarks);
        if apps.is_empty() {
            report.remarks.extend(undeclared(loaded.get(), &evidence));
        }
        add_code(&mut report, &units, &evidence);
        Ok(Run {
            project: self,
            units,
            plan,
            works,
            fixable,
            evidence,
            report,
            said,
            names: found.names,
            named_files: named.files,
            whole: found.whole,
        })
    }
}

impl Run<'_> {
    /// All files of the run, whether they were read or not, relative to the root.
    #[must_use]
    pub fn names(&self) -> &[Utf8PathBuf] {
        &self.names
    }

    /// A path for people: relative to the working folder where it lies in it.
    #[must_use]
    pub fn shown(&self, relative: &Utf8Path) -> String {
        self.project.root.shown(relative)
    }

    /// Completes the report: exceptions that nothing needed, files that findings point into, and what the baseline
    /// accepts.
    pub fn finish(&mut self, accepted: Option<&Baseline>) {
        let config = &self.project.config;
        // Exceptions are unused only where the whole repository was looked at, with all rules and all apps.
        if self.whole && config.config.policy.selection.is_everything() {
            // What lies in a folder above counts in each below it.
            let mut seen = BTreeSet::new();
            let mut unused: Vec<Finding> = config
                .config
                .all()
                .flat_map(|config| config.policy.unused_allows())
                .filter(|allow| seen.insert((allow.at.file, allow.at.span.start)))
                .map(unused_allow::configured)
                .collect();
            unused.append(&mut self.report.unused_allows);
            self.plan.settle(&mut unused, &[]);
            self.report.findings.extend(unused);
        }
        add_named_files(&mut self.report, &self.named_files, config.sources());
        // Asked for files of the baseline alone.
        let looked_at: BTreeSet<String> = accepted
            .iter()
            .flat_map(|_| &self.names)
            .map(|name| name.as_str().replace('\\', "/"))
            .collect();
        // An entry of a file that this run did not look at is not stale, unless the file is gone.
        let root = &self.project.root;
        let was_checked = |file: &str| {
            looked_at.contains(file) || (self.whole && !root.open(Utf8Path::new(file)).exists())
        };
        self.report.finish(accepted, was_checked);
    }
}

/// A report of mistakes that kept a run from beginning.
#[must_use]
pub fn failed(findings: Vec<Finding>) -> Report {
    let mut report = Report::default();
    for finding in &findings {
        if let Some(mark) = &finding.place
            && !report.files.iter().any(|file| file.id == mark.at.file)
        {
            report.add_file(FileReport {
                id: mark.at.file,
                path: mark.at.path.clone(),
                shown: mark.at.path.to_string(),
                outcome: FileOutcome::Code,
                format: None,
                apps: 0,
            });
        }
    }
    report.findings = findings;
    report.remarks.push("nothing was checked".to_owned());
    report.finish(None, |_| false);
    report
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

/// Code that calls, and no declaration: what the calls need, so that somebody can declare it.
fn undeclared(catalog: &Catalog, evidence: &[FileEvidence]) -> Option<String> {
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
fn add_code(report: &mut Report, units: &Units<'_>, evidence: &[FileEvidence]) {
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
    let config = configs.map(|source| (source.id(), source.name().to_owned()));
    for (id, path) in files.iter().cloned().chain(config) {
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
                shown: path.to_string(),
                path,
                outcome: FileOutcome::Code,
                format: None,
                apps: 0,
            });
        }
    }
}

//! A check of a project, from its paths to a report.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::baseline::Baseline;
use entralint_core::finding::Finding;
use entralint_core::plan::{FileEvidence, Plan};
use entralint_core::policy::Selection;
use entralint_core::report::{FileOutcome, FileReport, Report};
use jiff::civil::Date;
use source_text::FileId;

use crate::assemble::{self, Begun, Judged, about_calls, find};
use crate::calls::CallOptions;
use crate::discover::Discovered;
use crate::engine::{self, Checked};
use crate::project::{Failure, Project};
use crate::said::Said;
use crate::units::{Units, Work};

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
    /// Keep what became of each file: [`Run::said`].
    pub keep_said: bool,
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
    found: Discovered,
    named_files: Vec<(FileId, Utf8PathBuf)>,
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
        let Begun {
            plan,
            units,
            scanner,
            recorded,
            recorded_remarks,
            named_files,
        } = Begun::new(self, options)?;
        let (found, works) = find(self, &units, &options.paths, scanner.as_ref(), false);
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
                config: &self.config.config,
                whole: found.whole,
                keep_apps: options.keep_apps,
                keep_said: options.keep_said,
            },
        );
        Judged {
            project: self,
            units: &units,
            plan: &plan,
            found: &found,
            apps: &apps,
            evidence: &evidence.iter().collect::<Vec<_>>(),
            recorded: &recorded_remarks,
        }
        .complete(&mut report, || about_calls(&plan))?;
        Ok(Run {
            project: self,
            units,
            plan,
            works,
            fixable,
            evidence,
            report,
            said,
            found,
            named_files,
        })
    }
}

impl Run<'_> {
    /// All files of the run, whether they were read or not, relative to the root.
    #[must_use]
    pub fn names(&self) -> &[Arc<Utf8Path>] {
        &self.found.names
    }

    /// A path for people: relative to the working folder where it lies in it.
    #[must_use]
    pub fn shown(&self, relative: &Utf8Path) -> String {
        self.project.root.shown(relative)
    }

    /// Completes the report: exceptions that nothing needed, files that findings point into, and what the baseline
    /// accepts.
    pub fn finish(&mut self, accepted: Option<&Baseline>) {
        assemble::finish(
            &mut self.report,
            self.project,
            &self.plan,
            &self.named_files,
            &self.found,
            accepted,
        );
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
                path: mark.at.path.as_path().into(),
                shown: mark.at.path.as_path().into(),
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

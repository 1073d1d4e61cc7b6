//! What a run came to, and one renderer for each format.

pub mod azure;
pub mod concise;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod markdown;
mod resolve;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod view;

use std::collections::HashMap;
use std::sync::Arc;

use camino::Utf8Path;
use msgraph_calls::Skipped;
use msgraph_permissions::CatalogInfo;
use source_text::FileId;

use crate::baseline::{Baseline, BaselineState, Comparison};
use crate::calls::CallSet;
use crate::finding::{AppLabel, Finding, Location, Severity, Subject};
use crate::fingerprint::AppKey;
use crate::rules::RuleInfo;
use crate::unit::UnitReport;

/// All that a renderer needs. Nothing here depends on the format.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that something is said of, in the order of their paths.
    pub files: Vec<FileReport>,
    /// The findings: by file, then by place. Those of no file come first.
    pub findings: Vec<Finding>,
    /// Findings that are not kept, by rule: a bound on one rule in one file cut them.
    pub more: Vec<(&'static RuleInfo, usize)>,
    /// Exceptions in comments that accepted nothing; the run decides whether it has looked at enough to say so.
    pub unused_allows: Vec<Finding>,
    /// How the findings compare with the baseline, where there is one.
    pub baseline: Option<Comparison>,
    /// The same by severity: notes, warnings, errors.
    pub dropped: [usize; 3],
    /// The apps, where they are kept.
    pub apps: Vec<AppReport>,
    /// The calls that apps were judged by.
    pub sets: Vec<Arc<CallSet>>,
    /// What the run says once: whose calls are shared, what was skipped.
    pub remarks: Vec<String>,
    /// What kept the run from looking at a file, and named files that declare nothing: the exit code is 2.
    pub errors: Vec<String>,
    /// Code that was left out when calls were searched.
    pub skipped: Skipped,
    /// The permissions data.
    pub catalog: Option<CatalogInfo>,
    /// No calls of any app are known.
    pub no_calls: bool,
    /// Numbers of what was looked at.
    pub counts: Counts,
    /// The run of Azure Pipelines that this is part of.
    pub pipeline: Option<AzurePipeline>,
}

/// Which run of Azure Pipelines a report is of; its code scanning takes none without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzurePipeline {
    /// `SYSTEM_DEFINITIONID`
    pub definition_id: String,
    /// `BUILD_DEFINITIONNAME`
    pub definition_name: String,
    /// `SYSTEM_PHASEID`
    pub phase_id: String,
    /// `SYSTEM_PHASENAME`
    pub phase_name: String,
}

/// A file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Its number, which locations carry.
    pub id: FileId,
    /// Its path relative to the run's root, with `/` between folders.
    pub path: Arc<Utf8Path>,
    /// As people named it: relative to the working folder.
    pub shown: Arc<Utf8Path>,
    /// What it turned out to be.
    pub outcome: FileOutcome,
    /// The format's identifier and name.
    pub format: Option<(&'static str, &'static str)>,
    /// How many apps it declares.
    pub apps: usize,
}

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// It declares permissions.
    Manifest,
    /// It declares permissions in a form that is known and not supported.
    Unsupported(String),
    /// It should be a manifest and is not well-formed.
    Invalid,
    /// git tracks it, and an ignore file says that it is not to be read.
    Ignored,
    /// It was not read: too large, no text.
    NotRead(String),
    /// Source code or a recording: it calls, and declares nothing.
    Code,
}

impl FileOutcome {
    /// The word of output.
    pub const fn as_str(&self) -> &'static str {
        match self {
            FileOutcome::Manifest => "manifest",
            FileOutcome::Unsupported(_) => "unsupported",
            FileOutcome::Invalid => "invalid",
            FileOutcome::Ignored => "ignored",
            FileOutcome::NotRead(_) => "not-read",
            FileOutcome::Code => "code",
        }
    }
}

/// An app: what it requests and what it needs.
#[derive(Clone, Debug)]
pub struct AppReport {
    /// What people call it.
    pub label: AppLabel,
    /// Where it is declared, for fingerprints.
    pub key: AppKey,
    /// Where it is declared.
    pub at: Location,
    /// The format's name.
    pub format: &'static str,
    /// What it requests of Microsoft Graph.
    pub requested: Vec<PermissionReport>,
    /// What its calls need; `None` where no calls are known.
    pub needed: Option<Vec<PermissionReport>>,
    /// Its calls.
    pub calls: Arc<CallSet>,
    /// Entries that could not be resolved.
    pub unresolved: usize,
}

/// A permission of an app.
#[derive(Clone, Debug)]
pub struct PermissionReport {
    /// The permission.
    pub subject: Subject,
    /// It leads to control of the tenant.
    pub privileged: bool,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Manifests that were read and judged.
    pub manifests: usize,
    /// Applications in them.
    pub apps: usize,
    /// Files whose form is known and not supported.
    pub unsupported: usize,
    /// Entries that could not be resolved.
    pub unresolved: usize,
    /// Files that git tracks and an ignore file excludes.
    pub ignored: usize,
    /// Files that are not well-formed.
    pub invalid: usize,
    /// Files that were not read.
    pub not_read: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Report {
    /// Adds what a unit came to.
    pub fn add(&mut self, unit: UnitReport) {
        self.findings.extend(unit.findings);
        self.unused_allows.extend(unit.unused_allows);
        self.apps.extend(unit.apps);
        self.counts.unresolved += unit.unresolved;
        for (all, of_unit) in self.dropped.iter_mut().zip(unit.dropped) {
            *all += of_unit;
        }
        for (rule, more) in unit.more {
            match self.more.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, count)) => *count += more,
                None => self.more.push((rule, more)),
            }
        }
    }

    /// Adds a file.
    pub fn add_file(&mut self, file: FileReport) {
        match &file.outcome {
            FileOutcome::Manifest => self.counts.manifests += 1,
            FileOutcome::Unsupported(_) => self.counts.unsupported += 1,
            FileOutcome::Invalid => self.counts.invalid += 1,
            FileOutcome::Ignored => self.counts.ignored += 1,
            FileOutcome::NotRead(_) => self.counts.not_read += 1,
            FileOutcome::Code => {}
        }
        self.counts.apps += file.apps;
        self.files.push(file);
    }

    /// Puts files and findings in order, numbers equal findings, compares them with the baseline, and counts them. Call
    /// it once, when all is added. `checked` says of a file of the baseline whether this run looked at it.
    pub fn finish(&mut self, baseline: Option<&Baseline>, checked: impl Fn(&str) -> bool) {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.findings.sort_by_cached_key(|finding| {
            let place = finding
                .place
                .as_ref()
                .map(|mark| (mark.at.path.clone(), mark.at.span.start, mark.at.span.end));
            (place, finding.rule.id)
        });
        let mut seen: HashMap<_, u32> = HashMap::new();
        for finding in &mut self.findings {
            finding.fingerprint.ordinal = 0;
            let before = seen.entry(finding.fingerprint.clone()).or_default();
            finding.fingerprint.ordinal = *before;
            *before += 1;
        }
        if let Some(baseline) = baseline {
            for finding in &mut self.findings {
                if finding.rule.is_about_the_run() {
                    continue;
                }
                finding.baseline = Some(if !finding.locked && baseline.holds(finding) {
                    BaselineState::Unchanged
                } else {
                    BaselineState::New
                });
            }
            self.baseline = Some(baseline.compare(&self.findings, checked));
        }
        self.apps
            .sort_by(|a, b| (&a.at.path, a.at.span).cmp(&(&b.at.path, b.at.span)));
        let severity = |wanted: Severity| {
            self.findings
                .iter()
                .filter(|finding| finding.is_open() && finding.severity == wanted)
                .count()
        };
        self.counts.errors = severity(Severity::Error);
        self.counts.warnings = severity(Severity::Warning);
        self.counts.notes = severity(Severity::Note);
        let [notes, warnings, errors] = self.dropped;
        self.counts.errors += errors;
        self.counts.warnings += warnings;
        self.counts.notes += notes;
    }

    /// At least one finding is of this severity or a higher one.
    pub fn fails(&self, on: Severity) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.is_open() && finding.severity >= on)
    }

    /// What was not read or not judged, file by file.
    pub fn not_checked(&self) -> impl Iterator<Item = (&FileReport, String)> {
        self.files.iter().filter_map(|file| {
            let why = match &file.outcome {
                FileOutcome::Unsupported(what) => format!("{what} is not supported yet"),
                FileOutcome::Ignored => {
                    "an ignore file excludes it, although git tracks it".to_owned()
                }
                FileOutcome::NotRead(why) => why.clone(),
                FileOutcome::Manifest | FileOutcome::Invalid | FileOutcome::Code => return None,
            };
            Some((file, why))
        })
    }
}

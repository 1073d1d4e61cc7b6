//! Output format `json`: one document, documented and versioned.
//!
//! Members are added within a version; what a member means changes only with a new one.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FileReport, Report};
use crate::baseline::BaselineState;
use crate::calls::{CallSet, Origin};
use crate::finding::{
    AppLabel, Applicability, Confidence, Finding, Location, Mark, Severity, Subject,
};
use crate::{rules, text};

/// The document that `entralint check --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The version of entralint that wrote it.
    entralint: &'static str,
    /// The permissions data that the verdicts rest on.
    catalog: Option<Catalog>,
    /// False where no calls of any app are known: then only what needs no calls was checked.
    calls_known: bool,
    /// The calls that apps were judged by.
    calls: Vec<CallEntry>,
    /// Every file that declares permissions, that could not be read, or that a finding points to, in order of path.
    files: Vec<FileEntry>,
    /// Every finding, in the order of files and lines. Those of no file come first.
    findings: Vec<FindingEntry>,
    /// How many more findings there were of a rule, where a file has too many to list.
    more: Vec<MoreEntry>,
    /// Files that were not checked: not supported yet, ignored, not read.
    not_checked: Vec<NotChecked>,
    /// What the run says once.
    remarks: Vec<String>,
    /// Files that could not be read or written, and named files that declare nothing: the exit code is 2 where there
    /// are any.
    errors: Vec<String>,
    /// How many of each.
    summary: Summary,
}

/// Permissions data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Catalog {
    /// `embedded`, or the path of the file.
    pub source: String,
    /// Of the permissions file, in hex.
    pub sha256: String,
    /// How many permissions it has.
    pub permissions: usize,
    /// How many operations (method, path, scheme) it answers.
    pub operations: usize,
    /// False where it is a part of Microsoft Graph only.
    pub complete: bool,
}

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
struct CallEntry {
    /// The call.
    call: String,
    /// `command-line`, `named` or `found`.
    origin: &'static str,
    /// `certain`, `likely` or `possible`.
    certainty: &'static str,
    /// Where it is named or made.
    places: Vec<PlaceEntry>,
    /// It may be another app's.
    shared: bool,
    /// One for each type of permission in which it may be made.
    answers: Vec<AnswerEntry>,
}

/// What the catalog says of a call in one type of permission.
#[derive(Debug, Serialize, JsonSchema)]
struct AnswerEntry {
    /// `delegated`, `personal` or `application`.
    scheme: String,
    /// `known`, `ambiguous`, `unmarked`, `unsupported-scheme`, `unknown-method` or `unknown-path`.
    verdict: String,
    /// The path template that matched.
    template: Option<String>,
    /// The least privileged permission, with those of which one is required too.
    least: Option<String>,
    /// Corrections to the published data that changed this answer.
    overrides: Vec<String>,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
struct FileEntry {
    /// As in every `file` of this document: relative to the root of the repository, with `/` between folders; absolute
    /// outside of it.
    file: String,
    /// As messages for people name it: relative to the working folder.
    shown: String,
    /// `manifest`, `unsupported`, `invalid`, `ignored`, `not-read` or `code`.
    outcome: &'static str,
    /// The format's identifier.
    format: Option<&'static str>,
    /// How many apps it declares.
    apps: usize,
}

/// A file that was not checked.
#[derive(Debug, Serialize, JsonSchema)]
struct NotChecked {
    /// As in `files`.
    file: String,
    /// `unsupported`, `ignored` or `not-read`.
    outcome: &'static str,
    /// Why.
    reason: String,
}

/// Findings that are not listed.
#[derive(Debug, Serialize, JsonSchema)]
struct MoreEntry {
    /// The rule's id.
    rule: &'static str,
    /// How many.
    findings: usize,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingEntry {
    /// The rule's id.
    rule: &'static str,
    /// The rule's page.
    url: String,
    /// How much it matters.
    severity: Severity,
    /// How sure the rule is.
    confidence: Confidence,
    /// What is wrong.
    message: String,
    /// Where; null for a call of the command line.
    place: Option<PlaceEntry>,
    /// Other places that belong to it, such as where a call is made.
    related: Vec<RelatedEntry>,
    /// The app.
    app: Option<AppLabel>,
    /// The permission that the finding is about.
    permission: Option<Subject>,
    /// What should be requested instead.
    instead: Vec<Subject>,
    /// Why, a sentence each.
    notes: Vec<String>,
    /// How to fix it.
    fix: Option<FixEntry>,
    /// Stays the same while the finding does.
    fingerprint: String,
    /// The exception that accepts it: such a finding counts for nothing.
    suppressed: Option<SuppressionEntry>,
    /// `new` or `unchanged` where there is a baseline; a finding that is in it counts for nothing.
    baseline: Option<&'static str>,
}

/// An exception.
#[derive(Debug, Serialize, JsonSchema)]
struct SuppressionEntry {
    /// Why.
    reason: String,
    /// Who answers for it.
    owner: Option<String>,
    /// The last day on which it counts.
    expires: Option<String>,
    /// Where it was given, as `file:line`.
    place: String,
}

/// A place that belongs to a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct RelatedEntry {
    /// Why it is shown.
    message: String,
    /// Where.
    place: PlaceEntry,
}

/// A place in a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlaceEntry {
    /// Relative to the root of the repository.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Where what is marked ends; from 1.
    pub end_line: usize,
    /// From 1, in characters.
    pub end_column: usize,
    /// In bytes of the file, from 0.
    pub start_offset: usize,
    /// In bytes of the file, from 0, behind the last one.
    pub end_offset: usize,
}

/// A fix.
#[derive(Debug, Serialize, JsonSchema)]
struct FixEntry {
    /// What it does.
    title: String,
    /// When it may be applied.
    applicability: Applicability,
    /// The edits that it makes, all or none; empty where a person has to decide.
    edits: Vec<EditEntry>,
}

/// An edit.
#[derive(Debug, Serialize, JsonSchema)]
struct EditEntry {
    /// What is replaced.
    place: PlaceEntry,
    /// What stands there afterwards.
    new: String,
}

/// How many of each.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    manifests: usize,
    apps: usize,
    unsupported: usize,
    unresolved: usize,
    ignored: usize,
    invalid: usize,
    not_read: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

/// What is said of permissions data.
pub fn catalog(info: &msgraph_permissions::CatalogInfo) -> Catalog {
    Catalog {
        source: info.source.clone(),
        sha256: info.sha256.clone(),
        permissions: info.permissions,
        operations: info.operations,
        complete: info.complete,
    }
}

/// A place, for programs.
pub fn place(at: &Location) -> PlaceEntry {
    PlaceEntry {
        file: text::path(&at.path),
        line: at.start.line,
        column: at.start.column,
        end_line: at.end.line,
        end_column: at.end.column,
        start_offset: at.start.offset,
        end_offset: at.end.offset,
    }
}

/// Writes the document, with a line end.
///
/// # Errors
///
/// None are known: every member can be written as JSON.
pub fn render(report: &Report) -> serde_json::Result<String> {
    crate::json(&document(report))
}

fn document(report: &Report) -> Document {
    let counts = report.counts;
    Document {
        version: 1,
        entralint: env!("CARGO_PKG_VERSION"),
        catalog: report.catalog.as_ref().map(catalog),
        calls_known: !report.no_calls,
        calls: distinct(report.sets.iter().flat_map(|set| calls(set))),
        files: report.files.iter().map(file).collect(),
        findings: report.findings.iter().map(entry).collect(),
        more: report
            .more
            .iter()
            .map(|(rule, findings)| MoreEntry {
                rule: rule.id,
                findings: *findings,
            })
            .collect(),
        not_checked: report
            .not_checked()
            .map(|(file, reason)| NotChecked {
                file: text::path(&file.path),
                outcome: file.outcome.as_str(),
                reason,
            })
            .collect(),
        remarks: report.remarks.clone(),
        errors: report.errors.clone(),
        summary: Summary {
            manifests: counts.manifests,
            apps: counts.apps,
            unsupported: counts.unsupported,
            unresolved: counts.unresolved,
            ignored: counts.ignored,
            invalid: counts.invalid,
            not_read: counts.not_read,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
        },
    }
}

/// A shared call is in the set of every app: it is listed once.
fn distinct(calls: impl Iterator<Item = CallEntry>) -> Vec<CallEntry> {
    let mut seen = std::collections::HashSet::new();
    calls
        .filter(|call| {
            let first = call
                .places
                .first()
                .map(|at| (at.file.clone(), at.start_offset));
            seen.insert((call.call.clone(), first))
        })
        .collect()
}

fn calls(set: &CallSet) -> impl Iterator<Item = CallEntry> {
    set.calls.iter().map(|call| CallEntry {
        call: call.call.to_string(),
        origin: match call.origins.first() {
            Some(Origin::Found(_)) => "found",
            Some(Origin::Named(_)) => "named",
            Some(Origin::CommandLine) | None => "command-line",
        },
        certainty: call.certainty().as_str(),
        places: call
            .origins
            .iter()
            .filter_map(Origin::location)
            .map(place)
            .collect(),
        shared: call.shared,
        answers: call
            .answers
            .iter()
            .map(|answer| AnswerEntry {
                scheme: answer.scheme.to_string(),
                verdict: answer.verdict.to_string(),
                template: answer.template.as_ref().map(ToString::to_string),
                least: answer.least.as_ref().map(ToString::to_string),
                overrides: answer.overrides.clone(),
            })
            .collect(),
    })
}

fn file(file: &FileReport) -> FileEntry {
    FileEntry {
        file: text::path(&file.path),
        shown: file.shown.to_string(),
        outcome: file.outcome.as_str(),
        format: file.format.map(|(id, _)| id),
        apps: file.apps,
    }
}

fn entry(finding: &Finding) -> FindingEntry {
    FindingEntry {
        rule: finding.rule.id,
        url: rules::url(finding.rule),
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.clone(),
        place: finding.place.as_ref().map(|mark| place(&mark.at)),
        related: finding
            .related
            .iter()
            .map(|Mark { at, label }| RelatedEntry {
                message: text::shown(label),
                place: place(at),
            })
            .collect(),
        app: finding.app.clone(),
        permission: finding.subject.clone(),
        instead: finding.instead.clone(),
        notes: finding.notes.clone(),
        fix: finding.fix.as_ref().map(|fix| FixEntry {
            title: fix.title.clone(),
            applicability: fix.applicability,
            edits: fix
                .edits
                .iter()
                .map(|edit| EditEntry {
                    place: place(&edit.at),
                    new: edit.new.clone(),
                })
                .collect(),
        }),
        fingerprint: finding.fingerprint.hash(),
        suppressed: finding
            .suppressed
            .as_ref()
            .map(|suppression| SuppressionEntry {
                reason: suppression.reason.clone(),
                owner: suppression.owner.clone(),
                expires: suppression.expires.map(|day| day.to_string()),
                place: suppression.at.shown(),
            }),
        baseline: finding.baseline.map(|state| match state {
            BaselineState::New => "new",
            BaselineState::Unchanged => "unchanged",
        }),
    }
}

/// The document's JSON Schema.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

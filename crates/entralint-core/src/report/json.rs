//! For programs: one JSON document, documented and versioned.
//!
//! Fields are added within a version; what a field means changes only with a new one.

use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::check::{CheckedFile, Outcome};
use crate::finding::{Applicability, Confidence, Finding, Severity, Subject};

/// The document that `entralint check --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The version of entralint that wrote it.
    entralint: &'static str,
    /// The permissions data that the verdicts rest on.
    catalogue: Catalogue,
    /// The calls that the apps were judged by.
    calls: Vec<CallEntry>,
    /// True where nobody said what the apps call: then only permissions that the
    /// session-revocation calls accept were judged.
    calls_assumed: bool,
    /// Every file that declares permissions or could not be made out, in order of path.
    files: Vec<FileEntry>,
    /// Every finding: those about the calls first, then in the order of files and lines.
    findings: Vec<FindingEntry>,
    /// Files that could not be read or written, and named files that declare nothing: the exit
    /// code is 2 where there are any.
    errors: Vec<String>,
    /// How many of each.
    summary: Summary,
}

/// Permissions data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Catalogue {
    /// `embedded`, or the path of the file.
    source: String,
    /// Of the permissions file, in hex.
    sha256: String,
    /// How many permissions it holds.
    permissions: usize,
    /// How many (method, path, scheme) it answers.
    operations: usize,
    /// False for the embedded catalogue: what it does not hold may still exist.
    complete: bool,
}

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
struct CallEntry {
    /// As it was given.
    call: String,
    /// `command line`, `assumed`, or file and line.
    origin: String,
    /// One for each type of permission in which it may be made.
    answers: Vec<AnswerEntry>,
}

/// What the catalogue says of a call in one type of permission.
#[derive(Debug, Serialize, JsonSchema)]
struct AnswerEntry {
    /// `delegated`, `personal` or `application`.
    scheme: String,
    /// `known`, `ambiguous`, `unmarked`, `unsupported-scheme`, `unknown-method` or `unknown-path`.
    verdict: String,
    /// The path template that matched.
    template: Option<String>,
    /// The least privileged permission, with those of which one is required beside it.
    least: Option<String>,
    /// Corrections to the published data that changed this answer.
    overrides: Vec<String>,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
struct FileEntry {
    /// As given or found, relative to the working folder.
    file: String,
    /// `manifest`, `not-read-yet` or `invalid`.
    outcome: &'static str,
    /// The manifest's format, or the name of the shape that is not read yet.
    format: Option<String>,
    /// How many applications it declares.
    apps: usize,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingEntry {
    /// The rule's id.
    rule: &'static str,
    /// How much it matters.
    severity: Severity,
    /// How sure the rule is.
    confidence: Confidence,
    /// What is wrong.
    message: String,
    /// Null for a finding about a call.
    place: Option<PlaceEntry>,
    /// The app's name, or else its id.
    app: Option<String>,
    /// The permission that the finding is about.
    permission: Option<Subject>,
    /// What should stand in its stead.
    instead: Vec<Subject>,
    /// Why, a sentence each.
    notes: Vec<String>,
    /// How to mend it.
    fix: Option<FixEntry>,
}

/// Where a finding stands.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceEntry {
    /// As in `files`.
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// Where what is marked ends; from 1.
    end_line: usize,
    /// From 1, in characters.
    end_column: usize,
    /// In bytes of the file, from 0.
    start_offset: usize,
    /// In bytes of the file, from 0, behind the last one.
    end_offset: usize,
}

/// A fix.
#[derive(Debug, Serialize, JsonSchema)]
struct FixEntry {
    /// What it does.
    title: String,
    /// When it may be applied.
    applicability: Applicability,
}

/// How many of each.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    manifests: usize,
    apps: usize,
    not_read_yet: usize,
    invalid: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Catalogue {
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

pub fn catalogue(info: &msgraph_permissions::CatalogInfo) -> Catalogue {
    Catalogue {
        source: info.source.clone(),
        sha256: info.sha256.clone(),
        permissions: info.permissions,
        operations: info.operations,
        complete: info.complete,
    }
}

/// Writes the document, with a line end.
///
/// # Errors
///
/// None are known: every field can be written as JSON.
pub fn render(report: &Report<'_>) -> serde_json::Result<String> {
    let mut out = serde_json::to_string_pretty(&document(report))?;
    out.push('\n');
    Ok(out)
}

fn document(report: &Report<'_>) -> Document {
    let counts = report.counts();
    Document {
        version: 1,
        entralint: env!("CARGO_PKG_VERSION"),
        catalogue: catalogue(report.calls.catalog.info()),
        calls: calls(report),
        calls_assumed: report.calls.assumed,
        files: report.files.iter().map(file).collect(),
        findings: report
            .findings()
            .map(|(file, finding)| entry(file, finding))
            .collect(),
        errors: report.errors.clone(),
        summary: Summary {
            manifests: counts.manifests,
            apps: counts.apps,
            not_read_yet: counts.not_read,
            invalid: counts.invalid,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
        },
    }
}

fn calls(report: &Report<'_>) -> Vec<CallEntry> {
    report
        .calls
        .list
        .iter()
        .map(|call| CallEntry {
            call: call.declared.call.to_string(),
            origin: call.declared.origin.to_string(),
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
        .collect()
}

fn file(checked: &CheckedFile) -> FileEntry {
    let (outcome, format, apps) = match &checked.file.outcome {
        Outcome::Manifest(m) => ("manifest", Some(m.about.to_string()), m.apps.len()),
        Outcome::NotReadYet(shape) => ("not-read-yet", Some(shape.to_string()), 0),
        Outcome::Invalid { .. } => ("invalid", None, 0),
        Outcome::NotAManifest(_) => ("not-a-manifest", None, 0),
    };
    FileEntry {
        file: checked.file.name.clone(),
        outcome,
        format,
        apps,
    }
}

fn entry(file: Option<&CheckedFile>, finding: &Finding) -> FindingEntry {
    let place = file.zip(finding.place.as_ref()).map(|(checked, place)| {
        let source = &checked.file.source;
        let (line, column) = source.line_column(place.span.start);
        let (end_line, end_column) = source.line_column(place.span.end);
        PlaceEntry {
            file: checked.file.name.clone(),
            line,
            column,
            end_line,
            end_column,
            start_offset: source.original_offset(place.span.start),
            end_offset: source.original_offset(place.span.end),
        }
    });
    FindingEntry {
        rule: finding.rule.id,
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.clone(),
        place,
        app: finding.app.clone(),
        permission: finding.subject.clone(),
        instead: finding.instead.clone(),
        notes: finding.notes.clone(),
        fix: finding.fix.as_ref().map(|fix| FixEntry {
            title: fix.title.clone(),
            applicability: fix.applicability,
        }),
    }
}

/// The document's JSON Schema.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

//! `check`: what is too broad, missing or unused.

use entralint_core::finding::{Applicability, Finding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open::{Opened, What};
use super::{FEW, few};
use crate::page::Part;
use crate::quote::NOTICE;
use crate::roots::Roots;
use crate::tools::World;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct CheckArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// A text to check instead, as if the file `file_name` had it: the configuration that counts there counts.
    text: Option<String>,
    /// The name of `text`, such as `manifest.json` or `infra/main.tf`, below a root: it says the format. The file need not exist.
    file_name: Option<String>,
    /// Calls that the apps make, as `application POST /users/{id}/revokeSignInSessions`, in addition to those that are found.
    #[serde(default)]
    calls: Vec<String>,
    /// Which list `limit` and `cursor` are about: `findings`, or `remarks`, of which otherwise the first ten are given.
    #[serde(default)]
    list: CheckList,
    /// How many of them, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

/// The lists of a check.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum CheckList {
    /// What is wrong.
    #[default]
    Findings,
    /// What the run says once, what could not be read, and files that were not checked.
    Remarks,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::tools) struct CheckResult {
    /// Findings in all, without those that an exception or the baseline accepts.
    total: usize,
    /// Errors, warnings and notes.
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Manifests and apps that were checked.
    manifests: usize,
    apps: usize,
    /// False where no calls are known: then only what needs no calls was checked.
    calls_known: bool,
    /// In the order of files and lines; empty where `list` is `remarks`.
    findings: Vec<FindingOut>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// What the run says once, what could not be read, and files that were not checked.
    remarks: Vec<String>,
    /// Remarks in all.
    remarks_total: usize,
    /// The SHA-256 of the permissions data.
    catalog_sha256: Option<String>,
    /// How to take text of this result.
    notice: &'static str,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
struct FindingOut {
    /// The rule's id: the tool `explain` has its page.
    rule: &'static str,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// `high`, `medium` or `low`.
    confidence: &'static str,
    /// What is wrong.
    message: String,
    /// Where, relative to the root of the repository.
    file: Option<String>,
    /// From 1.
    line: Option<usize>,
    /// The app.
    app: Option<String>,
    /// The permission that it is about.
    permission: Option<String>,
    /// What should be requested instead.
    instead: Vec<String>,
    /// Why, a sentence each.
    notes: Vec<String>,
    /// What would fix it.
    fix: Option<String>,
    /// `safe`, `unsafe` or `display-only`.
    applicability: Option<Applicability>,
}

impl FindingOut {
    fn new(finding: &Finding) -> Self {
        let at = finding.place.as_ref().map(|mark| &mark.at);
        Self {
            rule: finding.rule.id,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            message: finding.message.clone(),
            file: at.map(|at| entralint_core::text::path(&at.path)),
            line: at.map(|at| at.start.line),
            app: finding
                .app
                .as_ref()
                .and_then(|app| app.shown())
                .map(str::to_owned),
            permission: finding.subject.as_ref().map(|s| s.permission.to_string()),
            instead: finding
                .instead
                .iter()
                .map(|s| s.permission.to_string())
                .collect(),
            notes: finding.notes.iter().take(FEW).cloned().collect(),
            fix: finding.fix.as_ref().map(|fix| fix.title.clone()),
            applicability: finding.fix.as_ref().map(|fix| fix.applicability),
        }
    }
}

pub(in crate::tools) fn check(
    world: &World,
    roots: &Roots,
    args: CheckArgs,
) -> Result<CheckResult, String> {
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let opened = Opened::new(
        world,
        roots,
        What::of(args.paths, args.text, args.file_name)?,
    )?;
    let run = opened.check(&args.calls)?;
    let report = &run.report;
    let open: Vec<&Finding> = report.findings.iter().filter(|f| f.is_open()).collect();
    let total = open.len();
    let not_checked = report
        .not_checked()
        .map(|(file, why)| format!("{}: not checked: {why}", file.shown));
    let remarks: Vec<String> = report
        .remarks
        .iter()
        .chain(&report.errors)
        .cloned()
        .chain(not_checked)
        .collect();
    let remarks_total = remarks.len();
    let (findings, remarks, next_cursor) = match args.list {
        CheckList::Findings => {
            let (findings, next) = part.of(open)?;
            (findings, few(remarks), next)
        }
        CheckList::Remarks => {
            let (remarks, next) = part.of(remarks)?;
            (Vec::new(), remarks, next)
        }
    };
    Ok(CheckResult {
        total,
        errors: report.counts.errors,
        warnings: report.counts.warnings,
        notes: report.counts.notes,
        manifests: report.counts.manifests,
        apps: report.counts.apps,
        calls_known: !report.no_calls,
        findings: findings.into_iter().map(FindingOut::new).collect(),
        next_cursor,
        remarks,
        remarks_total,
        catalog_sha256: report.catalog.as_ref().map(|info| info.sha256.clone()),
        notice: NOTICE,
    })
}

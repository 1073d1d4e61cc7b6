//! Tools about the files of a project: `check`, `calls`, `list_permissions`, `fix`.

mod open;

use camino::Utf8PathBuf;
use entralint_core::evidence::{CallEntry, UnresolvedEntry};
use entralint_core::finding::{Applicability, Finding};
use entralint_core::fix::Allowed;
use entralint_core::list::{Entry, NotListed};
use entralint_core::report::json::{self, PlaceEntry};
use entralint_project::ScanOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::World;
use crate::page::Part;
use crate::quote::NOTICE;
use crate::roots::Roots;
use open::{Opened, What};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Remarks, errors and files that are named in a result.
const FEW: usize = 10;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// A text to check instead, by itself and without the project's configuration.
    text: Option<String>,
    /// The file name of `text`, such as `manifest.json`: it says the format.
    file_name: Option<String>,
    /// Calls that the apps make, as `application POST /users/{id}/revokeSignInSessions`, in addition to those that are found.
    #[serde(default)]
    calls: Vec<String>,
    /// How many findings, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CheckResult {
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
    /// In the order of files and lines.
    findings: Vec<FindingOut>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// What the run says once, what could not be read, and files that were not checked.
    remarks: Vec<String>,
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

pub(super) fn check(world: &World, roots: &Roots, args: CheckArgs) -> Result<CheckResult, String> {
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
    let (findings, next_cursor) = part.of(open)?;
    let not_checked = report
        .not_checked()
        .map(|(file, why)| format!("{}: not checked: {why}", file.shown));
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
        remarks: few(report
            .remarks
            .iter()
            .chain(&report.errors)
            .cloned()
            .chain(not_checked)
            .collect()),
        catalog_sha256: report.catalog.as_ref().map(|info| info.sha256.clone()),
        notice: NOTICE,
    })
}

/// A few lines, and how many more there are.
fn few(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > FEW {
        let more = lines.len() - FEW;
        lines.truncate(FEW);
        lines.push(format!("and {more} more"));
    }
    lines
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallsArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// A text to search instead.
    text: Option<String>,
    /// The file name of `text`, such as `worker.cs`: it says the language.
    file_name: Option<String>,
    /// Search tests, too.
    #[serde(default)]
    include_tests: bool,
    /// How many calls, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CallsResult {
    /// Calls in all.
    total: usize,
    /// In the order of files and lines.
    calls: Vec<CallEntry>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// Places in all that call Microsoft Graph in a way that could not be read.
    unresolved_total: usize,
    /// The first of them.
    unresolved: Vec<UnresolvedEntry>,
    /// What could not be read.
    errors: Vec<String>,
    /// How to take text of this result.
    notice: &'static str,
}

pub(super) fn calls(world: &World, roots: &Roots, args: CallsArgs) -> Result<CallsResult, String> {
    let opened = Opened::new(
        world,
        roots,
        What::of(args.paths, args.text, args.file_name)?,
    )?;
    let scanned = opened.project.scan(&ScanOptions {
        paths: opened.paths.clone(),
        limit: LARGEST,
        include_tests: args.include_tests,
    });
    let document = scanned.document;
    let total = document.calls.len();
    let unresolved_total = document.unresolved.len();
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let (calls, next_cursor) = part.of(document.calls)?;
    Ok(CallsResult {
        total,
        calls,
        next_cursor,
        unresolved_total,
        unresolved: document.unresolved.into_iter().take(FEW).collect(),
        errors: few(scanned.errors),
        notice: NOTICE,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// How many permissions, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ListResult {
    /// Permissions of Microsoft Graph in all.
    total: usize,
    /// In the order of files and lines.
    permissions: Vec<Entry>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// How many permissions of other APIs are declared.
    other_apis: usize,
    /// Files of which nothing could be listed: the first of them.
    not_listed: Vec<NotListed>,
    /// What could not be read.
    errors: Vec<String>,
    /// How to take text of this result.
    notice: &'static str,
}

pub(super) fn list(world: &World, roots: &Roots, args: ListArgs) -> Result<ListResult, String> {
    let opened = Opened::new(world, roots, What::of(args.paths, None, None)?)?;
    let listed = opened.project.list(&opened.paths, LARGEST)?;
    let document = listed.document;
    let total = document.permissions.len();
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let (permissions, next_cursor) = part.of(document.permissions)?;
    Ok(ListResult {
        total,
        permissions,
        next_cursor,
        other_apis: document.other_apis.len(),
        not_listed: document.not_listed.into_iter().take(FEW).collect(),
        errors: few(listed.errors),
        notice: NOTICE,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FixArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// Calls that the apps make, in addition to those that are found.
    #[serde(default)]
    calls: Vec<String>,
    /// Write the files. The server must have been started with --allow-write.
    #[serde(default)]
    apply: bool,
    /// Also fixes that change what is granted.
    #[serde(default)]
    unsafe_fixes: bool,
    /// How many edits are listed, 1 to 200; 20 by default. All are made.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FixResult {
    /// True where files were written.
    applied: bool,
    /// Fixes that were made, in memory or in the files.
    fixes: usize,
    /// The files that change, relative to the root of the repository.
    files: Vec<String>,
    /// The edits, in the order of files and lines.
    edits: Vec<EditOut>,
    /// Give it as `cursor` for more edits; null where there are none.
    next_cursor: Option<String>,
    /// A unified diff from the repository's root, cut where it is long.
    diff: String,
    /// Fixes that were left out, as they change what is granted: `unsafe_fixes` has them.
    unsafe_left: usize,
    /// What could not be done.
    warnings: Vec<String>,
    /// How to take text of this result.
    notice: &'static str,
}

/// An edit of a file.
#[derive(Serialize, JsonSchema)]
struct EditOut {
    /// The rule that wants it.
    rule: &'static str,
    /// What is replaced.
    place: PlaceEntry,
    /// What stands there afterwards.
    text: String,
}

pub(super) fn fix(world: &World, roots: &Roots, args: FixArgs) -> Result<FixResult, String> {
    if args.apply && !world.may_write {
        return Err(
            "this server may not write: start it with --allow-write, or leave `apply` out and make the edits yourself"
                .to_owned(),
        );
    }
    let allowed = if args.unsafe_fixes {
        Allowed::SafeAndUnsafe
    } else {
        Allowed::Safe
    };
    let opened = Opened::new(world, roots, What::of(args.paths, None, None)?)?;
    let mut run = opened.check(&args.calls)?;
    let wanted = |applicability: Applicability| match applicability {
        Applicability::Safe => true,
        Applicability::Unsafe => args.unsafe_fixes,
        Applicability::DisplayOnly => false,
    };
    let fixable = run
        .report
        .findings
        .iter()
        .filter(|finding| finding.is_open());
    let edits: Vec<EditOut> = fixable
        .clone()
        .filter_map(|finding| Some((finding.rule.id, finding.fix.as_ref()?)))
        .filter(|(_, fix)| wanted(fix.applicability))
        .flat_map(|(rule, fix)| fix.edits.iter().map(move |edit| (rule, edit)))
        .map(|(rule, edit)| EditOut {
            rule,
            place: json::place(&edit.at),
            text: edit.new.clone(),
        })
        .collect();
    let is_unsafe = |finding: &&Finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| fix.applicability == Applicability::Unsafe)
    };
    let unsafe_left = if args.unsafe_fixes {
        0
    } else {
        fixable.filter(is_unsafe).count()
    };
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let (edits, next_cursor) = part.of(edits)?;
    let fixes = if args.apply {
        run.fix(allowed)
    } else {
        run.fixed(allowed)
    };
    let mut warnings = fixes.warnings.clone();
    warnings.extend(run.report.errors.iter().cloned());
    let files: Vec<Utf8PathBuf> = fixes
        .changed
        .iter()
        .map(|(_, new)| new.name().to_owned())
        .collect();
    Ok(FixResult {
        applied: args.apply && !files.is_empty(),
        fixes: fixes.applied,
        diff: fixes.patch(),
        files: files
            .iter()
            .map(|file| entralint_core::text::path(file))
            .collect(),
        edits,
        next_cursor,
        unsafe_left,
        warnings: few(warnings),
        notice: NOTICE,
    })
}

//! `fix`: the edits that fix findings, and their diff.

use camino::Utf8PathBuf;
use entralint_core::finding::{Applicability, Finding};
use entralint_core::fix::Allowed;
use entralint_core::report::json::{self, PlaceEntry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::few;
use super::open::{Opened, What};
use crate::page::Part;
use crate::quote::NOTICE;
use crate::roots::Roots;
use crate::tools::World;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct FixArgs {
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
pub(in crate::tools) struct FixResult {
    /// True where files were written.
    applied: bool,
    /// Fixes that were made, in memory or in the files.
    fixes: usize,
    /// The files that change, relative to the root of the repository; the first ten, and how many more.
    files: Vec<String>,
    /// The edits, in the order of files and lines.
    edits: Vec<EditOut>,
    /// Give it as `cursor` for more edits; null where there are none.
    next_cursor: Option<String>,
    /// A unified diff from the repository's root, cut where it is long: name fewer paths for the rest.
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

pub(in crate::tools) fn fix(
    world: &World,
    roots: &Roots,
    args: FixArgs,
) -> Result<FixResult, String> {
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
        files: few(files
            .iter()
            .map(|file| entralint_core::text::path(file))
            .collect()),
        edits,
        next_cursor,
        unsafe_left,
        warnings: few(warnings),
        notice: NOTICE,
    })
}

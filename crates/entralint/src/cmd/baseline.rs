//! `entralint baseline`, and finding the baseline of a run.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use entralint_core::baseline::{Baseline, NAME};
use entralint_core::config::Config;
use entralint_core::report::Report;
use entralint_core::text;
use jiff::civil::Date;
use source_text::FileId;

use super::{ERROR, OK};
use crate::cli::{BaselineCommand, CheckArgs};
use crate::cmd::check::{self, Purpose};
use crate::root::Root;
use crate::{cmd, output, read};

/// A baseline and its file.
pub(crate) struct Loaded {
    pub(crate) path: Utf8PathBuf,
    /// As people name the file.
    pub(crate) shown: String,
    pub(crate) baseline: Option<Baseline>,
}

/// The baseline that counts for a run: the one that is named, or else the one at the repository's root if it is there.
///
/// # Errors
///
/// That a named one is not there, or that it cannot be read.
pub(crate) fn load(
    args: &CheckArgs,
    config: &Config,
    root: &Root,
    may_be_missing: bool,
) -> Result<Option<Loaded>, String> {
    if args.no_baseline {
        return Ok(None);
    }
    let (path, named) = match (&args.baseline, &config.baseline) {
        (Some(path), _) => (path.clone(), true),
        (None, Some(path)) => {
            let folder = config.folder.clone().unwrap_or_default();
            (root.open(&folder).join(&path.value), true)
        }
        (None, None) => (root.open(NAME.into()), false),
    };
    let name = root.relative(&path);
    let shown = root.shown(&name);
    if !path.exists() {
        return if named && !may_be_missing {
            Err(format!(
                "{}: there is no such baseline: write it with `entralint baseline write`",
                text::escaped(&shown)
            ))
        } else {
            Ok(may_be_missing.then_some(Loaded {
                path,
                shown,
                baseline: None,
            }))
        };
    }
    let source = read::text(FileId::default(), &path, &name)?;
    let baseline = Baseline::parse(&source).map_err(|error| {
        let (line, column) = source.line_column(error.span.start);
        format!("{}:{line}:{column}: {error}", text::escaped(&shown))
    })?;
    Ok(Some(Loaded {
        path,
        shown,
        baseline: Some(baseline),
    }))
}

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration or the catalog.
pub(crate) fn run(command: &BaselineCommand, verbose: bool) -> Result<u8, String> {
    let (args, purpose) = match command {
        BaselineCommand::Write(args) => (args, Purpose::WriteBaseline),
        BaselineCommand::Prune(args) => (args, Purpose::PruneBaseline),
        BaselineCommand::Show(args) => (args, Purpose::ShowBaseline),
    };
    if args.fix || args.diff {
        return Err("--fix and --diff go with `entralint check`".to_owned());
    }
    check::run_for(args, verbose, purpose)
}

/// Writes today's findings.
///
/// # Errors
///
/// Why the file could not be written.
pub(crate) fn write(loaded: &Loaded, report: &Report, today: Date) -> Result<u8, String> {
    if !report.errors.is_empty() {
        cmd::say("error: not written: something could not be checked");
        return Ok(ERROR);
    }
    let old = loaded.baseline.clone().unwrap_or_default();
    let findings = report
        .findings
        .iter()
        .filter(|finding| !finding.rule.is_about_the_run());
    let new = Baseline::of(findings, &old, today);
    let count = new.entries().len();
    output::write_file(
        &loaded.path,
        &new.to_text().map_err(|error| error.to_string())?,
    )?;
    cmd::say(&format!(
        "{} in {}",
        text::count(count, "accepted finding"),
        loaded.shown
    ));
    Ok(OK)
}

/// Removes what no finding has any more.
///
/// # Errors
///
/// Why the file could not be written.
pub(crate) fn prune(loaded: &Loaded, report: &Report) -> Result<u8, String> {
    let (Some(baseline), Some(comparison)) = (&loaded.baseline, &report.baseline) else {
        return Err(format!(
            "{}: there is no such baseline: write it with `entralint baseline write`",
            text::escaped(&loaded.shown)
        ));
    };
    let pruned = baseline.pruned(&comparison.stale);
    if !comparison.stale.is_empty() {
        output::write_file(
            &loaded.path,
            &pruned.to_text().map_err(|error| error.to_string())?,
        )?;
    }
    cmd::say(&format!(
        "{} removed from {}, {} left",
        text::count(comparison.stale.len(), "finding"),
        loaded.shown,
        pruned.entries().len()
    ));
    Ok(OK)
}

/// Lists the entries, and which of them are stale.
///
/// # Errors
///
/// Why the list could not be written.
pub(crate) fn show(loaded: &Loaded, report: &Report) -> Result<u8, String> {
    let Some(baseline) = &loaded.baseline else {
        return Err(format!(
            "{}: there is no such baseline: write it with `entralint baseline write`",
            text::escaped(&loaded.shown)
        ));
    };
    let stale = report
        .baseline
        .as_ref()
        .map(|comparison| comparison.stale.as_slice())
        .unwrap_or_default();
    let mut out = String::new();
    for (key, entry) in baseline.entries() {
        let state = if stale.contains(key) { " (stale)" } else { "" };
        let _ = writeln!(
            out,
            "{} {:7} {}{state}",
            entry.since,
            entry.severity.as_str(),
            key.shown()
        );
    }
    cmd::print(&out)?;
    Ok(OK)
}

/// What a report says of the baseline, in one line.
pub(crate) fn remark(loaded: &Loaded, report: &Report, today: Date) -> Option<String> {
    let comparison = report.baseline.as_ref()?;
    let [errors, warnings, notes] = comparison.known;
    let parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| text::count(n, word))
        .collect();
    let known = if parts.is_empty() {
        "no finding".to_owned()
    } else {
        text::and(&parts)
    };
    let age = comparison
        .oldest
        .and_then(|oldest| today.since(oldest).ok())
        .map(|span| {
            format!(
                ", the oldest {} old",
                text::count(usize::try_from(span.get_days()).unwrap_or(0), "day")
            )
        })
        .unwrap_or_default();
    let stale = match comparison.stale.len() {
        0 => String::new(),
        n => format!(
            "; {} stale: `entralint baseline prune` removes them",
            text::count(n, "entry")
        ),
    };
    Some(format!(
        "baseline: {known} accepted in {}{age}{stale}",
        loaded.shown
    ))
}

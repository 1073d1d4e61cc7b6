//! `entralint baseline`, and finding the baseline of a run.

use std::fmt::Write as _;

use entralint_core::baseline::Baseline;
use entralint_core::report::Report;
use entralint_core::text;
use entralint_project::baseline::Loaded;
use jiff::civil::Date;

use super::{ERROR, OK};
use crate::cli::BaselineCommand;
use crate::cmd::check::{self, Purpose};
use crate::{cmd, output};

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

//! `entralint check`.

use entralint_core::finding::Applicability;
use entralint_core::fix::Allowed;
use entralint_core::policy::Selection;
use entralint_core::report::{FileOutcome, Report};
use entralint_core::rules;
use entralint_core::text;
use entralint_project::run::failed;
use entralint_project::{CheckOptions, Failure, Run, baseline as accepted};

use super::{EMPTY, ERROR, FINDINGS, OK};
use crate::cli::CheckArgs;
use crate::cmd::{self, baseline};
use crate::output;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration or the catalog.
pub(crate) fn run(args: &CheckArgs, verbose: bool) -> Result<u8, String> {
    run_for(args, verbose, Purpose::Report)
}

/// What a check is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To report what is found, and to fix it.
    Report,
    /// To write the baseline.
    WriteBaseline,
    /// To remove stale entries from the baseline.
    PruneBaseline,
    /// To list the baseline.
    ShowBaseline,
}

/// Checks, and does with the report what it is for.
///
/// # Errors
///
/// What is wrong with the usage, the configuration or the catalog.
pub(crate) fn run_for(args: &CheckArgs, verbose: bool, purpose: Purpose) -> Result<u8, String> {
    if args.unsafe_fixes && !args.fix && !args.diff {
        return Err("--unsafe-fixes goes with --fix or --diff".to_owned());
    }
    if args.fix && args.paths.iter().any(|path| path == "-") {
        return Err("--fix cannot change standard input: use --diff".to_owned());
    }
    match checked(args, verbose, purpose) {
        Ok(code) => Ok(code),
        Err(Failure::Text(text)) => Err(text),
        // Mistakes of the configuration and of files of calls are findings, in the format that was chosen.
        Err(Failure::Findings(findings)) => {
            let mut report = failed(findings);
            report.pipeline = output::azure_pipeline();
            output::write(&report, args)?;
            Ok(ERROR)
        }
    }
}

fn checked(args: &CheckArgs, verbose: bool, purpose: Purpose) -> Result<u8, Failure> {
    let mut project = cmd::open(&args.catalog, &args.paths)?;
    project.select(selection(args)?);
    let known = if args.no_baseline {
        None
    } else {
        accepted::load(
            &project.files,
            args.baseline.as_deref(),
            project.config.of_run(),
            &project.root,
            purpose == Purpose::WriteBaseline,
        )?
    };
    let today = jiff::Zoned::now().date();
    project.catalog.require_ids()?;
    cmd::say_catalog(&project.catalog);
    let mut run = project.check(&CheckOptions {
        paths: args.paths.clone(),
        calls: args.calls.options(),
        limit: args.walk.limit(),
        scan: !args.no_scan,
        include_tests: args.include_tests,
        keep_apps: output::wants_apps(args),
        keep_said: verbose || args.files,
        today,
    })?;
    if verbose {
        for line in &run.said {
            cmd::say(&line.to_string());
        }
    }
    run.report.pipeline = output::azure_pipeline();
    let allowed = if args.unsafe_fixes {
        Allowed::SafeAndUnsafe
    } else {
        Allowed::Safe
    };
    let baseline = known.as_ref().and_then(|known| known.baseline.as_ref());
    if args.diff {
        run.finish(baseline);
        show_diff(&run, allowed)?;
    } else {
        if args.fix {
            let fixes = run.fix(allowed);
            say_warnings(&fixes.warnings);
            cmd::say(&format!(
                "{} applied in {}",
                text::count(fixes.applied, "fix"),
                text::count(fixes.changed.len(), "file")
            ));
        }
        run.finish(baseline);
        if let Some(known) = &known {
            match purpose {
                Purpose::Report => {
                    let remark = accepted::remark(known, &run.report, today);
                    run.report.remarks.extend(remark);
                }
                Purpose::WriteBaseline => return Ok(baseline::write(known, &run.report, today)?),
                Purpose::PruneBaseline => return Ok(baseline::prune(known, &run.report)?),
                Purpose::ShowBaseline => return Ok(baseline::show(known, &run.report)?),
            }
        } else if purpose != Purpose::Report {
            return Err(Failure::Text(
                "there is no baseline: write it with `entralint baseline write`".to_owned(),
            ));
        }
        say_not_checked(&run.report, verbose);
        if args.files {
            cmd::print(&output::files(&run))?;
        }
        output::write(&run.report, args)?;
    }
    say_fixes_left(&run.report, args);
    Ok(code(&run.report, args))
}

/// What the command line keeps of the findings.
fn selection(args: &CheckArgs) -> Result<Selection, String> {
    let rules = |ids: &[String], flag: &str| -> Result<Vec<&'static str>, String> {
        ids.iter()
            .map(|id| {
                rules::find(id)
                    .map(|rule| rule.id)
                    .ok_or_else(|| format!("{flag}: {}", rules::unknown(id)))
            })
            .collect()
    };
    Ok(Selection {
        select: rules(&args.select, "--select")?,
        ignore: rules(&args.ignore, "--ignore")?,
        min_confidence: args.min_confidence.map(Into::into),
        apps: args
            .app
            .iter()
            .map(|app| {
                entralint_core::config::app_pattern(app).map_err(|error| format!("--app: {error}"))
            })
            .collect::<Result<_, _>>()?,
    })
}

/// Errors of the run, and the files that were not checked.
fn say_not_checked(report: &Report, verbose: bool) {
    for error in &report.errors {
        cmd::say(&format!("error: {error}"));
    }
    for (file, why) in report.not_checked() {
        // What could not be read is an error above already.
        let is_said = matches!(file.outcome, FileOutcome::NotRead(_))
            && report
                .errors
                .iter()
                .any(|error| error.starts_with(file.shown.as_str()));
        if !is_said && (verbose || !matches!(file.outcome, FileOutcome::Unsupported(_))) {
            cmd::say(&format!(
                "warning: {}: not checked: {why}",
                text::escaped(file.shown.as_str())
            ));
        }
    }
}

fn say_warnings(warnings: &[String]) {
    for line in warnings {
        cmd::say(&format!("warning: {line}"));
    }
}

/// Prints a unified diff of what would change.
fn show_diff(run: &Run<'_>, allowed: Allowed) -> Result<(), String> {
    let fixes = run.fixed(allowed);
    say_warnings(&fixes.warnings);
    let patch = fixes.patch();
    let shown = text::escaped_lines(&patch);
    if shown != patch {
        cmd::say(
            "warning: the diff has characters that could steer a terminal: they are shown as escapes, so it cannot be applied as a patch; use --fix",
        );
    }
    cmd::print(&shown)?;
    cmd::say(&format!(
        "{} would be applied; without --diff, check shows {}",
        text::count(fixes.applied, "fix"),
        text::count(run.report.findings.len(), "finding"),
    ));
    Ok(())
}

/// How to get the fixes that were not applied.
fn say_fixes_left(report: &Report, args: &CheckArgs) {
    if args.unsafe_fixes || !(args.fix || args.diff) {
        return;
    }
    let left = report
        .findings
        .iter()
        .filter(|finding| {
            finding
                .fix
                .as_ref()
                .is_some_and(|fix| fix.applicability == Applicability::Unsafe)
        })
        .count();
    if left > 0 {
        cmd::say(&format!(
            "{} not applied, as {} what is granted: add --unsafe-fixes to {}",
            text::count(left, "fix"),
            if left == 1 {
                "it changes"
            } else {
                "they change"
            },
            match (args.diff, left) {
                (true, 1) => "see it",
                (true, _) => "see them",
                (false, 1) => "apply it",
                (false, _) => "apply them",
            },
        ));
    }
}

fn code(report: &Report, args: &CheckArgs) -> u8 {
    let counts = report.counts;
    let left_out = counts.unsupported + counts.ignored + counts.not_read + counts.unresolved;
    if !report.errors.is_empty() {
        ERROR
    } else if !args.exit_zero && args.fail_on.severity().is_some_and(|on| report.fails(on)) {
        FINDINGS
    } else if !args.exit_zero && args.strict && left_out > 0 {
        cmd::say(&format!(
            "error: --strict: {} or {} not checked",
            text::count(
                counts.unsupported + counts.ignored + counts.not_read,
                "file"
            ),
            text::count(counts.unresolved, "entry")
        ));
        FINDINGS
    } else if counts.manifests == 0 && counts.invalid == 0 && !args.allow_empty {
        cmd::say(if counts.unsupported > 0 {
            "error: nothing was checked: no manifest in a supported format (--allow-empty makes this a success)"
        } else {
            "error: nothing to check: no manifest found (--allow-empty makes this a success)"
        });
        EMPTY
    } else {
        OK
    }
}

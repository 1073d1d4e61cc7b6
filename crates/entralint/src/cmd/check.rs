//! `entralint check`.

use std::collections::BTreeSet;

use camino::Utf8Path;
use entralint_core::finding::{Applicability, Finding};
use entralint_core::fix::{self, Allowed, Fixed};
use entralint_core::plan::{FileEvidence, Plan, TopLevel};
use entralint_core::policy::Selection;
use entralint_core::report::{FileOutcome, FileReport, Report};
use entralint_core::rules::{self, unused_allow};
use entralint_core::text;
use entralint_core::unit::Judge;
use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme};
use rayon::prelude::*;
use source_text::Source;

use super::{EMPTY, ERROR, FINDINGS, OK};
use crate::cli::CheckArgs;
use crate::cmd::baseline;
use crate::cmd::{Failure, Setup};
use crate::discover::{self, STDIN};
use crate::engine::{self, Checked};
use crate::evidence::{self, Scanner};
use crate::units::{Units, Work, group};
use crate::write::{self, Replacement};
use crate::{calls, cmd, config, output};

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
        // Mistakes of the configuration and of files of calls are findings, in the format that was asked for.
        Err(Failure::Findings(findings)) => {
            let mut report = Report::default();
            for finding in &findings {
                if let Some(mark) = &finding.place {
                    let shown = mark.at.path.to_string();
                    if !report.files.iter().any(|file| file.id == mark.at.file) {
                        report.add_file(FileReport {
                            id: mark.at.file,
                            path: mark.at.path.clone(),
                            shown,
                            outcome: FileOutcome::Code,
                            format: None,
                            apps: 0,
                        });
                    }
                }
            }
            report.findings = findings;
            report.remarks.push("nothing was checked".to_owned());
            report.finish(None, |_| false);
            output::write(&report, args)?;
            Ok(ERROR)
        }
    }
}

fn checked(args: &CheckArgs, verbose: bool, purpose: Purpose) -> Result<u8, Failure> {
    let Setup {
        root,
        config:
            config::Loaded {
                mut config,
                source,
                inherited,
            },
        catalog: loaded,
    } = Setup::load(&args.catalog, &args.paths)?;
    config.policy.selection = selection(args)?;
    let known = baseline::load(args, &config, &root, purpose == Purpose::WriteBaseline)?;
    let today = jiff::Zoned::now().date();
    loaded.require_ids()?;
    loaded.say_problems();
    let named = calls::named(&args.calls, &config, source.as_ref(), &root)?;
    let options = LookupOptions {
        other_users: args.calls.other_users || config.other_users,
    };
    let plan = Plan::new(
        loaded.get(),
        &config,
        options,
        named.top,
        named.top_level,
        named.sections,
    )
    .on(today);
    let units = Units::new(&root, args.walk.limit());
    let scanner = (!args.no_scan && config.scan.unwrap_or(true))
        .then(|| Scanner::new(loaded.get(), args.include_tests || config.include_tests));
    let found = discover::discover(&args.paths, &root, &config, &|name| {
        entra_manifest::is_candidate(name) || (scanner.is_some() && evidence::is_code(name))
    });
    let works = group(found.candidates, &|folder| units.list(folder, false));
    let (recorded, recorded_remarks) = match &scanner {
        Some(scanner) => scanner
            .recordings(&units, &config, source.as_ref())
            .map_err(Failure::Findings)?,
        None => (Vec::new(), Vec::new()),
    };
    let Checked {
        plan,
        mut report,
        fixable,
        apps,
        evidence: found_calls,
        said,
    } = engine::check(
        &units,
        &works,
        plan,
        engine::Options {
            scanner: scanner.as_ref(),
            recorded,
            names: &found.names,
            config: &config,
            whole: found.whole,
            keep_apps: output::wants_apps(args),
        },
    );
    report.errors.splice(0..0, found.errors);
    for path in found.ignored {
        report.add_file(units.report(&path, FileOutcome::Ignored));
    }
    for path in found.links {
        let why = "it is a link that leads out of the repository or nowhere".to_owned();
        report.add_file(units.report(&path, FileOutcome::NotRead(why)));
    }
    if let Some(source) = &source {
        let findings = plan.check_sections(source, &apps, &found.names, found.whole);
        if !findings.is_empty() {
            return Err(Failure::Findings(findings));
        }
    }
    if verbose {
        for line in &said {
            cmd::say(line);
        }
    }
    let judge = Judge::new(&plan);
    report.sets = plan.sets();
    let mut about_calls = judge.check_calls();
    config.policy.apply(&mut about_calls.findings, &[], today);
    report.add(about_calls);
    report.no_calls = report.sets.iter().all(|set| set.is_unknown());
    report.pipeline = output::azure_pipeline();
    report.catalog = Some(loaded.get().info().clone());
    report.remarks = remarks(&plan, &config, &report, apps.len());
    report.remarks.extend(recorded_remarks);
    if apps.is_empty() {
        report
            .remarks
            .extend(undeclared(loaded.get(), &found_calls));
    }
    add_code(&mut report, &units, &found_calls);
    let allowed = if args.unsafe_fixes {
        Allowed::SafeAndUnsafe
    } else {
        Allowed::Safe
    };
    let looked_at: BTreeSet<String> = found
        .names
        .iter()
        .map(|name| name.as_str().replace('\\', "/"))
        .collect();
    // An entry of a file that this run did not look at is not stale, unless the file is gone.
    let was_checked = |file: &str| {
        looked_at.contains(file) || (found.whole && !root.open(Utf8Path::new(file)).exists())
    };
    let accepted = known.as_ref().and_then(|known| known.baseline.as_ref());
    if args.diff {
        report.finish(accepted, was_checked);
        show_diff(&units, &judge, &works, &fixable, allowed, &report)?;
    } else {
        if args.fix {
            fix_files(&units, &judge, &works, &fixable, allowed, &mut report);
        }
        // Exceptions are unused only where the whole repository was looked at, with all rules and all apps.
        if found.whole
            && args.select.is_empty()
            && args.ignore.is_empty()
            && args.app.is_empty()
            && args.min_confidence.is_none()
        {
            let mut unused: Vec<Finding> = config
                .policy
                .unused_allows()
                .map(unused_allow::configured)
                .collect();
            unused.append(&mut report.unused_allows);
            config.policy.apply(&mut unused, &[], today);
            report.findings.extend(unused);
        }
        let further = inherited.iter().map(|further| &further.source);
        add_named_files(
            &mut report,
            &named.files,
            source.as_ref().into_iter().chain(further),
        );
        report.finish(accepted, was_checked);
        if let Some(known) = &known {
            match purpose {
                Purpose::Report => report
                    .remarks
                    .extend(baseline::remark(known, &report, today)),
                Purpose::WriteBaseline => return Ok(baseline::write(known, &report, today)?),
                Purpose::PruneBaseline => return Ok(baseline::prune(known, &report)?),
                Purpose::ShowBaseline => return Ok(baseline::show(known, &report)?),
            }
        } else if purpose != Purpose::Report {
            return Err(Failure::Text(
                "there is no baseline: write it with `entralint baseline write`".to_owned(),
            ));
        }
        for error in &report.errors {
            cmd::say(&format!("error: {error}"));
        }
        for (file, why) in report.not_checked() {
            // What could not be read is an error above already.
            let is_said = matches!(file.outcome, FileOutcome::NotRead(_))
                && report
                    .errors
                    .iter()
                    .any(|error| error.starts_with(&file.shown));
            if !is_said && (verbose || !matches!(file.outcome, FileOutcome::Unsupported(_))) {
                cmd::say(&format!(
                    "warning: {}: not checked: {why}",
                    text::escaped(&file.shown)
                ));
            }
        }
        if args.files {
            cmd::print(&output::files(&report, &said))?;
        }
        output::write(&report, args)?;
    }
    say_held_back(&report, args);
    Ok(code(&report, args))
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

/// Lines that the report has once.
fn remarks(
    plan: &Plan<'_>,
    config: &entralint_core::config::Config,
    report: &Report,
    apps: usize,
) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(file) = &config.file {
        remarks.push(format!("config: {file}"));
    }
    let judged: Vec<&std::sync::Arc<entralint_core::calls::CallSet>> =
        report.sets.iter().filter(|set| !set.is_unknown()).collect();
    if apps > 0 && judged.is_empty() {
        remarks.push(
            "no calls found or declared: only what needs no calls is checked. Declare the calls of an app with --calls, --calls-from or `calls` in entralint.toml"
                .to_owned(),
        );
    } else if apps > 0 {
        // A shared call is in the set of every app.
        let mut calls: Vec<(String, bool)> = judged
            .iter()
            .flat_map(|set| &set.calls)
            .map(|call| (call.call.to_string(), call.is_answered()))
            .collect();
        calls.sort();
        calls.dedup();
        remarks.push(format!(
            "calls: {}, {} answered",
            calls.len(),
            calls.iter().filter(|(_, answered)| *answered).count()
        ));
    }
    let shared = plan.shared_calls().len();
    if apps > 1 && shared > 0 && plan.top_level() != TopLevel::Absent {
        remarks.push(format!(
            "{} {} shared by {}, so nothing is reported missing. To end this, give each app its calls in entralint.toml: [[app]] manifests = [\"…\"] calls = [\"…\"]",
            text::count(shared, "call"),
            if shared == 1 { "is" } else { "are" },
            text::count(apps, "app"),
        ));
    }
    remarks
}

/// Code that calls, and no declaration: what the calls need, so that somebody can declare it.
fn undeclared(catalog: &Catalog, evidence: &[FileEvidence]) -> Option<String> {
    let calls: Vec<&Call> = evidence
        .iter()
        .flat_map(|file| &file.calls)
        .map(|declared| &declared.call)
        .collect();
    if calls.is_empty() {
        return None;
    }
    let options = LookupOptions { other_users: true };
    let needs: Vec<String> = [Scheme::DelegatedWork, Scheme::Application]
        .into_iter()
        .filter_map(|scheme| {
            let answers: Vec<_> = calls
                .iter()
                .filter(|call| {
                    call.scheme
                        .is_none_or(|named| named.permission_type() == scheme.permission_type())
                })
                .map(|call| catalog.lookup(call, scheme, options))
                .collect();
            let solution = catalog.solve(&answers);
            (!solution.minimal.is_empty()).then(|| {
                format!(
                    "{} ({})",
                    text::and(&solution.minimal),
                    text::permission_type(scheme.permission_type())
                )
            })
        })
        .collect();
    Some(format!(
        "{} found in {}, and no declaration of permissions{}",
        text::count(calls.len(), "call"),
        text::count(
            evidence
                .iter()
                .filter(|file| !file.calls.is_empty())
                .count(),
            "file"
        ),
        if needs.is_empty() {
            String::new()
        } else {
            format!("; least privileged: {}", text::or(&needs))
        }
    ))
}

/// Files of code that findings point to.
fn add_code(report: &mut Report, units: &Units<'_>, evidence: &[FileEvidence]) {
    let known: std::collections::HashSet<source_text::FileId> =
        report.files.iter().map(|file| file.id).collect();
    for file in evidence {
        let entry = units.report(&file.path, FileOutcome::Code);
        if !known.contains(&entry.id) {
            report.add_file(entry);
        }
    }
}

/// The configuration and files of calls, where a finding points into them.
fn add_named_files<'s>(
    report: &mut Report,
    files: &[(source_text::FileId, camino::Utf8PathBuf)],
    configs: impl Iterator<Item = &'s Source>,
) {
    let config = configs.map(|source| (source.id(), source.name().to_owned()));
    for (id, path) in files.iter().cloned().chain(config) {
        let points_there = |finding: &Finding| {
            finding
                .place
                .iter()
                .chain(&finding.related)
                .any(|mark| mark.at.file == id)
        };
        if report.findings.iter().any(points_there) {
            report.add_file(FileReport {
                id,
                shown: path.to_string(),
                path,
                outcome: FileOutcome::Code,
                format: None,
                apps: 0,
            });
        }
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

/// A unit with its fixes made in memory.
struct FixedUnit {
    work: usize,
    before: Vec<Source>,
    fixed: Fixed,
}

/// Fixes units in memory.
fn fixed(
    units: &Units<'_>,
    judge: &Judge<'_>,
    works: &[Work],
    fixable: &[usize],
    allowed: Allowed,
) -> Vec<FixedUnit> {
    fixable
        .par_iter()
        .filter_map(|at| fixed_unit(units, judge, works, *at, allowed))
        .collect()
}

fn fixed_unit(
    units: &Units<'_>,
    judge: &Judge<'_>,
    works: &[Work],
    at: usize,
    allowed: Allowed,
) -> Option<FixedUnit> {
    let unit = engine::read(units, &works[at]);
    let manifest = unit.manifest.as_ref()?;
    let fixed = engine::guarded(|| fix::fix(judge, &unit.texts, manifest, allowed));
    match fixed {
        Ok(fixed) => Some(FixedUnit {
            work: at,
            before: unit.texts.unit().files().cloned().collect(),
            fixed,
        }),
        Err(why) => Some(FixedUnit {
            work: at,
            before: Vec::new(),
            fixed: Fixed {
                changed: Vec::new(),
                applied: 0,
                dropped: vec![why],
            },
        }),
    }
}

fn say_dropped(units: &Units<'_>, works: &[Work], unit: &FixedUnit) {
    for reason in &unit.fixed.dropped {
        let file = works[unit.work].files().first();
        let shown = file
            .map(|file| units.root.shown(&file.path))
            .unwrap_or_default();
        cmd::say(&format!(
            "warning: {}: a fix was dropped: {}",
            text::escaped(&shown),
            text::escaped(reason)
        ));
    }
}

/// Fixes the files and puts what is left in the report, with what could not be written.
fn fix_files(
    units: &Units<'_>,
    judge: &Judge<'_>,
    works: &[Work],
    fixable: &[usize],
    allowed: Allowed,
    report: &mut Report,
) {
    struct Written {
        unit: FixedUnit,
        result: Result<Vec<String>, String>,
        again: Option<engine::Done>,
    }
    let written: Vec<Written> = fixable
        .par_iter()
        .filter_map(|at| {
            let unit = fixed_unit(units, judge, works, *at, allowed)?;
            let replacements: Vec<Replacement> = unit
                .fixed
                .changed
                .iter()
                .filter_map(|new| {
                    let old = unit.before.iter().find(|old| old.id() == new.id())?;
                    Some(Replacement {
                        path: units.root.open(new.name()),
                        shown: units.root.shown(new.name()),
                        before: old.to_bytes(),
                        after: new.to_bytes(),
                    })
                })
                .collect();
            if replacements.is_empty() {
                return Some(Written {
                    unit,
                    result: Ok(Vec::new()),
                    again: None,
                });
            }
            let result = write::replace_all(&replacements, &units.root.root);
            let again = result
                .is_ok()
                .then(|| engine::again(units, judge, &works[*at]));
            Some(Written {
                unit,
                result,
                again,
            })
        })
        .collect();
    let (mut applied, mut changed) = (0, 0);
    for Written {
        unit,
        result,
        again,
    } in written
    {
        say_dropped(units, works, &unit);
        match result {
            Ok(said) => {
                for line in said {
                    cmd::say(&format!("warning: {line}"));
                }
            }
            Err(error) => {
                report.errors.push(format!("not changed: {error}"));
                continue;
            }
        }
        let Some(again) = again else { continue };
        applied += unit.fixed.applied;
        changed += unit.fixed.changed.len();
        let files: Vec<source_text::FileId> = unit.before.iter().map(Source::id).collect();
        report.findings.retain(|finding| {
            finding
                .place
                .as_ref()
                .is_none_or(|mark| !files.contains(&mark.at.file))
        });
        report.add(again.report);
        report.errors.extend(again.errors);
    }
    cmd::say(&format!(
        "{} applied in {}",
        text::count(applied, "fix"),
        text::count(changed, "file")
    ));
}

/// Prints a unified diff of what would change, with paths from the repository's root, as `git apply` wants them.
fn show_diff(
    units: &Units<'_>,
    judge: &Judge<'_>,
    works: &[Work],
    fixable: &[usize],
    allowed: Allowed,
    report: &Report,
) -> Result<(), String> {
    let mut out = String::new();
    let mut applied = 0;
    for unit in fixed(units, judge, works, fixable, allowed) {
        say_dropped(units, works, &unit);
        applied += unit.fixed.applied;
        for new in &unit.fixed.changed {
            if let Some(old) = unit.before.iter().find(|old| old.id() == new.id()) {
                out.push_str(&diff(old, new));
            }
        }
    }
    let shown = text::escaped_lines(&out);
    if shown != out {
        cmd::say(
            "warning: the diff has characters that could steer a terminal: they are shown as escapes, so it cannot be applied as a patch; use --fix",
        );
    }
    cmd::print(&shown)?;
    cmd::say(&format!(
        "{} would be applied; without --diff, check shows {}",
        text::count(applied, "fix"),
        text::count(report.findings.len(), "finding"),
    ));
    Ok(())
}

fn diff(old: &Source, new: &Source) -> String {
    let name = Utf8Path::new(old.name()).as_str().replace('\\', "/");
    let name = if old.name() == "stdin" {
        STDIN.to_owned()
    } else {
        name
    };
    let header = |side: &str| quoted(&format!("{side}/{name}"));
    // The bytes of the file: a patch of UTF-16 text as UTF-8 could not be applied.
    let (old_text, new_text) = (old.text(), new.text());
    let diff = similar::TextDiff::from_lines(old_text, new_text);
    format!(
        "diff --git {a} {b}\n{}",
        diff.unified_diff().header(&header("a"), &header("b")),
        a = header("a"),
        b = header("b"),
    )
}

/// A path as git writes it in a patch: between quotes, with escapes, where it has unusual characters.
fn quoted(path: &str) -> String {
    let is_plain = path
        .bytes()
        .all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
    if is_plain {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x20..0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// How to get the fixes that were held back.
fn say_held_back(report: &Report, args: &CheckArgs) {
    if args.unsafe_fixes || !(args.fix || args.diff) {
        return;
    }
    let held = report
        .findings
        .iter()
        .filter(|finding| {
            finding
                .fix
                .as_ref()
                .is_some_and(|fix| fix.applicability == Applicability::Unsafe)
        })
        .count();
    if held > 0 {
        cmd::say(&format!(
            "{} not applied, as {} what is granted: add --unsafe-fixes to {}",
            text::count(held, "fix"),
            if held == 1 {
                "it changes"
            } else {
                "they change"
            },
            match (args.diff, held) {
                (true, 1) => "see it",
                (true, _) => "see them",
                (false, 1) => "apply it",
                (false, _) => "apply them",
            },
        ));
    }
}

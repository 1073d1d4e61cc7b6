//! `entralint check`.

use std::io::IsTerminal as _;

use annotate_snippets::Renderer;
use msgraph_permissions::LookupOptions;
use rayon::prelude::*;

use super::{EMPTY, ERROR, FINDINGS, OK};
use camino::Utf8Path;
use entralint_core::calls::Calls;
use entralint_core::check::{self, CheckedFile, FileOutcome, Outcome};
use entralint_core::finding::{Applicability, Finding};
use entralint_core::fix::{self, Allowed, Fixed};
use entralint_core::report::{Report, full, json, sarif};
use entralint_core::text;

use crate::cli::{CheckArgs, ColorChoice, Format};
use crate::cmd::Setup;
use crate::discover::{self, Candidate};
use crate::{calls, cmd, write};

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration or the catalogue.
pub(crate) fn run(args: &CheckArgs, verbose: bool) -> Result<u8, String> {
    if args.unsafe_fixes && !args.fix && !args.diff {
        return Err("--unsafe-fixes goes with --fix or --diff".to_owned());
    }
    let stdin = args.paths.iter().any(|path| path == "-");
    if args.fix && stdin {
        return Err("--fix cannot change standard input: use --diff".to_owned());
    }
    let Setup {
        folder,
        config,
        catalog: loaded,
    } = Setup::load(&args.catalog)?;
    loaded.require_ids()?;
    loaded.say_problems();
    let declared = calls::declared(&args.calls, &config)?;
    let options = LookupOptions {
        other_users: args.calls.other_users || config.other_users,
    };
    let calls = Calls::answer(loaded.get(), declared, options);
    if calls.assumed {
        cmd::say(
            "note: nobody said what the app calls, so it is assumed that it revokes sign-in sessions and nothing else; only permissions that those calls accept are judged (say more with --calls)",
        );
    }

    let found = discover::discover(&args.paths);
    let mut errors = found.errors;
    let (files, unread) = check_all(&found.candidates, &calls, &folder);
    errors.extend(unread);
    errors.extend(files.iter().filter_map(|checked| misnamed(&checked.file)));
    for error in &errors {
        cmd::say(&format!("error: {error}"));
    }
    for checked in &files {
        say_outcome(&checked.file, verbose);
    }
    let run = check::check_calls(&calls);
    let mut report = Report {
        calls: &calls,
        files: files
            .into_iter()
            .filter(|c| !matches!(c.file.outcome, Outcome::NotAManifest(_)))
            .collect(),
        run,
        errors,
    };

    let allowed = if args.unsafe_fixes {
        Allowed::SafeAndUnsafe
    } else {
        Allowed::Safe
    };
    if args.diff {
        show_diff(&report, allowed)?;
    } else {
        if args.fix {
            fix_files(&mut report, allowed);
        }
        let text = match args.format {
            Format::Full => {
                let renderer = if coloured(args.color) {
                    Renderer::styled()
                } else {
                    Renderer::plain()
                };
                full::render(&report, &renderer)
            }
            Format::Json => json::render(&report).map_err(|error| error.to_string())?,
            Format::Sarif => sarif::render(&report).map_err(|error| error.to_string())?,
        };
        cmd::print(&text)?;
    }
    say_held_back(&report, args);

    let counts = report.counts();
    Ok(if !report.errors.is_empty() {
        ERROR
    } else if report.fails(args.fail_on.into()) {
        FINDINGS
    } else if counts.manifests == 0 && counts.invalid == 0 && !args.allow_empty {
        cmd::say(if counts.not_read > 0 {
            "error: nothing was checked: no manifest in a shape that is read (--allow-empty makes this a success)"
        } else {
            "error: nothing to check: no manifest found (--allow-empty makes this a success)"
        });
        EMPTY
    } else {
        OK
    })
}

/// Reads and judges every file, in parallel, and gives the results in the order of the candidates.
fn check_all(
    candidates: &[Candidate],
    calls: &Calls<'_>,
    folder: &Utf8Path,
) -> (Vec<CheckedFile>, Vec<String>) {
    let results: Vec<Result<CheckedFile, String>> = candidates
        .par_iter()
        .map(|candidate| discover::outcome(candidate, folder).map(|file| check::check(file, calls)))
        .collect();
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for result in results {
        match result {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error),
        }
    }
    (files, errors)
}

/// What is wrong with naming a file that declares nothing.
fn misnamed(file: &FileOutcome) -> Option<String> {
    match &file.outcome {
        Outcome::NotAManifest(reason) if file.named => Some(format!(
            "{}: not a manifest: {reason}",
            text::escaped(&file.name)
        )),
        _ => None,
    }
}

/// Says what became of a file that a walk found and that was not judged; with `verbose`, of every
/// file.
fn say_outcome(file: &FileOutcome, verbose: bool) {
    let name = text::escaped(&file.name);
    match &file.outcome {
        Outcome::NotReadYet(shape) => cmd::say(&format!(
            "warning: {name}: not checked: {shape} is a shape that is not read yet"
        )),
        Outcome::NotAManifest(reason) if verbose && !file.named => {
            cmd::say(&format!("{name}: not a manifest: {reason}"));
        }
        Outcome::Manifest(manifest) if verbose => cmd::say(&format!(
            "{name}: {}, {}",
            manifest.about,
            text::count(manifest.apps.len(), "app")
        )),
        Outcome::NotAManifest(_) | Outcome::Manifest(_) | Outcome::Invalid { .. } => {}
    }
}

fn coloured(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            std::io::stdout().is_terminal()
                && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
        }
    }
}

/// Fixes a file in memory.
fn fixed(checked: &CheckedFile, calls: &Calls<'_>, allowed: Allowed) -> Option<Fixed> {
    let Outcome::Manifest(manifest) = &checked.file.outcome else {
        return None;
    };
    let result = fix::fix(
        &checked.file.source,
        manifest,
        &checked.findings,
        allowed,
        |manifest| check::check_apps(manifest, calls),
        |before, after| check::keeps_cover(before, after, calls),
    );
    if let Some(fixed) = &result {
        for reason in &fixed.dropped {
            cmd::say(&format!(
                "warning: {}: a fix was dropped: {}",
                text::escaped(&checked.file.name),
                text::escaped(reason)
            ));
        }
    }
    result.filter(|fixed| fixed.applied > 0)
}

/// Fixes the files and puts what is left in the report, with what could not be written.
fn fix_files(report: &mut Report<'_>, allowed: Allowed) {
    let mut applied = 0;
    let mut changed = 0;
    for checked in &mut report.files {
        if checked.file.name == discover::STDIN {
            continue;
        }
        let path = Utf8Path::new(&checked.file.name).to_owned();
        let Some(fixed) = fixed(checked, report.calls, allowed) else {
            continue;
        };
        let bytes = fixed.source.to_bytes();
        if let Err(error) = write::write_atomically(&path, &bytes) {
            let name = text::escaped(&checked.file.name);
            let error = format!("{name}: not changed: {error}");
            cmd::say(&format!("error: {error}"));
            report.errors.push(error);
            continue;
        }
        applied += fixed.applied;
        changed += 1;
        let candidate = check::Candidate {
            name: checked.file.name.clone(),
            uri: checked.file.uri.clone(),
            named: checked.file.named,
        };
        *checked = check::check(check::outcome(&candidate, bytes), report.calls);
    }
    cmd::say(&format!(
        "{} applied in {}",
        text::count(applied, "fix"),
        text::count(changed, "file")
    ));
}

/// Prints a unified diff of what would change.
fn show_diff(report: &Report<'_>, allowed: Allowed) -> Result<(), String> {
    let mut out = String::new();
    let mut applied = 0;
    for checked in &report.files {
        let Some(fixed) = fixed(checked, report.calls, allowed) else {
            continue;
        };
        applied += fixed.applied;
        let name = text::escaped(&checked.file.name);
        let diff = similar::TextDiff::from_lines(checked.file.source.text(), fixed.source.text());
        out.push_str(
            &diff
                .unified_diff()
                .header(&format!("a/{name}"), &format!("b/{name}"))
                .to_string(),
        );
    }
    cmd::print(&out)?;
    cmd::say(&format!(
        "{} would be applied; without --diff, check shows {}",
        text::count(applied, "fix"),
        text::count(report.findings().count(), "finding"),
    ));
    Ok(())
}

/// Says how to get the fixes that were held back.
fn say_held_back(report: &Report<'_>, args: &CheckArgs) {
    if args.unsafe_fixes || !(args.fix || args.diff) {
        return;
    }
    let is_held = |finding: &Finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| fix.applicability == Applicability::Unsafe)
    };
    let held = report.findings().filter(|(_, f)| is_held(f)).count();
    if held > 0 {
        cmd::say(&format!(
            "{} held back, as {} a permission: add --unsafe-fixes to {} too",
            text::count(held, "fix"),
            if held == 1 {
                "it narrows or removes"
            } else {
                "they narrow or remove"
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

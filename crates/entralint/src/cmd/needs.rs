//! `entralint needs`: what calls need, one by one and together.

mod lines;

use camino::Utf8Path;
use entralint_core::{config, needs, text};
use entralint_project::Project;
use entralint_project::root::Root;
use msgraph_permissions::{Call, LookupOptions, Scheme};
use source_text::FileId;

use super::{FINDINGS, OK};
use crate::cli::{ListFormat, NeedsArgs};
use crate::cmd;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration, the catalog or a file of calls.
pub(crate) fn run(args: &NeedsArgs) -> Result<u8, String> {
    let Project {
        root,
        config,
        catalog: loaded,
        ..
    } = cmd::open(&args.catalog, &[])?;
    cmd::say_catalog(&loaded);
    let options = LookupOptions {
        other_users: args.other_users || config.of_run().is_about_other_users(),
    };
    if let Some(path) = &args.from {
        if args.format == Some(ListFormat::Text) {
            return Err(
                "--from answers in JSON Lines: --format text does not go with it".to_owned(),
            );
        }
        return lines::answer(loaded.get(), path, options);
    }
    let calls = given(args, config.of_run(), &root)?;
    let named: Option<Scheme> = match &args.scheme {
        Some(text) => Some(text.parse().map_err(|e| format!("--scheme: {e}"))?),
        None => None,
    };
    let answered = needs::answer(loaded.get(), &calls, named, options);
    cmd::print(&match args.format.unwrap_or(ListFormat::Text) {
        ListFormat::Text => needs::page(loaded.get(), &answered),
        ListFormat::Json => cmd::json(&needs::Document::new(loaded.get(), &answered))?,
    })?;
    // A call that is answered in one type has its answer.
    Ok(if needs::all_answered(&calls, &answered) {
        OK
    } else {
        FINDINGS
    })
}

/// The calls of the arguments, of files and of standard input, else those of the configuration.
fn given(args: &NeedsArgs, config: &config::Config, root: &Root) -> Result<Vec<Call>, String> {
    let mut calls: Vec<Call> = Vec::new();
    for argument in &args.calls {
        if argument == "-" {
            calls.extend(calls_of("-".into(), "stdin".into())?);
        } else {
            calls.push(
                argument
                    .parse()
                    .map_err(|error| format!("{:?}: {error}", text::shown(argument)))?,
            );
        }
    }
    for path in &args.calls_from {
        calls.extend(calls_of(path, &root.relative(path))?);
    }
    if calls.is_empty() {
        calls.extend(config.calls.iter().map(|declared| declared.call.clone()));
    }
    if calls.is_empty() {
        return Err(
            "no call to answer: name one, as in `entralint needs 'GET /me'`, or see --calls-from and --from"
                .to_owned(),
        );
    }
    Ok(calls)
}

fn calls_of(path: &Utf8Path, name: &Utf8Path) -> Result<Vec<Call>, String> {
    let source = entralint_project::read::text(FileId::default(), path, name)?;
    match entralint_core::calls::of_lines(&source) {
        Ok(declared) => Ok(declared.into_iter().map(|declared| declared.call).collect()),
        Err(findings) => Err(cmd::Failure::Findings(findings).into()),
    }
}

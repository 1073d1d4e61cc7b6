//! `entralint calls`: the calls that code makes.

use entralint_core::evidence::Document;
use entralint_core::text;
use msgraph_calls::{Evidence, Helpers};
use rayon::prelude::*;
use source_text::Source;

use super::{EMPTY, ERROR, OK};
use crate::cli::{CallsFormat, ListCallsArgs};
use crate::cmd;
use entralint_project::Project;
use entralint_project::discover::{self, Candidate};
use entralint_project::engine;
use entralint_project::evidence::{self, Scanner};
use entralint_project::read;
use entralint_project::units::Units;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &ListCallsArgs, verbose: bool) -> Result<u8, String> {
    let Project {
        root,
        config,
        catalog,
    } = cmd::open(&args.catalog, &args.paths)?;
    let scanner = Scanner::new(
        catalog.get(),
        args.include_tests || config.config.include_tests,
    );
    let units = Units::new(&root, args.walk.limit());
    let found = discover::discover(&args.paths, &root, &config.config, &evidence::is_code);
    let mut errors = found.errors;
    let mut sources: Vec<Source> = Vec::new();
    /// As many files are read before what is not worth it is dropped.
    const PART: usize = 512;
    for part in found.candidates.chunks(PART) {
        let read: Vec<Result<Option<Source>, String>> = part
            .par_iter()
            .map(|candidate| source(&units, &scanner, candidate))
            .collect();
        for result in read {
            match result {
                Ok(source) => sources.extend(source),
                Err(error) => errors.push(error),
            }
        }
    }
    let mut helpers = Helpers::default();
    let collected: Vec<Helpers> = sources
        .par_iter()
        .map(|source| engine::guarded(|| scanner.helpers(source)).unwrap_or_default())
        .collect();
    for found in collected {
        helpers.merge(found);
    }
    let scanned: Vec<Result<Evidence, String>> = sources
        .par_iter()
        .map(|source| engine::guarded(|| scanner.scan(source, &helpers)))
        .collect();
    let mut document = Document::default();
    for (source, result) in sources.iter().zip(scanned) {
        let shown = root.shown(source.name());
        match result {
            Ok(evidence) => {
                if verbose {
                    cmd::say(&format!(
                        "{shown}: {}, {} not resolved",
                        text::count(evidence.calls.len(), "call"),
                        text::count(evidence.unresolved.len(), "place")
                    ));
                }
                document.add(source, &shown, &evidence);
            }
            Err(why) => errors.push(format!("{shown}: {why}")),
        }
    }
    document.finish();
    for error in &errors {
        cmd::say(&format!("error: {error}"));
    }
    cmd::print(&match args.format {
        CallsFormat::Text => document.lines(args.explain),
        CallsFormat::Json => cmd::json(&document)?,
        CallsFormat::Jsonl => document.questions(),
    })?;
    Ok(if !errors.is_empty() {
        ERROR
    } else if document.calls.is_empty() && document.unresolved.is_empty() && !args.allow_empty {
        cmd::say(
            "error: no call of Microsoft Graph was found (--allow-empty makes this a success)",
        );
        EMPTY
    } else {
        OK
    })
}

/// A file, if it can hold a call.
fn source(
    units: &Units<'_>,
    scanner: &Scanner<'_>,
    candidate: &Candidate,
) -> Result<Option<Source>, String> {
    let bytes = if candidate.is_stdin() {
        read::stdin(units.limit)
    } else {
        read::bytes(&units.root.open(&candidate.path), units.limit)
    }
    .map_err(|error| format!("{}: {error}", units.root.shown(&candidate.path)))?;
    let name = if candidate.is_stdin() {
        "stdin".into()
    } else {
        candidate.path.clone()
    };
    Ok(Source::decode(units.id(&name), name, bytes)
        .ok()
        .filter(|source| scanner.is_worth(source)))
}

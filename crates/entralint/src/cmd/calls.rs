//! `entralint calls`: the calls that code makes.

use entralint_project::ScanOptions;

use super::{EMPTY, ERROR, OK};
use crate::cli::{CallsFormat, ListCallsArgs};
use crate::cmd;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &ListCallsArgs, verbose: bool) -> Result<u8, String> {
    let scanned = cmd::open(&args.catalog, &args.paths)?.scan(&ScanOptions {
        paths: args.paths.clone(),
        limit: args.walk.limit(),
        include_tests: args.include_tests,
    });
    if verbose {
        for line in &scanned.said {
            cmd::say(&line.to_string());
        }
    }
    for error in &scanned.errors {
        cmd::say(&format!("error: {error}"));
    }
    let document = &scanned.document;
    cmd::print(&match args.format {
        CallsFormat::Text => document.lines(args.explain),
        CallsFormat::Json => cmd::json(document)?,
        CallsFormat::Jsonl => document.questions(),
    })?;
    Ok(if !scanned.errors.is_empty() {
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

//! `entralint list`: what is declared, as it is written.

use entralint_core::list::lines;
use entralint_core::text;

use super::{EMPTY, ERROR, OK};
use crate::cli::{ListArgs, ListFormat};
use crate::cmd;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &ListArgs, verbose: bool) -> Result<u8, String> {
    let listed = cmd::open(&args.catalog, &args.paths)?.list(&args.paths, args.walk.limit())?;
    for error in &listed.errors {
        cmd::say(&format!("error: {error}"));
    }
    if verbose {
        for line in &listed.said {
            cmd::say(&line.to_string());
        }
    }
    let document = &listed.document;
    for left_out in &document.not_listed {
        cmd::say(&format!(
            "warning: {}: not listed: {}",
            text::escaped(&left_out.file),
            text::shown(&left_out.reason)
        ));
    }
    cmd::print(&match args.format {
        ListFormat::Text => lines(document),
        ListFormat::Json => cmd::json(document)?,
    })?;
    Ok(if listed.invalid || !listed.errors.is_empty() {
        ERROR
    } else if listed.manifests == 0 && !args.allow_empty {
        cmd::say("error: nothing to list: no manifest found (--allow-empty makes this a success)");
        EMPTY
    } else {
        OK
    })
}

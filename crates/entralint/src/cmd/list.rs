//! `entralint list`: what is declared, as it stands.

use entralint_core::check::Outcome;
use entralint_core::list::{Document, NotListed, entries, lines};
use entralint_core::text;

use super::{EMPTY, ERROR, OK};
use crate::cli::{ListArgs, ListFormat};
use crate::cmd::Setup;
use crate::{cmd, discover};

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration or the catalogue.
pub(crate) fn run(args: &ListArgs, verbose: bool) -> Result<u8, String> {
    let Setup {
        folder,
        catalog: loaded,
        ..
    } = Setup::load(&args.catalog)?;
    loaded.require_ids()?;
    let found = discover::discover(&args.paths);
    let mut failed = !found.errors.is_empty();
    for error in &found.errors {
        cmd::say(&format!("error: {error}"));
    }
    let mut document = Document::new(loaded.get().info());
    let mut manifests = 0_usize;
    for candidate in &found.candidates {
        let file = match discover::outcome(candidate, &folder) {
            Ok(file) => file,
            Err(error) => {
                cmd::say(&format!("error: {error}"));
                failed = true;
                continue;
            }
        };
        let name = file.name.clone();
        match &file.outcome {
            Outcome::Manifest(manifest) => {
                manifests += 1;
                document
                    .permissions
                    .extend(entries(&name, &file.source, manifest, loaded.get()));
            }
            Outcome::NotReadYet(shape) => document.not_listed.push(NotListed {
                file: name,
                reason: format!("{shape} is a shape that is not read yet"),
            }),
            Outcome::Invalid { message, span } => {
                let (line, column) = file.source.line_column(span.start);
                document.not_listed.push(NotListed {
                    file: name,
                    reason: format!("line {line}, column {column}: {message}"),
                });
                failed = true;
            }
            Outcome::NotAManifest(reason) if file.named => {
                cmd::say(&format!("error: {name}: not a manifest: {reason}"));
                failed = true;
            }
            Outcome::NotAManifest(reason) => {
                if verbose {
                    cmd::say(&format!("{name}: not a manifest: {reason}"));
                }
            }
        }
    }

    for left_out in &document.not_listed {
        cmd::say(&format!(
            "warning: {}: not listed: {}",
            text::escaped(&left_out.file),
            text::shown(&left_out.reason)
        ));
    }
    cmd::print(&match args.format {
        ListFormat::Text => lines(&document),
        ListFormat::Json => cmd::json(&document)?,
    })?;
    Ok(if failed {
        ERROR
    } else if manifests == 0 && !args.allow_empty {
        cmd::say("error: nothing to list: no manifest found (--allow-empty makes this a success)");
        EMPTY
    } else {
        OK
    })
}

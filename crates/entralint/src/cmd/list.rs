//! `entralint list`: what is declared, as it is written.

use entralint_core::list::{Document, NotListed, lines};
use entralint_core::report::FileOutcome;
use entralint_core::text;
use rayon::prelude::*;

use super::{EMPTY, ERROR, OK};
use crate::cli::{ListArgs, ListFormat};
use crate::cmd;
use entralint_project::Project;
use entralint_project::discover;
use entralint_project::engine;
use entralint_project::units::{Units, Work, group};

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &ListArgs, verbose: bool) -> Result<u8, String> {
    let Project {
        root,
        config,
        catalog: loaded,
    } = cmd::open(&args.catalog, &args.paths)?;
    loaded.require_ids()?;
    let catalog = loaded.get();
    let units = Units::new(&root, args.walk.limit());
    let found = discover::discover(
        &args.paths,
        &root,
        &config.config,
        &entra_manifest::is_candidate,
    );
    let mut failed = !found.errors.is_empty();
    for error in &found.errors {
        cmd::say(&format!("error: {error}"));
    }
    let works = group(found.candidates, &|folder| units.list(folder, false));
    let mut document = Document::new(catalog.info());
    let mut manifests = 0_usize;
    let mut modules = Vec::new();
    // Parts, so that the texts of a large repository are not all held at once.
    const PART: usize = 512;
    let (folders, files): (Vec<&Work>, Vec<&Work>) = works
        .iter()
        .partition(|work| matches!(work, Work::Folder(_)));
    let mut read_folders: Vec<_> = folders
        .par_iter()
        .map(|work| (*work, engine::read(&units, work)))
        .collect();
    for (work, unit) in &read_folders {
        let own = work.folder();
        modules.extend(unit.modules.iter().filter(|m| *m != own).cloned());
    }
    read_folders.retain(|(work, _)| !modules.iter().any(|module| module == work.folder()));
    let mut add = |unit: entralint_project::units::ReadUnit| {
        if let Some(manifest) = &unit.manifest {
            manifests += 1;
            document.add(unit.texts.unit(), manifest, catalog, &|at| {
                if at.path == "stdin" {
                    discover::STDIN.to_owned()
                } else {
                    root.shown(&at.path)
                }
            });
        }
        for file in &unit.files {
            let reason = match &file.outcome {
                FileOutcome::Unsupported(what) => format!("{what} is not supported yet"),
                FileOutcome::Invalid => {
                    failed = true;
                    let finding = unit
                        .findings
                        .iter()
                        .find(|f| f.place.as_ref().is_some_and(|mark| mark.at.file == file.id));
                    match finding.and_then(|f| Some((f, f.place.as_ref()?))) {
                        Some((finding, mark)) => format!(
                            "line {}, column {}: {}",
                            mark.at.start.line, mark.at.start.column, finding.message
                        ),
                        None => "it could not be parsed".to_owned(),
                    }
                }
                _ => continue,
            };
            document.not_listed.push(NotListed {
                file: file.shown.clone(),
                reason,
            });
        }
        for error in &unit.errors {
            cmd::say(&format!("error: {error}"));
            failed = true;
        }
        if verbose {
            for line in &unit.said {
                cmd::say(line);
            }
        }
    };
    for (_, unit) in read_folders {
        add(unit);
    }
    for part in files.chunks(PART) {
        let read: Vec<_> = part
            .par_iter()
            .map(|work| engine::read(&units, work))
            .collect();
        for unit in read {
            add(unit);
        }
    }
    for path in &found.ignored {
        document.not_listed.push(NotListed {
            file: root.shown(path),
            reason: "an ignore file excludes it, although git tracks it".to_owned(),
        });
    }
    for path in &found.links {
        document.not_listed.push(NotListed {
            file: root.shown(path),
            reason: "it is a link that leads out of the repository or nowhere".to_owned(),
        });
    }
    document.finish();
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

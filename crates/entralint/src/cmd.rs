//! The subcommands, one file each, and what they share.

pub(crate) mod baseline;
pub(crate) mod calls;
pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod denied;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod needs;
pub(crate) mod rules;
pub(crate) mod shell;

use std::io::Write as _;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::text;
use entralint_project::catalog::Loaded;
use entralint_project::{Failure, Project, root};
use serde::Serialize;

use crate::cli::CatalogArgs;

/// Nothing at or over the threshold.
pub(crate) const OK: u8 = 0;
/// Findings.
pub(crate) const FINDINGS: u8 = 1;
/// Usage, configuration, or something that could not be read or written.
pub(crate) const ERROR: u8 = 2;
/// Nothing to check.
pub(crate) const EMPTY: u8 = 3;

/// Opens the project of the working folder for these paths.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn open(args: &CatalogArgs, paths: &[Utf8PathBuf]) -> Result<Project, Failure> {
    Project::open(&root::working_folder()?, &args.options(), paths)
}

/// Says what the catalog's reader of a run should know.
pub(crate) fn say_catalog(catalog: &Loaded) {
    for remark in catalog.remarks() {
        say(&format!("note: {remark}"));
    }
}

/// That a path is not there, with the name that was probably meant.
pub(crate) fn no_such_path(root: &root::Root, path: &Utf8Path) -> String {
    let near = entralint_project::root::similar_path(&root.working, path);
    let near = near.map_or(String::new(), |near| {
        format!(": did you mean {}?", text::escaped(near.as_str()))
    });
    format!(
        "{}: no such file or folder{near}",
        text::escaped(path.as_str())
    )
}

/// A document as programs get it.
///
/// # Errors
///
/// None are known: every field of the documents can be written as JSON.
pub(crate) fn json(document: &impl Serialize) -> Result<String, String> {
    entralint_core::json(document).map_err(|error| error.to_string())
}

/// Writes a result to standard output. A reader that has gone away (`| head`) is no error.
///
/// # Errors
///
/// Why it could not be written.
pub(crate) fn print(text: &str) -> Result<(), String> {
    print_bytes(text.as_bytes())
}

/// As [`print`].
///
/// # Errors
///
/// Why it could not be written.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes a line about the run to standard error. Nothing that a file holds steers the terminal with it. Where standard
/// error cannot be written there is no reader.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text::escaped_lines(line));
}

/// Writes an error to standard error and gives the exit code for it.
pub(crate) fn fail(error: &str) -> ExitCode {
    say(&format!("error: {error}"));
    ExitCode::from(ERROR)
}

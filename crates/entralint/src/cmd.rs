//! The subcommands, one file each, and what they share.

pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod needs;

use std::io::Write as _;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use entra_manifest::Source;
use serde::Serialize;

use crate::catalog::Loaded;
use crate::cli::CatalogArgs;
use crate::config;
use crate::discover::{self, Input};
use entralint_core::config::Config;

/// Nothing at or over the threshold.
pub(crate) const OK: u8 = 0;
/// Findings.
pub(crate) const FINDINGS: u8 = 1;
/// Usage, configuration, or something that could not be read or written.
pub(crate) const ERROR: u8 = 2;
/// Nothing to check.
pub(crate) const EMPTY: u8 = 3;

/// The working folder.
///
/// # Errors
///
/// That it is gone, or that its path is not UTF-8.
pub(crate) fn working_folder() -> Result<Utf8PathBuf, String> {
    let folder = std::env::current_dir()
        .map_err(|error| format!("cannot tell the working folder: {error}"))?;
    Utf8PathBuf::from_path_buf(folder)
        .map_err(|path| format!("the working folder's path is not UTF-8: {}", path.display()))
}

/// What most commands begin with: where they are, what is configured, and the data they judge by.
pub(crate) struct Setup {
    pub(crate) folder: Utf8PathBuf,
    pub(crate) config: Config,
    pub(crate) catalog: Loaded,
}

impl Setup {
    /// # Errors
    ///
    /// What is wrong with the configuration or the catalogue.
    pub(crate) fn load(args: &CatalogArgs) -> Result<Self, String> {
        let folder = working_folder()?;
        let config = config::load(args.config.as_deref(), &folder)?;
        let catalog = crate::catalog::load(args, &config, &folder)?;
        Ok(Self {
            folder,
            config,
            catalog,
        })
    }
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

/// Says something beside the results. Where standard error cannot be written there is nobody to
/// tell.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Says an error and gives the exit code for it.
pub(crate) fn fail(error: &str) -> ExitCode {
    say(&format!("error: {error}"));
    ExitCode::from(ERROR)
}

/// Reads a text that the user named, in any encoding that manifests are read in; `-` is standard
/// input.
///
/// # Errors
///
/// Which file, and why.
pub(crate) fn read_text(path: &Utf8Path) -> Result<String, String> {
    let input = if path == "-" {
        Input::Stdin
    } else {
        Input::File(path.to_owned())
    };
    let bytes = discover::read(&input).map_err(|error| format!("cannot read {path}: {error}"))?;
    let source = Source::decode(entra_manifest::FileId::default(), path, bytes)
        .map_err(|error| format!("cannot read {path}: {error}"))?;
    Ok(source.text().to_owned())
}

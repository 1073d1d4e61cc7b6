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

use camino::Utf8PathBuf;
use entralint_core::finding::Finding;
use entralint_core::text;
use serde::Serialize;

use crate::catalog::Loaded;
use crate::cli::CatalogArgs;
use crate::config as configuration;
use crate::root::Root;

/// Nothing at or over the threshold.
pub(crate) const OK: u8 = 0;
/// Findings.
pub(crate) const FINDINGS: u8 = 1;
/// Usage, configuration, or something that could not be read or written.
pub(crate) const ERROR: u8 = 2;
/// Nothing to check.
pub(crate) const EMPTY: u8 = 3;

/// What most commands begin with: where they are, what is configured, and the data they judge by.
pub(crate) struct Setup {
    pub(crate) root: Root,
    pub(crate) config: configuration::Loaded,
    pub(crate) catalog: Loaded,
}

/// Why a command cannot begin.
pub(crate) enum Failure {
    /// A sentence.
    Text(String),
    /// Mistakes in files, each with its place.
    Findings(Vec<Finding>),
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<configuration::Failed> for Failure {
    fn from(failed: configuration::Failed) -> Self {
        match failed {
            configuration::Failed::Unreadable(text) => Self::Text(text),
            configuration::Failed::Wrong(findings) => Self::Findings(findings),
        }
    }
}

impl From<crate::calls::Wrong> for Failure {
    fn from(wrong: crate::calls::Wrong) -> Self {
        match wrong {
            crate::calls::Wrong::Usage(text) => Self::Text(text),
            crate::calls::Wrong::Findings(findings) => Self::Findings(findings),
        }
    }
}

impl From<Failure> for String {
    /// One line for each mistake, for commands that have no report.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Text(text) => text,
            Failure::Findings(findings) => findings
                .iter()
                .map(|finding| match &finding.place {
                    Some(mark) => format!(
                        "{}:{}:{}: {}",
                        text::escaped(mark.at.path.as_str()),
                        mark.at.start.line,
                        mark.at.start.column,
                        finding.message
                    ),
                    None => finding.message.clone(),
                })
                .collect::<Vec<_>>()
                .join("\nerror: "),
        }
    }
}

impl Setup {
    /// Loads what is configured for a run over these paths.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration or the catalog.
    pub(crate) fn load(args: &CatalogArgs, paths: &[Utf8PathBuf]) -> Result<Self, Failure> {
        let root = Root::of(paths)?;
        let config = configuration::load(args.config.as_deref(), args.isolated, &root)?;
        let catalog = crate::catalog::load(args, &config.config, &root)?;
        Ok(Self {
            root,
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

/// Writes a line about the run to standard error. Nothing that a file holds steers the terminal with it. Where standard
/// error cannot be written there is nobody to read it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text::escaped_lines(line));
}

/// Writes an error to standard error and gives the exit code for it.
pub(crate) fn fail(error: &str) -> ExitCode {
    say(&format!("error: {error}"));
    ExitCode::from(ERROR)
}

//! The files for the ticket.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::files::Files;
use crate::report;

/// The files for the ticket.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct EvidenceOptions {
    /// Write a CSV file with one row a user when the run ends
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<PathBuf>,
    /// Write one page for the ticket when the run ends: who, when, by whom, who not and why
    #[arg(long, value_name = "FILE.html|FILE.md")]
    pub(crate) report: Option<PathBuf>,
}

impl EvidenceOptions {
    /// Finds out before a run whether its files will have a place.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if let Some(path) = &self.report {
            report::page_form(path)?;
        }
        for path in self.results.iter().chain(&self.report) {
            report::check_place(path).map_err(|source| Failure::Results {
                path: path.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// Adds the files to those of the command line.
    pub(super) fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.write("--results", self.results.as_deref());
        files.write("--report", self.report.as_deref());
    }

    /// Whether any file is asked for.
    pub(crate) fn is_wanted(&self) -> bool {
        self.results.is_some() || self.report.is_some()
    }

    /// The same options as words of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        [("--results", &self.results), ("--report", &self.report)]
            .into_iter()
            .filter_map(|(name, path)| {
                Some([name.to_owned(), path.as_ref()?.display().to_string()])
            })
            .flatten()
            .collect()
    }
}

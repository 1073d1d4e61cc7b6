//! What most commands begin with: where they are, what is configured, and the data they judge by.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::finding::Finding;
use entralint_core::text;

use crate::catalog::{self, CatalogOptions};
use crate::discover::{self, Listing};
use crate::files::Files;
use crate::root::Root;
use crate::{calls, config};

/// A repository or folder, with its configuration and the catalog.
pub struct Project {
    /// Its files.
    pub files: Files,
    /// Where it is.
    pub root: Root,
    /// What is configured.
    pub config: config::Loaded,
    /// The permissions data.
    pub catalog: catalog::Loaded,
    /// The files below the paths that it was opened for, where they were walked to find configurations.
    pub listing: Option<Listing>,
}

/// Why a run cannot begin.
#[derive(Debug)]
pub enum Failure {
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

impl From<config::Failed> for Failure {
    fn from(failed: config::Failed) -> Self {
        match failed {
            config::Failed::Unreadable(text) => Self::Text(text),
            config::Failed::Wrong(findings) => Self::Findings(findings),
        }
    }
}

impl From<catalog::Failed> for Failure {
    fn from(failed: catalog::Failed) -> Self {
        match failed {
            catalog::Failed::Text(text) => Self::Text(text),
            catalog::Failed::Wrong(finding) => Self::Findings(vec![*finding]),
        }
    }
}

impl From<calls::Wrong> for Failure {
    fn from(wrong: calls::Wrong) -> Self {
        match wrong {
            calls::Wrong::Usage(text) => Self::Text(text),
            calls::Wrong::Findings(findings) => Self::Findings(findings),
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
                .map(line)
                .collect::<Vec<_>>()
                .join("\nerror: "),
        }
    }
}

/// A finding as one line.
pub(crate) fn line(finding: &Finding) -> String {
    match &finding.place {
        Some(mark) => format!(
            "{}:{}:{}: {}",
            text::escaped(mark.at.path.as_str()),
            mark.at.start.line,
            mark.at.start.column,
            finding.message
        ),
        None => finding.message.clone(),
    }
}

impl Project {
    /// Finds the root, the configuration and the catalog for a run over these paths, which are relative to the working
    /// folder.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration or the catalog.
    pub fn open(
        working: &Utf8Path,
        options: &CatalogOptions,
        paths: &[Utf8PathBuf],
    ) -> Result<Self, Failure> {
        Self::open_with(Files::disk(), working, options, paths)
    }

    /// As [`open`](Self::open), with these files: an editor's unsaved buffers win over the disk.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(
        files: Files,
        working: &Utf8Path,
        options: &CatalogOptions,
        paths: &[Utf8PathBuf],
    ) -> Result<Self, Failure> {
        Self::open_at(files, Root::of(working, paths), options, paths)
    }

    /// As [`open_with`](Self::open_with), with folders that the caller has found.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_at(
        files: Files,
        root: Root,
        options: &CatalogOptions,
        paths: &[Utf8PathBuf],
    ) -> Result<Self, Failure> {
        let is_searched = !options.isolated && options.config.is_none() && !paths.is_empty();
        let listing = is_searched.then(|| discover::list_with(paths, &root, &files));
        let config = config::load(
            &files,
            options.config.as_deref(),
            options.isolated,
            &root,
            listing.as_ref(),
        )?;
        let catalog = catalog::load(&files, options, &config, &root)?;
        // What several configurations inherit is wrong once.
        let mut seen = BTreeSet::new();
        let unknown: Vec<Finding> = config
            .config
            .all()
            .flat_map(|config| config.policy.unknown_permissions(catalog.get()))
            .filter(|finding| {
                let at = finding.place.as_ref().map(|mark| mark.at.span);
                seen.insert(at.map(|span| (span.file, span.start)))
            })
            .collect();
        if !unknown.is_empty() {
            return Err(Failure::Findings(unknown));
        }
        Ok(Self {
            files,
            root,
            config,
            catalog,
            listing,
        })
    }
}

//! The calls that the code of a project makes.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::evidence::Document;
use entralint_core::text;
use msgraph_calls::{Evidence, Helpers};
use rayon::prelude::*;
use source_text::Source;

use crate::discover::{self, Candidate};
use crate::engine;
use crate::evidence::{self, Scanner};
use crate::project::Project;
use crate::read;
use crate::said::Said;
use crate::units::Units;

/// Which code is searched.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// Files and folders, relative to the working folder; `-` is standard input.
    pub paths: Vec<Utf8PathBuf>,
    /// The largest file that is read, in bytes.
    pub limit: u64,
    /// Search tests too; the configuration can say so as well.
    pub include_tests: bool,
}

/// Calls of a project.
pub struct Scanned {
    /// The calls, and the places that could not be resolved.
    pub document: Document,
    /// What could not be walked, read or searched, for people.
    pub errors: Vec<String>,
    /// What each file came to, for who asks.
    pub said: Vec<Said>,
}

impl Project {
    /// Searches the code below these paths for calls.
    pub fn scan(&self, options: &ScanOptions) -> Scanned {
        let scanner =
            Scanner::new(self.catalog.get(), options.include_tests).configured(&self.config.config);
        let units = Units::new(&self.root, options.limit).over(self.files.clone());
        let found = discover::discover(
            &options.paths,
            &self.root,
            &self.config.config,
            &evidence::is_code,
        );
        let mut errors = found.errors;
        let mut sources: Vec<Source> = Vec::new();
        // As many files are read before what is not worth it is dropped.
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
        let results: Vec<Result<Evidence, String>> = sources
            .par_iter()
            .map(|source| engine::guarded(|| scanner.scan(source, &helpers)))
            .collect();
        let mut document = Document::default();
        let mut said = Vec::new();
        for (source, result) in sources.iter().zip(results) {
            let shown = self.root.shown(source.name());
            match result {
                Ok(evidence) => {
                    said.push(Said::new(
                        &shown,
                        format!(
                            "{}, {} not resolved",
                            text::count(evidence.calls.len(), "call"),
                            text::count(evidence.unresolved.len(), "place")
                        ),
                    ));
                    document.add(source, &shown, &evidence);
                }
                Err(why) => errors.push(format!("{shown}: {why}")),
            }
        }
        document.finish();
        Scanned {
            document,
            errors,
            said,
        }
    }
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
        units
            .files
            .bytes(&units.root.open(&candidate.path), units.limit)
    }
    .map_err(|error| {
        let error = units.with_similar_path(candidate, error);
        format!("{}: {error}", units.root.shown(&candidate.path))
    })?;
    let name = if candidate.is_stdin() {
        Utf8Path::new("stdin").into()
    } else {
        Arc::clone(&candidate.path)
    };
    Ok(Source::decode_named(units.id(&name), name, bytes)
        .ok()
        .filter(|source| scanner.is_worth(source)))
}

//! What a run came to, and one renderer for each format.

pub mod azure;
pub mod concise;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod markdown;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod view;

use crate::calls::Calls;
use crate::check::{CheckedFile, Outcome};
use crate::finding::{Finding, Severity};

/// All that a renderer needs. Nothing here depends on the format.
pub struct Report<'a> {
    pub calls: &'a Calls<'a>,
    /// Files in which something declares permissions, or which could not be made out.
    pub files: Vec<CheckedFile>,
    /// Findings about the calls themselves, which stand in no file.
    pub run: Vec<Finding>,
    /// Files that could not be read or written, and named files that declare nothing.
    pub errors: Vec<String>,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Manifests that were read and judged.
    pub manifests: usize,
    /// Applications in them.
    pub apps: usize,
    /// Declarations in a shape that is not read yet.
    pub not_read: usize,
    /// Files that are not well-formed.
    pub invalid: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Report<'_> {
    /// Findings of the run, then of each file, in the order in which they are shown.
    pub fn findings(&self) -> impl Iterator<Item = (Option<&CheckedFile>, &Finding)> {
        let run = self.run.iter().map(|finding| (None, finding));
        let files = self.files.iter().flat_map(|file| {
            file.findings
                .iter()
                .map(move |finding| (Some(file), finding))
        });
        run.chain(files)
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for checked in &self.files {
            match &checked.file.outcome {
                Outcome::Manifest(manifest) => {
                    counts.manifests += 1;
                    counts.apps += manifest.apps.len();
                }
                Outcome::NotReadYet(_) => counts.not_read += 1,
                Outcome::Invalid { .. } => counts.invalid += 1,
                Outcome::NotAManifest(_) => {}
            }
        }
        for (_, finding) in self.findings() {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }

    /// At least one finding is of this severity or a higher one.
    pub fn fails(&self, on: Severity) -> bool {
        self.findings().any(|(_, finding)| finding.severity >= on)
    }
}

//! The baseline of a run: findings that were accepted.

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::baseline::{Baseline, NAME};
use entralint_core::config::Config;
use entralint_core::report::Report;
use entralint_core::text;
use jiff::civil::Date;
use source_text::FileId;

use crate::files::Files;
use crate::root::Root;

/// A baseline and its file.
pub struct Loaded {
    /// The file.
    pub path: Utf8PathBuf,
    /// As people name the file.
    pub shown: String,
    /// What it accepts; `None` where it is not there yet.
    pub baseline: Option<Baseline>,
}

/// The baseline that counts for a run: the one that is named, or else the one at the repository's root if it is there.
///
/// # Errors
///
/// That a named one is not there, or that it cannot be read.
pub fn load(
    files: &Files,
    named: Option<&Utf8Path>,
    config: &Config,
    root: &Root,
    may_be_missing: bool,
) -> Result<Option<Loaded>, String> {
    let (path, named) = match (named, &config.baseline) {
        (Some(path), _) => (root.working.join(path), true),
        (None, Some(path)) => (root.open(&path.value), true),
        (None, None) => (root.open(NAME.into()), false),
    };
    let name = root.relative(&path);
    let shown = root.shown(&name);
    files.note(&path);
    if !files.is_file(&path) && !path.exists() {
        return if named && !may_be_missing {
            Err(format!(
                "{}: there is no such baseline: write it with `entralint baseline write`",
                text::escaped(&shown)
            ))
        } else {
            Ok(may_be_missing.then_some(Loaded {
                path,
                shown,
                baseline: None,
            }))
        };
    }
    let source = files.text(FileId::default(), &path, &name)?;
    let baseline = Baseline::parse(&source).map_err(|error| {
        let (line, column) = source.line_column(error.span.start);
        format!("{}:{line}:{column}: {error}", text::escaped(&shown))
    })?;
    Ok(Some(Loaded {
        path,
        shown,
        baseline: Some(baseline),
    }))
}

/// What a report says of the baseline, in one line.
pub fn remark(loaded: &Loaded, report: &Report, today: Date) -> Option<String> {
    let comparison = report.baseline.as_ref()?;
    let [errors, warnings, notes] = comparison.known;
    let parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| text::count(n, word))
        .collect();
    let known = if parts.is_empty() {
        "no finding".to_owned()
    } else {
        text::and(&parts)
    };
    let age = comparison
        .oldest
        .and_then(|oldest| today.since(oldest).ok())
        .map(|span| {
            format!(
                ", the oldest {} old",
                text::count(usize::try_from(span.get_days()).unwrap_or(0), "day")
            )
        })
        .unwrap_or_default();
    let stale = match comparison.stale.len() {
        0 => String::new(),
        n => format!(
            "; {} stale: `entralint baseline prune` removes them",
            text::count(n, "entry")
        ),
    };
    Some(format!(
        "baseline: {known} accepted in {}{age}{stale}",
        loaded.shown
    ))
}

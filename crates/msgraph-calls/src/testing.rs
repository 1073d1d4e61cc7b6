//! For this crate's tests: evidence as text, one line an entry.

use std::fmt::Write as _;

use source_text::{Encoding, FileId, Source};

use crate::{Api, Evidence, Version};

/// A file of this name and text.
pub(crate) fn source(name: &str, text: &str) -> Source {
    Source::new(FileId::new(0), name, text.to_owned(), Encoding::Utf8)
}

/// A small API in the catalog's notation.
pub(crate) fn api() -> Api {
    let lines = include_str!("testing/operations.txt").lines();
    Api::new(lines.filter_map(|line| {
        let (method, template) = line.split_once(' ')?;
        Some((method.parse().ok()?, template))
    }))
}

/// The evidence, one line an entry, with line and column.
pub(crate) fn show(source: &Source, evidence: &Evidence) -> String {
    let mut out = String::new();
    for call in &evidence.calls {
        let (line, column) = source.line_column(call.span.start);
        let scheme = call
            .scheme
            .map(|scheme| format!("{scheme:?} ").to_lowercase())
            .unwrap_or_default();
        let version = call.version.map(Version::as_str).unwrap_or_default();
        let _ = write!(
            out,
            "{line}:{column} {scheme}{} {} [{}] {version} {} {}",
            call.method,
            call.path,
            call.template.as_deref().unwrap_or("no template"),
            call.kind.as_str(),
            call.certainty,
        );
        if let Some(outcome) = call.outcome {
            let _ = write!(out, " {outcome:?}");
        }
        for step in &call.steps {
            let _ = write!(out, " | {}", step.text);
        }
        out.push('\n');
    }
    for place in &evidence.unresolved {
        let (line, column) = source.line_column(place.span.start);
        let root = place.root.as_deref().unwrap_or("-");
        let _ = writeln!(
            out,
            "{line}:{column} unresolved {} {root}: {}",
            place.missing.as_str(),
            place.text
        );
    }
    for (reason, count) in evidence.skipped.iter() {
        let _ = writeln!(out, "skipped {} {count}", reason.as_str());
    }
    out
}

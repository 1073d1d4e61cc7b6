//! `--files`: each file once, and why it was or was not checked.

use std::collections::BTreeMap;

use entralint_core::report::{FileOutcome, FileReport};
use entralint_core::text;
use entralint_project::Run;

/// One line for each file below the paths of the run.
pub(crate) fn files(run: &Run<'_>) -> String {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &run.report.files {
        let what = outcome(file);
        let said = lines.entry(file.shown.to_string()).or_default();
        if !said.contains(&what) {
            said.push(what);
        }
    }
    for said in &run.said {
        lines
            .entry(said.file.clone())
            .or_insert_with(|| vec![said.why.clone()]);
    }
    for name in run.names() {
        lines.entry(run.shown(name)).or_insert_with(|| {
            vec!["not read: neither declarations nor calls are read from such a file".to_owned()]
        });
    }
    lines
        .iter()
        .map(|(file, said)| {
            format!(
                "{}\n",
                text::escaped(&format!("{file}: {}", said.join("; ")))
            )
        })
        .collect()
}

fn outcome(file: &FileReport) -> String {
    let format = file
        .format
        .map(|(_, name)| format!(", {name}"))
        .unwrap_or_default();
    let word = file.outcome.as_str();
    match &file.outcome {
        FileOutcome::Manifest => format!("{word}{format}: {}", text::count(file.apps, "app")),
        FileOutcome::Unsupported(what) => format!("{word}: {what} is not supported yet"),
        FileOutcome::Invalid => format!("{word}: it could not be parsed"),
        FileOutcome::Ignored => {
            format!("{word}: git tracks it, and an ignore file or `exclude` names it")
        }
        FileOutcome::NotRead(why) => format!("{word}: {why}"),
        FileOutcome::Code => format!("{word}: searched for calls"),
    }
}

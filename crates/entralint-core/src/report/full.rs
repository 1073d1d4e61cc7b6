//! Output format `full`, for people: each finding with its lines of the file.

use std::collections::HashMap;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use source_text::FileId;

use super::resolve::catalog_line;
use super::{Counts, FileOutcome, Report};
use crate::finding::{Applicability, Confidence, Finding, Location, Mark, Severity};
use crate::{rules, text};

/// Writes the findings, what they come to, and which catalog they rest on.
pub fn render(report: &Report, renderer: &Renderer) -> String {
    let names: HashMap<FileId, &str> = report
        .files
        .iter()
        .map(|file| (file.id, file.shown.as_str()))
        .collect();
    let mut out = String::new();
    // What must change comes first: a few errors would drown in the notes of the files before them.
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let open = |finding: &&Finding| finding.is_open() && finding.severity == severity;
        for finding in report.findings.iter().filter(open) {
            out.push_str(&one(finding, &names, renderer));
            out.push_str("\n\n");
        }
    }
    for (rule, more) in &report.more {
        out.push_str(&format!(
            "{} more of {} {} not shown: one file has too many to list\n\n",
            more,
            rule.id,
            if *more == 1 { "is" } else { "are" },
        ));
    }
    out.push_str(&summary(report));
    out
}

/// One finding, with the names under which files are shown.
fn one(finding: &Finding, names: &HashMap<FileId, &str>, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(text::escaped(&finding.message))
        .id(finding.rule.id)
        .id_url(rules::url(finding.rule));
    let mut group: Group<'_> = Group::with_title(title);
    // What is marked in the line of the finding itself is shown in the same lines.
    let is_in_line = |mark: &&Mark| {
        finding.place.as_ref().is_some_and(|primary| {
            primary.at.file == mark.at.file
                && primary.at.start.line == mark.at.start.line
                && primary.at.excerpt.text == mark.at.excerpt.text
        })
    };
    if let Some(mark) = &finding.place {
        let mut shown = snippet(&mark.at, &mark.label, names, AnnotationKind::Primary);
        for mark in finding.related.iter().filter(is_in_line) {
            shown = shown.annotation(annotation(&mark.at, &mark.label, AnnotationKind::Context));
        }
        group = group.element(shown);
    }
    for mark in finding.related.iter().filter(|mark| !is_in_line(mark)) {
        group = group.element(snippet(
            &mark.at,
            &mark.label,
            names,
            AnnotationKind::Context,
        ));
    }
    if let Some(app) = &finding.app {
        let shown: Vec<&str> = [&app.name, &app.address]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if !shown.is_empty() {
            group = group.element(Level::NOTE.message(format!("app: {}", shown.join(", "))));
        }
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(text::escaped(note)));
    }
    if finding.confidence != Confidence::High {
        group = group
            .element(Level::NOTE.message(format!("confidence: {}", finding.confidence.as_str())));
    }
    if let Some(fix) = &finding.fix {
        let how = match fix.applicability {
            Applicability::Safe => " (`--fix` does it)",
            Applicability::Unsafe => {
                " (`--fix --unsafe-fixes` does it: it changes what is granted)"
            }
            Applicability::DisplayOnly => "",
        };
        group = group.element(Level::HELP.message(format!("{}{how}", text::escaped(&fix.title))));
    }
    renderer.render(&[group])
}

fn snippet<'a>(
    at: &'a Location,
    label: &'a str,
    names: &HashMap<FileId, &str>,
    kind: AnnotationKind,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let name = names.get(&at.file).copied().unwrap_or(at.path.as_str());
    Snippet::source(Shown::new(at).text)
        .line_start(at.start.line)
        .path(text::escaped(name))
        .annotation(annotation(at, label, kind))
}

fn annotation<'a>(
    at: &Location,
    label: &str,
    kind: AnnotationKind,
) -> annotate_snippets::Annotation<'a> {
    let annotation = kind.span(Shown::new(at).mark);
    if label.is_empty() {
        annotation
    } else {
        annotation.label(text::escaped(label))
    }
}

/// The excerpt with what could steer a terminal taken out.
struct Shown {
    text: String,
    mark: std::ops::Range<usize>,
}

impl Shown {
    fn new(at: &Location) -> Self {
        let excerpt = &at.excerpt;
        let part = |range: std::ops::Range<usize>| {
            text::escaped_lines(excerpt.text.get(range).unwrap_or_default())
        };
        let before = part(0..excerpt.mark.start);
        let marked = part(excerpt.mark.clone());
        let after = part(excerpt.mark.end..excerpt.text.len());
        let mark = before.len()..before.len() + marked.len();
        Self {
            text: format!("{before}{marked}{after}"),
            mark,
        }
    }
}

/// One line of what was found, and what it rests on.
pub fn summary(report: &Report) -> String {
    let mut out = format!("{}\n", checked(&report.counts, &unsupported(report)));
    for remark in &report.remarks {
        out.push_str(&format!("{}\n", text::escaped(remark)));
    }
    if let Some(info) = &report.catalog {
        out.push_str(&catalog_line(info));
        out.push('\n');
    }
    out
}

const NOT_SUPPORTED: &str = "not supported yet";

/// The forms that are not supported, each once.
fn unsupported(report: &Report) -> Vec<&str> {
    let mut forms: Vec<&str> = Vec::new();
    for file in &report.files {
        if let FileOutcome::Unsupported(form) = &file.outcome
            && !forms.contains(&form.as_str())
        {
            forms.push(form);
        }
    }
    forms
}

fn checked(counts: &Counts, unsupported: &[&str]) -> String {
    let found: Vec<String> = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.notes, "note"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| text::count(n, word))
    .collect();
    let mut line = format!(
        "{} in {} ({})",
        if found.is_empty() {
            "no findings".to_owned()
        } else {
            text::and(&found)
        },
        text::count(counts.manifests, "manifest"),
        text::count(counts.apps, "app"),
    );
    let parts = [
        (counts.invalid, "could not be parsed"),
        (counts.unsupported, NOT_SUPPORTED),
        (counts.ignored, "tracked by git and ignored"),
        (counts.not_read, "not read"),
    ];
    for (n, what) in parts {
        if n > 0 {
            line.push_str(&format!("; {} {what}", text::count(n, "file")));
            if what == NOT_SUPPORTED {
                line.push_str(&format!(" ({})", text::some(unsupported, 4)));
            }
        }
    }
    if counts.unresolved > 0 {
        line.push_str(&format!(
            "; {} not resolved",
            text::count(counts.unresolved, "entry")
        ));
    }
    line
}

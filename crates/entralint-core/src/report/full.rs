//! For people: each finding with its lines of the file.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use entra_manifest::Source;
use msgraph_permissions::PermissionType;

use super::{Counts, Report};
use crate::check::CheckedFile;
use crate::finding::{Applicability, Confidence, Finding, Place, Severity};
use crate::text;

/// Lines longer than this are cut around what is marked: a minified manifest is one line.
const LONGEST_LINE: usize = 400;

/// Writes the findings, what they come to, and which catalogue they rest on.
pub fn render(report: &Report<'_>, renderer: &Renderer) -> String {
    let mut out = String::new();
    for (file, finding) in report.findings() {
        out.push_str(&one(file, finding, renderer));
        out.push_str("\n\n");
    }
    out.push_str(&summary(report));
    out
}

fn one(file: Option<&CheckedFile>, finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(finding.message.clone())
        .id(finding.rule.id);
    let mut group: Group<'_> = match (file, &finding.place) {
        (Some(file), Some(place)) => {
            let window = Window::around(&file.file.source, place);
            let mut snippet = Snippet::source(window.text)
                .line_start(window.line)
                .path(text::escaped(&file.file.name))
                .annotation(
                    AnnotationKind::Primary
                        .span(window.place(place.span.range().start, place.span.range().end))
                        .label(place.label.clone()),
                );
            for (span, label) in &place.related {
                if window.holds(span.range().start, span.range().end) {
                    snippet = snippet.annotation(
                        AnnotationKind::Context
                            .span(window.place(span.range().start, span.range().end))
                            .label(label.clone()),
                    );
                }
            }
            title.element(snippet)
        }
        _ => Group::with_title(title),
    };
    if let Some(app) = &finding.app {
        group = group.element(Level::NOTE.message(format!("app: {app}")));
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(note.clone()));
    }
    if finding.confidence != Confidence::High {
        group = group.element(Level::NOTE.message(match finding.confidence {
            Confidence::Low => "confidence: low",
            Confidence::Medium | Confidence::High => "confidence: medium",
        }));
    }
    if let Some(fix) = &finding.fix {
        let how = match fix.applicability {
            Applicability::Safe => " (`--fix` does it)",
            Applicability::Unsafe => {
                " (`--fix --unsafe-fixes` does it; unsafe: it changes what is granted)"
            }
            Applicability::DisplayOnly => "",
        };
        group = group.element(Level::HELP.message(format!("{}{how}", fix.title)));
    }
    renderer.render(&[group])
}

/// The lines that a finding needs. Rendering looks at a source from its first byte, so a finding
/// at the end of a file of megabytes should not hand over the megabytes.
struct Window<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// The lines of the place, and of what is related where that is near enough to show with it.
    fn around(source: &'a Source, place: &Place) -> Self {
        const NEAR: usize = 20_000;
        let spans = || std::iter::once(&place.span).chain(place.related.iter().map(|(s, _)| s));
        let start = spans()
            .map(|s| s.range().start)
            .min()
            .unwrap_or(place.span.range().start);
        let end = spans()
            .map(|s| s.range().end)
            .max()
            .unwrap_or(place.span.range().end);
        if end - start <= NEAR {
            Self::new(source, start, end)
        } else {
            Self::new(source, place.span.range().start, place.span.range().end)
        }
    }

    fn new(source: &'a Source, start: usize, end: usize) -> Self {
        let text = source.text();
        let start = floor(text, start);
        let end = floor(text, end.max(start)).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let from = if start - line_start > LONGEST_LINE {
            floor(text, start - LONGEST_LINE / 2)
        } else {
            line_start
        };
        let to = if line_end - end > LONGEST_LINE {
            floor(text, end + LONGEST_LINE / 2)
        } else {
            line_end
        };
        Self {
            text: &text[from..to],
            start: from,
            line: source
                .line_column(u32::try_from(from).unwrap_or(u32::MAX))
                .0,
        }
    }

    fn holds(&self, start: usize, end: usize) -> bool {
        self.start <= start && end <= self.start + self.text.len()
    }

    fn place(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let inside = |at: usize| floor(self.text, at.saturating_sub(self.start));
        // An app's whole object would be underlined over all its lines: its first line says it.
        let (start, end) = (inside(start), inside(end));
        let first_line = self.text[start..end]
            .find('\n')
            .map_or(end, |at| start + at);
        start..first_line
    }
}

/// The nearest character boundary at or before `at`, within the text.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One line of what was found, one of what it rests on.
pub fn summary(report: &Report<'_>) -> String {
    let counts = report.counts();
    format!(
        "{}\n{}\n{}\n",
        checked(&counts),
        calls(report),
        catalogue(report)
    )
}

fn checked(counts: &Counts) -> String {
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
    if counts.invalid > 0 {
        line.push_str(&format!(", {} unreadable", counts.invalid));
    }
    if counts.not_read > 0 {
        line.push_str(&format!(
            ", {} in a shape that is not read yet",
            counts.not_read
        ));
    }
    line
}

fn calls(report: &Report<'_>) -> String {
    let calls = report.calls;
    if calls.assumed {
        "calls: assumed to be the session-revocation calls only (say what the app calls with --calls)"
            .to_owned()
    } else {
        let answered = calls
            .list
            .iter()
            .filter(|call| {
                [PermissionType::Delegated, PermissionType::Application]
                    .into_iter()
                    .any(|kind| call.answer(kind).is_some_and(|a| a.is_answered()))
            })
            .count();
        format!("calls: {}, {answered} answered", calls.list.len())
    }
}

fn catalogue(report: &Report<'_>) -> String {
    let info = report.calls.catalog.info();
    format!(
        "catalogue: {}, {}, {} (sha256 {})",
        text::escaped(&info.source),
        text::count(info.permissions, "permission"),
        text::count(info.operations, "operation"),
        info.sha256.get(..12).unwrap_or(&info.sha256),
    )
}

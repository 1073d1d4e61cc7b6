//! Output format `jsonl`: one JSON object a line, for programs that read a stream.
//!
//! The first line names the version of the format and the data used; then comes a line for each finding and for each
//! thing that was not checked. `type` tells them apart.

use serde::Serialize;

use super::view::{FindingView, PlaceView, View};
use crate::finding::{Applicability, Confidence, Severity};
use crate::text;

/// Version of the format. Members are added within a version.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one line exists at a time")]
enum Line<'a> {
    Run {
        version: u32,
        tool_version: &'a str,
        catalog: &'a str,
        apps: usize,
        errors: usize,
        warnings: usize,
        notes: usize,
    },
    Finding {
        rule: &'a str,
        url: &'a str,
        severity: Severity,
        confidence: Confidence,
        message: &'a str,
        notes: &'a [String],
        app: Option<&'a str>,
        permission: Option<&'a str>,
        permission_type: Option<String>,
        file: Option<&'a str>,
        line: Option<usize>,
        column: Option<usize>,
        end_line: Option<usize>,
        end_column: Option<usize>,
        related: Vec<Related<'a>>,
        fix: Option<Fix<'a>>,
        fingerprint: &'a str,
        suppressed: Option<&'a str>,
    },
    Notice {
        kind: &'a str,
        file: Option<&'a str>,
        message: &'a str,
    },
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    new: &'a str,
}

/// The lines. Columns count characters.
///
/// # Errors
///
/// None are known: every value can be written as JSON.
pub fn render(view: &View) -> Result<String, serde_json::Error> {
    let counts = view.counts();
    let mut out = String::new();
    let mut push = |line: &Line<'_>| -> Result<(), serde_json::Error> {
        out.push_str(&text::safe_json(&serde_json::to_string(line)?));
        out.push('\n');
        Ok(())
    };
    push(&Line::Run {
        version: VERSION,
        tool_version: &view.version,
        catalog: &view.catalog,
        apps: view.apps.len(),
        errors: counts.errors,
        warnings: counts.warnings,
        notes: counts.notes,
    })?;
    for finding in &view.findings {
        push(&line(finding))?;
    }
    for notice in &view.notices {
        push(&Line::Notice {
            kind: notice.kind,
            file: notice.file.as_deref(),
            message: &notice.message,
        })?;
    }
    Ok(out)
}

fn line(finding: &FindingView) -> Line<'_> {
    let place = finding.place.as_ref();
    Line::Finding {
        rule: finding.rule,
        url: &finding.rule_url,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        notes: &finding.notes,
        app: finding.app.as_deref(),
        permission: finding.permission.as_deref(),
        permission_type: finding.permission_type.map(|kind| kind.to_string()),
        file: place.map(|place| place.file.as_str()),
        line: place.map(|place| place.start.line),
        column: place.map(|place| place.start.column),
        end_line: place.map(|place| place.end.line),
        end_column: place.map(|place| place.end.column),
        related: finding
            .related
            .iter()
            .map(|(place, message)| Related {
                message,
                file: &place.file,
                line: place.start.line,
                column: place.start.column,
            })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            applicability: fix.applicability,
            edits: fix
                .edits
                .iter()
                .map(|edit| one(&edit.place, &edit.new))
                .collect(),
        }),
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_deref(),
    }
}

fn one<'a>(place: &'a PlaceView, new: &'a str) -> Edit<'a> {
    Edit {
        file: &place.file,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
        new,
    }
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_line_a_finding() {
        insta::assert_snapshot!(super::render(&sample::view()).unwrap_or_default());
    }
}

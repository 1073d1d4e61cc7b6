//! Output format `gitlab`: a Code Quality report, which GitLab shows in merge requests.
//!
//! Source of the format: "Code Quality", docs.gitlab.com/ci/testing/code_quality (required members: `description`,
//! `check_name`, `fingerprint`, `severity`, `location.path`, `location.lines.begin`).

use serde::Serialize;

use super::view::View;
use crate::finding::Severity;
use crate::text;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The report, a JSON array. A finding that stands in no file is put to the configuration file's name, since GitLab
/// drops what has no path.
///
/// # Errors
///
/// None are known: every value can be written as JSON.
pub fn render(view: &View) -> Result<String, serde_json::Error> {
    let issues: Vec<Issue<'_>> = view
        .open()
        .map(|finding| Issue {
            description: match &finding.app {
                Some(app) => format!("{app}: {}", finding.text()),
                None => finding.text(),
            },
            check_name: finding.rule,
            fingerprint: &finding.fingerprint,
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Note => "info",
            },
            location: Location {
                path: finding
                    .place
                    .as_ref()
                    .map_or("entralint.toml", |place| &place.file),
                lines: finding
                    .place
                    .as_ref()
                    .map_or(Lines { begin: 1, end: 1 }, |place| Lines {
                        begin: place.start.line,
                        end: place.end.line,
                    }),
            },
        })
        .collect();
    let mut text = text::safe_json(&serde_json::to_string_pretty(&issues)?);
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_code_quality_report() {
        insta::assert_snapshot!(super::render(&sample::view()).unwrap_or_default());
    }
}

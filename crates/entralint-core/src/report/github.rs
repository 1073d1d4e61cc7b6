//! Output format `github`: workflow commands, which GitHub Actions turns into annotations, and the step's summary.
//!
//! Source of the syntax and its escapes: "Workflow commands for GitHub Actions", docs.github.com, and the `command.ts`
//! of the toolkit (`%`, CR and LF in data; `:` and `,` in properties as well). GitHub shows ten annotations of each
//! severity a step, so the most severe come first.

use std::fmt::Write as _;

use super::view::{FindingView, View};
use crate::finding::Severity;
use crate::text;

/// One workflow command for each finding that counts, the most severe first.
pub fn render(view: &View) -> String {
    let mut out = String::new();
    for finding in view.by_severity() {
        command(&mut out, finding);
    }
    out
}

fn command(out: &mut String, finding: &FindingView) {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let _ = write!(out, "::{word} title={}", property(&title(finding)));
    if let Some(place) = &finding.place {
        let _ = write!(
            out,
            ",file={},line={},col={}",
            property(&place.file),
            place.start.line,
            place.start.column
        );
        // GitHub takes an end column only where the end line is the start line.
        if place.end.line == place.start.line {
            let _ = write!(out, ",endColumn={}", place.end.column);
        } else {
            let _ = write!(out, ",endLine={}", place.end.line);
        }
    }
    let _ = writeln!(out, "::{}", data(&finding.text()));
}

fn title(finding: &FindingView) -> String {
    match &finding.app {
        Some(app) => format!("{} ({app})", finding.rule),
        None => finding.rule.to_owned(),
    }
}

/// Escapes the text behind the second `::`. Characters that steer a terminal are made visible first; a line feed stays,
/// as `%0A`.
fn data(text: &str) -> String {
    text::escaped(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn workflow_commands_the_most_severe_first() {
        insta::assert_snapshot!(super::render(&sample::view()));
    }

    #[test]
    fn text_of_a_file_never_begins_a_command_of_its_own() {
        let mut view = sample::view();
        view.findings[0].message = "x\n::error::injected %0A".to_owned();
        let out = super::render(&view);
        assert_eq!(out.lines().count(), view.findings.len());
        assert!(
            out.lines()
                .all(|line| line.starts_with("::") && line.matches("title=").count() == 1)
        );
    }
}

//! Output format `azure`: logging commands of Azure Pipelines, which become errors and warnings of the run.
//!
//! Source of the syntax and its escapes: "Logging commands", learn.microsoft.com/azure/devops/pipelines/scripts, and
//! the agent's `CommandStringConvertor` (`%AZP25`, `%0D`, `%0A`; in properties also `;` as `%3B` and `]` as `%5D`).

use std::fmt::Write as _;

use super::view::{FindingView, View};
use crate::finding::Severity;
use crate::text;

/// One logging command for each finding that counts, the most severe first. Azure Pipelines knows errors and warnings;
/// a note is a plain line of the log.
pub fn render(view: &View) -> String {
    let mut out = String::new();
    for finding in view.by_severity() {
        line(&mut out, finding);
    }
    out
}

/// The command that attaches a Markdown file to the run as a section of its summary.
pub fn upload_summary(path: &str) -> String {
    format!("##vso[task.uploadsummary]{}\n", data(path))
}

fn line(out: &mut String, finding: &FindingView) {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => {
            let place = finding
                .place
                .as_ref()
                .map(|place| format!("{}: ", text::escaped(&place.shown())))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "{}",
                plain(&format!(
                    "note: {place}[{}] {}",
                    finding.rule,
                    text::escaped(&finding.message)
                ))
            );
            return;
        }
    };
    let _ = write!(out, "##vso[task.logissue type={word};");
    if let Some(place) = &finding.place {
        let _ = write!(
            out,
            "sourcepath={};linenumber={};columnnumber={};",
            property(&place.file),
            place.start.line,
            place.start.column
        );
    }
    let _ = writeln!(
        out,
        "code={};]{}",
        finding.rule,
        data(&match &finding.app {
            Some(app) => format!("{app}: {}", finding.text()),
            None => finding.text(),
        })
    );
}

/// A line that the agent must not take for a command: it looks for `##[` and `##vso[` anywhere in a line.
fn plain(text: &str) -> String {
    text.replace("##", "# #")
}

fn data(text: &str) -> String {
    text::escaped(text)
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace("##", "# #")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn logging_commands_the_most_severe_first() {
        insta::assert_snapshot!(super::render(&sample::view()));
    }

    #[test]
    fn text_of_a_file_never_is_a_command_of_its_own() {
        let mut view = sample::view();
        for finding in &mut view.findings {
            finding.message = "x\n##vso[task.setvariable variable=a]b ##[error]".to_owned();
        }
        let out = super::render(&view);
        assert!(!out.contains("##vso[task.setvariable"));
        assert!(!out.contains("##[error]"));
    }
}

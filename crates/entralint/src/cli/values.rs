//! Values that flags take from a list: formats, severities, when to colour.

use camino::Utf8PathBuf;
use clap::ValueEnum;

use entralint_core::finding::{Confidence, Severity};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: each finding with its lines of the file
    Full,
    /// For programs: one JSON document
    Json,
    /// For code scanning services: SARIF 2.1.0
    Sarif,
    /// One line a finding
    Concise,
    /// For programs: one JSON object a line
    Jsonl,
    /// For GitHub Actions: workflow commands, and the step's summary
    Github,
    /// For Azure Pipelines: logging commands, and a summary of the run
    Azure,
    /// For GitLab: a Code Quality report
    Gitlab,
    /// For build servers: JUnit XML
    Junit,
    /// For a comment on a pull request
    Markdown,
    /// For people who look after many apps: one page
    Html,
}

/// A format and the file to write it to.
pub(super) fn output(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("write a format and a file, such as sarif=entralint.sarif")?;
    if path.is_empty() {
        return Err("the file is missing: write sarif=entralint.sarif, say".to_owned());
    }
    Ok((Format::from_str(format, false)?, path.into()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A line each
    Text,
    /// For programs: one JSON document
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallsFormat {
    /// A line each
    Text,
    /// For programs: one JSON document
    Json,
    /// For `entralint needs --from`: a line for each type of permission
    Jsonl,
}

/// A severity, as the command line spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Worth knowing; nothing has to change
    Note,
    /// Should change
    Warning,
    /// Must change
    Error,
    /// Findings never fail
    Never,
}

impl FailOn {
    /// The severity; `None` where findings never fail.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Note => Some(Severity::Note),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
            FailOn::Never => None,
        }
    }
}

/// A confidence, as the command line spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfidenceArg {
    /// Everything
    Low,
    /// Without findings that something unread or unanswered may change
    Medium,
    /// Only findings that nothing known speaks against
    High,
}

impl From<ConfidenceArg> for Confidence {
    fn from(value: ConfidenceArg) -> Self {
        match value {
            ConfidenceArg::Low => Confidence::Low,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::High => Confidence::High,
        }
    }
}

/// When to do what only a terminal understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal that supports it
    Auto,
    Always,
    Never,
}

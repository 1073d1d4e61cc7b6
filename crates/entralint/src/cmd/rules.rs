//! `entralint rules`.

use entralint_core::finding::Severity;
use entralint_core::rules::{self, RULES};
use entralint_core::text;
use schemars::JsonSchema;
use serde::Serialize;

use super::OK;
use crate::cli::{ListFormat, RulesArgs};
use crate::cmd;

/// The rules.
#[derive(Serialize, JsonSchema)]
struct Document {
    /// The version of this document: 1.
    version: u32,
    rules: Vec<RuleRow>,
}

/// A rule.
#[derive(Serialize, JsonSchema)]
struct RuleRow {
    /// The id, as configuration and reports write it.
    id: &'static str,
    /// One line.
    summary: &'static str,
    /// The severity where the configuration sets none.
    severity: Severity,
    /// 0.1 to 10.0.
    security_severity: &'static str,
    /// Whether the configuration can set its severity and accept its findings.
    configurable: bool,
    /// The rule's page.
    url: String,
}

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// Why the list could not be written.
pub(crate) fn run(args: &RulesArgs) -> Result<u8, String> {
    let rows: Vec<RuleRow> = RULES
        .iter()
        .map(|rule| rule.info())
        .map(|info| RuleRow {
            id: info.id,
            summary: info.summary,
            severity: info.severity,
            security_severity: info.security_severity,
            configurable: !info.is_about_the_run(),
            url: rules::url(info),
        })
        .collect();
    match args.format {
        ListFormat::Json => cmd::print(&cmd::json(&Document {
            version: 1,
            rules: rows,
        })?)?,
        ListFormat::Text => {
            let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
            let lines: String = rows
                .iter()
                .map(|row| {
                    format!(
                        "{:width$}  {:7}  {}\n",
                        row.id,
                        row.severity.as_str(),
                        text::capital(row.summary)
                    )
                })
                .collect();
            cmd::print(&lines)?;
        }
    }
    Ok(OK)
}

/// The JSON Schema of the document.
pub(crate) fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

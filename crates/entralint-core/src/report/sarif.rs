//! For code scanning services: SARIF 2.1.0.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::Report;
use crate::check::CheckedFile;
use crate::finding::{Confidence, Finding, Severity};
use crate::rules::RULES;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Where rule pages are read by people who have only the report.
const RULE_PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Value; 1],
    results: Vec<SarifResult>,
    column_kind: &'static str,
    properties: Value,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<RuleDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    help_uri: String,
    default_configuration: Value,
    properties: Value,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: HashMap<&'static str, String>,
    properties: Value,
}

/// Writes the log, with a line end.
///
/// # Errors
///
/// None are known: every field can be written as JSON.
pub fn render(report: &Report<'_>) -> serde_json::Result<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let results = report
        .findings()
        .map(|(file, finding)| result(file, finding, &mut seen))
        .collect();
    let info = report.calls.catalog.info();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "entralint",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: rules(),
                },
            },
            invocations: [json!({
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": report
                    .errors
                    .iter()
                    .map(|error| json!({ "level": "error", "message": { "text": error } }))
                    .collect::<Vec<_>>(),
            })],
            results,
            column_kind: "unicodeCodePoints",
            properties: json!({
                "catalogue": super::json::catalogue(info),
                "callsAssumed": report.calls.assumed,
                "calls": report.calls.list.iter().map(|c| c.declared.call.to_string()).collect::<Vec<_>>(),
            }),
        }],
    };
    let mut out = serde_json::to_string_pretty(&log)?;
    out.push('\n');
    Ok(out)
}

fn rules() -> Vec<RuleDescriptor> {
    RULES
        .iter()
        .map(|rule| {
            let info = rule.info();
            RuleDescriptor {
                id: info.id,
                short_description: Message {
                    text: info.summary.to_owned(),
                },
                full_description: Message {
                    text: info.summary.to_owned(),
                },
                help: Help {
                    text: info.page.to_owned(),
                    markdown: info.page.to_owned(),
                },
                help_uri: format!("{RULE_PAGES}/{}.md", info.id),
                default_configuration: json!({ "level": info.severity.as_str() }),
                properties: json!({
                    "tags": ["security", "least-privilege"],
                    "security-severity": info.security_severity,
                }),
            }
        })
        .collect()
}

fn result(
    file: Option<&CheckedFile>,
    finding: &Finding,
    seen: &mut HashMap<String, usize>,
) -> SarifResult {
    let uri = file.map(|file| file.file.uri.clone());
    let mut locations = Vec::new();
    let mut related = Vec::new();
    if let (Some(file), Some(uri)) = (file, &uri) {
        let location = |start: u32, end: u32| {
            let source = &file.file.source;
            let (line, column) = source.line_column(start);
            let (end_line, end_column) = source.line_column(end);
            json!({
                "artifactLocation": { "uri": uri },
                "region": {
                    "startLine": line,
                    "startColumn": column,
                    "endLine": end_line,
                    "endColumn": end_column,
                },
            })
        };
        if let Some(place) = &finding.place {
            locations
                .push(json!({ "physicalLocation": location(place.span.start, place.span.end) }));
            for (span, label) in &place.related {
                related.push(json!({
                    "physicalLocation": location(span.start, span.end),
                    "message": { "text": label },
                }));
            }
        } else {
            locations.push(json!({ "physicalLocation": { "artifactLocation": { "uri": uri } } }));
        }
    }
    let text = std::iter::once(finding.message.clone())
        .chain(finding.notes.iter().cloned())
        .chain(
            finding
                .fix
                .as_ref()
                .map(|fix| format!("fix: {}", fix.title)),
        )
        .collect::<Vec<_>>()
        .join("\n");
    SarifResult {
        rule_id: finding.rule.id,
        rule_index: RULES
            .iter()
            .position(|rule| rule.info() == finding.rule)
            .unwrap_or_default(),
        level: finding.severity.as_str(),
        message: Message { text },
        locations,
        related_locations: related,
        partial_fingerprints: HashMap::from([(
            "entralint/v1",
            fingerprint(uri.as_deref(), finding, seen),
        )]),
        properties: json!({
            "confidence": match finding.confidence {
                Confidence::Low => "low",
                Confidence::Medium => "medium",
                Confidence::High => "high",
            },
            "severity": match finding.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
        }),
    }
}

/// The same for the same finding when lines above it come and go: made of the file, the rule, the
/// app and the permission, and of how many such there were before.
fn fingerprint(uri: Option<&str>, finding: &Finding, seen: &mut HashMap<String, usize>) -> String {
    let identity = [
        uri.unwrap_or_default(),
        finding.rule.id,
        finding.app.as_deref().unwrap_or_default(),
        &finding.key,
    ]
    .join("\u{1f}");
    let before = seen.entry(identity.clone()).or_default();
    let hash = crate::sha256(format!("{identity}\u{1f}{before}").as_bytes());
    *before += 1;
    hash.get(..32).unwrap_or(&hash).to_owned()
}

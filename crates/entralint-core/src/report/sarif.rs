//! Output format `sarif`, for code scanning services: SARIF 2.1.0.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. GitHub and GitHub Advanced Security for Azure
//! DevOps want more than the standard does: a location for every result (GH1015), `automationDetails` (GHAzDO1014),
//! `driver.fullName` (GHAzDO1018), a name for every rule (GHAzDO2012).

use serde::Serialize;
use serde_json::{Value, json};

use super::resolve::catalog_line;
use super::{AzurePipeline, Report};
use crate::baseline::BaselineState;
use crate::finding::{Finding, Location};
use crate::rules::{self, RULES, RuleInfo};
use crate::text;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

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
    automation_details: Value,
    invocations: [Value; 1],
    results: Vec<SarifResult>,
    column_kind: &'static str,
    original_uri_base_ids: Value,
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
    full_name: String,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<RuleDescriptor>,
    notifications: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    name: &'static str,
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
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedPlace>,
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixOf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<SuppressionOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    properties: ResultProperties,
}

#[derive(Serialize)]
struct PartialFingerprints {
    #[serde(rename = "entralint/v2")]
    own: String,
}

#[derive(Serialize)]
struct ResultProperties {
    confidence: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedPlace {
    id: usize,
    message: Message,
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    start_column: usize,
    start_line: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixOf {
    artifact_changes: Vec<ArtifactChange>,
    description: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

#[derive(Serialize)]
struct SuppressionOf {
    justification: String,
    kind: &'static str,
    location: Place,
    status: &'static str,
}

/// Writes the log, with a line end.
///
/// # Errors
///
/// None are known: every member can be written as JSON.
pub fn render(report: &Report) -> serde_json::Result<String> {
    // A call of the command line is in no file: the first manifest that it judges stands for it.
    let fallback = report
        .files
        .iter()
        .find(|file| file.outcome == super::FileOutcome::Manifest)
        .or(report.files.first())
        .map_or_else(
            || "entralint.toml".to_owned(),
            |file| encoded(&text::path(&file.path)),
        );
    let mut notifications: Vec<Value> = report
        .errors
        .iter()
        .map(|error| notification("not-read", "error", error, None))
        .collect();
    notifications.extend(report.not_checked().map(|(file, why)| {
        notification(
            file.outcome.as_str(),
            "warning",
            &format!("{}: {why}", file.path),
            Some(&encoded(&text::path(&file.path))),
        )
    }));
    notifications.extend(
        report
            .remarks
            .iter()
            .map(|remark| notification("remark", "note", remark, None)),
    );
    notifications.extend(report.more.iter().map(|(rule, more)| {
        notification(
            "remark",
            "warning",
            &format!("{more} more findings of {} are not listed", rule.id),
            None,
        )
    }));
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "entralint",
                    full_name: format!("entralint {}", env!("CARGO_PKG_VERSION")),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: RULES.iter().map(|rule| descriptor(rule.info())).collect(),
                    notifications: notices(),
                },
            },
            automation_details: automation(report.pipeline.as_ref()),
            invocations: [json!({
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            })],
            results: report
                .findings
                .iter()
                .map(|finding| result(finding, &fallback))
                .collect(),
            // As the standard's default and as GitHub counts.
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: json!({
                "%SRCROOT%": { "description": { "text": "The root of the repository." } },
            }),
            properties: json!({
                "catalog": report.catalog.as_ref().map(catalog_line),
                "callsKnown": !report.no_calls,
            }),
        }],
    };
    crate::json(&log)
}

/// Which run this is. Azure DevOps takes a report only with the ids of its own pipeline (GHAzDO1019, GHAzDO1020).
fn automation(pipeline: Option<&AzurePipeline>) -> Value {
    let Some(pipeline) = pipeline else {
        return json!({ "id": "entralint/" });
    };
    json!({
        "id": format!(
            "azuredevops/pipeline/build/{}/{}",
            pipeline.definition_id, pipeline.phase_id
        ),
        "properties": {
            "azuredevops/pipeline/build/buildDefinitionId": pipeline.definition_id,
            "azuredevops/pipeline/build/buildDefinitionName": pipeline.definition_name,
            "azuredevops/pipeline/build/phaseId": pipeline.phase_id,
            "azuredevops/pipeline/build/phaseName": pipeline.phase_name,
        },
    })
}

/// What notifications are about.
fn notices() -> Vec<Value> {
    [
        (
            "unsupported",
            "A file declares permissions in a form that is not supported yet.",
        ),
        (
            "ignored",
            "A file that git tracks is excluded by an ignore file.",
        ),
        ("not-read", "A file could not be read."),
        ("remark", "About the run as a whole."),
    ]
    .into_iter()
    .map(|(id, text)| {
        // GitHub and Azure DevOps want of a notification what they want of a rule (GH2012, GHAzDO2012).
        json!({
            "id": id,
            "name": id,
            "shortDescription": { "text": text },
            "fullDescription": { "text": text },
            "help": { "text": text, "markdown": text },
            "helpUri": concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/guide.md"),
        })
    })
    .collect()
}

fn notification(id: &str, level: &str, message: &str, uri: Option<&str>) -> Value {
    let mut value = json!({
        "level": level,
        "message": { "text": text::escaped(message) },
        "descriptor": { "id": id },
    });
    if let Some(uri) = uri {
        value["locations"] =
            json!([{ "physicalLocation": { "artifactLocation": artifact(uri.to_owned()) } }]);
    }
    value
}

fn descriptor(info: &'static RuleInfo) -> RuleDescriptor {
    let sentence = format!("{}.", text::capital(info.summary));
    let page = info.markdown();
    RuleDescriptor {
        id: info.id,
        name: info.name,
        short_description: Message {
            text: sentence.clone(),
        },
        full_description: Message { text: sentence },
        help: Help {
            text: page.clone(),
            markdown: page,
        },
        help_uri: rules::url(info),
        default_configuration: json!({ "level": info.severity.as_str() }),
        properties: json!({
            "tags": ["security", "least-privilege"],
            "precision": "high",
            "security-severity": info.security_severity,
        }),
    }
}

fn result(finding: &Finding, fallback: &str) -> SarifResult {
    let physical_location = match &finding.place {
        Some(mark) => physical(&mark.at),
        None => Physical {
            artifact_location: artifact(fallback.to_owned()),
            region: Region {
                end_column: None,
                end_line: None,
                start_column: 1,
                start_line: 1,
            },
        },
    };
    let related = finding
        .related
        .iter()
        .enumerate()
        .map(|(id, mark)| RelatedPlace {
            id,
            message: Message {
                text: text::escaped(&mark.label),
            },
            physical_location: physical(&mark.at),
        })
        .collect();
    let text = std::iter::once(text::escaped(&finding.message))
        .chain(finding.notes.iter().map(|note| text::escaped(note)))
        .chain(
            finding
                .fix
                .as_ref()
                .map(|fix| format!("fix: {}", text::escaped(&fix.title))),
        )
        .collect::<Vec<_>>()
        .join("\n");
    SarifResult {
        rule_id: finding.rule.id,
        rule_index: RULES
            .iter()
            .position(|rule| rule.info() == finding.rule)
            .expect("a finding's rule is one of the list"),
        level: finding.severity.as_str(),
        message: Message { text },
        locations: [Place { physical_location }],
        related_locations: related,
        partial_fingerprints: PartialFingerprints {
            own: finding.fingerprint.hash(),
        },
        fixes: fixes(finding),
        suppressions: finding
            .suppressed
            .iter()
            .map(|suppression| SuppressionOf {
                justification: text::escaped(&suppression.reason),
                kind: if suppression.in_source {
                    "inSource"
                } else {
                    "external"
                },
                location: Place {
                    physical_location: physical(&suppression.at),
                },
                status: "accepted",
            })
            .collect(),
        baseline_state: finding.baseline.map(|state| match state {
            BaselineState::New => "new",
            BaselineState::Unchanged => "unchanged",
        }),
        properties: ResultProperties {
            confidence: finding.confidence.as_str(),
            severity: finding.severity.as_str(),
        },
    }
}

fn fixes(finding: &Finding) -> Vec<FixOf> {
    let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else {
        return Vec::new();
    };
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for edit in &fix.edits {
        let uri = encoded(&text::path(&edit.at.path));
        let replacement = Replacement {
            deleted_region: region(&edit.at),
            inserted_content: Message {
                text: edit.new.clone(),
            },
        };
        match (changes.iter_mut()).find(|change| change.artifact_location.uri == uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange {
                artifact_location: artifact(uri),
                replacements: vec![replacement],
            }),
        }
    }
    vec![FixOf {
        artifact_changes: changes,
        description: Message {
            text: text::escaped(&fix.title),
        },
    }]
}

fn physical(at: &Location) -> Physical {
    Physical {
        artifact_location: artifact(encoded(&text::path(&at.path))),
        region: region(at),
    }
}

fn artifact(uri: String) -> Artifact {
    let uri_base_id = (!uri.starts_with("file:")).then_some("%SRCROOT%");
    Artifact { uri, uri_base_id }
}

fn region(at: &Location) -> Region {
    Region {
        end_column: Some(at.end.column_utf16),
        end_line: Some(at.end.line),
        start_column: at.start.column_utf16,
        start_line: at.start.line,
    }
}

/// A path of [`text::path`] as a URI reference: percent-encoded but for unreserved characters and slashes (RFC 3986, section 2.3); an
/// absolute one as a `file:` URI.
fn encoded(path: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    let encoded = utf8_percent_encode(path, KEPT).to_string();
    if path.starts_with('/') {
        format!("file://{encoded}")
    } else if path.as_bytes().get(1) == Some(&b':') {
        format!("file:///{}", encoded.replacen("%3A", ":", 1))
    } else {
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_to_the_root_and_encoded() {
        assert_eq!(encoded("apps/my app#1.json"), "apps/my%20app%231.json");
        assert_eq!(encoded("apps/ä.json"), "apps/%C3%A4.json");
        assert_eq!(encoded("/other/a.json"), "file:///other/a.json");
        assert_eq!(encoded("C:/other/a.json"), "file:///C:/other/a.json");
    }
}

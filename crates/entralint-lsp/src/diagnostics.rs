//! Findings as the diagnostics of the Language Server Protocol 3.17.

use entralint_core::finding::{Finding, Mark, Severity};
use entralint_core::rules;
use entralint_project::root::Root;
use serde_json::{Value, json};

use crate::client::Client;

/// The diagnostic of a finding at its place.
pub(crate) fn diagnostic(client: &Client, root: &Root, finding: &Finding, place: &Mark) -> Value {
    /// What nothing needs is shown faded by editors.
    const UNNECESSARY: u8 = 1;
    let severity = match finding.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    };
    let positions = client.abilities.positions;
    let mut message = finding.message.clone();
    for note in &finding.notes {
        message.push('\n');
        message.push_str(note);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .filter_map(|mark| {
            let uri = client.uri(&root.open(&mark.at.path))?;
            let location = json!({ "uri": uri, "range": positions.range(&mark.at) });
            Some(json!({ "location": location, "message": mark.label }))
        })
        .collect();
    let tags: &[u8] = if finding.rule.marks_unneeded {
        &[UNNECESSARY]
    } else {
        &[]
    };
    json!({
        "range": positions.range(&place.at),
        "severity": severity,
        "code": finding.rule.id,
        "codeDescription": { "href": rules::url(finding.rule) },
        "source": "entralint",
        "message": message,
        "relatedInformation": related,
        "tags": tags,
    })
}

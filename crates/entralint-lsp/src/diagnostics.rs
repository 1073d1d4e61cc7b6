//! Findings as the diagnostics and code actions of the Language Server Protocol 3.17.

use camino::Utf8Path;
use entralint_core::finding::{Applicability, Finding, Location, Mark, Severity};
use entralint_core::rules;
use serde_json::{Value, json};
use url::Url;

/// The address of a file; `None` where its path is not absolute.
pub(crate) fn uri(path: &Utf8Path) -> Option<String> {
    Url::from_file_path(path).ok().map(String::from)
}

/// The range of a place: from 0, columns in UTF-16 units.
pub(crate) fn range(at: &Location) -> Value {
    let position = |position: entralint_core::finding::Position| {
        json!({
            "line": position.line.saturating_sub(1),
            "character": position.column_utf16.saturating_sub(1),
        })
    };
    json!({ "start": position(at.start), "end": position(at.end) })
}

/// The address and the range of a place, whose path is relative to a root.
pub(crate) fn location(root: &Utf8Path, at: &Location) -> Option<Value> {
    Some(json!({ "uri": uri(&root.join(&at.path))?, "range": range(at) }))
}

/// The diagnostic of a finding at its place.
pub(crate) fn diagnostic(root: &Utf8Path, finding: &Finding, place: &Mark) -> Value {
    /// What is unused is shown faded by editors.
    const UNNECESSARY: u8 = 1;
    let severity = match finding.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    };
    let mut message = finding.message.clone();
    for note in &finding.notes {
        message.push('\n');
        message.push_str(note);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .filter_map(|mark| {
            Some(json!({ "location": location(root, &mark.at)?, "message": mark.label }))
        })
        .collect();
    let is_unused = matches!(
        finding.rule.id,
        "unused-permission" | "redundant-permission" | "duplicate-permission" | "unused-allow"
    );
    let tags: &[u8] = if is_unused { &[UNNECESSARY] } else { &[] };
    json!({
        "range": range(&place.at),
        "severity": severity,
        "code": finding.rule.id,
        "codeDescription": { "href": rules::url(finding.rule) },
        "source": "entralint",
        "message": message,
        "relatedInformation": related,
        "tags": tags,
    })
}

/// The quick fix of a finding; `None` where a person has to make it. `version` gives the version of an open file.
pub(crate) fn action(
    root: &Utf8Path,
    finding: &Finding,
    version: &dyn Fn(&str) -> Option<i64>,
) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    if fix.edits.is_empty() || fix.applicability == Applicability::DisplayOnly {
        return None;
    }
    let mut documents: Vec<Value> = Vec::new();
    for edit in &fix.edits {
        let uri = uri(&root.join(&edit.at.path))?;
        let change = json!({ "range": range(&edit.at), "newText": edit.new });
        let known = documents
            .iter_mut()
            .find(|document| document["textDocument"]["uri"] == uri.as_str());
        match known.and_then(|document| document["edits"].as_array_mut()) {
            Some(edits) => edits.push(change),
            None => documents.push(json!({
                "textDocument": { "uri": uri, "version": version(&uri) },
                "edits": [change],
            })),
        }
    }
    let title = match fix.applicability {
        Applicability::Unsafe => format!("{} (unsafe: changes what is granted)", fix.title),
        Applicability::Safe | Applicability::DisplayOnly => fix.title.clone(),
    };
    Some(json!({
        "title": title,
        "kind": "quickfix",
        "diagnostics": finding.place.as_ref().map(|mark| vec![diagnostic(root, finding, mark)]),
        "edit": { "documentChanges": documents },
    }))
}

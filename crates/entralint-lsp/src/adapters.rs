//! From the protocol's requests to the features, and back.

use camino::Utf8PathBuf;
use entra_manifest::{Manifest, Unit};
use entralint_core::config::NAME;
use entralint_core::finding::{Finding, Location};
use entralint_core::plan::AppId;
use serde_json::{Value, json};
use source_text::{Encoding, FileId, Source};

use crate::completion::{self, Item, Kind};
use crate::context::Context;
use crate::view::View;
use crate::{allow, definition, hover, inlay_hints};

/// Runs a feature with what is known of the request's file.
fn with<T>(context: &Context<'_>, run: impl FnOnce(&View<'_>) -> T) -> T {
    let link = |at: &Location| -> Option<String> {
        let place = context.location(at)?;
        let uri = place["uri"].as_str()?;
        Some(format!("{uri}#L{}", at.start.line))
    };
    let unit = context
        .unit
        .and_then(|unit| Some((unit.texts.unit(), unit.manifest.as_ref()?)));
    run(&View {
        source: context.source,
        is_config: context.is_config(),
        unit,
        evidence: context.evidence,
        findings: context.findings,
        plan: context.workspace.plan(),
        apps: context.workspace.apps(),
        link: &link,
    })
}

/// `textDocument/hover`
pub(crate) fn hover(context: &Context<'_>, parameters: &Value) -> Value {
    let Some(offset) = context.offset(&parameters["position"]) else {
        return Value::Null;
    };
    match with(context, |view| hover::at(view, offset)) {
        Some(hover) => json!({
            "contents": { "kind": "markdown", "value": hover.markdown },
            "range": context.range(hover.span),
        }),
        None => Value::Null,
    }
}

/// `textDocument/completion`
pub(crate) fn completion(context: &Context<'_>, parameters: &Value) -> Value {
    let Some(offset) = context.offset(&parameters["position"]) else {
        return Value::Null;
    };
    let Some(found) = with(context, |view| completion::at(view, offset)) else {
        return Value::Null;
    };
    let range = context.range(found.span);
    let items: Vec<Value> = found
        .items
        .iter()
        .enumerate()
        .map(|(place, item)| {
            let Item {
                label,
                detail,
                insert,
                filter,
                kind,
            } = item;
            // The numbers of the protocol's `CompletionItemKind`.
            let kind = match kind {
                Kind::Permission => 21,
                Kind::Rule => 20,
                Kind::App => 9,
                Kind::Key => 10,
                Kind::Word => 12,
            };
            json!({
                "label": label,
                "kind": kind,
                "detail": detail,
                "filterText": filter,
                "sortText": format!("{place:04}"),
                "textEdit": { "range": range, "newText": insert },
            })
        })
        .collect();
    json!({ "isIncomplete": found.is_cut, "items": items })
}

/// `textDocument/definition`
pub(crate) fn definition(context: &Context<'_>, parameters: &Value) -> Value {
    let Some(offset) = context.offset(&parameters["position"]) else {
        return Value::Null;
    };
    let places = with(context, |view| definition::definition(view, offset));
    locations(context, &places)
}

/// `textDocument/references`
pub(crate) fn references(context: &Context<'_>, parameters: &Value) -> Value {
    let Some(offset) = context.offset(&parameters["position"]) else {
        return Value::Null;
    };
    let declared = |app: &AppId, with: &mut dyn FnMut(Unit<'_>, &Manifest)| {
        if let Some(unit) = context.workspace.unit_of(&app.path)
            && let Some(manifest) = &unit.manifest
        {
            with(unit.texts.unit(), manifest);
        }
    };
    let places = with(context, |view| {
        definition::references(view, offset, &declared)
    });
    locations(context, &places)
}

fn locations(context: &Context<'_>, places: &[Location]) -> Value {
    let places: Vec<Value> = places
        .iter()
        .filter_map(|at| context.location(at))
        .collect();
    if places.is_empty() {
        Value::Null
    } else {
        Value::Array(places)
    }
}

/// `textDocument/inlayHint`
pub(crate) fn inlay_hints(context: &Context<'_>, parameters: &Value) -> Value {
    if !context.options.inlay_hints {
        return Value::Null;
    }
    let range = &parameters["range"];
    let (Some(start), Some(end)) = (
        context.offset(&range["start"]),
        context.offset(&range["end"]),
    ) else {
        return Value::Null;
    };
    let hints = with(context, |view| inlay_hints::hints(view, &(start..end)));
    hints
        .into_iter()
        .map(|hint| {
            json!({
                "position": context.position(hint.offset),
                "label": hint.label,
                "tooltip": hint.tooltip,
                "paddingLeft": true,
            })
        })
        .collect()
}

/// The code actions that accept a finding.
pub(crate) fn allow(context: &Context<'_>, finding: &Finding) -> Vec<Value> {
    let project = context.workspace.project();
    let path: Utf8PathBuf = finding
        .place
        .as_ref()
        .and_then(|mark| project.config.config.of(&mark.at.path).file.clone())
        .unwrap_or_else(|| NAME.into());
    let file = project.root.open(&path);
    let is_new = !project.files.is_file(&file);
    let id = FileId::default();
    let config = if is_new {
        Source::new(id, path, String::new(), Encoding::Utf8)
    } else {
        match project.files.text(id, &file, &path) {
            Ok(source) => source,
            // What cannot be read cannot be added to.
            Err(_) => return Vec::new(),
        }
    };
    with(context, |view| allow::actions(view, finding, &config))
        .into_iter()
        .filter_map(|action| {
            let place = context.location(&action.at)?;
            let uri = &place["uri"];
            let mut changes = Vec::new();
            if is_new && action.at.path == config.name() {
                changes.push(json!({
                    "kind": "create", "uri": uri, "options": { "ignoreIfExists": true },
                }));
            }
            changes.push(json!({
                "textDocument": { "uri": uri, "version": null },
                "edits": [{ "range": place["range"], "newText": action.text }],
            }));
            Some(json!({
                "title": action.title,
                "kind": "quickfix",
                "edit": { "documentChanges": changes },
            }))
        })
        .collect()
}

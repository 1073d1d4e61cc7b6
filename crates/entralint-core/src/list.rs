//! `entralint list`: what is declared, as it stands.

use entra_manifest::{Manifest, Source};
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Resolution, resolve};
use crate::report::json;
use crate::text;

/// The document that `entralint list --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The permissions data by which ids and names were looked up.
    catalogue: json::Catalogue,
    /// Every requested permission, in the order of files and lines.
    pub permissions: Vec<Entry>,
    /// Files that declare permissions in a shape that is not read yet, or that are not
    /// well-formed.
    pub not_listed: Vec<NotListed>,
}

/// A file of which nothing could be listed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotListed {
    /// As given or found.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// A requested permission.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// As given or found, relative to the working folder.
    file: String,
    /// Of the literal that names the permission; from 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// Of that literal, in bytes of the file, from 0.
    start_offset: usize,
    /// Behind its last byte.
    end_offset: usize,
    /// The app's name, or else its id.
    app: Option<String>,
    /// The API's application id, where it is known.
    resource: Option<String>,
    /// The API's name, where it is known.
    resource_name: Option<String>,
    /// The permission's id, as declared or as looked up.
    id: Option<String>,
    /// The permission's name, as declared or as looked up.
    name: Option<String>,
    /// What stands there, where it is neither an id nor a name.
    text: Option<String>,
    /// `delegated` or `application`, as declared.
    kind: Option<String>,
    /// `resolved`; `unresolved` where a placeholder or nothing stands there; `unknown` where the
    /// catalogue does not hold it; `wrong-type` where it is of the other kind; `other-resource`
    /// where it is not asked of Microsoft Graph.
    status: &'static str,
    /// Why it is not resolved.
    reason: Option<String>,
    /// The name that a comment or a neighbouring member gives it.
    label: Option<String>,
}

impl Document {
    /// An empty list that rests on this data.
    pub fn new(info: &msgraph_permissions::CatalogInfo) -> Self {
        Self {
            version: 1,
            catalogue: json::catalogue(info),
            permissions: Vec::new(),
            not_listed: Vec::new(),
        }
    }
}

/// The declarations of one manifest.
pub fn entries(
    file: &str,
    source: &Source,
    manifest: &Manifest,
    catalog: &msgraph_permissions::Catalog,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for app in &manifest.apps {
        let label = app.name.as_ref().or(app.app_id.as_ref());
        for requested in &app.requested {
            let resource = app.resources.get(requested.resource);
            let is_graph = resource.is_some_and(|r| r.id.is_microsoft_graph());
            let span = requested.permission.span();
            let (line, column) = source.line_column(span.start);
            let mut entry = Entry {
                file: file.to_owned(),
                line,
                column,
                start_offset: source.original_offset(span.start),
                end_offset: source.original_offset(span.end),
                app: label.map(|l| l.value.clone()),
                resource: resource
                    .and_then(|r| r.id.app_id())
                    .map(|id| id.to_string()),
                resource_name: resource
                    .and_then(|r| r.id.well_known())
                    .map(|known| known.name.to_owned()),
                id: None,
                name: None,
                text: None,
                kind: requested.permission_type.known().map(|ty| ty.to_string()),
                status: "other-resource",
                reason: None,
                label: requested.label.as_ref().map(|l| l.value.clone()),
            };
            match &requested.permission {
                entra_manifest::PermissionRef::Id { uuid, .. } => entry.id = Some(uuid.to_string()),
                entra_manifest::PermissionRef::Name { name, .. } => entry.name = Some(name.clone()),
                entra_manifest::PermissionRef::Unresolved { text, reason, .. } => {
                    entry.status = "unresolved";
                    entry.text = (!text.is_empty()).then(|| text.clone());
                    entry.reason = Some(reason.to_string());
                }
            }
            if is_graph {
                resolved(&mut entry, resolve(catalog, requested), catalog);
            }
            entries.push(entry);
        }
    }
    entries
}

fn resolved(entry: &mut Entry, resolution: Resolution, catalog: &msgraph_permissions::Catalog) {
    match resolution {
        Resolution::Known { name, kind } => {
            entry.status = "resolved";
            if entry.id.is_none() {
                entry.id = catalog.id_of(&name, kind).map(|id| id.to_string());
            }
            entry.name = Some(name.to_string());
        }
        Resolution::WrongKind { name, actual, .. } => {
            entry.status = "wrong-type";
            entry.reason = Some(format!(
                "this is {} permission",
                match actual {
                    msgraph_permissions::PermissionType::Delegated => "a delegated",
                    msgraph_permissions::PermissionType::Application => "an application",
                }
            ));
            entry.name = Some(name.to_string());
        }
        Resolution::Unknown { .. } => {
            entry.status = "unknown";
            entry.reason = Some("not in the catalogue".to_owned());
        }
        Resolution::Unresolved { reason, .. } => {
            entry.status = "unresolved";
            entry.reason = Some(reason);
        }
    }
}

/// For people: a line each.
pub fn lines(document: &Document) -> String {
    let mut out = String::new();
    for entry in &document.permissions {
        let what = entry
            .name
            .as_deref()
            .or(entry.id.as_deref())
            .or(entry.text.as_deref())
            .unwrap_or("(nothing)");
        let resource = entry
            .resource_name
            .as_deref()
            .or(entry.resource.as_deref())
            .unwrap_or("unknown API");
        out.push_str(&format!(
            "{}:{}:{}: {} ({}, {}){}\n",
            text::escaped(&entry.file),
            entry.line,
            entry.column,
            text::shown(what),
            text::shown(resource),
            entry.kind.as_deref().unwrap_or("type unknown"),
            match (entry.status, &entry.reason) {
                ("resolved" | "other-resource", _) => String::new(),
                (status, Some(reason)) => format!(": {status}, {}", text::shown(reason)),
                (status, None) => format!(": {status}"),
            }
        ));
    }
    out
}

/// The document's JSON Schema.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

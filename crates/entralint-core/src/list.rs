//! What is declared, as it is written: the document of `entralint list`.

use std::collections::HashMap;

use entra_manifest::{Manifest, PermissionRef, Requested, Unit};
use msgraph_permissions::Catalog;
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Files, Resolution, only_graphs, resolve};
use crate::finding::Location;
use crate::report::json;
use crate::text;

/// The document that `entralint list --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The permissions data by which ids and names were looked up.
    catalog: json::Catalog,
    /// Every declared permission of Microsoft Graph, in the order of files and lines.
    pub permissions: Vec<Entry>,
    /// Every declared permission of another API.
    pub other_apis: Vec<Entry>,
    /// Files of which nothing could be listed: not supported yet, not well-formed, not read.
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

/// A declared permission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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
    /// Where the app uses the permission, if that is another place than its literal.
    used_at: Option<json::PlaceEntry>,
    /// The app's name, or else its id.
    app: Option<String>,
    /// How the format addresses the app.
    address: Option<String>,
    /// The names or addresses of other apps that the same literal serves.
    other_apps: Vec<String>,
    /// The API's application id, where it is known.
    resource: Option<String>,
    /// The API's name, where it is known.
    resource_name: Option<String>,
    /// The permission's id, as declared or as looked up.
    id: Option<String>,
    /// The permission's name, as declared or as looked up.
    name: Option<String>,
    /// What is written, where it is an id or a name that the catalog does not have.
    text: Option<String>,
    /// What is written, where it is an expression or a placeholder.
    unresolved: Option<String>,
    /// `delegated` or `application`, as declared.
    #[serde(rename = "type")]
    permission_type: Option<&'static str>,
    /// `requested` by the app's registration, `granted`, requested at `sign-in`, or `documented` in prose.
    means: &'static str,
    /// What decides whether it is requested at all.
    condition: Option<String>,
    /// `resolved`; `unresolved` where a placeholder, an expression or nothing is written; `unknown` where the catalog
    /// does not have it; `wrong-type` where it is of the other type; `other-api`.
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
            catalog: json::catalog(info),
            permissions: Vec::new(),
            other_apis: Vec::new(),
            not_listed: Vec::new(),
        }
    }

    /// Adds the declarations of a unit. `shown` gives a file's name for people.
    pub fn add(
        &mut self,
        unit: Unit<'_>,
        manifest: &Manifest,
        catalog: &Catalog,
        shown: &dyn Fn(&Location) -> String,
    ) {
        let files = Files::new(unit);
        // A literal of a local or a variable can serve several apps: it is one line of the file.
        let mut seen: HashMap<(usize, usize, usize), usize> = HashMap::new();
        let mut entries: Vec<(Entry, bool)> = Vec::new();
        for app in &manifest.apps {
            let label = app.name.as_ref().or(app.app_id.as_ref());
            for requested in &app.requested {
                let Some(at) = files.locate(requested.permission.span()) else {
                    continue;
                };
                let resource = app.resources.get(requested.resource);
                let is_graph = resource.is_some_and(|r| r.id.is_microsoft_graph());
                let mut entry = entry(&at, shown(&at), requested);
                entry.used_at = requested
                    .used_at
                    .and_then(|span| files.locate(span))
                    .map(|at| json::place(&at));
                entry.app = label.map(|l| l.value.clone());
                entry.address.clone_from(&app.address);
                entry.resource = resource
                    .and_then(|r| r.id.app_id())
                    .map(|id| id.to_string());
                entry.resource_name = resource
                    .and_then(|r| r.id.well_known())
                    .map(|known| known.name.to_owned());
                let misplaced = (!is_graph && resource.is_some_and(|r| !r.id.is_azure_ad_graph()))
                    .then(|| only_graphs(catalog, requested))
                    .flatten();
                if is_graph {
                    resolved(&mut entry, resolve(catalog, requested), catalog);
                } else if let Some(name) = &misplaced {
                    entry.status = "other-api";
                    entry.name = Some(name.to_string());
                    entry.reason =
                        Some("the id is Microsoft Graph's, the entry is of another API".to_owned());
                }
                let is_graph = is_graph || misplaced.is_some();
                let key = (at.file.index(), at.start.offset, at.end.offset);
                match seen.get(&key).and_then(|at| entries.get_mut(*at)) {
                    Some((known, graph)) if *graph == is_graph && known.name == entry.name => {
                        let other = entry.address.or(entry.app);
                        known.other_apps.extend(other.filter(|o| {
                            Some(o) != known.address.as_ref() && Some(o) != known.app.as_ref()
                        }));
                    }
                    _ => {
                        seen.insert(key, entries.len());
                        entries.push((entry, is_graph));
                    }
                }
            }
        }
        for (entry, is_graph) in entries {
            if is_graph {
                self.permissions.push(entry);
            } else {
                self.other_apis.push(entry);
            }
        }
    }

    /// Puts the entries in the order of files and lines.
    pub fn finish(&mut self) {
        let place = |entry: &Entry| (entry.file.clone(), entry.start_offset);
        self.permissions.sort_by_cached_key(place);
        self.other_apis.sort_by_cached_key(place);
        self.not_listed.sort_by(|a, b| a.file.cmp(&b.file));
    }
}

fn entry(at: &Location, file: String, requested: &Requested) -> Entry {
    let mut entry = Entry {
        file,
        line: at.start.line,
        column: at.start.column,
        start_offset: at.start.offset,
        end_offset: at.end.offset,
        used_at: None,
        app: None,
        address: None,
        other_apps: Vec::new(),
        resource: None,
        resource_name: None,
        id: None,
        name: None,
        text: None,
        unresolved: None,
        permission_type: requested.permission_type.known().map(text::permission_type),
        means: requested.means.as_str(),
        condition: requested
            .condition
            .as_ref()
            .map(|condition| condition.text.clone()),
        status: "other-api",
        reason: None,
        label: requested.label.as_ref().map(|l| l.value.clone()),
    };
    match &requested.permission {
        PermissionRef::Id { uuid, .. } => entry.id = Some(uuid.to_string()),
        PermissionRef::Name { name, .. } => entry.name = Some(name.clone()),
        PermissionRef::Unresolved { text, reason, .. } => {
            entry.status = "unresolved";
            entry.unresolved = (!text.is_empty()).then(|| text.clone());
            entry.reason = Some(reason.to_string());
        }
    }
    entry
}

fn resolved(entry: &mut Entry, resolution: Resolution, catalog: &Catalog) {
    match resolution {
        Resolution::Known {
            name,
            permission_type,
        } => {
            entry.status = "resolved";
            if entry.id.is_none() {
                entry.id = catalog
                    .id_of(&name, permission_type)
                    .map(|id| id.to_string());
            }
            entry.permission_type = Some(text::permission_type(permission_type));
            entry.name = Some(name.to_string());
        }
        Resolution::WrongType { name, actual, .. } => {
            entry.status = "wrong-type";
            entry.reason = Some(format!(
                "{name} is {} permission",
                match text::permission_type(actual) {
                    "application" => "an application".to_owned(),
                    other => format!("a {other}"),
                }
            ));
            entry.name = Some(name.to_string());
        }
        Resolution::Unknown { text } => {
            entry.status = "unknown";
            entry.reason = Some("not in this catalog".to_owned());
            entry.name = None;
            entry.text = Some(text);
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
    for entry in document.permissions.iter().chain(&document.other_apis) {
        let what = entry
            .name
            .as_deref()
            .or(entry.text.as_deref())
            .or(entry.unresolved.as_deref())
            .or(entry.id.as_deref())
            .unwrap_or("(nothing)");
        let resource = entry
            .resource_name
            .as_deref()
            .or(entry.resource.as_deref())
            .unwrap_or("unknown API");
        let means = match entry.means {
            "requested" => String::new(),
            other => format!(", {other}"),
        };
        out.push_str(&format!(
            "{}:{}:{}: {} ({}, {}{means}){}\n",
            text::escaped(&entry.file),
            entry.line,
            entry.column,
            text::shown(what),
            text::shown(resource),
            entry.permission_type.unwrap_or("type unknown"),
            match (entry.status, &entry.reason) {
                ("resolved", _) | ("other-api", None) => String::new(),
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

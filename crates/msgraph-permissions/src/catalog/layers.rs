//! Facts about Microsoft Graph's service that the published data lacks: ids, and permissions that it does not have.

use serde::Deserialize;

use crate::{PermissionId, PermissionType};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ids {
    #[serde(default, rename = "id")]
    entries: Vec<IdEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdEntry {
    name: String,
    #[serde(rename = "type")]
    permission_type: PermissionType,
    published: String,
    service: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotInService {
    #[serde(default, rename = "permission")]
    entries: Vec<Missing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Missing {
    name: String,
    #[serde(rename = "type")]
    permission_type: PermissionType,
}

/// An id that the service has in the place of a published one.
pub(super) struct ServiceId {
    pub(super) name: String,
    pub(super) permission_type: PermissionType,
    /// As it is published; empty if none is. One is no UUID at all.
    pub(super) published: String,
    pub(super) id: PermissionId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doubts {
    #[serde(default, rename = "doubt")]
    entries: Vec<DoubtEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DoubtEntry {
    kind: DoubtKind,
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    paths: Vec<String>,
}

/// Why the answer to some calls is doubted, beyond what the published data shows.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DoubtKind {
    /// The call exists in `/beta` alone.
    BetaOnly,
    /// What a POST needs depends on its body.
    DependsOnBody,
    /// What the call needs depends on the type of the object that it names.
    DependsOnObject,
}

/// Reads `doubts.toml`: a reason and a template each. Errors are text for people.
pub(super) fn read_doubts(text: &str) -> Result<Vec<(DoubtKind, String)>, String> {
    let file: Doubts = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(file
        .entries
        .into_iter()
        .flat_map(|entry| entry.paths.into_iter().map(move |path| (entry.kind, path)))
        .collect())
}

/// Reads `ids.toml`. Errors are text for people.
pub(super) fn read_ids(text: &str) -> Result<Vec<ServiceId>, String> {
    let file: Ids = toml::from_str(text).map_err(|error| error.to_string())?;
    file.entries
        .into_iter()
        .map(|entry| {
            let id = entry
                .service
                .parse()
                .map_err(|error| format!("id of `{}`: {error}", entry.name))?;
            Ok(ServiceId {
                name: entry.name,
                permission_type: entry.permission_type,
                published: entry.published,
                id,
            })
        })
        .collect()
}

/// Reads `not-in-service.toml`. Errors are text for people.
pub(super) fn read_not_in_service(text: &str) -> Result<Vec<(String, PermissionType)>, String> {
    let file: NotInService = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(file
        .entries
        .into_iter()
        .map(|entry| (entry.name, entry.permission_type))
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotedFile {
    #[serde(default, rename = "permission")]
    entries: Vec<NotedEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotedEntry {
    name: String,
    types: Vec<PermissionType>,
    /// A clause for people.
    text: String,
    source: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
}

/// What is noted of a permission in one type, with its source.
pub(super) struct Noted {
    pub(super) name: String,
    pub(super) permission_type: PermissionType,
    pub(super) text: String,
    pub(super) source: String,
}

/// Reads `privileged.toml` or `formerly-documented.toml`. Errors are text for people.
pub(super) fn read_noted(text: &str) -> Result<Vec<Noted>, String> {
    let file: NotedFile = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(file
        .entries
        .into_iter()
        .flat_map(|entry| {
            entry.types.into_iter().map(move |permission_type| Noted {
                name: entry.name.clone(),
                permission_type,
                text: entry.text.clone(),
                source: entry.source.clone(),
            })
        })
        .collect())
}

//! Microsoft's two files: read into facts, and written again from them in the same form.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::facts::{Facts, Grant, IdRow, Permission, SCHEMES};

#[derive(Deserialize)]
struct PermissionsFile {
    permissions: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    authorization_type: String,
    schemes: BTreeMap<String, Scheme>,
    path_sets: Vec<PathSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scheme {
    requires_admin_consent: bool,
    privilege_level: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathSet {
    scheme_keys: Vec<String>,
    methods: Vec<String>,
    paths: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProvisioningFile {
    permission_deployments: BTreeMap<String, Vec<Row>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: Option<String>,
    scheme: String,
    environment: Option<String>,
    is_hidden: bool,
    is_enabled: Option<bool>,
}

/// Reads the two files.
pub(crate) fn read(permissions: &str, provisioning: &str) -> Result<Facts> {
    let permissions: PermissionsFile =
        serde_json::from_str(permissions).context("permissions.json")?;
    let provisioning: ProvisioningFile =
        serde_json::from_str(provisioning).context("provisioningInfo.json")?;
    let mut facts = Facts::default();
    for (name, entry) in permissions.permissions {
        let place = || format!("permissions.json, {name}");
        ensure!(is_word(&name), "{}: not a name", place());
        let mut permission = Permission {
            is_rsc: match entry.authorization_type.as_str() {
                "oAuth2" => false,
                "RSC" => true,
                other => bail!("{}: authorizationType `{other}`", place()),
            },
            ..Permission::default()
        };
        for (key, info) in &entry.schemes {
            let scheme = scheme_of(key).with_context(place)?;
            permission.schemes[scheme] = Some((info.privilege_level, info.requires_admin_consent));
        }
        for set in &entry.path_sets {
            path_set(&name, set, &mut facts).with_context(place)?;
        }
        facts.permissions.insert(name, permission);
    }
    for (name, rows) in provisioning.permission_deployments {
        let place = || format!("provisioningInfo.json, {name}");
        ensure!(is_word(&name), "{}: not a name", place());
        let known = facts.ids.entry(name.clone()).or_default();
        for row in rows {
            let environment = row.environment.unwrap_or_default();
            let id = row.id.unwrap_or_default().to_lowercase();
            ensure!(
                !environment.contains(char::is_whitespace) && !id.contains(char::is_whitespace),
                "{}: a blank in id or environment",
                place()
            );
            known.insert(IdRow {
                scheme: scheme_of(&row.scheme).with_context(place)?,
                id,
                environment,
                is_hidden: row.is_hidden,
                is_enabled: row.is_enabled,
            });
        }
    }
    Ok(facts)
}

fn path_set(name: &str, set: &PathSet, facts: &mut Facts) -> Result<()> {
    let mut schemes = [false; 3];
    for key in &set.scheme_keys {
        schemes[scheme_of(key)?] = true;
    }
    for method in &set.methods {
        ensure!(
            method.bytes().all(|byte| byte.is_ascii_uppercase()),
            "method `{method}`"
        );
    }
    for (path, marks) in &set.paths {
        ensure!(
            path.starts_with('/') && !path.contains(char::is_control),
            "path `{path}`"
        );
        let mut grant = Grant {
            permission: name.to_owned(),
            schemes,
            least: [false; 3],
            also: BTreeSet::new(),
        };
        for part in marks
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (key, list) = part
                .split_once('=')
                .with_context(|| format!("{path}: `{part}`"))?;
            let items = list
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            match key.trim() {
                "least" => {
                    for item in items {
                        let scheme = scheme_of(item)?;
                        grant.least[scheme] = schemes[scheme];
                    }
                }
                "AlsoRequires" => grant.also.extend(items.map(str::to_owned)),
                other => bail!("{path}: `{other}` is neither `least` nor `AlsoRequires`"),
            }
        }
        facts
            .paths
            .entry(path.clone())
            .or_default()
            .entry(grant)
            .or_default()
            .extend(set.methods.iter().cloned());
    }
    Ok(())
}

fn scheme_of(key: &str) -> Result<usize> {
    SCHEMES
        .iter()
        .position(|(known, _)| *known == key)
        .with_context(|| format!("scheme `{key}`"))
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && !name.contains(char::is_whitespace)
}

/// The permissions file of the facts.
pub(crate) fn permissions(facts: &Facts) -> Value {
    let mut sets: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (path, grants) in &facts.paths {
        for (grant, methods) in grants {
            let keys = |which: [bool; 3]| -> Vec<&str> {
                (0..3)
                    .filter(|scheme| which[*scheme])
                    .map(|scheme| SCHEMES[scheme].0)
                    .collect()
            };
            let mut marks = Vec::new();
            if grant.least != [false; 3] {
                marks.push(format!("least={}", keys(grant.least).join(",")));
            }
            if !grant.also.is_empty() {
                let also: Vec<&str> = grant.also.iter().map(String::as_str).collect();
                marks.push(format!("AlsoRequires={}", also.join(",")));
            }
            sets.entry(&grant.permission).or_default().push(json!({
                "schemeKeys": keys(grant.schemes),
                "methods": methods,
                "paths": {path: marks.join(";")},
            }));
        }
    }
    let mut entries = Map::new();
    for (name, permission) in &facts.permissions {
        let mut schemes = Map::new();
        for (scheme, info) in permission.schemes.iter().enumerate() {
            if let Some((level, consent)) = info {
                schemes.insert(
                    SCHEMES[scheme].0.to_owned(),
                    json!({"privilegeLevel": level, "requiresAdminConsent": consent}),
                );
            }
        }
        entries.insert(
            name.clone(),
            json!({
                "authorizationType": if permission.is_rsc { "RSC" } else { "oAuth2" },
                "schemes": schemes,
                "pathSets": sets.remove(name.as_str()).unwrap_or_default(),
            }),
        );
    }
    json!({ "permissions": entries })
}

/// The provisioning file of the facts.
pub(crate) fn provisioning(facts: &Facts) -> Value {
    let mut entries = Map::new();
    for (name, rows) in &facts.ids {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "scheme": SCHEMES[row.scheme].0,
                    "environment": row.environment,
                    "isHidden": row.is_hidden,
                    "isEnabled": row.is_enabled,
                })
            })
            .collect();
        entries.insert(name.clone(), rows.into());
    }
    json!({ "permissionDeployments": entries })
}

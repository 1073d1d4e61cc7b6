//! Microsoft's provisioning file: the id of each permission.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::builder::Builder;
use super::json::{Input, Text};
use super::{LoadError, LoadProblem};
use crate::{PermissionId, PermissionKind, Scheme};

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    scheme: Text<'a>,
    #[serde(borrow, default)]
    environment: Option<Text<'a>>,
}

impl Row<'_> {
    /// Whether it exists outside Microsoft's test environment. Rows without an environment do.
    fn is_public(&self) -> bool {
        let environment = self.environment.as_ref().map_or("", Text::as_str);
        environment.is_empty()
            || environment
                .split(';')
                .any(|name| name.eq_ignore_ascii_case("public"))
    }
}

/// An id that the file gives to a permission.
pub(super) struct Provisioned {
    pub(super) permission: u32,
    pub(super) kind: PermissionKind,
    pub(super) id: PermissionId,
}

/// Reads the provisioning file, and returns the ids and what had to be skipped.
pub(super) fn read_provisioning(
    bytes: &[u8],
    builder: &mut Builder,
) -> Result<(Vec<Provisioned>, Vec<LoadProblem>), LoadError> {
    let mut input = Input::new("provisioning", bytes);
    let mut ids = Vec::new();
    for (name, raw) in input.top("permissionDeployments")? {
        let name = name.as_str();
        if name.is_empty() || name.chars().any(char::is_whitespace) {
            input.problem(
                raw.get(),
                name,
                format!("`{name}` is no name of a permission; skipped"),
            );
            continue;
        }
        let permission = builder.intern(name);
        match serde_json::from_str::<Vec<Row<'_>>>(raw.get()) {
            Ok(rows) => {
                for row in rows {
                    read_row(&mut input, builder, permission, name, raw, &row, &mut ids);
                }
            }
            Err(_) => {
                let rows: Vec<&RawValue> = input.read(raw, name).unwrap_or_default();
                for raw in rows {
                    if let Some(row) = input.read(raw, name) {
                        read_row(&mut input, builder, permission, name, raw, &row, &mut ids);
                    }
                }
            }
        }
    }
    Ok((ids, input.problems))
}

fn read_row(
    input: &mut Input<'_>,
    builder: &mut Builder,
    permission: u32,
    name: &str,
    raw: &RawValue,
    row: &Row<'_>,
    ids: &mut Vec<Provisioned>,
) {
    let Some(scheme) = Scheme::from_microsoft(row.scheme.as_str()) else {
        let message = format!("`{}` is no scheme; skipped", row.scheme.as_str());
        return input.problem(raw.get(), name, message);
    };
    // A personal account signs in to the permission of the work account's id.
    let text = row.id.as_ref().map_or("", Text::as_str);
    if text.is_empty() || scheme == Scheme::DelegatedPersonal {
        return;
    }
    let id = match text.parse::<PermissionId>() {
        Ok(id) => id,
        Err(error) => return input.problem(raw.get(), name, format!("{error}; skipped")),
    };
    // The all-zero id is a placeholder, in this file as in manifests.
    if id.as_uuid().is_nil() {
        return;
    }
    let kind = scheme.kind();
    ids.push(Provisioned {
        permission,
        kind,
        id,
    });
    let known = &mut builder.permissions[permission as usize].ids[kind as usize];
    if known.is_none() && row.is_public() {
        *known = Some(id);
    }
}

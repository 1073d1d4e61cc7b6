//! Microsoft's provisioning file: the id of each permission.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::builder::Builder;
use super::json::{Input, Members, Text};
use super::{LoadError, LoadProblem};
use crate::{PermissionId, PermissionType, Scheme};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    #[serde(borrow)]
    permission_deployments: Members<'a, Vec<Row<'a>>>,
}

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
    pub(super) permission_type: PermissionType,
    pub(super) id: PermissionId,
}

/// Reads the provisioning file, and returns the ids and what had to be skipped.
pub(super) fn read_provisioning(
    bytes: &[u8],
    builder: &mut Builder,
) -> Result<(Vec<Provisioned>, Vec<LoadProblem>), LoadError> {
    let mut reader = Reader {
        input: Input::new("provisioning", bytes)?,
        builder,
        ids: Vec::new(),
    };
    match reader.input.read_strictly::<File<'_>>() {
        Some(file) => {
            for (name, rows) in file.permission_deployments.0 {
                let Some(permission) = reader.begin(name.as_str(), name.as_str()) else {
                    continue;
                };
                for row in rows {
                    reader.row(permission, name.as_str(), name.as_str(), &row);
                }
            }
        }
        // Something is wrong somewhere: row by row then.
        None => {
            for (name, raw) in reader.input.top("permissionDeployments")? {
                let name = name.as_str();
                let Some(permission) = reader.begin(name, raw.get()) else {
                    continue;
                };
                let rows: Vec<&RawValue> = reader.input.read(raw, name).unwrap_or_default();
                for raw in rows {
                    if let Some(row) = reader.input.read(raw, name) {
                        reader.row(permission, name, raw.get(), &row);
                    }
                }
            }
        }
    }
    Ok((reader.ids, reader.input.problems))
}

struct Reader<'a, 'b> {
    input: Input<'a>,
    builder: &'b mut Builder,
    ids: Vec<Provisioned>,
}

impl Reader<'_, '_> {
    /// The permission of this name; `None` if it is no name.
    fn begin(&mut self, name: &str, at: &str) -> Option<u32> {
        if name.is_empty() || name.chars().any(char::is_whitespace) {
            let message = format!("`{name}` is no name of a permission; skipped");
            self.input.problem(at, name, message);
            return None;
        }
        Some(self.builder.intern(name))
    }

    fn row(&mut self, permission: u32, name: &str, at: &str, row: &Row<'_>) {
        let Some(scheme) = Scheme::from_microsoft(row.scheme.as_str()) else {
            let message = format!("`{}` is no scheme; skipped", row.scheme.as_str());
            return self.input.problem(at, name, message);
        };
        // A personal account signs in to the permission of the work account's id.
        let text = row.id.as_ref().map_or("", Text::as_str);
        if text.is_empty() || scheme == Scheme::DelegatedPersonal {
            return;
        }
        let id = match text.parse::<PermissionId>() {
            Ok(id) => id,
            Err(error) => return self.input.problem(text, name, format!("{error}; skipped")),
        };
        // The all-zero id is a placeholder, in this file as in manifests.
        if id.as_uuid().is_nil() {
            return;
        }
        let permission_type = scheme.permission_type();
        self.ids.push(Provisioned {
            permission,
            permission_type,
            id,
        });
        let known =
            &mut self.builder.permissions[permission as usize].ids[permission_type as usize];
        if known.is_none() && row.is_public() {
            *known = Some(id);
        }
    }
}

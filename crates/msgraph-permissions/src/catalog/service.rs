//! A tenant's own service principal of Microsoft Graph: the permissions that the service has, and their ids.

use std::collections::HashMap;

use serde::Deserialize;

use super::Catalog;
use super::model::PermissionIndex;
use crate::trie::to_u32;
use crate::{PermissionId, PermissionName, PermissionType};

/// The app id of Microsoft Graph, the same in every tenant and cloud.
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// The export of Microsoft Graph's service principal, as
/// `az ad sp show --id 00000003-0000-0000-c000-000000000000` writes it.
#[derive(Debug, Clone)]
pub struct Export {
    permissions: Vec<(String, PermissionType, PermissionId)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    app_id: Option<String>,
    app_roles: Option<Vec<Role>>,
    #[serde(alias = "oauth2Permissions")]
    oauth2_permission_scopes: Option<Vec<Role>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    id: String,
    value: Option<String>,
    #[serde(default)]
    is_enabled: Option<bool>,
}

/// The text is not the export of Microsoft Graph's service principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Not JSON of that shape.
    #[error("not the export of a service principal: {0}")]
    Shape(String),
    /// The service principal of another app.
    #[error(
        "the service principal of `{0}`, not of Microsoft Graph: export 00000003-0000-0000-c000-000000000000"
    )]
    OtherApp(String),
    /// One of the two lists is missing or empty.
    #[error("`{0}` is missing or empty: export the whole service principal, without --query")]
    NoList(&'static str),
    /// An id is no UUID.
    #[error("`{name}`: {error}")]
    Id {
        /// The permission.
        name: String,
        /// What is wrong.
        error: crate::PermissionIdError,
    },
}

impl Export {
    /// Reads the export, as the Azure CLI, PowerShell or Microsoft Graph itself write it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ServiceError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let file: File = serde_json::from_slice(bytes)
            .map_err(|error| ServiceError::Shape(error.to_string()))?;
        if let Some(app) = file
            .app_id
            .filter(|app| !app.eq_ignore_ascii_case(MICROSOFT_GRAPH))
        {
            return Err(ServiceError::OtherApp(app));
        }
        let mut permissions = Vec::new();
        for (list, member, permission_type) in [
            (file.app_roles, "appRoles", PermissionType::Application),
            (
                file.oauth2_permission_scopes,
                "oauth2PermissionScopes",
                PermissionType::Delegated,
            ),
        ] {
            let list = list
                .filter(|list| !list.is_empty())
                .ok_or(ServiceError::NoList(member))?;
            for role in list {
                // A role without a name cannot be requested by one, and is no permission of the catalog.
                let Some(name) = role.value.filter(|_| role.is_enabled != Some(false)) else {
                    continue;
                };
                let id = match role.id.parse() {
                    Ok(id) => id,
                    Err(error) => return Err(ServiceError::Id { name, error }),
                };
                permissions.push((name, permission_type, id));
            }
        }
        Ok(Self { permissions })
    }
}

/// The export, joined with the permissions of a catalog.
#[derive(Debug)]
pub(super) struct ServicePrincipal {
    ids: HashMap<(PermissionIndex, PermissionType), PermissionId>,
    by_id: HashMap<PermissionId, Vec<(PermissionIndex, PermissionType)>>,
    /// Permissions that the catalog lacks. Their numbers follow those of the catalog.
    extra: Vec<PermissionName>,
    first_extra: u32,
}

impl ServicePrincipal {
    pub(super) fn new(catalog: &Catalog, export: &Export) -> Self {
        let mut service = Self {
            ids: HashMap::new(),
            by_id: HashMap::new(),
            extra: Vec::new(),
            first_extra: catalog.compiled(),
        };
        for (name, permission_type, id) in &export.permissions {
            let index = catalog
                .index_of(name)
                .or_else(|| service.extra(name))
                .unwrap_or_else(|| {
                    service.extra.push(PermissionName::new(name));
                    service.first_extra + to_u32(service.extra.len() - 1)
                });
            service.ids.insert((index, *permission_type), *id);
            service
                .by_id
                .entry(*id)
                .or_default()
                .push((index, *permission_type));
        }
        service
    }

    pub(super) fn id(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
    ) -> Option<PermissionId> {
        self.ids.get(&(index, permission_type)).copied()
    }

    pub(super) fn by_id(
        &self,
        id: PermissionId,
    ) -> impl Iterator<Item = (PermissionIndex, PermissionType)> {
        self.by_id.get(&id).into_iter().flatten().copied()
    }

    pub(super) fn extras(&self) -> u32 {
        to_u32(self.extra.len())
    }

    pub(super) fn extra(&self, name: &str) -> Option<PermissionIndex> {
        let at = self
            .extra
            .iter()
            .position(|known| known.as_str().eq_ignore_ascii_case(name))?;
        Some(self.first_extra + to_u32(at))
    }

    pub(super) fn extra_name(&self, index: PermissionIndex) -> Option<PermissionName> {
        self.extra
            .get(index.checked_sub(self.first_extra)? as usize)
            .cloned()
    }
}

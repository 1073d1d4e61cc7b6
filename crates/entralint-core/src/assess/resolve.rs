//! Resolves what a manifest writes to the permission that it means.

use entra_manifest::{Means, PermissionRef, Requested, ResourceRef, TypeRef};
use msgraph_permissions::{Catalog, PermissionId, PermissionName, PermissionType, is_oidc_scope};

/// What a requested Microsoft Graph permission turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// A permission of the declared type.
    Known {
        /// Its name.
        name: PermissionName,
        /// Its type, which is the declared one.
        permission_type: PermissionType,
    },
    /// The id or name exists, in the other type only.
    WrongType {
        /// Its name.
        name: PermissionName,
        /// What the manifest says.
        declared: PermissionType,
        /// What it is.
        actual: PermissionType,
    },
    /// The catalog has no such id or name.
    Unknown {
        /// As written.
        text: String,
    },
    /// A placeholder, an expression, or nothing at all stands where the permission should.
    Unresolved {
        /// As written; empty where nothing is.
        text: String,
        /// Why, as a clause behind the text.
        reason: String,
    },
}

/// Resolves a request.
pub fn resolve(catalog: &Catalog, requested: &Requested) -> Resolution {
    let (text, candidates): (String, Vec<(PermissionName, PermissionType)>) =
        match &requested.permission {
            PermissionRef::Id { uuid, .. } => {
                let id = PermissionId::from_uuid(*uuid);
                (id.to_string(), catalog.by_id(id).to_vec())
            }
            PermissionRef::Name { name, .. } => (name.clone(), by_name(catalog, name)),
            PermissionRef::Unresolved { text, reason, .. } => {
                return Resolution::Unresolved {
                    text: text.clone(),
                    reason: reason.to_string(),
                };
            }
        };
    let declared = match &requested.permission_type {
        TypeRef::Known {
            permission_type, ..
        } => *permission_type,
        // An id or a name that exists in one type only says the type itself.
        TypeRef::Unresolved { text, reason, .. } => match candidates.as_slice() {
            [(_, only)] => *only,
            _ => {
                return Resolution::Unresolved {
                    text: named(catalog, requested),
                    reason: match text {
                        Some(text) => format!("has the type {text:?}, which {reason}"),
                        None => format!("has a type that {reason}"),
                    },
                };
            }
        },
    };
    // Two ids stand for two permissions each, of which one may be of the declared type.
    match candidates.iter().find(|(_, t)| *t == declared) {
        Some((name, permission_type)) => Resolution::Known {
            name: name.clone(),
            permission_type: *permission_type,
        },
        None => match candidates.first() {
            // Prose names a permission. Of which type it is the reader took from the words around it.
            Some((name, actual)) if requested.means == Means::Documented => Resolution::Known {
                name: name.clone(),
                permission_type: *actual,
            },
            Some((name, actual)) => Resolution::WrongType {
                name: name.clone(),
                declared,
                actual: *actual,
            },
            None => Resolution::Unknown { text },
        },
    }
}

/// What a request of no clear type names, for people.
fn named(catalog: &Catalog, requested: &Requested) -> String {
    match &requested.permission {
        PermissionRef::Id { uuid, .. } => {
            let id = PermissionId::from_uuid(*uuid);
            match catalog.by_id(id).first() {
                Some((name, _)) => format!("{id} ({name})"),
                None => id.to_string(),
            }
        }
        PermissionRef::Name { name, .. } => name.clone(),
        PermissionRef::Unresolved { text, .. } => text.clone(),
    }
}

fn by_name(catalog: &Catalog, name: &str) -> Vec<(PermissionName, PermissionType)> {
    if is_oidc_scope(name) {
        return vec![(PermissionName::new(name), PermissionType::Delegated)];
    }
    let Some(permission) = catalog.permission(name) else {
        return Vec::new();
    };
    permission
        .types()
        .map(|permission_type| (permission.name(), permission_type))
        .collect()
}

/// It is not clear which API an entry is about.
pub fn is_unresolved(resource: &ResourceRef) -> bool {
    matches!(resource, ResourceRef::Unresolved { .. })
}

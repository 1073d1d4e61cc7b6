//! What a manifest is meant to request after its changes, and whether it does.

use std::collections::{BTreeSet, HashMap};

use source_text::Spanned;

use super::{AmendError, PermissionText};
use crate::PermissionType;
use crate::model::{App, Manifest, Means, PermissionRef, Requested, ResourceRef, TypeRef};

/// What stays as it was, what comes new, and how many entries there are to be.
#[derive(Debug, Default)]
pub(super) struct Intent {
    apps: Vec<AppIntent>,
}

#[derive(Debug, Default)]
pub(super) struct AppIntent {
    kept: HashMap<(Key, Option<String>, Means), usize>,
    new: Vec<New>,
    /// Entries for resources.
    pub(super) resources: usize,
}

#[derive(Debug)]
struct New {
    resource: String,
    permission_type: String,
    /// An added permission can be a request or a grant, as the format has it.
    means: Option<Means>,
    condition: Option<String>,
    permission: PermissionText,
    /// A replaced permission can have a label that is in no words of ours.
    replaced: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    resource: String,
    permission: String,
    permission_type: String,
    /// The condition that decides on it, if any.
    condition: Option<String>,
}

impl Intent {
    pub(super) fn push(&mut self, app: AppIntent) {
        self.apps.push(app);
    }

    /// The manifest that was read from the edited texts, if it requests what is intended and is no less well-formed than
    /// the one before.
    pub(super) fn check(self, before: &Manifest, after: Manifest) -> Result<Manifest, AmendError> {
        let sorts = |manifest: &Manifest| -> BTreeSet<_> {
            manifest
                .problems
                .iter()
                .map(|problem| problem.kind)
                .collect()
        };
        // Another format may read it now, but no format reads its own text as another shape.
        let other_format = before.format.about() != after.format.about();
        let same_form = (other_format || before.about == after.about)
            && before.apps.len() == after.apps.len()
            && sorts(&after).is_subset(&sorts(before));
        let apps = self
            .apps
            .into_iter()
            .zip(before.apps.iter().zip(&after.apps));
        let met = same_form
            && apps.into_iter().all(|(intent, (before, after))| {
                let value =
                    |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.value.clone());
                value(&before.name) == value(&after.name)
                    && value(&before.app_id) == value(&after.app_id)
                    && before.address == after.address
                    && intent.resources == after.resources.len()
                    && intent.met_by(after)
            });
        if met {
            Ok(after)
        } else {
            Err(AmendError::Differs)
        }
    }
}

impl AppIntent {
    pub(super) fn keep(&mut self, resource: &ResourceRef, requested: &Requested) {
        *self.kept.entry(kept_key(resource, requested)).or_default() += 1;
    }

    pub(super) fn replace(
        &mut self,
        resource: &ResourceRef,
        requested: &Requested,
        with: &PermissionText,
        permission_type: Option<PermissionType>,
    ) {
        self.new.push(New {
            resource: resource_key(resource),
            permission_type: permission_type
                .map_or_else(|| type_key(&requested.permission_type), |ty| ty.to_string()),
            means: Some(requested.means),
            condition: condition_key(requested),
            permission: with.clone(),
            replaced: true,
        });
    }

    pub(super) fn add(
        &mut self,
        resource: uuid::Uuid,
        permission: &PermissionText,
        permission_type: PermissionType,
    ) {
        self.new.push(New {
            resource: resource.to_string(),
            permission_type: permission_type.to_string(),
            means: None,
            condition: None,
            permission: permission.clone(),
            replaced: false,
        });
    }

    fn met_by(mut self, app: &App) -> bool {
        let mut rest: HashMap<Key, Vec<(Option<String>, Means)>> = HashMap::new();
        for requested in &app.requested {
            let Some(resource) = app.resources.get(requested.resource) else {
                return false;
            };
            let entry = kept_key(&resource.id, requested);
            match self.kept.get_mut(&entry) {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    let (key, label, means) = entry;
                    rest.entry(key).or_default().push((label, means));
                }
            }
        }
        let kept = self.kept.values().all(|count| *count == 0);
        let new = self.new.iter().all(|new| new.taken_from(&mut rest));
        kept && new && rest.values().all(Vec::is_empty)
    }
}

impl New {
    /// Takes the request that this is out of those that are left, if it is there.
    fn taken_from(&self, rest: &mut HashMap<Key, Vec<(Option<String>, Means)>>) -> bool {
        [
            format!("id {}", self.permission.id),
            name_key(&self.permission.name),
        ]
        .into_iter()
        .any(|permission| {
            let key = Key {
                resource: self.resource.clone(),
                permission,
                permission_type: self.permission_type.clone(),
                condition: self.condition.clone(),
            };
            let found = rest.get_mut(&key).and_then(Vec::pop);
            found.is_some_and(|(label, means)| {
                self.means.is_none_or(|own| own == means)
                    && (self.replaced || is_own_label(label, &self.permission))
            })
        })
    }
}

/// A new element must not come to stand at a comment that speaks of another.
fn is_own_label(label: Option<String>, permission: &PermissionText) -> bool {
    label.is_none_or(|label| label.contains(&permission.name))
}

fn resource_key(resource: &ResourceRef) -> String {
    match (resource.app_id(), resource) {
        (Some(id), _) => id.to_string(),
        (None, ResourceRef::Name { name, .. }) => name_key(name),
        (None, ResourceRef::Unresolved { text, reason, .. }) => format!("{reason:?} {text}"),
        (None, ResourceRef::Id { uuid, .. } | ResourceRef::Implied { uuid, .. }) => {
            uuid.to_string()
        }
    }
}

fn permission_key(permission: &PermissionRef) -> String {
    match permission {
        PermissionRef::Id { uuid, .. } => format!("id {uuid}"),
        PermissionRef::Name { name, .. } => name_key(name),
        PermissionRef::Unresolved { text, reason, .. } => format!("{reason:?} {text}"),
    }
}

fn name_key(name: &str) -> String {
    format!("name {}", name.to_ascii_lowercase())
}

fn type_key(permission_type: &TypeRef) -> String {
    match permission_type {
        TypeRef::Known {
            permission_type, ..
        } => permission_type.to_string(),
        TypeRef::Unresolved { text, reason, .. } => format!("{reason:?} {text:?}"),
    }
}

fn condition_key(requested: &Requested) -> Option<String> {
    requested
        .condition
        .as_ref()
        .map(|condition| condition.text.clone())
}

fn kept_key(resource: &ResourceRef, requested: &Requested) -> (Key, Option<String>, Means) {
    let key = Key {
        resource: resource_key(resource),
        permission: permission_key(&requested.permission),
        permission_type: type_key(&requested.permission_type),
        condition: condition_key(requested),
    };
    let label = requested.label.as_ref().map(|label| label.value.clone());
    (key, label, requested.means)
}

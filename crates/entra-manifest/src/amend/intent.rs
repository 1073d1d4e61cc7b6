//! What a manifest is meant to request after its changes, and whether it does.

use std::collections::{BTreeSet, HashMap};

use super::{AmendError, PermissionText};
use crate::model::{App, Kind, KindRef, Manifest, PermissionRef, Requested, ResourceRef};
use crate::span::Spanned;

/// What stays as it was, what comes new, and how many entries there are to be.
#[derive(Debug, Default)]
pub(super) struct Intent {
    apps: Vec<AppIntent>,
}

#[derive(Debug, Default)]
pub(super) struct AppIntent {
    kept: HashMap<(Key, Option<String>), usize>,
    new: Vec<New>,
    /// Entries for resources.
    pub(super) resources: usize,
    /// Whether it is but a list, which is no declaration any more once it is empty.
    is_bare: bool,
}

#[derive(Debug)]
struct New {
    resource: String,
    kind: String,
    permission: PermissionText,
    /// A replaced permission can have a label that is in no words of ours.
    replaced: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    resource: String,
    permission: String,
    kind: String,
}

impl Intent {
    pub(super) fn push(&mut self, app: AppIntent) {
        self.apps.push(app);
    }

    /// The manifest, if it requests what is intended and is no less well-formed than the one before it.
    ///
    /// `after` is what was read from the edited text: nothing, if the last list in it is empty.
    pub(super) fn check(
        self,
        before: &Manifest,
        after: Option<Manifest>,
    ) -> Result<Manifest, AmendError> {
        let vanished = self.apps.iter().filter(|intent| intent.vanishes()).count();
        let after = match after {
            Some(after) => after,
            None if vanished == self.apps.len() => Manifest {
                apps: Vec::new(),
                problems: Vec::new(),
                ..before.clone()
            },
            None => return Err(AmendError::Differs),
        };
        let sorts = |manifest: &Manifest| -> BTreeSet<_> {
            manifest
                .problems
                .iter()
                .map(|problem| problem.kind)
                .collect()
        };
        let same_form = (vanished > 0 || before.format == after.format)
            && before.apps.len() - vanished == after.apps.len()
            && sorts(&after).is_subset(&sorts(before));
        let left = self.apps.into_iter().zip(&before.apps);
        let left = left.filter(|(intent, _)| !intent.vanishes());
        let met = left.zip(&after.apps).all(|((intent, before), after)| {
            let value =
                |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.value.clone());
            value(&before.name) == value(&after.name)
                && value(&before.app_id) == value(&after.app_id)
                && intent.resources == after.resources.len()
                && intent.met_by(after)
        });
        if same_form && met {
            Ok(after)
        } else {
            Err(AmendError::Differs)
        }
    }
}

impl AppIntent {
    pub(super) fn new(is_bare: bool) -> Self {
        Self {
            is_bare,
            ..Self::default()
        }
    }

    pub(super) fn keep(&mut self, resource: &ResourceRef, requested: &Requested) {
        let label = requested.label.as_ref().map(|label| label.value.clone());
        let key = Key {
            resource: resource_key(resource),
            permission: permission_key(&requested.permission),
            kind: kind_key(&requested.kind),
        };
        *self.kept.entry((key, label)).or_default() += 1;
    }

    pub(super) fn replace(
        &mut self,
        resource: &ResourceRef,
        requested: &Requested,
        with: &PermissionText,
        kind: Option<Kind>,
    ) {
        self.new.push(New {
            resource: resource_key(resource),
            kind: kind.map_or_else(|| kind_key(&requested.kind), |kind| kind.to_string()),
            permission: with.clone(),
            replaced: true,
        });
    }

    pub(super) fn add(&mut self, resource: uuid::Uuid, permission: &PermissionText, kind: Kind) {
        self.new.push(New {
            resource: resource.to_string(),
            kind: kind.to_string(),
            permission: permission.clone(),
            replaced: false,
        });
    }

    fn vanishes(&self) -> bool {
        self.is_bare && self.resources == 0
    }

    fn met_by(mut self, app: &App) -> bool {
        let mut rest: HashMap<Key, Vec<Option<String>>> = HashMap::new();
        for requested in &app.requested {
            let Some(resource) = app.resources.get(requested.resource) else {
                return false;
            };
            let key = Key {
                resource: resource_key(&resource.id),
                permission: permission_key(&requested.permission),
                kind: kind_key(&requested.kind),
            };
            let label = requested.label.as_ref().map(|label| label.value.clone());
            let entry = (key, label);
            match self.kept.get_mut(&entry) {
                Some(count) if *count > 0 => *count -= 1,
                _ => rest.entry(entry.0).or_default().push(entry.1),
            }
        }
        let kept = self.kept.values().all(|count| *count == 0);
        let new = self.new.iter().all(|new| {
            [
                format!("id {}", new.permission.id),
                name_key(&new.permission.name),
            ]
            .into_iter()
            .any(|permission| {
                let key = Key {
                    resource: new.resource.clone(),
                    permission,
                    kind: new.kind.clone(),
                };
                let found = rest.get_mut(&key).and_then(Vec::pop);
                found.is_some_and(|label| new.replaced || is_own_label(label, &new.permission))
            })
        });
        kept && new && rest.values().all(Vec::is_empty)
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
        (None, ResourceRef::Id { uuid, .. }) => uuid.to_string(),
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

fn kind_key(kind: &KindRef) -> String {
    match kind {
        KindRef::Known { kind, .. } => kind.to_string(),
        KindRef::Unresolved { text, reason, .. } => format!("{reason:?} {text:?}"),
    }
}

//! What changed from one catalog to another: in all, and for some calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::path::TemplatePath;
use crate::{
    Answer, Bundle, Call, Catalog, LookupOptions, Method, Operation, Permission, PermissionId,
    PermissionName, PermissionType, Scheme,
};

/// Everything that changed from one catalog to another, overrides applied to both. Every list is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogDiff<'a> {
    /// Permissions that the new catalog describes and the old does not.
    pub added_permissions: Vec<PermissionName>,
    /// Permissions that the old catalog describes and the new does not.
    pub removed_permissions: Vec<PermissionName>,
    /// Permissions that both describe, differently.
    pub changed_permissions: Vec<PermissionChange>,
    /// Operations that only the new catalog has.
    pub added_operations: Vec<Operation<'a>>,
    /// Operations that only the old catalog has.
    pub removed_operations: Vec<Operation<'a>>,
    /// Operations that both have, unlocked differently.
    pub changed_operations: Vec<OperationChange<'a>>,
}

impl CatalogDiff<'_> {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added_permissions.is_empty()
            && self.removed_permissions.is_empty()
            && self.changed_permissions.is_empty()
            && self.added_operations.is_empty()
            && self.removed_operations.is_empty()
            && self.changed_operations.is_empty()
    }
}

/// A change to what is said of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionChange {
    /// The permission.
    pub name: PermissionName,
    /// What changed, each as text for people: `application: privilege level 4, was 3`.
    pub changes: Vec<String>,
}

/// A change to what unlocks an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationChange<'a> {
    /// The operation, as the new catalog spells it.
    pub operation: Operation<'a>,
    /// The least bundle before.
    pub before: Option<Bundle>,
    /// The least bundle now.
    pub after: Option<Bundle>,
    /// Bundles that unlock it only now.
    pub gained: Vec<Bundle>,
    /// Bundles that unlocked it only before.
    pub lost: Vec<Bundle>,
    /// What became of the least bundle.
    pub turn: Turn,
}

/// What became of the least way to make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// A narrower one was published.
    Narrower,
    /// It became broader.
    Broader,
    /// It is another one, no narrower and no broader.
    Other,
    /// There is one now.
    NowAnswered,
    /// There is none any more.
    NoLongerAnswered,
    /// It is the same; what else is accepted changed.
    SameLeast,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Narrower => "a narrower permission was published",
            Self::Broader => "a broader permission is needed",
            Self::Other => "another permission is least privileged",
            Self::NowAnswered => "it is supported now",
            Self::NoLongerAnswered => "it is not supported any more",
            Self::SameLeast => "other permissions are accepted beside the least",
        })
    }
}

/// A change to the answer of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallChange {
    /// The answer of the old catalog.
    pub before: Answer,
    /// The answer of the new catalog.
    pub after: Answer,
    /// What became of the least bundle.
    pub turn: Turn,
}

impl Catalog {
    /// What changed from this catalog to a newer one.
    pub fn diff<'a>(&'a self, new: &'a Self) -> CatalogDiff<'a> {
        let described = |catalog: &'a Self| -> BTreeMap<PermissionName, Permission<'a>> {
            catalog
                .permissions()
                .filter(|permission| permission.is_listed())
                .map(|permission| (permission.name(), permission))
                .collect()
        };
        let (was, is) = (described(self), described(new));
        let only_in = |one: &BTreeMap<PermissionName, Permission<'a>>,
                       other: &BTreeMap<PermissionName, Permission<'a>>| {
            let missing = one.keys().filter(|name| !other.contains_key(*name));
            missing.cloned().collect()
        };
        let operations_was = by_key(self);
        let operations_is = by_key(new);
        let only = |one: &BTreeMap<Key, Operation<'a>>, other: &BTreeMap<Key, Operation<'a>>| {
            let mut only: Vec<Operation<'a>> = one
                .iter()
                .filter(|(key, _)| !other.contains_key(*key))
                .map(|(_, operation)| *operation)
                .collect();
            only.sort_unstable();
            only
        };
        let mut changed_operations: Vec<OperationChange<'a>> = operations_is
            .iter()
            .filter_map(|(key, &operation)| {
                let before = self.answer_to(*operations_was.get(key)?, LookupOptions::default())?;
                let after = new.answer_to(operation, LookupOptions::default())?;
                self.operation_change(new, operation, before, after)
            })
            .collect();
        changed_operations.sort_unstable();
        CatalogDiff {
            added_permissions: only_in(&is, &was),
            removed_permissions: only_in(&was, &is),
            changed_permissions: is
                .iter()
                .filter_map(|(name, now)| permission_change(*was.get(name)?, *now))
                .collect(),
            added_operations: only(&operations_is, &operations_was),
            removed_operations: only(&operations_was, &operations_is),
            changed_operations,
        }
    }

    /// What changed for some calls from this catalog to a newer one; calls with the same answer are left out.
    pub fn diff_calls(
        &self,
        new: &Self,
        calls: &[(Call, Scheme)],
        options: LookupOptions,
    ) -> Vec<CallChange> {
        calls
            .iter()
            .filter_map(|(call, scheme)| {
                let before = self.lookup(call, *scheme, options);
                let after = new.lookup(call, *scheme, options);
                let turn = turn(self, new, *scheme, &before, &after)?;
                Some(CallChange {
                    before,
                    after,
                    turn,
                })
            })
            .collect()
    }

    /// The answer to an operation of this catalog. `None` if its template is no path that a call can have.
    pub(crate) fn answer_to(
        &self,
        operation: Operation<'_>,
        options: LookupOptions,
    ) -> Option<Answer> {
        let call = Call {
            scheme: None,
            method: operation.method,
            path: crate::CallPath::parse(operation.template).ok()?,
        };
        Some(self.lookup(&call, operation.scheme, options))
    }

    fn operation_change<'a>(
        &self,
        new: &Self,
        operation: Operation<'a>,
        before: Answer,
        after: Answer,
    ) -> Option<OperationChange<'a>> {
        let turn = turn(self, new, operation.scheme, &before, &after)?;
        let missing = |from: &[Bundle], other: &[Bundle]| -> Vec<Bundle> {
            from.iter()
                .filter(|bundle| !other.contains(bundle))
                .cloned()
                .collect()
        };
        Some(OperationChange {
            operation,
            gained: missing(&after.accepted, &before.accepted),
            lost: missing(&before.accepted, &after.accepted),
            before: before.least,
            after: after.least,
            turn,
        })
    }
}

/// What became of the least bundle; `None` if the answers accept the same.
fn turn(
    old: &Catalog,
    new: &Catalog,
    scheme: Scheme,
    before: &Answer,
    after: &Answer,
) -> Option<Turn> {
    let accepted = |answer: &Answer| {
        answer
            .accepted
            .iter()
            .cloned()
            .collect::<BTreeSet<Bundle>>()
    };
    match (&before.least, &after.least) {
        (None, None) => None,
        (None, Some(_)) => Some(Turn::NowAnswered),
        (Some(_), None) => Some(Turn::NoLongerAnswered),
        (Some(was), Some(is)) if was == is => {
            (accepted(before) != accepted(after)).then_some(Turn::SameLeast)
        }
        (Some(was), Some(is)) => {
            // Both by one catalog where it can be: levels have been rescaled wholesale before.
            let width = |bundle: &Bundle| {
                let names =
                    || std::iter::once(&bundle.permission).chain(bundle.also_requires.first());
                let knows = |catalog: &Catalog| {
                    names().all(|name| {
                        catalog
                            .permission(name.as_str())
                            .is_some_and(|permission| permission.is_listed())
                    })
                };
                let by = if knows(new) { new } else { old };
                let level = |name: &PermissionName| {
                    let info = by
                        .permission(name.as_str())
                        .and_then(|permission| permission.scheme(scheme));
                    info.and_then(|info| info.privilege_level)
                        .unwrap_or(crate::catalog::NO_LEVEL)
                };
                (
                    names().count(),
                    names().map(level).max(),
                    names().map(|name| by.breadth(name, scheme)).sum::<usize>(),
                )
            };
            Some(match width(is).cmp(&width(was)) {
                std::cmp::Ordering::Less => Turn::Narrower,
                std::cmp::Ordering::Greater => Turn::Broader,
                std::cmp::Ordering::Equal => Turn::Other,
            })
        }
    }
}

/// An operation in whatever spelling.
type Key = (String, Method, Scheme);

fn by_key(catalog: &Catalog) -> BTreeMap<Key, Operation<'_>> {
    catalog
        .operations()
        .filter_map(|operation| {
            let lower = operation.template.to_lowercase();
            let canonical = TemplatePath::parse(&lower)?.canonical();
            Some(((canonical, operation.method, operation.scheme), operation))
        })
        .collect()
}

fn permission_change(was: Permission<'_>, is: Permission<'_>) -> Option<PermissionChange> {
    let mut changes = Vec::new();
    if was.is_rsc() != is.is_rsc() {
        let kind = |permission: Permission<'_>| {
            if permission.is_rsc() {
                "resource-specific"
            } else {
                "tenant-wide"
            }
        };
        changes.push(format!("{}, was {}", kind(is), kind(was)));
    }
    for scheme in Scheme::ALL {
        match (was.scheme(scheme), is.scheme(scheme)) {
            (None, None) => {}
            (None, Some(_)) => changes.push(format!("{scheme}: new")),
            (Some(_), None) => changes.push(format!("{scheme}: gone")),
            (Some(was), Some(is)) => {
                if was.privilege_level != is.privilege_level {
                    let level = |level: Option<u8>| {
                        level.map_or("none".to_owned(), |level| level.to_string())
                    };
                    changes.push(format!(
                        "{scheme}: privilege level {}, was {}",
                        level(is.privilege_level),
                        level(was.privilege_level)
                    ));
                }
                if was.admin_consent != is.admin_consent {
                    let consent = if is.admin_consent {
                        "needed"
                    } else {
                        "not needed"
                    };
                    changes.push(format!("{scheme}: admin consent {consent} now"));
                }
            }
        }
    }
    for kind in [PermissionType::Delegated, PermissionType::Application] {
        let (was, is) = (was.id(kind), is.id(kind));
        if was != is {
            let id = |id: Option<PermissionId>| id.map_or("none".to_owned(), |id| id.to_string());
            changes.push(format!("{kind}: id {}, was {}", id(is), id(was)));
        }
    }
    (!changes.is_empty()).then(|| PermissionChange {
        name: is.name(),
        changes,
    })
}

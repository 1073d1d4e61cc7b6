//! What changed from one catalog to another: in all, and for some calls.

use std::cmp::Ordering;
use std::collections::BTreeMap;
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
    /// Permissions that both describe, differently. [`level_shifts`](Self::level_shifts) folds equal changes.
    pub changed_permissions: Vec<PermissionChange>,
    /// Operations that only the new catalog has.
    pub added_operations: Vec<Operation<'a>>,
    /// Operations that only the old catalog has.
    pub removed_operations: Vec<Operation<'a>>,
    /// Operations that both have, unlocked differently: the worst first.
    pub changed_operations: Vec<OperationChange<'a>>,
}

/// Permissions whose privilege level changed alike: Microsoft rescales levels wholesale now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelShift {
    /// In which scheme.
    pub scheme: Scheme,
    /// The level before; `None` if there was none.
    pub was: Option<u8>,
    /// The level now; `None` if there is none.
    pub is: Option<u8>,
    /// The permissions, by name.
    pub permissions: Vec<PermissionName>,
}

impl fmt::Display for LevelShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = |level: Option<u8>| level.map_or("none".to_owned(), |level| level.to_string());
        write!(
            f,
            "{}: privilege level {}, was {}",
            self.scheme,
            level(self.is),
            level(self.was)
        )
    }
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

    /// The changes of privilege levels, equal ones as one: those that rise most first, then those of most
    /// permissions.
    pub fn level_shifts(&self) -> Vec<LevelShift> {
        let mut shifts: BTreeMap<LevelChange, Vec<PermissionName>> = BTreeMap::new();
        for change in &self.changed_permissions {
            for level in &change.levels {
                shifts.entry(*level).or_default().push(change.name.clone());
            }
        }
        let mut shifts: Vec<LevelShift> = shifts
            .into_iter()
            .map(|(level, permissions)| LevelShift {
                scheme: level.scheme,
                was: level.was,
                is: level.is,
                permissions,
            })
            .collect();
        let rise = |shift: &LevelShift| {
            let level = |level: Option<u8>| i16::from(level.unwrap_or(crate::catalog::NO_LEVEL));
            level(shift.is) - level(shift.was)
        };
        shifts.sort_by_key(|shift| {
            (
                std::cmp::Reverse(rise(shift)),
                std::cmp::Reverse(shift.permissions.len()),
                shift.scheme,
                shift.was,
            )
        });
        shifts
    }
}

/// A change to what is said of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionChange {
    /// The permission.
    pub name: PermissionName,
    /// What changed but for the levels, each as text for people: `application: new`.
    pub changes: Vec<String>,
    /// Its levels that changed.
    pub levels: Vec<LevelChange>,
}

impl PermissionChange {
    /// Everything that changed, each as text for people.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        let levels = self.levels.iter().map(|level| {
            LevelShift {
                scheme: level.scheme,
                was: level.was,
                is: level.is,
                permissions: Vec::new(),
            }
            .to_string()
        });
        self.changes.iter().cloned().chain(levels)
    }
}

/// A change of a privilege level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LevelChange {
    /// In which scheme.
    pub scheme: Scheme,
    /// The level before.
    pub was: Option<u8>,
    /// The level now.
    pub is: Option<u8>,
}

/// A change to what unlocks an operation. In order, the worst comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationChange<'a> {
    /// What became of the least bundle.
    pub turn: Turn,
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
}

/// What became of the least way to make a call, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// There is none any more.
    NoLongerAnswered,
    /// It is no longer accepted, and the new one is broader.
    Broader,
    /// It is no longer accepted, and the new one is no broader.
    Replaced,
    /// It is still the least; others are no longer accepted.
    Fewer,
    /// A narrower one was published; the old one is still accepted.
    Narrower,
    /// Another one is marked; the old one is still accepted.
    Other,
    /// It is still the least; others are accepted too.
    More,
    /// There is one now.
    NowAnswered,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoLongerAnswered => "it is not supported any more",
            Self::Broader => {
                "a broader permission is needed, since the old one is no longer accepted"
            }
            Self::Replaced => {
                "another permission is needed, since the old one is no longer accepted"
            }
            Self::Fewer => "the least is the same, and other permissions are no longer accepted",
            Self::Narrower => "a narrower permission was published",
            Self::Other => "another permission is least, and the old one is still accepted",
            Self::More => "the least is the same, and other permissions are accepted too",
            Self::NowAnswered => "it is supported now",
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
    /// Bundles that unlock it only now.
    pub gained: Vec<Bundle>,
    /// Bundles that unlocked it only before.
    pub lost: Vec<Bundle>,
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

    /// What changed for some calls from this catalog to a newer one, the worst first; calls with the same
    /// answer are left out.
    pub fn diff_calls(
        &self,
        new: &Self,
        calls: &[(Call, Scheme)],
        options: LookupOptions,
    ) -> Vec<CallChange> {
        let mut changes: Vec<CallChange> = calls
            .iter()
            .filter_map(|(call, scheme)| {
                let before = self.lookup(call, *scheme, options);
                let after = new.lookup(call, *scheme, options);
                let turn = turn(self, new, *scheme, &before, &after)?;
                Some(CallChange {
                    gained: missing(&after.accepted, &before.accepted),
                    lost: missing(&before.accepted, &after.accepted),
                    before,
                    after,
                    turn,
                })
            })
            .collect();
        changes.sort_by_key(|change| change.turn);
        changes
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

/// The bundles of one list that another lacks.
fn missing(from: &[Bundle], other: &[Bundle]) -> Vec<Bundle> {
    from.iter()
        .filter(|bundle| !other.contains(bundle))
        .cloned()
        .collect()
}

/// What became of the least bundle; `None` if the answers accept the same.
fn turn(
    old: &Catalog,
    new: &Catalog,
    scheme: Scheme,
    before: &Answer,
    after: &Answer,
) -> Option<Turn> {
    match (&before.least, &after.least) {
        (None, None) => None,
        (None, Some(_)) => Some(Turn::NowAnswered),
        (Some(_), None) => Some(Turn::NoLongerAnswered),
        (Some(was), Some(is)) if was == is => {
            if !missing(&before.accepted, &after.accepted).is_empty() {
                Some(Turn::Fewer)
            } else if !missing(&after.accepted, &before.accepted).is_empty() {
                Some(Turn::More)
            } else {
                None
            }
        }
        (Some(was), Some(is)) => {
            // An app that holds the old bundle, with any of its partners, goes on as it did.
            let holds = |name: &PermissionName| was.names().any(|known| known == name);
            let is_accepted = after.covered_by(&holds).is_some();
            let is_reading = after.call.method == Method::Get;
            let order = width(old, new, scheme, is_reading, is)
                .cmp(&width(old, new, scheme, is_reading, was));
            Some(match (is_accepted, order) {
                (false, Ordering::Greater) => Turn::Broader,
                (false, _) => Turn::Replaced,
                (true, Ordering::Less) => Turn::Narrower,
                (true, _) => Turn::Other,
            })
        }
    }
}

/// How much a bundle allows: how many permissions, whether one writes though the call reads, and how many
/// writing operations and operations they unlock. Both bundles are measured by one catalog where it can be;
/// privilege levels play no part, since they have been rescaled wholesale.
fn width(
    old: &Catalog,
    new: &Catalog,
    scheme: Scheme,
    is_reading: bool,
    bundle: &Bundle,
) -> (usize, bool, usize, usize) {
    let names = || std::iter::once(&bundle.permission).chain(bundle.also_requires.first());
    let knows = |catalog: &Catalog| {
        names().all(|name| {
            catalog
                .permission(name.as_str())
                .is_some_and(|permission| permission.is_listed())
        })
    };
    let by = if knows(new) { new } else { old };
    (
        names().count(),
        is_reading && names().any(PermissionName::says_write),
        names().map(|name| by.writing(name, scheme)).sum(),
        names().map(|name| by.breadth(name, scheme)).sum(),
    )
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
    let (mut changes, mut levels) = (Vec::new(), Vec::new());
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
                    levels.push(LevelChange {
                        scheme,
                        was: was.privilege_level,
                        is: is.privilege_level,
                    });
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
    (!changes.is_empty() || !levels.is_empty()).then(|| PermissionChange {
        name: is.name(),
        changes,
        levels,
    })
}

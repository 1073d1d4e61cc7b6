//! What is doubtful in a catalog.

use std::collections::BTreeMap;

use crate::answer::Doubt;
use crate::path::mask_placeholders;
use crate::{Catalog, LookupOptions, Operation, Override, PermissionName, Verdict};

/// What is doubtful in a catalog, overrides applied. Every list is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogCheck<'a> {
    /// Operations of which no permission is marked least privileged.
    pub unmarked: Vec<Operation<'a>>,
    /// Operations of which several are.
    pub several_marked: Vec<Marked<'a>>,
    /// Operations that write, whose least permission only reads by its name.
    pub read_only_on_write: Vec<Marked<'a>>,
    /// Operations that read, whose least permission writes by its name.
    pub writes_on_read: Vec<Marked<'a>>,
    /// Operations whose least permission the service does not have.
    pub not_in_service: Vec<Marked<'a>>,
    /// Operations whose least permission is granted per team, chat or user.
    pub resource_specific: Vec<Marked<'a>>,
    /// Operations whose least permission has no id in the provisioning file.
    pub no_id: Vec<Marked<'a>>,
    /// Templates that are spelled in several ways, by more than the names of their placeholders.
    pub spellings: Vec<Vec<&'a str>>,
    /// Names of permissions that differ by case alone.
    pub names: Vec<Vec<PermissionName>>,
    /// Corrections that the data has caught up with.
    pub stale_overrides: Vec<&'a Override>,
}

/// An operation with the permissions that are in doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked<'a> {
    /// The operation.
    pub operation: Operation<'a>,
    /// The marked permissions, best first; or the least one alone.
    pub permissions: Vec<PermissionName>,
}

impl Catalog {
    /// Lists what is doubtful in this catalog.
    pub fn check(&self) -> CatalogCheck<'_> {
        let mut check = CatalogCheck {
            unmarked: Vec::new(),
            several_marked: Vec::new(),
            read_only_on_write: Vec::new(),
            writes_on_read: Vec::new(),
            not_in_service: Vec::new(),
            resource_specific: Vec::new(),
            no_id: Vec::new(),
            spellings: Vec::new(),
            names: Vec::new(),
            stale_overrides: self.stale_overrides().collect(),
        };
        for operation in self.operations() {
            let Some(answer) = self.answer_to(operation, LookupOptions::default()) else {
                continue;
            };
            let with = |permissions: Vec<PermissionName>| Marked {
                operation,
                permissions,
            };
            let least = || {
                answer
                    .least
                    .iter()
                    .map(|bundle| bundle.permission.clone())
                    .collect()
            };
            if answer.verdict == Verdict::Unmarked {
                check.unmarked.push(operation);
            }
            for doubt in &answer.doubts {
                match doubt {
                    Doubt::SeveralMarked => check.several_marked.push(with(
                        answer
                            .marked
                            .iter()
                            .map(|bundle| bundle.permission.clone())
                            .collect(),
                    )),
                    Doubt::ReadOnlyOnWrite => check.read_only_on_write.push(with(least())),
                    Doubt::ResourceSpecific => check.resource_specific.push(with(least())),
                    Doubt::NoId => check.no_id.push(with(least())),
                    Doubt::WritesOnRead => check.writes_on_read.push(with(least())),
                    Doubt::NotInService => check.not_in_service.push(with(least())),
                    // Of the call as it is written: nothing is wrong in the data.
                    Doubt::SelfOnly { .. }
                    | Doubt::CastDropped
                    | Doubt::MeTwin
                    | Doubt::BetaOnly
                    | Doubt::DependsOnBody
                    | Doubt::DependsOnObject => {}
                }
            }
        }
        for template in self.template_ids() {
            let mut spellings: Vec<&str> = std::iter::once(self.spelling(template))
                .chain(self.other_spellings(template))
                .collect();
            spellings.sort_by_cached_key(|spelling| mask_placeholders(spelling));
            spellings.dedup_by_key(|spelling| mask_placeholders(spelling));
            if spellings.len() > 1 {
                check.spellings.push(spellings);
            }
        }
        let mut by_folded: BTreeMap<String, Vec<PermissionName>> = BTreeMap::new();
        for permission in self.permissions() {
            let name = permission.name();
            by_folded
                .entry(name.as_str().to_ascii_lowercase())
                .or_default()
                .push(name);
        }
        check.names = by_folded
            .into_values()
            .filter(|names| names.len() > 1)
            .collect();
        for names in &mut check.names {
            names.sort_unstable();
        }
        check.unmarked.sort_unstable();
        check.several_marked.sort_unstable();
        check.read_only_on_write.sort_unstable();
        check.resource_specific.sort_unstable();
        check.writes_on_read.sort_unstable();
        check.not_in_service.sort_unstable();
        check.no_id.sort_unstable();
        check.spellings.sort_unstable();
        check
    }
}

//! The permissions that fit what is typed, those that the app's calls need first.

use std::collections::BTreeMap;

use entralint_core::text;
use msgraph_permissions::{Permission, PermissionName, PermissionType};

use super::{Item, Kind};
use crate::view::View;

/// Of more than these another letter makes the choice.
const MOST: usize = 200;

/// How permissions are written at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// By name.
    Name,
    /// By id; the name is shown.
    Id,
}

/// What permissions are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Delegated or application; both where it is `None`.
    pub(super) permission_type: Option<PermissionType>,
    /// By name or id.
    pub(super) form: Form,
    /// Those that Teams grants per team, chat or user, and no others.
    pub(super) resource_specific: bool,
}

impl Wanted {
    pub(super) const fn new(permission_type: Option<PermissionType>, form: Form) -> Self {
        Self {
            permission_type,
            form,
            resource_specific: false,
        }
    }
}

/// The permissions that fit, the likeliest first, and whether there are more.
pub(super) fn fitting(view: &View<'_>, wanted: Wanted, typed: &str) -> (Vec<Item>, bool) {
    let catalog = view.catalog();
    let typed = typed.to_ascii_lowercase();
    let needed = needed(view);
    let mut found: Vec<((bool, u8, PermissionName, PermissionType), Item)> = Vec::new();
    for permission in catalog.permissions() {
        if permission.is_rsc() != wanted.resource_specific {
            continue;
        }
        let name = permission.name();
        let lower = name.as_str().to_ascii_lowercase();
        let types: Vec<PermissionType> = permission
            .types()
            .filter(|t| wanted.permission_type.is_none_or(|wanted| wanted == *t))
            // What no tenant can grant is no proposal.
            .filter(|t| permission.in_service(*t))
            .filter(|t| wanted.form == Form::Name || permission.id(*t).is_some())
            .collect();
        let groups: Vec<&[PermissionType]> = match wanted.form {
            // A name stands for both; each type has an id of its own.
            Form::Name if !types.is_empty() => vec![&types],
            Form::Name => Vec::new(),
            Form::Id => types.chunks(1).collect(),
        };
        for types in groups {
            let Some(first) = types.first().copied() else {
                continue;
            };
            let id = match wanted.form {
                Form::Name => None,
                Form::Id => permission.id(first).map(|id| id.to_string()),
            };
            let by_id = !typed.is_empty() && id.as_ref().is_some_and(|id| id.starts_with(&typed));
            let Some(rank) = (if by_id { Some(0) } else { rank(&lower, &typed) }) else {
                continue;
            };
            let call = types
                .iter()
                .find_map(|t| needed.get(&(name.clone(), *t)).map(String::as_str));
            let insert = id.clone().unwrap_or_else(|| name.to_string());
            found.push((
                (call.is_none(), rank, name.clone(), first),
                Item {
                    label: name.to_string(),
                    detail: detail(permission, types, call),
                    filter: match id {
                        Some(id) if by_id => id,
                        Some(id) => format!("{name} {id}"),
                        None => name.to_string(),
                    },
                    insert,
                    kind: Kind::Permission,
                },
            ));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let is_cut = found.len() > MOST;
    let items = found.into_iter().take(MOST).map(|(_, item)| item).collect();
    (items, is_cut)
}

/// How well a name fits what is typed, best first; `None` where it does not.
fn rank(name: &str, typed: &str) -> Option<u8> {
    if name.starts_with(typed) {
        return Some(0);
    }
    if name.split(['.', '-']).any(|part| part.starts_with(typed)) {
        return Some(1);
    }
    if name.contains(typed) {
        return Some(2);
    }
    let mut letters = name.chars();
    typed
        .chars()
        .all(|wanted| letters.any(|letter| letter == wanted))
        .then_some(3)
}

fn detail(permission: Permission<'_>, types: &[PermissionType], call: Option<&str>) -> String {
    let names: Vec<&str> = types.iter().map(|t| text::permission_type(*t)).collect();
    let mut parts = vec![text::and(&names)];
    if let [one] = types
        && let Some(info) = permission.scheme(one.scheme())
    {
        if let Some(level) = info.privilege_level {
            parts.push(format!("level {level} of 5"));
        }
        if info.admin_consent {
            parts.push("admin consent".to_owned());
        }
    }
    if let Some(call) = call {
        parts.push(format!("needed by {call}"));
    }
    parts.join(", ")
}

/// What is least privileged for the calls of the file's apps, each with one of these calls.
fn needed(view: &View<'_>) -> BTreeMap<(PermissionName, PermissionType), String> {
    /// A file with more apps than this is an export, which is not written by hand.
    const MOST_APPS: usize = 8;
    let mut needed = BTreeMap::new();
    let here = |app: &&entralint_core::plan::AppId| *app.path == *view.source.name();
    for app in view.apps.iter().filter(here).take(MOST_APPS) {
        for call in &view.plan.calls_for(app).calls {
            for answer in &call.answers {
                if let Some(least) = &answer.least {
                    needed
                        .entry((least.permission.clone(), answer.scheme.permission_type()))
                        .or_insert_with(|| call.operation());
                }
            }
        }
    }
    needed
}

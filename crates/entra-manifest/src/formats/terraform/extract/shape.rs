//! Permissions in objects: lists of objects in place of blocks, bodies of Graph requests, arguments of modules that are
//! not in the repository. The names of the members say what is what.

mod foreign;

pub(super) use foreign::{are_permissions, named_type};

use source_text::Span;
use uuid::Uuid;

use super::permission::is_permission_name;
use super::{Draft, Reader};
use crate::PermissionType;
use crate::formats::terraform::symbol::Api;
use crate::formats::terraform::value::{Entry, Kind, Text, Value};
use crate::model::Means;

/// Objects within objects, as far as they are looked through.
const MAX_DEPTH: usize = 16;

/// Members that name the API of an entry.
const RESOURCES: &[&str] = &[
    "resourceappid",
    "resourceapplicationid",
    "apiclientid",
    "resourceid",
];

/// Members that hold the permissions of an entry.
const ACCESSES: &[&str] = &["resourceaccess", "resourceaccesses", "permissions"];

/// Members of entries that other people's modules take, and the type that their names say.
const LISTS: &[(&str, PermissionType)] = &[
    ("roleids", PermissionType::Application),
    ("rolevalues", PermissionType::Application),
    ("roles", PermissionType::Application),
    ("approles", PermissionType::Application),
    ("approleids", PermissionType::Application),
    ("applicationpermissions", PermissionType::Application),
    ("application", PermissionType::Application),
    ("scopeids", PermissionType::Delegated),
    ("scopevalues", PermissionType::Delegated),
    ("scopes", PermissionType::Delegated),
    ("oauth2permissionscopeids", PermissionType::Delegated),
    ("oauth2permissionscopes", PermissionType::Delegated),
    ("delegatedpermissions", PermissionType::Delegated),
    ("delegated", PermissionType::Delegated),
];

/// A member's name without case and underscores: `resource_app_id`, `resourceAppId`.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_' && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn find<'v>(entries: &'v [Entry], names: &[&str]) -> Option<&'v Value> {
    entries
        .iter()
        .find(|e| names.contains(&&*fold(&e.key.text)))
        .map(|e| &e.value)
}

impl Reader<'_, '_> {
    /// All entries within a value, however deep.
    pub(super) fn objects(&self, value: &Value, used: Span, means: Means, out: &mut Vec<Draft>) {
        self.objects_within(value, used, means, 0, out);
    }

    fn objects_within(
        &self,
        value: &Value,
        used: Span,
        means: Means,
        depth: usize,
        out: &mut Vec<Draft>,
    ) {
        if depth > MAX_DEPTH || !self.eval.charge(1) {
            return;
        }
        match &value.kind {
            Kind::List(items) | Kind::Set(items) => {
                for item in items.iter() {
                    let item = item.clone().doubted(value.maybe.as_ref());
                    if item.as_unknown().is_some() && depth == 0 {
                        self.push_unknown(&item, used, means, out);
                    } else {
                        self.objects_within(&item, used, means, depth + 1, out);
                    }
                }
            }
            Kind::Choice { options, .. } => {
                for option in options.iter() {
                    let option = option.clone().doubted(Some(&self.eval.doubt(used)));
                    self.objects_within(&option, used, means, depth + 1, out);
                }
            }
            Kind::Map(entries) => {
                let before = out.len();
                let handled = self.object(entries, used, means, out);
                for draft in &mut out[before..] {
                    if draft.condition.is_none() {
                        draft.condition.clone_from(&value.maybe);
                    }
                }
                if !handled {
                    for entry in entries.iter() {
                        let member = entry.value.clone().doubted(value.maybe.as_ref());
                        self.objects_within(&member, used, means, depth + 1, out);
                    }
                }
            }
            Kind::Unknown(_) if depth == 0 => self.push_unknown(value, used, means, out),
            _ => {}
        }
    }

    pub(super) fn push_unknown(
        &self,
        value: &Value,
        used: Span,
        means: Means,
        out: &mut Vec<Draft>,
    ) {
        for picked in self.picked(value, used, false) {
            let mut draft = self.draft(picked, None, used, None, used, used);
            draft.means = means;
            out.push(draft);
        }
    }

    /// An entry: an object that names an API and holds its permissions.
    pub(super) fn object(
        &self,
        entries: &[Entry],
        used: Span,
        means: Means,
        out: &mut Vec<Draft>,
    ) -> bool {
        let Some(resource) = find(entries, RESOURCES) else {
            return false;
        };
        let Some(accesses) = find(entries, ACCESSES) else {
            return false;
        };
        let said = self.place(resource, used);
        let api = self.eval.api_of(resource, said);
        self.accesses(accesses, &api, said, used, used, means, out);
        true
    }

    /// A list of `{id, type}`.
    #[expect(
        clippy::too_many_arguments,
        reason = "what an entry says is all in the call"
    )]
    pub(super) fn accesses(
        &self,
        value: &Value,
        api: &Api,
        said: Span,
        entry: Span,
        used: Span,
        means: Means,
        out: &mut Vec<Draft>,
    ) {
        let items: Vec<Value> = match &value.kind {
            Kind::List(items) | Kind::Set(items) => items
                .iter()
                .map(|i| i.clone().doubted(value.maybe.as_ref()))
                .collect(),
            Kind::Null => return,
            Kind::Map(entries) if types_by_permission(entries) => entries
                .iter()
                .map(|e| access(&e.key, &e.value).doubted(value.maybe.as_ref()))
                .collect(),
            // `{ read_users = { id = "…", type = "Role" } }`: the keys are for people.
            Kind::Map(entries)
                if find(entries, &["id"]).is_none()
                    && entries.iter().all(|e| e.value.entries().is_some()) =>
            {
                entries
                    .iter()
                    .map(|e| e.value.clone().doubted(value.maybe.as_ref()))
                    .collect()
            }
            _ => vec![value.clone()],
        };
        for item in items {
            let (id, ty) = match item.entries() {
                Some(members) => (
                    find(members, &["id"]).cloned().unwrap_or(Value::NULL),
                    find(members, &["type"]),
                ),
                None => (item.clone(), None),
            };
            for picked in self.picked(&id, used, false) {
                let ty = ty.map(|ty| (ty, self.place(ty, used)));
                let mut draft = self.draft(picked, Some(api), said, ty, entry, used);
                if draft.condition.is_none() {
                    draft.condition.clone_from(&item.maybe);
                }
                draft.means = means;
                out.push(draft);
            }
        }
    }

    /// Where a value stands, if it is a string; `used` otherwise.
    fn place(&self, value: &Value, used: Span) -> Span {
        value
            .as_text()
            .map_or(used, |text| self.quoted(text.origin.span()))
    }
}

/// `{ "User.Read" = "Scope", "<id>" = "Role" }`: permissions as keys, their types as values.
pub(super) fn types_by_permission(entries: &[Entry]) -> bool {
    !entries.is_empty()
        && entries.iter().all(|entry| {
            let key = entry.key.text.trim();
            let ty = entry.value.as_text().map(|ty| &*ty.text);
            let permission = is_permission_name(key) || Uuid::try_parse(key).is_ok();
            permission && matches!(ty, Some("Role" | "Scope"))
        })
}

/// `{id, type}` out of a permission and its type.
pub(super) fn access(permission: &Text, ty: &Value) -> Value {
    let member = |name: &str, value: Value| Entry {
        key: Text::new(name, permission.origin),
        value,
    };
    Value::map(vec![
        member("id", Kind::Text(permission.clone()).into()),
        member("type", ty.clone()),
    ])
}

//! Permissions in objects: lists of objects in place of blocks, bodies of Graph requests, arguments of modules that are
//! not in the repository. The names of the members say what is what.

use source_text::Span;

use super::permission::is_permission_name;
use super::{Draft, Reader};
use crate::PermissionType;
use crate::formats::terraform::eval::{graph, names_graph};
use crate::formats::terraform::symbol::{Api, Symbol};
use crate::formats::terraform::value::{Entry, Kind, Value};
use crate::model::{Means, PermissionRef};

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
const ACCESSES: &[&str] = &["resourceaccess", "resourceaccesses"];

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

    /// Entries of the shapes that other people's modules take: an object that names Microsoft Graph, by a member or by
    /// its key, with lists of roles and scopes; and ids that were looked up at Graph's service principal, wherever they
    /// stand.
    pub(super) fn foreign(
        &self,
        value: &Value,
        key: Option<&str>,
        used: Span,
        depth: usize,
        out: &mut Vec<Draft>,
    ) {
        if depth > MAX_DEPTH || !self.eval.charge(1) {
            return;
        }
        match &value.kind {
            Kind::List(items) | Kind::Set(items) => {
                for item in items.iter() {
                    self.foreign(
                        &item.clone().doubted(value.maybe.as_ref()),
                        key,
                        used,
                        depth + 1,
                        out,
                    );
                }
            }
            Kind::Choice { options, .. } => {
                for option in options.iter() {
                    self.foreign(
                        &option.clone().doubted(Some(&self.eval.doubt(used))),
                        key,
                        used,
                        depth + 1,
                        out,
                    );
                }
            }
            Kind::Map(entries) => {
                let before = out.len();
                let handled = self.object(entries, used, Means::Requested, out)
                    || self.foreign_entry(entries, key, used, out);
                for draft in &mut out[before..] {
                    if draft.condition.is_none() {
                        draft.condition.clone_from(&value.maybe);
                    }
                }
                if !handled {
                    for entry in entries.iter() {
                        let member = entry.value.clone().doubted(value.maybe.as_ref());
                        self.foreign(&member, Some(&entry.key.text), used, depth + 1, out);
                    }
                }
            }
            Kind::Symbol(symbol) => {
                if let Symbol::Permission(api, ..) = &**symbol
                    && api.is_graph()
                {
                    for picked in self.picked(value, used, false) {
                        out.push(self.draft(picked, None, used, None, used, used));
                    }
                }
            }
            _ => {}
        }
    }

    fn foreign_entry(
        &self,
        entries: &[Entry],
        key: Option<&str>,
        used: Span,
        out: &mut Vec<Draft>,
    ) -> bool {
        let named = entries
            .iter()
            .find(|entry| match &entry.value.settled().kind {
                Kind::Text(_) => {
                    self.eval.api_of(&entry.value, used).is_graph() || is_graph_word(&entry.value)
                }
                Kind::Symbol(_) => self.eval.api_of(&entry.value, used).is_graph(),
                _ => false,
            });
        let said = match (named, key) {
            (Some(entry), _) => self.place(&entry.value, used),
            (None, Some(key)) if names_graph(key) => used,
            _ => return false,
        };
        let api = graph(said);
        let mut handled = false;
        for entry in entries {
            let name = fold(&entry.key.text);
            let Some((_, ty)) = LISTS.iter().find(|(list, _)| *list == name) else {
                continue;
            };
            handled = true;
            for item in named_items(&entry.value) {
                for mut picked in self.picked(&item, used, false) {
                    picked.permission_type = Some(*ty);
                    out.push(self.draft(picked, Some(&api), said, None, used, used));
                }
            }
        }
        if handled {
            return true;
        }
        // `{api = "Microsoft Graph", type = "Role", name = "User.Read.All"}`
        let ty = find(entries, &["type", "permissiontype", "kind"]);
        let permission = find(
            entries,
            &["id", "permission", "value", "name", "permissionid"],
        );
        if let (Some(ty), Some(permission)) = (ty, permission)
            && permission
                .as_text()
                .is_some_and(|text| !is_graph_word(permission) && !text.text.is_empty())
        {
            let known = ty.as_text().and_then(|text| named_type(&text.text));
            for mut picked in self.picked(permission, used, false) {
                if matches!(picked.permission, PermissionRef::Unresolved { .. }) || known.is_none()
                {
                    continue;
                }
                handled = true;
                picked.permission_type = known;
                out.push(self.draft(picked, Some(&api), said, None, used, used));
            }
        }
        handled
    }
}

/// The permissions of a list: strings, or objects that hold an id, a value or a name, keyed or not.
fn named_items(value: &Value) -> Vec<Value> {
    let one = |item: &Value| match item.entries() {
        Some(members) => find(members, &["id", "value", "name"]).cloned(),
        None => Some(item.clone()),
    };
    match &value.kind {
        Kind::List(items) | Kind::Set(items) => items
            .iter()
            .filter_map(|item| Some(one(item)?.doubted(item.maybe.as_ref())))
            .collect(),
        Kind::Map(entries) => entries
            .iter()
            .filter_map(|entry| one(&entry.value))
            .collect(),
        _ => vec![value.clone()],
    }
}

/// The type that a word says.
pub(super) fn named_type(word: &str) -> Option<PermissionType> {
    let word = word.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|part| word.contains(part));
    match (
        says(&["role", "application", "app_perm"]),
        says(&["scope", "delegated"]),
    ) {
        (true, false) => Some(PermissionType::Application),
        (false, true) => Some(PermissionType::Delegated),
        _ => None,
    }
}

/// Whether a string is one of the words by which people call Microsoft Graph.
fn is_graph_word(value: &Value) -> bool {
    value.as_text().is_some_and(|text| {
        let folded = fold(&text.text.replace([' ', '.', '/', ':'], ""));
        [
            "microsoftgraph",
            "msgraph",
            "graph",
            "httpsgraphmicrosoftcom",
            "graphmicrosoftcom",
        ]
        .contains(&&*folded)
    })
}

/// Whether a value is a list of nothing but names or ids of permissions.
pub(super) fn are_permissions(value: &Value) -> bool {
    value.elements().is_some_and(|items| {
        !items.is_empty()
            && items.iter().all(|item| {
                item.as_text()
                    .is_some_and(|text| is_permission_name(&text.text) || is_id(&text.text))
            })
    })
}

fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text.trim()).is_ok_and(|id| !id.is_nil())
}

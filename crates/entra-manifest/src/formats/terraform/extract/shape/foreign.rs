//! Entries of the shapes that other people's modules take: lists of roles and scopes by the name or key of their API.

use source_text::Span;

use super::super::permission::is_permission_name;
use super::{LISTS, MAX_DEPTH, find, fold};
use crate::PermissionType;
use crate::formats::terraform::eval::{graph, names_graph};
use crate::formats::terraform::extract::{Draft, Reader};
use crate::formats::terraform::symbol::Symbol;
use crate::formats::terraform::value::{Entry, Kind, Value};
use crate::model::{Means, PermissionRef};
use crate::resource;

impl Reader<'_, '_> {
    /// Entries of the shapes that other people's modules take: an object that names Microsoft Graph, by a member or by
    /// its key, with lists of roles and scopes; and ids that were looked up at Graph's service principal, wherever they
    /// stand.
    pub(in crate::formats::terraform::extract) fn foreign(
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
                    || self.foreign_grant(entries, used, out)
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

    /// `{app_role_id, resource_object_id}`, where the role's id is one of Microsoft Graph's.
    fn foreign_grant(&self, entries: &[Entry], used: Span, out: &mut Vec<Draft>) -> bool {
        let Some(role) = find(entries, &["approleid"]) else {
            return false;
        };
        let before = out.len();
        for mut picked in self.picked(role, used, false) {
            let PermissionRef::Id { uuid, .. } = &picked.permission else {
                continue;
            };
            if resource::is_graph_permission(*uuid) {
                picked.permission_type = Some(PermissionType::Application);
                let mut draft = self.draft(picked, Some(&graph(used)), used, None, used, used);
                draft.means = Means::Granted;
                out.push(draft);
            }
        }
        out.len() > before
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
pub(in crate::formats::terraform::extract) fn named_type(word: &str) -> Option<PermissionType> {
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
pub(in crate::formats::terraform::extract) fn are_permissions(value: &Value) -> bool {
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

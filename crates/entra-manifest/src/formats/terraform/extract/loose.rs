//! Values that nothing in the folder uses: `.tfvars` files for a configuration that is kept elsewhere, as landing zones
//! do. An entry counts if its own shape says what it is: an API's id with ids of its permissions.

use source_text::Span;
use uuid::Uuid;

use super::{AppDraft, Draft, Reader};
use crate::formats::terraform::GRAPH;
use crate::formats::terraform::eval::Env;
use crate::formats::terraform::project::Role;
use crate::formats::terraform::symbol::{Api, Each};
use crate::formats::terraform::value::{Entry, Kind, Origin, Reason, Text, Value};
use crate::model::Means;

/// Maps and lists within each other, as far as they are looked through.
const MAX_DEPTH: usize = 12;

impl Reader<'_, '_> {
    /// The apps that files of values describe. `known` is what the configuration itself requests: a variable of which it
    /// uses anything is the configuration's matter.
    pub(in crate::formats::terraform) fn loose(mut self, known: &[AppDraft]) -> Vec<AppDraft> {
        let folder = &self.eval.project.folders[0];
        let root = Each::One;
        for (at, file) in folder.files.iter().enumerate() {
            if !matches!(file.role, Role::Values | Role::Environment) {
                continue;
            }
            for attribute in &file.body.attributes {
                let span = attribute.value.span;
                let used = known
                    .iter()
                    .flat_map(|app| &app.drafts)
                    .any(|draft| span.contains(draft.permission.span()));
                if used {
                    continue;
                }
                if !self.eval.project.slice(span).contains(GRAPH) {
                    continue;
                }
                let value = self.eval.eval(&attribute.value, Env::new(0, at, &root));
                let name = Text::new(&*attribute.name.text, Origin::Literal(attribute.name.span));
                self.loose_value(&value, &mut vec![name], span);
            }
        }
        self.apps
    }

    fn loose_value(&mut self, value: &Value, path: &mut Vec<Text>, used: Span) {
        let value = if path.len() > MAX_DEPTH {
            &Value::unknown(used, Reason::TooDeep)
        } else if self.eval.charge(1) {
            value
        } else {
            &Value::unknown(used, Reason::TooLarge)
        };
        match &value.kind {
            // Of all that holds Graph's id somewhere: what cannot be looked through is said.
            Kind::Unknown(_) => {
                let mut drafts = Vec::new();
                self.push_unknown(value, used, Means::Requested, &mut drafts);
                self.loose_app(path, drafts);
            }
            Kind::List(items) | Kind::Set(items) => {
                for item in items.iter() {
                    self.loose_value(item, path, used);
                }
            }
            Kind::Map(entries) => {
                let mut drafts: Vec<Draft> = Vec::new();
                if self.object(entries, used, Means::Requested, &mut drafts) {
                    self.loose_app(path, drafts);
                    return;
                }
                for entry in entries.iter() {
                    if let Some(accesses) = by_id(entry) {
                        let api = Api::Id(entry.key.clone());
                        let said = entry.key.origin.span();
                        let mut drafts = Vec::new();
                        let means = Means::Requested;
                        self.accesses(&accesses, &api, said, used, used, means, &mut drafts);
                        path.push(entry.key.clone());
                        self.loose_app(path, drafts);
                        path.pop();
                        continue;
                    }
                    path.push(entry.key.clone());
                    self.loose_value(&entry.value, path, used);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// An app's permissions stand in a member of it, by API or as a list: `app = { graph = {…} }`, `app = {
    /// required_resource_access = [{…}] }`. The map that holds the member is the app.
    fn loose_app(&mut self, path: &[Text], drafts: Vec<Draft>) {
        let owner = match path {
            [only] => std::slice::from_ref(only),
            [owner @ .., _] => owner,
            [] => return,
        };
        let Some((root, keys)) = owner.split_first() else {
            return;
        };
        let mut address = format!("var.{}", root.text);
        for key in keys {
            address.push_str(&format!("[\"{}\"]", key.text));
        }
        let span = owner.last().unwrap_or(root).origin.span();
        let app = self.app_at(address.clone(), address, span, false);
        self.apps[app].drafts.extend(drafts);
    }
}

/// `"<id of an API>" = { "<id of a permission>" = "Role" }`: ids as keys, as a list of `{id, type}`.
fn by_id(entry: &Entry) -> Option<Value> {
    let is_id = |text: &str| Uuid::try_parse(text.trim()).is_ok();
    let accesses = entry.value.entries().filter(|all| !all.is_empty())?;
    let is_access = |access: &Entry| {
        let ty = access.value.as_text().map(|ty| &*ty.text);
        is_id(&access.key.text) && matches!(ty, Some("Role" | "Scope"))
    };
    if !is_id(&entry.key.text) || !accesses.iter().all(is_access) {
        return None;
    }
    let member = |name: &str, value: Value| Entry {
        key: Text::new(name, entry.key.origin),
        value,
    };
    let all = accesses.iter().map(|access| {
        Value::map(vec![
            member("id", Kind::Text(access.key.clone()).into()),
            member("type", access.value.clone()),
        ])
    });
    Some(Value::list(all.collect()))
}

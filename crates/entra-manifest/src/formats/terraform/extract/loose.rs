//! Values that nothing in the folder uses: `.tfvars` files and defaults of variables for a configuration that is kept
//! elsewhere, as landing zones do. An entry counts if its own shape says what it is: an API's id with ids of its permissions.

use source_text::Span;
use uuid::Uuid;

use super::shape::{access, types_by_permission};
use super::{AppDraft, Draft, Reader};
use crate::formats::terraform::GRAPH;
use crate::formats::terraform::eval::{Env, graph};
use crate::formats::terraform::project::Role;
use crate::formats::terraform::symbol::{Api, Each};
use crate::formats::terraform::value::{Entry, Kind, Origin, Reason, Text, Value};
use crate::model::Means;
use crate::resource;

/// Maps and lists within each other, as far as they are looked through.
const MAX_DEPTH: usize = 12;

impl Reader<'_, '_> {
    /// The apps that files of values describe. `known` is what the configuration itself requests: a variable of which it
    /// uses anything is the configuration's matter.
    pub(in crate::formats::terraform) fn loose(mut self, known: &[AppDraft]) -> Vec<AppDraft> {
        let folder = &self.eval.project.folders[0];
        let root = Each::One;
        if !self.eval.project.declares[0] {
            self.defaults();
        }
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

    /// Defaults of variables in a folder that has no resources: lists of nothing but `{id, type}` with ids of Microsoft
    /// Graph's permissions, which the module that has the resources requests.
    fn defaults(&mut self) {
        let root = Each::One;
        let folder = &self.eval.project.folders[0];
        for (at, file) in folder.files.iter().enumerate() {
            for block in file.body.blocks_of("variable") {
                let Some(default) = block.body.attribute("default") else {
                    continue;
                };
                let value = self.eval.eval(&default.value, Env::new(0, at, &root));
                if !is_list_of_accesses(&value) {
                    continue;
                }
                let span = default.value.span;
                let means = Means::Requested;
                let mut drafts = Vec::new();
                self.accesses(&value, &graph(span), span, span, span, means, &mut drafts);
                let Some(label) = block.labels.first() else {
                    continue;
                };
                let name = Text::new(&*label.text, Origin::Literal(label.span));
                self.loose_app(&[name], drafts);
            }
        }
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
    let accesses = entry.value.entries()?;
    if Uuid::try_parse(entry.key.text.trim()).is_err() || !types_by_permission(accesses) {
        return None;
    }
    let all = accesses.iter().map(|a| access(&a.key, &a.value));
    Some(Value::list(all.collect()))
}

/// Whether a value is a list of nothing but `{id, type}` with ids of Microsoft Graph's permissions.
fn is_list_of_accesses(value: &Value) -> bool {
    let is_access = |item: &Value| {
        let text = |name: &str| item.member(name).and_then(Value::as_text);
        let id = text("id").and_then(|id| Uuid::try_parse(id.text.trim()).ok());
        let ty = text("type").is_some_and(|ty| matches!(&*ty.text, "Role" | "Scope"));
        ty && id.is_some_and(resource::is_graph_permission)
    };
    value
        .elements()
        .is_some_and(|items| !items.is_empty() && items.iter().all(is_access))
}

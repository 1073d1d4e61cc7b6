//! The resources of a plan or a state, each with its address and its values.

use jsonc_parser::ast::{Object, Value};
use source_text::{Source, Span};

use crate::json::tree;

/// An instance of a resource.
#[derive(Debug)]
pub(super) struct Instance<'j> {
    /// `module.api.azuread_application.worker["x"]`
    pub(super) address: String,
    pub(super) kind: &'j str,
    pub(super) data: bool,
    pub(super) values: &'j Object<'j>,
    pub(super) span: Span,
}

/// Those of a plan, and what it looked up before; or those of `terraform show -json` without a plan.
pub(super) fn of_plan<'j>(source: &Source, root: &'j Object<'j>) -> Option<Vec<Instance<'j>>> {
    tree::string(root, "terraform_version")?;
    let mut all = Vec::new();
    let values = [
        tree::object(root, "planned_values"),
        tree::object(root, "prior_state").and_then(|state| tree::object(state, "values")),
        tree::object(root, "values"),
    ];
    for (at, values) in values.into_iter().enumerate() {
        if let Some(module) = values.and_then(|values| tree::object(values, "root_module")) {
            // Of the state before, only what was looked up: what the plan keeps it repeats.
            of_module(source, module, at == 1, &mut all);
        }
    }
    Some(all)
}

fn of_module<'j>(
    source: &Source,
    module: &'j Object<'j>,
    data_only: bool,
    all: &mut Vec<Instance<'j>>,
) {
    for resource in objects(module, "resources") {
        let text = |name: &str| tree::string(resource, name).map(|s| &*s.value);
        let (Some(address), Some(kind)) = (text("address"), text("type")) else {
            continue;
        };
        let Some(values) = tree::object(resource, "values") else {
            continue;
        };
        let data = text("mode") == Some("data");
        if data_only && !data {
            continue;
        }
        all.push(Instance {
            address: address.to_owned(),
            kind,
            data,
            values,
            span: tree::span(source, resource),
        });
    }
    for child in objects(module, "child_modules") {
        of_module(source, child, data_only, all);
    }
}

/// Those of a state file, version 4.
pub(super) fn of_state<'j>(source: &Source, root: &'j Object<'j>) -> Option<Vec<Instance<'j>>> {
    tree::string(root, "terraform_version")?;
    let mut all = Vec::new();
    for resource in objects(root, "resources") {
        let text = |name: &str| tree::string(resource, name).map(|s| &*s.value);
        let (Some(kind), Some(name)) = (text("type"), text("name")) else {
            continue;
        };
        let data = text("mode") == Some("data");
        let module = text("module")
            .map(|module| format!("{module}."))
            .unwrap_or_default();
        let prefix = if data { "data." } else { "" };
        for instance in objects(resource, "instances") {
            let Some(values) = tree::object(instance, "attributes") else {
                continue;
            };
            let key = match tree::value(instance, "index_key") {
                Some(Value::StringLit(key)) => format!("[\"{}\"]", key.value),
                Some(Value::NumberLit(key)) => format!("[{}]", key.value),
                _ => String::new(),
            };
            all.push(Instance {
                address: format!("{module}{prefix}{kind}.{name}{key}"),
                kind,
                data,
                values,
                span: tree::span(source, instance),
            });
        }
    }
    Some(all)
}

/// The objects of a list.
pub(super) fn objects<'j>(
    object: &'j Object<'j>,
    name: &str,
) -> impl Iterator<Item = &'j Object<'j>> {
    tree::array(object, name)
        .into_iter()
        .flat_map(|array| &array.elements)
        .filter_map(Value::as_object)
}

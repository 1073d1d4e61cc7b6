//! What a plan's configuration refers to: before the first apply, ids of own apps are not known, but whose they are is.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, Value};

use super::resources::objects;
use crate::json::tree;

/// By the address of a resource block without instances, and an argument's name: the address that the argument refers to.
#[derive(Debug, Default)]
pub(super) struct References(HashMap<(String, String), String>);

/// Arguments that say which app something is for.
const ARGUMENTS: &[&str] = &[
    "principal_object_id",
    "service_principal_object_id",
    "application_id",
    "client_id",
];

/// Modules within modules, as far as they are followed.
const MAX_DEPTH: usize = 32;

pub(super) fn of_plan(root: &Object<'_>) -> References {
    let mut references = References::default();
    if let Some(module) =
        tree::object(root, "configuration").and_then(|c| tree::object(c, "root_module"))
    {
        references.module(module, "", 0);
    }
    references
}

impl References {
    fn module(&mut self, module: &Object<'_>, prefix: &str, depth: usize) {
        for resource in objects(module, "resources") {
            let Some(address) = tree::string(resource, "address") else {
                continue;
            };
            let Some(expressions) = tree::object(resource, "expressions") else {
                continue;
            };
            for argument in ARGUMENTS {
                let named = tree::object(expressions, argument)
                    .and_then(|expression| tree::array(expression, "references"))
                    .and_then(|all| {
                        all.elements
                            .iter()
                            .filter_map(Value::as_string_lit)
                            .next_back()
                    });
                // The last one is the shortest: `azuread_application.worker`.
                if let Some(named) = named {
                    let key = (format!("{prefix}{}", address.value), (*argument).to_owned());
                    self.0.insert(key, format!("{prefix}{}", named.value));
                }
            }
        }
        if depth == MAX_DEPTH {
            return;
        }
        let calls = tree::object(module, "module_calls")
            .into_iter()
            .flat_map(|calls| &calls.properties);
        for call in calls {
            let inner = call
                .value
                .as_object()
                .and_then(|call| tree::object(call, "module"));
            if let Some(inner) = inner {
                self.module(
                    inner,
                    &format!("{prefix}module.{}.", call.name.as_str()),
                    depth + 1,
                );
            }
        }
    }

    /// What an argument of a resource refers to.
    pub(super) fn get(&self, address: &str, argument: &str) -> Option<&str> {
        self.0
            .get(&(without_instances(address), argument.to_owned()))
            .map(String::as_str)
    }
}

/// An address without `["x"]` and `[0]`.
pub(super) fn without_instances(address: &str) -> String {
    let mut out = String::new();
    let mut rest = address;
    while let Some(open) = rest.find('[') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let close = match after.strip_prefix('"') {
            Some(quoted) => quoted.find("\"]").map(|at| at + 3),
            None => after.find(']').map(|at| at + 1),
        };
        match close {
            Some(close) => rest = &after[close..],
            None => return out,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::without_instances;

    #[test]
    fn instances_are_left_out_of_addresses() {
        assert_eq!(
            without_instances("module.a[\"x.y[0]\"].b.c[0]"),
            "module.a.b.c"
        );
        assert_eq!(without_instances("b.c"), "b.c");
        assert_eq!(without_instances("b.c[\"x"), "b.c");
    }
}

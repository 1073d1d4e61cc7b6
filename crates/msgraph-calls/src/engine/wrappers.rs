//! PowerShell functions that wrap a request, and batch lists.

use msgraph_permissions::Method;
use source_lex::Operator;

use super::commands::Command;
use super::commands::Parameter;
use super::{Call, Scan, holed, verbs};
use crate::address::{self, Host, Target};
use crate::helpers::{Helper, HelperVerb};
use crate::model::{Certainty, Kind, Missing};

impl Scan<'_, '_> {
    /// Uses of the wrappers that the text defines.
    pub(super) fn powershell_helpers(&mut self, pending: &[usize]) {
        let defined = self.defined.clone();
        let mut used = Vec::new();
        for at in pending {
            let name = self.code.text(*at);
            let Some(helper) = defined
                .iter()
                .find(|helper| helper.name.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            let command = self.command(*at);
            if self.wrapper_call(&command, helper) {
                used.push(helper.name.to_ascii_lowercase());
            }
        }
        for helper in &defined {
            if helper.graph && !used.contains(&helper.name.to_ascii_lowercase()) {
                self.unresolved(
                    (helper.at, helper.at + 1),
                    None,
                    Missing::Path,
                    format!("parameter of `{}`", helper.name),
                );
            }
        }
    }

    /// A use of a wrapper. `false`: it gives no address of Microsoft Graph.
    pub(super) fn wrapper_call(&mut self, command: &Command, helper: &Helper) -> bool {
        let pick = |number: usize| {
            let name = helper.parameters.get(number)?.to_ascii_lowercase();
            command.get(&[name.as_str()]).or_else(|| {
                command
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.name.is_empty())
                    .nth(number)
            })
        };
        let method = match helper.verb {
            HelperVerb::Known(method) => Some(method),
            HelperVerb::Parameter(number) => match pick(number) {
                Some(parameter) if !parameter.value.is_empty() => {
                    verbs::method(self.code.name(parameter.value.end - 1))
                }
                _ => Some(Method::Get),
            },
            HelperVerb::Unknown => None,
        };
        let values = self.completed(helper, |number| {
            pick(number).map(|parameter| self.values(parameter))
        });
        let mut any = false;
        for value in &values {
            // A function of no service in particular: its address must say that it is Microsoft Graph's. The whole text
            // of a completed value is its last step.
            let graph = helper.graph
                || value.through.last().is_some_and(|(text, _)| {
                    address::read(self.api, method, text)
                        .is_some_and(|address| address.host == Host::Graph)
                });
            if !graph {
                continue;
            }
            any |= self.helper_call(
                &helper.name,
                value,
                method,
                (command.name, command.end),
                command.name,
            );
        }
        any
    }

    /// A command of neither the SDK nor the text: a wrapper of a module, known from the repository or by its arguments.
    pub(super) fn own_wrapper(&mut self, command: &Command, name: &str) {
        let helper = self
            .helpers
            .get(self.code.text(command.name))
            .filter(|helper| helper.graph)
            .cloned();
        if let Some(helper) = &helper
            && self.wrapper_call(command, helper)
        {
            return;
        }
        let uri = command.get(&[
            "uri",
            "url",
            "graphuri",
            "requesturi",
            "resourceuri",
            "endpoint",
            "apiuri",
            "graphurl",
            "resource",
            "relativeuri",
            "relativeurl",
            "resourcepath",
            "graphendpoint",
            "graphpath",
            "apipath",
            "requesturl",
            "fulluri",
        ]);
        // In its own case, which parts the words: `New-GraphPostRequest`.
        let written = self.code.text(command.name);
        let from_name = verbs::in_name(written.rsplit('-').next().unwrap_or(written));
        // `Invoke-EntraRequest -Path 'users' -Service Graph` of EntraAuth speaks to the service that it is told.
        // <https://github.com/FriedrichWeinmann/EntraAuth>
        let service = command
            .get(&["service"])
            .filter(|service| !service.value.is_empty())
            .map(|service| self.code.name(service.value.end - 1).to_ascii_lowercase());
        let of_graph = service.as_ref().map_or_else(
            || name.contains("graph"),
            |service| service.contains("graph"),
        );
        if service.is_some() && !of_graph {
            return;
        }
        let uri = uri.or_else(|| command.get(&["path"]).filter(|_| of_graph));
        if uri.is_none() && !of_graph {
            return;
        }
        let verb = match self.rest_method(command) {
            Some((method, Certainty::Certain, step)) => Some((method, Certainty::Likely, step)),
            _ => from_name
                .map(|method| (method, Certainty::Likely, format!("method from `{name}`")))
                .or_else(|| {
                    assumed_verb(name).map(|method| {
                        (
                            method,
                            Certainty::Possible,
                            format!("method assumed from `{name}`"),
                        )
                    })
                }),
        };
        let at = (command.name, command.end);
        let parameters: Vec<&Parameter> = match uri {
            Some(uri) => vec![uri],
            None => command
                .parameters
                .iter()
                .filter(|parameter| parameter.name.is_empty())
                .collect(),
        };
        for parameter in parameters {
            for value in &self.values(parameter) {
                let text = holed(value);
                let certain = address::read(self.api, None, &text).is_some_and(|address| {
                    address.host == Host::Graph
                        || matches!(
                            address.target,
                            Target::Path {
                                template: Some(_),
                                ..
                            }
                        ) && (text.contains('/')
                            || (of_graph
                                && (uri.is_some() || text.contains('?') || is_reader(name))))
                });
                if certain {
                    self.rest_value(value, &verb, at, true, name);
                }
            }
        }
    }

    /// Requests that .NET types send: `[System.Net.WebRequest]::Create($url)`, and batch lists.
    pub(super) fn powershell_typed(&mut self) {
        let code = self.code;
        let mut found = Vec::new();
        for assignment in code.assignments("url") {
            if assignment.operator != Operator::Assign {
                continue;
            }
            // A request of a batch: `@{ id = 1; method = 'GET'; url = '/users' }`.
            let Some(open) = code
                .up(assignment.name as usize)
                .filter(|open| code.text(*open) == "{")
            else {
                continue;
            };
            if !open
                .checked_sub(1)
                .is_some_and(|before| code.is(before, "@"))
            {
                continue;
            }
            let mut entries = Vec::new();
            self.table(open, &mut entries);
            let has_id = entries.iter().any(|entry| entry.name == "id");
            let method = entries
                .iter()
                .find(|entry| entry.name == "method")
                .and_then(|entry| verbs::method(code.name(entry.value.end.saturating_sub(1))));
            if let (true, Some(method)) = (has_id, method) {
                found.push((assignment.value as usize, open, method));
            }
        }
        for (value, open, method) in found {
            let end = code.expression_end(value);
            for value in &code.fold(value..end) {
                let text = holed(value);
                if let Some(address) = address::read(self.api, Some(method), &text)
                    && let Target::Path {
                        path,
                        template: Some(template),
                        ..
                    } = address.target
                {
                    self.found(Call {
                        method,
                        path,
                        template: Some(template),
                        version: address.version,
                        at: (open, code.skip(open)),
                        value: Some(value),
                        kind: Kind::Batch,
                        certainty: Certainty::Likely,
                        steps: vec![("request of a batch".to_owned(), open)],
                    });
                }
            }
        }
    }
}

/// Whether a command's name says that it gives back what an address names: `Get-MsGraphResults 'users'`.
fn is_reader(name: &str) -> bool {
    [
        "result",
        "request",
        "data",
        "query",
        "api",
        "paged",
        "item",
        "object",
        "endpoint",
        "resource",
        "collection",
        "response",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The verb that a command's approved verb suggests.
pub(super) fn assumed_verb(name: &str) -> Option<Method> {
    Some(match name.split('-').next().unwrap_or_default() {
        "get" | "find" | "search" | "read" | "export" => Method::Get,
        "new" | "add" | "invoke" | "send" if !name.starts_with("invoke") => Method::Post,
        "set" | "update" => Method::Patch,
        "remove" => Method::Delete,
        "invoke" => Method::Get,
        _ => return None,
    })
}

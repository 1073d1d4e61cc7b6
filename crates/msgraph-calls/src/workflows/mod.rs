//! Logic Apps, Power Automate flows and ARM templates that hold them: the HTTP actions that call Microsoft Graph.
//!
//! An action is an object with a method and an address, whatever its type: `Http`, `HttpWebhook`, a connector that sends
//! any request. What a connector does under its own path is its own call with its own app: such a place is unresolved and
//! says the connector's name.

pub(crate) mod bicep;
mod connector;
mod expression;

use jsonc_parser::ast::{Object, Value};
use msgraph_permissions::{Method, PermissionType};
use source_text::{FileId, Source, Span};

use self::expression::{Names, fold};
use crate::address::{self, Host, Target};
use crate::api::{Api, HOLE};
use crate::json::{self, member, string};
use crate::{Certainty, Evidence, Found, Kind, Missing, Step, Unresolved};

/// Whether a file may hold a workflow: JSON with actions.
pub(crate) fn claims(source: &Source) -> bool {
    let text = source.text();
    let is_json = source
        .name()
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    is_json
        && text.contains("\"actions\"")
        && (text.contains("\"inputs\"") || text.contains("\"Http\""))
        && (text.contains("\"Http")
            || text.contains("ApiConnection")
            || text.contains("\"runAfter\""))
}

/// The calls of a workflow's actions. `None` where the file is not JSON.
pub(crate) fn read(source: &Source, api: &Api) -> Option<Evidence> {
    let value = json::parse(source.text())?;
    let mut names = Names::new();
    collect_names(&value, &mut names);
    let mut reader = Reader {
        api,
        file: source.id(),
        names,
        evidence: Evidence::default(),
    };
    reader.walk(&value, None);
    Some(reader.evidence)
}

/// The calls of the workflows that a Bicep file deploys.
pub(crate) fn read_bicep(source: &Source, api: &Api) -> Evidence {
    let mut evidence = Evidence::default();
    for value in bicep::workflows(source.text()) {
        let mut names = Names::new();
        collect_names(&value, &mut names);
        let mut reader = Reader {
            api,
            file: source.id(),
            names,
            evidence,
        };
        reader.walk(&value, None);
        evidence = reader.evidence;
    }
    evidence
}

/// Parameters with a literal default and variables with a literal value. A name with two values has none.
fn collect_names(value: &Value<'_>, names: &mut Names) {
    match value {
        Value::Object(object) => {
            for property in &object.properties {
                let name = property.name.as_str();
                if let Value::Object(inner) = &property.value {
                    if name.eq_ignore_ascii_case("parameters") {
                        for parameter in &inner.properties {
                            if let Value::Object(parameter_object) = &parameter.value
                                && let Some(default) = member(parameter_object, "defaultValue")
                            {
                                note(names, parameter.name.as_str(), default);
                            }
                        }
                    } else if name.eq_ignore_ascii_case("variables") {
                        for variable in &inner.properties {
                            note(names, variable.name.as_str(), &variable.value);
                        }
                    }
                }
                // `InitializeVariable`: `"variables": [{"name", "type", "value"}]`; `SetVariable`: `{"name", "value"}`.
                if let Value::Array(list) = &property.value
                    && name.eq_ignore_ascii_case("variables")
                {
                    for variable in list.elements.iter().filter_map(Value::as_object) {
                        if let (Some(name), Some(value)) =
                            (string(variable, "name"), member(variable, "value"))
                        {
                            note(names, name, value);
                        }
                    }
                }
                if name.eq_ignore_ascii_case("inputs")
                    && string(object, "type").is_some_and(|ty| ty == "SetVariable")
                    && let Some(name) = property
                        .value
                        .as_object()
                        .and_then(|inner| string(inner, "name"))
                {
                    names.insert(name.to_ascii_lowercase(), None);
                }
                collect_names(&property.value, names);
            }
        }
        Value::Array(list) => list
            .elements
            .iter()
            .for_each(|element| collect_names(element, names)),
        _ => {}
    }
}

fn note(names: &mut Names, name: &str, value: &Value<'_>) {
    let value = value
        .as_string_lit()
        .map(|literal| literal.value.to_string())
        // An expression has no value here, and an empty default is to be filled in.
        .filter(|text| !text.is_empty() && !text.starts_with(['@', '[']) && !text.contains("@{"));
    names
        .entry(name.to_ascii_lowercase())
        .and_modify(|known| {
            if *known != value {
                *known = None;
            }
        })
        .or_insert(value);
}

struct Reader<'a> {
    api: &'a Api,
    file: FileId,
    names: Names,
    evidence: Evidence,
}

/// The two members that make an object a request.
struct Request<'a, 'b> {
    method: Option<&'b Value<'a>>,
    address: &'b Value<'a>,
}

impl Reader<'_> {
    /// `action` is the name of the action that the value belongs to.
    fn walk(&mut self, value: &Value<'_>, action: Option<&str>) {
        match value {
            Value::Object(object) => {
                if let Some(connector) = connector::of(object) {
                    self.connector(object, &connector);
                }
                if let Some(request) = request(object) {
                    self.request(object, &request, action);
                }
                for property in &object.properties {
                    let is_action = member(object, "runAfter").is_some() || action.is_some();
                    let name = if is_action_list(object, property.name.as_str()) || !is_action {
                        Some(property.name.as_str())
                    } else {
                        action
                    };
                    self.walk(&property.value, name);
                }
            }
            Value::Array(list) => {
                for element in &list.elements {
                    self.walk(element, action);
                }
            }
            _ => {}
        }
    }

    fn request(&mut self, object: &Object<'_>, request: &Request<'_, '_>, action: Option<&str>) {
        let Some(written) = request.address.as_string_lit() else {
            return;
        };
        let span = json::span(self.file, request.address);
        let text = fold(&written.value, &self.names);
        let audience = has_graph_audience(object, &self.names);
        let method_text = request
            .method
            .and_then(Value::as_string_lit)
            .map(|literal| fold(&literal.value, &self.names));
        let method = method_text
            .as_deref()
            .and_then(|text| text.trim().parse::<Method>().ok());
        if text.chars().all(|c| c == HOLE || c.is_whitespace()) {
            if audience {
                self.unresolved(None, Missing::Path, span, "the address is an expression");
            }
            return;
        }
        let Some(address) = address::read(self.api, method, &text) else {
            return;
        };
        let certain = match address.host {
            Host::Graph => true,
            Host::Unknown if audience => true,
            Host::Unknown => false,
            // A path alone is the path of a connector.
            Host::None => return,
        };
        let Some(method) = method else {
            if certain {
                let root = root_of(&address.target);
                self.unresolved(root, Missing::Method, span, "the method is an expression");
            }
            return;
        };
        let mut steps = Vec::new();
        if let Some(action) = action {
            steps.push(Step {
                text: format!("action `{action}`"),
                span,
            });
        }
        if let Some(value) = request.method {
            steps.push(Step {
                text: format!("method {method}"),
                span: json::span(self.file, value),
            });
        }
        match address.target {
            Target::Batch => self.batch(object, span),
            Target::Unknown { root, text } if certain => {
                self.unresolved(root, Missing::Path, span, &text)
            }
            Target::Path {
                path,
                template,
                open_end,
            } if certain || template.is_some() => {
                let certainty = match (certain, open_end) {
                    (true, false) => Certainty::Certain,
                    (true, true) => Certainty::Possible,
                    (false, _) => Certainty::Likely,
                };
                self.evidence.calls.push(Found {
                    method,
                    path,
                    template: template.map(str::to_owned),
                    version: address.version,
                    scheme: scheme(object),
                    span,
                    path_span: None,
                    kind: Kind::Workflow,
                    certainty,
                    steps,
                    reads: None,
                    outcome: None,
                });
            }
            Target::Unknown { .. } | Target::Path { .. } => {}
        }
    }

    /// `POST /$batch`: the calls stand in the body.
    fn batch(&mut self, object: &Object<'_>, span: Span) {
        let requests = member(object, "body")
            .and_then(Value::as_object)
            .and_then(|body| member(body, "requests"))
            .and_then(Value::as_array);
        let Some(requests) = requests else {
            self.unresolved(None, Missing::Path, span, "/$batch");
            return;
        };
        for element in &requests.elements {
            let place = json::span(self.file, element);
            let found = element.as_object().and_then(|child| {
                let url = fold(string(child, "url")?, &self.names);
                let method: Method = fold(string(child, "method")?, &self.names)
                    .trim()
                    .parse()
                    .ok()?;
                Some((method, address::read(self.api, Some(method), &url)?))
            });
            match found {
                Some((method, address)) => match address.target {
                    Target::Path { path, template, .. } => self.evidence.calls.push(Found {
                        method,
                        path,
                        template: template.map(str::to_owned),
                        version: address.version,
                        scheme: scheme(object),
                        span: place,
                        path_span: None,
                        kind: Kind::Batch,
                        certainty: Certainty::Certain,
                        steps: vec![Step {
                            text: "request of a batch".to_owned(),
                            span,
                        }],
                        reads: None,
                        outcome: None,
                    }),
                    Target::Unknown { root, text } => {
                        self.unresolved(root, Missing::Path, place, &text)
                    }
                    Target::Batch => {}
                },
                None => self.unresolved(None, Missing::Path, place, "request of a batch"),
            }
        }
    }

    fn connector(&mut self, object: &Object<'_>, connector: &connector::Connector<'_>) {
        let place = member(object, "path").unwrap_or(connector.place);
        let span = json::span(self.file, place);
        let path = string(object, "path").map(|path| fold(path, &self.names));
        // `/v1.0/users/…` and `/users/…`: what follows the version tells what it is about.
        let root = path.as_deref().and_then(|path| {
            path.split('/')
                .find(|segment| self.api.is_root(segment))
                .map(str::to_ascii_lowercase)
        });
        let text = format!("connector {}", connector.name);
        self.unresolved(root, Missing::Receiver, span, &text);
    }

    fn unresolved(&mut self, root: Option<String>, missing: Missing, span: Span, text: &str) {
        self.evidence.unresolved.push(Unresolved {
            root,
            missing,
            span,
            text: text.to_owned(),
        });
    }
}

fn root_of(target: &Target<'_>) -> Option<String> {
    match target {
        Target::Path { path, .. } => path.split('/').nth(1).map(str::to_ascii_lowercase),
        Target::Unknown { root, .. } => root.clone(),
        Target::Batch => None,
    }
}

/// Whether the members of an object are the actions of a workflow.
fn is_action_list(object: &Object<'_>, name: &str) -> bool {
    object
        .properties
        .iter()
        .find(|property| property.name.as_str() == name)
        .and_then(|property| property.value.as_object())
        .is_some_and(|inner| {
            member(inner, "runAfter").is_some()
                || (member(inner, "type").is_some() && member(inner, "inputs").is_some())
        })
}

/// The request of an object: `method` and `uri`, with the prefixes that connectors put before them
/// (`request/method`, `request/url`).
fn request<'a, 'b>(object: &'b Object<'a>) -> Option<Request<'a, 'b>> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let mut request = Request {
        method: None,
        address: object
            .properties
            .iter()
            .find(|property| matches!(last(property.name.as_str()).as_str(), "uri" | "url"))
            .map(|property| &property.value)?,
    };
    request.method = object
        .properties
        .iter()
        .find(|property| last(property.name.as_str()) == "method")
        .map(|property| &property.value);
    request.method.is_some().then_some(request)
}

fn authentication<'b, 'a>(object: &'b Object<'a>) -> Option<&'b Object<'a>> {
    member(object, "authentication")?.as_object()
}

/// `"audience": "https://graph.microsoft.com"` says what an unknown address is.
fn has_graph_audience(object: &Object<'_>, names: &Names) -> bool {
    authentication(object)
        .and_then(|authentication| {
            string(authentication, "audience").or_else(|| string(authentication, "resource"))
        })
        .is_some_and(|audience| {
            let audience = fold(audience, names);
            audience.contains("graph.microsoft.")
                || audience.contains("microsoftgraph.")
                || audience.contains("00000003-0000-0000-c000-000000000000")
        })
}

/// A managed identity and a client's own secret act as the app.
/// <https://learn.microsoft.com/en-us/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-supported-triggers-actions>
fn scheme(object: &Object<'_>) -> Option<PermissionType> {
    match string(authentication(object)?, "type")? {
        "ManagedServiceIdentity" | "ActiveDirectoryOAuth" => Some(PermissionType::Application),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

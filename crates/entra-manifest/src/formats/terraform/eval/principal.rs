//! Resources and service principals: which API one stands for, and what its members are.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval};
use crate::PermissionType;
use crate::formats::terraform::symbol::{
    Api, Each, Object, Symbol, id_by_display_name, is_graph_id, published_id,
};
use crate::formats::terraform::syntax::Body;
use crate::formats::terraform::value::{Kind, Origin, Reason, Text, Unknown, Value};
use crate::resource::MICROSOFT_GRAPH;

/// The members that hold an API's roles and scopes, in all versions of the azuread provider: 1.x has
/// `oauth2_permissions`, 2.x and 3.x have `oauth2_permission_scopes` and the tables of ids.
fn table(member: &str) -> Option<(bool, PermissionType)> {
    Some(match member {
        "app_role_ids" => (true, PermissionType::Application),
        "oauth2_permission_scope_ids" => (true, PermissionType::Delegated),
        "app_roles" | "app_role" => (false, PermissionType::Application),
        "oauth2_permission_scopes" | "oauth2_permissions" | "oauth2_permission_scope" => {
            (false, PermissionType::Delegated)
        }
        _ => return None,
    })
}

impl<'p> Eval<'p> {
    /// A member of something that stands for a value.
    pub(super) fn symbol_member(&self, symbol: &Symbol, key: &Text, at: Span) -> Value {
        match symbol {
            Symbol::Instance(object) => self.instance_member(object, key, at),
            // Terraform 0.11 and careless code leave the index of a single instance out.
            Symbol::Instances(holder) if table(&key.text).is_some() => {
                let unknown = Rc::new(Unknown {
                    at,
                    reason: Reason::Invalid("which instance is meant is not said"),
                });
                let object = Object {
                    holder: *holder,
                    each: Each::Any(unknown),
                };
                self.instance_member(&object, key, at)
            }
            Symbol::Instances(_) => self.indexed_by(symbol, key, at),
            Symbol::Module {
                scope,
                call,
                key: index,
            } => self.output(*scope, *call, index.as_deref(), key, at),
            Symbol::PublishedIds if &*key.text == "result" => Value::symbol(Symbol::PublishedIds),
            Symbol::PublishedIds => match published_id(&key.text) {
                Some(id) => Value::text(id, Origin::Made(key.origin.span())),
                None => Value::symbol(Symbol::PublishedId(key.text.clone())),
            },
            Symbol::Ids(api, ty) => {
                Value::symbol(Symbol::Permission(api.clone(), *ty, key.clone()))
            }
            Symbol::Entry(api, ty, name) => match &*key.text {
                "id" => Value::symbol(Symbol::Permission(api.clone(), *ty, name.clone())),
                "value" => Kind::Text(name.clone()).into(),
                // `enabled`, `type` and the like of a role of Microsoft's.
                member => Value::unknown(at, Reason::Provider(member.to_owned())),
            },
            Symbol::Named(_) if &*key.text == "id" => Value::symbol(symbol.clone()),
            Symbol::Exported(api) => match &*key.text {
                "appRoles" => {
                    Value::symbol(Symbol::Entries(api.clone(), PermissionType::Application))
                }
                "oauth2PermissionScopes" => {
                    Value::symbol(Symbol::Entries(api.clone(), PermissionType::Delegated))
                }
                "appId" => match api {
                    Api::Id(id) => Kind::Text(id.clone()).into(),
                    _ => Value::symbol(symbol.clone()),
                },
                // Names of the author's own, and the steps of a list: `output.all.value[0].id`.
                _ => Value::symbol(symbol.clone()),
            },
            // The table of objects by name, in place of that of ids: `local.roles["X"].id`.
            Symbol::Permission(..) if &*key.text == "id" => Value::symbol(symbol.clone()),
            Symbol::Entries(..)
            | Symbol::Column(..)
            | Symbol::Position(..)
            | Symbol::PublishedId(_)
            | Symbol::Named(_)
            | Symbol::Permission(..) => Value::invalid(at, "the value has no such member"),
            // `identity[0].principal_id` is still of the same resource.
            Symbol::Attribute(object, name) => Value::symbol(Symbol::Attribute(
                object.clone(),
                format!("{name}.{}", key.text).into(),
            )),
        }
    }

    fn indexed_by(&self, symbol: &Symbol, key: &Text, at: Span) -> Value {
        self.index(
            &Value::symbol(symbol.clone()),
            &Kind::Text(key.clone()).into(),
            at,
        )
    }

    fn instance_member(&self, object: &Object, key: &Text, at: Span) -> Value {
        let resource = &self.module(object.holder.scope).resources[object.holder.resource];
        let env = Env::new(object.holder.scope, resource.file, &object.each);
        if let Some((ids, ty)) = table(&key.text) {
            let api = match resource.kind() {
                "azuread_service_principal" => self.api_of_principal(object, at),
                _ => Api::Own(self.address(object).into()),
            };
            return Value::symbol(if ids {
                Symbol::Ids(api, ty)
            } else {
                Symbol::Entries(api, ty)
            });
        }
        let body = &resource.block.body;
        match (resource.kind(), &*key.text) {
            ("azuread_service_principal", "client_id" | "application_id") => {
                if let Some(id) = body.attribute_of(&["client_id", "application_id"]) {
                    return self.eval(&id.value, env);
                }
                return match self.api_of_principal(object, at) {
                    Api::Id(id) => Kind::Text(id).into(),
                    _ => self.provided(object, key),
                };
            }
            ("azuread_application", "client_id" | "application_id") if resource.data => {
                if let Some(id) = body.attribute_of(&["client_id", "application_id"]) {
                    return self.eval(&id.value, env);
                }
            }
            ("local_file" | "local_sensitive_file", "content") if resource.data => {
                if let Some(name) = body.attribute("filename") {
                    let name = self.eval(&name.value, env);
                    return self.file_text(&name, at);
                }
            }
            ("msgraph_resource", "output") => {
                if let Some(api) = self.exported(body, env) {
                    return Value::symbol(Symbol::Exported(api));
                }
            }
            ("terraform_data", "output") => {
                if let Some(input) = body.attribute("input") {
                    return self.eval(&input.value, env);
                }
            }
            ("null_data_source", "outputs") => {
                if let Some(inputs) = body.attribute("inputs") {
                    return self.eval(&inputs.value, env);
                }
            }
            _ => {}
        }
        match body.attribute(&key.text) {
            Some(attribute) => self.eval(&attribute.value, env),
            None => self
                .deeper(|| self.blocks_value(body, &key.text, env))
                .flatten()
                .unwrap_or_else(|| self.provided(object, key)),
        }
    }

    /// The API whose service principal a resource of the msgraph provider looks up: by the application id in its URL or
    /// in the filter of its query.
    fn exported(&self, body: &'p Body, env: Env<'_>) -> Option<Api> {
        let url = body.attribute_of(&["url", "resource_url"])?;
        let value = self.eval(&url.value, env);
        let url = self.literal_parts(&value, Some(&url.value));
        if !url.trim_start_matches('/').starts_with("servicePrincipals") {
            return None;
        }
        let mut text = url;
        if let Some(query) = body.attribute("query_parameters") {
            let query = self.eval(&query.value, env);
            self.json(&query, &mut text);
        }
        let id = text
            .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
            .find(|word| word.len() == 36 && is_guid(word))?;
        Some(Api::Id(Text::new(
            id,
            Origin::Made(body.attribute_of(&["url", "resource_url"])?.span),
        )))
    }

    fn provided(&self, object: &Object, key: &Text) -> Value {
        Value::symbol(Symbol::Attribute(object.clone(), key.text.clone()))
    }

    fn output(
        &self,
        scope: usize,
        call: usize,
        index: Option<&Value>,
        key: &Text,
        at: Span,
    ) -> Value {
        let called = &self.module(scope).calls[call];
        let name = called.block.label(0);
        let caller = self.scope(scope);
        let env = Env::new(scope, called.file, &caller.each);
        let each = match index {
            Some(index) => self
                .deeper(|| self.each_of(called.block, index, env, at))
                .unwrap_or_else(|| Each::Any(self.why(index, at))),
            None => Each::One,
        };
        let Some(inner) = self.enter(scope, call, &each) else {
            return self.unknown_member(
                &Rc::new(Unknown {
                    at,
                    reason: Reason::Module(name.to_owned()),
                }),
                key,
                at,
            );
        };
        match self.module(inner).output(&key.text) {
            Some(output) => {
                let env = Env::new(inner, output.file, &Each::One);
                self.declared(
                    output.expr,
                    inner,
                    env,
                    &format!("module.{name}.{}", key.text),
                    at,
                )
            }
            None => Value::unknown(
                at,
                Reason::Undeclared(format!("module.{name}.{}", key.text)),
            ),
        }
    }

    /// A member of something that is not known. A service principal that another file declares, and that is called
    /// after Microsoft Graph, is taken for Microsoft Graph's: people name nothing else so.
    pub(super) fn unknown_member(&self, unknown: &Rc<Unknown>, key: &Text, at: Span) -> Value {
        let Some((ids, ty)) = table(&key.text) else {
            let longer = match &unknown.reason {
                Reason::Undeclared(name)
                    if name.contains("azuread_") || name.starts_with("module.") =>
                {
                    Reason::Undeclared(format!("{name}.{}", key.text))
                }
                _ => return Kind::Unknown(Rc::clone(unknown)).into(),
            };
            return Value::unknown(at, longer);
        };
        let api = self.api_by_name(unknown, at);
        Value::symbol(if ids {
            Symbol::Ids(api, ty)
        } else {
            Symbol::Entries(api, ty)
        })
    }

    /// The API that a service principal stands for.
    pub(in crate::formats::terraform) fn api_of_principal(&self, object: &Object, at: Span) -> Api {
        let resource = &self.module(object.holder.scope).resources[object.holder.resource];
        let env = Env::new(object.holder.scope, resource.file, &object.each);
        let body = &resource.block.body;
        let api = self.deeper(|| {
            if let Some(id) = body.attribute_of(&["client_id", "application_id"]) {
                let value = self.eval(&id.value, env);
                self.api_of(&value, id.value.span)
            } else if let Some(name) = body.attribute("display_name") {
                let value = self.eval(&name.value, env);
                match value.to_text(at) {
                    Some(name) => match id_by_display_name(&name.text) {
                        Some(id) => Api::Id(Text::new(id.to_string(), name.origin)),
                        None => Api::Own(self.address(object).into()),
                    },
                    None => Api::Unknown(self.why(&value, at)),
                }
            } else {
                let object_id = Reason::Provider(self.address(object));
                Api::Unknown(Rc::new(Unknown {
                    at: resource.block.span,
                    reason: object_id,
                }))
            }
        });
        let too_deep = || {
            Api::Unknown(Rc::new(Unknown {
                at,
                reason: Reason::TooDeep,
            }))
        };
        let api = api.unwrap_or_else(too_deep);
        match api {
            Api::Unknown(_) if names_graph(resource.name()) => graph(at),
            api => api,
        }
    }

    /// The API whose application id a value is.
    pub(in crate::formats::terraform) fn api_of(&self, value: &Value, at: Span) -> Api {
        match &value.settled().kind {
            Kind::Text(text) => match id_by_display_name(&text.text) {
                Some(id) if !is_guid(&text.text) => Api::Id(Text::new(id.to_string(), text.origin)),
                _ => Api::Id(text.clone()),
            },
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::PublishedId(name) => Api::Published(name.clone()),
                Symbol::Attribute(object, _) => {
                    let resource =
                        &self.module(object.holder.scope).resources[object.holder.resource];
                    if resource.kind() == "azuread_service_principal" {
                        self.api_of_principal(object, at)
                    } else {
                        Api::Own(self.address(object).into())
                    }
                }
                Symbol::Instance(object) => {
                    let resource =
                        &self.module(object.holder.scope).resources[object.holder.resource];
                    if resource.kind() == "azuread_service_principal" {
                        self.api_of_principal(object, at)
                    } else {
                        Api::Own(self.address(object).into())
                    }
                }
                Symbol::Exported(api) => api.clone(),
                _ => Api::Unknown(self.why(value, at)),
            },
            Kind::Choice { options, .. } => {
                let all: Vec<Api> = options
                    .iter()
                    .map(|option| self.api_of(option, at))
                    .collect();
                if !all.is_empty() && all.iter().all(Api::is_graph) {
                    graph(at)
                } else {
                    Api::Unknown(self.why(value, at))
                }
            }
            Kind::Unknown(unknown) => self.api_by_name(unknown, at),
            _ => Api::Unknown(self.why(value, at)),
        }
    }

    fn api_by_name(&self, unknown: &Rc<Unknown>, at: Span) -> Api {
        let named = match &unknown.reason {
            Reason::Variable(name) | Reason::Undeclared(name) | Reason::Module(name) => {
                names_graph(name)
            }
            _ => false,
        };
        if named
            || names_graph(self.project.slice(at))
                && matches!(unknown.reason, Reason::Undeclared(_) | Reason::Module(_))
        {
            graph(at)
        } else {
            Api::Unknown(Rc::clone(unknown))
        }
    }
}

fn is_guid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

/// Microsoft Graph, as something at `at` says.
pub(in crate::formats::terraform) fn graph(at: Span) -> Api {
    Api::Id(Text::new(MICROSOFT_GRAPH.to_string(), Origin::Made(at)))
}

/// Whether a name is that of Microsoft Graph: `msgraph`, `microsoft_graph`, `MicrosoftGraph`, `graph_api`. Not the
/// retired Azure AD Graph, which configurations call `aad_graph`, `azure_ad_graph` or `windows_azure_active_directory`.
pub(in crate::formats) fn names_graph(name: &str) -> bool {
    let folded: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    is_graph_id(name)
        || folded.contains("graph")
            && ![
                "aadgraph",
                "azureadgraph",
                "activedirectorygraph",
                "graphql",
                "graphdb",
            ]
            .iter()
            .any(|other| folded.contains(other))
}

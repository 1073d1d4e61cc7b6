//! From recorded resources to apps.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, StringLit, Value};
use source_text::{Source, Span, Spanned};

use super::references::{References, without_instances};
use super::resources::{Instance, objects};
use crate::PermissionType;
use crate::json::{literal, tree};
use crate::model::{App, Means, Requested, Resource, ResourceRef, TypeRef, Unresolved};

/// The apps of a plan or state, in the order in which they occur.
pub(super) fn apps(
    source: &Source,
    instances: &[Instance<'_>],
    references: &References,
) -> Vec<App> {
    let mut build = Build {
        source,
        instances,
        references,
        by_id: index(instances),
        apps: Vec::new(),
        by_address: HashMap::new(),
    };
    // Applications first: grants are put with the app that they are for.
    for applications in [true, false] {
        for instance in instances.iter().filter(|instance| !instance.data) {
            let is_application = matches!(
                instance.kind,
                "azuread_application" | "azuread_application_registration"
            );
            if is_application == applications {
                build.instance(instance);
            }
        }
    }
    build
        .apps
        .retain(|app| !app.requested.is_empty() || app.name.is_some());
    build.apps
}

/// Arguments that identify a resource.
const IDS: &[&str] = &[
    "object_id",
    "id",
    "client_id",
    "application_id",
    "principal_id",
];

fn index<'b>(instances: &'b [Instance<'_>]) -> HashMap<&'b str, Vec<usize>> {
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, instance) in instances.iter().enumerate() {
        for id in IDS
            .iter()
            .filter_map(|name| tree::string(instance.values, name))
        {
            by_id.entry(&id.value).or_default().push(at);
        }
    }
    by_id
}

struct Build<'j, 'b> {
    source: &'b Source,
    instances: &'b [Instance<'j>],
    references: &'b References,
    /// Instances by their ids, whichever argument holds it.
    by_id: HashMap<&'b str, Vec<usize>>,
    apps: Vec<App>,
    by_address: HashMap<String, usize>,
}

impl Build<'_, '_> {
    fn instance(&mut self, instance: &Instance<'_>) {
        match instance.kind {
            "azuread_application" | "azuread_application_registration" => {
                self.application(instance)
            }
            "azuread_application_api_access" => {
                let app = self.owner(instance, &["application_id"]);
                let api = self.api(instance, "api_client_id", true);
                self.list(
                    app,
                    instance,
                    "role_ids",
                    &api,
                    PermissionType::Application,
                    Means::Requested,
                );
                self.list(
                    app,
                    instance,
                    "scope_ids",
                    &api,
                    PermissionType::Delegated,
                    Means::Requested,
                );
            }
            "azuread_app_role_assignment" => {
                let api = self.api(instance, "resource_object_id", false);
                if is_foreign(&api) {
                    return;
                }
                let app = self.owner(instance, &["principal_object_id"]);
                let id = tree::value(instance.values, "app_role_id");
                if let Some(id) = id {
                    self.push(
                        app,
                        instance,
                        id,
                        &api,
                        PermissionType::Application,
                        Means::Granted,
                    );
                }
            }
            "azuread_service_principal_delegated_permission_grant" => {
                let app = self.owner(instance, &["service_principal_object_id"]);
                let api = self.api(instance, "resource_service_principal_object_id", false);
                self.list(
                    app,
                    instance,
                    "claim_values",
                    &api,
                    PermissionType::Delegated,
                    Means::Granted,
                );
            }
            _ => {}
        }
    }

    fn application(&mut self, instance: &Instance<'_>) {
        let app = self.app(&instance.address, instance.span);
        let text = |literal: &StringLit<'_>| {
            Spanned::new(literal.value.to_string(), tree::span(self.source, literal))
        };
        self.apps[app].name = tree::string(instance.values, "display_name").map(text);
        self.apps[app].app_id = tree::string(instance.values, "client_id")
            .or_else(|| tree::string(instance.values, "application_id"))
            .map(text);
        for entry in objects(instance.values, "required_resource_access") {
            let span = tree::span(self.source, entry);
            let id = literal::resource(tree::value(entry, "resource_app_id"), self.source, span);
            let resource = self.apps[app].push_resource(Resource::new(span, id));
            for access in objects(entry, "resource_access") {
                let span = tree::span(self.source, access);
                let permission = literal::permission(tree::value(access, "id"), self.source, span);
                let ty = literal::permission_type(tree::value(access, "type"), self.source, span);
                self.apps[app]
                    .requested
                    .push(Requested::new(resource, permission, ty, span));
            }
        }
    }

    fn list(
        &mut self,
        app: usize,
        instance: &Instance<'_>,
        name: &str,
        api: &ResourceRef,
        ty: PermissionType,
        means: Means,
    ) {
        let elements = tree::array(instance.values, name)
            .into_iter()
            .flat_map(|array| &array.elements);
        for element in elements {
            self.push(app, instance, element, api, ty, means);
        }
    }

    fn push(
        &mut self,
        app: usize,
        instance: &Instance<'_>,
        value: &Value<'_>,
        api: &ResourceRef,
        ty: PermissionType,
        means: Means,
    ) {
        let span = tree::span(self.source, value);
        let permission = literal::permission(Some(value), self.source, span);
        let app = &mut self.apps[app];
        let known = app.resources.iter().position(|r| r.span == instance.span);
        let resource =
            known.unwrap_or_else(|| app.push_resource(Resource::new(instance.span, api.clone())));
        let mut requested = Requested::new(resource, permission, TypeRef::implied(ty), span);
        requested.means = means;
        app.requested.push(requested);
    }

    /// The API that an argument names: by its application id, or by the object id of its service principal.
    fn api(&self, instance: &Instance<'_>, name: &str, by_client_id: bool) -> ResourceRef {
        let value = tree::value(instance.values, name);
        if by_client_id {
            return literal::resource(value, self.source, instance.span);
        }
        let object_id = value.and_then(Value::as_string_lit);
        let principal = object_id.and_then(|id| {
            self.with(&["object_id"], &id.value, |kind| {
                kind == "azuread_service_principal"
            })
        });
        let client_id = principal.and_then(|principal| client_id(principal.values));
        match client_id {
            Some(id) => literal::resource_named(&id.value, tree::span(self.source, id)),
            None => ResourceRef::Unresolved {
                text: object_id.map_or(String::new(), |id| id.value.to_string()),
                span: value.map_or(instance.span, |value| tree::span(self.source, value)),
                reason: Unresolved::Unknown(
                    "belongs to a service principal that the file does not describe".into(),
                ),
            },
        }
    }

    /// The app that an argument refers to: by its id, or, before there is one, by what the configuration refers to.
    fn owner(&mut self, instance: &Instance<'_>, names: &[&str]) -> usize {
        let found = names
            .iter()
            .find_map(|name| match tree::string(instance.values, name) {
                Some(id) => self.by_id(&id.value),
                None => self.by_reference(&instance.address, name),
            });
        match found {
            Some((address, span)) => self.app(&address, span),
            None => self.app(&without_instances(&instance.address), instance.span),
        }
    }

    fn by_id(&self, id: &str) -> Option<(String, Span)> {
        let principal = self.with(&["object_id", "id"], id, |kind| {
            kind == "azuread_service_principal"
        });
        let app = match principal.and_then(|principal| client_id(principal.values)) {
            Some(client) => self.with(&["client_id", "application_id"], &client.value, |kind| {
                kind.starts_with("azuread_application")
            }),
            None => self.with(&["id", "object_id"], id, |kind| {
                kind.starts_with("azuread_application")
            }),
        };
        let owner = app
            .or(principal)
            .or_else(|| self.with(&["principal_id"], id, |_| true))?;
        Some((owner.address.clone(), owner.span))
    }

    fn by_reference(&self, address: &str, name: &str) -> Option<(String, Span)> {
        let mut named = self.references.get(address, name)?.to_owned();
        if named.contains("azuread_service_principal.")
            && let Some(app) = self
                .references
                .get(&named, "client_id")
                .or_else(|| self.references.get(&named, "application_id"))
        {
            named = app.to_owned();
        }
        let named = named
            .trim_end_matches(".client_id")
            .trim_end_matches(".application_id")
            .to_owned();
        // Of several instances the one with the same key; of one, that one.
        let of_block = |instance: &&Instance<'_>| {
            without_instances(&instance.address) == named && !instance.data
        };
        let key = address.rfind('[').map_or("", |at| &address[at..]);
        let mut all = self.instances.iter().filter(of_block);
        let first = all.next()?;
        let same = self
            .instances
            .iter()
            .filter(of_block)
            .find(|i| !key.is_empty() && i.address.ends_with(key));
        let owner = match (same, all.next()) {
            (Some(same), _) => same,
            (None, None) => first,
            (None, Some(_)) => return Some((named, first.span)),
        };
        Some((owner.address.clone(), owner.span))
    }

    fn with(
        &self,
        names: &[&str],
        value: &str,
        kind: impl Fn(&str) -> bool,
    ) -> Option<&Instance<'_>> {
        self.by_id
            .get(value)?
            .iter()
            .map(|at| &self.instances[*at])
            .find(|instance| {
                kind(instance.kind)
                    && names.iter().any(|name| {
                        tree::string(instance.values, name).is_some_and(|s| s.value == value)
                    })
            })
    }

    fn app(&mut self, address: &str, span: Span) -> usize {
        if let Some(known) = self.by_address.get(address) {
            return *known;
        }
        let mut app = App::new(span);
        app.address = Some(address.to_owned());
        self.apps.push(app);
        self.by_address
            .insert(address.to_owned(), self.apps.len() - 1);
        self.apps.len() - 1
    }
}

fn client_id<'j>(values: &'j Object<'j>) -> Option<&'j StringLit<'j>> {
    tree::string(values, "client_id").or_else(|| tree::string(values, "application_id"))
}

/// Whether an API is an application of a tenant's own: its roles are given to people and groups.
fn is_foreign(api: &ResourceRef) -> bool {
    api.app_id().is_some() && api.well_known().is_none()
}

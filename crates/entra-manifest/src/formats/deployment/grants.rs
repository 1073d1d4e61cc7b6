//! Grants of a deployment: `appRoleAssignedTo` and `oauth2PermissionGrants`.

use source_text::Span;

use super::elements::Placed;
use super::expr::{Expr, ExprKind};
use super::graph::{Building, Owner, Reader, WORDS, principal_of, spanned};
use super::program::Resource as Declared;
use super::requests;
use super::symbolic::{Instance, Symbolic};
use super::texts;
use super::value::{Data, Piece, Value};
use crate::PermissionType;
use crate::model::layout::{ElementLayout, ListForm, ListLayout, Place, Separator};
use crate::model::{App, Means, PermissionRef, Resource, ResourceRef, TypeRef, Unresolved};
use crate::resource::{self, MICROSOFT_GRAPH};

impl Reader<'_, '_> {
    /// `appRoleAssignedTo`: one application permission of the API `resourceId` for `principalId`.
    pub(super) fn role_grants(&mut self, scope: usize, index: usize, declared: &Declared) {
        if declared.existing {
            return;
        }
        for (instance, condition) in self.evaluator.instances(scope, index, declared) {
            let body = self.evaluator.body(&instance);
            let null = Value::new(Data::Null, declared.name_span);
            let role = body.member("appRoleId").unwrap_or(&null);
            let api = body.member("resourceId");
            let owner = self.owner(&body, "principalId", declared);
            for found in requests::permissions(self.texts, role) {
                let mut id = self.granted_of(api, found.of.as_ref().map(|(of, _)| of), declared);
                if let (ResourceRef::Unresolved { span, .. }, PermissionRef::Id { uuid, .. }) =
                    (&id, &found.permission)
                    && resource::is_graph_permission(*uuid)
                {
                    id = ResourceRef::Implied {
                        uuid: MICROSOFT_GRAPH,
                        span: *span,
                    };
                }
                let at = self.building(&owner, declared);
                let mut app = std::mem::replace(&mut self.apps[at].app, App::new(declared.span));
                let resource = shared_resource(&mut app, declared.span, id);
                let placed = Placed {
                    resource,
                    element: declared.span,
                    item: found.item.filter(|item| item.item != declared.span),
                    objects: false,
                    siblings: &[],
                    label: found.label,
                    condition: condition.or(found.conditional),
                };
                let ty = TypeRef::implied(PermissionType::Application);
                let new = self.request(&mut app, found.permission, ty, found.literal, &placed);
                app.requested[new].means = Means::Granted;
                self.apps[at].app = app;
            }
        }
    }

    /// `oauth2PermissionGrants`: the delegated permissions in `scope`, words of one string.
    pub(super) fn scope_grants(&mut self, scope: usize, index: usize, declared: &Declared) {
        if declared.existing {
            return;
        }
        for (instance, condition) in self.evaluator.instances(scope, index, declared) {
            let body = self.evaluator.body(&instance);
            let api = body.member("resourceId");
            let owner = self.owner(&body, "clientId", declared);
            let id = self.granted_of(api, None, declared);
            let null = Value::new(Data::Null, declared.name_span);
            let scopes = body.member("scope").unwrap_or(&null);
            let at = self.building(&owner, declared);
            let mut app = std::mem::replace(&mut self.apps[at].app, App::new(declared.span));
            let resource = shared_resource(&mut app, declared.span, id);
            for (word, literal) in words(scopes) {
                for found in requests::permissions(self.texts, &word) {
                    let placed = Placed {
                        resource,
                        element: declared.span,
                        item: None,
                        objects: false,
                        siblings: &[],
                        label: None,
                        condition: condition.or(scopes.conditional).or(found.conditional),
                    };
                    let ty = TypeRef::implied(PermissionType::Delegated);
                    let span = found.permission.span();
                    let exact = found.literal;
                    let new = self.request(&mut app, found.permission, ty, exact, &placed);
                    app.requested[new].means = Means::Granted;
                    if !exact {
                        continue;
                    }
                    // A name of a list that is joined, or a word of a string.
                    if let Some(item) = word.item {
                        self.sizes.insert(item.list, item.of);
                    }
                    let (list, item) = match (word.item, literal) {
                        (Some(item), _) if item.item == span => (
                            self.list_of_elements(
                                &mut app,
                                resource,
                                item.list,
                                WORDS,
                                Some(PermissionType::Delegated),
                            ),
                            item.item,
                        ),
                        // A word that is a string of its own would leave an empty one in its place, which only the
                        // whole value may be.
                        (_, Some(literal))
                            if literal == scopes.span || !self.is_one_word(literal) =>
                        {
                            (word_list(&mut app, resource, literal), span)
                        }
                        _ => continue,
                    };
                    app.requested[new].span = item;
                    app.requested[new].layout = ElementLayout {
                        place: Some(Place::Access(list)),
                        plain: true,
                        fixed: None,
                    };
                }
            }
            self.apps[at].app = app;
        }
    }

    /// The API of a grant: the service principal `resourceId`, or the one in which the permission was looked up.
    fn granted_of(
        &self,
        api: Option<&Value>,
        looked_up: Option<&Instance>,
        declared: &Declared,
    ) -> ResourceRef {
        let span = api.map_or(declared.name_span, |api| api.span);
        let principal = api.and_then(principal_of);
        if let Some(principal) = principal.or(looked_up) {
            return requests::resource_of_principal(self.evaluator, self.texts, principal, span);
        }
        match api {
            Some(api) => match requests::resource(self.evaluator, self.texts, api) {
                // The object id of a service principal differs from tenant to tenant: it says nothing.
                ResourceRef::Id { .. } | ResourceRef::Name { .. } => ResourceRef::Unresolved {
                    text: self.texts.excerpt(span),
                    span,
                    reason: Unresolved::Unknown(
                        "belongs to a service principal that is given by its object id".into(),
                    ),
                },
                unresolved => unresolved,
            },
            None => ResourceRef::Unresolved {
                text: String::new(),
                span,
                reason: Unresolved::Missing,
            },
        }
    }

    fn is_one_word(&self, literal: Span) -> bool {
        let text = self
            .texts
            .source(literal.file)
            .map_or("", |source| source.slice(literal));
        text.split_whitespace().count() == 1
    }

    /// Whom a grant is for.
    fn owner(&self, body: &Value, member: &str, declared: &Declared) -> Whose {
        let written = declared.body.member(member);
        let name = || {
            let symbol = written.and_then(first_symbol);
            symbol.unwrap_or_else(|| declared.symbol.clone())
        };
        let Some(principal) = body.member(member) else {
            return Whose::of(Owner::Name(name()));
        };
        if let Some(instance) = principal_of(principal) {
            let scope = self.evaluator.scope(instance.scope);
            let resource = &scope.program.resources[instance.resource];
            if resource.ty == "microsoft.graph/applications" {
                return Whose::of(Owner::App(instance.clone()));
            }
            let app_id = self.evaluator.property(instance, "appId", principal.span);
            return match &app_id.data {
                Data::Symbolic(Symbolic::AppId(app)) => Whose::of(Owner::App(app.clone())),
                Data::Text(_) if app_id.as_text().is_some() => Whose {
                    owner: Owner::Id(app_id.as_text().unwrap_or_default()),
                    address: Some(requests::symbol(self.evaluator, instance)),
                    app_id: Some(app_id),
                },
                _ => Whose::of(Owner::Name(requests::symbol(self.evaluator, instance))),
            };
        }
        if let Data::Symbolic(Symbolic::Runtime(instance, _)) = &principal.data {
            return Whose::of(Owner::Name(requests::symbol(self.evaluator, instance)));
        }
        Whose::of(Owner::Name(name()))
    }

    /// The app that a grant belongs to, made at its first grant.
    pub(super) fn building(&mut self, whose: &Whose, declared: &Declared) -> usize {
        let owner = &whose.owner;
        if let Some(at) = self.apps.iter().position(|known| known.owner == *owner) {
            return at;
        }
        let mut app = App::new(declared.span);
        match owner {
            Owner::App(instance) => {
                app.address = Some(requests::symbol(self.evaluator, instance));
                let body = self.evaluator.body(instance);
                app.name = (body.member("displayName").and_then(spanned))
                    .or_else(|| body.member("uniqueName").and_then(spanned));
            }
            Owner::Id(_) => {
                app.address.clone_from(&whose.address);
                app.app_id = whose.app_id.as_ref().and_then(spanned);
            }
            Owner::Name(name) => app.address = Some(name.clone()),
        }
        self.apps.push(Building {
            owner: owner.clone(),
            app,
        });
        self.apps.len() - 1
    }
}

/// Whom a grant is for, and what the file says of them.
pub(super) struct Whose {
    owner: Owner,
    address: Option<String>,
    app_id: Option<Value>,
}

impl Whose {
    pub(super) const fn of(owner: Owner) -> Self {
        Self {
            owner,
            address: None,
            app_id: None,
        }
    }
}

/// The entry for an API, which all grants of one app share.
fn shared_resource(app: &mut App, span: Span, id: ResourceRef) -> usize {
    // Grants are not entries of `requiredResourceAccess`: an entry that has a list there is not theirs.
    let known = app.resources.iter().position(|known| {
        known.id == id
            && known.layout.list.is_none()
            && known.layout.accesses.iter().all(|l| l.by_name)
    });
    known.unwrap_or_else(|| app.push_resource(Resource::new(span, id)))
}

/// The list that the words of a string are.
fn word_list(app: &mut App, resource: usize, literal: Span) -> usize {
    let lists = &mut app.resources[resource].layout.accesses;
    if let Some(at) = lists.iter().position(|known| known.span == literal) {
        return at;
    }
    lists.push(ListLayout {
        span: literal,
        form: ListForm::Items {
            open: 1,
            close: 1,
            separator: Separator::Blank,
        },
        permission_type: Some(PermissionType::Delegated),
        by_name: true,
        dialect: WORDS,
    });
    lists.len() - 1
}

/// The words of a value, each with the string literal that it is a word of.
fn words(value: &Value) -> Vec<(Value, Option<Span>)> {
    match &value.data {
        Data::Text(text) => (texts::words(text).into_iter())
            .map(|mut word| {
                let literal = match &word.data {
                    Data::Text(text) => match text.pieces.as_slice() {
                        [
                            Piece::Known {
                                literal,
                                exact: true,
                                ..
                            },
                        ] => Some(*literal),
                        _ => None,
                    },
                    _ => None,
                };
                if word.as_unknown().is_some() {
                    word.span = value.span;
                }
                (word, literal)
            })
            .collect(),
        Data::Either(options) => options.iter().flat_map(words).collect(),
        _ => vec![(value.clone(), None)],
    }
}

/// The first name in an expression: of what a principal is taken from.
fn first_symbol(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name)
        | ExprKind::Parameter(name)
        | ExprKind::Variable(name)
        | ExprKind::Resource(name)
        | ExprKind::Local(name) => Some(name.clone()),
        ExprKind::Member { of, .. } | ExprKind::At { of, .. } | ExprKind::Unary(_, of) => {
            first_symbol(of)
        }
        ExprKind::Nested(name) => Some(name.clone()),
        ExprKind::Binary(_, a, b) => first_symbol(a).or_else(|| first_symbol(b)),
        ExprKind::If(_, a, b) => first_symbol(a).or_else(|| first_symbol(b)),
        ExprKind::Call { on, args, .. } => {
            let on = on.as_deref().and_then(first_symbol);
            on.or_else(|| args.iter().find_map(first_symbol))
        }
        ExprKind::Text(_) => {
            let text = expr.as_text()?;
            (!text.is_empty()).then(|| text.to_owned())
        }
        _ => None,
    }
}

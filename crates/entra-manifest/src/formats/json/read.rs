//! From syntax tree to model: applications, their resources and requested permissions.

use jsonc_parser::ast::{Object, StringLit, Value};
use source_text::{Source, Span, Spanned};

use super::dialect::Dialect;
use super::{inherited, named};
use crate::PermissionType;
use crate::json::{literal, tree};
use crate::model::layout::{Body, ElementLayout, EntryLayout, ListForm, ListLayout, Place};
use crate::model::{App, Problem, ProblemKind, Requested, Resource, TypeRef};

/// Members that hold a list of resources.
pub(super) const LISTS: [&str; 3] = [
    "requiredResourceAccess",
    "requiredResourceAccesses",
    "requiredResourcesAccess",
];

/// Members of an entry that hold a list of permissions with their types.
const ACCESSES: [&str; 2] = ["resourceAccess", "resourceAccesses"];

/// Members of an entry that say which resource it is.
const RESOURCE_IDS: [&str; 2] = ["resourceAppId", "resource"];

/// Members that give an application's name, the best first.
const APP_NAMES: [&str; 5] = [
    "displayName",
    "name",
    "x-ms-name",
    "uniqueName",
    "agentIdentityDisplayName",
];

/// Builds the model, application by application.
pub(super) struct Reader<'d> {
    pub(super) source: &'d Source,
    pub(super) comments: &'d [Span],
    pub(super) apps: Vec<App>,
    pub(super) problems: Vec<Problem>,
}

impl<'d> Reader<'d> {
    pub(super) const fn new(source: &'d Source, comments: &'d [Span]) -> Self {
        Self {
            source,
            comments,
            apps: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn span(&self, node: &impl jsonc_parser::common::Ranged) -> Span {
        tree::span(self.source, node)
    }

    /// An application: an object and the members of it that are lists of resources.
    pub(super) fn application(&mut self, object: &Object<'_>, lists: &[(&Value<'_>, Dialect)]) {
        let owned = |literal: &StringLit<'_>| {
            Spanned::new(
                literal.value.clone().into_owned(),
                tree::span(self.source, literal),
            )
        };
        let mut app = App::new(self.span(object));
        app.name = literal::named(object, &APP_NAMES).map(owned);
        app.app_id = literal::named(object, &["appId"]).map(owned);
        app.layout.body = Some(self.body(object));
        for (list, dialect) in lists {
            self.list(&mut app, list, *dialect);
        }
        for value in tree::members(object, inherited::MEMBER).map(|member| &member.value) {
            for entry in inherited::entries(value) {
                app.inherited.extend(inherited::read(self.source, entry));
            }
        }
        self.apps.push(app);
    }

    /// Entries of inheritable permissions that belong to no application in the file.
    pub(super) fn bare_inherited(&mut self, list: &Value<'_>) {
        let mut app = App::new(self.span(list));
        for entry in inherited::entries(list) {
            app.inherited.extend(inherited::read(self.source, entry));
        }
        self.apps.push(app);
    }

    /// A list of resources, or a single entry, that belongs to no application in the file.
    pub(super) fn bare_list(&mut self, list: &Value<'_>, dialect: Dialect) {
        let mut app = App::new(self.span(list));
        self.list(&mut app, list, dialect);
        self.apps.push(app);
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::new(kind, span, message));
    }

    fn body(&self, object: &Object<'_>) -> Body {
        let capital = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let members = &object.properties;
        let capitals = members
            .iter()
            .filter(|member| capital(member.name.as_str()));
        Body {
            span: self.span(object),
            capitals: capitals.count() * 2 > members.len(),
            members: members.iter().map(|member| self.span(member)).collect(),
            dialect: 0,
        }
    }

    fn list(&mut self, app: &mut App, value: &Value<'_>, dialect: Dialect) {
        let (outer, value) = (value, unwrapped(value));
        let (form, entries) = match value {
            // What counts its items is not edited: the count would be wrong.
            Value::Array(array) if !std::ptr::eq(outer, value) => {
                (ListForm::Other, array.elements.as_slice())
            }
            Value::Array(array) => (ListForm::BRACKETS, array.elements.as_slice()),
            Value::NullKeyword(_) => (ListForm::Null, [].as_slice()),
            Value::Object(object) if dialect == Dialect::Map => {
                app.layout.lists.push(ListLayout {
                    span: self.span(value),
                    form: ListForm::Other,
                    permission_type: None,
                    by_name: false,
                    dialect: dialect as u8,
                });
                self.map(app, object);
                return;
            }
            Value::Object(_) => (ListForm::Single, std::slice::from_ref(value)),
            _ => (ListForm::Other, std::slice::from_ref(value)),
        };
        let list = app.layout.lists.len();
        app.layout.lists.push(ListLayout {
            span: self.span(value),
            form,
            permission_type: None,
            by_name: dialect.names_permissions(),
            dialect: dialect as u8,
        });
        for entry in entries {
            self.entry(app, list, entry, dialect);
        }
    }

    fn entry(&mut self, app: &mut App, list: usize, value: &Value<'_>, dialect: Dialect) {
        let span = self.span(value);
        let Value::Object(object) = value else {
            self.odd_entry(app, list, value);
            return;
        };
        let id = match dialect {
            dialect if dialect.is_named() => named::RESOURCES
                .iter()
                .find_map(|name| tree::value(object, name)),
            _ => self.single(object, &RESOURCE_IDS),
        };
        let label = self.resource_label(object, id);
        let members = object.properties.len();
        let resource = app.push_resource(Resource {
            span,
            id: literal::resource(id, self.source, span),
            layout: EntryLayout {
                list: Some(list),
                body: Some(self.body(object)),
                accesses: Vec::new(),
                plain: members == 2 || (members == 3 && label.is_some()),
            },
            label,
        });
        if dialect == Dialect::Flat {
            let permission = self.single(object, &["scope"]);
            app.requested.push(Requested {
                label: self.label(span, Some(object), &["resource", "scope"]),
                layout: ElementLayout {
                    place: Some(Place::Entry),
                    plain: members == 2,
                    fixed: None,
                },
                ..Requested::new(
                    resource,
                    literal::permission(permission, self.source, span),
                    TypeRef::implied(PermissionType::Delegated),
                    span,
                )
            });
            return;
        }
        // In the order of the file: the model's lists follow it.
        for member in &object.properties {
            let name = member.name.as_str();
            let is = |other: &&str| other.eq_ignore_ascii_case(name);
            let implied = named::LISTS.iter().find(|(list, _)| is(list));
            // Names that only a list of names has are no list elsewhere: `roles`, `scopes`.
            let implied =
                implied.filter(|(list, _)| dialect.is_named() || list.ends_with("Permissions"));
            let access = ACCESSES.iter().copied().find(|access| is(access));
            if let Some((_, implied)) = access
                .map(|access| (access, None))
                .or(implied.map(|(list, ty)| (*list, Some(*ty))))
            {
                self.access(app, resource, &member.value, implied);
            }
        }
        for name in ACCESSES {
            self.twice(object, name);
        }
        for (name, _) in named::LISTS {
            self.twice(object, name);
        }
    }

    /// An object whose members are lists of permissions by the name of their API.
    fn map(&mut self, app: &mut App, object: &Object<'_>) {
        for member in &object.properties {
            let span = self.span(member);
            let name = tree::span(self.source, &member.name);
            let resource = app.push_resource(Resource::new(
                span,
                literal::resource_named(member.name.as_str(), name),
            ));
            self.access(app, resource, &member.value, None);
        }
    }

    /// The value of a member that can stand but once, under one of these names.
    pub(super) fn single<'o, 'a>(
        &mut self,
        object: &'o Object<'a>,
        names: &[&str],
    ) -> Option<&'o Value<'a>> {
        for name in names {
            self.twice(object, name);
        }
        names.iter().find_map(|name| tree::value(object, name))
    }

    fn twice(&mut self, object: &Object<'_>, name: &str) {
        if let Some(second) = tree::members(object, name).nth(1) {
            let span = self.span(second);
            let known = self
                .problems
                .iter()
                .rev()
                .take(ACCESSES.len())
                .any(|problem| problem.span == span);
            if !known {
                self.problem(
                    ProblemKind::DuplicateMember,
                    span,
                    format!("\"{name}\" occurs twice in this object"),
                );
            }
        }
    }

    /// What a sibling member calls the resource: `x-ms-resourceAppName`, `resourceName`, `displayName`.
    fn resource_label(
        &self,
        object: &Object<'_>,
        id: Option<&Value<'_>>,
    ) -> Option<Spanned<String>> {
        let id = id.map(|id| self.span(id));
        object.properties.iter().find_map(|member| {
            let literal = member.value.as_string_lit()?;
            if Some(self.span(literal)) == id {
                return None;
            }
            let name = member.name.as_str().to_ascii_lowercase();
            let value = || literal.value.trim().to_owned();
            name.ends_with("name")
                .then(|| Spanned::new(value(), self.span(literal)))
        })
    }
}

/// The list in what Windows PowerShell 5.1 writes for one: `{"value": […], "Count": 2}`.
pub(super) fn unwrapped<'o, 'a>(value: &'o Value<'a>) -> &'o Value<'a> {
    let list = value
        .as_object()
        .filter(|object| tree::has(object, "count") && tree::array(object, "value").is_some());
    list.and_then(|object| tree::value(object, "value"))
        .unwrap_or(value)
}

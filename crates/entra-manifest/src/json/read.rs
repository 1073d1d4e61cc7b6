//! From syntax tree to model: applications, their resources and requested permissions.

use jsonc_parser::ast::{Object, Value};

use super::layout::{
    AccessList, AppLayout, Dialect, Element, Entry, EntryList, ListForm, ObjectLayout,
};
use super::{labels, literal, tree};
use crate::model::{
    App, Kind, KindRef, PermissionRef, Problem, ProblemKind, Requested, Resource, ResourceRef,
    Unresolved,
};
use crate::span::{Span, Spanned};

/// Members that hold a list of resources.
pub(crate) const LISTS: [&str; 3] = [
    "requiredResourceAccess",
    "requiredResourceAccesses",
    "requiredResourcesAccess",
];

/// Members of an entry that hold a list of permissions, and the kind where the name says it.
const ACCESSES: [(&str, Option<Kind>); 4] = [
    ("resourceAccess", None),
    ("resourceAccesses", None),
    ("delegatedPermissions", Some(Kind::Scope)),
    ("applicationPermissions", Some(Kind::Role)),
];

/// Members of an entry that say which resource it is.
const RESOURCE_IDS: [&str; 2] = ["resourceAppId", "resource"];

/// Members that give an application's name, the best first.
const APP_NAMES: [&str; 4] = ["displayName", "name", "x-ms-name", "uniqueName"];

/// Builds the model, application by application.
pub(crate) struct Reader<'d> {
    text: &'d str,
    comments: &'d [Span],
    pub(crate) apps: Vec<App>,
    pub(crate) layouts: Vec<AppLayout>,
    pub(crate) problems: Vec<Problem>,
}

struct Draft {
    app: App,
    layout: AppLayout,
}

impl<'d> Reader<'d> {
    pub(crate) const fn new(text: &'d str, comments: &'d [Span]) -> Self {
        Self {
            text,
            comments,
            apps: Vec::new(),
            layouts: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// An application: an object and the members of it that are lists of resources.
    pub(crate) fn application(&mut self, object: &Object<'_>, lists: &[(&Value<'_>, Dialect)]) {
        let mut draft = Draft::new(tree::span(object), Some(object));
        for (list, dialect) in lists {
            self.list(&mut draft, list, *dialect);
        }
        self.finish(draft);
    }

    /// A list of resources, or a single entry, that belongs to no application in the file.
    pub(crate) fn bare_list(&mut self, list: &Value<'_>) {
        let mut draft = Draft::new(tree::span(list), None);
        self.list(&mut draft, list, Dialect::ResourceAccess);
        self.finish(draft);
    }

    pub(crate) fn problem(&mut self, kind: ProblemKind, span: Span, message: impl Into<String>) {
        self.problems.push(Problem {
            kind,
            message: message.into(),
            span,
        });
    }

    fn finish(&mut self, draft: Draft) {
        self.apps.push(draft.app);
        self.layouts.push(draft.layout);
    }

    fn list(&mut self, draft: &mut Draft, value: &Value<'_>, dialect: Dialect) {
        let list = draft.layout.lists.len();
        let (form, entries) = match value {
            Value::Array(array) => (ListForm::Array, array.elements.as_slice()),
            Value::NullKeyword(_) => (ListForm::Null, [].as_slice()),
            Value::Object(_) => (ListForm::Single, std::slice::from_ref(value)),
            _ => (ListForm::Other, std::slice::from_ref(value)),
        };
        draft.layout.lists.push(EntryList {
            span: tree::span(value),
            form,
            dialect,
        });
        for entry in entries {
            self.entry(draft, list, entry, dialect);
        }
    }

    fn entry(&mut self, draft: &mut Draft, list: usize, value: &Value<'_>, dialect: Dialect) {
        let span = tree::span(value);
        let resource = draft.app.resources.len();
        draft.layout.entries.push(Entry {
            list,
            object: value.as_object().map(ObjectLayout::new),
            accesses: Vec::new(),
        });
        let Value::Object(object) = value else {
            self.odd_entry(draft, value, resource);
            return;
        };
        let id = self.single(object, &RESOURCE_IDS);
        let label = resource_label(object);
        draft.app.resources.push(Resource {
            span,
            id: literal::resource(id, self.text, span),
            label,
        });
        if dialect == Dialect::Flat {
            let permission = self.single(object, &["scope"]);
            draft.app.requested.push(Requested {
                resource,
                permission: literal::permission(permission, self.text, span),
                kind: KindRef::Known {
                    kind: Kind::Scope,
                    span: None,
                },
                label: labels::label(
                    self.text,
                    self.comments,
                    span,
                    Some(object),
                    &["resource", "scope"],
                ),
                span,
            });
            draft.layout.elements.push(Element {
                access: None,
                members: object.properties.len(),
            });
            return;
        }
        // In the order of the file: the model's lists follow it.
        for member in &object.properties {
            let name = member.name.as_str();
            let access = ACCESSES
                .iter()
                .find(|(access, _)| access.eq_ignore_ascii_case(name));
            if let Some((access, kind)) = access {
                self.access(draft, resource, &member.value, *kind);
                self.twice(object, access);
            }
        }
    }

    /// An element of a list of resources that is no object.
    fn odd_entry(&mut self, draft: &mut Draft, value: &Value<'_>, resource: usize) {
        let span = tree::span(value);
        let text = literal::written(value, self.text);
        let reason = match value {
            Value::NullKeyword(_) => Unresolved::Empty,
            _ => literal::stand_in(text.trim()).unwrap_or(Unresolved::WrongType),
        };
        if reason == Unresolved::WrongType {
            self.problem(
                ProblemKind::WrongType,
                span,
                "a list of resources holds objects: this was not read",
            );
        }
        draft.app.resources.push(Resource {
            span,
            id: ResourceRef::Unresolved {
                text: text.clone(),
                span,
                reason,
            },
            label: None,
        });
        if reason == Unresolved::Empty {
            return;
        }
        draft.app.requested.push(Requested {
            resource,
            permission: PermissionRef::Unresolved { text, span, reason },
            kind: KindRef::Unresolved {
                text: None,
                span,
                reason,
            },
            label: None,
            span,
        });
        draft.layout.elements.push(Element {
            access: None,
            members: 0,
        });
    }

    fn access(
        &mut self,
        draft: &mut Draft,
        resource: usize,
        value: &Value<'_>,
        kind: Option<Kind>,
    ) {
        let accesses = &mut draft.layout.entries[resource].accesses;
        let access = accesses.len();
        let (form, elements) = match value {
            Value::Array(array) => (ListForm::Array, array.elements.as_slice()),
            Value::NullKeyword(_) => (ListForm::Null, [].as_slice()),
            Value::Object(_) => (ListForm::Single, std::slice::from_ref(value)),
            Value::StringLit(_) if kind.is_some() => {
                (ListForm::Single, std::slice::from_ref(value))
            }
            _ => (ListForm::Other, std::slice::from_ref(value)),
        };
        accesses.push(AccessList {
            span: tree::span(value),
            form,
            kind,
        });
        if form == ListForm::Other && !is_stand_in(value) {
            self.problem(
                ProblemKind::WrongType,
                tree::span(value),
                "a list of permissions was expected here",
            );
        }
        for element in elements {
            draft.layout.elements.push(Element {
                access: Some(access),
                members: element
                    .as_object()
                    .map_or(0, |object| object.properties.len()),
            });
            let requested = self.element(resource, element, kind);
            draft.app.requested.push(requested);
        }
    }

    fn element(&mut self, resource: usize, value: &Value<'_>, implied: Option<Kind>) -> Requested {
        let span = tree::span(value);
        let (permission, kind, object) = match value {
            Value::Object(object) => {
                let permission = self.single(object, &["id"]);
                let kind = self.single(object, &["type"]);
                (
                    literal::permission(permission, self.text, span),
                    literal::kind(kind, self.text, span),
                    Some(object),
                )
            }
            _ => (
                literal::permission(Some(value), self.text, span),
                literal::kind(None, self.text, span),
                None,
            ),
        };
        let kind = match implied {
            Some(kind) => KindRef::Known { kind, span: None },
            None => kind,
        };
        self.spelling(&kind);
        Requested {
            resource,
            permission,
            kind,
            label: labels::label(self.text, self.comments, span, object, &["id", "type"]),
            span,
        }
    }

    /// The value of a member that can stand but once, under one of these names.
    fn single<'o, 'a>(&mut self, object: &'o Object<'a>, names: &[&str]) -> Option<&'o Value<'a>> {
        for name in names {
            self.twice(object, name);
        }
        names.iter().find_map(|name| tree::value(object, name))
    }

    fn twice(&mut self, object: &Object<'_>, name: &str) {
        if let Some(second) = tree::members(object, name).nth(1) {
            let span = Span::new(second.range.start, second.range.end);
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
                    format!("\"{name}\" stands twice in this object"),
                );
            }
        }
    }

    fn spelling(&mut self, kind: &KindRef) {
        if let KindRef::Known {
            kind,
            span: Some(span),
        } = kind
        {
            let written = self.text[span.range()].trim_matches(['"', '\'']);
            let right = kind.to_string();
            if written != right && written.eq_ignore_ascii_case(&right) {
                self.problem(
                    ProblemKind::Spelling,
                    *span,
                    format!("Microsoft Graph spells this \"{right}\""),
                );
            }
        }
    }
}

impl Draft {
    fn new(span: Span, object: Option<&Object<'_>>) -> Self {
        let owned = |literal: &jsonc_parser::ast::StringLit<'_>| Spanned {
            value: literal.value.clone().into_owned(),
            span: tree::span(literal),
        };
        Self {
            app: App {
                name: object
                    .and_then(|object| literal::named(object, &APP_NAMES))
                    .map(owned),
                app_id: object
                    .and_then(|object| literal::named(object, &["appId"]))
                    .map(owned),
                span,
                resources: Vec::new(),
                requested: Vec::new(),
            },
            layout: AppLayout {
                object: object.map(ObjectLayout::new),
                ..AppLayout::default()
            },
        }
    }
}

fn is_stand_in(value: &Value<'_>) -> bool {
    value
        .as_string_lit()
        .is_some_and(|literal| literal::stand_in(literal.value.trim()).is_some())
}

/// What a sibling member calls the resource: `x-ms-resourceAppName`, `resourceName`, `displayName`.
fn resource_label(object: &Object<'_>) -> Option<Spanned<String>> {
    object.properties.iter().find_map(|member| {
        let literal = member.value.as_string_lit()?;
        let name = member.name.as_str().to_ascii_lowercase();
        name.ends_with("name").then(|| Spanned {
            value: literal.value.trim().to_owned(),
            span: tree::span(literal),
        })
    })
}

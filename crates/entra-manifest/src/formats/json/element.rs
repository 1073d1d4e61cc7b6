//! From syntax tree to model: the permissions of an entry.

use jsonc_parser::ast::{Object, Value};
use source_text::{Span, Spanned};

use super::dialect::Dialect;
use super::named;
use super::read::{Reader, unwrapped};
use crate::PermissionType;
use crate::json::{literal, tree};
use crate::label;
use crate::model::layout::{ElementLayout, ListForm, ListLayout, Place};
use crate::model::{
    App, PermissionRef, ProblemKind, Requested, Resource, ResourceRef, TypeRef, Unresolved,
};

impl Reader<'_> {
    /// An element of a list of resources that is no object.
    pub(super) fn odd_entry(&mut self, app: &mut App, list: usize, value: &Value<'_>) {
        let span = self.span(value);
        let text = literal::written(value, self.source);
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
        let id = ResourceRef::Unresolved {
            text: text.clone(),
            span,
            reason: reason.clone(),
        };
        let mut entry = Resource::new(span, id);
        entry.layout.list = Some(list);
        let resource = app.push_resource(entry);
        if reason == Unresolved::Empty {
            return;
        }
        let permission_type = TypeRef::Unresolved {
            text: None,
            span,
            reason: reason.clone(),
        };
        let permission = PermissionRef::Unresolved { text, span, reason };
        let mut requested = Requested::new(resource, permission, permission_type, span);
        requested.layout.place = Some(Place::Entry);
        app.requested.push(requested);
    }

    pub(super) fn access(
        &mut self,
        app: &mut App,
        resource: usize,
        value: &Value<'_>,
        implied: Option<PermissionType>,
    ) {
        let (outer, value) = (value, unwrapped(value));
        let (form, elements) = match value {
            Value::Array(array) if !std::ptr::eq(outer, value) => {
                (ListForm::Other, array.elements.as_slice())
            }
            Value::Array(array) => (ListForm::BRACKETS, array.elements.as_slice()),
            Value::NullKeyword(_) => (ListForm::Null, [].as_slice()),
            Value::Object(_) => (ListForm::Single, std::slice::from_ref(value)),
            Value::StringLit(_) if implied.is_some() => {
                (ListForm::Single, std::slice::from_ref(value))
            }
            _ => (ListForm::Other, std::slice::from_ref(value)),
        };
        let objects = implied.is_some() && elements.iter().any(|value| value.as_object().is_some());
        let accesses = &mut app.resources[resource].layout.accesses;
        let access = accesses.len();
        accesses.push(ListLayout {
            span: tree::span(self.source, value),
            form,
            permission_type: implied,
            by_name: implied.is_some(),
            dialect: if objects {
                Dialect::Objects as u8
            } else {
                Dialect::ResourceAccess as u8
            },
        });
        if form == ListForm::Other && value.as_array().is_none() && !is_stand_in(value) {
            self.problem(
                ProblemKind::WrongType,
                self.span(value),
                "a list of permissions was expected here",
            );
        }
        for element in elements {
            let requested = self.element(resource, element, implied);
            app.requested.push(Requested {
                layout: ElementLayout {
                    place: Some(Place::Access(access)),
                    ..requested.layout
                },
                ..requested
            });
        }
    }

    fn element(
        &mut self,
        resource: usize,
        value: &Value<'_>,
        implied: Option<PermissionType>,
    ) -> Requested {
        let span = self.span(value);
        let (permission, permission_type, object) = match value {
            Value::Object(object) if implied.is_some() => {
                let name = named::NAMES
                    .iter()
                    .find_map(|name| tree::value(object, name));
                (
                    literal::permission(name, self.source, span),
                    literal::permission_type(None, self.source, span),
                    Some(object),
                )
            }
            Value::Object(object) => {
                let permission = self.single(object, &["id"]);
                let ty = self.single(object, &["type"]);
                (
                    literal::permission(permission, self.source, span),
                    literal::permission_type(ty, self.source, span),
                    Some(object),
                )
            }
            _ => (
                literal::permission(Some(value), self.source, span),
                literal::permission_type(None, self.source, span),
                None,
            ),
        };
        let permission_type = implied.map_or(permission_type, TypeRef::implied);
        self.spelling(&permission_type);
        let own: &[&str] = if implied.is_some() {
            &named::NAMES
        } else {
            &["id", "type"]
        };
        let label = self.label(span, object, own);
        // A comma that is missing there is not to be missing in a copy.
        let has_comma = self.source.slice(span).contains(',');
        let plain = match object.map_or(0, |object| object.properties.len()) {
            0 => implied.is_some() && value.as_string_lit().is_some(),
            1 => implied.is_some(),
            _ if !has_comma => false,
            2 => label
                .as_ref()
                .is_none_or(|label| !self.is_member(span, label)),
            3 => label
                .as_ref()
                .is_some_and(|label| self.is_member(span, label)),
            _ => false,
        };
        Requested {
            label,
            layout: ElementLayout {
                place: None,
                plain,
                fixed: None,
            },
            ..Requested::new(resource, permission, permission_type, span)
        }
    }

    /// Whether a label is the whole text of a member of the element.
    fn is_member(&self, element: Span, label: &Spanned<String>) -> bool {
        element.contains(label.span)
            && self.source.slice(label.span).starts_with(['"', '\''])
            && label::is_exactly_a_permission(&label.value)
    }

    pub(super) fn label(
        &self,
        element: Span,
        object: Option<&Object<'_>>,
        own: &[&str],
    ) -> Option<Spanned<String>> {
        let siblings: Vec<Spanned<&str>> = object
            .iter()
            .flat_map(|object| &object.properties)
            .filter(|member| {
                let name = member.name.as_str();
                !own.iter().any(|own| own.eq_ignore_ascii_case(name))
            })
            .filter_map(|member| member.value.as_string_lit())
            .map(|literal| Spanned::new(&*literal.value, self.span(literal)))
            .collect();
        label::label(self.source, self.comments, element, &siblings)
    }

    /// Says that a type is spelled otherwise.
    fn spelling(&mut self, permission_type: &TypeRef) {
        let TypeRef::Known {
            permission_type,
            span: Some(span),
        } = permission_type
        else {
            return;
        };
        let written = self.source.slice(*span).trim_matches(['"', '\'']);
        let right = permission_type.as_manifest();
        if written != right {
            self.problem(
                ProblemKind::Spelling,
                *span,
                format!("Microsoft Graph spells this \"{right}\""),
            );
        }
    }
}

fn is_stand_in(value: &Value<'_>) -> bool {
    value
        .as_string_lit()
        .is_some_and(|literal| literal::stand_in(literal.value.trim()).is_some())
}

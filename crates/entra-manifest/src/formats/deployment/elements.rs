//! `resourceAccess`: one element for each permission, and the list that it can be taken out of.

use source_text::{Source, Span, Spanned};

use super::graph::{OBJECTS, Reader, WORDS, spanned};
use super::requests;
use super::value::{Data, InList, Value, elements};
use crate::PermissionType;
use crate::label;
use crate::model::layout::{ElementLayout, EntryLayout, ListLayout, Place};
use crate::model::{App, Condition, PermissionRef, Requested, ResourceRef, TypeRef};

/// Where a request stands.
pub(super) struct Placed<'p> {
    pub(super) resource: usize,
    pub(super) element: Span,
    /// The list literal that it is an item of.
    pub(super) item: Option<InList>,
    /// Whether its items are objects.
    pub(super) objects: bool,
    pub(super) siblings: &'p [Spanned<String>],
    /// The name that stands with the id in a table.
    pub(super) label: Option<Span>,
    pub(super) condition: Option<Span>,
}

impl Reader<'_, '_> {
    /// `resourceAccess`.
    pub(super) fn elements(
        &mut self,
        app: &mut App,
        resource: usize,
        value: &Value,
        condition: Option<Span>,
    ) {
        let direct = matches!(value.data, Data::List(_)) && self.is_bracketed(value.span);
        if direct {
            self.list_of_elements(app, resource, value.span, OBJECTS, None);
        }
        for element in elements(value) {
            self.element(app, resource, &element.under(condition));
        }
    }

    pub(super) fn list_of_elements(
        &self,
        app: &mut App,
        resource: usize,
        list: Span,
        dialect: u8,
        permission_type: Option<PermissionType>,
    ) -> usize {
        let layout: &mut EntryLayout = &mut app.resources[resource].layout;
        if let Some(at) = layout.accesses.iter().position(|known| known.span == list) {
            return at;
        }
        layout.accesses.push(ListLayout {
            span: list,
            form: self.brackets(list),
            permission_type,
            by_name: dialect == WORDS,
            dialect,
        });
        layout.accesses.len() - 1
    }

    /// One `{id, type}`.
    fn element(&mut self, app: &mut App, resource: usize, element: &Value) {
        if let Data::Either(options) = &element.data {
            for option in options.iter().filter(|option| !option.is_null()) {
                self.element(app, resource, &option.clone().under(element.conditional));
            }
            return;
        }
        let (id, ty) = match &element.data {
            Data::Object(_) => (element.member("id"), element.member("type")),
            _ => (Some(element), None),
        };
        let missing;
        let id = match id {
            Some(id) => id,
            None => {
                missing = Value::new(Data::Null, element.span);
                &missing
            }
        };
        let siblings: Vec<Spanned<String>> = match &element.data {
            Data::Object(members) => (members.iter())
                .filter(|(key, _)| !["id", "type"].contains(&key.to_ascii_lowercase().as_str()))
                .filter_map(|(_, value)| spanned(value))
                .collect(),
            _ => Vec::new(),
        };
        let own = element.item.filter(|item| item.item == element.span);
        for found in requests::permissions(self.texts, id) {
            let permission_type = match (ty, &found.of) {
                (None, Some((_, among))) => TypeRef::implied(requests::type_among(*among)),
                _ => requests::type_of(self.texts, ty, element.span),
            };
            let condition = found.conditional.or(element.conditional);
            // An unresolved API is the one whose permissions are looked up.
            if let (ResourceRef::Unresolved { span, .. }, Some((principal, _))) =
                (&app.resources[resource].id, &found.of)
            {
                let span = *span;
                app.resources[resource].id =
                    requests::resource_of_principal(self.evaluator, self.texts, principal, span);
            }
            let item = own.or(found.item);
            let place = Placed {
                resource,
                element: element.span,
                item,
                objects: own.is_some() && matches!(element.data, Data::Object(_)),
                siblings: &siblings,
                label: found.label,
                condition,
            };
            self.request(
                app,
                found.permission,
                permission_type,
                found.literal,
                &place,
            );
        }
    }

    /// Adds a request, with the list that its element can be taken out of.
    pub(super) fn request(
        &mut self,
        app: &mut App,
        permission: PermissionRef,
        permission_type: TypeRef,
        literal: bool,
        placed: &Placed<'_>,
    ) -> usize {
        let at = permission.span();
        let (span, layout) = match placed.item {
            Some(InList { list, item, of }) if self.is_bracketed(list) => {
                self.sizes.insert(list, of);
                let dialect = if placed.objects { OBJECTS } else { WORDS };
                let implied = match dialect {
                    WORDS => permission_type.known(),
                    _ => None,
                };
                let index = self.list_of_elements(app, placed.resource, list, dialect, implied);
                let layout = ElementLayout {
                    place: Some(Place::Access(index)),
                    plain: literal && placed.siblings.is_empty(),
                    fixed: None,
                };
                (item, layout)
            }
            _ => (placed.element, ElementLayout::default()),
        };
        let fixed = if literal || matches!(permission, PermissionRef::Unresolved { .. }) {
            None
        } else {
            Some("the text is put together from several parts")
        };
        let labelled = if span.file == at.file && span.contains(at) {
            span
        } else {
            at
        };
        let siblings: Vec<Spanned<&str>> = (placed.siblings.iter())
            .map(|s| Spanned::new(s.value.as_str(), s.span))
            .collect();
        let label = self
            .texts
            .source(labelled.file)
            .and_then(|source: &Source| label::label(source, self.comments, labelled, &siblings))
            .or_else(|| {
                let span = placed.label?;
                let text = self.texts.source(span.file)?.slice(span);
                let name = text.trim_matches(['"', '\'']).to_owned();
                Some(Spanned::new(name, span))
            });
        let used_at = (!placed.element.contains(at)).then_some(placed.element);
        let mut requested = Requested::new(placed.resource, permission, permission_type, span);
        requested.label = label;
        requested.used_at = used_at;
        requested.condition = placed.condition.map(|span| Condition {
            text: self.texts.excerpt(span),
            span,
        });
        requested.layout = ElementLayout { fixed, ..layout };
        app.requested.push(requested);
        app.requested.len() - 1
    }
}

//! Entries and elements to write others like.

use super::AmendError;
use super::habits::checked_name;
use super::plan::{Addition, AppPlan};
use super::render::{Template, id_like, quoted};
use super::style::indent_at;
use crate::json::{ListForm, is_exactly_a_permission};
use crate::model::{KindRef, PermissionRef, Requested, ResourceRef};
use crate::resource;
use crate::span::{Span, Spanned};

impl AppPlan<'_> {
    /// An entry to write another resource's like.
    pub(super) fn entry_template(
        &self,
        resource: usize,
        additions: &[Addition<'_>],
    ) -> Result<Option<Template>, AmendError> {
        let (entry, model) = (
            &self.layout.entries[resource],
            &self.app.resources[resource],
        );
        let (Some(object), [access], Some(first)) =
            (&entry.object, entry.accesses.as_slice(), additions.first())
        else {
            return Ok(None);
        };
        let like = match &model.id {
            ResourceRef::Id { span, .. } | ResourceRef::Name { span, .. } => *span,
            ResourceRef::Unresolved { .. } => return Ok(None),
        };
        let label = model
            .label
            .as_ref()
            .filter(|_| object.members.len() == 3)
            .zip(resource::by_id(first.resource));
        let usual = object.members.len() == 2 || label.is_some();
        if !usual || access.form != ListForm::Array || self.has_comments(model.span) {
            return Ok(None);
        }
        let items: Vec<Span> = self
            .elements_of(resource, 0)
            .iter()
            .map(|element| self.app.requested[*element].span)
            .collect();
        let ([first_item, ..], [.., last_item]) = (items.as_slice(), items.as_slice()) else {
            return Ok(None);
        };
        let Some(pattern) = self.elements_of(resource, 0).first() else {
            return Ok(None);
        };
        let mut elements = Vec::new();
        for addition in additions {
            match self.element_template(*pattern, resource, addition)? {
                Some(template) => {
                    elements.push(template.fill(self.text, indent_at(self.text, first_item.start)));
                }
                None => return Ok(None),
            }
        }
        let separator = format!(",{}", self.list(access.span, &items).separator(0, None));
        let named = matches!(model.id, ResourceRef::Name { .. });
        let text = match named {
            true => self.resource_text(first, true)?,
            false => id_like(self.text, Some(like), first.resource),
        };
        let mut parts = vec![
            (like, quoted(self.text, Some(like), &text)),
            (
                Span::new(first_item.start, last_item.end),
                elements.join(&separator),
            ),
        ];
        if let Some((label, known)) = label {
            parts.push((label.span, quoted(self.text, Some(label.span), known.name)));
        }
        Ok(Some(Template {
            span: model.span,
            parts,
        }))
    }

    /// An element to write another permission's like: nothing in it but what an element needs.
    pub(super) fn element_template(
        &self,
        index: usize,
        resource: usize,
        addition: &Addition<'_>,
    ) -> Result<Option<Template>, AmendError> {
        let requested = &self.app.requested[index];
        let label = requested
            .label
            .as_ref()
            .filter(|label| self.is_exact_sibling(requested, label));
        let usual = match self.layout.elements[index].members {
            2 => label.is_none(),
            3 => label.is_some(),
            _ => false,
        };
        let like = match &requested.permission {
            PermissionRef::Id { span, .. } | PermissionRef::Name { span, .. } => *span,
            PermissionRef::Unresolved { .. } => return Ok(None),
        };
        let kind = match &requested.kind {
            KindRef::Known {
                span: Some(span), ..
            } => *span,
            _ => return Ok(None),
        };
        // A comma that is missing there is not to be missing here.
        let has_comma = self.text[requested.span.range()].contains(',');
        if !usual || !has_comma || self.has_comments(requested.span) {
            return Ok(None);
        }
        let permission =
            self.permission_text(resource, Some(&requested.permission), addition.permission)?;
        let mut parts = vec![
            (like, quoted(self.text, Some(like), &permission)),
            (
                kind,
                quoted(self.text, Some(kind), &addition.kind.to_string()),
            ),
        ];
        if let Some(label) = label {
            let name = checked_name(addition.permission)?;
            parts.push((label.span, quoted(self.text, Some(label.span), name)));
        }
        Ok(Some(Template {
            span: requested.span,
            parts,
        }))
    }

    pub(super) fn is_exact_sibling(&self, requested: &Requested, label: &Spanned<String>) -> bool {
        requested.span.contains(label.span)
            && self.text[label.span.range()].starts_with(['"', '\''])
            && is_exactly_a_permission(&label.value)
    }
}

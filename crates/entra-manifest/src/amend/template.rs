//! Entries and elements to write others like.

use source_text::Span;

use super::AmendError;
use super::habits::checked_name;
use super::notation::quoted_like;
use super::plan::{Addition, AppPlan, Context};
use super::style::{indent_at, reindent};
use crate::label;
use crate::model::layout::{ListForm, Place};
use crate::model::{PermissionRef, Requested, ResourceRef, TypeRef};
use crate::resource;

/// A piece of the text to write like, with the literals in it that change.
#[derive(Debug, Clone)]
pub(super) struct Template {
    span: Span,
    /// What stands for the changing parts, and what comes there.
    parts: Vec<(Span, String)>,
}

impl Template {
    /// The piece with its changes, indented for `indent`.
    pub(super) fn fill(
        mut self,
        context: &Context<'_>,
        indent: &str,
    ) -> Result<String, AmendError> {
        let (source, _) = context.file(self.span)?;
        self.parts.sort_by_key(|(span, _)| *span);
        let text = source.text();
        let mut filled = String::new();
        let mut at = self.span.range().start;
        for (span, new) in &self.parts {
            // In a computed element one literal can be two things: the permission and its label.
            let before = text.get(at..span.range().start);
            filled.push_str(before.ok_or(AmendError::NotEditable(
                "one text says two things here: add the permission by hand",
            ))?);
            filled.push_str(new);
            at = span.range().end;
        }
        filled.push_str(&text[at..self.span.range().end]);
        Ok(reindent(
            &filled,
            indent_at(text, self.span.range().start),
            indent,
        ))
    }
}

impl AppPlan<'_> {
    /// Entries written like those of other resources, if one of them shows how.
    pub(super) fn entries_like_others(
        &self,
        additions: &[Addition<'_>],
        indent: &str,
    ) -> Result<Option<Vec<String>>, AmendError> {
        for (index, requested) in self.app.requested.iter().enumerate() {
            if requested.layout.place != Some(Place::Entry) || !requested.layout.plain {
                continue;
            }
            let mut texts = Vec::new();
            for addition in additions {
                match self.element_template(index, requested.resource, addition)? {
                    Some(template) => texts.push(template.fill(self.context, indent)?),
                    None => break,
                }
            }
            if texts.len() == additions.len() {
                return Ok(Some(texts));
            }
        }
        for resource in 0..self.app.resources.len() {
            if let Some(template) = self.entry_template(resource, additions)? {
                return Ok(Some(vec![template.fill(self.context, indent)?]));
            }
        }
        Ok(None)
    }

    /// An entry to write another resource's like.
    fn entry_template(
        &self,
        resource: usize,
        additions: &[Addition<'_>],
    ) -> Result<Option<Template>, AmendError> {
        let model = &self.app.resources[resource];
        let ([access], Some(first)) = (model.layout.accesses.as_slice(), additions.first()) else {
            return Ok(None);
        };
        let like = match &model.id {
            ResourceRef::Id { span, .. } | ResourceRef::Name { span, .. } => *span,
            ResourceRef::Implied { .. } | ResourceRef::Unresolved { .. } => return Ok(None),
        };
        let usual = model.layout.plain
            && matches!(access.form, ListForm::Items { .. })
            && access.permission_type.is_none()
            && self.comments_in(model.span).is_empty()
            && model.span.contains(like);
        let [pattern, ..] = self.elements_of(resource, 0) else {
            return Ok(None);
        };
        let items: Vec<Span> = self
            .elements_of(resource, 0)
            .iter()
            .map(|element| self.app.requested[*element].span)
            .collect();
        let ([first_item, ..], [.., last_item]) = (items.as_slice(), items.as_slice()) else {
            return Ok(None);
        };
        // A label that says which resource it is is written anew, if the name of the new one is known.
        let label = match &model.label {
            Some(label) => match resource::by_id(first.resource) {
                Some(known) => Some((label.span, known.name)),
                None => return Ok(None),
            },
            None => None,
        };
        if !usual || !model.span.contains(*first_item) || !model.span.contains(*last_item) {
            return Ok(None);
        }
        let mut elements = Vec::new();
        for addition in additions {
            match self.element_template(*pattern, resource, addition)? {
                Some(template) => {
                    let indent = self.context.indent(*first_item)?;
                    elements.push(template.fill(self.context, indent)?);
                }
                None => return Ok(None),
            }
        }
        let between = self.list(access, &items)?.between(0);
        let named = matches!(model.id, ResourceRef::Name { .. });
        let written = self.context.text(like)?;
        let text = if named {
            self.context
                .notation
                .resource(written, &self.resource_text(first, true)?)
        } else {
            let id = super::notation::NewPermission::Id(first.resource);
            self.context.notation.literal(written, &id)
        };
        let Some(text) = text else {
            return Ok(None);
        };
        let mut parts = vec![
            (like, text),
            (first_item.to(*last_item), elements.join(&between)),
        ];
        if let Some((span, name)) = label {
            parts.push((span, quoted_like(self.context.text(span)?, name)));
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
        let like = match &requested.permission {
            PermissionRef::Id { span, .. } | PermissionRef::Name { span, .. } => *span,
            PermissionRef::Unresolved { .. } => return Ok(None),
        };
        if !requested.layout.plain || !requested.span.contains(like) {
            return Ok(None);
        }
        let by_name = self.by_name(resource, Some(&requested.permission));
        let permission = self.written(addition, by_name)?;
        let notation = self.context.notation;
        let Some(permission) = notation.literal(self.context.text(like)?, &permission) else {
            return Ok(None);
        };
        let mut parts = vec![(like, permission)];
        match &requested.permission_type {
            TypeRef::Known {
                span: Some(span), ..
            } => {
                let written = self.context.text(*span)?;
                match notation.permission_type(written, addition.permission_type) {
                    Some(new) if requested.span.contains(*span) => parts.push((*span, new)),
                    _ => return Ok(None),
                }
            }
            TypeRef::Known {
                permission_type,
                span: None,
            } if *permission_type == addition.permission_type => {}
            _ => return Ok(None),
        }
        if requested.layout.place == Some(Place::Entry) {
            let id = &self.app.resources[requested.resource].id;
            match id {
                ResourceRef::Name { span, .. } if requested.span.contains(*span) => {
                    let name = self.resource_text(addition, true)?;
                    match notation.resource(self.context.text(*span)?, &name) {
                        Some(new) => parts.push((*span, new)),
                        None => return Ok(None),
                    }
                }
                _ if id.app_id() == Some(addition.resource) => {}
                _ => return Ok(None),
            }
        }
        let label = self.label_within(requested)?;
        let comments = self.comments_in(requested.span);
        // Any other comment in the element speaks of the old permission.
        let foreign = |comment: &Span| label.is_none_or(|label| !comment.contains(label));
        if comments.iter().any(foreign) {
            return Ok(None);
        }
        if let Some(label) = label {
            let name = checked_name(addition.permission)?;
            parts.push((label, quoted_like(self.context.text(label)?, name)));
        }
        Ok(Some(Template {
            span: requested.span,
            parts,
        }))
    }

    /// A label that is a permission's name and stands within its element.
    fn label_within(&self, requested: &Requested) -> Result<Option<Span>, AmendError> {
        let label = requested.label.as_ref().filter(|label| {
            requested.span.contains(label.span) && label::is_exactly_a_permission(&label.value)
        });
        let Some(label) = label else {
            return Ok(None);
        };
        let written = self.context.text(label.span)?;
        let content = written.trim_matches(['"', '\'']);
        Ok((content == label.value).then_some(label.span))
    }
}

//! The text of added permissions.

use super::AmendError;
use super::habits::{checked_name, names};
use super::plan::{Addition, AppPlan};
use super::render::{Template, Words, Writer, named_list, quoted};
use super::style::indent_at;
use crate::json::Dialect;
use crate::model::{Kind, ResourceRef};

impl AppPlan<'_> {
    /// An element for a list of permissions.
    pub(super) fn element_text(
        &self,
        addition: &Addition<'_>,
        resource: usize,
        access: usize,
    ) -> Result<String, AmendError> {
        let list = &self.layout.entries[resource].accesses[access];
        let elements = self.elements_of(resource, access);
        if list.kind.is_some() {
            let like = elements
                .first()
                .map(|first| self.app.requested[*first].span);
            return Ok(quoted(self.text, like, checked_name(addition.permission)?));
        }
        let beside = elements
            .first()
            .map(|first| self.app.requested[*first].span.start);
        let indent = match beside {
            Some(start) => indent_at(self.text, start).to_owned(),
            None => self.writer().deeper(indent_at(self.text, list.span.start)),
        };
        let others = 0..self.app.requested.len();
        for element in elements.iter().copied().chain(others) {
            if let Some(template) = self.element_template(element, resource, addition)? {
                return Ok(template.fill(self.text, &indent));
            }
        }
        let permission = self.permission_text(resource, None, addition.permission)?;
        Ok(self.writer().element(&permission, addition.kind, &indent))
    }

    /// A member with a list of permissions, for an entry that has none that fits.
    pub(super) fn access_text(
        &self,
        additions: &[Addition<'_>],
        resource: usize,
    ) -> Result<String, AmendError> {
        let entry = &self.layout.entries[resource];
        let Some((first, object)) = additions.first().zip(entry.object.as_ref()) else {
            return Err(AmendError::NotEditable("the entry is no object"));
        };
        let writer = Writer {
            style: self.style,
            words: Words {
                capitals: object.capitals,
            },
        };
        if self.dialect_of(resource).names_kinds() {
            let names = names(additions)?;
            let names = writer.names(&names, self.pads_names());
            return Ok(writer.member(named_list(first.kind), &names));
        }
        let indent = self.member_indent(object);
        let deeper = writer.deeper(&indent);
        let mut elements = Vec::new();
        for addition in additions {
            let permission = self.permission_text(resource, None, addition.permission)?;
            elements.push(writer.element(&permission, addition.kind, &deeper));
        }
        Ok(writer.member("resourceAccess", &writer.list(&elements, &indent)))
    }

    /// The entries for a resource that has none yet.
    pub(super) fn entry_texts(
        &self,
        additions: &[Addition<'_>],
    ) -> Result<Vec<String>, AmendError> {
        let indent = self.entry_indent();
        match self.dialect() {
            Dialect::Flat => additions
                .iter()
                .map(|addition| self.flat_text(addition, &indent))
                .collect(),
            Dialect::Named => {
                let Some(first) = additions.first() else {
                    return Ok(Vec::new());
                };
                let resource = self.resource_text(first, true)?;
                let mut lists = Vec::new();
                for kind in [Kind::Scope, Kind::Role] {
                    let of_kind = additions.iter().filter(|addition| addition.kind == kind);
                    let names = names(of_kind)?;
                    if !names.is_empty() {
                        lists.push((kind, self.writer().names(&names, self.pads_names())));
                    }
                }
                Ok(vec![self.writer().named(&resource, &lists, &indent)])
            }
            Dialect::ResourceAccess => Ok(vec![self.nested_text(additions, &indent)?]),
        }
    }

    fn flat_text(&self, addition: &Addition<'_>, indent: &str) -> Result<String, AmendError> {
        if addition.kind != Kind::Scope {
            return Err(AmendError::NotEditable(
                "this format requests delegated permissions only",
            ));
        }
        let resource = self.resource_text(addition, true)?;
        let scope = checked_name(addition.permission)?;
        let alike = self
            .app
            .requested
            .iter()
            .enumerate()
            .find(|(index, requested)| {
                self.layout.elements[*index].members == 2
                    && !self.has_comments(requested.span)
                    && requested.permission.span() != requested.span
                    && self.app.resources[requested.resource].id.span() != requested.span
            });
        let Some((_, requested)) = alike else {
            return Ok(self.writer().flat(&resource, scope, indent));
        };
        let id = self.app.resources[requested.resource].id.span();
        let permission = requested.permission.span();
        let template = Template {
            span: requested.span,
            parts: vec![
                (id, quoted(self.text, Some(id), &resource)),
                (permission, quoted(self.text, Some(permission), scope)),
            ],
        };
        Ok(template.fill(self.text, indent))
    }

    fn nested_text(&self, additions: &[Addition<'_>], indent: &str) -> Result<String, AmendError> {
        let Some(first) = additions.first() else {
            return Ok(String::new());
        };
        for resource in 0..self.app.resources.len() {
            if let Some(template) = self.entry_template(resource, additions)? {
                return Ok(template.fill(self.text, indent));
            }
        }
        let writer = self.writer();
        let named = matches!(
            self.app.resources.first().map(|resource| &resource.id),
            Some(ResourceRef::Name { .. })
        );
        let inner = writer.deeper(indent);
        let innermost = writer.deeper(&inner);
        let mut elements = Vec::new();
        for addition in additions {
            let permission = match named {
                true => checked_name(addition.permission)?.to_owned(),
                false => addition.permission.id.to_string(),
            };
            elements.push(writer.element(&permission, addition.kind, &innermost));
        }
        let list = writer.list(&elements, &inner);
        Ok(writer.entry(&self.resource_text(first, named)?, list, indent))
    }
}

//! How an app's declaration is written: ids or names, capitals, indentation.

use source_text::Span;

use super::notation::NewPermission;
use super::plan::{Addition, AppPlan};
use super::{AmendError, PermissionText};
use crate::model::layout::Body;
use crate::model::{PermissionRef, ResourceRef};
use crate::resource;

impl AppPlan<'_> {
    /// Whether lists of names have blanks within their brackets.
    pub(super) fn pads_names(&self) -> bool {
        let mut lists = self
            .app
            .resources
            .iter()
            .flat_map(|resource| &resource.layout.accesses);
        lists.any(|list| {
            self.context
                .text(list.span)
                .is_ok_and(|text| text.starts_with("[ "))
        })
    }

    /// The permission by id or by name. A name is only written if it needs no escaping.
    pub(super) fn written<'p>(
        &self,
        addition: &Addition<'p>,
        by_name: bool,
    ) -> Result<NewPermission<'p>, AmendError> {
        if by_name {
            checked_name(addition.permission)?;
        }
        Ok(addition.permission.written(by_name))
    }

    /// Whether a permission that replaces `like`, or joins it, is written by name.
    pub(super) fn by_name(&self, resource: usize, like: Option<&PermissionRef>) -> bool {
        match like {
            Some(PermissionRef::Name { .. }) => true,
            Some(PermissionRef::Id { .. }) => false,
            _ => self.has_names(resource),
        }
    }

    /// Whether the permissions of a resource stand there by name.
    pub(super) fn has_names(&self, resource: usize) -> bool {
        let entry = &self.app.resources[resource];
        let list = entry.layout.list.map(|list| &self.app.layout.lists[list]);
        if list.is_some_and(|list| list.by_name) {
            return true;
        }
        let of = |wanted: Option<usize>| {
            self.app
                .requested
                .iter()
                .find_map(|requested| match (&requested.permission, wanted) {
                    (_, Some(wanted)) if wanted != requested.resource => None,
                    (PermissionRef::Id { .. }, _) => Some(false),
                    (PermissionRef::Name { .. }, _) => Some(true),
                    (PermissionRef::Unresolved { .. }, _) => None,
                })
        };
        let own = of(Some(resource));
        let named = if own.is_some() { own } else { of(None) };
        named.unwrap_or(matches!(entry.id, ResourceRef::Name { .. }))
    }

    /// Whether the app names its first resource instead of giving its id.
    pub(super) fn names_resources(&self) -> bool {
        let first = self.app.resources.first();
        matches!(
            first.map(|resource| &resource.id),
            Some(ResourceRef::Name { .. })
        )
    }

    pub(super) fn resource_text(
        &self,
        addition: &Addition<'_>,
        named: bool,
    ) -> Result<String, AmendError> {
        if !named {
            return Ok(addition.resource.to_string());
        }
        // As the file calls it, if it does; else by its own name.
        let written = self
            .app
            .resources
            .iter()
            .find_map(|resource| match &resource.id {
                ResourceRef::Name { name, .. }
                    if resource.id.app_id() == Some(addition.resource) =>
                {
                    Some(name.clone())
                }
                _ => None,
            });
        written
            .or_else(|| resource::by_id(addition.resource).map(|known| known.name.to_owned()))
            .ok_or(AmendError::UnknownResource(addition.resource))
    }

    /// The comments within a span.
    pub(super) fn comments_in(&self, span: Span) -> &[Span] {
        let comments = self.context.comments;
        let at = |offset: u32| {
            comments.partition_point(|comment| (comment.file, comment.start) < (span.file, offset))
        };
        &comments[at(span.start)..at(span.end)]
    }

    /// The indentation of a new entry.
    pub(super) fn entry_indent(&self) -> Result<String, AmendError> {
        let layout = &self.app.layout;
        let list = self.target_list();
        let sibling = self
            .app
            .resources
            .iter()
            .find(|resource| list.is_some() && resource.layout.list == list);
        if let Some(sibling) = sibling {
            return Ok(self.context.indent(sibling.span)?.to_owned());
        }
        let outer = match (list, &layout.body) {
            (Some(list), _) => self.context.indent(layout.lists[list].span)?.to_owned(),
            (None, Some(body)) => self.member_indent(body)?,
            (None, None) => String::new(),
        };
        Ok(self.at(self.app.span, &outer, 0)?.deeper())
    }

    /// The indentation of an object's members.
    pub(super) fn member_indent(&self, body: &Body) -> Result<String, AmendError> {
        match body.members.last() {
            Some(last) => Ok(self.context.indent(*last)?.to_owned()),
            None => {
                let outer = self.context.indent(body.span)?;
                let (_, style) = self.context.file(body.span)?;
                Ok(format!("{outer}{}", style.indent))
            }
        }
    }

    /// Whether members' names begin with a capital.
    pub(super) fn has_capitals(&self) -> bool {
        let mut bodies = self
            .app
            .resources
            .iter()
            .filter_map(|resource| resource.layout.body.as_ref());
        bodies
            .next()
            .or(self.app.layout.body.as_ref())
            .is_some_and(|body| body.capitals)
    }
}

/// The name, if it is one that can stand in a string as it is.
pub(super) fn checked_name(permission: &PermissionText) -> Result<&str, AmendError> {
    let name = permission.name.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.is_empty() && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(AmendError::BadName(name.to_owned()))
    }
}

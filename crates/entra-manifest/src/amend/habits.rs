//! How an application's declaration is written: ids or names, capitals, indentation.

use super::plan::{Addition, AppPlan};
use super::render::{Words, Writer, id_like};
use super::style::indent_at;
use super::{AmendError, PermissionText};
use crate::json::{Dialect, ObjectLayout};
use crate::model::{PermissionRef, ResourceRef};
use crate::resource;
use crate::span::Span;

impl AppPlan<'_> {
    /// Whether lists of names have blanks within their brackets.
    pub(super) fn pads_names(&self) -> bool {
        let mut lists = self.layout.entries.iter().flat_map(|entry| &entry.accesses);
        lists.any(|list| self.text[list.span.range()].starts_with("[ "))
    }

    /// The id or the name, as the neighbours have it.
    pub(super) fn permission_text(
        &self,
        resource: usize,
        like: Option<&PermissionRef>,
        permission: &PermissionText,
    ) -> Result<String, AmendError> {
        let named = match like {
            Some(PermissionRef::Name { .. }) => true,
            Some(PermissionRef::Id { .. }) => false,
            _ => self.has_names(resource),
        };
        if named {
            return checked_name(permission).map(str::to_owned);
        }
        let like = match like {
            Some(PermissionRef::Id { span, .. }) => Some(*span),
            _ => None,
        };
        Ok(id_like(self.text, like, permission.id))
    }

    /// Whether the permissions of a resource stand there by name.
    pub(super) fn has_names(&self, resource: usize) -> bool {
        if self.dialect_of(resource).names_permissions() {
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
        of(Some(resource))
            .or_else(|| of(None))
            .unwrap_or_else(|| matches!(self.app.resources[resource].id, ResourceRef::Name { .. }))
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

    pub(super) fn has_comments(&self, span: Span) -> bool {
        let first = self
            .comments
            .partition_point(|comment| comment.start < span.start);
        self.comments
            .get(first)
            .is_some_and(|comment| comment.start < span.end)
    }

    /// The indentation of a new entry.
    pub(super) fn entry_indent(&self) -> String {
        let entry = self.target_list().and_then(|list| {
            let first = self
                .layout
                .entries
                .iter()
                .position(|entry| entry.list == list)?;
            Some(indent_at(self.text, self.app.resources[first].span.start).to_owned())
        });
        let list = self
            .target_list()
            .map(|list| indent_at(self.text, self.layout.lists[list].span.start).to_owned());
        let object = self.layout.object.as_ref();
        entry.unwrap_or_else(|| {
            let outer = list.or_else(|| object.map(|object| self.member_indent(object)));
            self.writer().deeper(&outer.unwrap_or_default())
        })
    }

    /// The indentation of an object's members.
    pub(super) fn member_indent(&self, object: &ObjectLayout) -> String {
        match object.members.last() {
            Some(last) => indent_at(self.text, last.start).to_owned(),
            None => self
                .writer()
                .deeper(indent_at(self.text, object.span.start)),
        }
    }

    pub(super) fn writer(&self) -> Writer<'_> {
        let objects = || {
            self.layout
                .entries
                .iter()
                .filter_map(|entry| entry.object.as_ref())
        };
        let capitals = objects()
            .next()
            .or(self.layout.object.as_ref())
            .map_or(self.dialect() == Dialect::Named, |object| object.capitals);
        Writer {
            style: self.style,
            words: Words { capitals },
        }
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

pub(super) fn names<'a>(
    additions: impl IntoIterator<Item = &'a Addition<'a>>,
) -> Result<Vec<&'a str>, AmendError> {
    additions
        .into_iter()
        .map(|addition| checked_name(addition.permission))
        .collect()
}

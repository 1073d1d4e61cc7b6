//! The text of replaced and added permissions.

use super::patch::Patch;
use super::plan::{Addition, AppPlan};
use super::render::{Template, Words, Writer, id_like, named_list, quoted};
use super::style::indent_at;
use super::{AmendError, PermissionText};
use crate::json::{Dialect, ListForm, ObjectLayout, is_exactly_a_permission, permission_words};
use crate::model::{Kind, KindRef, PermissionRef, Requested, ResourceRef, Unresolved};
use crate::resource;
use crate::span::{Span, Spanned};

impl AppPlan<'_> {
    /// Writes another permission, and kind, into the literals of a request.
    pub(super) fn replace(
        &self,
        patch: &mut Patch,
        requested: &Requested,
        with: &PermissionText,
        kind: Option<Kind>,
    ) -> Result<(), AmendError> {
        let written = match &requested.permission {
            PermissionRef::Id { uuid, .. } => *uuid == with.id,
            PermissionRef::Name { name, .. } => *name == with.name,
            PermissionRef::Unresolved { reason, .. } => {
                // What stands in an entry's place is not an id that another could replace.
                let entry = self.app.resources[requested.resource].span;
                let is_entry = requested.permission.span() == entry;
                if is_entry || matches!(reason, Unresolved::Missing | Unresolved::CutOff) {
                    return Err(AmendError::NotEditable("there is no id to replace"));
                }
                false
            }
        };
        if !written {
            let span = requested.permission.span();
            let content =
                self.permission_text(requested.resource, Some(&requested.permission), with)?;
            patch.replace(span, quoted(self.text, Some(span), &content));
            self.rename_label(patch, requested, with)?;
        }
        match (kind, &requested.kind) {
            (None, _) => Ok(()),
            (Some(new), KindRef::Known { kind, .. }) if new == *kind => Ok(()),
            (
                Some(new),
                KindRef::Known {
                    span: Some(span), ..
                },
            ) => {
                patch.replace(*span, quoted(self.text, Some(*span), &new.to_string()));
                Ok(())
            }
            (Some(new), KindRef::Unresolved { span, reason, .. })
                if *reason != Unresolved::Missing && *reason != Unresolved::CutOff =>
            {
                patch.replace(*span, quoted(self.text, Some(*span), &new.to_string()));
                Ok(())
            }
            (Some(_), _) => Err(AmendError::NotEditable(
                "the list that a permission stands in says its kind: remove it there and add it here",
            )),
        }
    }

    /// A label that names the old permission names the new one.
    fn rename_label(
        &self,
        patch: &mut Patch,
        requested: &Requested,
        with: &PermissionText,
    ) -> Result<(), AmendError> {
        let Some(label) = &requested.label else {
            return Ok(());
        };
        let written = &self.text[label.span.range()];
        let mut words = permission_words(written);
        let word = match (words.next(), words.next()) {
            (Some(word), None) => word,
            // A sign-in scope, which looks like any other word.
            (None, _) if is_exactly_a_permission(&label.value) => {
                let Some(start) = written.find(&label.value) else {
                    return Ok(());
                };
                start..start + label.value.len()
            }
            // A sentence about several permissions is not ours to rewrite.
            _ => return Ok(()),
        };
        let start = label.span.start;
        patch.replace(
            Span::new(start + word.start, start + word.end),
            checked_name(with)?,
        );
        Ok(())
    }

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

    /// An entry to write another resource's like.
    fn entry_template(
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
    fn element_template(
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

    fn is_exact_sibling(&self, requested: &Requested, label: &Spanned<String>) -> bool {
        requested.span.contains(label.span)
            && self.text[label.span.range()].starts_with(['"', '\''])
            && is_exactly_a_permission(&label.value)
    }

    /// Whether lists of names have blanks within their brackets.
    fn pads_names(&self) -> bool {
        let mut lists = self.layout.entries.iter().flat_map(|entry| &entry.accesses);
        lists.any(|list| self.text[list.span.range()].starts_with("[ "))
    }

    /// The id or the name, as the neighbours have it.
    fn permission_text(
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
    fn has_names(&self, resource: usize) -> bool {
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

    fn resource_text(&self, addition: &Addition<'_>, named: bool) -> Result<String, AmendError> {
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

    fn has_comments(&self, span: Span) -> bool {
        let first = self
            .comments
            .partition_point(|comment| comment.start < span.start);
        self.comments
            .get(first)
            .is_some_and(|comment| comment.start < span.end)
    }

    /// The indentation of a new entry.
    fn entry_indent(&self) -> String {
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
fn checked_name(permission: &PermissionText) -> Result<&str, AmendError> {
    let name = permission.name.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.is_empty() && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(AmendError::BadName(name.to_owned()))
    }
}

fn names<'a>(
    additions: impl IntoIterator<Item = &'a Addition<'a>>,
) -> Result<Vec<&'a str>, AmendError> {
    additions
        .into_iter()
        .map(|addition| checked_name(addition.permission))
        .collect()
}

//! From changes to edits: which lists they touch, and what is to be written there.

use uuid::Uuid;

use super::intent::{AppIntent, Intent};
use super::list::List;
use super::patch::Patch;
use super::places::Places;
use super::style::{Style, indent_at};
use super::{AmendError, Change, Edit, PermissionText};
use crate::json::{AppLayout, Layout, ListForm};
use crate::model::{App, Kind, Manifest, PermissionRef, Requested, ResourceRef};
use crate::span::Span;

/// What becomes of one requested permission.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate<'c> {
    Keep,
    Remove,
    Replace(&'c PermissionText, Option<Kind>),
}

/// A permission to be requested in addition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition<'c> {
    pub(super) resource: Uuid,
    pub(super) permission: &'c PermissionText,
    pub(super) kind: Kind,
}

/// The edits that make the changes, and what they are meant to come to.
pub(super) fn plan(
    text: &str,
    manifest: &Manifest,
    layout: &Layout,
    changes: &[Change],
) -> Result<(Vec<Edit>, Intent), AmendError> {
    let style = Style::of(text);
    let mut patch = Patch::default();
    let mut intent = Intent::default();
    let mut plans = Vec::with_capacity(manifest.apps.len());
    for (app, layout_of_app) in manifest.apps.iter().zip(&layout.apps) {
        plans.push(AppPlan {
            text,
            comments: &layout.comments,
            style: &style,
            app,
            layout: layout_of_app,
            index: index(app, layout_of_app),
            fates: vec![Fate::Keep; app.requested.len()],
            additions: Vec::new(),
        });
    }
    for change in changes {
        let app = match change {
            Change::Replace { app, .. } | Change::Remove { app, .. } | Change::Add { app, .. } => {
                app
            }
        };
        plans
            .get_mut(*app)
            .ok_or(AmendError::NoSuchRequest)?
            .take(change)?;
    }
    for plan in &mut plans {
        plan.drop_needless_additions();
        intent.push(plan.edit(&mut patch)?);
    }
    Ok((patch.finish(text), intent))
}

pub(super) struct AppPlan<'a> {
    pub(super) text: &'a str,
    pub(super) comments: &'a [Span],
    pub(super) style: &'a Style,
    pub(super) app: &'a App,
    pub(super) layout: &'a AppLayout,
    /// The requests of each list of permissions of each resource, in order.
    index: Vec<Vec<Vec<usize>>>,
    fates: Vec<Fate<'a>>,
    pub(super) additions: Vec<Addition<'a>>,
}

impl<'a> AppPlan<'a> {
    fn take(&mut self, change: &'a Change) -> Result<(), AmendError> {
        let (requested, fate) = match change {
            Change::Add {
                resource_app_id,
                permission,
                kind,
                ..
            } => {
                self.additions.push(Addition {
                    resource: *resource_app_id,
                    permission,
                    kind: *kind,
                });
                return Ok(());
            }
            Change::Remove { requested, .. } => (*requested, Fate::Remove),
            Change::Replace {
                requested,
                with,
                kind,
                ..
            } => (*requested, Fate::Replace(with, *kind)),
        };
        let old = self
            .fates
            .get_mut(requested)
            .ok_or(AmendError::NoSuchRequest)?;
        if *old != Fate::Keep && *old != fate {
            return Err(AmendError::Conflict);
        }
        *old = fate;
        Ok(())
    }

    /// Drops additions of what is requested already, or twice.
    fn drop_needless_additions(&mut self) {
        let mut needed: Vec<Addition<'a>> = Vec::new();
        for addition in &self.additions {
            let again = needed.iter().any(|other| {
                other.resource == addition.resource
                    && other.kind == addition.kind
                    && other.permission == addition.permission
            });
            let held = (0..self.fates.len()).any(|index| self.holds(index, addition));
            if !again && !held {
                needed.push(*addition);
            }
        }
        self.additions = needed;
    }

    /// Whether a request, after its change, is what is to be added.
    fn holds(&self, index: usize, addition: &Addition<'_>) -> bool {
        let requested = &self.app.requested[index];
        if self.resource_of(requested).app_id() != Some(addition.resource) {
            return false;
        }
        let kind = requested.kind.kind();
        match self.fates[index] {
            Fate::Remove => false,
            Fate::Replace(with, new) => {
                with.id == addition.permission.id && new.or(kind) == Some(addition.kind)
            }
            Fate::Keep => {
                kind == Some(addition.kind)
                    && match &requested.permission {
                        PermissionRef::Id { uuid, .. } => *uuid == addition.permission.id,
                        PermissionRef::Name { name, .. } => {
                            name.eq_ignore_ascii_case(&addition.permission.name)
                        }
                        PermissionRef::Unresolved { .. } => false,
                    }
            }
        }
    }

    fn resource_of(&self, requested: &Requested) -> &'a ResourceRef {
        &self.app.resources[requested.resource].id
    }

    fn edit(&self, patch: &mut Patch) -> Result<AppIntent, AmendError> {
        let mut intent = AppIntent::new(self.layout.object.is_none());
        for (requested, fate) in self.app.requested.iter().zip(&self.fates) {
            let resource = self.resource_of(requested);
            match fate {
                Fate::Keep => intent.keep(resource, requested),
                Fate::Remove => {}
                Fate::Replace(with, kind) => {
                    self.replace(patch, requested, with, *kind)?;
                    intent.replace(resource, requested, with, *kind);
                }
            }
        }
        for addition in &self.additions {
            intent.add(addition.resource, addition.permission, addition.kind);
        }
        let places = self.places()?;
        let removed = self.removed_entries(&places);
        let gone = removed.iter().filter(|removed| **removed).count();
        intent.resources = self.app.resources.len() - gone + places.entries.len();
        for (resource, removed) in removed.iter().enumerate() {
            if !removed {
                self.edit_entry(patch, resource, &places)?;
            }
        }
        self.edit_lists(patch, &removed, &places.entries)?;
        Ok(intent)
    }

    /// Which entries go: those that had permissions and have none left.
    fn removed_entries(&self, places: &Places) -> Vec<bool> {
        let mut kept = vec![false; self.app.resources.len()];
        let mut touched = vec![false; self.app.resources.len()];
        for (requested, fate) in self.app.requested.iter().zip(&self.fates) {
            match fate {
                Fate::Remove => touched[requested.resource] = true,
                _ => kept[requested.resource] = true,
            }
        }
        for (resource, ..) in &places.elements {
            kept[*resource] = true;
        }
        for (resource, _) in &places.accesses {
            kept[*resource] = true;
        }
        kept.iter()
            .zip(touched)
            .map(|(kept, touched)| touched && !kept)
            .collect()
    }

    /// Indices of the requests in one list of permissions, in order.
    pub(super) fn elements_of(&self, resource: usize, access: usize) -> &[usize] {
        &self.index[resource][access]
    }

    fn edit_entry(
        &self,
        patch: &mut Patch,
        resource: usize,
        places: &Places,
    ) -> Result<(), AmendError> {
        let entry = &self.layout.entries[resource];
        for (index, access) in entry.accesses.iter().enumerate() {
            let elements = self.elements_of(resource, index);
            let removed: Vec<bool> = elements
                .iter()
                .map(|element| self.fates[*element] == Fate::Remove)
                .collect();
            let added: Vec<String> = places
                .elements
                .iter()
                .filter(|(at, list, _)| (*at, *list) == (resource, index))
                .flat_map(|(.., added)| added.iter().cloned())
                .collect();
            let items: Vec<Span> = elements
                .iter()
                .map(|element| self.app.requested[*element].span)
                .collect();
            self.edit_value(patch, access.span, access.form, &items, &removed, &added)?;
        }
        let added: Vec<String> = places
            .accesses
            .iter()
            .filter(|(at, _)| *at == resource)
            .map(|(_, added)| added.clone())
            .collect();
        if let (false, Some(object)) = (added.is_empty(), &entry.object) {
            self.list(object.span, &object.members)
                .edit(patch, &[], &added);
        }
        Ok(())
    }

    fn edit_lists(
        &self,
        patch: &mut Patch,
        removed: &[bool],
        added: &[String],
    ) -> Result<(), AmendError> {
        let target = self.target_list();
        let mut by_list = vec![Vec::new(); self.layout.lists.len()];
        for (entry, layout) in self.layout.entries.iter().enumerate() {
            by_list[layout.list].push(entry);
        }
        for (index, list) in self.layout.lists.iter().enumerate() {
            let entries = &by_list[index];
            let items: Vec<Span> = entries
                .iter()
                .map(|entry| self.app.resources[*entry].span)
                .collect();
            let removed: Vec<bool> = entries.iter().map(|entry| removed[*entry]).collect();
            let added = if target == Some(index) { added } else { &[] };
            self.edit_value(patch, list.span, list.form, &items, &removed, added)?;
        }
        if self.layout.lists.is_empty()
            && !added.is_empty()
            && let Some(object) = &self.layout.object
        {
            let writer = self.writer();
            let list = writer.list(added, &self.member_indent(object));
            let member = writer.member("requiredResourceAccess", &list);
            self.list(object.span, &object.members)
                .edit(patch, &[], &[member]);
        }
        Ok(())
    }

    /// Edits a value that is, or should be, a list.
    fn edit_value(
        &self,
        patch: &mut Patch,
        span: Span,
        form: ListForm,
        items: &[Span],
        removed: &[bool],
        added: &[String],
    ) -> Result<(), AmendError> {
        if added.is_empty() && !removed.contains(&true) {
            return Ok(());
        }
        match form {
            ListForm::Array => self.list(span, items).edit(patch, removed, added),
            ListForm::Null => {
                let indent = indent_at(self.text, span.start);
                patch.replace(span, self.writer().list(added, indent));
            }
            ListForm::Single if removed.contains(&true) => {
                patch.replace(span, format!("[{}]", added.join(", ")));
            }
            ListForm::Single => {
                patch.insert(span.start, "[");
                patch.insert(span.end, format!(", {}]", added.join(", ")));
            }
            ListForm::Other => {
                return Err(AmendError::NotEditable(
                    "what stands in the place of a list is none",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn list<'s>(&'s self, span: Span, items: &'s [Span]) -> List<'s> {
        List {
            text: self.text,
            comments: self.comments,
            style: self.style,
            span,
            items,
        }
    }
}

fn index(app: &App, layout: &AppLayout) -> Vec<Vec<Vec<usize>>> {
    let mut index: Vec<Vec<Vec<usize>>> = layout
        .entries
        .iter()
        .map(|entry| vec![Vec::new(); entry.accesses.len()])
        .collect();
    for (at, (requested, element)) in app.requested.iter().zip(&layout.elements).enumerate() {
        if let Some(access) = element.access {
            index[requested.resource][access].push(at);
        }
    }
    index
}

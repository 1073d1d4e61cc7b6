//! From changes to edits: which lists they touch, and what is to be written there.

use source_text::{Edit, Source, Span};
use uuid::Uuid;

use super::intent::{AppIntent, Intent};
use super::list::List;
use super::notation::{At, Notation};
use super::patch::Patch;
use super::places::Places;
use super::style::{Style, indent_at};
use super::{AmendError, Change, PermissionText, shared};
use crate::PermissionType;
use crate::about::Types;
use crate::model::layout::{ListForm, ListLayout, Place};
use crate::model::{App, Manifest, PermissionRef, Requested, ResourceRef};
use crate::read::Unit;

/// What becomes of one requested permission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate<'c> {
    Keep,
    Remove,
    Replace(&'c PermissionText, Option<PermissionType>),
}

/// A permission to be requested in addition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition<'c> {
    pub(super) resource: Uuid,
    pub(super) permission: &'c PermissionText,
    pub(super) permission_type: PermissionType,
}

/// The texts of a unit, their habits, and how the format writes.
pub(super) struct Context<'a> {
    unit: Unit<'a>,
    styles: Vec<(&'a Source, Style)>,
    pub(super) comments: &'a [Span],
    pub(super) notation: &'static dyn Notation,
    types: Types,
}

impl<'a> Context<'a> {
    /// The file of a span and its habits.
    pub(super) fn file(&self, span: Span) -> Result<(&'a Source, &Style), AmendError> {
        self.styles
            .iter()
            .find(|(source, _)| source.id() == span.file)
            .map(|(source, style)| (*source, style))
            .ok_or(AmendError::Stale)
    }

    pub(super) fn text(&self, span: Span) -> Result<&'a str, AmendError> {
        Ok(self.file(span)?.0.slice(span))
    }

    pub(super) fn indent(&self, span: Span) -> Result<&'a str, AmendError> {
        let (source, _) = self.file(span)?;
        Ok(indent_at(source.text(), span.range().start))
    }
}

/// The edits that make the changes, and what they are meant to come to.
pub(super) fn plan(
    unit: Unit<'_>,
    manifest: &Manifest,
    notation: &'static dyn Notation,
    changes: &[Change],
) -> Result<(Vec<Edit>, Intent), AmendError> {
    let context = Context {
        unit,
        styles: unit
            .files()
            .map(|source| (source, Style::of(source.text())))
            .collect(),
        comments: &manifest.comments,
        notation,
        types: manifest.about.types,
    };
    let mut plans: Vec<AppPlan<'_>> = manifest
        .apps
        .iter()
        .map(|app| AppPlan {
            context: &context,
            app,
            index: index(app),
            fates: vec![Fate::Keep; app.requested.len()],
            additions: Vec::new(),
        })
        .collect();
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
    }
    shared::check(manifest, &plans)?;
    let mut patch = Patch::default();
    let mut intent = Intent::default();
    for plan in &plans {
        intent.push(plan.edit(&mut patch)?);
    }
    let text_of = |span: Span| context.unit.files().find(|file| file.id() == span.file);
    Ok((patch.finish(text_of), intent))
}

pub(super) struct AppPlan<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) app: &'a App,
    /// The requests of each list of elements of each resource, in order.
    index: Vec<Vec<Vec<usize>>>,
    pub(super) fates: Vec<Fate<'a>>,
    pub(super) additions: Vec<Addition<'a>>,
}

impl<'a> AppPlan<'a> {
    fn take(&mut self, change: &'a Change) -> Result<(), AmendError> {
        let (requested, fate) = match change {
            Change::Add {
                resource_app_id,
                permission,
                permission_type,
                ..
            } => {
                if !self.context.types.allow(*permission_type) {
                    return Err(AmendError::TypeNotAllowed(*permission_type));
                }
                self.additions.push(Addition {
                    resource: *resource_app_id,
                    permission,
                    permission_type: *permission_type,
                });
                return Ok(());
            }
            Change::Remove { requested, .. } => (*requested, Fate::Remove),
            Change::Replace {
                requested,
                with,
                permission_type,
                ..
            } => (*requested, Fate::Replace(with, *permission_type)),
        };
        let old = self
            .fates
            .get_mut(requested)
            .ok_or(AmendError::NoSuchRequest)?;
        if *old != Fate::Keep && *old != fate {
            return Err(AmendError::Conflict);
        }
        *old = fate;
        match self.app.requested[requested].layout.fixed {
            Some(reason) => Err(AmendError::NotEditable(reason)),
            None => Ok(()),
        }
    }

    /// Drops additions of what is requested already, or twice.
    fn drop_needless_additions(&mut self) {
        let mut needed: Vec<Addition<'a>> = Vec::new();
        for addition in &self.additions {
            let again = needed.iter().any(|other| {
                other.resource == addition.resource
                    && other.permission_type == addition.permission_type
                    && other.permission == addition.permission
            });
            let present = (0..self.fates.len()).any(|index| self.is_present(index, addition));
            if !again && !present {
                needed.push(*addition);
            }
        }
        self.additions = needed;
    }

    /// Whether a request, after its change, is what is to be added.
    fn is_present(&self, index: usize, addition: &Addition<'_>) -> bool {
        let requested = &self.app.requested[index];
        if self.resource_of(requested).app_id() != Some(addition.resource) {
            return false;
        }
        let permission_type = requested.permission_type.known();
        match self.fates[index] {
            Fate::Remove => false,
            Fate::Replace(with, new) => {
                with == addition.permission
                    && new.or(permission_type) == Some(addition.permission_type)
            }
            Fate::Keep => {
                permission_type == Some(addition.permission_type)
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
        let mut intent = AppIntent::default();
        for (requested, fate) in self.app.requested.iter().zip(&self.fates) {
            let resource = self.resource_of(requested);
            match fate {
                Fate::Keep => intent.keep(resource, requested),
                Fate::Remove if requested.layout.place.is_none() => {
                    return Err(AmendError::NotEditable(
                        "this permission does not stand in a list that it could be taken out of",
                    ));
                }
                Fate::Remove => {}
                Fate::Replace(with, permission_type) => {
                    self.replace(patch, requested, with, *permission_type)?;
                    intent.replace(resource, requested, with, *permission_type);
                }
            }
        }
        for addition in &self.additions {
            intent.add(
                addition.resource,
                addition.permission,
                addition.permission_type,
            );
        }
        if self.additions.is_empty() && !self.fates.contains(&Fate::Remove) {
            intent.resources = self.app.resources.len();
            return Ok(intent);
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

    /// Which entries go: those that had permissions and have none left. What is but a list keeps its last one: an empty
    /// list alone would not be a declaration any more.
    fn removed_entries(&self, places: &Places) -> Vec<bool> {
        let resources = &self.app.resources;
        let mut kept: Vec<bool> = resources
            .iter()
            .map(|resource| resource.layout.list.is_none())
            .collect();
        let mut touched = vec![false; resources.len()];
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
        let mut removed: Vec<bool> = kept
            .iter()
            .zip(touched)
            .map(|(kept, touched)| touched && !kept)
            .collect();
        let all = removed.iter().all(|removed| *removed) && places.entries.is_empty();
        let can_stay = |resource: usize| !resources[resource].layout.accesses.is_empty();
        if all && self.app.layout.body.is_none() && !removed.is_empty() && can_stay(0) {
            removed[0] = false;
        }
        removed
    }

    /// Indices of the requests in one list of elements, in order.
    pub(super) fn elements_of(&self, resource: usize, access: usize) -> &[usize] {
        &self.index[resource][access]
    }

    fn edit_entry(
        &self,
        patch: &mut Patch,
        resource: usize,
        places: &Places,
    ) -> Result<(), AmendError> {
        let entry = &self.app.resources[resource].layout;
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
                .map(|(.., added)| added.clone())
                .collect();
            let items: Vec<Span> = elements
                .iter()
                .map(|element| self.app.requested[*element].span)
                .collect();
            self.edit_value(patch, access, &items, &removed, &added)?;
        }
        let added: Vec<String> = places
            .accesses
            .iter()
            .filter(|(at, _)| *at == resource)
            .map(|(_, added)| added.clone())
            .collect();
        if let (false, Some(body)) = (added.is_empty(), &entry.body) {
            self.members(body.span, &body.members)?
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
        let lists = &self.app.layout.lists;
        let target = self.target_list();
        let mut by_list = vec![Vec::new(); lists.len()];
        for (entry, resource) in self.app.resources.iter().enumerate() {
            if let Some(list) = resource.layout.list {
                by_list[list].push(entry);
            }
        }
        for (index, list) in lists.iter().enumerate() {
            let entries = &by_list[index];
            let items: Vec<Span> = entries
                .iter()
                .map(|entry| self.app.resources[*entry].span)
                .collect();
            let removed: Vec<bool> = entries.iter().map(|entry| removed[*entry]).collect();
            let added = if target == Some(index) { added } else { &[] };
            if list.form == ListForm::Single && !added.is_empty() && self.app.layout.body.is_none()
            {
                return Err(AmendError::NotEditable(
                    "the file is one entry and no list that another could be added to",
                ));
            }
            self.edit_value(patch, list, &items, &removed, added)?;
        }
        if lists.is_empty()
            && !added.is_empty()
            && let Some(body) = &self.app.layout.body
        {
            let indent = self.member_indent(body)?;
            let at = self.at(body.span, &indent, 0)?;
            let member = self
                .context
                .notation
                .first_list(&at, added)
                .ok_or(AmendError::NotEditable("there is no list to add to"))?;
            self.members(body.span, &body.members)?
                .edit(patch, &[], &[member]);
        }
        Ok(())
    }

    /// Edits a value that is, or should be, a list.
    fn edit_value(
        &self,
        patch: &mut Patch,
        list: &ListLayout,
        items: &[Span],
        removed: &[bool],
        added: &[String],
    ) -> Result<(), AmendError> {
        if added.is_empty() && !removed.contains(&true) {
            return Ok(());
        }
        let span = list.span;
        match list.form {
            ListForm::Items { .. } => self.list(list, items)?.edit(patch, removed, added),
            ListForm::Null => {
                let at = self.at(span, self.context.indent(span)?, list.dialect)?;
                let new = self.context.notation.list(&at, added);
                patch.replace(
                    span,
                    new.ok_or(AmendError::NotEditable("there is no list to add to"))?,
                );
            }
            ListForm::Single if removed.contains(&true) => {
                patch.replace(span, format!("[{}]", added.join(", ")));
            }
            ListForm::Single => {
                patch.insert_before(span, "[");
                patch.insert_after(span, format!(", {}]", added.join(", ")));
            }
            ListForm::Other => {
                return Err(AmendError::NotEditable(
                    "what stands in the place of a list is none",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn list<'s>(
        &'s self,
        list: &ListLayout,
        items: &'s [Span],
    ) -> Result<List<'s>, AmendError> {
        let ListForm::Items {
            open,
            close,
            separator,
        } = list.form
        else {
            return Err(AmendError::NotEditable(
                "what stands in the place of a list is none",
            ));
        };
        let (source, style) = self.context.file(list.span)?;
        Ok(List {
            source,
            comments: self.context.comments,
            style,
            span: list.span,
            delimiters: (usize::from(open), usize::from(close)),
            separator,
            items,
        })
    }

    /// An object as the list of its members.
    fn members<'s>(&'s self, span: Span, members: &'s [Span]) -> Result<List<'s>, AmendError> {
        let (source, style) = self.context.file(span)?;
        Ok(List {
            source,
            comments: self.context.comments,
            style,
            span,
            delimiters: (1, 1),
            separator: self.context.notation.members(),
            items: members,
        })
    }

    /// Where something is written, in the file of `span`.
    pub(super) fn at<'s>(
        &'s self,
        span: Span,
        indent: &'s str,
        dialect: u8,
    ) -> Result<At<'s>, AmendError> {
        Ok(At {
            style: self.context.file(span)?.1,
            indent,
            capitals: self.has_capitals(),
            dialect,
            padded: self.pads_names(),
        })
    }
}

fn index(app: &App) -> Vec<Vec<Vec<usize>>> {
    let mut index: Vec<Vec<Vec<usize>>> = app
        .resources
        .iter()
        .map(|resource| vec![Vec::new(); resource.layout.accesses.len()])
        .collect();
    for (at, requested) in app.requested.iter().enumerate() {
        if let Some(Place::Access(access)) = requested.layout.place {
            index[requested.resource][access].push(at);
        }
    }
    index
}

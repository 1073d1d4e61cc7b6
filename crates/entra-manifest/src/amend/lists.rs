//! The edits of an app: of its lists of entries, its entries, and their lists of elements.

use source_text::Span;

use super::AmendError;
use super::intent::AppIntent;
use super::list::List;
use super::notation::At;
use super::patch::Patch;
use super::places::Places;
use super::plan::{AppPlan, Fate};
use crate::label::{attached_comments, is_label_comment};
use crate::model::layout::{Body, ListForm, ListLayout};

impl AppPlan<'_> {
    /// Adds the edits that the app's changes need, and says what they are meant to come to.
    pub(super) fn edit(&self, patch: &mut Patch) -> Result<AppIntent, AmendError> {
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
            self.members(body)?.edit(patch, &[], &added);
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
            let at = self.at(body.span, &indent, body.dialect)?;
            let member = self
                .context
                .notation
                .first_list(&at, added)
                .ok_or(AmendError::NotEditable("there is no list to add to"))?;
            self.members(body)?.edit(patch, &[], &[member]);
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
        let none_left = added.is_empty() && removed.iter().all(|removed| *removed);
        match list.form {
            ListForm::Items { .. }
                if none_left && let Some(empty) = self.context.notation.empty(list.dialect) =>
            {
                let (source, _) = self.context.file(span)?;
                let last = items.last().copied().unwrap_or(span);
                // What the comments of the items say goes with them.
                let after = attached_comments(source, self.context.comments, last).after;
                let above = attached_comments(source, self.context.comments, span).above;
                let label = above
                    .first()
                    .filter(|above| is_label_comment(source, **above));
                let start = label.map_or(span, |label| label.to(span));
                patch.replace(after.map_or(start, |comment| start.to(comment)), empty);
            }
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
    fn members<'s>(&'s self, body: &'s Body) -> Result<List<'s>, AmendError> {
        let (source, style) = self.context.file(body.span)?;
        Ok(List {
            source,
            comments: self.context.comments,
            style,
            span: body.span,
            delimiters: (1, 1),
            separator: self.context.notation.members(body.dialect),
            items: &body.members,
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

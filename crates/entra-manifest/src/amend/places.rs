//! Where additions go: into a list of permissions, into an entry without one, or into an entry of their own.

use uuid::Uuid;

use super::AmendError;
use super::plan::{Addition, AppPlan};
use crate::json::{Dialect, ListForm};
use crate::model::Kind;

/// What is added, by the place where it is put.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// New elements, by resource and list of permissions.
    pub(super) elements: Vec<(usize, usize, Vec<String>)>,
    /// New lists of permissions, by resource.
    pub(super) accesses: Vec<(usize, String)>,
    /// New entries.
    pub(super) entries: Vec<String>,
}

impl<'a> AppPlan<'a> {
    /// Where each addition goes, and its text.
    pub(super) fn places(&self) -> Result<Places, AmendError> {
        let mut places = Places::default();
        // By resource and, where there is one, by entry and kind: those written together.
        let mut fresh_entries: Groups<Uuid, Addition<'a>> = Vec::new();
        let mut fresh_lists: Groups<(usize, Option<Kind>), Addition<'a>> = Vec::new();
        for addition in &self.additions {
            let Some(resource) = self.entry_for(addition) else {
                group(&mut fresh_entries, addition.resource, *addition);
                continue;
            };
            let entry = &self.layout.entries[resource];
            let suits = |form: ListForm| {
                entry.accesses.iter().position(|access| {
                    access.form == form && access.kind.is_none_or(|kind| kind == addition.kind)
                })
            };
            let access = suits(ListForm::Array)
                .or_else(|| suits(ListForm::Null))
                .or_else(|| suits(ListForm::Single));
            if let Some(access) = access {
                let text = self.element_text(addition, resource, access)?;
                places.elements.push((resource, access, vec![text]));
            } else {
                let kind = self
                    .dialect_of(resource)
                    .names_kinds()
                    .then_some(addition.kind);
                group(&mut fresh_lists, (resource, kind), *addition);
            }
        }
        for ((resource, _), additions) in fresh_lists {
            let text = self.access_text(&additions, resource)?;
            places.accesses.push((resource, text));
        }
        for (_, additions) in fresh_entries {
            places.entries.extend(self.entry_texts(&additions)?);
        }
        let missing = self.layout.lists.is_empty() && self.layout.object.is_some();
        if !places.entries.is_empty() && self.target_list().is_none() && !missing {
            return Err(AmendError::NotEditable("there is no list to add to"));
        }
        Ok(places)
    }

    /// The entry of an addition's resource, if there is one; one that has the kind already, for choice.
    fn entry_for(&self, addition: &Addition<'_>) -> Option<usize> {
        let mut entries = (0..self.app.resources.len()).filter(|resource| {
            self.app.resources[*resource].id.app_id() == Some(addition.resource)
                && self.layout.entries[*resource].object.is_some()
                && self.dialect_of(*resource) != Dialect::Flat
        });
        let same_kind = entries.clone().find(|resource| {
            self.app.requested.iter().any(|requested| {
                requested.resource == *resource && requested.kind.kind() == Some(addition.kind)
            })
        });
        same_kind.or_else(|| entries.next())
    }

    pub(super) fn dialect_of(&self, resource: usize) -> Dialect {
        let list = self.layout.entries[resource].list;
        self.layout
            .lists
            .get(list)
            .map_or(Dialect::ResourceAccess, |list| list.dialect)
    }

    /// The list that new entries go to.
    pub(super) fn target_list(&self) -> Option<usize> {
        let of = |form| self.layout.lists.iter().position(|list| list.form == form);
        of(ListForm::Array)
            .or_else(|| of(ListForm::Null))
            .or_else(|| of(ListForm::Single))
    }

    /// The manner of the list that new entries go to.
    pub(super) fn dialect(&self) -> Dialect {
        self.target_list()
            .and_then(|list| self.layout.lists.get(list))
            .map_or(Dialect::ResourceAccess, |list| list.dialect)
    }
}

type Groups<K, V> = Vec<(K, Vec<V>)>;

fn group<K: PartialEq, V>(groups: &mut Groups<K, V>, key: K, value: V) {
    match groups.iter_mut().find(|(other, _)| *other == key) {
        Some((_, values)) => values.push(value),
        None => groups.push((key, vec![value])),
    }
}

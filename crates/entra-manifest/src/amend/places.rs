//! Where additions go: into a list of elements, into an entry without one, or into an entry of their own.

use uuid::Uuid;

use super::AmendError;
use super::plan::{Addition, AppPlan};
use crate::PermissionType;
use crate::model::layout::{ListForm, Place};

/// What is added, by the place where it is put.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// New elements, by resource and list of elements.
    pub(super) elements: Vec<(usize, usize, String)>,
    /// New lists of elements, by resource.
    pub(super) accesses: Vec<(usize, String)>,
    /// New entries.
    pub(super) entries: Vec<String>,
}

impl<'a> AppPlan<'a> {
    /// Where each addition goes, and its text.
    pub(super) fn places(&self) -> Result<Places, AmendError> {
        let mut places = Places::default();
        // By resource and, where there is one, by entry and type: those written together.
        let mut fresh_entries: Groups<Uuid, Addition<'a>> = Vec::new();
        let mut fresh_lists: Groups<(usize, Option<PermissionType>), Addition<'a>> = Vec::new();
        for addition in &self.additions {
            let Some(resource) = self.entry_for(addition) else {
                group(&mut fresh_entries, addition.resource, *addition);
                continue;
            };
            if let Some(access) = self.access_for(resource, addition)? {
                let text = self.element_text(addition, resource, access)?;
                places.elements.push((resource, access, text));
            } else {
                let permission_type = self
                    .context
                    .notation
                    .lists_by_type(self.dialect_of(resource))
                    .then_some(addition.permission_type);
                group(&mut fresh_lists, (resource, permission_type), *addition);
            }
        }
        for ((resource, permission_type), additions) in fresh_lists {
            let text = self.access_text(&additions, resource, permission_type)?;
            places.accesses.push((resource, text));
        }
        for (_, additions) in fresh_entries {
            places.entries.extend(self.entry_texts(&additions)?);
        }
        let layout = &self.app.layout;
        let missing = layout.lists.is_empty() && layout.body.is_some();
        if !places.entries.is_empty() && self.target_list().is_none() && !missing {
            return Err(AmendError::NotEditable("there is no list to add to"));
        }
        Ok(places)
    }

    /// The entry of an addition's resource, if there is one; one that has the type already, for choice.
    fn entry_for(&self, addition: &Addition<'_>) -> Option<usize> {
        let is_element = |resource: usize| {
            self.app.requested.iter().any(|requested| {
                requested.resource == resource && requested.layout.place == Some(Place::Entry)
            })
        };
        let mut entries = (0..self.app.resources.len()).filter(|resource| {
            let entry = &self.app.resources[*resource];
            let can_hold = entry.layout.body.is_some() || !entry.layout.accesses.is_empty();
            entry.id.app_id() == Some(addition.resource) && can_hold && !is_element(*resource)
        });
        let same_type = entries.clone().find(|resource| {
            self.app.requested.iter().any(|requested| {
                requested.resource == *resource
                    && requested.permission_type.known() == Some(addition.permission_type)
            })
        });
        same_type.or_else(|| entries.next())
    }

    /// The list of elements of an entry that an addition fits into.
    fn access_for(
        &self,
        resource: usize,
        addition: &Addition<'_>,
    ) -> Result<Option<usize>, AmendError> {
        let accesses = &self.app.resources[resource].layout.accesses;
        let suits = |is_form: fn(ListForm) -> bool| {
            accesses.iter().position(|access| {
                is_form(access.form)
                    && access
                        .permission_type
                        .is_none_or(|ty| ty == addition.permission_type)
            })
        };
        let found = suits(ListForm::is_items)
            .or_else(|| suits(|form| form == ListForm::Null))
            .or_else(|| suits(|form| form == ListForm::Single));
        if found.is_none() && suits(|form| form == ListForm::Other).is_some() {
            // A second list next to it would be one too many.
            return Err(AmendError::NotEditable("there is no list to add to"));
        }
        Ok(found)
    }

    /// The dialect of the list that a resource's entry stands in.
    pub(super) fn dialect_of(&self, resource: usize) -> u8 {
        let list = self.app.resources[resource].layout.list;
        list.map_or(0, |list| self.app.layout.lists[list].dialect)
    }

    /// The list that new entries go to.
    pub(super) fn target_list(&self) -> Option<usize> {
        let of = |is_form: fn(ListForm) -> bool| {
            let mut lists = self.app.layout.lists.iter();
            lists.position(|list| is_form(list.form))
        };
        of(ListForm::is_items)
            .or_else(|| of(|form| form == ListForm::Null))
            .or_else(|| of(|form| form == ListForm::Single))
    }
}

type Groups<K, V> = Vec<(K, Vec<V>)>;

fn group<K: PartialEq, V>(groups: &mut Groups<K, V>, key: K, value: V) {
    match groups.iter_mut().find(|(other, _)| *other == key) {
        Some((_, values)) => values.push(value),
        None => groups.push((key, vec![value])),
    }
}

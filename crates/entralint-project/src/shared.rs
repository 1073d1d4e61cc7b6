//! Files that several units read: a module that two configurations call, a list that two templates load. What is fixed
//! for one unit is fixed for all of them, or not at all.

use std::collections::BTreeMap;
use std::ops::Range;

use source_text::{FileId, Source};

use crate::modules::Modules;
use crate::units::ReadUnit;

/// The permissions of a unit that stand in a file of another folder or unit.
#[derive(Debug)]
pub(crate) struct User {
    /// The unit, by its number.
    pub(crate) work: usize,
    /// What people call it: its folder or file.
    pub(crate) name: String,
    places: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl User {
    /// What a unit that was read uses.
    pub(crate) fn new(work: usize, name: String, unit: &ReadUnit) -> Self {
        let mut places: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        let apps = unit.manifest.iter().flat_map(|manifest| &manifest.apps);
        for requested in apps.flat_map(|app| &app.requested) {
            let span = requested.permission.span();
            places.entry(span.file).or_default().push(span.range());
        }
        Self { work, name, places }
    }

    /// Whether one of its permissions stands where two texts of a file differ.
    pub(crate) fn is_touched(&self, old: &Source, new: &Source) -> bool {
        let changed = changed(old.text(), new.text());
        let places = self.places.get(&old.id()).into_iter().flatten();
        places
            .into_iter()
            .any(|place| place.start < changed.end && changed.start < place.end)
    }
}

/// The part of the old text outside of which nothing changed.
fn changed(old: &str, new: &str) -> Range<usize> {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let same =
        |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut old.iter().zip(new));
    let end = same(&mut old[start..].iter().rev().zip(new[start..].iter().rev()));
    start..old.len() - end
}

/// The units that count: modules are judged where they are called.
pub(crate) fn users(units: Vec<(usize, String, bool, ReadUnit)>) -> Vec<User> {
    let mut modules = Modules::default();
    for (_, folder, is_folder, unit) in &units {
        if *is_folder {
            modules.add(folder.as_str().into(), &unit.modules);
        }
    }
    units
        .into_iter()
        .filter(|(_, folder, is_folder, _)| {
            !(*is_folder && modules.is_called(folder.as_str().into()))
        })
        .map(|(work, name, _, unit)| User::new(work, name, &unit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_found_from_both_ends() {
        assert_eq!(changed("abcd", "abXcd"), 2..2);
        assert_eq!(changed("aaaa", "aaa"), 3..4);
        assert_eq!(changed("one two", "one 2"), 4..7);
        assert_eq!(changed("", "x"), 0..0);
    }
}

//! Fixes of a workspace for an editor: made in memory from the texts as they are now, under the conditions of a run that
//! fixes files.

use camino::Utf8Path;
use entralint_core::finding::Finding;
use entralint_core::fix::{Allowed, fix, fix_one};
use entralint_core::unit::Judge;
use source_text::Source;

use super::Workspace;
use crate::engine;
use crate::shared::User;
use crate::units::Work;

/// The files that a fix changes: before and after.
pub type Changed = Vec<(Source, Source)>;

/// Makes new texts for the files of a unit.
type Make<'a> = dyn Fn(&Judge<'_>, &entralint_core::fix::Texts, &entra_manifest::Manifest) -> Option<Vec<Source>>
    + 'a;

impl Workspace<'_> {
    /// What the fix of a finding in a file changes; `None` where it cannot be made.
    #[must_use]
    pub fn fix(&self, path: &Utf8Path, finding: &Finding) -> Option<Changed> {
        self.fixed(path, &|judge, texts, manifest| {
            fix_one(judge, texts, manifest, finding).ok()
        })
    }

    /// What all safe fixes in the unit of a file change; `None` where there are none.
    #[must_use]
    pub fn fix_all(&self, path: &Utf8Path) -> Option<Changed> {
        self.fixed(path, &|judge, texts, manifest| {
            Some(fix(judge, texts, manifest, Allowed::Safe).changed)
        })
    }

    fn fixed(&self, path: &Utf8Path, make: &Make<'_>) -> Option<Changed> {
        let at = self.entries.iter().position(|entry| entry.is_of(path))?;
        let unit = self.unit_of(path)?;
        let manifest = unit.manifest.as_ref()?;
        let judge = Judge::new(&self.plan);
        let new = engine::guarded(|| make(&judge, &unit.texts, manifest)).ok()??;
        let changed: Changed = new
            .into_iter()
            .filter_map(|new| {
                let old = unit.texts.unit().files().find(|old| old.id() == new.id())?;
                Some((old.clone(), new))
            })
            .collect();
        let is_kept = changed.iter().all(|(old, new)| !self.is_used(at, old, new));
        (is_kept && !changed.is_empty()).then_some(changed)
    }

    /// Whether another unit has a permission where a file of this one changes.
    fn is_used(&self, at: usize, old: &Source, new: &Source) -> bool {
        let entry = &self.entries[at];
        if entry.is_of(old.name()) {
            return false;
        }
        let scans = self.scanner.is_some();
        let parts = self.parts();
        let mut others = self.entries.iter().enumerate().filter(|(other, entry)| {
            *other != at && entry.reads(old.name()) && !parts.has(entry, scans)
        });
        others.any(|(other, entry)| {
            let is_folder = matches!(entry.work, Work::Folder(_));
            let name = if is_folder {
                entry.work.folder().to_string()
            } else {
                old.name().to_string()
            };
            let unit = engine::read(&self.units, &entry.work);
            User::new(other, name, &unit).is_touched(old, new)
        })
    }
}

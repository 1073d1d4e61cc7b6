//! Fixes of a run: in memory, as a patch, or in the files.

use std::collections::HashSet;

use camino::Utf8Path;
use entralint_core::fix::{self, Allowed, Fixed};
use entralint_core::text;
use entralint_core::unit::Judge;
use rayon::prelude::*;
use source_text::{FileId, Source};

use crate::discover::STDIN;
use crate::engine;
use crate::run::Run;
use crate::shared::{self, User};
use crate::units::Work;
use crate::write::{Replacement, Writer};

/// What became of fixes.
#[derive(Debug, Default)]
pub struct Fixes {
    /// How many were made.
    pub applied: usize,
    /// The files that they changed: before and after.
    pub changed: Vec<(Source, Source)>,
    /// What could not be done or kept, for people.
    pub warnings: Vec<String>,
}

/// A unit with its fixes made in memory.
struct FixedUnit {
    work: usize,
    before: Vec<Source>,
    fixed: Fixed,
}

/// A unit whose files were replaced.
struct Written {
    unit: FixedUnit,
    result: Result<Vec<String>, String>,
    again: Option<engine::Done>,
}

impl Run<'_> {
    /// Makes the fixes in memory.
    #[must_use]
    pub fn fixed(&self, allowed: Allowed) -> Fixes {
        let judge = Judge::new(&self.plan);
        let mut fixes = Fixes::default();
        for unit in self.fixed_units(&judge, allowed) {
            fixes.warnings.extend(self.dropped(&unit));
            fixes.applied += unit.fixed.applied;
            for new in unit.fixed.changed {
                // What two units change alike is changed once.
                let is_known = fixes.changed.iter().any(|(old, _)| old.id() == new.id());
                if let Some(old) = unit.before.iter().find(|old| old.id() == new.id())
                    && !is_known
                {
                    fixes.changed.push((old.clone(), new));
                }
            }
        }
        fixes
    }

    /// The fixes of each unit, without those that would change a permission of another unit.
    fn fixed_units(&self, judge: &Judge<'_>, allowed: Allowed) -> Vec<FixedUnit> {
        let mut units: Vec<FixedUnit> = self
            .fixable
            .par_iter()
            .filter_map(|at| self.fixed_unit(judge, *at, allowed))
            .collect();
        let own = |unit: &FixedUnit, source: &Source| {
            let mut files = self.works[unit.work].files().iter();
            files.any(|file| *file.path == *source.name())
        };
        let is_elsewhere = |unit: &FixedUnit| unit.fixed.changed.iter().any(|new| !own(unit, new));
        if !units.iter().any(is_elsewhere) {
            return units;
        }
        let read: Vec<_> = (0..self.works.len())
            .into_par_iter()
            .map(|at| {
                let work = &self.works[at];
                let is_folder = matches!(work, Work::Folder(_));
                let name = match work.files().first() {
                    Some(file) if !is_folder => file.path.to_string(),
                    _ => work.folder().to_string(),
                };
                (at, name, is_folder, engine::read(&self.units, work))
            })
            .collect();
        let users = shared::users(read);
        let refusals: Vec<Option<String>> = units
            .iter()
            .enumerate()
            .map(|(at, unit)| self.refusal(at, unit, &units, &users))
            .collect();
        for (unit, refusal) in units.iter_mut().zip(refusals) {
            if let Some(why) = refusal {
                unit.fixed.changed.clear();
                unit.fixed.applied = 0;
                unit.fixed.dropped.push(why);
            }
        }
        units
    }

    /// Why the changes of a unit cannot be made: another unit has a permission there and does not change it alike.
    fn refusal(
        &self,
        at: usize,
        unit: &FixedUnit,
        units: &[FixedUnit],
        users: &[User],
    ) -> Option<String> {
        for new in &unit.fixed.changed {
            let Some(old) = unit.before.iter().find(|old| old.id() == new.id()) else {
                continue;
            };
            let shown = self.units.root.shown(new.name());
            for user in users.iter().filter(|user| user.work != unit.work) {
                let theirs = units.iter().find(|other| other.work == user.work);
                let change = theirs
                    .and_then(|other| other.fixed.changed.iter().find(|c| c.id() == new.id()));
                let alike = change.is_some_and(|change| change.text() == new.text());
                if !alike && user.is_touched(old, new) {
                    return Some(format!(
                        "{shown} also serves {}, where it would change what is requested",
                        user.name
                    ));
                }
            }
            // Two changes of one file, each in a part of its own: the first one is made.
            let earlier = units[..at]
                .iter()
                .flat_map(|other| &other.fixed.changed)
                .find(|other| other.id() == new.id() && other.text() != new.text());
            if earlier.is_some() {
                return Some(format!(
                    "{shown} is changed for another app first: run it again"
                ));
            }
        }
        None
    }

    /// Fixes the files, and puts what is left in the report, with what could not be written.
    pub fn fix(&mut self, allowed: Allowed) -> Fixes {
        let judge = Judge::new(&self.plan);
        let units = self.fixed_units(&judge, allowed);
        // What two units change alike is written once, with the first of them.
        let mut known: HashSet<FileId> = HashSet::new();
        let firsts: Vec<Vec<FileId>> = units
            .iter()
            .map(|unit| {
                let changed = unit.fixed.changed.iter().map(Source::id);
                changed.filter(|id| known.insert(*id)).collect()
            })
            .collect();
        let writer = Writer::within(&self.units.root.root);
        let written: Vec<(FixedUnit, Result<Vec<String>, String>)> = units
            .into_par_iter()
            .zip(firsts)
            .map(|(unit, firsts)| {
                let replacements: Vec<Replacement> = unit
                    .fixed
                    .changed
                    .iter()
                    .filter(|new| firsts.contains(&new.id()))
                    .filter_map(|new| {
                        let old = unit.before.iter().find(|old| old.id() == new.id())?;
                        Some(Replacement {
                            path: self.units.root.open(new.name()),
                            shown: self.units.root.shown(new.name()),
                            before: old.to_bytes(),
                            after: new.to_bytes(),
                        })
                    })
                    .collect();
                let result = if replacements.is_empty() {
                    Ok(Vec::new())
                } else {
                    writer.replace_all(&replacements)
                };
                (unit, result)
            })
            .collect();
        // After all of them, because units share files.
        let written: Vec<Written> = written
            .into_par_iter()
            .map(|(unit, result)| {
                let again = (result.is_ok() && !unit.fixed.changed.is_empty())
                    .then(|| engine::again(&self.units, &judge, &self.works[unit.work]));
                Written {
                    unit,
                    result,
                    again,
                }
            })
            .collect();
        let mut fixes = Fixes::default();
        // What was found in a file before it was fixed counts no more.
        let fixed: HashSet<FileId> = written
            .iter()
            .filter(|written| written.result.is_ok() && written.again.is_some())
            .flat_map(|written| written.unit.before.iter().map(Source::id))
            .collect();
        self.report.findings.retain(|finding| {
            finding
                .place
                .as_ref()
                .is_none_or(|mark| !fixed.contains(&mark.at.file))
        });
        for Written {
            unit,
            result,
            again,
        } in written
        {
            fixes.warnings.extend(self.dropped(&unit));
            match result {
                Ok(said) => fixes.warnings.extend(said),
                Err(error) => {
                    self.report.errors.push(format!("not changed: {error}"));
                    continue;
                }
            }
            let Some(again) = again else { continue };
            fixes.applied += unit.fixed.applied;
            for new in unit.fixed.changed {
                if let Some(old) = unit.before.iter().find(|old| old.id() == new.id()) {
                    fixes.changed.push((old.clone(), new));
                }
            }
            self.report.add(again.report);
            self.report.errors.extend(again.errors);
        }
        fixes
    }

    fn fixed_unit(&self, judge: &Judge<'_>, at: usize, allowed: Allowed) -> Option<FixedUnit> {
        let unit = engine::read(&self.units, &self.works[at]);
        let manifest = unit.manifest.as_ref()?;
        let fixed = engine::guarded(|| fix::fix(judge, &unit.texts, manifest, allowed));
        Some(match fixed {
            Ok(fixed) => FixedUnit {
                work: at,
                before: unit.texts.unit().files().cloned().collect(),
                fixed,
            },
            Err(why) => FixedUnit {
                work: at,
                before: Vec::new(),
                fixed: Fixed {
                    changed: Vec::new(),
                    applied: 0,
                    dropped: vec![why],
                },
            },
        })
    }

    fn dropped(&self, unit: &FixedUnit) -> Vec<String> {
        let shown = self.works[unit.work]
            .files()
            .first()
            .map(|file| self.units.root.shown(&file.path))
            .unwrap_or_default();
        unit.fixed
            .dropped
            .iter()
            .map(|reason| {
                format!(
                    "{}: a fix was dropped: {}",
                    text::escaped(&shown),
                    text::escaped(reason)
                )
            })
            .collect()
    }
}

impl Fixes {
    /// A unified diff of the changed files, with paths from the repository's root, as `git apply` wants them.
    #[must_use]
    pub fn patch(&self) -> String {
        self.changed
            .iter()
            .map(|(old, new)| diff(old, new))
            .collect()
    }
}

fn diff(old: &Source, new: &Source) -> String {
    let name = text::path(Utf8Path::new(old.name()));
    let name = if old.name() == "stdin" {
        STDIN.to_owned()
    } else {
        name
    };
    let header = |side: &str| quoted(&format!("{side}/{name}"));
    // The bytes of the file: a patch of UTF-16 text as UTF-8 could not be applied.
    let (old_text, new_text) = (old.text(), new.text());
    let diff = similar::TextDiff::from_lines(old_text, new_text);
    format!(
        "diff --git {a} {b}\n{}",
        diff.unified_diff().header(&header("a"), &header("b")),
        a = header("a"),
        b = header("b"),
    )
}

/// A path as git writes it in a patch: between quotes, with escapes, where it has unusual characters.
fn quoted(path: &str) -> String {
    let is_plain = path
        .bytes()
        .all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
    if is_plain {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x20..0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

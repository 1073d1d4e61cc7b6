//! From findings to changed files.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use entra_manifest::{Change, Environment, Manifest, Unit, Wanted};
use source_text::Source;
use uuid::Uuid;

use crate::finding::{Applicability, Finding};
use crate::text;
use crate::unit::Judge;

/// Which fixes may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Those that leave what is granted as it is.
    Safe,
    /// Those that change what is granted, too.
    SafeAndUnsafe,
}

impl Allowed {
    fn allows(self, applicability: Applicability) -> bool {
        match applicability {
            Applicability::Safe => true,
            Applicability::Unsafe => self == Allowed::SafeAndUnsafe,
            Applicability::DisplayOnly => false,
        }
    }
}

/// The files of a unit, to change them.
#[derive(Clone, Debug)]
pub struct Texts {
    /// The unit's own.
    pub sources: Vec<Source>,
    /// Those that its format wanted.
    pub wanted: Vec<Wanted>,
    /// The environments that the configuration names for the unit.
    pub environments: Vec<Environment>,
}

impl Texts {
    /// The unit that they are.
    pub fn unit(&self) -> Unit<'_> {
        Unit {
            sources: &self.sources,
            wanted: &self.wanted,
            environments: &self.environments,
        }
    }

    /// The same with some files changed.
    fn with(&self, changed: &[Source]) -> Self {
        let new = |old: &Source| {
            changed
                .iter()
                .find(|new| new.id() == old.id())
                .unwrap_or(old)
                .clone()
        };
        Self {
            environments: self.environments.clone(),
            sources: self.sources.iter().map(new).collect(),
            wanted: self
                .wanted
                .iter()
                .map(|wanted| Wanted {
                    want: wanted.want.clone(),
                    files: wanted.files.iter().map(new).collect(),
                })
                .collect(),
        }
    }
}

/// What came of fixing a unit.
#[derive(Debug)]
pub struct Fixed {
    /// The files that changed, in their new text. Replace all of them or none.
    pub changed: Vec<Source>,
    /// How many fixes were applied.
    pub applied: usize,
    /// Fixes that were dropped, and why.
    pub dropped: Vec<String>,
}

/// Fixes, checks again, and goes on until nothing more can be fixed: one fix may stand in the way of another, or make
/// room for it.
///
/// A fix with which a call would lose the permission that unlocks it, or an app its declaration, is dropped. Every
/// round applies at least one fix or ends; the bound is there so that rules which undo each other's work show up as an
/// unfinished fix and not as a hang.
pub fn fix(judge: &Judge<'_>, texts: &Texts, manifest: &Manifest, allowed: Allowed) -> Fixed {
    const MOST_ROUNDS: usize = 20;
    let judge = Judge {
        plan: judge.plan,
        keep_apps: false,
        most_findings: usize::MAX,
    };
    let mut current = (texts.clone(), manifest.clone());
    let mut refused: HashSet<String> = HashSet::new();
    let mut fixed = Fixed {
        changed: Vec::new(),
        applied: 0,
        dropped: Vec::new(),
    };
    for round in 0.. {
        let findings = judge.check(current.0.unit(), &current.1).findings;
        let chosen = choose(&findings, allowed, &refused);
        if chosen.is_empty() {
            break;
        }
        if round == MOST_ROUNDS {
            fixed.dropped.push(format!(
                "stopped after {MOST_ROUNDS} rounds with {} left: run it again",
                text::count(chosen.len(), "fix")
            ));
            break;
        }
        match apply(&judge, &current, &chosen) {
            Outcome::Applied {
                texts,
                manifest,
                count,
                refused: more,
            } => {
                for (key, why) in more {
                    if refused.insert(key) {
                        fixed.dropped.push(why);
                    }
                }
                fixed.applied += count;
                current = (texts, *manifest);
            }
            Outcome::Refused(more) => {
                for (key, why) in more {
                    if refused.insert(key) {
                        fixed.dropped.push(why);
                    }
                }
            }
        }
    }
    fixed.changed = changed(texts, &current.0);
    fixed
}

/// The files that the fix of one finding changes, in their new text. The finding is one of these texts.
///
/// # Errors
///
/// Why the fix cannot be made: the text cannot be changed so, or a call would lose the permission that unlocks it.
pub fn fix_one(
    judge: &Judge<'_>,
    texts: &Texts,
    manifest: &Manifest,
    finding: &Finding,
) -> Result<Vec<Source>, String> {
    let judge = Judge {
        plan: judge.plan,
        keep_apps: false,
        most_findings: usize::MAX,
    };
    let current = (texts.clone(), manifest.clone());
    match apply(&judge, &current, &[finding]) {
        Outcome::Applied { texts: after, .. } => Ok(changed(texts, &after)),
        Outcome::Refused(why) => Err(why.into_iter().map(|(_, why)| why).collect()),
    }
}

/// The files that differ.
fn changed(before: &Texts, after: &Texts) -> Vec<Source> {
    let before = before.unit();
    let mut changed: Vec<Source> = Vec::new();
    for new in after.unit().files() {
        let old = before.files().find(|old| old.id() == new.id());
        if old.is_some_and(|old| old.text() != new.text())
            && !changed.iter().any(|known| known.id() == new.id())
        {
            changed.push(new.clone());
        }
    }
    changed
}

/// The fixes that may be applied together: the first of those that touch the same request or add the same permission.
fn choose<'f>(
    findings: &'f [Finding],
    allowed: Allowed,
    refused: &HashSet<String>,
) -> Vec<&'f Finding> {
    let mut taken: HashSet<Touch> = HashSet::new();
    let mut chosen = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        // What an exception accepts stays as it is.
        if finding.suppressed.is_some()
            || !allowed.allows(fix.applicability)
            || fix.changes.is_empty()
            || refused.contains(&key(finding))
        {
            continue;
        }
        let touches: Vec<Touch> = fix.changes.iter().flat_map(touches).collect();
        if touches.iter().any(|touch| taken.contains(touch)) {
            continue;
        }
        taken.extend(touches);
        chosen.push(finding);
    }
    chosen
}

/// What tells a fix from others, whatever else changed in the file.
fn key(finding: &Finding) -> String {
    let title = finding.fix.as_ref().map_or("", |fix| fix.title.as_str());
    let at = finding.place.as_ref().map_or(0, |mark| mark.at.span.start);
    format!("{} {title} {at} {}", finding.rule.id, finding.message)
}

#[derive(PartialEq, Eq, Hash)]
enum Touch {
    Request { app: usize, requested: usize },
    Permission { app: usize, id: Uuid },
}

fn touches(change: &Change) -> Vec<Touch> {
    match change {
        Change::Replace {
            app,
            requested,
            with,
            ..
        } => vec![
            Touch::Request {
                app: *app,
                requested: *requested,
            },
            Touch::Permission {
                app: *app,
                id: with.id,
            },
        ],
        Change::Remove { app, requested } => vec![Touch::Request {
            app: *app,
            requested: *requested,
        }],
        Change::Add {
            app, permission, ..
        } => vec![Touch::Permission {
            app: *app,
            id: permission.id,
        }],
    }
}

enum Outcome {
    Applied {
        texts: Texts,
        manifest: Box<Manifest>,
        count: usize,
        refused: Vec<(String, String)>,
    },
    Refused(Vec<(String, String)>),
}

/// All at once if that works, else half of them, and so on, so that a fix that cannot be made does not hold up the
/// others and one among thousands is found in few steps.
fn apply(judge: &Judge<'_>, current: &(Texts, Manifest), chosen: &[&Finding]) -> Outcome {
    let attempt = |findings: &[&Finding]| -> Result<(Texts, Manifest), String> {
        let changes: Vec<Change> = findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .flat_map(|fix| fix.changes.iter().cloned())
            .collect();
        let (texts, manifest) = current;
        let amended = entra_manifest::amend(texts.unit(), manifest, &changes)
            .map_err(|error| error.to_string())?;
        let after = texts.with(&amended.sources);
        if amended.manifest.apps.len() < manifest.apps.len() {
            return Err("the file would declare no app any more".to_owned());
        }
        if !judge.keeps_cover((texts.unit(), manifest), (after.unit(), &amended.manifest)) {
            return Err("a call would lose the permission that unlocks it".to_owned());
        }
        Ok((after, amended.manifest))
    };
    let mut refused = Vec::new();
    let mut waiting: Vec<&[&Finding]> = vec![chosen];
    while let Some(findings) = waiting.pop() {
        match attempt(findings) {
            Ok((texts, manifest)) => {
                return Outcome::Applied {
                    texts,
                    manifest: Box::new(manifest),
                    count: findings.len(),
                    refused,
                };
            }
            Err(why) => match findings {
                [] => {}
                [one] => refused.push((key(one), format!("{}: {why}", text::shown(&one.message)))),
                several => {
                    let (first, second) = several.split_at(several.len() / 2);
                    waiting.push(second);
                    waiting.push(first);
                }
            },
        }
    }
    Outcome::Refused(refused)
}

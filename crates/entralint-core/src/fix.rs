//! From findings to changed files.

#[cfg(test)]
mod tests;

use entra_manifest::{Change, MICROSOFT_GRAPH, Manifest, PermissionText, Source, Unit};
use msgraph_permissions::{Catalog, PermissionName, PermissionType};
use uuid::Uuid;

use crate::finding::{Applicability, Finding};
use crate::text;

/// A permission as a manifest writes it; `None` where the catalogue holds no id for it.
pub fn permission_text(
    catalog: &Catalog,
    name: &PermissionName,
    kind: PermissionType,
) -> Option<PermissionText> {
    let id = catalog.id_of(name, kind)?;
    Some(PermissionText {
        id: id.as_uuid(),
        name: name.to_string(),
    })
}

pub fn add(app: usize, permission: PermissionText, kind: PermissionType) -> Change {
    Change::Add {
        app,
        resource_app_id: MICROSOFT_GRAPH,
        permission,
        permission_type: kind,
    }
}

/// Which fixes may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    Safe,
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

/// What came of fixing one file.
pub struct Fixed {
    pub source: Source,
    /// How many fixes were applied.
    pub applied: usize,
    /// Fixes that were dropped, and why.
    pub dropped: Vec<String>,
}

/// Fixes, looks again, and goes on until nothing more can be fixed: one fix may stand in the way
/// of another, or make room for it.
///
/// `lint` gives the findings of a source; `keeps_cover` says whether every call that the first
/// manifest covers is covered by the second, and a fix for which it is not is dropped. Every round applies at least one fix or ends, and each
/// fix takes a finding away; the bound is there so that rules which undo each other's work would
/// show up as an unfinished fix and not as a hang.
pub fn fix(
    source: &Source,
    manifest: &Manifest,
    findings: &[Finding],
    allowed: Allowed,
    lint: impl Fn(&Manifest) -> Vec<Finding>,
    keeps_cover: impl Fn(&Manifest, &Manifest) -> bool,
) -> Option<Fixed> {
    const MOST_ROUNDS: usize = 20;
    let mut current: Option<(Source, Manifest)> = None;
    let mut findings = findings.to_vec();
    let mut applied = 0;
    let mut dropped = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let (source, manifest) = match &current {
            Some((source, manifest)) => (source, manifest),
            None => (source, manifest),
        };
        let chosen = choose(&findings, allowed);
        if chosen.is_empty() {
            break;
        }
        let round = apply(source, manifest, &chosen, &keeps_cover, &mut dropped);
        let Some((amended, count)) = round else {
            break;
        };
        applied += count;
        findings = lint(&amended.1);
        current = Some(amended);
    }
    match current {
        Some((source, _)) => Some(Fixed {
            source,
            applied,
            dropped,
        }),
        None if dropped.is_empty() => None,
        None => Some(Fixed {
            source: source.clone(),
            applied,
            dropped,
        }),
    }
}

/// The fixes that may be applied together: the first of those that touch the same request or
/// that add the same permission.
fn choose(findings: &[Finding], allowed: Allowed) -> Vec<(&Finding, &[Change])> {
    let mut taken: Vec<Touch> = Vec::new();
    let mut chosen = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        if !allowed.allows(fix.applicability) || fix.changes.is_empty() {
            continue;
        }
        let touches: Vec<Touch> = fix.changes.iter().flat_map(touches).collect();
        if touches.iter().any(|touch| taken.contains(touch)) {
            continue;
        }
        taken.extend(touches);
        chosen.push((finding, fix.changes.as_slice()));
    }
    chosen
}

#[derive(PartialEq)]
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

/// All at once if that works, else one by one, so that a fix that cannot be made does not hold up
/// the others.
fn apply(
    source: &Source,
    manifest: &Manifest,
    chosen: &[(&Finding, &[Change])],
    keeps_cover: &impl Fn(&Manifest, &Manifest) -> bool,
    dropped: &mut Vec<String>,
) -> Option<((Source, Manifest), usize)> {
    let attempt = |changes: &[Change]| -> Result<(Source, Manifest), String> {
        let amended = entra_manifest::amend(Unit::file(source), manifest, changes)
            .map_err(|e| e.to_string())?;
        if keeps_cover(manifest, &amended.manifest) {
            Ok((amended.source(source).clone(), amended.manifest))
        } else {
            Err("a call that is covered now would not be".to_owned())
        }
    };
    let all: Vec<Change> = chosen.iter().flat_map(|(_, c)| c.iter().cloned()).collect();
    if let Ok(amended) = attempt(&all) {
        return Some((amended, chosen.len()));
    }
    for (finding, changes) in chosen {
        match attempt(changes) {
            Ok(amended) => return Some((amended, 1)),
            Err(error) => {
                let line = format!("{}: {error}", text::shown(&finding.message));
                if !dropped.contains(&line) {
                    dropped.push(line);
                }
            }
        }
    }
    None
}

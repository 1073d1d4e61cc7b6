//! One unit, from its manifest to its findings. Units know nothing of each other.

use camino::Utf8Path;
use entra_manifest::{Manifest, Means, Unit};
use msgraph_permissions::{PermissionName, PermissionType};
use source_text::{FileId, Source};

use crate::assess::{Assessment, Files, Request, Resolution};
use crate::finding::{Applicability, Finding, Location};
use crate::plan::{AppId, Plan};
use crate::policy::inline_allows;
use crate::report::{AppReport, PermissionReport};
use crate::rules::{Findings, RULES, RuleInfo, forbidden_permission, unused_allow};
use crate::text;

/// Of one rule this many findings of one unit are kept in a report; the rest is counted.
pub const MOST_FINDINGS: usize = 200;

/// Judges units by a plan.
pub struct Judge<'r> {
    /// Which calls belong to which app.
    pub plan: &'r Plan<'r>,
    /// Keep what each app requests and needs, for reports that show apps.
    pub keep_apps: bool,
    /// How many findings of one rule are kept of one unit.
    pub most_findings: usize,
}

/// What a unit came to: all that is needed once its text is gone.
#[derive(Clone, Debug, Default)]
pub struct UnitReport {
    /// The findings, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many more findings there were of each rule.
    pub more: Vec<(&'static RuleInfo, usize)>,
    /// The same by severity: notes, warnings, errors.
    pub dropped: [usize; 3],
    /// The apps, where they are kept.
    pub apps: Vec<AppReport>,
    /// Entries that could not be resolved.
    pub unresolved: usize,
    /// Exceptions in comments that accepted nothing.
    pub unused_allows: Vec<Finding>,
}

impl UnitReport {
    /// Whether nothing was found, counted or kept.
    pub fn is_empty(&self) -> bool {
        let Self {
            findings,
            more,
            dropped,
            apps,
            unresolved,
            unused_allows,
        } = self;
        findings.is_empty()
            && more.is_empty()
            && *dropped == [0; 3]
            && apps.is_empty()
            && *unresolved == 0
            && unused_allows.is_empty()
    }
}

impl<'r> Judge<'r> {
    /// A judge for reports.
    pub fn new(plan: &'r Plan<'r>) -> Self {
        Self {
            plan,
            keep_apps: false,
            most_findings: MOST_FINDINGS,
        }
    }

    /// All that the rules report of a manifest.
    pub fn check(&self, unit: Unit<'_>, manifest: &Manifest) -> UnitReport {
        let files = Files::new(unit);
        let mut findings = Findings::at_most(self.most_findings);
        for rule in RULES {
            rule.check_manifest(manifest, files, &mut findings);
        }
        let mut apps = Vec::new();
        let mut unresolved = 0;
        for assessment in self.assessments(unit, manifest) {
            let first = findings.as_slice().len();
            for rule in RULES {
                rule.check_app(&assessment, &mut findings);
            }
            let policy = self.plan.policy_of(Utf8Path::new(&assessment.key.file));
            forbidden_permission::check(&assessment, &policy.forbids, &mut findings);
            for finding in findings.as_mut_slice().iter_mut().skip(first) {
                if let Some(reason) = not_writable(finding, manifest) {
                    hold_back(finding, reason);
                }
            }
            unresolved += assessment
                .requests
                .iter()
                .filter(|r| matches!(r.resolution, Resolution::Unresolved { .. }))
                .count();
            if self.keep_apps {
                apps.extend(app_report(&assessment));
            }
        }
        let dropped = findings.dropped();
        let (mut findings, mut more) = findings.finish();
        let policy = self.plan.policy_of(
            unit.files()
                .next()
                .map_or(Utf8Path::new(""), |source| source.name()),
        );
        more.retain(|(rule, _)| policy.keeps_rule(rule));
        let mut inline = Vec::new();
        for source in unit.files() {
            let (allows, wrong) = inline_allows(source);
            inline.extend(allows);
            findings.extend(wrong);
        }
        self.plan.settle(&mut findings, &inline);
        findings.sort_by_key(at);
        add_edits(unit, manifest, &mut findings);
        UnitReport {
            findings,
            more,
            dropped,
            apps,
            unresolved,
            unused_allows: inline
                .iter()
                .filter(|allow| allow.is_unused())
                .map(unused_allow::inline)
                .collect(),
        }
    }

    /// What the rules report of the calls of all apps that were judged so far, each once.
    pub fn check_calls(&self) -> UnitReport {
        let mut findings = Findings::at_most(self.most_findings);
        for set in self.plan.sets() {
            for rule in RULES {
                rule.check_calls(&set, self.plan.catalog(), &mut findings);
            }
        }
        let dropped = findings.dropped();
        let (mut findings, more) = findings.finish();
        // A shared call is in the set of every app.
        let mut seen = std::collections::HashSet::new();
        findings.retain(|finding| {
            seen.insert((at(finding), finding.rule.id, finding.fingerprint.clone()))
        });
        UnitReport {
            findings,
            more,
            dropped,
            ..UnitReport::default()
        }
    }

    /// The apps of a manifest, each against its calls.
    pub fn assessments<'u>(
        &'u self,
        unit: Unit<'u>,
        manifest: &'u Manifest,
    ) -> impl Iterator<Item = Assessment<'u>> {
        let files = Files::new(unit);
        app_ids(unit, manifest)
            .into_iter()
            .enumerate()
            .filter_map(move |(index, id)| {
                let judge = |calls| {
                    Assessment::new(self.plan.catalog(), calls, manifest, index, files, id.key())
                };
                let about_others = judge(self.plan.calls_for(&id))?;
                if !about_others.lacks_something() {
                    return Some(about_others);
                }
                // What is missing for other users' accounts may be all that an app wants that looks at the signed-in
                // user by id.
                let about_oneself = judge(self.plan.calls_about_oneself(&id))?;
                Some(if about_oneself.lacks_something() {
                    about_others
                } else {
                    about_oneself
                })
            })
    }

    /// Every call that the apps of the first manifest may make is unlocked, in the same type of permission, by the
    /// same apps of the second.
    pub fn keeps_cover(&self, before: (Unit<'_>, &Manifest), after: (Unit<'_>, &Manifest)) -> bool {
        let covered = |(unit, manifest): (Unit<'_>, &Manifest)| -> Vec<Vec<(usize, usize)>> {
            self.assessments(unit, manifest)
                .map(|assessment| assessment.covered())
                .collect()
        };
        let after = covered(after);
        let before = covered(before);
        // An app that is gone has no finding any more, and covers nothing: that is no fix.
        before.len() == after.len()
            && before
                .iter()
                .zip(&after)
                .all(|(before, after)| before.iter().all(|call| after.contains(call)))
    }
}

/// The apps of a manifest, as the plan tells them apart.
pub fn app_ids(unit: Unit<'_>, manifest: &Manifest) -> Vec<AppId> {
    let path_of = |file: FileId| {
        unit.files()
            .find(|source| source.id() == file)
            .or(unit.sources.first())
            .map_or_else(|| Utf8Path::new("").into(), Source::shared_name)
    };
    manifest
        .apps
        .iter()
        .enumerate()
        .map(|(index, app)| AppId {
            path: path_of(app.span.file),
            index,
            name: app.name.as_ref().map(|name| name.value.clone()),
            app_id: app.app_id.as_ref().map(|id| id.value.clone()),
            address: app.address.clone(),
            signs_in: app
                .requested
                .iter()
                .any(|r| r.means == Means::AskedAtSignIn),
            documented: !app.requested.is_empty()
                && app.requested.iter().all(|r| r.means == Means::Documented),
        })
        .collect()
}

/// Sets of findings are compared by place, then by rule, so that the order does not depend on the rules' order alone.
fn at(finding: &Finding) -> Option<(FileId, u32, u32)> {
    finding.place.as_ref().map(|mark| {
        let Location { file, span, .. } = mark.at;
        (file, span.start, span.end)
    })
}

/// Why the fix of a finding cannot be written to a manifest of this format.
fn not_writable(finding: &Finding, manifest: &Manifest) -> Option<String> {
    let fix = finding.fix.as_ref()?;
    if fix.applicability == Applicability::DisplayOnly {
        return None;
    }
    if manifest.about.generated {
        return Some(format!(
            "the file is generated ({}): change its source",
            manifest.about.name
        ));
    }
    if !manifest.is_editable() {
        return Some(format!(
            "this format ({}) is not edited",
            manifest.about.name
        ));
    }
    fix.changes.iter().find_map(|change| match change {
        entra_manifest::Change::Add {
            permission_type, ..
        } if !manifest.about.types.allow(*permission_type) => Some(format!(
            "this format ({}) cannot hold {} permissions",
            manifest.about.name,
            text::permission_type(*permission_type)
        )),
        _ => None,
    })
}

fn hold_back(finding: &mut Finding, reason: String) {
    if let Some(fix) = &mut finding.fix {
        fix.applicability = Applicability::DisplayOnly;
        fix.changes.clear();
        finding
            .notes
            .push(format!("not fixed automatically: {reason}"));
    }
}

/// Adds the bytes that each fix changes.
fn add_edits(unit: Unit<'_>, manifest: &Manifest, findings: &mut [Finding]) {
    /// Planning a fix looks at the whole text: beyond this many bytes in all the edits are not shown.
    const MOST_BYTES: usize = 32 * 1024 * 1024;
    let size: usize = unit.files().map(|source| source.text().len()).sum();
    let mut spent = 0;
    for finding in findings {
        let Some(fix) = &mut finding.fix else {
            continue;
        };
        if fix.changes.is_empty() {
            continue;
        }
        spent += size;
        if spent > MOST_BYTES {
            return;
        }
        match entra_manifest::edits(unit, manifest, &fix.changes) {
            Ok(edits) => {
                fix.edits = edits
                    .into_iter()
                    .filter_map(|edit| {
                        let at = Files::new(unit).locate(edit.span)?;
                        Some(crate::finding::LocatedEdit { at, new: edit.new })
                    })
                    .collect();
            }
            Err(error) => {
                let reason = error.to_string();
                hold_back(finding, reason);
            }
        }
    }
}

/// What a call of no named type needs, of which the app requests nothing: in the type of the app's requests where that is
/// one, else in the type that asks for least.
fn open_call<'a>(
    assessment: &'a Assessment<'_>,
    call: usize,
) -> Option<(&'a PermissionName, PermissionType)> {
    let mut types = assessment
        .requests
        .iter()
        .filter_map(Request::meant)
        .map(|(_, t)| t);
    let first = types.next();
    let only = first.filter(|first| types.all(|t| t == *first));
    let answers = &assessment.calls.calls.get(call)?.answers;
    answers
        .iter()
        .filter_map(|answer| {
            let least = answer.least.as_ref()?;
            Some((&least.permission, answer.scheme.permission_type()))
        })
        .min_by_key(|(name, t)| {
            let level = assessment.subject(name, *t).privilege_level;
            (
                only.is_some_and(|only| only != *t),
                level.unwrap_or(u8::MAX),
            )
        })
}

fn app_report(assessment: &Assessment<'_>) -> Option<AppReport> {
    let permission = |name: &msgraph_permissions::PermissionName, t| PermissionReport {
        subject: assessment.subject(name, t),
        privileged: assessment.catalog.privileged(name, t).is_some(),
    };
    let requested = assessment
        .requests
        .iter()
        .filter_map(|request| request.meant())
        .map(|(name, t)| permission(name, t))
        .collect();
    let needed = assessment.knows_calls().then(|| {
        let mut needed: Vec<PermissionReport> = assessment
            .views
            .iter()
            .flat_map(|view| {
                view.target
                    .iter()
                    .map(|name| permission(name, view.permission_type))
            })
            .collect();
        for call in &assessment.open {
            let Some((name, permission_type)) = open_call(assessment, *call) else {
                continue;
            };
            let missing = permission(name, permission_type);
            if !needed.iter().any(|known| {
                known.subject.permission == missing.subject.permission
                    && known.subject.permission_type == missing.subject.permission_type
            }) {
                needed.push(missing);
            }
        }
        needed
    });
    Some(AppReport {
        label: assessment.label(),
        key: assessment.key.clone(),
        at: assessment.files.locate(assessment.span())?,
        format: assessment.manifest.about.name,
        requested,
        needed,
        calls: std::sync::Arc::clone(&assessment.calls),
        unresolved: assessment
            .requests
            .iter()
            .filter(|r| matches!(r.resolution, Resolution::Unresolved { .. }))
            .count(),
    })
}

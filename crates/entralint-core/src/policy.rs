//! Policy: what an organisation makes of the rules' findings. One pass sets severities, applies exceptions, and adds what
//! the policy itself forbids or finds unused.
//!
//! Exceptions have a reason and can expire; an expired one makes the finding return, with a sentence that says so.

mod allow;
mod inline;

pub use allow::{Allow, AppPattern};
pub use inline::{InlineAllow, inline_allows};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;
use msgraph_permissions::{Catalog, PermissionName, PermissionType};
use source_text::Span;

use crate::explain::nearest_permission;
use crate::finding::{Confidence, Finding, Location, Severity};
use crate::rules::{RuleInfo, invalid_config};

/// What the configuration makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Its findings are dropped.
    Off,
    /// Its findings have this severity.
    At(Severity),
}

/// A rule's level, and whether a nearer configuration may weaken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The level.
    pub level: Level,
    /// Set by a configuration that locks it.
    pub locked: bool,
    /// Where the level is set.
    pub span: Span,
}

/// A permission that the organisation does not grant.
#[derive(Clone, Debug)]
pub struct Forbid {
    /// The permission.
    pub permission: PermissionName,
    /// Where it is named.
    pub permission_at: Location,
    /// Delegated or application; both where it is `None`.
    pub permission_type: Option<PermissionType>,
    /// The apps that it is about; all where it is empty.
    pub apps: Vec<AppPattern>,
    /// Why.
    pub reason: String,
    /// Where the configuration says so.
    pub at: Location,
}

/// Which findings of a run are kept at all, from the command line.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The rules whose findings are kept; all where it is empty.
    pub select: Vec<&'static str>,
    /// The rules whose findings are dropped.
    pub ignore: Vec<&'static str>,
    /// The least confidence that is kept.
    pub min_confidence: Option<Confidence>,
    /// The apps whose findings are kept; all where it is empty.
    pub apps: Vec<AppPattern>,
}

impl Selection {
    /// Whether it keeps every finding.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.select.is_empty()
            && self.ignore.is_empty()
            && self.min_confidence.is_none()
            && self.apps.is_empty()
    }
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The reason that was given.
    pub reason: String,
    /// Who answers for it, where it says so.
    pub owner: Option<String>,
    /// The day after which it ends.
    pub expires: Option<Date>,
    /// Where it was given.
    pub at: Location,
    /// Whether it was given in the file itself, in a comment.
    pub in_source: bool,
}

/// The merged policy of a run.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Rules that are not at their own severity.
    pub rules: BTreeMap<&'static str, Setting>,
    /// Exceptions, the nearest configuration's first.
    pub allows: Vec<Allow>,
    /// Permissions that are never granted.
    pub forbids: Vec<Forbid>,
    /// What the command line keeps.
    pub selection: Selection,
    /// Rules that a configuration sets lower than another one that locks them: that does not count.
    pub overruled: Vec<&'static str>,
}

impl Policy {
    /// What becomes of findings: those that are off or not selected go, the others get their severity and the exception
    /// that accepts them. `inline` are the comments of the files that they are about.
    pub fn apply(&self, findings: &mut Vec<Finding>, inline: &[InlineAllow], today: Date) {
        findings.retain_mut(|finding| self.settle(finding, inline, today));
    }

    /// The same for one finding: whether it stays.
    pub fn settle(&self, finding: &mut Finding, inline: &[InlineAllow], today: Date) -> bool {
        if !self.keeps(finding) {
            return false;
        }
        if let Some(setting) = self.rules.get(finding.rule.id) {
            if let Level::At(severity) = setting.level {
                finding.severity = severity;
            }
            finding.locked = setting.locked;
        }
        if finding.rule.is_about_the_run() {
            return true;
        }
        if let Some(allow) = inline.iter().find(|allow| allow.accepts(finding)) {
            allow.used.mark();
            if finding.locked {
                finding.notes.push(format!(
                    "the comment on line {} does not accept this: the configuration locks the rule",
                    allow.at().start.line
                ));
            } else {
                finding.suppressed = Some(allow.suppression());
                return true;
            }
        }
        for allow in &self.allows {
            if !allow.accepts(finding) {
                continue;
            }
            allow.used.mark();
            if allow.locked_out.contains(finding.rule.id) {
                finding.notes.push(format!(
                    "the exception at {} does not count: another configuration locks the rule",
                    crate::text::escaped(&allow.at.shown())
                ));
            } else if allow.has_expired(today) {
                finding.notes.push(allow.expired_note());
            } else {
                finding.suppressed = Some(allow.suppression());
                break;
            }
        }
        true
    }

    /// What is wrong with the permissions that exceptions and the deny-list name: those that the catalog does not have.
    /// An exception for the rule that reports such a permission means one.
    pub fn unknown_permissions(&self, catalog: &Catalog) -> Vec<Finding> {
        if !catalog.info().complete {
            return Vec::new();
        }
        let allowed = self.allows.iter().filter_map(|allow| {
            let is_about_it = allow.rule == Some("unknown-permission");
            (allow.permission.as_ref().filter(|_| !is_about_it)).zip(allow.permission_at.as_ref())
        });
        let forbidden = self
            .forbids
            .iter()
            .map(|forbid| (&forbid.permission, &forbid.permission_at));
        allowed
            .chain(forbidden)
            .filter(|(name, _)| catalog.permission(name.as_str()).is_none())
            .map(|(name, at)| {
                let near = nearest_permission(catalog, name.as_str())
                    .map(|near| format!(": did you mean {near}?"))
                    .unwrap_or_default();
                invalid_config::at(
                    at.clone(),
                    format!("the catalog has no permission named {name}{near}"),
                )
            })
            .collect()
    }

    /// Forgets which exceptions were used.
    pub fn clear_uses(&self) {
        for allow in &self.allows {
            allow.used.clear();
        }
    }

    /// Marks again the exceptions that a finding used when it was settled: a report that is put together anew counts
    /// those of its findings.
    pub fn count_use(&self, finding: &Finding, today: Date) {
        let in_source = finding.suppressed.as_ref().is_some_and(|s| s.in_source);
        if in_source || finding.rule.is_about_the_run() {
            return;
        }
        for allow in self.allows.iter().filter(|allow| allow.accepts(finding)) {
            allow.used.mark();
            if !allow.locked_out.contains(finding.rule.id) && !allow.has_expired(today) {
                break;
            }
        }
    }

    fn keeps(&self, finding: &Finding) -> bool {
        finding.rule.is_about_the_run()
            || (self.keeps_rule(finding.rule)
                && (self.locks(finding.rule)
                    || self
                        .selection
                        .min_confidence
                        .is_none_or(|least| finding.confidence >= least))
                && (self.selection.apps.is_empty()
                    || self.selection.apps.iter().any(|app| app.matches(finding))))
    }

    /// Whether findings of a rule are kept.
    pub fn keeps_rule(&self, rule: &RuleInfo) -> bool {
        if rule.is_about_the_run() {
            return true;
        }
        let setting = self.rules.get(rule.id);
        let Selection { select, ignore, .. } = &self.selection;
        let off = setting.is_some_and(|setting| setting.level == Level::Off);
        let locked = setting.is_some_and(|setting| setting.locked);
        !off && (locked
            || ((select.is_empty() || select.contains(&rule.id)) && !ignore.contains(&rule.id)))
    }

    /// Whether a configuration locks a rule: flags, comments and the baseline do not weaken it.
    pub fn locks(&self, rule: &RuleInfo) -> bool {
        self.rules
            .get(rule.id)
            .is_some_and(|setting| setting.locked)
    }

    /// Takes over what a configuration further away says. What is nearer wins, save for a rule that the other locks: it
    /// can be made stricter, and no weaker: the exceptions that are here already do not count for it.
    pub fn inherit(&mut self, other: Self, by_extends: bool) {
        for (rule, theirs) in other.rules {
            if theirs.locked {
                for allow in &mut self.allows {
                    allow.locked_out.insert(rule);
                }
            }
            match self.rules.get_mut(rule) {
                None => {
                    self.rules.insert(rule, theirs);
                }
                Some(ours) if theirs.locked => {
                    if ours.level < theirs.level {
                        self.overruled.push(rule);
                    }
                    if ours.level < theirs.level {
                        ours.span = theirs.span;
                    }
                    ours.level = ours.level.max(theirs.level);
                    ours.locked = true;
                }
                Some(_) => {}
            }
        }
        self.allows
            .extend(other.allows.into_iter().map(|allow| Allow {
                inherited: allow.inherited || by_extends,
                ..allow
            }));
        self.forbids.extend(other.forbids);
        self.overruled.extend(other.overruled);
    }

    /// The exceptions that accepted no finding of the run, apart from those that came by `extends`: an organisation's
    /// list is allowed to be longer than one repository needs.
    pub fn unused_allows(&self) -> impl Iterator<Item = &Allow> {
        self.allows
            .iter()
            .filter(|allow| !allow.inherited && allow.is_unused())
    }
}

/// Whether something was used in a run. Units are checked in parallel. An exception that counts in several folders is
/// one: its copies share this.
#[derive(Clone, Debug, Default)]
pub struct Used(Arc<AtomicBool>);

impl Used {
    fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it was.
    pub fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

//! Which calls belong to which app.
//!
//! Calls belong to an app, not to a run: an app is judged by its own calls, and where it is not clear whose a call is,
//! the call is *shared*. What a shared call needs is never reported missing, and counts for every app that may make it.

mod join;
mod rejoin;
mod sections;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;
use msgraph_permissions::{Catalog, LookupOptions};

use crate::calls::{CallSet, Coverage, DeclaredCall, UnresolvedCall, Window};
use crate::config::{AccountTypes, Config};
use crate::finding::Finding;
use crate::fingerprint::AppKey;
use crate::policy::{InlineAllow, Policy};

pub use join::{FileEvidence, Joined, Project, is_script, join, mentions};
pub use rejoin::Rejoined;
use sections::{nearest, selects};

/// An app of a manifest, as the plan tells it from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppId {
    /// The file that declares it, relative to the run's root.
    pub path: Arc<Utf8Path>,
    /// Its place among the apps of its manifest.
    pub index: usize,
    /// Its display name.
    pub name: Option<String>,
    /// Its application id.
    pub app_id: Option<String>,
    /// How its format addresses it.
    pub address: Option<String>,
    /// Only prose says what it needs.
    pub documented: bool,
    /// It is what the file itself signs in as: a script with `Connect-MgGraph -Scopes`.
    pub signs_in: bool,
}

impl AppId {
    /// What stays the same while the app does.
    pub fn key(&self) -> AppKey {
        let label = self
            .address
            .as_deref()
            .or(self.name.as_deref())
            .or(self.app_id.as_deref());
        AppKey {
            file: crate::text::path(&self.path),
            label: label.unwrap_or_default().to_owned(),
        }
    }
}

/// The evidence that belongs to one app, or to several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceOf {
    /// The calls.
    pub calls: Vec<DeclaredCall>,
    /// Calls that the app may make: of scripts that its script loads by a computed name, of the module that its script is
    /// part of. They count as shared ones.
    pub perhaps: Vec<DeclaredCall>,
    /// Places that could not be resolved.
    pub unresolved: Vec<UnresolvedCall>,
    /// Part of the source could not be searched.
    pub partly: bool,
    /// Properties that the code names and that need a permission of their own.
    pub properties: BTreeSet<&'static str>,
    /// The time that its recordings cover.
    pub recorded: Option<Window>,
}

/// How many days recordings must cover before what they lack says something.
/// Monthly work is seen once in that time; Microsoft keeps its activity logs for as long by default.
const LONG_ENOUGH: i64 = 30;

/// What the recordings of an app say beside its source.
#[derive(Default)]
struct Recordings {
    /// Requests that were answered and that the source lacks: it is not all that the app runs.
    beyond: Vec<String>,
    /// Calls of the source that no recording holds.
    unseen: HashSet<String>,
    /// All that is known comes from recordings.
    alone: bool,
}

impl Recordings {
    fn of(calls: &[DeclaredCall]) -> Self {
        let operation = |call: &&DeclaredCall| crate::calls::operation(&call.call);
        let (seen, written): (Vec<&DeclaredCall>, Vec<&DeclaredCall>) =
            calls.iter().partition(|call| call.origin.is_recorded());
        if seen.is_empty() {
            return Self::default();
        }
        let recorded: HashSet<String> = seen.iter().map(operation).collect();
        let alone = written.is_empty();
        let written: HashSet<String> = written.iter().map(operation).collect();
        let mut beyond: Vec<String> = seen
            .iter()
            .filter(|call| !alone && !call.origin.is_refused())
            .map(operation)
            .filter(|operation| !written.contains(operation))
            .collect();
        beyond.sort();
        beyond.dedup();
        Self {
            beyond,
            unseen: written.difference(&recorded).cloned().collect(),
            alone,
        }
    }
}

/// Who named the calls that no section of the configuration claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopLevel {
    /// The command line.
    CommandLine,
    /// The configuration's top level.
    Config,
    /// There are none.
    Absent,
}

/// Whose calls are which.
pub struct Plan<'c> {
    catalog: &'c Catalog,
    config: &'c Config,
    options: LookupOptions,
    top: Vec<DeclaredCall>,
    top_level: TopLevel,
    /// The calls that configurations of nearer folders name for their folder, each after those above it.
    scopes: Vec<Scope>,
    /// Calls of each section of the configuration, those of its files included.
    sections: Vec<Vec<DeclaredCall>>,
    joined: Joined,
    /// How many apps each of the scopes has, and before them the run's own. One app alone owns what is not claimed.
    apps: Vec<usize>,
    generation: u32,
    /// The day on which exceptions are judged.
    today: Date,
    sets: Mutex<HashMap<SetKey, Arc<CallSet>>>,
    /// Apps that were judged by calls about the signed-in user, too.
    about_oneself: Mutex<HashSet<AppId>>,
}

/// The calls that a configuration of a nearer folder names at its top level: they are about the apps below it.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The folder.
    pub folder: Utf8PathBuf,
    /// The calls.
    pub calls: Vec<DeclaredCall>,
}

/// In the order of reports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SetKey {
    section: Option<usize>,
    evidence: Option<AppId>,
    scope: Option<usize>,
    /// How often evidence was added before: sets of before and after differ.
    generation: u32,
    single: bool,
    other_users: bool,
    /// Calls of code on `/users/{id}` are about other users.
    others: bool,
}

impl<'c> Plan<'c> {
    /// A plan without evidence, for several apps. `sections` are the calls of the configuration's sections, and
    /// `top` those of the command line or of the configuration's top level.
    pub fn new(
        catalog: &'c Catalog,
        config: &'c Config,
        options: LookupOptions,
        top: Vec<DeclaredCall>,
        top_level: TopLevel,
        sections: Vec<Vec<DeclaredCall>>,
    ) -> Self {
        Self {
            catalog,
            config,
            options,
            top,
            top_level,
            scopes: Vec::new(),
            sections,
            joined: Joined::default(),
            apps: Vec::new(),
            generation: 0,
            today: Date::MIN,
            sets: Mutex::default(),
            about_oneself: Mutex::default(),
        }
    }

    /// The same with evidence of calls, joined with the apps.
    #[must_use]
    pub fn with_evidence(mut self, joined: Joined) -> Self {
        self.joined = joined;
        self.generation += 1;
        self
    }

    /// The same with calls that configurations of nearer folders name for their folder.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Vec<Scope>) -> Self {
        self.scopes = scopes;
        self
    }

    /// The same for a run that checks one app, or several.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn single(mut self, single: bool) -> Self {
        self.apps = vec![if single { 1 } else { 2 }];
        self
    }

    /// The same for a run that checks these apps.
    #[must_use]
    pub fn for_apps<'a>(mut self, apps: impl IntoIterator<Item = &'a AppId>) -> Self {
        self.apps = self.counted(apps);
        self
    }

    /// How many of these apps each scope has, and before them the run's own.
    fn counted<'a>(&self, apps: impl IntoIterator<Item = &'a AppId>) -> Vec<usize> {
        let mut counts = vec![0; self.scopes.len() + 1];
        for app in apps {
            if let Some(count) = counts.get_mut(self.scope_of(app).map_or(0, |scope| scope + 1)) {
                *count += 1;
            }
        }
        counts
    }

    /// The scope whose calls an app of no section is judged by; `None` for the run's own.
    fn scope_of(&self, app: &AppId) -> Option<usize> {
        self.scopes
            .iter()
            .rposition(|scope| app.path.starts_with(&scope.folder))
    }

    /// Whether an app is the only one that the calls of its scope can be of.
    fn is_single(&self, scope: Option<usize>) -> bool {
        self.apps.get(scope.map_or(0, |scope| scope + 1)) == Some(&1)
    }

    /// The same on this day: exceptions that end before it have expired. Without a day none has.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        self.today = today;
        self
    }

    /// The day on which exceptions are judged.
    pub fn today(&self) -> Date {
        self.today
    }

    /// What the configuration makes of findings about a file.
    pub fn policy_of(&self, file: &Utf8Path) -> &'c Policy {
        &self.config.of(file).policy
    }

    /// Applies the policy to findings: to each that of the file in which it is shown. `inline` are the comments of the
    /// files that they are about.
    pub fn settle(&self, findings: &mut Vec<Finding>, inline: &[InlineAllow]) {
        findings.retain_mut(|finding| {
            let policy = match &finding.place {
                Some(mark) => self.policy_of(&mark.at.path),
                None => &self.config.policy,
            };
            policy.settle(finding, inline, self.today)
        });
    }

    /// The data that answers the calls.
    pub fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    /// Calls that no section claims and which several apps are judged by: how many calls, and how many apps, for each
    /// configuration that names some.
    pub fn shared_calls(&self) -> impl Iterator<Item = (usize, usize)> {
        let of_scopes = self.scopes.iter().map(|scope| scope.calls.len());
        std::iter::once(self.top.len())
            .chain(of_scopes)
            .zip(self.apps.iter().copied())
            .filter(|(calls, apps)| *calls > 0 && *apps > 1)
    }

    /// The evidence that belongs to an app.
    pub fn evidence_of(&self, app: &AppId) -> Option<&EvidenceOf> {
        self.joined.own.get(app)
    }

    /// The calls of code that belongs to none of the apps.
    pub fn calls_of_no_app(&self) -> &[DeclaredCall] {
        &self.joined.of_no_app.calls
    }

    /// The evidence that several apps may own.
    pub fn shared_evidence(&self) -> &EvidenceOf {
        &self.joined.shared
    }

    /// Who named those.
    pub fn top_level(&self) -> TopLevel {
        self.top_level
    }

    /// Whether which calls an app has depends on the number of apps, of which this many are known.
    pub fn depends_on_number(&self, known: usize) -> bool {
        !self.scopes.is_empty() || (!self.top.is_empty() && known <= 1)
    }

    /// The sections of the configuration that an app is of: those of the nearest file that has any.
    pub fn sections_of(&self, app: &AppId) -> Vec<usize> {
        nearest(self.config, |section| selects(section, app))
    }

    /// The calls that an app is judged by.
    ///
    /// A call that code makes on `/users/{id}` is taken for one about other users: for their own account people write
    /// `/me`. A permission such as `User.Read` would then not be enough.
    pub fn calls_for(&self, app: &AppId) -> Arc<CallSet> {
        self.calls_about(app, true)
    }

    /// The same, and calls that code makes on `/users/{id}` are about the signed-in user: right for an app whose
    /// permissions reach no further.
    pub fn calls_about_oneself(&self, app: &AppId) -> Arc<CallSet> {
        self.about_oneself
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(app.clone());
        self.calls_about(app, false)
    }

    fn key_of(&self, app: &AppId, others: bool) -> SetKey {
        let section = self.sections_of(app).first().copied();
        let evidence = self.joined.own.contains_key(app).then(|| app.clone());
        let scope = self.scope_of(app);
        SetKey {
            generation: self.generation,
            single: self.is_single(scope),
            scope,
            other_users: self.options.other_users
                || self.config.of(&app.path).is_about_other_users(),
            section,
            evidence,
            others,
        }
    }

    fn calls_about(&self, app: &AppId, others: bool) -> Arc<CallSet> {
        let key = self.key_of(app, others);
        if let Some(known) = self
            .sets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return Arc::clone(known);
        }
        let set = Arc::new(self.build(&key));
        self.sets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_insert(set)
            .clone()
    }

    /// All sets that apps were judged by so far. Shared evidence changes the set of every app, so those of before count
    /// no more then.
    pub fn sets(&self) -> Vec<Arc<CallSet>> {
        let shared =
            !self.joined.shared.calls.is_empty() || !self.joined.shared.unresolved.is_empty();
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sets: Vec<(&SetKey, &Arc<CallSet>)> = sets
            .iter()
            .filter(|(key, _)| !shared || key.generation == self.generation)
            .collect();
        sets.sort_by_key(|(key, _)| *key);
        sets.into_iter().map(|(_, set)| Arc::clone(set)).collect()
    }

    fn build(&self, key: &SetKey) -> CallSet {
        let mut own: Vec<DeclaredCall> = Vec::new();
        let mut shared: Vec<DeclaredCall> = Vec::new();
        let mut unresolved: Vec<UnresolvedCall> = Vec::new();
        let mut shared_unresolved: Vec<UnresolvedCall> = Vec::new();
        let mut partly = false;
        let mut properties: BTreeSet<&'static str> = BTreeSet::new();
        let mut window = None;
        let mut recordings = Recordings::default();
        let mut unseen = None;
        let mut accounts = AccountTypes::default();
        if let Some(section) = key.section {
            own.extend(self.sections.get(section).into_iter().flatten().cloned());
            if let Some(section) = self.config.apps.get(section) {
                accounts = section.account_types;
            }
        }
        // What a section names replaces what the top level says of all apps.
        if own.is_empty() || (key.single && self.top_level == TopLevel::CommandLine) {
            let scope = key.scope.and_then(|scope| self.scopes.get(scope));
            let top = scope.map_or(&self.top, |scope| &scope.calls);
            if key.single {
                own.clone_from(top);
            } else {
                shared.extend(top.iter().cloned());
            }
        }
        let mut claimed = own.len();
        if let Some(evidence) = key
            .evidence
            .as_ref()
            .and_then(|app| self.joined.own.get(app))
        {
            own.extend(evidence.calls.iter().cloned());
            shared.extend(evidence.perhaps.iter().cloned());
            unresolved.extend(evidence.unresolved.iter().cloned());
            partly |= evidence.partly;
            properties.extend(&evidence.properties);
            claimed += evidence.calls.len() + evidence.perhaps.len();
            recordings = Recordings::of(&evidence.calls);
            partly |= !recordings.beyond.is_empty();
            let long = evidence
                .recorded
                .filter(|window| window.days() >= LONG_ENOUGH);
            if recordings.alone {
                window = evidence.recorded;
                // What no request showed in a short time may still be needed.
                partly |= long.is_none();
            } else {
                unseen = long;
            }
        }
        // An app with its own section and sources has said what is its: the rest is not.
        let has_sources = key
            .section
            .and_then(|section| self.config.apps.get(section))
            .is_some_and(|section| !section.sources.is_empty());
        if !has_sources {
            shared.extend(self.joined.shared.calls.iter().cloned());
            shared_unresolved.extend(self.joined.shared.unresolved.iter().cloned());
            partly |= self.joined.shared.partly;
            properties.extend(&self.joined.shared.properties);
        }
        let named = own.iter().chain(&shared).any(|call| call.origin.is_named());
        let coverage = if named {
            Coverage::Named
        } else if claimed > 0 && !partly && self.joined.whole {
            Coverage::Scanned
        } else {
            Coverage::Partly
        };
        CallSet::answer(
            self.catalog,
            &own,
            &shared,
            LookupOptions {
                other_users: key.other_users,
            },
            accounts,
            key.others,
        )
        .with_unresolved(unresolved, shared_unresolved)
        .with_properties(properties)
        .with_coverage(coverage)
        .with_recorded(window)
        .beside_recordings(recordings.beyond, unseen, &recordings.unseen)
    }
}

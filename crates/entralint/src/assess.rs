//! One app against the calls: what it holds, what the calls need, and what follows.
//!
//! Delegated and application permissions are judged apart: each [`KindView`] looks at one kind and
//! at the calls that are made with it.

use std::collections::BTreeSet;

use app_manifest::{App, Kind, KindRef, PermissionRef, Requested, ResourceRef, Span};
use graph_permissions::{
    Answer, Catalog, Exactness, PermissionKind, PermissionName, Scheme, is_oidc_scope,
};

use crate::calls::{AnsweredCall, Calls};
use crate::finding::{Confidence, Subject};

/// What a requested Microsoft Graph permission turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// A permission of the declared kind.
    Known {
        name: PermissionName,
        kind: PermissionKind,
    },
    /// The id or name exists, in the other kind only.
    WrongKind {
        name: PermissionName,
        declared: PermissionKind,
        actual: PermissionKind,
    },
    /// The catalogue knows no such id or name.
    Unknown { text: String },
    /// A placeholder, an expression, or nothing at all stands where the permission should.
    Unresolved { text: String, reason: String },
}

/// One request of the app for a Microsoft Graph permission.
#[derive(Clone, Debug)]
pub(crate) struct Held<'a> {
    /// Its index in the app's list of requests.
    pub(crate) index: usize,
    pub(crate) requested: &'a Requested,
    pub(crate) resolution: Resolution,
}

impl Held<'_> {
    /// What the declaration means to ask for: a request of the wrong kind counts as the
    /// permission of that name in the declared kind, so that one mistake is reported once.
    pub(crate) fn meant(&self) -> Option<(&PermissionName, PermissionKind)> {
        match &self.resolution {
            Resolution::Known { name, kind } => Some((name, *kind)),
            Resolution::WrongKind { name, declared, .. } => Some((name, *declared)),
            Resolution::Unknown { .. } | Resolution::Unresolved { .. } => None,
        }
    }

    /// The literal that names the permission, or the whole element.
    pub(crate) fn span(&self) -> Span {
        self.requested.permission.span()
    }
}

/// An app, its requests made out, and one view for each kind of permission.
pub(crate) struct Assessment<'a> {
    pub(crate) calls: &'a Calls<'a>,
    pub(crate) app: &'a App,
    /// The app's place in its manifest.
    pub(crate) index: usize,
    /// Requests to Microsoft Graph, in the order of the file.
    pub(crate) held: Vec<Held<'a>>,
    pub(crate) views: Vec<KindView<'a>>,
    /// Calls of no named type of which the app requests no accepted permission in any type.
    pub(crate) open: Vec<&'a AnsweredCall>,
    /// Something in the declaration could not be read, so what seems missing may stand there.
    pub(crate) unread: bool,
}

/// One kind of permission: what is held, what is needed, what that makes of each.
pub(crate) struct KindView<'a> {
    catalog: &'a Catalog,
    pub(crate) kind: PermissionKind,
    /// The calls judged in this kind.
    pub(crate) judged: Vec<Judged<'a>>,
    pub(crate) held: BTreeSet<PermissionName>,
    /// What the app should ask for in this kind.
    pub(crate) target: BTreeSet<PermissionName>,
    /// Calls without an answer in this kind: nothing is taken away while there are any.
    pub(crate) gaps: Vec<&'a AnsweredCall>,
    /// The solver reached its bound: the target covers every call and may not be the smallest.
    pub(crate) bounded: bool,
}

/// A call that this kind is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) index: usize,
    pub(crate) call: &'a AnsweredCall,
    pub(crate) answer: &'a Answer,
}

/// What becomes of a held permission that is not in the target.
pub(crate) enum Excess<'a> {
    /// It covers none of the judged calls.
    Unneeded,
    /// It covers these calls, for which these narrower permissions are enough.
    Broader {
        calls: Vec<Judged<'a>>,
        instead: Vec<PermissionName>,
    },
    /// It covers these calls, and these permissions, no broader and needed in any case, do too.
    Redundant {
        calls: Vec<Judged<'a>>,
        instead: Vec<PermissionName>,
    },
}

impl<'a> Assessment<'a> {
    pub(crate) fn new(calls: &'a Calls<'a>, app: &'a App, index: usize) -> Self {
        let held: Vec<Held<'a>> = app
            .requested
            .iter()
            .enumerate()
            .filter(|(_, requested)| {
                app.resources
                    .get(requested.resource)
                    .is_some_and(|resource| resource.id.is_microsoft_graph())
            })
            .map(|(index, requested)| Held {
                index,
                requested,
                resolution: resolve(calls.catalog, requested),
            })
            .collect();
        let unread = held
            .iter()
            .any(|h| matches!(h.resolution, Resolution::Unresolved { .. }))
            || app.requested.iter().any(|r| {
                app.resources
                    .get(r.resource)
                    .is_none_or(|resource| is_unresolved(&resource.id))
            });
        let mut views = [PermissionKind::Delegated, PermissionKind::Application]
            .into_iter()
            .map(|kind| KindView::new(calls, kind, &held))
            .collect::<Vec<_>>();
        let open: Vec<&AnsweredCall> = calls
            .list
            .iter()
            .enumerate()
            .filter(|(index, call)| {
                call.declared.call.scheme.is_none()
                    && call.answers.iter().any(Answer::is_answered)
                    && !views
                        .iter()
                        .any(|view| view.judged.iter().any(|j| j.index == *index))
            })
            .map(|(_, call)| call)
            .collect();
        for view in &mut views {
            if view.kind == PermissionKind::Application && !calls.assumed {
                let meant_for_a_user = calls.list.iter().filter(|call| {
                    call.is_app_only_me()
                        && (call.declared.call.scheme.is_some()
                            || open.iter().any(|o| std::ptr::eq(*o, *call)))
                });
                view.gaps.extend(meant_for_a_user);
            }
        }
        Self {
            calls,
            app,
            index,
            held,
            views,
            open,
            unread,
        }
    }

    pub(crate) fn catalog(&self) -> &'a Catalog {
        self.calls.catalog
    }

    /// How people tell this app from others: its name, else its id.
    pub(crate) fn app_label(&self) -> Option<String> {
        let label = self.app.name.as_ref().or(self.app.app_id.as_ref())?;
        Some(crate::text::shown(&label.value))
    }

    pub(crate) fn subject(&self, name: &PermissionName, kind: PermissionKind) -> Subject {
        subject(self.catalog(), name, kind)
    }

    /// Where something about the app as a whole is shown: the entry of Microsoft Graph, else the
    /// app's name, else the app.
    pub(crate) fn span(&self) -> Span {
        let entry = self
            .app
            .resources
            .iter()
            .find(|r| r.id.is_microsoft_graph());
        entry.map_or_else(
            || {
                self.app
                    .name
                    .as_ref()
                    .map_or(self.app.span, |name| name.span)
            },
            |resource| resource.id.span(),
        )
    }

    /// Requests meant for this permission, in the order of the file.
    pub(crate) fn requests(
        &self,
        name: &PermissionName,
        kind: PermissionKind,
    ) -> impl Iterator<Item = &Held<'a>> {
        self.held
            .iter()
            .filter(move |h| h.meant() == Some((name, kind)))
    }
}

/// The scheme whose levels and operations describe a permission of this kind.
pub(crate) fn scheme_of(kind: PermissionKind) -> Scheme {
    match kind {
        PermissionKind::Delegated => Scheme::DelegatedWork,
        PermissionKind::Application => Scheme::Application,
    }
}

pub(crate) fn subject(catalog: &Catalog, name: &PermissionName, kind: PermissionKind) -> Subject {
    let scheme = scheme_of(kind);
    Subject {
        permission: name.clone(),
        kind,
        privilege_level: level(catalog, name, kind),
        operations: catalog.breadth(name, scheme),
    }
}

fn level(catalog: &Catalog, name: &PermissionName, kind: PermissionKind) -> Option<u8> {
    catalog
        .permission(name.as_str())
        .and_then(|p| p.scheme(scheme_of(kind)))
        .and_then(|s| s.privilege_level)
}

/// It is not clear which API an entry is about.
pub(crate) fn is_unresolved(resource: &ResourceRef) -> bool {
    matches!(resource, ResourceRef::Unresolved { .. })
}

fn kind_of(kind: Kind) -> PermissionKind {
    match kind {
        Kind::Scope => PermissionKind::Delegated,
        Kind::Role => PermissionKind::Application,
    }
}

/// Makes out what a request asks for.
pub(crate) fn resolve(catalog: &Catalog, requested: &Requested) -> Resolution {
    let declared = match &requested.kind {
        KindRef::Known { kind, .. } => kind_of(*kind),
        KindRef::Unresolved { text, reason, .. } => {
            return Resolution::Unresolved {
                text: text.clone().unwrap_or_default(),
                reason: reason.to_string(),
            };
        }
    };
    let (text, candidates): (String, Vec<(PermissionName, PermissionKind)>) =
        match &requested.permission {
            PermissionRef::Id { uuid, .. } => {
                let id = graph_permissions::PermissionId::from_uuid(*uuid);
                (id.to_string(), catalog.by_id(id).to_vec())
            }
            PermissionRef::Name { name, .. } => (name.clone(), by_name(catalog, name)),
            PermissionRef::Unresolved { text, reason, .. } => {
                return Resolution::Unresolved {
                    text: text.clone(),
                    reason: reason.to_string(),
                };
            }
        };
    match candidates.iter().find(|(_, kind)| *kind == declared) {
        Some((name, kind)) => Resolution::Known {
            name: name.clone(),
            kind: *kind,
        },
        None => match candidates.first() {
            Some((name, actual)) => Resolution::WrongKind {
                name: name.clone(),
                declared,
                actual: *actual,
            },
            None => Resolution::Unknown { text },
        },
    }
}

fn by_name(catalog: &Catalog, name: &str) -> Vec<(PermissionName, PermissionKind)> {
    if is_oidc_scope(name) {
        return vec![(PermissionName::new(name), PermissionKind::Delegated)];
    }
    let Some(permission) = catalog.permission(name) else {
        return Vec::new();
    };
    let mut kinds: Vec<PermissionKind> = [
        Scheme::DelegatedWork,
        Scheme::DelegatedPersonal,
        Scheme::Application,
    ]
    .into_iter()
    .filter(|scheme| permission.scheme(*scheme).is_some())
    .map(Scheme::kind)
    .collect();
    kinds.dedup();
    kinds
        .into_iter()
        .map(|kind| (permission.name().clone(), kind))
        .collect()
}

impl<'a> KindView<'a> {
    fn new(calls: &'a Calls<'a>, kind: PermissionKind, requests: &[Held<'a>]) -> Self {
        let held: BTreeSet<PermissionName> = requests
            .iter()
            .filter_map(Held::meant)
            .filter(|(_, k)| *k == kind)
            .map(|(name, _)| name.clone())
            .collect();
        let mut judged = Vec::new();
        let mut gaps = Vec::new();
        for (index, call) in calls.list.iter().enumerate() {
            let Some(answer) = call.answer(kind) else {
                continue;
            };
            if call.is_gap(kind) {
                gaps.push(call);
            }
            let named = call.declared.call.scheme.is_some();
            let touches = answer.accepted.iter().any(|b| held.contains(&b.permission));
            if answer.is_answered() && (named || touches) {
                judged.push(Judged {
                    index,
                    call,
                    answer,
                });
            }
        }
        let mut view = Self {
            catalog: calls.catalog,
            kind,
            judged,
            held,
            target: BTreeSet::new(),
            gaps,
            bounded: false,
        };
        view.solve(calls);
        view
    }

    /// The target: the smallest set, in which a held permission that is no broader takes the
    /// place of what it does the work of.
    fn solve(&mut self, calls: &Calls<'_>) {
        // Personal and work accounts are two answers under one kind of declaration.
        for scheme in [
            Scheme::DelegatedWork,
            Scheme::DelegatedPersonal,
            Scheme::Application,
        ] {
            let part: Vec<(usize, &Answer)> = self
                .judged
                .iter()
                .filter(|j| j.answer.scheme == scheme)
                .map(|j| (j.index, j.answer))
                .collect();
            if part.is_empty() {
                continue;
            }
            let solution = calls.solve(&part);
            self.bounded |= solution.exactness != Exactness::Exact;
            self.target.extend(solution.minimal.iter().cloned());
        }
        for name in self.target.clone() {
            let without: BTreeSet<_> = self
                .target
                .iter()
                .filter(|n| **n != name)
                .cloned()
                .collect();
            if self.judged.iter().all(|j| covers(&without, j.answer)) {
                self.target = without;
            }
        }
        self.prefer_the_least();
        for name in self.held.clone() {
            if self.target.contains(&name) {
                continue;
            }
            let (work, instead) = self.work_of(&name);
            if work.is_empty()
                || instead.iter().all(|n| self.held.contains(n))
                || self.is_broader(&name, &instead)
            {
                continue;
            }
            let elsewhere: BTreeSet<PermissionName> = self
                .judged
                .iter()
                .filter(|j| !work.iter().any(|w| w.index == j.index))
                .flat_map(|j| self.proof(j.answer))
                .collect();
            let mut other: BTreeSet<PermissionName> = self
                .target
                .iter()
                .filter(|n| !instead.contains(n) || elsewhere.contains(*n))
                .cloned()
                .collect();
            other.insert(name);
            if other.len() <= self.target.len()
                && self.judged.iter().all(|j| covers(&other, j.answer))
            {
                self.target = other;
            }
        }
    }

    /// Several permissions can be marked least privileged for a call, mostly a reading and a
    /// writing one for a read, and sets of the same size cover the calls with either. Nobody is
    /// told to take the writing one: where the permission that answers the call alone does the
    /// same work, it stands in the target.
    fn prefer_the_least(&mut self) {
        for judged in self.judged.clone() {
            let Some(least) = &judged.answer.least else {
                continue;
            };
            if !least.also_requires.is_empty() || self.target.contains(&least.permission) {
                continue;
            }
            for other in self.proof(judged.answer) {
                let mut swapped = self.target.clone();
                swapped.remove(&other);
                swapped.insert(least.permission.clone());
                let marked = judged.answer.marked.iter();
                if marked.clone().any(|b| b.permission == other)
                    && self.judged.iter().all(|j| covers(&swapped, j.answer))
                {
                    self.target = swapped;
                    break;
                }
            }
        }
    }

    /// The permissions of the target that cover a call.
    pub(crate) fn proof(&self, answer: &Answer) -> Vec<PermissionName> {
        answer
            .covered_by(&|name| self.target.contains(name))
            .map(|cover| cover.names().cloned().collect())
            .unwrap_or_default()
    }

    /// The judged calls that a permission has a part in, and what covers them in the target.
    fn work_of(&self, name: &PermissionName) -> (Vec<Judged<'a>>, Vec<PermissionName>) {
        let work: Vec<Judged<'a>> = self
            .judged
            .iter()
            .filter(|j| {
                j.answer.accepted.iter().any(|bundle| {
                    bundle.permission == *name
                        || (bundle.also_requires.contains(name)
                            && (self.held.contains(&bundle.permission)
                                || self.target.contains(&bundle.permission)))
                })
            })
            .copied()
            .collect();
        let instead: BTreeSet<PermissionName> =
            work.iter().flat_map(|j| self.proof(j.answer)).collect();
        (work, instead.into_iter().collect())
    }

    /// Broader: a higher privilege level than any of the others, or more operations than all of
    /// them together. A level that is not published counts as the highest.
    fn is_broader(&self, name: &PermissionName, others: &[PermissionName]) -> bool {
        let level = |n: &PermissionName| level(self.catalog, n, self.kind).unwrap_or(u8::MAX);
        let breadth = |n: &PermissionName| self.catalog.breadth(n, scheme_of(self.kind));
        let highest = others.iter().map(level).max().unwrap_or(0);
        let operations: usize = others.iter().map(breadth).sum();
        level(name) > highest || breadth(name) > operations
    }

    /// What to say of a held permission that the target does without. `None` when it is in the
    /// target, or when it is an OpenID Connect scope: those are never excess.
    pub(crate) fn excess(&self, name: &PermissionName) -> Option<Excess<'a>> {
        if self.target.contains(name) || is_oidc_scope(name.as_str()) {
            return None;
        }
        let (calls, instead) = self.work_of(name);
        Some(if calls.is_empty() {
            Excess::Unneeded
        } else if self.is_broader(name, &instead) {
            Excess::Broader { calls, instead }
        } else {
            Excess::Redundant { calls, instead }
        })
    }

    /// What is needed and not held, with the calls that go without.
    pub(crate) fn missing(&self) -> Vec<(PermissionName, Vec<Judged<'a>>)> {
        let mut missing: Vec<(PermissionName, Vec<Judged<'a>>)> = Vec::new();
        for judged in &self.judged {
            if covers(&self.held, judged.answer) {
                continue;
            }
            for name in self.proof(judged.answer) {
                if self.held.contains(&name) {
                    continue;
                }
                match missing.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, calls)) => calls.push(*judged),
                    None => missing.push((name, vec![*judged])),
                }
            }
        }
        missing
    }

    /// How sure a verdict over these calls can be.
    pub(crate) fn confidence(&self, calls: &[Judged<'_>]) -> Confidence {
        use graph_permissions::Verdict;
        if !self.gaps.is_empty() {
            Confidence::Low
        } else if self.bounded
            || calls.iter().any(|j| {
                j.answer.verdict != Verdict::Known
                    || j.answer.fallback.is_some()
                    || !j.answer.doubts.is_empty()
            })
        {
            Confidence::Medium
        } else {
            Confidence::High
        }
    }
}

fn covers(held: &BTreeSet<PermissionName>, answer: &Answer) -> bool {
    answer.covered_by(&|name| held.contains(name)).is_some()
}

#[cfg(test)]
mod tests {
    use app_manifest::{Parsed, Source};
    use graph_permissions::{CatalogInput, LookupOptions};

    use super::*;
    use crate::calls::{DeclaredCall, Origin};

    /// A catalogue in which `Things.Read` and `Things.ReadWrite` are both marked least privileged
    /// for a read, as in Microsoft's data, `Narrow.Act` is accepted for one of two calls, and
    /// `Pair.Read` needs `Other.Read` beside it.
    const CATALOGUE: &str = r#"{"permissions": {
        "Things.Read": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
                "paths": {"/things": "least=Application", "/more": "", "/others": ""}}]},
        "Things.ReadWrite": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
                "paths": {"/things": "least=Application"}}]},
        "Wide.Act": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 3}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
                "paths": {"/act": "least=Application", "/act2": "", "/act3": ""}}]},
        "Narrow.Act": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
                "paths": {"/act": ""}}]},
        "Pair.Read": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
                "paths": {"/pair": "least=Application;AlsoRequires=Other.Read"}}]},
        "Other.Read": {"authorizationType": "oAuth2",
            "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
            "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
                "paths": {"/other": "least=Application"}}]}
    }}"#;

    struct Seen {
        target: Vec<String>,
        missing: Vec<String>,
        excess: Vec<String>,
    }

    /// How an app that asks for these names of application permissions stands to these calls.
    fn see(held: &[&str], calls: &[&str]) -> Seen {
        let catalog = Catalog::load(CatalogInput {
            permissions: CATALOGUE.as_bytes(),
            provisioning: None,
            overrides: false,
            source: "test".to_owned(),
        })
        .unwrap();
        let requests: Vec<String> = held
            .iter()
            .map(|name| format!(r#"{{ "id": "{name}", "type": "Role" }}"#))
            .collect();
        let manifest = format!(
            r#"{{ "requiredResourceAccess": [{{ "resourceAppId": "Microsoft Graph", "resourceAccess": [{}] }}] }}"#,
            requests.join(", ")
        );
        let Parsed::Manifest(manifest) =
            app_manifest::parse(&Source::decode(manifest.into_bytes()).unwrap())
        else {
            panic!("it is a manifest");
        };
        let declared = calls
            .iter()
            .map(|text| DeclaredCall {
                call: text.parse().unwrap(),
                origin: Origin::CommandLine,
            })
            .collect();
        let calls = Calls::answer(&catalog, declared, LookupOptions::default());
        let app = Assessment::new(&calls, &manifest.apps[0], 0);
        let view = &app.views[1];
        let excess = view.held.iter().filter_map(|name| {
            let word = match view.excess(name)? {
                Excess::Unneeded => "unneeded",
                Excess::Broader { .. } => "broader",
                Excess::Redundant { .. } => "redundant",
            };
            Some(format!("{name} {word}"))
        });
        Seen {
            target: view.target.iter().map(ToString::to_string).collect(),
            missing: view.missing().iter().map(|(n, _)| n.to_string()).collect(),
            excess: excess.collect(),
        }
    }

    #[test]
    fn nobody_is_told_to_take_a_writing_permission_for_a_read() {
        let seen = see(&["Things.Read"], &["GET /things"]);
        assert_eq!(seen.target, ["Things.Read"]);
        assert!(seen.excess.is_empty(), "{:?}", seen.excess);
        let seen = see(&[], &["application GET /things"]);
        assert_eq!(seen.missing, ["Things.Read"]);
    }

    #[test]
    fn an_accepted_permission_that_is_narrower_than_the_marked_one_may_stay() {
        let seen = see(&["Narrow.Act"], &["POST /act"]);
        assert_eq!(seen.target, ["Narrow.Act"]);
        assert!(seen.excess.is_empty() && seen.missing.is_empty());
    }

    #[test]
    fn a_narrower_one_that_leaves_a_call_uncovered_does_not_make_do() {
        let seen = see(
            &["Narrow.Act"],
            &["application POST /act", "application POST /act2"],
        );
        assert_eq!(seen.target, ["Wide.Act"]);
        assert_eq!(seen.missing, ["Wide.Act"]);
        assert_eq!(seen.excess, ["Narrow.Act redundant"]);
    }

    #[test]
    fn a_permission_that_is_required_beside_another_is_needed_and_missed() {
        let seen = see(&["Pair.Read", "Other.Read"], &["GET /pair"]);
        assert_eq!(seen.target, ["Other.Read", "Pair.Read"]);
        assert!(seen.excess.is_empty() && seen.missing.is_empty());
        let seen = see(&["Pair.Read"], &["GET /pair"]);
        assert_eq!(seen.missing, ["Other.Read"]);
        let seen = see(&["Other.Read"], &["application GET /pair"]);
        assert_eq!(seen.missing, ["Pair.Read"]);
        assert!(seen.excess.is_empty(), "{:?}", seen.excess);
    }

    #[test]
    fn a_call_of_a_named_type_is_judged_whatever_is_held() {
        let seen = see(&["Wide.Act"], &["application GET /other"]);
        assert_eq!(seen.missing, ["Other.Read"]);
        assert_eq!(seen.excess, ["Wide.Act unneeded"]);
        let seen = see(&["Wide.Act"], &["delegated POST /act"]);
        assert!(seen.missing.is_empty());
        assert_eq!(seen.excess, ["Wide.Act unneeded"]);
    }
}

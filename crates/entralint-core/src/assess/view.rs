//! One type of permission: what is requested, what is needed, and what keeps a verdict open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use msgraph_calls::Certainty;
use msgraph_permissions::{
    Answer, Catalog, Exactness, PermissionName, PermissionType, RequestedVerdict, Scheme, Verdict,
};

use super::Request;
use crate::calls::{CallSet, UnresolvedCall};
use crate::finding::Confidence;

/// One type of permission of an app. Apps with the same requests and the same calls share one.
#[derive(Clone, Debug)]
pub struct View {
    /// Delegated or application.
    pub permission_type: PermissionType,
    /// What the app requests, other names of the same ids included.
    pub requested: BTreeSet<PermissionName>,
    /// What the app should request.
    pub target: BTreeSet<PermissionName>,
    /// The calls that this type is judged by, with what of the target unlocks each.
    pub judged: Vec<Judged>,
    /// What the app requests, as it is written, with the verdict; calls by their place in the set.
    pub verdicts: Vec<(PermissionName, RequestedVerdict)>,
    /// What is needed and not requested, with the calls that fail without it.
    pub missing: Vec<(PermissionName, Vec<usize>)>,
    /// Calls without an answer, and calls that are only possible: what may be for them is not reported as too much.
    pub blockers: Vec<Blocker>,
    /// The solver reached its bound: the target covers every call and may not be the least.
    pub bounded: bool,
}

/// A call that a type is judged by.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The call's place in the set.
    pub call: usize,
    /// The answer's place in the call.
    pub answer: usize,
    /// What of the target unlocks it.
    pub by: Vec<PermissionName>,
}

/// Why a verdict may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocker {
    /// A call of the set: it has no answer, or it is only possible.
    Call(usize),
    /// A place of the set that calls something unknown.
    Unresolved(usize),
}

impl View {
    /// The view of these requests. It depends on what they mean and not on where they stand.
    pub(super) fn of(
        catalog: &Catalog,
        calls: &CallSet,
        permission_type: PermissionType,
        requests: &[Request<'_>],
    ) -> Arc<Self> {
        // Prose counts only where there is nothing but prose.
        let declared = requests.iter().any(|request| !request.is_documented());
        let written: BTreeSet<PermissionName> = requests
            .iter()
            .filter(|request| !(declared && request.is_documented()))
            .filter_map(Request::meant)
            .filter(|(_, t)| *t == permission_type)
            .map(|(name, _)| name.clone())
            .collect();
        calls.view(permission_type, written, |written| {
            Self::new(catalog, calls, permission_type, written)
        })
    }

    fn new(
        catalog: &Catalog,
        calls: &CallSet,
        permission_type: PermissionType,
        written: &BTreeSet<PermissionName>,
    ) -> Self {
        let aliases: BTreeMap<&PermissionName, Vec<PermissionName>> = written
            .iter()
            .map(|name| (name, same_id(catalog, name, permission_type)))
            .collect();
        let requested: BTreeSet<PermissionName> = written
            .iter()
            .cloned()
            .chain(aliases.values().flatten().cloned())
            .collect();
        let mut answers: Vec<&Answer> = Vec::new();
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (at, call) in calls.calls.iter().enumerate() {
            for (which, answer) in call.answers.iter().enumerate() {
                answers.push(answer);
                places.push((at, which));
            }
        }
        let call_of = |place: &usize| places[*place].0;
        let calls_of = |list: &[usize]| -> Vec<usize> {
            let all: BTreeSet<usize> = list.iter().map(call_of).collect();
            all.into_iter().collect()
        };
        let assessed = catalog.assess(&answers, &requested, permission_type);
        let by_name: BTreeMap<PermissionName, RequestedVerdict> = assessed
            .requested
            .into_iter()
            .map(|(name, verdict)| (name, with_calls(verdict, &calls_of)))
            .collect();
        let verdicts = written
            .iter()
            .filter_map(|name| {
                // One id can be published under two names: the app requests both.
                let needed = aliases
                    .get(name)
                    .into_iter()
                    .flatten()
                    .any(|other| matches!(by_name.get(other), Some(RequestedVerdict::Needed)));
                let verdict = by_name.get(name)?;
                Some((
                    name.clone(),
                    if needed {
                        RequestedVerdict::Needed
                    } else {
                        verdict.clone()
                    },
                ))
            })
            .collect();
        let mut blockers: Vec<Blocker> = calls
            .calls
            .iter()
            .enumerate()
            .filter(|(_, call)| {
                call.is_unanswered(permission_type)
                    || call.depends_on_body(permission_type)
                    || (call.certainty() == Certainty::Possible
                        && call.answers(permission_type).any(Answer::is_answered))
            })
            .map(|(at, _)| Blocker::Call(at))
            .collect();
        blockers.extend((0..calls.unresolved.len()).map(Blocker::Unresolved));
        Self {
            permission_type,
            requested,
            target: assessed.target,
            judged: assessed
                .proof
                .into_iter()
                .map(|covered| {
                    let (call, answer) = places[covered.answer];
                    Judged {
                        call,
                        answer,
                        by: covered.by,
                    }
                })
                .collect(),
            verdicts,
            missing: assessed
                .missing
                .into_iter()
                .map(|missing| (missing.permission, calls_of(&missing.calls)))
                .collect(),
            blockers,
            bounded: assessed.solution.exactness != Exactness::Exact,
        }
    }

    /// What may be for a call that is not known, so that nothing can be said against the permission.
    pub fn blockers_of(
        &self,
        catalog: &Catalog,
        calls: &CallSet,
        name: &PermissionName,
    ) -> Vec<Blocker> {
        self.blockers
            .iter()
            .filter(|blocker| {
                let blocks =
                    |root: Option<&str>| calls.blocks(catalog, name, self.permission_type, root);
                match blocker {
                    Blocker::Call(at) if calls.calls[*at].depends_on_body(self.permission_type) => {
                        calls.calls[*at]
                            .answers(self.permission_type)
                            .flat_map(|answer| &answer.accepted)
                            .any(|bundle| bundle.permission == *name)
                    }
                    Blocker::Call(at) => {
                        let call = &calls.calls[*at];
                        blocks(call.root().as_deref())
                            || call
                                .below_root()
                                .is_some_and(|root| catalog.is_root(&root) && blocks(Some(&root)))
                    }
                    Blocker::Unresolved(at) => blocks(calls.unresolved[*at].root.as_deref()),
                }
            })
            .copied()
            .collect()
    }

    /// The answers by which some calls were judged in this type.
    pub fn answers<'s>(
        &'s self,
        calls: &'s CallSet,
        of: &'s [usize],
    ) -> impl Iterator<Item = &'s Answer> {
        self.judged
            .iter()
            .filter(|judged| of.contains(&judged.call))
            .filter_map(|judged| calls.calls.get(judged.call)?.answers.get(judged.answer))
    }

    /// How sure a verdict over these calls can be.
    pub fn confidence(&self, calls: &CallSet, of: &[usize]) -> Confidence {
        let unclear = self.answers(calls, of).any(|answer| {
            answer.verdict != Verdict::Known
                || answer.fallback.is_some()
                || !answer.doubts.is_empty()
        });
        let unsure = of
            .iter()
            .filter_map(|at| calls.calls.get(*at))
            .any(|call| call.certainty() != Certainty::Certain || call.unseen_days.is_some());
        if self.bounded || unclear || unsure {
            Confidence::Medium
        } else {
            Confidence::High
        }
    }
}

impl Blocker {
    /// What it is, for people: `GET /users/{id} (src/app.ts:12)`.
    pub fn describe(self, calls: &CallSet) -> String {
        let (what, at) = match self {
            Blocker::Call(at) => {
                let call = &calls.calls[at];
                (
                    call.operation(),
                    call.origins.iter().find_map(|origin| origin.location()),
                )
            }
            Blocker::Unresolved(at) => {
                let UnresolvedCall { at, text, .. } = &calls.unresolved[at];
                (crate::text::shown(text), Some(at))
            }
        };
        match at {
            Some(at) => format!("{what} ({})", at.shown()),
            None => what,
        }
    }
}

/// Other permissions that the catalog publishes under the id of this one.
fn same_id(
    catalog: &Catalog,
    name: &PermissionName,
    permission_type: PermissionType,
) -> Vec<PermissionName> {
    catalog
        .id_of(name, permission_type)
        .map_or_else(Vec::new, |id| {
            catalog
                .by_id(id)
                .iter()
                .filter(|(other, t)| other != name && *t == permission_type)
                .map(|(other, _)| other.clone())
                .collect()
        })
}

fn with_calls(
    verdict: RequestedVerdict,
    calls_of: &impl Fn(&[usize]) -> Vec<usize>,
) -> RequestedVerdict {
    match verdict {
        RequestedVerdict::Broader { calls, instead } => RequestedVerdict::Broader {
            calls: calls_of(&calls),
            instead,
        },
        RequestedVerdict::Redundant {
            calls,
            because,
            missing,
        } => RequestedVerdict::Redundant {
            calls: calls_of(&calls),
            because,
            missing,
        },
        RequestedVerdict::Needed | RequestedVerdict::SignIn | RequestedVerdict::Unused => verdict,
    }
}

/// The scheme whose levels and operations describe a permission of this type.
pub(super) fn scheme_of(permission_type: PermissionType) -> Scheme {
    match permission_type {
        PermissionType::Delegated => Scheme::DelegatedWork,
        PermissionType::Application => Scheme::Application,
    }
}

pub(super) fn level(
    catalog: &Catalog,
    name: &PermissionName,
    permission_type: PermissionType,
) -> Option<u8> {
    catalog
        .permission(name.as_str())
        .and_then(|p| p.scheme(scheme_of(permission_type)))
        .and_then(|s| s.privilege_level)
}

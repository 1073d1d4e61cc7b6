//! One kind of permission: what is held, what is needed, and what that makes of each.

use std::collections::BTreeSet;

use msgraph_permissions::{
    Answer, Catalog, Exactness, PermissionName, PermissionType, Scheme, is_oidc_scope,
};

use super::Held;
use crate::calls::{AnsweredCall, Calls};
use crate::finding::Confidence;

/// One kind of permission: what is held, what is needed, what that makes of each.
pub struct KindView<'a> {
    catalog: &'a Catalog,
    pub kind: PermissionType,
    /// The calls judged in this kind.
    pub judged: Vec<Judged<'a>>,
    pub held: BTreeSet<PermissionName>,
    /// What the app should ask for in this kind.
    pub target: BTreeSet<PermissionName>,
    /// Calls without an answer in this kind: nothing is taken away while there are any.
    pub gaps: Vec<&'a AnsweredCall>,
    /// The solver reached its bound: the target covers every call and may not be the smallest.
    pub bounded: bool,
}

/// A call that this kind is judged by.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    pub index: usize,
    pub call: &'a AnsweredCall,
    pub answer: &'a Answer,
}

/// What becomes of a held permission that is not in the target.
pub enum Excess<'a> {
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

impl<'a> KindView<'a> {
    pub(crate) fn new(calls: &'a Calls<'a>, kind: PermissionType, requests: &[Held<'a>]) -> Self {
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
        let mut parts = 0;
        // What the solver put together stays together: a permission that is least privileged
        // only beside another is never chosen without it, nor the other without the first.
        let mut bundled: BTreeSet<PermissionName> = BTreeSet::new();
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
            parts += 1;
            self.bounded |= solution.exactness != Exactness::Exact;
            self.target.extend(solution.minimal.iter().cloned());
            let pairs = solution.covered.iter().filter(|c| c.by.len() > 1);
            bundled.extend(pairs.flat_map(|covered| covered.by.iter().cloned()));
        }
        // Each part is minimal; joined, one may do the work of the other.
        for name in self.target.clone() {
            let without: BTreeSet<_> = self
                .target
                .iter()
                .filter(|n| **n != name)
                .cloned()
                .collect();
            if parts > 1
                && !bundled.contains(&name)
                && self.judged.iter().all(|j| covers(&without, j.answer))
            {
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
    pub fn proof(&self, answer: &Answer) -> Vec<PermissionName> {
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
    pub fn excess(&self, name: &PermissionName) -> Option<Excess<'a>> {
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
    pub fn missing(&self) -> Vec<(PermissionName, Vec<Judged<'a>>)> {
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
    pub fn confidence(&self, calls: &[Judged<'_>]) -> Confidence {
        use msgraph_permissions::Verdict;
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

/// The scheme whose levels and operations describe a permission of this kind.
pub(crate) fn scheme_of(kind: PermissionType) -> Scheme {
    match kind {
        PermissionType::Delegated => Scheme::DelegatedWork,
        PermissionType::Application => Scheme::Application,
    }
}

pub(crate) fn level(catalog: &Catalog, name: &PermissionName, kind: PermissionType) -> Option<u8> {
    catalog
        .permission(name.as_str())
        .and_then(|p| p.scheme(scheme_of(kind)))
        .and_then(|s| s.privilege_level)
}

fn covers(held: &BTreeSet<PermissionName>, answer: &Answer) -> bool {
    answer.covered_by(&|name| held.contains(name)).is_some()
}

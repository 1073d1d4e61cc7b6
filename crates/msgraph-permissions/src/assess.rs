//! What an app requests against what its calls need: the verdict on each requested permission.

use std::collections::{BTreeMap, BTreeSet};

use crate::solve::prove;
use crate::{
    Answer, Catalog, Covered, Doubt, Method, PermissionName, PermissionType, Scheme, Solution,
    is_oidc_scope,
};

/// What an app requests in one type of permission, judged by the calls that it makes.
///
/// Every number of a call is its place in the answers that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The type that was judged.
    pub permission_type: PermissionType,
    /// The calls by which it was judged: answered in this type, and either named with it or accepting
    /// something that the app requests.
    pub judged: Vec<usize>,
    /// Calls of no named type, answered in this type, of which the app requests no accepted permission.
    pub open: Vec<usize>,
    /// Calls without an answer in this type.
    pub unanswered: Vec<usize>,
    /// The least set for the judged calls, whatever the app requests: what [`Catalog::solve`] gives.
    pub solution: Solution,
    /// What the app should request: the least set, in which a requested permission that is no broader
    /// takes the place of what does the same.
    pub target: BTreeSet<PermissionName>,
    /// For each judged call, what of `target` unlocks it.
    pub proof: Vec<Covered>,
    /// Every requested permission, by name, with its verdict.
    pub requested: Vec<(PermissionName, RequestedVerdict)>,
    /// Permissions of `target` without which some judged call fails, by name.
    pub missing: Vec<Missing>,
}

/// What becomes of a requested permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedVerdict {
    /// The app needs it.
    Needed,
    /// An OpenID Connect scope: it steers sign-in and is never more than an app needs.
    SignIn,
    /// It unlocks none of the calls.
    Unused,
    /// It unlocks these calls, for which narrower permissions are enough.
    Broader {
        /// The calls that it unlocks.
        calls: Vec<usize>,
        /// What is enough for them, by name.
        instead: Vec<PermissionName>,
    },
    /// It is no broader than what else unlocks its calls, and the app needs that in any case.
    Redundant {
        /// The calls that it unlocks.
        calls: Vec<usize>,
        /// What else unlocks them and the app requests, by name.
        because: Vec<PermissionName>,
        /// What else unlocks them and the app does not request yet, by name.
        missing: Vec<PermissionName>,
    },
}

/// A permission that the app needs and does not request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The permission.
    pub permission: PermissionName,
    /// The calls that fail without it.
    pub calls: Vec<usize>,
}

impl Catalog {
    /// Judges what an app requests in one type of permission by the answers to its calls.
    ///
    /// Answers of the other type are ignored. Work and personal accounts are judged together, since a
    /// manifest declares one delegated permission for both.
    pub fn assess(
        &self,
        answers: &[&Answer],
        requested: &BTreeSet<PermissionName>,
        permission_type: PermissionType,
    ) -> Assessment {
        let mut judged: Vec<(usize, &Answer)> = Vec::new();
        let (mut open, mut unanswered) = (Vec::new(), Vec::new());
        for (place, &answer) in answers.iter().enumerate() {
            if answer.scheme.permission_type() != permission_type {
                continue;
            }
            if !answer.is_answered() {
                unanswered.push(place);
            } else if answer.call.scheme.is_some() || answer.accepts_any(requested) {
                judged.push((place, answer));
            } else {
                open.push(place);
            }
        }
        let mut solution =
            self.solve_refs(&judged.iter().map(|(_, answer)| *answer).collect::<Vec<_>>());
        for covered in &mut solution.covered {
            covered.answer = judged[covered.answer].0;
        }
        let mut judge = Judge {
            catalog: self,
            scheme: permission_type.scheme(),
            judged,
            requested,
            target: solution.minimal.iter().cloned().collect(),
        };
        judge.accept_what_is_no_broader();
        Assessment {
            permission_type,
            judged: judge.judged.iter().map(|(place, _)| *place).collect(),
            open,
            unanswered,
            solution,
            proof: prove(&judge.judged, &|name| judge.target.contains(name)),
            requested: requested
                .iter()
                .map(|name| (name.clone(), judge.verdict(name)))
                .collect(),
            missing: judge.missing(),
            target: judge.target,
        }
    }
}

/// The judged calls, and the set by which the requested permissions are judged.
struct Judge<'a> {
    catalog: &'a Catalog,
    scheme: Scheme,
    judged: Vec<(usize, &'a Answer)>,
    requested: &'a BTreeSet<PermissionName>,
    target: BTreeSet<PermissionName>,
}

/// The calls in which a permission has a part, and what unlocks them in the target.
struct Work<'a> {
    calls: Vec<(usize, &'a Answer)>,
    instead: BTreeSet<PermissionName>,
}

impl<'a> Judge<'a> {
    /// Lets a requested permission stand for what does the same, if it is no broader.
    fn accept_what_is_no_broader(&mut self) {
        for name in self.requested {
            if self.target.contains(name) {
                continue;
            }
            let work = self.work_of(name);
            if work.calls.is_empty()
                || work.instead.is_subset(self.requested)
                || self.is_broader(name, &work)
            {
                continue;
            }
            let places: BTreeSet<usize> = work.calls.iter().map(|(place, _)| *place).collect();
            let elsewhere: BTreeSet<PermissionName> = self
                .judged
                .iter()
                .filter(|(place, _)| !places.contains(place))
                .flat_map(|(_, answer)| self.unlocked_by(answer))
                .collect();
            let mut other: BTreeSet<PermissionName> = self
                .target
                .iter()
                .filter(|name| !work.instead.contains(*name) || elsewhere.contains(*name))
                .cloned()
                .collect();
            other.insert(name.clone());
            let covers =
                |answer: &Answer| answer.covered_by(&|name| other.contains(name)).is_some();
            if other.len() <= self.target.len()
                && self.judged.iter().all(|(_, answer)| covers(answer))
            {
                self.target = other;
            }
        }
    }

    /// What of the target unlocks a call.
    fn unlocked_by(&self, answer: &Answer) -> Vec<PermissionName> {
        answer
            .covered_by(&|name| self.target.contains(name))
            .map(|cover| cover.names().cloned().collect())
            .unwrap_or_default()
    }

    fn work_of(&self, name: &PermissionName) -> Work<'a> {
        let has =
            |other: &PermissionName| self.requested.contains(other) || self.target.contains(other);
        let calls: Vec<(usize, &Answer)> = self
            .judged
            .iter()
            .filter(|(_, answer)| {
                answer.accepted.iter().any(|bundle| {
                    bundle.permission == *name
                        || (bundle.also_requires.contains(name) && has(&bundle.permission))
                })
            })
            .copied()
            .collect();
        let instead = calls
            .iter()
            .flat_map(|(_, answer)| self.unlocked_by(answer))
            .collect();
        Work { calls, instead }
    }

    /// Whether a permission is more than what else unlocks its calls: it has more writing operations, or
    /// more operations, than all of that together; or it says write, unlocks nothing but reads, and what
    /// else unlocks them does not write, however few operations it has.
    fn is_broader(&self, name: &PermissionName, work: &Work<'_>) -> bool {
        // Which of the marked ones is right is not known: none of them is too much.
        let may_be_the_one = |answer: &Answer| {
            answer.doubts.contains(&Doubt::DependsOnObject)
                && answer
                    .marked
                    .iter()
                    .any(|bundle| bundle.permission == *name)
        };
        if work.calls.iter().any(|(_, answer)| may_be_the_one(answer)) {
            return false;
        }
        let reads_only = work
            .calls
            .iter()
            .all(|(_, answer)| answer.call.method == Method::Get);
        if reads_only && name.says_write() && !work.instead.iter().any(PermissionName::says_write) {
            return true;
        }
        let sum = |count: &dyn Fn(&PermissionName) -> usize| -> usize {
            work.instead.iter().map(count).sum()
        };
        let writing = |name: &PermissionName| self.catalog.writing(name, self.scheme);
        let breadth = |name: &PermissionName| self.catalog.breadth(name, self.scheme);
        writing(name) > sum(&writing) || breadth(name) > sum(&breadth)
    }

    fn verdict(&self, name: &PermissionName) -> RequestedVerdict {
        if is_oidc_scope(name.as_str()) {
            return RequestedVerdict::SignIn;
        }
        if self.target.contains(name) {
            return RequestedVerdict::Needed;
        }
        let work = self.work_of(name);
        let calls: Vec<usize> = work.calls.iter().map(|(place, _)| *place).collect();
        if calls.is_empty() {
            return RequestedVerdict::Unused;
        }
        if self.is_broader(name, &work) {
            return RequestedVerdict::Broader {
                calls,
                instead: work.instead.into_iter().collect(),
            };
        }
        let (because, missing) = work
            .instead
            .into_iter()
            .partition(|name| self.requested.contains(name));
        RequestedVerdict::Redundant {
            calls,
            because,
            missing,
        }
    }

    fn missing(&self) -> Vec<Missing> {
        let mut missing: BTreeMap<PermissionName, Vec<usize>> = BTreeMap::new();
        for (place, answer) in &self.judged {
            let is_covered = answer
                .covered_by(&|name| self.requested.contains(name))
                .is_some();
            if is_covered {
                continue;
            }
            for name in self.unlocked_by(answer) {
                if !self.requested.contains(&name) {
                    missing.entry(name).or_default().push(*place);
                }
            }
        }
        missing
            .into_iter()
            .map(|(permission, calls)| Missing { permission, calls })
            .collect()
    }
}

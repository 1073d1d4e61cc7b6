//! The smallest set of permissions that covers many calls, with its proof.

mod cover;
mod reduce;
mod search;
mod set;

use crate::answer::{Answer, Bundle};
use crate::catalog::{Catalog, NO_LEVEL};
use crate::{PermissionName, Scheme};

use self::cover::{Cost, Need, Problem};

/// The answer for a set of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The permissions, sorted by name, those that others require beside them included.
    pub minimal: Vec<PermissionName>,
    /// For each answered call, what of `minimal` covers it: the proof.
    pub covered: Vec<Covered>,
    /// The calls, by their place in the input, for which there is no answer.
    pub unanswered: Vec<usize>,
    /// Whether `minimal` is proven to be the smallest.
    pub exactness: Exactness,
}

/// The proof for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The call's place in the input.
    pub answer: usize,
    /// The permissions that unlock it, one or two, all of them in the solution.
    pub by: Vec<PermissionName>,
}

/// Whether a solution is proven to be the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// No smaller set of least privileged permissions covers the calls, and no set of the same size is preferred.
    Exact,
    /// The search was cut short. The set covers every call and nothing in it can be left out,
    /// but a smaller or a preferred one may exist.
    Bounded {
        /// No set has fewer permissions than this.
        at_least: usize,
    },
}

impl Catalog {
    /// The smallest set of permissions that covers every answered call.
    ///
    /// It is put together from the bundles that are least privileged for one of the calls: the marked
    /// ones, or the single best where none is marked. Among sets of the same size it is the one with the
    /// lowest sum of privilege levels, then the lowest sum of operations unlocked, then the first by
    /// name. A permission covers a call if the catalog says so, whatever the names look like.
    /// The order of the answers and repeated ones make no difference.
    ///
    /// The answers must all be of one scheme, since permissions of different kinds never stand in
    /// for each other; those of another scheme than the first are listed as unanswered.
    pub fn solve(&self, answers: &[Answer]) -> Solution {
        let scheme = answers
            .first()
            .map_or(Scheme::DelegatedWork, |answer| answer.scheme);
        let answered: Vec<(usize, &Answer)> = answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| answer.scheme == scheme && answer.is_answered())
            .collect();
        let names = pool_names(&answered);
        let place = |name: &PermissionName| names.binary_search(name).ok();
        let needs = |bundle: &Bundle| -> Option<Need> {
            let main = place(&bundle.permission)?;
            if bundle.is_enough_alone() {
                return Some(Need::alone(main));
            }
            let also: Vec<usize> = bundle.also_requires.iter().filter_map(place).collect();
            (!also.is_empty()).then_some(Need { main, also })
        };
        let problem = Problem {
            costs: names.iter().map(|name| self.cost(name, scheme)).collect(),
            partners: partners(&names, &answered),
            calls: answered
                .iter()
                .map(|(_, answer)| answer.accepted.iter().filter_map(needs).collect())
                .collect(),
        };
        let found = reduce::solve(problem);
        let minimal: Vec<PermissionName> = found
            .members
            .iter()
            .map(|&member| names[member].clone())
            .collect();
        let held = |name: &PermissionName| minimal.binary_search(name).is_ok();
        let covered: Vec<Covered> = answered
            .iter()
            .filter_map(|&(place, answer)| {
                let cover = answer.covered_by(&held)?;
                Some(Covered {
                    answer: place,
                    by: cover.names().cloned().collect(),
                })
            })
            .collect();
        let unanswered = (0..answers.len())
            .filter(|place| {
                covered
                    .binary_search_by_key(place, |covered| covered.answer)
                    .is_err()
            })
            .collect();
        Solution {
            minimal,
            covered,
            unanswered,
            exactness: match found.at_least {
                None => Exactness::Exact,
                Some(at_least) => Exactness::Bounded { at_least },
            },
        }
    }

    fn cost(&self, name: &PermissionName, scheme: Scheme) -> Cost {
        let (level, breadth) = match self.index(name) {
            Some(index) => (self.level(index, scheme), self.breadth_at(index, scheme)),
            None => (NO_LEVEL, 0),
        };
        Cost {
            size: 1,
            level: usize::from(level),
            breadth,
        }
    }
}

/// The bundles from which the answer is put together.
fn pool<'a>(answered: &'a [(usize, &'a Answer)]) -> impl Iterator<Item = &'a Bundle> {
    answered
        .iter()
        .flat_map(|(_, answer)| match answer.marked.as_slice() {
            [] => answer.least.as_slice(),
            marked => marked,
        })
}

/// The permissions of the pool, sorted.
fn pool_names(answered: &[(usize, &Answer)]) -> Vec<PermissionName> {
    let mut names: Vec<PermissionName> = pool(answered)
        .flat_map(|bundle| {
            let also = if bundle.is_enough_alone() {
                &[]
            } else {
                bundle.also_requires.as_slice()
            };
            std::iter::once(&bundle.permission).chain(also)
        })
        .cloned()
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// For each name that is no bundle by itself, the names with which it is one.
fn partners(names: &[PermissionName], answered: &[(usize, &Answer)]) -> Vec<Vec<usize>> {
    let mut partners: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut alone = vec![false; names.len()];
    let place = |name: &PermissionName| names.binary_search(name).ok();
    for bundle in pool(answered) {
        let Some(main) = place(&bundle.permission) else {
            continue;
        };
        if bundle.is_enough_alone() {
            alone[main] = true;
            continue;
        }
        for also in bundle.also_requires.iter().filter_map(place) {
            partners[main].push(also);
            partners[also].push(main);
        }
    }
    for (partners, alone) in partners.iter_mut().zip(alone) {
        if alone {
            partners.clear();
        }
        partners.sort_unstable();
        partners.dedup();
    }
    partners
}

//! The smallest set of permissions that covers many calls, with its proof.

mod cover;
mod reduce;
mod search;

use std::collections::BTreeSet;

use crate::answer::{Answer, Bundle};
use crate::catalog::Catalog;
use crate::{Method, PermissionName, PermissionType, Scheme};

use self::cover::{Cost, Need, Problem};

/// The answer for a set of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The permissions, sorted by name, those that others require too included.
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
    /// The smallest set of permissions that covers every answered call, least privilege first.
    ///
    /// It is put together only from permissions that are some call's own least, with what those require.
    /// Of such sets it is one with the fewest permissions, then the fewest that say write and unlock no
    /// call that writes, then the fewest writing operations unlocked, then the fewest operations
    /// unlocked, then the first by name. A permission covers a call if the catalog says so, whatever
    /// the names look like. Order and repetition of the answers make no difference.
    ///
    /// Answers for work and personal accounts make one set, since a manifest declares one delegated
    /// permission for both. Those of another [`PermissionType`] than the first are listed as unanswered.
    pub fn solve(&self, answers: &[Answer]) -> Solution {
        let answers: Vec<&Answer> = answers.iter().collect();
        self.solve_refs(&answers)
    }

    /// As [`solve`](Self::solve), of answers that stand anywhere.
    pub fn solve_refs(&self, answers: &[&Answer]) -> Solution {
        let permission_type = answers.first().map_or(PermissionType::Delegated, |answer| {
            answer.scheme.permission_type()
        });
        let answered: Vec<(usize, &Answer)> = answers
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, answer)| {
                answer.scheme.permission_type() == permission_type && answer.is_answered()
            })
            .collect();
        let names = pool(&answered);
        let place = |name: &PermissionName| names.binary_search(name).ok();
        let needs = |bundle: &Bundle| -> Option<Need> {
            let main = place(&bundle.permission)?;
            if bundle.is_enough_alone() {
                return Some(Need::alone(main));
            }
            let mut also: Vec<usize> = bundle.also_requires.iter().filter_map(place).collect();
            also.sort_unstable();
            (!also.is_empty()).then_some(Need { main, also })
        };
        let writers = writers(&answered);
        let scheme = scheme_of(&answered, permission_type);
        let problem = Problem {
            costs: names
                .iter()
                .map(|name| self.cost(name, scheme, &writers))
                .collect(),
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
        let covered = prove(&answered, &|name| minimal.binary_search(name).is_ok());
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

    fn cost(&self, name: &PermissionName, scheme: Scheme, writers: &BTreeSet<&str>) -> Cost {
        Cost {
            size: 1,
            needless_writers: usize::from(name.says_write() && !writers.contains(name.as_str())),
            writing: self.writing(name, scheme),
            breadth: self.breadth(name, scheme),
        }
    }
}

/// For each answered call, what of the permissions covers it.
pub(crate) fn prove(
    answered: &[(usize, &Answer)],
    has: &dyn Fn(&PermissionName) -> bool,
) -> Vec<Covered> {
    answered
        .iter()
        .filter_map(|&(place, answer)| {
            let cover = answer.covered_by(has)?;
            Some(Covered {
                answer: place,
                by: cover.names().cloned().collect(),
            })
        })
        .collect()
}

/// The scheme whose counts of operations decide: work accounts', unless all calls are by personal ones.
fn scheme_of(answered: &[(usize, &Answer)], permission_type: PermissionType) -> Scheme {
    match answered {
        [(_, first), rest @ ..] if rest.iter().all(|(_, answer)| answer.scheme == first.scheme) => {
            first.scheme
        }
        _ => permission_type.scheme(),
    }
}

/// The permissions from which the set is put together, sorted: each call's own least, with what it requires.
fn pool(answered: &[(usize, &Answer)]) -> Vec<PermissionName> {
    let names: BTreeSet<&PermissionName> = answered
        .iter()
        .filter_map(|(_, answer)| answer.least.as_ref())
        .flat_map(Bundle::names)
        .collect();
    names.into_iter().cloned().collect()
}

/// The permissions that have a part in unlocking a call that writes.
fn writers<'a>(answered: &[(usize, &'a Answer)]) -> BTreeSet<&'a str> {
    answered
        .iter()
        .filter(|(_, answer)| answer.call.method != Method::Get)
        .flat_map(|(_, answer)| &answer.accepted)
        .flat_map(Bundle::names)
        .map(PermissionName::as_str)
        .collect()
}

//! Shrinks the covering problem without changing its answer, then searches what is left.
//!
//! Of real sets of calls nearly nothing is left: most calls force a name, and most names are
//! covered by a better one.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use super::cover::{Found, Need, Problem};
use super::search;

/// The best cover. Calls that nothing unlocks are ignored.
pub(super) fn solve(mut problem: Problem) -> Found {
    problem.calls.retain(|needs| !needs.is_empty());
    for needs in &mut problem.calls {
        needs.sort_unstable();
        needs.dedup();
    }
    // The same calls in any order, any number of times, are one problem.
    let calls: BTreeSet<Vec<Need>> = problem.calls.into_iter().collect();
    problem.calls = calls.into_iter().collect();

    let mut chosen = problem.none();
    loop {
        let before = problem.calls.clone();
        simplify(&mut problem, &mut chosen);
        drop_implied_calls(&mut problem);
        drop_dominated_names(&mut problem);
        if problem.calls == before {
            break;
        }
    }
    let mut at_least = chosen.ones().count();
    let mut exact = true;
    for part in parts(&problem) {
        let found = search::solve(&part, &mut exact);
        at_least += found.at_least.unwrap_or(found.members.len());
        for member in found.members {
            chosen.insert(member);
        }
    }
    Found {
        members: chosen.ones().collect(),
        at_least: (!exact).then_some(at_least),
    }
}

/// Chooses what a call forces, and drops what is met.
fn simplify(problem: &mut Problem, chosen: &mut FixedBitSet) {
    loop {
        let mut forced = Vec::new();
        problem
            .calls
            .retain(|needs| !needs.iter().any(|need| need.is_met(chosen)));
        for needs in &mut problem.calls {
            *needs = specialise(needs, chosen);
            if let [need] = needs.as_slice() {
                forced.push(need.main);
                if let [only] = need.also.as_slice() {
                    forced.push(*only);
                }
            }
        }
        if forced.is_empty() {
            return;
        }
        let before = chosen.clone();
        for &name in &forced {
            chosen.insert(name);
        }
        if *chosen == before {
            return;
        }
    }
}

/// The needs that are left of a call once `chosen` is there, none implied by another.
pub(super) fn specialise(needs: &[Need], chosen: &FixedBitSet) -> Vec<Need> {
    let mut left: Vec<Need> = Vec::with_capacity(needs.len());
    for need in needs {
        let has_main = chosen.contains(need.main);
        let has_also = need.also.iter().any(|&name| chosen.contains(name));
        if has_main && !need.also.is_empty() {
            left.extend(need.also.iter().map(|&name| Need::alone(name)));
        } else if has_also {
            left.push(Need::alone(need.main));
        } else {
            left.push(need.clone());
        }
    }
    left.sort_unstable();
    left.dedup();
    // What unlocks the call alone need not be paired with anything for it.
    let alone: Vec<usize> = left
        .iter()
        .filter(|need| need.also.is_empty())
        .map(|need| need.main)
        .collect();
    left.retain_mut(|need| {
        if need.also.is_empty() {
            return true;
        }
        need.also.retain(|name| !alone.contains(name));
        !need.also.is_empty() && !alone.contains(&need.main)
    });
    left
}

/// Drops each call that is met whenever another is.
fn drop_implied_calls(problem: &mut Problem) {
    let names: Vec<FixedBitSet> = problem
        .calls
        .iter()
        .map(|needs| problem.set_of(needs.iter().map(|need| need.main)))
        .collect();
    let implies = |a: usize, b: usize| {
        names[a].is_subset(&names[b])
            && problem.calls[a]
                .iter()
                .all(|need| problem.calls[b].iter().any(|other| need.implies(other)))
    };
    let count = problem.calls.len();
    let mut dropped = vec![false; count];
    for a in 0..count {
        for b in 0..count {
            if a != b && !dropped[a] && !dropped[b] && implies(a, b) {
                dropped[b] = true;
            }
        }
    }
    let mut dropped = dropped.into_iter();
    problem.calls.retain(|_| !dropped.next().unwrap_or(false));
}

/// Drops each name for which a better one does at least as much.
///
/// A name that takes part in a pair is left alone: what it does, or costs, depends on the other.
fn drop_dominated_names(problem: &mut Problem) {
    let bound = problem.costs.len();
    let mut covers = vec![FixedBitSet::with_capacity(problem.calls.len()); bound];
    let mut present = problem.none();
    let mut paired = problem.none();
    for (call, needs) in problem.calls.iter().enumerate() {
        for need in needs {
            if need.also.is_empty() {
                covers[need.main].insert(call);
                present.insert(need.main);
            } else {
                paired.extend(need.names());
            }
        }
    }
    let rank = |name: usize| (problem.costs[name], name);
    let names: Vec<usize> = present.ones().collect();
    let dominated: Vec<usize> = names
        .iter()
        .copied()
        .filter(|&name| !paired.contains(name))
        .filter(|&name| {
            names
                .iter()
                .any(|&better| rank(better) < rank(name) && covers[name].is_subset(&covers[better]))
        })
        .collect();
    let dominated = problem.set_of(dominated.into_iter());
    for needs in &mut problem.calls {
        needs.retain(|need| !(need.also.is_empty() && dominated.contains(need.main)));
    }
}

/// The independent parts of the problem: no name of one occurs in another.
fn parts(problem: &Problem) -> Vec<Problem> {
    let mut parts: Vec<(FixedBitSet, Vec<Vec<Need>>)> = Vec::new();
    for needs in &problem.calls {
        let mut names = problem.set_of(needs.iter().flat_map(Need::names));
        let mut calls = vec![needs.clone()];
        parts.retain_mut(|(known, others)| {
            if known.is_disjoint(&names) {
                return true;
            }
            names.union_with(known);
            calls.append(others);
            false
        });
        parts.push((names, calls));
    }
    parts
        .into_iter()
        .map(|(_, mut calls)| {
            calls.sort_unstable();
            Problem {
                costs: problem.costs.clone(),
                calls,
            }
        })
        .collect()
}

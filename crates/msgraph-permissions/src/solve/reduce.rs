//! Shrinks the covering problem without changing its answer, then searches what is left.
//!
//! Of real sets of calls nearly nothing is left: most calls force a name, and most names are
//! covered by a better one.

use std::collections::BTreeSet;

use super::cover::{Found, Need, Problem};
use super::search;
use super::set::Set;

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

    let bound = problem.costs.len();
    let mut chosen = Set::new(bound);
    loop {
        let before = problem.calls.clone();
        simplify(&mut problem, &mut chosen);
        // Beside a chosen partner, a name is as good as any.
        for partners in &mut problem.partners {
            if partners.iter().any(|&partner| chosen.contains(partner)) {
                partners.clear();
            }
        }
        drop_implied_calls(&mut problem);
        drop_dominated_names(&mut problem);
        if problem.calls == before {
            break;
        }
    }
    let mut at_least = chosen.members().count();
    let mut exact = true;
    for part in parts(&problem) {
        let found = search::solve(&part, &mut exact);
        at_least += found.at_least.unwrap_or(found.members.len());
        for member in found.members {
            chosen.insert(member);
        }
    }
    Found {
        members: chosen.members().collect(),
        at_least: (!exact).then_some(at_least),
    }
}

/// Chooses what a call forces, and drops what is met.
fn simplify(problem: &mut Problem, chosen: &mut Set) {
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
        let company: Vec<Vec<Need>> = forced
            .iter()
            .filter_map(|&name| problem.company(name, chosen))
            .collect();
        problem.calls.extend(company);
    }
}

/// The needs that are left of a call once `chosen` is held, none implied by another.
pub(super) fn specialise(needs: &[Need], chosen: &Set) -> Vec<Need> {
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
    let bound = problem.costs.len();
    let names: Vec<Set> = problem
        .calls
        .iter()
        .map(|needs| Set::from_members(bound, needs.iter().map(|need| need.main)))
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
    let mut covers = vec![Set::new(problem.calls.len()); bound];
    let mut present = Set::new(bound);
    let mut paired = Set::new(bound);
    for (call, needs) in problem.calls.iter().enumerate() {
        for need in needs {
            if need.also.is_empty() {
                covers[need.main].insert(call);
                present.insert(need.main);
            } else {
                for name in need.names() {
                    paired.insert(name);
                }
            }
        }
    }
    for (name, partners) in problem
        .partners
        .iter()
        .enumerate()
        .filter(|(_, partners)| !partners.is_empty())
    {
        paired.insert(name);
        for &partner in partners {
            paired.insert(partner);
        }
    }
    let rank = |name: usize| (problem.costs[name], name);
    let names: Vec<usize> = present.members().collect();
    let is_free = |name: usize| problem.partners[name].is_empty();
    let dominated: Vec<usize> = names
        .iter()
        .copied()
        .filter(|&name| !paired.contains(name))
        .filter(|&name| {
            names.iter().any(|&better| {
                is_free(better)
                    && rank(better) < rank(name)
                    && covers[name].is_subset(&covers[better])
            })
        })
        .collect();
    let dominated = Set::from_members(bound, dominated);
    for needs in &mut problem.calls {
        needs.retain(|need| !(need.also.is_empty() && dominated.contains(need.main)));
    }
}

/// The independent parts of the problem: no name of one occurs in another.
fn parts(problem: &Problem) -> Vec<Problem> {
    let mut parts: Vec<(Set, Vec<Vec<Need>>)> = Vec::new();
    for needs in &problem.calls {
        let mut names = with_partners(problem, needs.iter().flat_map(Need::names));
        let mut calls = vec![needs.clone()];
        parts.retain_mut(|(known, others)| {
            if known.is_disjoint(&names) {
                return true;
            }
            names.extend(known);
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
                partners: problem.partners.clone(),
                calls,
            }
        })
        .collect()
}

/// The names, and all that choosing one of them may bring with it.
fn with_partners(problem: &Problem, names: impl Iterator<Item = usize>) -> Set {
    let mut set = Set::new(problem.costs.len());
    let mut open: Vec<usize> = names.collect();
    while let Some(name) = open.pop() {
        if !set.contains(name) {
            set.insert(name);
            open.extend_from_slice(&problem.partners[name]);
        }
    }
    set
}

//! Branch and bound over what reduction left of a covering problem.

use fixedbitset::FixedBitSet;

use super::cover::{Cost, Found, Need, Problem};
use super::reduce::specialise;

/// How many positions are looked at before the search is cut short: well under a second.
///
/// The sets of calls that real apps make need none or a handful.
const MOST_POSITIONS: usize = 50_000;

/// The best cover; `exact` becomes false if the search was cut short.
pub(super) fn solve(problem: &Problem, exact: &mut bool) -> Found {
    let start = Position {
        chosen: problem.none(),
        banned: problem.none(),
        cost: Cost::default(),
        calls: problem.calls.clone(),
    };
    let first = greedy(problem);
    let mut search = Search {
        problem,
        best_cost: problem.cost(first.ones()),
        best: first,
        positions: 0,
    };
    let lowest = search.lower_bound(&start);
    search.explore(start);
    if search.positions <= MOST_POSITIONS {
        return Found {
            members: search.best.ones().collect(),
            at_least: None,
        };
    }
    *exact = false;
    let mut best = search.best;
    problem.prune(&mut best);
    Found {
        members: best.ones().collect(),
        at_least: Some(lowest.size),
    }
}

/// A cover that is good, if not the best: always the name that unlocks most of what is left.
fn greedy(problem: &Problem) -> FixedBitSet {
    let mut chosen = problem.none();
    let mut calls = problem.calls.clone();
    while let Some(first) = calls.first() {
        let mut gains: Vec<usize> = vec![0; problem.costs.len()];
        for needs in &calls {
            for need in needs.iter().filter(|need| need.also.is_empty()) {
                gains[need.main] += 1;
            }
        }
        let best = (0..gains.len())
            .filter(|&name| gains[name] > 0)
            .min_by_key(|&name| (std::cmp::Reverse(gains[name]), problem.costs[name], name));
        let name = match (best, first.first()) {
            (Some(name), _) => name,
            // Only pairs are left: open the first.
            (None, Some(need)) => need.main,
            (None, None) => {
                calls.remove(0);
                continue;
            }
        };
        chosen.insert(name);
        calls.retain(|needs| !needs.iter().any(|need| need.is_met(&chosen)));
        for needs in &mut calls {
            *needs = specialise(needs, &chosen);
        }
    }
    problem.prune(&mut chosen);
    chosen
}

/// A place in the search: what is chosen, what may not be, and the calls still to unlock.
struct Position {
    chosen: FixedBitSet,
    banned: FixedBitSet,
    cost: Cost,
    calls: Vec<Vec<Need>>,
}

struct Search<'a> {
    problem: &'a Problem,
    best: FixedBitSet,
    best_cost: Cost,
    positions: usize,
}

impl Search<'_> {
    /// Looks at every position that may be better than the best so far.
    ///
    /// The stack is ours: its depth is not that of the program's.
    fn explore(&mut self, start: Position) {
        let mut open = vec![start];
        while let Some(position) = open.pop() {
            self.positions += 1;
            if self.positions > MOST_POSITIONS {
                return;
            }
            if position.calls.is_empty() {
                self.offer(position);
                continue;
            }
            if position.cost + self.lower_bound(&position) > self.best_cost {
                continue;
            }
            let mut next = self.branch(&position);
            // The last pushed is looked at first.
            next.reverse();
            open.append(&mut next);
        }
    }

    fn offer(&mut self, position: Position) {
        let is_better = position.cost < self.best_cost
            || (position.cost == self.best_cost && position.chosen.ones().lt(self.best.ones()));
        if is_better {
            self.best_cost = position.cost;
            self.best = position.chosen;
        }
    }

    /// The positions after unlocking the call with the fewest ways, most promising first.
    fn branch(&self, position: &Position) -> Vec<Position> {
        let Some(call) = position.calls.iter().min_by_key(|needs| needs.len()) else {
            return Vec::new();
        };
        let unlocked = |name: usize| {
            let is_it = |need: &Need| need.also.is_empty() && need.main == name;
            position
                .calls
                .iter()
                .filter(|needs| needs.iter().any(is_it))
                .count()
        };
        let mut ways: Vec<&Need> = call.iter().collect();
        ways.sort_by_cached_key(|need| {
            (
                !need.also.is_empty(),
                std::cmp::Reverse(unlocked(need.main)),
                self.problem.costs[need.main],
                need.main,
            )
        });
        let mut banned = position.banned.clone();
        let mut next = Vec::with_capacity(ways.len());
        for need in ways {
            if need.also.is_empty() {
                next.extend(self.step(position, &banned, &[need.main]));
                // Everything with this name has been looked at.
                banned.insert(need.main);
            } else {
                for &also in &need.also {
                    next.extend(self.step(position, &banned, &[need.main, also]));
                }
            }
        }
        next
    }

    fn step(&self, position: &Position, banned: &FixedBitSet, names: &[usize]) -> Option<Position> {
        if names.iter().any(|&name| banned.contains(name)) {
            return None;
        }
        let mut chosen = position.chosen.clone();
        let mut cost = position.cost;
        for &name in names {
            if !chosen.contains(name) {
                chosen.insert(name);
                cost = cost + self.problem.costs[name];
            }
        }
        let mut calls = Vec::with_capacity(position.calls.len());
        for needs in &position.calls {
            if needs.iter().any(|need| need.is_met(&chosen)) {
                continue;
            }
            let mut needs = specialise(needs, &chosen);
            needs.retain_mut(|need| {
                let had = !need.also.is_empty();
                need.also.retain(|&name| !banned.contains(name));
                !banned.contains(need.main) && had != need.also.is_empty()
            });
            if needs.is_empty() {
                return None;
            }
            calls.push(needs);
        }
        Some(Position {
            chosen,
            banned: banned.clone(),
            cost,
            calls,
        })
    }

    /// What the calls of a position cost at the least: calls that share no name add up.
    fn lower_bound(&self, position: &Position) -> Cost {
        let mut order: Vec<&Vec<Need>> = position.calls.iter().collect();
        order.sort_by_key(|needs| needs.iter().map(|need| 1 + need.also.len()).sum::<usize>());
        let mut used = self.problem.none();
        let mut sum = Cost::default();
        for needs in order {
            let names = self.problem.set_of(needs.iter().flat_map(Need::names));
            if !names.is_disjoint(&used) {
                continue;
            }
            used.union_with(&names);
            let cheapest = needs
                .iter()
                .map(|need| {
                    let also = need.also.iter().map(|&name| self.problem.costs[name]).min();
                    self.problem.costs[need.main] + also.unwrap_or_default()
                })
                .min();
            sum = sum + cheapest.unwrap_or_default();
        }
        sum
    }
}

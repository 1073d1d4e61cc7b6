//! The covering problem: choose the cheapest names so that every call is unlocked.

use std::ops::Add;

use super::set::Set;

/// What a set of names costs; compared in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    /// How many names.
    pub(super) size: usize,
    /// Sum of their privilege levels.
    pub(super) level: usize,
    /// Sum of the operations they unlock.
    pub(super) breadth: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            size: self.size + other.size,
            level: self.level + other.level,
            breadth: self.breadth + other.breadth,
        }
    }
}

/// One way to unlock a call: a name, and one of some others beside it if there are any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Need {
    pub(super) main: usize,
    /// Sorted.
    pub(super) also: Vec<usize>,
}

impl Need {
    pub(super) fn alone(main: usize) -> Self {
        Self {
            main,
            also: Vec::new(),
        }
    }

    pub(super) fn is_met(&self, chosen: &Set) -> bool {
        chosen.contains(self.main)
            && (self.also.is_empty() || self.also.iter().any(|&name| chosen.contains(name)))
    }

    /// Whether meeting this need always meets the other.
    pub(super) fn implies(&self, other: &Self) -> bool {
        self.main == other.main
            && (other.also.is_empty()
                || (!self.also.is_empty()
                    && self.also.iter().all(|name| other.also.contains(name))))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.main).chain(self.also.iter().copied())
    }
}

/// Calls, each with the ways to unlock it, over names `0..costs.len()` in the order of their spelling.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) costs: Vec<Cost>,
    /// For a name that is least for no call by itself: those with one of which it is. It may be chosen
    /// only together with one of them. Empty for a name that may be chosen alone.
    pub(super) partners: Vec<Vec<usize>>,
    pub(super) calls: Vec<Vec<Need>>,
}

impl Problem {
    pub(super) fn cost(&self, names: impl Iterator<Item = usize>) -> Cost {
        names.fold(Cost::default(), |sum, name| sum + self.costs[name])
    }

    /// What choosing `name` asks for beside it, as a call: one of its partners. `None` if nothing.
    pub(super) fn company(&self, name: usize, chosen: &Set) -> Option<Vec<Need>> {
        let partners = &self.partners[name];
        let has_company =
            partners.is_empty() || partners.iter().any(|&partner| chosen.contains(partner));
        (!has_company).then(|| {
            partners
                .iter()
                .map(|&partner| Need::alone(partner))
                .collect()
        })
    }

    fn is_covered(&self, chosen: &Set) -> bool {
        self.calls
            .iter()
            .all(|needs| needs.iter().any(|need| need.is_met(chosen)))
    }

    /// Leaves out what is not needed, the most expensive first; a name without its partners goes with them.
    pub(super) fn prune(&self, chosen: &mut Set) {
        let mut members: Vec<usize> = chosen.members().collect();
        members.sort_by_key(|&name| std::cmp::Reverse((self.costs[name], name)));
        for name in members {
            let mut rest = chosen.clone();
            rest.remove(name);
            loop {
                let lonely = rest
                    .members()
                    .find(|&name| self.company(name, &rest).is_some());
                let Some(lonely) = lonely else { break };
                rest.remove(lonely);
            }
            if self.is_covered(&rest) {
                *chosen = rest;
            }
        }
    }
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Sorted.
    pub(super) members: Vec<usize>,
    /// If the search was cut short: the fewest names that any solution has.
    pub(super) at_least: Option<usize>,
}

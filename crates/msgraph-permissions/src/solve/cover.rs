//! The covering problem: choose the cheapest names so that every call is unlocked.

use std::cmp::Reverse;
use std::ops::Add;

use fixedbitset::FixedBitSet;

/// What a set of names costs; compared in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    /// How many names.
    pub(super) size: usize,
    /// How many of them say write and unlock no call that writes.
    pub(super) needless_writers: usize,
    /// Sum of the operations they unlock that are no reads.
    pub(super) writing: usize,
    /// Sum of the operations they unlock.
    pub(super) breadth: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            size: self.size + other.size,
            needless_writers: self.needless_writers + other.needless_writers,
            writing: self.writing + other.writing,
            breadth: self.breadth + other.breadth,
        }
    }
}

/// One way to unlock a call: a name, together with one of some others if there are any.
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

    pub(super) fn is_met(&self, chosen: &FixedBitSet) -> bool {
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
    pub(super) calls: Vec<Vec<Need>>,
}

impl Problem {
    pub(super) fn none(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.costs.len())
    }

    pub(super) fn set_of(&self, names: impl Iterator<Item = usize>) -> FixedBitSet {
        let mut set = self.none();
        set.extend(names);
        set
    }

    pub(super) fn cost(&self, names: impl Iterator<Item = usize>) -> Cost {
        names.fold(Cost::default(), |sum, name| sum + self.costs[name])
    }

    fn is_covered(&self, chosen: &FixedBitSet) -> bool {
        self.calls
            .iter()
            .all(|needs| needs.iter().any(|need| need.is_met(chosen)))
    }

    /// Leaves out what is not needed, the most expensive first.
    pub(super) fn prune(&self, chosen: &mut FixedBitSet) {
        let mut members: Vec<usize> = chosen.ones().collect();
        members.sort_by_key(|&name| Reverse((self.costs[name], name)));
        for name in members {
            chosen.remove(name);
            if !self.is_covered(chosen) {
                chosen.insert(name);
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

//! A small set of small numbers.

/// Numbers below a bound fixed at the start, as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(Vec<u64>);

impl Set {
    /// The empty set of numbers below `bound`.
    pub(super) fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    pub(super) fn from_members(bound: usize, members: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::new(bound);
        for member in members {
            set.insert(member);
        }
        set
    }

    pub(super) fn insert(&mut self, member: usize) {
        self.0[member / 64] |= 1 << (member % 64);
    }

    pub(super) fn remove(&mut self, member: usize) {
        self.0[member / 64] &= !(1 << (member % 64));
    }

    pub(super) fn contains(&self, member: usize) -> bool {
        self.0[member / 64] & (1 << (member % 64)) != 0
    }

    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(own, other)| own & !other == 0)
    }

    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(own, other)| own & other == 0)
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own |= other;
        }
    }

    /// The members, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(word, &bits)| {
            let mut bits = bits;
            std::iter::from_fn(move || {
                if bits == 0 {
                    return None;
                }
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                Some(word * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_in_order() {
        let mut set = Set::from_members(130, [129, 0, 64, 63]);
        set.remove(0);
        assert_eq!(set.members().collect::<Vec<_>>(), [63, 64, 129]);
        assert!(set.contains(64) && !set.contains(0));
        assert!(set.is_subset(&Set::from_members(130, [63, 64, 65, 129])));
        assert!(set.is_disjoint(&Set::from_members(130, [0, 65])));
        set.extend(&Set::from_members(130, [1]));
        assert_eq!(set.members().next(), Some(1));
    }
}

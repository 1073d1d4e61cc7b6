//! Helpers of a repository: functions that send a path which they are given.

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;

/// A function that sends requests to Microsoft Graph with a path that is one of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Helper {
    /// Its name.
    pub(crate) name: String,
    /// The number of the parameter that is the path.
    pub(crate) path: usize,
    /// Where its method comes from.
    pub(crate) verb: HelperVerb,
    /// The token of its request; of no meaning in another file.
    pub(crate) at: usize,
}

/// Where the method of a helper comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HelperVerb {
    /// It always sends this.
    Known(Method),
    /// The parameter of this number.
    Parameter(usize),
    /// It cannot be read.
    Unknown,
}

/// The helpers of a project, by their names. Collected in a first pass over its files with
/// [`collect_helpers`](crate::collect_helpers), merged, and given to each scan.
#[derive(Debug, Clone, Default)]
pub struct Helpers(FxHashMap<String, Option<Helper>>);

impl Helpers {
    /// Adds a helper. Two that differ under one name are none: the name alone does not tell which is called.
    pub(crate) fn add(&mut self, helper: Helper) {
        self.0
            .entry(helper.name.clone())
            .and_modify(|known| {
                let same = known
                    .as_ref()
                    .is_some_and(|known| known.path == helper.path && known.verb == helper.verb);
                if !same {
                    *known = None;
                }
            })
            .or_insert(Some(helper));
    }

    /// Adds the helpers of another file.
    pub fn merge(&mut self, other: Self) {
        for (name, helper) in other.0 {
            match helper {
                Some(helper) => self.add(helper),
                None => {
                    self.0.insert(name, None);
                }
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Helper> {
        self.0.get(name)?.as_ref()
    }
}

//! Helpers of a repository: functions that send a path which they are given.

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet};

/// A function that sends requests to Microsoft Graph with a path that is, or is made of, its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Helper {
    /// Its name.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) parameters: Vec<String>,
    /// The address that it sends.
    pub(crate) address: Vec<HelperPart>,
    /// Where its method comes from.
    pub(crate) verb: HelperVerb,
    /// Whether the address of the helper itself says that it is Microsoft Graph's.
    pub(crate) graph: bool,
    /// The token of its request; of no meaning in another file.
    pub(crate) at: usize,
}

/// A piece of the address that a helper sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HelperPart {
    /// Text.
    Text(String),
    /// The parameter of this number.
    Parameter(usize),
    /// Something else.
    Unknown,
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

impl Helper {
    /// Whether another helper of the same name does the same.
    fn agrees(&self, other: &Self) -> bool {
        self.address == other.address
            && self.verb == other.verb
            && self.parameters == other.parameters
    }
}

/// The helpers of a project, by their names. Collected in a first pass over its files with
/// [`collect_helpers`](crate::collect_helpers), merged, and given to each scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Helpers {
    by_name: FxHashMap<String, Option<Helper>>,
    /// The functions of files that make calls: what they call is found where they are written.
    functions: FxHashSet<String>,
}

impl Helpers {
    /// Adds a helper. Two that differ under one name are none: the name alone does not tell which is called.
    pub(crate) fn add(&mut self, helper: Helper) {
        self.by_name
            .entry(helper.name.to_ascii_lowercase())
            .and_modify(|known| {
                if !known.as_ref().is_some_and(|known| known.agrees(&helper)) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(helper.clone()));
    }

    /// Adds the helpers of another file.
    pub fn merge(&mut self, other: Self) {
        self.functions.extend(other.functions);
        for (name, helper) in other.by_name {
            match helper {
                Some(helper) => self.add(helper),
                None => {
                    self.by_name.insert(name, None);
                }
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Notes a function of a file that makes calls.
    pub(crate) fn add_function(&mut self, name: &str) {
        self.functions.insert(name.to_owned());
    }

    /// Whether a function of this name stands in a file that makes calls.
    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Helper> {
        self.by_name.get(&name.to_ascii_lowercase())?.as_ref()
    }
}

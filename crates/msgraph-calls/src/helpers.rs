//! Helpers of a repository: functions that send a path which they are given.

use std::sync::OnceLock;

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
    /// The class that it is a method of.
    pub(crate) class: Option<String>,
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

/// Through how many functions a path is followed.
const ROUNDS: usize = 4;

/// A function that hands an address, made of its parameters, to another function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delegate {
    /// Its name.
    pub(crate) name: String,
    /// The class that it is a method of.
    pub(crate) class: Option<String>,
    /// Its parameters.
    pub(crate) parameters: Vec<String>,
    /// The function that it calls.
    pub(crate) callee: String,
    /// What it gives to that function.
    pub(crate) arguments: Vec<Argument>,
    /// The token of the call; of no meaning in another file.
    pub(crate) at: usize,
}

/// What a function gives to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    /// The parameter that it is for, where the call names it.
    pub(crate) name: Option<String>,
    /// The text, as far as it is made of the function's own parameters; empty for anything else.
    pub(crate) parts: Vec<HelperPart>,
    /// The HTTP method that it names.
    pub(crate) method: Option<Method>,
}

impl Delegate {
    /// The helper that this function is, when what it calls is `callee`.
    pub(crate) fn through(&self, callee: &Helper) -> Option<Helper> {
        let argument = |number: usize| {
            let name = callee.parameters.get(number);
            self.arguments
                .iter()
                .find(|argument| argument.name.is_some() && argument.name.as_ref() == name)
                .or_else(|| {
                    self.arguments
                        .get(number)
                        .filter(|argument| argument.name.is_none())
                })
        };
        // A batch is no request of the path that it is given.
        let batch = |name: &str| name.to_ascii_lowercase().contains("batch");
        if batch(&self.name) || batch(&callee.name) {
            return None;
        }
        let mut address = Vec::new();
        for part in &callee.address {
            match part {
                HelperPart::Parameter(number) => {
                    address.extend(argument(*number)?.parts.iter().cloned());
                }
                other => address.push(other.clone()),
            }
        }
        let given = address
            .iter()
            .any(|part| matches!(part, HelperPart::Parameter(_)));
        let verb = match callee.verb {
            HelperVerb::Parameter(number) => match argument(number) {
                None => HelperVerb::Known(Method::Get),
                Some(argument) => match (argument.method, argument.parts.as_slice()) {
                    (Some(method), _) => HelperVerb::Known(method),
                    (None, [HelperPart::Parameter(own)]) => HelperVerb::Parameter(*own),
                    _ => HelperVerb::Unknown,
                },
            },
            other => other,
        };
        given.then(|| Helper {
            name: self.name.clone(),
            parameters: self.parameters.clone(),
            address,
            verb,
            graph: callee.graph,
            class: self.class.clone(),
            at: self.at,
        })
    }
}

/// An address that a name holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constant {
    pub(crate) text: String,
    /// The class or object that the name is a member of.
    pub(crate) owner: Option<String>,
}

/// What the delegates of a project are.
#[derive(Debug, Clone, Default)]
struct Settled {
    by_name: FxHashMap<String, Option<Helper>>,
    by_class: FxHashMap<(String, String), Option<Helper>>,
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
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    by_name: FxHashMap<String, Option<Helper>>,
    /// Methods, by class and name.
    by_class: FxHashMap<(String, String), Option<Helper>>,
    delegates: Vec<Delegate>,
    /// What the delegates are, once all files are merged.
    settled: OnceLock<Settled>,
    /// Addresses by the names that hold them. `None`: not every file means the same.
    constants: FxHashMap<String, Option<Constant>>,
    /// The functions of files that make calls: what they call is found where they are written.
    functions: FxHashSet<String>,
}

// What is worked out from the rest is no difference.
impl PartialEq for Helpers {
    fn eq(&self, other: &Self) -> bool {
        self.by_name == other.by_name
            && self.by_class == other.by_class
            && self.delegates == other.delegates
            && self.constants == other.constants
            && self.functions == other.functions
    }
}

impl Eq for Helpers {}

impl Helpers {
    /// Adds a helper. Two that differ under one name are none: the name alone does not tell which is called.
    pub(crate) fn add(&mut self, mut helper: Helper) {
        self.settled = OnceLock::new();
        // Places of one file say nothing to another, and an edit above a function changes nothing for its callers.
        helper.at = 0;
        if let Some(class) = &helper.class {
            let key = (class.clone(), helper.name.to_ascii_lowercase());
            insert(&mut self.by_class, key, &helper);
        }
        insert(&mut self.by_name, helper.name.to_ascii_lowercase(), &helper);
    }

    /// Adds a function that hands its path to another.
    pub(crate) fn add_delegate(&mut self, mut delegate: Delegate) {
        self.settled = OnceLock::new();
        delegate.at = 0;
        self.delegates.push(delegate);
    }

    /// Adds a name that holds an address.
    pub(crate) fn add_constant(&mut self, name: &str, constant: Constant) {
        self.constants
            .entry(name.to_owned())
            .and_modify(|known| {
                if known.as_ref() != Some(&constant) {
                    *known = None;
                }
            })
            .or_insert(Some(constant));
    }

    /// Notes that a name holds something else than an address of Microsoft Graph.
    pub(crate) fn add_other(&mut self, name: &str) {
        if let Some(known) = self.constants.get_mut(name) {
            *known = None;
        }
    }

    /// Whether names of the project hold addresses.
    pub(crate) fn has_constants(&self) -> bool {
        !self.constants.is_empty()
    }

    /// The address that a name holds.
    pub(crate) fn constant(&self, name: &str) -> Option<&Constant> {
        self.constants.get(name)?.as_ref()
    }

    /// Adds the helpers of another file.
    pub fn merge(&mut self, other: Self) {
        self.settled = OnceLock::new();
        self.functions.extend(other.functions);
        self.delegates.extend(other.delegates);
        for (name, helper) in other.by_name {
            match helper {
                Some(helper) => insert(&mut self.by_name, name, &helper),
                None => {
                    self.by_name.insert(name, None);
                }
            }
        }
        for (key, helper) in other.by_class {
            match helper {
                Some(helper) => insert(&mut self.by_class, key, &helper),
                None => {
                    self.by_class.insert(key, None);
                }
            }
        }
        for (name, constant) in other.constants {
            match constant {
                Some(constant) => self.add_constant(&name, constant),
                None => {
                    self.constants.insert(name, None);
                }
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.constants.is_empty()
    }

    /// Notes a function of a file that makes calls.
    pub(crate) fn add_function(&mut self, name: &str) {
        self.functions.insert(name.to_owned());
    }

    /// Whether a function of this name stands in a file that makes calls.
    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// The helper of a name, if all of that name do the same.
    pub(crate) fn get(&self, name: &str) -> Option<&Helper> {
        let name = name.to_ascii_lowercase();
        // A function of no service in particular may be more by way of what it calls.
        match self.by_name.get(&name) {
            Some(Some(helper)) if !helper.graph => {
                let settled = self.settled().by_name.get(&name);
                settled.and_then(Option::as_ref).or(Some(helper))
            }
            Some(helper) => helper.as_ref(),
            None => self.settled().by_name.get(&name)?.as_ref(),
        }
    }

    /// The method of a class.
    pub(crate) fn of_class(&self, class: &str, name: &str) -> Option<&Helper> {
        let key = (class.to_owned(), name.to_ascii_lowercase());
        match self.by_class.get(&key) {
            Some(Some(helper)) if !helper.graph => {
                let settled = self.settled().by_class.get(&key);
                settled.and_then(Option::as_ref).or(Some(helper))
            }
            Some(helper) => helper.as_ref(),
            None => self.settled().by_class.get(&key)?.as_ref(),
        }
    }

    /// The delegates as helpers: each completes what its callee sends.
    fn settled(&self) -> &Settled {
        self.settled.get_or_init(|| {
            let mut settled = Settled::default();
            for _ in 0..ROUNDS {
                let mut found: Vec<Helper> = Vec::new();
                for delegate in &self.delegates {
                    let name = delegate.name.to_ascii_lowercase();
                    let known = self.by_name.get(&name);
                    let known =
                        known.is_some_and(|known| known.as_ref().is_none_or(|helper| helper.graph));
                    if known || settled.by_name.contains_key(&name) {
                        continue;
                    }
                    let callee = delegate.callee.to_ascii_lowercase();
                    let of_class = |helpers: &FxHashMap<(String, String), Option<Helper>>| {
                        let class = delegate.class.clone()?;
                        helpers.get(&(class, callee.clone())).cloned().flatten()
                    };
                    let callee = of_class(&self.by_class)
                        .or_else(|| of_class(&settled.by_class))
                        .or_else(|| self.by_name.get(&callee).cloned().flatten())
                        .or_else(|| settled.by_name.get(&callee).cloned().flatten());
                    found.extend(callee.and_then(|callee| delegate.through(&callee)));
                }
                if found.is_empty() {
                    break;
                }
                for helper in found {
                    if let Some(class) = &helper.class {
                        let key = (class.clone(), helper.name.to_ascii_lowercase());
                        insert(&mut settled.by_class, key, &helper);
                    }
                    insert(
                        &mut settled.by_name,
                        helper.name.to_ascii_lowercase(),
                        &helper,
                    );
                }
            }
            settled
        })
    }
}

/// Adds a helper under a key. Two that differ are none: the key does not tell which is called.
fn insert<K: std::hash::Hash + Eq>(
    helpers: &mut FxHashMap<K, Option<Helper>>,
    key: K,
    helper: &Helper,
) {
    helpers
        .entry(key)
        .and_modify(|known| {
            if !known.as_ref().is_some_and(|known| known.agrees(helper)) {
                *known = None;
            }
        })
        .or_insert_with(|| Some(helper.clone()));
}

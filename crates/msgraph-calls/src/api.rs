//! The shape of the API: the catalog's templates as a tree, in which a path with unknown parts is looked up.

mod accessors;
mod search;
mod segments;

use std::sync::OnceLock;

use msgraph_permissions::{Catalog, Method};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::address::{self, Target};
use crate::cmdlets;

pub(crate) use self::accessors::Cursor;
use self::search::Search;
pub(crate) use self::segments::fold;
use self::segments::{function, join_addresses, looks_like_word};

/// Stands in a text for a part that is not known: a variable, an expression.
pub(crate) const HOLE: char = '\0';

/// How many nodes one look-up visits at most. A call of the published data needs fewer than a hundred.
const MOST_VISITS: usize = 4_000;

/// The templates of a catalog, for finding which of them a call means. Built once for a run.
#[derive(Debug)]
pub struct Api {
    operations: Vec<(Method, Box<str>)>,
    nodes: Vec<Node>,
    templates: Vec<Template>,
    /// Every word of a template, folded.
    words: FxHashSet<Box<str>>,
    cmdlets: OnceLock<cmdlets::Index>,
}

#[derive(Debug)]
struct Template {
    spelling: Box<str>,
    methods: u16,
}

#[derive(Debug, Default)]
struct Node {
    words: FxHashMap<Box<str>, u32>,
    /// Functions with arguments, by their folded name.
    functions: FxHashMap<Box<str>, Vec<Function>>,
    item: Option<u32>,
    /// `{id}:`, an item that is addressed by its path.
    address: Option<u32>,
    template: Option<u32>,
}

#[derive(Debug)]
struct Function {
    /// Names of the arguments, in lower case, sorted.
    arguments: Vec<Box<str>>,
    node: u32,
}

/// What a path turned out to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match<'a> {
    /// A template of the catalog that has the method.
    Template {
        /// As the catalog spells it.
        template: &'a str,
        /// The path without ids.
        path: String,
    },
    /// No template, or not with this method.
    Nothing {
        /// The path without ids.
        path: String,
    },
    /// An unknown part stands where the API has words.
    Unknown,
}

impl Api {
    /// The tree of a catalog's templates.
    pub fn of(catalog: &Catalog) -> Self {
        Self::new(catalog.templates().flat_map(|template| {
            template
                .methods()
                .map(move |method| (method, template.path()))
        }))
    }

    /// The tree of these operations, the templates in the catalog's notation: `/users/{id}/messages`.
    pub fn new<'a>(operations: impl IntoIterator<Item = (Method, &'a str)>) -> Self {
        let mut api = Self {
            operations: Vec::new(),
            nodes: vec![Node::default()],
            templates: Vec::new(),
            words: FxHashSet::default(),
            cmdlets: OnceLock::new(),
        };
        let mut seen = FxHashSet::default();
        for (method, template) in operations {
            if seen.insert((method, template)) {
                api.insert(method, template);
                api.operations.push((method, template.into()));
            }
        }
        api
    }

    /// Every operation, in the catalog's order.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (Method, &str)> {
        self.operations
            .iter()
            .map(|(method, template)| (*method, &**template))
    }

    /// The names of the SDK's cmdlets; made when the first is met.
    pub(crate) fn cmdlets(&self) -> &cmdlets::Index {
        self.cmdlets
            .get_or_init(|| cmdlets::Index::new(self.operations()))
    }

    /// An address or a path without host, version, tenant and query, each id as `{id}`, for output. `None`: it is not one
    /// of Microsoft Graph, or it cannot be told which of its segments are ids.
    pub fn masked(&self, method: Method, address: &str) -> Option<String> {
        match address::read(self, Some(method), address)?.target {
            Target::Path { path, .. } => Some(path),
            Target::Batch => Some("/$batch".to_owned()),
            Target::Unknown { .. } => None,
        }
    }

    /// The template of a path without version and query: `/users/ada/messages`, `/users/{id}/messages`.
    pub fn template(&self, method: Method, path: &str) -> Option<&str> {
        let path: String = path
            .split('/')
            .map(|segment| {
                if segment.starts_with('{') {
                    "\0"
                } else {
                    segment
                }
            })
            .collect::<Vec<_>>()
            .join("/");
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        match self.find(Some(method), &segments) {
            Match::Template { template, .. } => Some(template),
            Match::Nothing { .. } | Match::Unknown => None,
        }
    }

    /// Whether a segment may begin a path.
    pub(crate) fn is_root(&self, segment: &str) -> bool {
        let name = segment.split('(').next().unwrap_or(segment);
        let folded = fold(name);
        // The service has these too; the published data says nothing of some of them.
        matches!(
            folded.as_str(),
            "$batch" | "subscriptions" | "search" | "directoryobjects"
        ) || self.nodes[0].words.contains_key(folded.as_str())
            || self.nodes[0].functions.contains_key(folded.as_str())
    }

    /// Whether a segment is a word of the API: no id, no name.
    pub(crate) fn is_word(&self, segment: &str) -> bool {
        !segment.is_empty()
            && (matches!(segment, "$batch" | "$ref" | "$count" | "$value")
                || Some(fold(segment))
                    .filter(|folded| !folded.is_empty())
                    .is_some_and(|folded| self.words.contains(folded.as_str())))
    }

    /// Finds the template of a path, given by its segments, in which [`HOLE`] is an unknown part. Without a method, any
    /// method will do.
    pub(crate) fn find(&self, method: Option<Method>, segments: &[&str]) -> Match<'_> {
        let joined = join_addresses(segments);
        let mut search = Search {
            api: self,
            method,
            left: MOST_VISITS,
            path: Vec::new(),
            deepest: 0,
        };
        if let Some((template, path)) = search.run(&joined) {
            let template = &self.templates[template as usize].spelling;
            return Match::Template { template, path };
        }
        // Known, but not with this method: its ids are known too.
        search.method = None;
        search.left = MOST_VISITS;
        if let Some((_, path)) = search.run(&joined) {
            return Match::Nothing { path };
        }
        let stuck = joined.get(search.deepest);
        // `/users/{}/{}`: only words follow an item. A hole behind the last known word is no id either.
        if stuck.is_some_and(|segment| segment.contains(HOLE))
            && !self.is_item(&joined[..search.deepest])
        {
            return Match::Unknown;
        }
        Match::Nothing {
            path: self.mask(&joined),
        }
    }

    /// Whether an item may follow a path.
    fn is_item(&self, segments: &[String]) -> bool {
        let mut node = 0;
        for segment in segments {
            let here = &self.nodes[node as usize];
            let next = here
                .words
                .get(fold(segment).as_str())
                .copied()
                .or(here.item);
            let Some(next) = next else {
                return true;
            };
            node = next;
        }
        self.nodes[node as usize].item.is_some()
    }

    /// A path that the catalog lacks, with `{id}` for everything that is no word of the API. An id stands where the
    /// catalog has items, a word where it has none, and, in code, behind an expression: `/devices/{id}/newThing`.
    fn mask(&self, segments: &[String]) -> String {
        let mut path = String::new();
        // Where the catalog's tree is, as far as it goes, and whether an expression was the last.
        let mut node = Some(0_u32);
        let (mut after_hole, mut after_id) = (false, false);
        for (at, segment) in segments.iter().enumerate() {
            path.push('/');
            let (name, arguments) = match segment.split_once('(') {
                Some((name, arguments)) => (name, Some(arguments)),
                None => (segment.as_str(), None),
            };
            let here = node.map(|node| &self.nodes[node as usize]);
            let item = here.and_then(|here| here.item);
            let known = here.and_then(|here| here.words.get(fold(name).as_str()).copied());
            let is_word = known.is_some()
                || self.is_word(name)
                // An unknown root is no id.
                || (at == 0
                    && !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
                || (looks_like_word(name)
                    && (after_hole || (!after_id && here.is_some() && item.is_none())));
            path.push_str(if is_word { name } else { "{id}" });
            // `root:/{path}:/content`: the colon ends the path of a file.
            if !is_word && at + 1 < segments.len() && segment.ends_with(':') {
                path.push(':');
            }
            node = if is_word { known } else { item };
            after_hole = segment.contains(HOLE);
            after_id = !is_word;
            match arguments {
                Some(")") if is_word => path.push_str("()"),
                // `range(address='A1')` is a function, `users('ada')` an item.
                Some(arguments) if is_word && arguments.contains('=') => {
                    let names: Vec<String> = arguments
                        .split(',')
                        .filter_map(|argument| argument.split_once('='))
                        .map(|(name, _)| format!("{}={{}}", name.trim()))
                        .collect();
                    path.push_str(&format!("({})", names.join(",")));
                }
                Some(_) if is_word => {
                    path.push_str("/{id}");
                    node = node.and_then(|node| self.nodes[node as usize].item);
                }
                _ => {}
            }
        }
        path
    }

    fn insert(&mut self, method: Method, template: &str) {
        // Two templates hold a query; the path alone finds them.
        let path = template.split('?').next().unwrap_or(template);
        let mut node = 0;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            node = self.child(node, segment);
        }
        let template = match self.nodes[node as usize].template {
            Some(known) => known,
            None => {
                self.templates.push(Template {
                    spelling: template.into(),
                    methods: 0,
                });
                let new = number(self.templates.len() - 1);
                self.nodes[node as usize].template = Some(new);
                new
            }
        };
        self.templates[template as usize].methods |= bit(method);
    }

    fn child(&mut self, parent: u32, segment: &str) -> u32 {
        let new = number(self.nodes.len());
        let here = &mut self.nodes[parent as usize];
        let child = if segment.starts_with('{') {
            let slot = if segment.ends_with(':') {
                &mut here.address
            } else {
                &mut here.item
            };
            *slot.get_or_insert(new)
        } else if let Some((name, arguments)) = function(segment) {
            let functions = here.functions.entry(fold(name).into()).or_default();
            match functions.iter().find(|known| known.arguments == arguments) {
                Some(known) => known.node,
                None => {
                    functions.push(Function {
                        arguments,
                        node: new,
                    });
                    new
                }
            }
        } else {
            let word: Box<str> = fold(segment).into();
            self.words.insert(word.clone());
            *here.words.entry(word).or_insert(new)
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }
}

const fn bit(method: Method) -> u16 {
    1 << method as u16
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("a catalog has fewer than 2^32 segments")
}

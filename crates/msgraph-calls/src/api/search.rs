//! One walk down the tree of templates: which of them a path means, with as few changes to the path as it takes.

use super::segments::{fold, function};
use super::{Api, HOLE, bit};

use msgraph_permissions::Method;

/// One walk down the tree.
pub(super) struct Search<'a> {
    pub(super) api: &'a Api,
    pub(super) method: Option<Method>,
    pub(super) left: usize,
    /// The path so far, without ids.
    pub(super) path: Vec<String>,
    /// How many segments some walk consumed before it found no way on.
    pub(super) deepest: usize,
}

impl Search<'_> {
    /// The template, and the path without ids, with as few changes to the path as it takes.
    pub(super) fn run(&mut self, segments: &[String]) -> Option<(u32, String)> {
        Fallback::ALL.into_iter().find_map(|fallback| {
            let tried = fallback.apply(segments)?;
            self.path.clear();
            let template = self.visit(0, &tried.segments)?;
            let mut path = self.path.concat();
            path.push_str(&tried.tail);
            Some((template, path))
        })
    }

    fn visit(&mut self, node: u32, segments: &[String]) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        self.deepest = self.deepest.max(self.path.len());
        let here = &self.api.nodes[node as usize];
        let Some((segment, rest)) = segments.split_first() else {
            let template = here.template?;
            let methods = self.api.templates[template as usize].methods;
            return self
                .method
                .is_none_or(|method| methods & bit(method) != 0)
                .then_some(template);
        };
        let is_hole = !segment.is_empty() && segment.chars().all(|c| c == HOLE);
        if let Some((name, arguments)) = function(segment) {
            let functions = here
                .functions
                .get(fold(name).as_str())
                .map_or(&[][..], Vec::as_slice);
            // The same arguments first, then any.
            for same in [true, false] {
                for known in functions {
                    if (known.arguments == arguments) == same {
                        let names: Vec<String> = known
                            .arguments
                            .iter()
                            .map(|name| format!("{name}={{}}"))
                            .collect();
                        let step = format!("/{name}({})", names.join(","));
                        if let Some(found) = self.step(known.node, step, rest) {
                            return Some(found);
                        }
                    }
                }
            }
            // A function whose arguments the published data leaves out: `getPstnCalls(fromDateTime=…)`.
            if !arguments.is_empty()
                && let Some(&child) = here.words.get(fold(name).as_str())
                && self.api.nodes[child as usize].item.is_none()
            {
                let step = format!("/{}", masked(segment));
                if let Some(found) = self.step(child, step, rest) {
                    return Some(found);
                }
            }
            // `users('ada')` and `applications(appId='…')` are items.
            let collection = here.words.get(fold(name).as_str()).copied();
            if let Some(item) = collection.and_then(|node| self.api.nodes[node as usize].item)
                && let Some(found) = self.step(item, format!("/{name}/{{id}}"), rest)
            {
                return Some(found);
            }
            return None;
        }
        if !segment.contains(HOLE) {
            let word = fold(segment);
            if let Some(&child) = here.words.get(word.as_str())
                && let Some(found) = self.step(child, format!("/{segment}"), rest)
            {
                return Some(found);
            }
            // A function whose arguments were left out.
            if let Some(known) = here
                .functions
                .get(word.as_str())
                .and_then(|all| all.first())
                && let Some(found) = self.step(known.node, format!("/{segment}"), rest)
            {
                return Some(found);
            }
        }
        if segment.ends_with(':')
            && segment.len() > 1
            && let Some(child) = here.address
            && let Some(found) = self.step(child, "/{id}:".to_owned(), rest)
        {
            return Some(found);
        }
        // `$ref`, `$count` and `$value` never stand for an id.
        let child = here.item.filter(|_| is_hole || !segment.starts_with('$'))?;
        self.step(child, "/{id}".to_owned(), rest)
    }

    fn step(&mut self, node: u32, segment: String, rest: &[String]) -> Option<u32> {
        self.path.push(segment);
        let found = self.visit(node, rest);
        if found.is_none() {
            self.path.pop();
        }
        found
    }
}

/// `name(a=1,b=2)` without its values.
fn masked(segment: &str) -> String {
    let (name, rest) = segment.split_once('(').unwrap_or((segment, ""));
    let names: Vec<String> = rest
        .trim_end_matches(')')
        .split(',')
        .filter_map(|argument| argument.split_once('='))
        .map(|(name, _)| format!("{}={{}}", name.trim()))
        .collect();
    format!("{name}({})", names.join(","))
}

/// Changes to a path after which a template may match. None leads to another resource.
#[derive(Debug, Clone, Copy)]
enum Fallback {
    Exact,
    /// `$ref`, `$count` or `$value` at the end. The published data has it for few of the paths that end so.
    Tail,
    /// A cast at the end or in the middle.
    Cast,
}

struct Tried {
    segments: Vec<String>,
    /// What was taken off the end.
    tail: String,
}

impl Fallback {
    const ALL: [Self; 3] = [Self::Exact, Self::Tail, Self::Cast];

    fn apply(self, segments: &[String]) -> Option<Tried> {
        match self {
            Self::Exact => Some(Tried {
                segments: segments.to_vec(),
                tail: String::new(),
            }),
            Self::Tail => {
                let (last, rest) = segments.split_last()?;
                matches!(last.as_str(), "$ref" | "$count" | "$value").then(|| Tried {
                    segments: rest.to_vec(),
                    tail: format!("/{last}"),
                })
            }
            Self::Cast => {
                let (last, rest) = segments.split_last()?;
                let is_cast = |segment: &str| {
                    (segment.starts_with("microsoft.graph.") || segment.starts_with("graph."))
                        && !segment.contains(['(', HOLE])
                };
                if is_cast(last) {
                    return Some(Tried {
                        segments: rest.to_vec(),
                        tail: format!("/{last}"),
                    });
                }
                // An action may be called by its full name: `microsoft.graph.assignLicense`.
                segments
                    .iter()
                    .any(|segment| is_cast(segment))
                    .then(|| Tried {
                        segments: segments
                            .iter()
                            .filter(|segment| !is_cast(segment))
                            .cloned()
                            .collect(),
                        tail: String::new(),
                    })
            }
        }
    }
}

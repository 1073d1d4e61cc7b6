//! Finds the templates that a path can mean: literal words first, placeholders after, with back-tracking.

use rustc_hash::FxHashMap;

use crate::path::{Pattern, Segment, TemplatePath, matches_masked};

/// Index of a template in the catalog.
pub(crate) type TemplateId = u32;

/// Index of a place in the tree.
pub(crate) type NodeId = u32;

const ROOT: NodeId = 0;

/// Ends the name in a literal that stands for a function with arguments of any name: `range(*`.
pub(crate) const ANY_ARGUMENTS: &str = "(*";

/// A tree of segments. A literal child never hides a placeholder beside it.
#[derive(Debug)]
pub(crate) struct Trie {
    symbols: FxHashMap<Box<str>, u32>,
    literals: FxHashMap<(NodeId, u32), NodeId>,
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    segment: Box<str>,
    /// Children that are words, for going through them; by word they are found in [`Trie::literals`].
    literals: Vec<NodeId>,
    any: Option<NodeId>,
    stray_brace: Option<NodeId>,
    around: Vec<(Box<str>, Box<str>, NodeId)>,
    /// Children that are functions with arguments, by bare name.
    functions: Vec<(Box<str>, NodeId)>,
    template: Option<TemplateId>,
    /// Templates that differ from `template` by a query.
    queries: Vec<(Box<str>, TemplateId)>,
}

impl Trie {
    pub(crate) fn new() -> Self {
        Self {
            symbols: FxHashMap::default(),
            literals: FxHashMap::default(),
            nodes: vec![Node::default()],
        }
    }

    /// The template at this path, which is `new` if there was none.
    pub(crate) fn insert(&mut self, path: TemplatePath<'_>, new: TemplateId) -> TemplateId {
        let mut node = ROOT;
        for pattern in path.segments {
            node = match pattern {
                Pattern::Literal(text) => self.literal_child(node, &text),
                Pattern::Any => match self.node(node).any {
                    Some(child) => child,
                    None => {
                        let child = self.add_node("{}");
                        self.node_mut(node).any = Some(child);
                        child
                    }
                },
                Pattern::StrayBrace => match self.node(node).stray_brace {
                    Some(child) => child,
                    None => {
                        let child = self.add_node("{}}");
                        self.node_mut(node).stray_brace = Some(child);
                        child
                    }
                },
                Pattern::Around { prefix, suffix } => {
                    let known = self
                        .node(node)
                        .around
                        .iter()
                        .find(|(p, s, _)| **p == *prefix && **s == *suffix)
                        .map(|&(_, _, child)| child);
                    match known {
                        Some(child) => child,
                        None => {
                            let child = self.add_node(&format!("{prefix}{{}}{suffix}"));
                            self.node_mut(node)
                                .around
                                .push((prefix.into(), suffix.into(), child));
                            child
                        }
                    }
                }
            };
        }
        let node = self.node_mut(node);
        match path.query {
            None => *node.template.get_or_insert(new),
            Some(query) => match node.queries.iter().find(|(known, _)| **known == *query) {
                Some(&(_, template)) => template,
                None => {
                    node.queries.push((query.into(), new));
                    new
                }
            },
        }
    }

    /// Every template that the path can mean, the most literal first.
    pub(crate) fn find(&self, segments: &[Segment], query: &[String]) -> Vec<TemplateId> {
        let mut found = Vec::new();
        for node in self.walk(segments) {
            let node = self.node(node);
            found.extend(
                node.queries
                    .iter()
                    .filter(|(pattern, _)| {
                        query.iter().any(|option| matches_masked(pattern, option))
                    })
                    .map(|&(_, template)| template),
            );
            found.extend(node.template);
        }
        found
    }

    /// The template that is written exactly so, placeholders by any name.
    pub(crate) fn get(&self, path: &TemplatePath<'_>) -> Option<TemplateId> {
        let node = self.node(self.node_of(path)?);
        match &path.query {
            None => node.template,
            Some(query) => node
                .queries
                .iter()
                .find(|(known, _)| **known == **query)
                .map(|&(_, template)| template),
        }
    }

    /// Every template that begins with this path and goes on.
    pub(crate) fn below(&self, path: &TemplatePath<'_>) -> Vec<TemplateId> {
        let mut found = Vec::new();
        let mut open: Vec<NodeId> = self
            .node_of(path)
            .map_or_else(Vec::new, |node| self.children(node));
        while let Some(id) = open.pop() {
            let node = self.node(id);
            found.extend(node.template);
            found.extend(node.queries.iter().map(|&(_, template)| template));
            open.extend(self.children(id));
        }
        found.sort_unstable();
        found
    }

    fn node_of(&self, path: &TemplatePath<'_>) -> Option<NodeId> {
        path.segments.iter().try_fold(ROOT, |id, pattern| {
            let node = self.node(id);
            match pattern {
                Pattern::Literal(text) => {
                    let symbol = *self.symbols.get(&**text)?;
                    self.literals.get(&(id, symbol)).copied()
                }
                Pattern::Any => node.any,
                Pattern::StrayBrace => node.stray_brace,
                Pattern::Around { prefix, suffix } => node
                    .around
                    .iter()
                    .find(|(p, s, _)| **p == **prefix && **s == **suffix)
                    .map(|&(_, _, child)| child),
            }
        })
    }

    pub(crate) fn root(&self) -> NodeId {
        ROOT
    }

    /// What stands at a place: a word, a function, `{}`, or text around `{}`.
    pub(crate) fn segment(&self, id: NodeId) -> &str {
        &self.node(id).segment
    }

    pub(crate) fn template_at(&self, id: NodeId) -> Option<TemplateId> {
        self.node(id).template
    }

    pub(crate) fn children(&self, id: NodeId) -> Vec<NodeId> {
        let node = self.node(id);
        let mut children = node.literals.clone();
        children.extend(node.any);
        children.extend(node.stray_brace);
        children.extend(node.around.iter().map(|&(_, _, child)| child));
        children
    }

    /// Whether the path leads to words that take a key: a collection.
    pub(crate) fn takes_key(&self, segments: &[Segment]) -> bool {
        self.walk(segments)
            .iter()
            .any(|&node| self.node(node).any.is_some())
    }

    /// Whether the path can end in a placeholder, and so in an id.
    pub(crate) fn ends_in_key(&self, segments: &[Segment]) -> bool {
        let Some((last, before)) = segments.split_last() else {
            return false;
        };
        let symbol = last
            .may_be_word()
            .then(|| self.symbols.get(last.text.as_str()))
            .flatten();
        let nodes = self.walk(before);
        let is_word = |node: &NodeId| {
            symbol.is_some_and(|&symbol| self.literals.contains_key(&(*node, symbol)))
        };
        last.may_be_key()
            && nodes.iter().any(|&node| self.node(node).any.is_some())
            && !nodes.iter().any(is_word)
    }

    /// The nodes at the end of the path, the most literal way first.
    ///
    /// Each node is reached by one way alone, so the work is bounded by the size of the tree.
    fn walk(&self, segments: &[Segment]) -> Vec<NodeId> {
        let symbols: Vec<Option<u32>> = segments
            .iter()
            .map(|segment| {
                segment
                    .may_be_word()
                    .then(|| self.symbols.get(segment.text.as_str()).copied())
                    .flatten()
            })
            .collect();
        let mut ends = Vec::new();
        let mut open = vec![(ROOT, 0)];
        while let Some((id, depth)) = open.pop() {
            let Some(segment) = segments.get(depth) else {
                ends.push(id);
                continue;
            };
            let node = self.node(id);
            // The last pushed is tried first. The twin with a stray brace is a typing error, unless asked for.
            if segment.may_be_key() {
                let (last, first) = if segment.has_stray_brace() {
                    (node.any, node.stray_brace)
                } else {
                    (node.stray_brace, node.any)
                };
                open.extend(last.map(|child| (child, depth + 1)));
                open.extend(first.map(|child| (child, depth + 1)));
            }
            for (prefix, suffix, child) in node.around.iter().rev() {
                let fits = segment.text.len() > prefix.len() + suffix.len()
                    && segment.text.starts_with(&**prefix)
                    && segment.text.ends_with(&**suffix);
                if fits {
                    open.push((*child, depth + 1));
                }
            }
            if let Some(name) = segment.text.strip_suffix(ANY_ARGUMENTS) {
                let overloads = node
                    .functions
                    .iter()
                    .rev()
                    .filter(|(known, _)| **known == *name);
                open.extend(overloads.map(|&(_, child)| (child, depth + 1)));
            }
            if let Some(symbol) = symbols[depth] {
                open.extend(
                    self.literals
                        .get(&(id, symbol))
                        .map(|&child| (child, depth + 1)),
                );
            }
        }
        ends
    }

    fn literal_child(&mut self, node: NodeId, text: &str) -> NodeId {
        let symbol = match self.symbols.get(text) {
            Some(&symbol) => symbol,
            None => {
                let symbol = to_u32(self.symbols.len());
                self.symbols.insert(text.into(), symbol);
                symbol
            }
        };
        if let Some(&child) = self.literals.get(&(node, symbol)) {
            return child;
        }
        let child = self.add_node(text);
        self.literals.insert((node, symbol), child);
        self.node_mut(node).literals.push(child);
        if let Some((name, _)) = text.split_once('(') {
            self.node_mut(node).functions.push((name.into(), child));
        }
        child
    }

    fn add_node(&mut self, segment: &str) -> NodeId {
        let id = to_u32(self.nodes.len());
        self.nodes.push(Node {
            segment: segment.into(),
            ..Node::default()
        });
        id
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }
}

/// Counts of things that each took at least a byte of a file below 4 GiB.
pub(crate) fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::CallPath;

    fn trie(templates: &[&str]) -> Trie {
        let mut trie = Trie::new();
        for (id, template) in templates.iter().enumerate() {
            let template = template.to_lowercase();
            trie.insert(TemplatePath::parse(&template).unwrap(), to_u32(id));
        }
        trie
    }

    fn find(trie: &Trie, path: &str) -> Vec<TemplateId> {
        let path = CallPath::parse(path).unwrap();
        trie.find(&path.segments, &path.query)
    }

    #[test]
    fn a_literal_child_does_not_hide_a_placeholder() {
        let trie = trie(&[
            "/users/{id}/mailFolders/{id}",
            "/users/{id}/mailFolders/inbox/messageRules",
        ]);
        assert_eq!(find(&trie, "/users/x/mailFolders/inbox"), [0]);
        assert_eq!(find(&trie, "/users/x/mailFolders/inbox/messageRules"), [1]);
    }

    #[test]
    fn the_most_literal_template_comes_first() {
        let trie = trie(&["/sites/{id}", "/sites/root", "/{any}/root"]);
        assert_eq!(find(&trie, "/sites/root"), [1, 0, 2]);
        assert_eq!(find(&trie, "/sites/{id}"), [0]);
    }

    #[test]
    fn a_template_with_a_stray_brace_serves_where_there_is_no_better() {
        let trie = trie(&[
            "/chats/{id}}/reply",
            "/apps/{id}/repair",
            "/apps/{id}}/repair",
        ]);
        assert_eq!(find(&trie, "/chats/7/reply"), [0]);
        assert_eq!(find(&trie, "/apps/{id}/repair"), [1, 2]);
        assert_eq!(find(&trie, "/apps/{id}}/repair"), [2, 1]);
    }

    #[test]
    fn a_query_picks_the_template_that_asks_for_it() {
        let trie = trie(&["/cards", "/cards?$filter=id eq '{id}'"]);
        assert_eq!(find(&trie, "/cards"), [0]);
        assert_eq!(find(&trie, "/cards?$top=5"), [0]);
        assert_eq!(find(&trie, "/cards?$top=5&$filter=id%20eq%20'7'"), [1, 0]);
        assert_eq!(find(&trie, "/cards?$filter=id+eq+'7'"), [1, 0]);
    }

    #[test]
    fn the_same_path_in_two_spellings_is_one_template() {
        let mut trie = trie(&["/users/{id}/revokeSignInSessions"]);
        let again = TemplatePath::parse("/users/{user-id}/revokesigninsessions/").unwrap();
        assert_eq!(trie.insert(again, 9), 0);
    }

    #[test]
    fn templates_are_listed_below_a_path() {
        let trie = trie(&[
            "/me",
            "/me/{id}",
            "/me/a/b:{id}:",
            "/me/a?$filter=x",
            "/users",
        ]);
        let path = |text| TemplatePath::parse(text).unwrap();
        assert_eq!(trie.below(&path("/me")), [1, 2, 3]);
        assert!(trie.below(&path("/nothing")).is_empty());
        assert_eq!(trie.get(&path("/me")), Some(0));
        assert_eq!(trie.get(&path("/me/{any}")), Some(1));
        assert_eq!(trie.get(&path("/me/a?$filter=x")), Some(3));
        assert_eq!(trie.get(&path("/me/a")), None);
    }

    #[test]
    fn a_very_deep_template_is_no_trouble() {
        let deep = "/a/{b}".repeat(200_000);
        let trie = trie(&[&deep]);
        assert_eq!(find(&trie, &deep), [0]);
    }
}

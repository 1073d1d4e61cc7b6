//! The tree of all templates while a catalog is being read.

use rustc_hash::FxHashMap;

use crate::path::{Pattern, TemplatePath};

/// Index of a template in the catalog.
pub(crate) type TemplateId = u32;

/// Index of a place in the tree.
type NodeId = u32;

const ROOT: NodeId = 0;

/// A tree of segments.
#[derive(Debug)]
pub(crate) struct Trie {
    symbols: FxHashMap<Box<str>, u32>,
    literals: FxHashMap<(NodeId, u32), NodeId>,
    nodes: Vec<Node>,
}

/// A place in the tree.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// What stands here: a word, a function, `{}`, or text around `{}`.
    pub(crate) segment: Box<str>,
    /// Children that are words or functions.
    pub(crate) literals: Vec<NodeId>,
    pub(crate) any: Option<NodeId>,
    pub(crate) stray_brace: Option<NodeId>,
    /// Children with text before and after a placeholder.
    pub(crate) around: Vec<(Box<str>, Box<str>, NodeId)>,
    pub(crate) template: Option<TemplateId>,
    /// Templates that differ from `template` by a query.
    pub(crate) queries: Vec<(Box<str>, TemplateId)>,
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

    /// Every place, the root first. A place is known by its number here.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn children(&self, id: NodeId) -> Vec<NodeId> {
        let node = self.node(id);
        let mut children = node.literals.clone();
        children.extend(node.any);
        children.extend(node.stray_brace);
        children.extend(node.around.iter().map(|&(_, _, child)| child));
        children
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

    fn trie(templates: &[&str]) -> Trie {
        let mut trie = Trie::new();
        for (id, template) in templates.iter().enumerate() {
            let template = template.to_lowercase();
            trie.insert(TemplatePath::parse(&template).unwrap(), to_u32(id));
        }
        trie
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
}

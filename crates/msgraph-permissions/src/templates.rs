//! The catalog's templates for those who read calls out of source code: a list, and a tree by folded words.
//!
//! Generated clients spell `revokeSignInSessions` as `RevokeSignInSessions`, `revoke_sign_in_sessions` and
//! so on. [`fold`]ed, a segment and an accessor are the same text.

use crate::catalog::Template;
use crate::trie::NodeId;
use crate::{Catalog, Method, Scheme};

/// The letters and digits of a text, in lower case: `revoke_sign_in_sessions` is `revokesigninsessions`.
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A template of a catalog.
#[derive(Debug, Clone, Copy)]
pub struct TemplateRef<'c> {
    template: &'c Template,
}

impl<'c> TemplateRef<'c> {
    /// The path, as the catalog spells it: `/users/{id}/revokeSignInSessions`.
    pub fn path(self) -> &'c str {
        &self.template.spelling
    }

    /// The methods that some permission unlocks, in whatever scheme.
    pub fn methods(self) -> impl Iterator<Item = Method> + 'c {
        let methods = self.template.methods;
        Method::ALL
            .into_iter()
            .filter(move |method| methods & method.bit() != 0)
    }

    /// Whether some permission unlocks the method in a scheme.
    pub fn supports(self, method: Method, scheme: Scheme) -> bool {
        self.template
            .grants
            .iter()
            .any(|grant| grant.covers(method, scheme))
    }
}

/// A place in the tree of all templates, where a path may end or go on.
#[derive(Debug, Clone, Copy)]
pub struct TemplateNode<'c> {
    catalog: &'c Catalog,
    node: NodeId,
}

impl<'c> TemplateNode<'c> {
    /// What stands here: a word of the API in lower case, a function with the sorted names of its
    /// arguments (`range(address)`), `{}` for an id, or text around `{}`. Empty at the root.
    pub fn segment(self) -> &'c str {
        self.catalog.trie().segment(self.node)
    }

    /// The words below that fold to `folded`.
    pub fn words(self, folded: &str) -> impl Iterator<Item = Self> {
        self.children()
            .filter(move |child| child.is_word() && fold(child.segment()) == folded)
    }

    /// The functions with arguments below whose name folds to `folded`.
    pub fn functions(self, folded: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| {
            child
                .segment()
                .split_once('(')
                .is_some_and(|(name, _)| fold(name) == folded)
        })
    }

    /// The place below that an id leads to.
    pub fn item(self) -> Option<Self> {
        self.children().find(|child| child.segment() == "{}")
    }

    /// Every place below.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.catalog
            .trie()
            .children(self.node)
            .into_iter()
            .map(move |node| Self {
                catalog: self.catalog,
                node,
            })
    }

    /// The template that ends here.
    pub fn template(self) -> Option<TemplateRef<'c>> {
        let id = self.catalog.trie().template_at(self.node)?;
        Some(TemplateRef {
            template: self.catalog.template(id),
        })
    }

    fn is_word(self) -> bool {
        !self.segment().contains(['{', '('])
    }
}

impl Catalog {
    /// Every template, in the order of the files.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = TemplateRef<'_>> {
        self.template_list()
            .iter()
            .map(|template| TemplateRef { template })
    }

    /// The root of the tree of all templates.
    pub fn tree(&self) -> TemplateNode<'_> {
        TemplateNode {
            catalog: self,
            node: self.trie().root(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessors_of_generated_clients_lead_to_the_template() {
        for accessor in [
            "RevokeSignInSessions",
            "revokeSignInSessions",
            "revoke_sign_in_sessions",
        ] {
            let tree = Catalog::embedded().tree();
            let users = tree.words("users").next().unwrap();
            let item = users.item().unwrap();
            let action = item.words(&fold(accessor)).next().unwrap();
            let template = action.template().unwrap();
            assert_eq!(template.path(), "/users/{id}/revokeSignInSessions");
            assert_eq!(template.methods().collect::<Vec<_>>(), [Method::Post]);
            assert!(template.supports(Method::Post, Scheme::Application));
            assert!(!template.supports(Method::Post, Scheme::DelegatedPersonal));
        }
    }

    #[test]
    fn every_template_is_reached_through_the_tree() {
        let catalog = Catalog::embedded();
        let mut open = vec![catalog.tree()];
        let mut reached = 0;
        while let Some(node) = open.pop() {
            reached += usize::from(node.template().is_some());
            open.extend(node.children());
        }
        assert_eq!(reached, catalog.templates().len());
    }
}

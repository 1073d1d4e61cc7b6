//! The catalog's templates for those who read calls out of source code: a list, and a tree by folded words.
//!
//! Generated clients spell `revokeSignInSessions` as `RevokeSignInSessions`, `revoke_sign_in_sessions` and
//! so on. [`fold`]ed, a segment and an accessor are the same text.

use crate::catalog::{NodeId, TemplateId};
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
    catalog: &'c Catalog,
    template: TemplateId,
}

impl<'c> TemplateRef<'c> {
    /// The path, as the catalog spells it: `/users/{id}/revokeSignInSessions`.
    pub fn path(self) -> &'c str {
        self.catalog.spelling(self.template)
    }

    /// The methods that some permission unlocks, in whatever scheme.
    pub fn methods(self) -> impl Iterator<Item = Method> + 'c {
        let methods = self.catalog.methods_of(self.template);
        Method::ALL
            .into_iter()
            .filter(move |method| methods & method.bit() != 0)
    }

    /// Whether some permission unlocks the method in a scheme.
    pub fn supports(self, method: Method, scheme: Scheme) -> bool {
        self.catalog
            .grants(self.template)
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
    fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    /// What stands here: a word of the API in lower case, a function with the sorted names of its
    /// arguments (`range(address)`), `{}` for an id, or text around `{}`. Empty at the root.
    pub fn segment(self) -> &'c str {
        self.catalog.segment_at(self.node)
    }

    /// The words below that fold to `folded`.
    pub fn words(self, folded: &str) -> impl Iterator<Item = Self> + use<'c> {
        self.folded(folded)
            .filter(|child| !child.segment().contains('('))
    }

    /// The functions with arguments below whose name folds to `folded`.
    pub fn functions(self, folded: &str) -> impl Iterator<Item = Self> + use<'c> {
        self.folded(folded)
            .filter(|child| child.segment().contains('('))
    }

    fn folded(self, folded: &str) -> impl Iterator<Item = Self> + use<'c> {
        let fold = self.catalog.fold(folded);
        fold.into_iter()
            .flat_map(move |fold| self.catalog.folded_children(self.node, fold))
            .map(move |node| self.at(node))
    }

    /// The place below that an id leads to.
    pub fn item(self) -> Option<Self> {
        self.catalog.any_child(self.node).map(|node| self.at(node))
    }

    /// The places below with text around an id: `{}:` and the like.
    pub fn others(self) -> impl Iterator<Item = Self> + use<'c> {
        self.catalog
            .around_children(self.node)
            .chain(self.catalog.stray_brace_child(self.node))
            .map(move |node| self.at(node))
    }

    /// Every place below.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'c> {
        self.catalog
            .word_children(self.node)
            .map(move |node| self.at(node))
            .chain(self.item())
            .chain(self.others())
    }

    /// The template that ends here.
    pub fn template(self) -> Option<TemplateRef<'c>> {
        let template = self.catalog.template_at(self.node)?;
        (self.catalog.methods_of(template) != 0).then_some(TemplateRef {
            catalog: self.catalog,
            template,
        })
    }
}

impl Catalog {
    /// Every template, in the order of the paths.
    pub fn templates(&self) -> impl Iterator<Item = TemplateRef<'_>> {
        self.template_ids().map(|template| TemplateRef {
            catalog: self,
            template,
        })
    }

    /// The root of the tree of all templates.
    pub fn tree(&self) -> TemplateNode<'_> {
        TemplateNode {
            catalog: self,
            node: self.root_node(),
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
        // Two differ from another by their query alone.
        assert_eq!(reached + 2, catalog.templates().count());
    }
}

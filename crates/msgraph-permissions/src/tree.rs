//! Finds the templates that a path can mean: literal words first, placeholders after, with back-tracking.

use crate::Catalog;
use crate::catalog::{NodeId, TemplateId};
use crate::path::{Segment, matches_masked};

/// Ends the name in a literal that stands for a function with arguments of any name: `range(*`.
pub(crate) const ANY_ARGUMENTS: &str = "(*";

impl Catalog {
    /// Every template that the path can mean, the most literal first.
    pub(crate) fn find_templates(&self, segments: &[Segment], query: &[String]) -> Vec<TemplateId> {
        let mut found = Vec::new();
        for node in self.walk(segments) {
            found.extend(
                self.queries(node)
                    .filter(|(pattern, _)| {
                        query.iter().any(|option| matches_masked(pattern, option))
                    })
                    .map(|(_, template)| template),
            );
            found.extend(self.template_at(node));
        }
        // What an override adds is there only while overrides are on.
        found.retain(|&template| self.methods_of(template) != 0);
        found
    }

    /// Whether the path leads to words that take a key: a collection.
    pub(crate) fn takes_key(&self, segments: &[Segment]) -> bool {
        self.walk(segments)
            .iter()
            .any(|&node| self.any_child(node).is_some())
    }

    /// Whether the path can end in a placeholder, and so in an id, and not in a word.
    pub(crate) fn ends_in_key(&self, segments: &[Segment]) -> bool {
        let Some((last, before)) = segments.split_last() else {
            return false;
        };
        let symbol = self.symbol_of(last);
        let nodes = self.walk(before);
        let is_word =
            |&node: &NodeId| symbol.is_some_and(|symbol| self.word_child(node, symbol).is_some());
        last.may_be_key()
            && nodes.iter().any(|&node| self.any_child(node).is_some())
            && !nodes.iter().any(is_word)
    }

    /// The nodes at the end of the path, the most literal way first.
    ///
    /// Each node is reached by one way alone, so the work is bounded by the size of the tree.
    fn walk(&self, segments: &[Segment]) -> Vec<NodeId> {
        let symbols: Vec<Option<u32>> = segments
            .iter()
            .map(|segment| self.symbol_of(segment))
            .collect();
        let mut ends = Vec::new();
        let mut open = vec![(self.root_node(), 0)];
        while let Some((node, depth)) = open.pop() {
            let Some(segment) = segments.get(depth) else {
                ends.push(node);
                continue;
            };
            let mut push = |child: Option<NodeId>| {
                open.extend(child.map(|child| (child, depth + 1)));
            };
            // The last pushed is tried first. The twin with a stray brace is a typing error, unless asked for.
            if segment.may_be_key() {
                let (last, first) = if segment.has_stray_brace() {
                    (self.any_child(node), self.stray_brace_child(node))
                } else {
                    (self.stray_brace_child(node), self.any_child(node))
                };
                push(last);
                push(first);
            }
            for child in self.around_children(node).rev() {
                let (prefix, suffix) = self
                    .segment_at(child)
                    .split_once("{}")
                    .expect("a place with text around a placeholder has one");
                let fits = segment.text.len() > prefix.len() + suffix.len()
                    && segment.text.starts_with(prefix)
                    && segment.text.ends_with(suffix);
                push(fits.then_some(child));
            }
            if let Some(name) = segment.text.strip_suffix(ANY_ARGUMENTS) {
                for child in self.word_children(node).rev() {
                    let is_overload = self
                        .segment_at(child)
                        .split_once('(')
                        .is_some_and(|(known, _)| known == name);
                    push(is_overload.then_some(child));
                }
            }
            if let Some(symbol) = symbols[depth] {
                push(self.word_child(node, symbol));
            }
        }
        ends
    }

    fn symbol_of(&self, segment: &Segment) -> Option<u32> {
        segment
            .may_be_word()
            .then(|| self.symbol(&segment.text))
            .flatten()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::path::CallPath;

    /// A catalog of these templates, which all have GET and POST.
    pub(crate) fn catalog_of(templates: &[&str]) -> Catalog {
        let paths: serde_json::Map<String, serde_json::Value> = templates
            .iter()
            .map(|template| ((*template).to_owned(), "least=Application".into()))
            .collect();
        let file = serde_json::json!({"permissions": {"P.Read.All": {
            "authorizationType": "oAuth2",
            "schemes": {"Application": {}},
            "pathSets": [{
                "schemeKeys": ["Application"],
                "methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
                "paths": paths,
            }],
        }}});
        Catalog::load(crate::CatalogInput {
            permissions: file.to_string().as_bytes(),
            provisioning: None,
            overrides: false,
            source: "test".to_owned(),
        })
        .unwrap()
    }

    fn find(catalog: &Catalog, path: &str) -> Vec<String> {
        let path = CallPath::parse(path).unwrap();
        catalog
            .find_templates(&path.segments, &path.query)
            .into_iter()
            .map(|template| catalog.spelling(template).to_owned())
            .collect()
    }

    #[test]
    fn a_literal_child_does_not_hide_a_placeholder() {
        let catalog = catalog_of(&[
            "/users/{id}/mailFolders/{id}",
            "/users/{id}/mailFolders/inbox/messageRules",
        ]);
        assert_eq!(
            find(&catalog, "/users/x/mailFolders/inbox"),
            ["/users/{id}/mailFolders/{id}"]
        );
        assert_eq!(
            find(&catalog, "/users/x/mailFolders/inbox/messageRules"),
            ["/users/{id}/mailFolders/inbox/messageRules"]
        );
    }

    #[test]
    fn the_most_literal_template_comes_first() {
        let catalog = catalog_of(&["/sites/{id}", "/sites/root", "/{any}/root"]);
        assert_eq!(
            find(&catalog, "/sites/root"),
            ["/sites/root", "/sites/{id}", "/{any}/root"]
        );
        assert_eq!(find(&catalog, "/sites/{id}"), ["/sites/{id}"]);
    }

    #[test]
    fn a_template_with_a_stray_brace_serves_where_there_is_no_better() {
        let catalog = catalog_of(&[
            "/chats/{id}}/reply",
            "/apps/{id}/repair",
            "/apps/{id}}/repair",
        ]);
        assert_eq!(find(&catalog, "/chats/7/reply"), ["/chats/{id}}/reply"]);
        assert_eq!(
            find(&catalog, "/apps/{id}/repair"),
            ["/apps/{id}/repair", "/apps/{id}}/repair"]
        );
        assert_eq!(
            find(&catalog, "/apps/{id}}/repair"),
            ["/apps/{id}}/repair", "/apps/{id}/repair"]
        );
    }

    #[test]
    fn a_query_picks_the_template_that_asks_for_it() {
        let catalog = catalog_of(&["/cards", "/cards?$filter=id eq '{id}'"]);
        let both = ["/cards?$filter=id eq '{id}'", "/cards"];
        assert_eq!(find(&catalog, "/cards"), ["/cards"]);
        assert_eq!(find(&catalog, "/cards?$top=5"), ["/cards"]);
        assert_eq!(find(&catalog, "/cards?$top=5&$filter=id%20eq%20'7'"), both);
        assert_eq!(find(&catalog, "/cards?$filter=id+eq+'7'"), both);
    }

    #[test]
    fn a_very_deep_template_is_no_trouble() {
        let deep = "/a/{b}".repeat(200_000);
        let catalog = catalog_of(&[&deep]);
        assert_eq!(find(&catalog, &deep), [deep]);
    }
}

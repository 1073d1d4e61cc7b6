//! Calls of modules that are not in the repository: what their arguments say of themselves.

use std::rc::Rc;

use super::shape::{are_permissions, named_type};
use super::{Draft, Reader};
use crate::formats::terraform::eval::{Env, graph, names_graph};
use crate::formats::terraform::syntax::Block;
use crate::formats::terraform::value::{Doubt, Kind};

/// Arguments that every module call can have, and that are none of the module's.
const META: &[&str] = &[
    "source",
    "version",
    "count",
    "for_each",
    "providers",
    "depends_on",
];

impl<'p> Reader<'p, '_> {
    /// The module itself cannot be read, so an argument counts if its own shape says that it is a list of requests.
    pub(super) fn unread_module(
        &mut self,
        block: &'p Block,
        env: Env<'_>,
        address: String,
        doubt: Option<Rc<Doubt>>,
    ) {
        let mut drafts: Vec<Draft> = Vec::new();
        for attribute in &block.body.attributes {
            if META.contains(&&*attribute.name.text) {
                continue;
            }
            let at = attribute.value.span;
            let value = self.eval.eval(&attribute.value, env);
            self.foreign(&value, Some(&attribute.name.text), at, 0, &mut drafts);
            // `graph_application_permissions = ["User.Read.All"]`
            if names_graph(&attribute.name.text) && are_permissions(&value) {
                let ty = named_type(&attribute.name.text);
                for mut picked in self.picked(&value, at, false) {
                    picked.permission_type = ty;
                    drafts.push(self.draft(picked, Some(&graph(at)), at, None, at, at));
                }
            }
        }
        for draft in &mut drafts {
            if draft.condition.is_none() {
                draft.condition.clone_from(&doubt);
            }
        }
        if drafts.is_empty() {
            return;
        }
        let app = self.app_at(address.clone(), address, block.span, false);
        if let Some(name) = block.body.attribute_of(&["display_name", "name"])
            && let Kind::Text(text) = &self.eval.eval(&name.value, env).settled().kind
        {
            let span = self.quoted(text.origin.span());
            self.apps[app].name = Some(source_text::Spanned::new(text.text.to_string(), span));
        }
        self.apps[app].drafts.extend(drafts);
    }
}

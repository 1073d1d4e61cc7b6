//! Nested blocks, `dynamic` ones included.

use std::rc::Rc;

use source_text::Span;

use super::Reader;
use crate::formats::terraform::eval::Env;
use crate::formats::terraform::syntax::{Block, Body};
use crate::formats::terraform::value::{Doubt, Entry, Kind, Origin, Reason, Text, Value};

/// A nested block, once for each time that it is there.
pub(super) struct Nested<'p, 'n> {
    pub(super) body: &'p Body,
    pub(super) env: Env<'n>,
    pub(super) doubt: Option<Rc<Doubt>>,
    /// The block, or the `dynamic` block that makes it.
    pub(super) span: Span,
    /// Whether the block is written out.
    pub(super) plain: bool,
}

impl<'p> Reader<'p, '_> {
    /// Calls `then` for each nested block of this type.
    pub(super) fn each_block(
        &self,
        body: &'p Body,
        kind: &str,
        env: Env<'_>,
        doubt: Option<&Rc<Doubt>>,
        then: &mut dyn FnMut(&Nested<'p, '_>),
    ) {
        for block in &body.blocks {
            if *block.kind.text == *kind {
                then(&Nested {
                    body: &block.body,
                    env,
                    doubt: doubt.cloned(),
                    span: block.span,
                    plain: true,
                });
            } else if &*block.kind.text == "dynamic" && block.label(0) == kind {
                self.dynamic(block, kind, env, doubt, then);
            }
        }
    }

    fn dynamic(
        &self,
        block: &'p Block,
        kind: &str,
        env: Env<'_>,
        doubt: Option<&Rc<Doubt>>,
        then: &mut dyn FnMut(&Nested<'p, '_>),
    ) {
        let Some(content) = block.body.blocks_of("content").next() else {
            return;
        };
        let iterator = match block.body.attribute("iterator").map(|a| &a.value.node) {
            Some(crate::formats::terraform::syntax::Node::Root(name)) => name,
            _ => kind,
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            return;
        };
        let value = self.eval.eval(&for_each.value, env);
        let mut turn = |key: Value, item: Value, doubt: Option<Rc<Doubt>>| {
            let at = for_each.value.span;
            let member = |name: &str, value: Value| Entry {
                key: Text::new(name, Origin::Made(at)),
                value,
            };
            let bound = env.bind(
                iterator,
                Value::map(vec![member("key", key), member("value", item)]),
            );
            then(&Nested {
                body: &content.body,
                env: env.with(&bound),
                doubt,
                span: block.span,
                plain: false,
            });
        };
        let caller_decides = || self.eval.open_variable(&for_each.value, env);
        match self.eval.items(&value) {
            Some(items) if items.is_empty() => {
                // Nothing by default: whoever sets the variable decides.
                if let Some(variable) = caller_decides() {
                    let open =
                        Value::unknown(for_each.value.span, Reason::Variable(variable.to_owned()));
                    turn(
                        open.clone(),
                        open,
                        Some(self.eval.doubt(for_each.value.span)),
                    );
                }
            }
            Some(items) => {
                for (key, item) in items {
                    let doubt = item.maybe.clone().or_else(|| doubt.cloned());
                    // The elements of a set are their own keys.
                    let key = if matches!(value.kind, Kind::Set(_)) {
                        item.clone()
                    } else {
                        key
                    };
                    turn(key, item.certain(), doubt);
                }
            }
            None => {
                let unknown = match &value.kind {
                    Kind::Null => caller_decides().map(|variable| {
                        Value::unknown(for_each.value.span, Reason::Variable(variable.to_owned()))
                    }),
                    _ => Some(Kind::Unknown(self.eval.why(&value, for_each.value.span)).into()),
                };
                if let Some(unknown) = unknown {
                    turn(
                        unknown.clone(),
                        unknown,
                        Some(self.eval.doubt(for_each.value.span)),
                    );
                }
            }
        }
    }
}

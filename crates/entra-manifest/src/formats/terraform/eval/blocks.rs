//! Nested blocks, `dynamic` ones included.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval};
use crate::formats::terraform::syntax::{Block, Body, Node};
use crate::formats::terraform::value::{Doubt, Entry, Kind, Origin, Reason, Text, Value};

/// A nested block, once for each time that it is there.
pub(in crate::formats::terraform) struct Nested<'p, 'n> {
    pub(in crate::formats::terraform) body: &'p Body,
    pub(in crate::formats::terraform) env: Env<'n>,
    pub(in crate::formats::terraform) doubt: Option<Rc<Doubt>>,
    /// The block, or the `dynamic` block that makes it.
    pub(in crate::formats::terraform) span: Span,
    /// Whether the block is written out.
    pub(in crate::formats::terraform) plain: bool,
}

impl<'p> Eval<'p> {
    /// Calls `then` for each nested block of this type.
    pub(in crate::formats::terraform) fn each_block(
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

    /// The nested blocks of a type as a list of objects, which is what a reference to them gives:
    /// `azuread_application.worker.required_resource_access`. `None` if there are none.
    pub(super) fn blocks_value(&self, body: &'p Body, kind: &str, env: Env<'_>) -> Option<Value> {
        let mut found = false;
        let mut values = Vec::new();
        self.each_block(body, kind, env, None, &mut |nested| {
            found = true;
            let mut entries: Vec<Entry> = Vec::new();
            for attribute in &nested.body.attributes {
                let key = Text::new(&*attribute.name.text, Origin::Made(attribute.name.span));
                entries.push(Entry {
                    key,
                    value: self.eval(&attribute.value, nested.env),
                });
            }
            for inner in &nested.body.blocks {
                let name = if &*inner.kind.text == "dynamic" {
                    inner.label(0)
                } else {
                    &inner.kind.text
                };
                if entries.iter().any(|entry| *entry.key.text == *name) {
                    continue;
                }
                if let Some(Some(value)) =
                    self.deeper(|| self.blocks_value(nested.body, name, nested.env))
                {
                    entries.push(Entry {
                        key: Text::new(name, Origin::Made(inner.span)),
                        value,
                    });
                }
            }
            values.push(Value::map(entries).doubted(nested.doubt.as_ref()));
        });
        found.then(|| Value::list(values))
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
            Some(Node::Root(name)) => name,
            _ => kind,
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            return;
        };
        let value = self.eval(&for_each.value, env);
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
        let caller_decides = || self.open_variable(&for_each.value, env);
        match self.items(&value) {
            Some(items) if items.is_empty() => {
                // Nothing by default: the caller that sets the variable decides.
                if let Some(variable) = caller_decides() {
                    let open =
                        Value::unknown(for_each.value.span, Reason::Variable(variable.to_owned()));
                    turn(open.clone(), open, Some(self.doubt(for_each.value.span)));
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
                    _ => Some(Kind::Unknown(self.why(&value, for_each.value.span)).into()),
                };
                if let Some(unknown) = unknown {
                    turn(
                        unknown.clone(),
                        unknown,
                        Some(self.doubt(for_each.value.span)),
                    );
                }
            }
        }
    }
}

//! Local names: of loops, lambdas and functions.

use std::rc::Rc;

use super::value::Value;

/// Local names: of loops, lambdas and functions.
#[derive(Clone, Default)]
pub(crate) struct Env(Option<Rc<Node>>);

struct Node {
    name: String,
    value: Value,
    /// A copy loop's counter rather than a name.
    counter: bool,
    next: Env,
}

impl Env {
    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        self.push(name, value, false)
    }

    pub(super) fn with_counter(&self, name: &str, value: Value) -> Self {
        self.push(name, value, true)
    }

    fn push(&self, name: &str, value: Value, counter: bool) -> Self {
        Self(Some(Rc::new(Node {
            name: name.to_owned(),
            value,
            counter,
            next: self.clone(),
        })))
    }

    pub(super) fn find(&self, name: Option<&str>, counter: bool) -> Option<&Value> {
        let mut at = self;
        while let Some(node) = &at.0 {
            if node.counter == counter
                && name.is_none_or(|name| node.name.eq_ignore_ascii_case(name))
            {
                return Some(&node.value);
            }
            at = &node.next;
        }
        None
    }
}

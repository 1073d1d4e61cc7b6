//! Strings with interpolations and directives.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval, MAX_TEXT, origin};
use crate::formats::terraform::syntax::{Expr, Node, Part};
use crate::formats::terraform::value::{Kind, Origin, Reason, Value};

impl<'p> Eval<'p> {
    pub(super) fn template(&self, parts: &'p [Part], at: Span, env: Env<'_>) -> Value {
        let mut out = Value::text("", Origin::Made(at));
        for part in parts {
            let piece = match part {
                Part::Text(text, content) => Value::text(&**text, origin(*content, at)),
                Part::Expr(expr) => self.eval(expr, env),
                Part::If {
                    condition,
                    then,
                    otherwise,
                } => {
                    let chosen = self.eval(condition, env);
                    match chosen.to_bool() {
                        Some(true) => self.template(then, at, env),
                        Some(false) => self.template(otherwise, at, env),
                        None => self.no_value(&chosen, condition.span),
                    }
                }
                Part::For {
                    key,
                    value,
                    source,
                    body,
                } => {
                    let source_value = self.eval(source, env);
                    let Some(items) = self.items(&source_value) else {
                        return self.no_value(&source_value, source.span);
                    };
                    let mut text = Value::text("", Origin::Made(at));
                    for (item_key, item) in items {
                        let bound = env.bind(value, item);
                        let inner = env.with(&bound);
                        let name = key.as_deref().unwrap_or("\0");
                        let key_bound = inner.bind(name, item_key);
                        let piece = self.template(body, at, inner.with(&key_bound));
                        text = self.concat_text(&text, &piece, at);
                    }
                    text
                }
            };
            out = self.concat_text(&out, &piece, at);
        }
        out
    }

    /// Two strings, one after the other. A string that is empty leaves the other's origin.
    fn concat_text(&self, left: &Value, right: &Value, at: Span) -> Value {
        if let Some(unknown) = left.as_unknown() {
            return Kind::Unknown(Rc::clone(unknown)).into();
        }
        self.each_option(&[left, right], at, |values| {
            let [left, right] = values else {
                return Value::invalid(at, "two strings are expected");
            };
            let (Some(a), Some(b)) = (left.to_text(at), right.to_text(at)) else {
                return self.no_value(
                    if left.to_text(at).is_none() {
                        left
                    } else {
                        right
                    },
                    at,
                );
            };
            if a.text.is_empty() {
                return Kind::Text(b).into();
            }
            if b.text.is_empty() {
                return Kind::Text(a).into();
            }
            let length = a.text.len() + b.text.len();
            if length > MAX_TEXT || !self.charge(length / 64) {
                return Value::unknown(at, Reason::TooLarge);
            }
            Value::text(format!("{}{}", a.text, b.text), Origin::Made(at))
        })
    }

    /// A string as far as it is written out: what is not known is left out.
    pub(in crate::formats::terraform) fn literal_parts(
        &self,
        value: &Value,
        expr: Option<&'p Expr>,
    ) -> String {
        if let Some(text) = value.as_text() {
            return text.text.to_string();
        }
        match expr.map(|expr| &expr.node) {
            Some(Node::Template(parts)) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text, _) => &**text,
                    _ => "",
                })
                .collect(),
            _ => String::new(),
        }
    }
}

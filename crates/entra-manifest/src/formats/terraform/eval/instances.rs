//! Instances: how often a block with `count` or `for_each` is there, and the scopes of module calls.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval, Scope, suffix};
use crate::formats::terraform::symbol::Each;
use crate::formats::terraform::syntax::Block;
use crate::formats::terraform::value::{Doubt, Kind, Reason, Unknown, Value, unknown_key};

impl<'p> Eval<'p> {
    /// The instances of a block with `count` or `for_each`, each with what decides whether it is there.
    pub(in crate::formats::terraform) fn instances(
        &self,
        block: &'p Block,
        env: Env<'_>,
    ) -> Vec<(Each, Option<Rc<Doubt>>)> {
        if let Some(for_each) = block.body.attribute("for_each") {
            let value = self.eval(&for_each.value, env);
            let at = for_each.value.span;
            let Some(items) = self.items(&value) else {
                return vec![(Each::Any(self.why(&value, at)), Some(self.doubt(at)))];
            };
            // Nothing by default: the caller that sets the variable decides.
            if items.is_empty()
                && let Some(variable) = self.open_variable(&for_each.value, env)
            {
                let reason = Reason::Variable(variable.to_owned());
                return vec![(
                    Each::Any(Rc::new(Unknown { at, reason })),
                    Some(self.doubt(at)),
                )];
            }
            return items
                .into_iter()
                .enumerate()
                .map(|(at, (key, value))| {
                    let doubt = value.maybe.clone();
                    // A set's elements are their own keys.
                    let key = if matches!(key.kind, Kind::Number(_)) {
                        value.clone()
                    } else {
                        key
                    };
                    let each = match key.to_text(for_each.value.span) {
                        Some(key) => Each::Key(key, Rc::new(value)),
                        None if key.as_unknown().is_some() => {
                            Each::Any(self.why(&key, for_each.value.span))
                        }
                        None => Each::Key(unknown_key(at, for_each.value.span), Rc::new(value)),
                    };
                    (each, doubt)
                })
                .collect();
        }
        let Some(count) = block.body.attribute("count") else {
            return vec![(Each::One, None)];
        };
        let value = self.eval(&count.value, env);
        let doubt = |value: &Value| {
            value.maybe.clone().unwrap_or_else(|| {
                Rc::new(Doubt {
                    at: count.value.span,
                    on: self.project.slice(count.value.span).to_owned(),
                })
            })
        };
        match &value.kind {
            Kind::Choice { options, first } => {
                let certain = if *first {
                    value.to_number().unwrap_or_default()
                } else {
                    0.0
                };
                let most = options
                    .iter()
                    .filter_map(Value::to_number)
                    .fold(certain, f64::max);
                let unknown = options.iter().any(|o| o.to_number().is_none());
                let most = if unknown { most.max(1.0) } else { most };
                (0..instance_count(most))
                    .map(|at| {
                        #[expect(clippy::cast_precision_loss, reason = "bounded by instance_count")]
                        let sure = (at as f64) < certain;
                        (Each::Index(at), (!sure).then(|| doubt(&value)))
                    })
                    .collect()
            }
            _ => match value.to_number() {
                // None by default: the caller that sets the variable decides.
                Some(number)
                    if instance_count(number) == 0
                        && self.open_variable(&count.value, env).is_some() =>
                {
                    vec![(Each::Index(0), Some(doubt(&value)))]
                }
                Some(number) => (0..instance_count(number))
                    .map(|at| (Each::Index(at), None))
                    .collect(),
                None => vec![(
                    Each::Any(self.why(&value, count.value.span)),
                    Some(doubt(&value)),
                )],
            },
        }
    }

    /// Why a value is not known, for a value that cannot be used.
    pub(in crate::formats::terraform) fn why(&self, value: &Value, at: Span) -> Rc<Unknown> {
        match self.no_value(value, at).kind {
            Kind::Unknown(unknown) => unknown,
            _ => Rc::new(Unknown {
                at,
                reason: Reason::Invalid("the value cannot be used here"),
            }),
        }
    }

    /// The scope of one instance of a module call; `None` if the module was not read or calls itself.
    pub(in crate::formats::terraform) fn enter(
        &self,
        caller: usize,
        call: usize,
        each: &Each,
    ) -> Option<usize> {
        /// Instances of modules in one configuration.
        const MAX_SCOPES: usize = 2_000;
        let called = &self.module(caller).calls[call];
        let module = called.target?;
        let key = match each {
            Each::One | Each::Any(_) => None,
            _ => Some(Rc::from(suffix(each))),
        };
        if let Some(found) = self.by_call.borrow().get(&(caller, call, key.clone())) {
            return Some(*found);
        }
        let mut up = Some(caller);
        while let Some(scope) = up {
            let scope = self.scope(scope);
            if scope.module == module {
                return None;
            }
            up = scope.caller.map(|(caller, _)| caller);
        }
        let prefix = format!(
            "{}module.{}{}.",
            self.scope(caller).prefix,
            called.block.label(0),
            suffix(each)
        );
        let mut scopes = self.scopes.borrow_mut();
        if scopes.len() >= MAX_SCOPES {
            self.cut.set(true);
            return None;
        }
        scopes.push(Rc::new(Scope {
            module,
            caller: Some((caller, call)),
            each: each.clone(),
            prefix,
        }));
        let scope = scopes.len() - 1;
        self.by_call.borrow_mut().insert((caller, call, key), scope);
        Some(scope)
    }
}

/// A count as the number of instances that are looked at.
fn instance_count(number: f64) -> usize {
    /// More copies of one block say nothing new.
    const MAX_INSTANCES: f64 = 200.0;
    if number.is_nan() || number <= 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 200"
    )]
    let count = number.min(MAX_INSTANCES) as usize;
    count
}

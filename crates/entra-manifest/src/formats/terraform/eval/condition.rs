//! Conditions: one branch where the condition is known, both where it is not.

use std::rc::Rc;

use source_text::Span;

use super::variable::Source;
use super::{Env, Eval};
use crate::formats::terraform::symbol::Each;
use crate::formats::terraform::syntax::{Expr, Key, Node, Part};
use crate::formats::terraform::value::{
    Doubt, Entry, Kind, Reason, Unknown, Value, distinct_literals,
};

/// Values that one expression can have, as far as they are kept.
const MAX_OPTIONS: usize = 64;

impl<'p> Eval<'p> {
    pub(super) fn condition(
        &self,
        condition: &'p Expr,
        then: &'p Expr,
        otherwise: &'p Expr,
        env: Env<'_>,
    ) -> Value {
        let decided = self.eval(condition, env).to_bool();
        let doubt = || {
            Rc::new(Doubt {
                at: condition.span,
                on: self.project.slice(condition.span).to_owned(),
            })
        };
        match decided {
            Some(first) if self.open_variable(condition, env).is_none() => {
                self.eval(if first { then } else { otherwise }, env)
            }
            Some(first) => {
                let (yes, no) = (self.eval(then, env), self.eval(otherwise, env));
                let (taken, other) = if first { (yes, no) } else { (no, yes) };
                self.join(vec![taken, other], true, &doubt())
            }
            None => {
                let (yes, no) = (self.eval(then, env), self.eval(otherwise, env));
                self.join(vec![yes, no], false, &doubt())
            }
        }
    }

    /// One value for several possible ones. Collections become one collection of all elements, each of which is there
    /// only perhaps; if `first` is set, the first value is what the variables' defaults give, and its elements are
    /// certain.
    pub(super) fn join(&self, values: Vec<Value>, first: bool, doubt: &Rc<Doubt>) -> Value {
        let collections = values.iter().filter(|v| v.elements().is_some()).count();
        let maps = values.iter().filter(|v| v.entries().is_some()).count();
        let rest = values.len() - collections - maps;
        let loose = values
            .iter()
            .filter(|v| matches!(v.kind, Kind::Null | Kind::Unknown(_)))
            .count();
        let marked = |at: usize| if first && at == 0 { None } else { Some(doubt) };
        if collections > 0 && maps == 0 && rest == loose {
            let mut all = Vec::new();
            for (at, value) in values.into_iter().enumerate() {
                match value.elements() {
                    Some(elements) => {
                        all.extend(elements.iter().map(|e| e.clone().doubted(marked(at))));
                    }
                    None if value.as_unknown().is_some() => all.push(value.doubted(marked(at))),
                    None => {}
                }
            }
            return Value::list(distinct_literals(all));
        }
        if maps > 0 && collections == 0 && rest == loose {
            return self.join_maps(values, first, doubt);
        }
        let mut options: Vec<Value> = Vec::new();
        for value in values {
            match &value.kind {
                Kind::Choice { options: inner, .. } => options.extend(inner.iter().cloned()),
                _ => options.push(value),
            }
        }
        let mut options = distinct_literals(options);
        options.truncate(MAX_OPTIONS);
        if options.len() == 1 {
            return options.remove(0);
        }
        Kind::Choice {
            options: Rc::new(options),
            first,
        }
        .into()
    }

    fn join_maps(&self, values: Vec<Value>, first: bool, doubt: &Rc<Doubt>) -> Value {
        let mut all: Vec<Entry> = Vec::new();
        let total = values.len();
        let mut counts: Vec<usize> = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let certain = first && at == 0;
            for entry in value.entries().into_iter().flat_map(|e| e.iter()) {
                match all.iter().position(|e| e.key.text == entry.key.text) {
                    Some(found) => {
                        counts[found] += 1;
                        let both = vec![all[found].value.clone(), entry.value.clone()];
                        let was = all[found].value.maybe.clone();
                        all[found].value = self
                            .join(both, first, doubt)
                            .certain()
                            .doubted(was.as_ref());
                    }
                    None => {
                        counts.push(if certain { total } else { 1 });
                        all.push(entry.clone());
                    }
                }
            }
        }
        for (entry, count) in all.iter_mut().zip(counts) {
            if count < total {
                let value = std::mem::replace(&mut entry.value, Value::NULL);
                entry.value = value.doubted(Some(doubt));
            }
        }
        Value::map(all)
    }

    /// Calls `then` with every combination of the values' options, and joins what it gives.
    pub(super) fn each_option(
        &self,
        values: &[&Value],
        at: Span,
        then: impl Fn(&[&Value]) -> Value,
    ) -> Value {
        let maybe = values.iter().find_map(|v| v.maybe.clone());
        let Some(place) = values
            .iter()
            .position(|v| matches!(v.kind, Kind::Choice { .. }))
        else {
            return then(values).doubted(maybe.as_ref());
        };
        let Kind::Choice { options, first } = &values[place].kind else {
            return Value::invalid(at, "a choice is expected");
        };
        // Two choices at once multiply: with more than a few options the default decides, or nothing.
        let others = values
            .iter()
            .filter(|v| matches!(v.kind, Kind::Choice { .. }))
            .count();
        if others > 2 || !self.charge(options.len()) {
            return Value::unknown(at, Reason::TooLarge);
        }
        let results: Vec<Value> = options
            .iter()
            .map(|option| {
                let mut with: Vec<&Value> = values.to_vec();
                with[place] = option;
                self.each_option_inner(&with, at, &then)
            })
            .collect();
        let doubt = Rc::new(Doubt {
            at,
            on: self.project.slice(at).to_owned(),
        });
        self.join(results, *first, &doubt).doubted(maybe.as_ref())
    }

    fn each_option_inner(
        &self,
        values: &[&Value],
        at: Span,
        then: &dyn Fn(&[&Value]) -> Value,
    ) -> Value {
        self.each_option(values, at, |v| then(v))
    }

    /// The variable, if there is one, that decides an expression and has only its default so far: another value can be
    /// set without a change of these files.
    pub(in crate::formats::terraform) fn open_variable(
        &self,
        expr: &'p Expr,
        env: Env<'_>,
    ) -> Option<&'p str> {
        self.open_within(expr, env, 0)
    }

    fn open_within(&self, expr: &'p Expr, env: Env<'_>, depth: u32) -> Option<&'p str> {
        /// References followed: `local.a = local.b`, arguments of modules.
        const MAX_FOLLOWED: u32 = 24;
        if depth > MAX_FOLLOWED || !self.charge(1) {
            return None;
        }
        let deeper = |expr: &'p Expr| self.open_within(expr, env, depth + 1);
        match &expr.node {
            Node::Attr(base, name) => match &base.node {
                Node::Root(root) if env.bound(root).is_none() => match &**root {
                    "var" => match self.variable_source(&name.text, env) {
                        Source::Argument(declared, scope, each) => {
                            let outer = Env::new(scope, declared.file, &each);
                            self.open_within(declared.expr, outer, depth + 1)
                        }
                        Source::Default(..) if self.scope(env.scope).caller.is_none() => {
                            Some(&name.text)
                        }
                        _ => None,
                    },
                    "local" => {
                        let declared = self.module(env.scope).local(env.file, &name.text)?;
                        let each = Each::One;
                        let inner = Env::new(env.scope, declared.file, &each);
                        self.open_within(declared.expr, inner, depth + 1)
                    }
                    _ => None,
                },
                _ => match self.module_output(base, &name.text, env) {
                    Some((expr, file, scope)) => {
                        let inner = Env::new(scope, file, &Each::One);
                        self.open_within(expr, inner, depth + 1)
                    }
                    None => deeper(base),
                },
            },
            Node::Index(base, index) => deeper(base).or_else(|| deeper(index)),
            Node::Splat(base, _) | Node::Not(base) | Node::Negate(base) => deeper(base),
            Node::Binary(left, _, right) => deeper(left).or_else(|| deeper(right)),
            Node::Condition(a, b, c) => deeper(a).or_else(|| deeper(b)).or_else(|| deeper(c)),
            Node::Call { args, .. } | Node::List(args) => args.iter().find_map(deeper),
            Node::Object(members) => members.iter().find_map(|(key, value)| match key {
                Key::Expr(key) => deeper(key).or_else(|| deeper(value)),
                Key::Word(_) => deeper(value),
            }),
            Node::For(looped) => {
                deeper(&looped.source).or_else(|| deeper(looped.condition.as_ref()?))
            }
            Node::Template(parts) => parts.iter().find_map(|part| match part {
                Part::Expr(expr) => deeper(expr),
                Part::If { condition, .. } => deeper(condition),
                Part::For { source, .. } => deeper(source),
                Part::Text(..) => None,
            }),
            _ => None,
        }
    }

    /// The expression of `module.x.name` or `module.x[key].name`, with its file and scope.
    fn module_output(
        &self,
        call: &'p Expr,
        name: &str,
        env: Env<'_>,
    ) -> Option<(&'p Expr, usize, usize)> {
        let call = match &call.node {
            Node::Index(inner, _) => inner,
            _ => call,
        };
        let Node::Attr(root, module) = &call.node else {
            return None;
        };
        if !matches!(&root.node, Node::Root(word) if &**word == "module") {
            return None;
        }
        let call = self.module(env.scope).call(env.file, &module.text)?;
        let scope = self.enter(env.scope, call, &Each::One)?;
        let output = self.module(scope).output(name)?;
        Some((output.expr, output.file, scope))
    }

    /// An unknown value's reason, of the value itself or of an option.
    pub(in crate::formats::terraform) fn unknown_within(value: &Value) -> Option<Rc<Unknown>> {
        match &value.kind {
            Kind::Unknown(unknown) => Some(Rc::clone(unknown)),
            Kind::Choice { options, .. } => options.iter().find_map(Self::unknown_within),
            _ => None,
        }
    }
}

//! `for` expressions, and what can be looped over.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval, MAX_ITEMS};
use crate::PermissionType;
use crate::formats::terraform::symbol::{Api, Each, Object, Symbol};
use crate::formats::terraform::syntax::{Expr, For, Node, Operator};
use crate::formats::terraform::value::{Entry, Kind, Reason, Value, unknown_key};

impl<'p> Eval<'p> {
    /// The keys and values that a loop runs over; `None` if they are not known. Of a set, keys are positions too.
    pub(in crate::formats::terraform) fn items(
        &self,
        value: &Value,
    ) -> Option<Vec<(Value, Value)>> {
        let value = value.settled();
        let items: Vec<(Value, Value)> = match &value.kind {
            Kind::List(items) | Kind::Set(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    #[expect(clippy::cast_precision_loss, reason = "collections are bounded")]
                    (Value::number(at as f64), item.clone())
                })
                .collect(),
            Kind::Map(entries) => entries
                .iter()
                .map(|e| (Kind::Text(e.key.clone()).into(), e.value.clone()))
                .collect(),
            Kind::Choice { options, .. } => {
                let mut all = Vec::new();
                for option in options.iter() {
                    for (key, item) in self.items(option).unwrap_or_default() {
                        all.push((key, item.doubted(option.maybe.as_ref())));
                    }
                }
                all
            }
            Kind::Symbol(symbol) => self.deeper(|| self.symbol_items(symbol))??,
            _ => return None,
        };
        (items.len() <= MAX_ITEMS && self.charge(items.len())).then_some(items)
    }

    /// The instances of a resource or module with `for_each` or `count`.
    fn symbol_items(&self, symbol: &Symbol) -> Option<Vec<(Value, Value)>> {
        let key_of = |each: &Each| match each {
            Each::Key(key, _) => Some(Value::from(Kind::Text(key.clone()))),
            #[expect(clippy::cast_precision_loss, reason = "counts are bounded")]
            Each::Index(at) => Some(Value::number(*at as f64)),
            Each::One | Each::Any(_) => None,
        };
        match symbol {
            Symbol::Instances(holder) => {
                let resource = &self.module(holder.scope).resources[holder.resource];
                let scope = self.scope(holder.scope);
                let env = Env::new(holder.scope, resource.file, &scope.each);
                self.instances(resource.block, env)
                    .into_iter()
                    .map(|(each, doubt)| {
                        let key = key_of(&each)?;
                        let instance = Value::symbol(Symbol::Instance(Object {
                            holder: *holder,
                            each,
                        }));
                        Some((key, instance.doubted(doubt.as_ref())))
                    })
                    .collect()
            }
            Symbol::Module {
                scope,
                call,
                key: None,
            } => {
                let called = &self.module(*scope).calls[*call];
                let caller = self.scope(*scope);
                let env = Env::new(*scope, called.file, &caller.each);
                self.instances(called.block, env)
                    .into_iter()
                    .map(|(each, doubt)| {
                        let key = key_of(&each)?;
                        let module = Symbol::Module {
                            scope: *scope,
                            call: *call,
                            key: Some(Rc::new(key.clone())),
                        };
                        Some((key, Value::symbol(module).doubted(doubt.as_ref())))
                    })
                    .collect()
            }
            _ => None,
        }
    }

    pub(super) fn for_expr(&self, looped: &'p For, at: Span, env: Env<'_>) -> Value {
        let source = self.eval(&looped.source, env);
        if let Some(Symbol::Entries(api, ty) | Symbol::Ids(api, ty)) = source.as_symbol() {
            let by_name = matches!(source.as_symbol(), Some(Symbol::Ids(..)));
            return self.for_roles(looped, api, *ty, by_name, at, env);
        }
        if matches!(source.kind, Kind::Null) {
            return Value::invalid(looped.source.span, "a loop over null");
        }
        let Some(items) = self.items(&source) else {
            // What the loop makes is not known, nor how often: it is said once, where the value is used.
            return Kind::Unknown(self.why(&source, looped.source.span)).into();
        };
        let mut results = Results::default();
        for (key, item) in items {
            if item.as_unknown().is_some()
                && item.maybe.is_none()
                && matches!(key.kind, Kind::Number(_))
            {
                // An element that stands for an unknown rest of the list.
                results.add(looped, None, item.certain(), at);
                continue;
            }
            self.turn(looped, key, item, at, env, &mut results);
        }
        results.value(looped)
    }

    fn turn(
        &self,
        looped: &'p For,
        key: Value,
        item: Value,
        at: Span,
        env: Env<'_>,
        results: &mut Results,
    ) {
        let mut maybe = item.maybe.clone();
        let bound = env.bind(&looped.value, item.certain());
        let inner = env.with(&bound);
        let key_bound = inner.bind(looped.key.as_deref().unwrap_or("\0"), key);
        let inner = inner.with(&key_bound);
        if let Some(condition) = &looped.condition {
            match self.eval(condition, inner).to_bool() {
                Some(true) => {}
                // A filter that is false by a variable's default: who sets the variable decides.
                Some(false) if self.open_variable(condition, inner).is_none() => return,
                _ => maybe = maybe.or_else(|| Some(self.doubt(condition.span))),
            }
        }
        let value = self.eval(&looped.result, inner).doubted(maybe.as_ref());
        let key = looped.key_result.as_ref().map(|key| self.eval(key, inner));
        results.add(looped, key, value, at);
    }

    /// A loop over all roles or scopes of an API, which picks some by name: `[for r in sp.app_roles : r.id if r.value ==
    /// "User.Read.All"]`.
    fn for_roles(
        &self,
        looped: &'p For,
        api: &Api,
        ty: PermissionType,
        by_name: bool,
        at: Span,
        env: Env<'_>,
    ) -> Value {
        let unfiltered = || {
            Value::unknown(
                at,
                Reason::Invalid(
                    "it is every role of the API that a condition picks: write the names out",
                ),
            )
        };
        let Some(condition) = &looped.condition else {
            // `{for r in sp.app_roles : r.value => r.id}` is the table of ids by name.
            let is = |expr: &Expr, member: &str| is_member(expr, &looped.value, member);
            return match &looped.key_result {
                Some(key) if !by_name && is(key, "value") && is(&looped.result, "id") => {
                    Value::symbol(Symbol::Ids(api.clone(), ty))
                }
                Some(key)
                    if !by_name && is(key, "value") && is_word(&looped.result, &looped.value) =>
                {
                    Value::symbol(Symbol::Ids(api.clone(), ty))
                }
                None if !by_name => match &looped.result.node {
                    Node::Attr(_, name) if is(&looped.result, &name.text) => {
                        Value::symbol(Symbol::Column(api.clone(), ty, Rc::from(&*name.text)))
                    }
                    _ => unfiltered(),
                },
                _ => unfiltered(),
            };
        };
        let picked = |expr: &Expr| {
            if by_name {
                looped.key.as_deref().is_some_and(|key| is_word(expr, key))
            } else {
                is_member(expr, &looped.value, "value")
            }
        };
        // Picked by their ids, to have their names: `[for name, id in ….app_role_ids : name if id == "…"]`. The id says
        // which permission it is just as well.
        let by_id = |expr: &Expr| {
            if by_name {
                is_word(expr, &looped.value)
            } else {
                is_member(expr, &looped.value, "id")
            }
        };
        let names = self
            .names_picked(condition, &picked, env)
            .or_else(|| self.names_picked(condition, &by_id, env));
        let Some(names) = names else {
            return unfiltered();
        };
        let mut results = Results::default();
        for name in names {
            let (key, item) = match name.as_text() {
                Some(text) => {
                    let item = if by_name {
                        Symbol::Permission(api.clone(), ty, text.clone())
                    } else {
                        Symbol::Entry(api.clone(), ty, text.clone())
                    };
                    (name.clone(), Value::symbol(item))
                }
                None => (name.clone(), name.clone()),
            };
            let bound = env.bind(&looped.value, item);
            let inner = env.with(&bound);
            let key_bound = inner.bind(looped.key.as_deref().unwrap_or("\0"), key);
            let inner = inner.with(&key_bound);
            let value = self
                .eval(&looped.result, inner)
                .doubted(name.maybe.as_ref());
            let key = looped.key_result.as_ref().map(|key| self.eval(key, inner));
            results.add(looped, key, value, at);
        }
        results.value(looped)
    }

    /// The names that a condition picks: `x == "a"`, `contains(["a"], x)`, joined by `&&` and `||`.
    fn names_picked(
        &self,
        condition: &'p Expr,
        picked: &dyn Fn(&Expr) -> bool,
        env: Env<'_>,
    ) -> Option<Vec<Value>> {
        match &condition.node {
            Node::Binary(left, Operator::Equal, right) => {
                let other = if picked(left) {
                    right
                } else if picked(right) {
                    left
                } else {
                    return None;
                };
                let value = self.eval(other, env);
                Some(match &value.kind {
                    Kind::Choice { options, .. } => {
                        let doubt = self.doubt(other.span);
                        options
                            .iter()
                            .map(|o| o.clone().doubted(Some(&doubt)))
                            .collect()
                    }
                    _ => vec![value],
                })
            }
            Node::Binary(left, Operator::And, right) => self
                .names_picked(left, picked, env)
                .or_else(|| self.names_picked(right, picked, env)),
            Node::Binary(left, Operator::Or, right) => {
                let mut names = self.names_picked(left, picked, env)?;
                names.extend(self.names_picked(right, picked, env)?);
                Some(names)
            }
            Node::Call { name, args, .. } if &**name == "contains" => {
                let [list, item] = args.as_slice() else {
                    return None;
                };
                if !picked(item) {
                    return None;
                }
                let list = self.eval(list, env);
                match self.items(&list) {
                    Some(items) => Some(items.into_iter().map(|(_, item)| item).collect()),
                    None => Some(vec![Kind::Unknown(self.why(&list, condition.span)).into()]),
                }
            }
            _ => None,
        }
    }
}

fn is_word(expr: &Expr, word: &str) -> bool {
    matches!(&expr.node, Node::Root(name) if **name == *word)
}

/// `word.member` or `word["member"]`.
fn is_member(expr: &Expr, word: &str, member: &str) -> bool {
    match &expr.node {
        Node::Attr(base, name) => is_word(base, word) && *name.text == *member,
        Node::Index(base, index) => {
            is_word(base, word)
                && matches!(&index.node, Node::Text { text, .. } if **text == *member)
        }
        _ => false,
    }
}

/// What the turns of a loop gave.
#[derive(Default)]
struct Results {
    values: Vec<Value>,
    entries: Vec<Entry>,
}

impl Results {
    fn add(&mut self, looped: &For, key: Option<Value>, value: Value, at: Span) {
        if looped.key_result.is_none() {
            self.values.push(value);
            return;
        }
        // A member whose key is not known still counts where only values are used.
        let key = key
            .and_then(|key| key.to_text(at))
            .unwrap_or_else(|| unknown_key(self.entries.len(), at));
        if looped.grouping {
            match self.entries.iter_mut().find(|e| e.key.text == key.text) {
                Some(entry) => {
                    let mut group = entry
                        .value
                        .elements()
                        .map(|g| g.to_vec())
                        .unwrap_or_default();
                    group.push(value);
                    entry.value = Value::list(group);
                }
                None => self.entries.push(Entry {
                    key,
                    value: Value::list(vec![value]),
                }),
            }
        } else {
            self.entries.push(Entry { key, value });
        }
    }

    fn value(self, looped: &For) -> Value {
        if looped.key_result.is_some() {
            Value::map(self.entries)
        } else {
            Value::list(self.values)
        }
    }
}

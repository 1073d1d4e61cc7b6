//! Members, indices and splats.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval};
use crate::formats::terraform::symbol::{Each, Object, Symbol};
use crate::formats::terraform::syntax::{Block, Expr, Name, Node};
use crate::formats::terraform::value::{Doubt, Kind, Origin, Reason, Text, Value, is_unknown_key};

impl<'p> Eval<'p> {
    /// `value.name`.
    pub(super) fn member(&self, value: &Value, name: &Name, at: Span) -> Value {
        let key = Text::new(&*name.text, Origin::Literal(name.span));
        self.lookup(value, &key, at)
    }

    /// `value[key]`.
    pub(super) fn index(&self, value: &Value, key: &Value, at: Span) -> Value {
        self.each_option(&[value, key], at, |values| {
            let [value, key] = values else {
                return Value::invalid(at, "an index is expected");
            };
            match (&value.kind, &key.kind) {
                // The table is not known, but people put nothing else under the name of a permission than its id.
                (Kind::Unknown(_), Kind::Text(name))
                    if matches!(name.origin, Origin::Literal(_))
                        && crate::label::is_exactly_a_permission(&name.text)
                        && name.text.contains('.') =>
                {
                    Value::symbol(Symbol::Named(name.clone()))
                }
                (Kind::Unknown(_), _) => (*value).clone(),
                (Kind::Symbol(symbol), _) if matches!(**symbol, Symbol::Exported(_)) => {
                    match key.as_text() {
                        Some(name) => self.symbol_member(symbol, name, at),
                        None => (*value).clone(),
                    }
                }
                (Kind::Symbol(symbol), Kind::Symbol(position)) => match (&**symbol, &**position) {
                    (Symbol::Entries(..), Symbol::Position(api, ty, name)) => {
                        Value::symbol(Symbol::Entry(api.clone(), *ty, name.clone()))
                    }
                    _ => self.no_value(key, at),
                },
                (Kind::Symbol(symbol), Kind::Unknown(unknown)) => match &**symbol {
                    Symbol::Instances(holder) => Value::symbol(Symbol::Instance(Object {
                        holder: *holder,
                        each: Each::Any(Rc::clone(unknown)),
                    })),
                    _ => (*key).clone(),
                },
                // Which element it is depends on something unknown: it can be any of them.
                (_, Kind::Unknown(_)) => self.any_of(value, at).unwrap_or_else(|| (*key).clone()),
                (Kind::List(_) | Kind::Set(_), _) => self.element(value, key, at),
                (Kind::Map(_) | Kind::Symbol(_), _) => match (&value.kind, key.to_text(at)) {
                    (Kind::Symbol(symbol), _)
                        if matches!(**symbol, Symbol::Instances(_) | Symbol::Module { .. }) =>
                    {
                        self.indexed(symbol, key, at)
                    }
                    (_, Some(key)) => self.lookup(value, &key, at),
                    _ => self.no_value(key, at),
                },
                _ => self.no_value(value, at),
            }
        })
    }

    fn element(&self, value: &Value, key: &Value, at: Span) -> Value {
        let Some(items) = value.elements() else {
            return self.no_value(value, at);
        };
        let Some(number) = key.to_number() else {
            return self.no_value(key, at);
        };
        // Elements that are there only perhaps shift the others: any of those up to the index can be meant.
        let certain = items.iter().take_while(|item| item.maybe.is_none()).count();
        #[expect(clippy::cast_precision_loss, reason = "collections are bounded")]
        let position = (0..items.len()).find(|at| *at as f64 == number);
        match position {
            Some(position) if position < certain => items[position].clone(),
            Some(position) => {
                let options = items[certain..=position.max(certain)].to_vec();
                self.join(options, false, &self.doubt(at))
            }
            None => match items.iter().find_map(Self::unknown_within) {
                Some(unknown) => Kind::Unknown(unknown).into(),
                None => Value::invalid(at, "the list has no element at this index"),
            },
        }
    }

    /// All elements of a collection as one value that can be any of them.
    fn any_of(&self, value: &Value, at: Span) -> Option<Value> {
        let options: Vec<Value> = match &value.kind {
            Kind::List(items) | Kind::Set(items) => items.to_vec(),
            Kind::Map(entries) => entries.iter().map(|e| e.value.clone()).collect(),
            _ => return None,
        };
        if options.is_empty() {
            return None;
        }
        Some(self.join(options, false, &self.doubt(at)))
    }

    pub(in crate::formats::terraform) fn doubt(&self, at: Span) -> Rc<Doubt> {
        Rc::new(Doubt {
            at,
            on: self.project.slice(at).to_owned(),
        })
    }

    /// The member of a map, or of something that stands for one, under a key that is known.
    pub(super) fn lookup(&self, value: &Value, key: &Text, at: Span) -> Value {
        match &value.kind {
            Kind::Map(_) => match value.member(&key.text) {
                Some(found) => keyed(found.clone(), key),
                None => {
                    let open = value
                        .entries()
                        .and_then(|all| all.iter().find(|e| is_unknown_key(&e.key)));
                    match open {
                        Some(open) if open.value.as_unknown().is_some() => open.value.clone(),
                        Some(_) => {
                            Value::unknown(at, Reason::Provider("the key of a member".to_owned()))
                        }
                        None => Value::unknown(at, Reason::NoMember(key.text.to_string())),
                    }
                }
            },
            Kind::List(items) => match key.text.parse::<usize>() {
                Ok(position) if position < items.len() => items[position].clone(),
                // Older configurations write `list.attribute` for a list of one.
                _ if items.len() == 1 => self.lookup(&items[0], key, at),
                _ => Value::invalid(at, "a list has no members"),
            },
            Kind::Symbol(symbol) => self.symbol_member(symbol, key, at),
            Kind::Choice { .. } => self.each_option(&[value], at, |values| match values {
                [value] => self.lookup(value, key, at),
                _ => Value::invalid(at, "a value is expected"),
            }),
            Kind::Unknown(unknown) => self.unknown_member(unknown, key, at),
            _ => self.no_value(value, at),
        }
        .doubted(value.maybe.as_ref())
    }

    /// `resource[key]`, `module.x[key]`.
    fn indexed(&self, symbol: &Symbol, key: &Value, at: Span) -> Value {
        match symbol {
            Symbol::Instances(holder) => {
                let module = self.module(holder.scope);
                let resource = &module.resources[holder.resource];
                let scope = self.scope(holder.scope);
                let env = Env::new(holder.scope, resource.file, &scope.each);
                let each = self
                    .deeper(|| self.each_of(resource.block, key, env, at))
                    .unwrap_or_else(|| Each::Any(self.why(key, at)));
                Value::symbol(Symbol::Instance(Object {
                    holder: *holder,
                    each,
                }))
            }
            Symbol::Module { scope, call, .. } => Value::symbol(Symbol::Module {
                scope: *scope,
                call: *call,
                key: Some(Rc::new(key.clone())),
            }),
            _ => self.no_value(key, at),
        }
    }

    /// The instance of a block that a key stands for.
    pub(super) fn each_of(&self, block: &'p Block, key: &Value, env: Env<'_>, at: Span) -> Each {
        let Some(for_each) = block.body.attribute("for_each") else {
            return match key.to_number() {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "an index is small and positive"
                )]
                Some(number) if number >= 0.0 => Each::Index(number as usize),
                _ => Each::Any(self.why(key, at)),
            };
        };
        let Some(text) = key.to_text(at) else {
            return Each::Any(self.why(key, at));
        };
        let all = self.eval(&for_each.value, env);
        let value = match &all.kind {
            Kind::Map(_) | Kind::Symbol(_) => {
                // The instance is named by this key: what the map holds under it is no look-up in a table.
                let plain = Text {
                    origin: Origin::Made(at),
                    ..text.clone()
                };
                self.lookup(&all, &plain, at)
            }
            Kind::List(_) | Kind::Set(_) => Kind::Text(text.clone()).into(),
            _ => Kind::Unknown(self.why(&all, for_each.value.span)).into(),
        };
        Each::Key(text, Rc::new(value))
    }

    pub(super) fn splat(&self, source: &'p Expr, each: &'p Expr, env: Env<'_>) -> Value {
        let value = self.eval(source, env);
        if let Some(Symbol::Entries(api, ty)) = value.as_symbol()
            && let Node::Attr(base, name) = &each.node
            && matches!(base.node, Node::Element)
        {
            return Value::symbol(Symbol::Column(api.clone(), *ty, Rc::from(&*name.text)));
        }
        let items: Vec<Value> = match &value.kind {
            Kind::Null => Vec::new(),
            Kind::Unknown(_) => vec![value.clone()],
            _ => match self.items(&value) {
                Some(items) if !matches!(value.kind, Kind::Map(_)) => {
                    items.into_iter().map(|(_, item)| item).collect()
                }
                // A splat makes a list of one of anything that is no list.
                _ => vec![value.clone()],
            },
        };
        let results = items.iter().map(|item| {
            let env = Env {
                element: Some(item),
                ..env
            };
            self.eval(each, env).doubted(item.maybe.as_ref())
        });
        Value::list(results.collect())
    }
}

/// A string that was found under a key that is written out: the key can be what names the permission.
fn keyed(value: Value, key: &Text) -> Value {
    match &value.kind {
        Kind::Text(text) if text.key.is_none() && matches!(key.origin, Origin::Literal(_)) => {
            let found = Kind::Text(Text {
                key: Some(Rc::new(key.clone())),
                ..text.clone()
            });
            Value::from(found).doubted(value.maybe.as_ref())
        }
        _ => value,
    }
}

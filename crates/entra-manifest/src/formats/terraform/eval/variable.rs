//! References: variables, locals, resources, module outputs, and the words that loops bind.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval, Scope, suffix};
use crate::formats::terraform::project::Declared;
use crate::formats::terraform::symbol::{Each, Holder, Object, Symbol};
use crate::formats::terraform::syntax::{Block, Expr, Key, Name, Node};
use crate::formats::terraform::value::{
    Doubt, Entry, Kind, Origin, Reason, Text, Unknown, Value, is_unknown_key, unknown_key,
};

/// Where a variable's value comes from.
pub(super) enum Source<'p> {
    /// A module call's argument, which is evaluated in the caller's scope.
    Argument(Declared<'p>, usize, Each),
    /// A file of values.
    File(Declared<'p>),
    /// The variable's default.
    Default(Declared<'p>),
    /// Nothing that was read.
    Nowhere,
}

impl<'p> Eval<'p> {
    /// A word by itself.
    pub(super) fn word(&self, name: &str, at: Span, env: Env<'_>) -> Value {
        match env.bound(name) {
            Some(value) => value.clone(),
            // A reference to a resource's type, or to something that only Terraform itself knows.
            None => Value::unknown(at, Reason::Undeclared(name.to_owned())),
        }
    }

    /// `base.name`.
    pub(super) fn attribute(
        &self,
        expr: &'p Expr,
        base: &'p Expr,
        name: &'p Name,
        env: Env<'_>,
    ) -> Value {
        match &base.node {
            Node::Root(root) if env.bound(root).is_none() => self.root(root, name, expr.span, env),
            Node::Attr(inner, kind) => match &inner.node {
                Node::Root(root) if &**root == "data" && env.bound(root).is_none() => {
                    self.resource(true, &kind.text, &name.text, expr.span, env)
                }
                _ => {
                    let value = self.eval(base, env);
                    self.member(&value, name, expr.span)
                }
            },
            _ => {
                let value = self.eval(base, env);
                self.member(&value, name, expr.span)
            }
        }
    }

    fn root(&self, root: &str, name: &'p Name, at: Span, env: Env<'_>) -> Value {
        match root {
            "var" => self.variable(&name.text, at, env),
            "local" => match self.module(env.scope).local(env.file, &name.text) {
                Some(declared) => {
                    let inner = Env::new(env.scope, declared.file, &Each::One);
                    self.declared(
                        declared.expr,
                        env.scope,
                        inner,
                        &format!("local.{}", name.text),
                        at,
                    )
                }
                None => Value::unknown(at, Reason::Undeclared(format!("local.{}", name.text))),
            },
            "each" => match (env.each, &*name.text) {
                // The keys of a set that only the provider knows are its elements.
                (Each::Key(key, value), "key") if is_unknown_key(key) => Value::clone(value),
                (Each::Key(key, _), "key") => Kind::Text(key.clone()).into(),
                (Each::Key(_, value), "value") => Value::clone(value),
                (Each::Any(unknown), _) => Kind::Unknown(Rc::clone(unknown)).into(),
                _ => Value::invalid(at, "each is used without for_each"),
            },
            "count" => match env.each {
                #[expect(clippy::cast_precision_loss, reason = "no count reaches 2^52")]
                Each::Index(at) => Value::number(*at as f64),
                Each::Any(unknown) => Kind::Unknown(Rc::clone(unknown)).into(),
                _ => Value::invalid(at, "count.index is used without count"),
            },
            "path" => match &*name.text {
                "module" => Value::text(self.module(env.scope).path.as_str(), Origin::Made(at)),
                "root" | "cwd" => {
                    Value::text(self.project.modules[0].path.as_str(), Origin::Made(at))
                }
                _ => Value::invalid(at, "path has module, root and cwd"),
            },
            "module" => match self.module(env.scope).call(env.file, &name.text) {
                Some(call) => Value::symbol(Symbol::Module {
                    scope: env.scope,
                    call,
                    key: None,
                }),
                None => Value::unknown(at, Reason::Undeclared(format!("module.{}", name.text))),
            },
            "terraform" => match self.environment_name() {
                Some(environment) if &*name.text == "workspace" => {
                    Value::text(environment, Origin::Made(at))
                }
                _ => Value::unknown(at, Reason::Provider(format!("terraform.{}", name.text))),
            },
            "data" | "self" => {
                Value::unknown(at, Reason::Provider(format!("{root}.{}", name.text)))
            }
            kind => self.resource(false, kind, &name.text, at, env),
        }
    }

    /// The name of the environment that is evaluated: people call workspaces like their files of values.
    fn environment_name(&self) -> Option<&'p str> {
        let name = self.project.modules[0]
            .environments
            .get(self.environment?)?
            .name;
        // `envs/prod/terraform.tfvars` is that of `prod`.
        name.rsplit('/').find(|part| *part != "terraform")
    }

    fn resource(&self, data: bool, kind: &str, name: &str, at: Span, env: Env<'_>) -> Value {
        // Says nothing but which names there are, so the block need not be in the folder.
        if kind == "azuread_application_published_app_ids" {
            return Value::symbol(Symbol::PublishedIds);
        }
        let Some(resource) = self.module(env.scope).resource(env.file, data, kind, name) else {
            let data = if data { "data." } else { "" };
            return Value::unknown(at, Reason::Undeclared(format!("{data}{kind}.{name}")));
        };
        let holder = Holder {
            scope: env.scope,
            resource,
        };
        let body = &self.module(env.scope).resources[resource].block.body;
        Value::symbol(if body.attribute_of(&["for_each", "count"]).is_some() {
            Symbol::Instances(holder)
        } else {
            Symbol::Instance(Object {
                holder,
                each: Each::One,
            })
        })
    }

    /// The value of a declaration, computed once for each module instance `of`.
    pub(super) fn declared(
        &self,
        expr: &'p Expr,
        of: usize,
        env: Env<'_>,
        name: &str,
        at: Span,
    ) -> Value {
        let key = (of, std::ptr::from_ref(expr));
        match self.memo.borrow().get(&key) {
            Some(Some(value)) => return value.clone(),
            Some(None) => return Value::unknown(at, Reason::Cycle(name.to_owned())),
            None => {}
        }
        self.memo.borrow_mut().insert(key, None);
        let value = self.eval(expr, env);
        // A value cut off by the bound on depth depends on where it was first used: it is not kept.
        let cut = matches!(Self::unknown_within(&value), Some(u) if u.reason == Reason::TooDeep);
        if cut {
            self.memo.borrow_mut().remove(&key);
        } else {
            self.memo.borrow_mut().insert(key, Some(value.clone()));
        }
        value
    }

    fn variable(&self, name: &'p str, at: Span, env: Env<'_>) -> Value {
        let full = || format!("var.{name}");
        let value = match self.variable_source(name, env) {
            Source::Argument(declared, scope, each) => {
                let outer = Env::new(scope, declared.file, &each);
                self.declared(declared.expr, env.scope, outer, &full(), at)
            }
            Source::File(declared) | Source::Default(declared) => {
                let inner = Env::new(env.scope, declared.file, &Each::One);
                self.declared(declared.expr, env.scope, inner, &full(), at)
            }
            Source::Nowhere => return Value::unknown(at, Reason::Variable(name.to_owned())),
        };
        match self.module(env.scope).variable(env.file, name) {
            Some((file, block)) => {
                self.with_optional(value, block, Env::new(env.scope, file, &Each::One))
            }
            None => value,
        }
    }

    pub(super) fn variable_source(&self, name: &'p str, env: Env<'_>) -> Source<'p> {
        let module = self.module(env.scope);
        let scope = self.scope(env.scope);
        if let Some((caller, call)) = scope.caller {
            let call = &self.module(caller).calls[call];
            if let Some(argument) = call.block.body.attribute(name)
                && !matches!(argument.value.node, Node::Null)
            {
                let declared = Declared {
                    file: call.file,
                    expr: &argument.value,
                };
                return Source::Argument(declared, caller, scope.each.clone());
            }
        } else {
            let environment = self.environment.and_then(|at| module.environments.get(at));
            let set = environment
                .and_then(|e| e.values.get(name))
                .or_else(|| module.values.get(name));
            if let Some(declared) = set {
                return Source::File(*declared);
            }
        }
        match module.variable(env.file, name) {
            Some((file, block)) => match block.body.attribute("default") {
                // `default = null` mostly stands for "the caller may leave it out", and so it reads.
                Some(default) => Source::Default(Declared {
                    file,
                    expr: &default.value,
                }),
                None => Source::Nowhere,
            },
            None => Source::Nowhere,
        }
    }

    /// Fills in the members that the variable's type calls optional:
    /// <https://developer.hashicorp.com/terraform/language/expressions/type-constraints#optional-object-type-attributes>.
    fn with_optional(&self, value: Value, block: &'p Block, env: Env<'_>) -> Value {
        match block.body.attribute("type") {
            Some(ty) if value.elements().is_some() || value.entries().is_some() => {
                self.typed(value, &ty.value, env)
            }
            _ => value,
        }
    }

    fn typed(&self, value: Value, ty: &'p Expr, env: Env<'_>) -> Value {
        let Node::Call { name, args, .. } = &ty.node else {
            return value;
        };
        let Some(inner) = args.first() else {
            return value;
        };
        if !self.charge(1) {
            return value;
        }
        let maybe = value.maybe.clone();
        let typed = match (&**name, &value.kind) {
            ("optional", _) => self.typed(value, inner, env),
            ("list", Kind::List(items) | Kind::Set(items)) => Value::list(
                items
                    .iter()
                    .map(|v| self.typed(v.clone(), inner, env))
                    .collect(),
            ),
            ("set", Kind::List(items) | Kind::Set(items)) => Value::set(
                items
                    .iter()
                    .map(|v| self.typed(v.clone(), inner, env))
                    .collect(),
            ),
            ("map", Kind::Map(entries)) => Value::map(
                entries
                    .iter()
                    .map(|e| Entry {
                        key: e.key.clone(),
                        value: self.typed(e.value.clone(), inner, env),
                    })
                    .collect(),
            ),
            ("object", Kind::Map(entries)) => {
                let Node::Object(members) = &inner.node else {
                    return value;
                };
                let mut out: Vec<Entry> = entries.to_vec();
                for (key, member) in members {
                    let Key::Word(key) = key else { continue };
                    let Some(at) = out.iter().position(|e| *e.key.text == *key.text) else {
                        if let Node::Call { name, args, .. } = &member.node
                            && &**name == "optional"
                        {
                            let default = args.get(1).map_or(Value::NULL, |d| self.eval(d, env));
                            let default = self.typed(default, member, env);
                            let key = Text::new(&*key.text, Origin::Made(key.span));
                            out.push(Entry {
                                key,
                                value: default,
                            });
                        }
                        continue;
                    };
                    out[at].value = self.typed(out[at].value.clone(), member, env);
                }
                Value::map(out)
            }
            _ => return value,
        };
        typed.doubted(maybe.as_ref())
    }

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
            // Nothing by default: whoever sets the variable decides.
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

//! References: variables, locals, resources, module outputs, and the words that loops bind.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval};
use crate::formats::terraform::module::Declared;
use crate::formats::terraform::symbol::{Each, Holder, Object, Symbol};
use crate::formats::terraform::syntax::{Block, Expr, Key, Name, Node};
use crate::formats::terraform::value::{Entry, Kind, Origin, Reason, Text, Value, is_unknown_key};

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
}

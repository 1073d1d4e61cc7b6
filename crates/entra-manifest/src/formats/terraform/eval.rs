//! The evaluator: what an expression of a configuration comes to, without Terraform, providers or effects.
//!
//! Bounded in steps, depth and size of values; beyond the bounds a value is unknown and says so. No file is read here:
//! `file()` gets what the unit has, and wants what it has not.

mod access;
mod blocks;
mod condition;
mod decode;
mod format;
mod function;
mod instances;
mod lists;
mod loops;
mod maps;
mod operator;
#[cfg(test)]
mod oracle;
mod patterns;
mod principal;
mod rendered;
mod strings;
mod template;
mod variable;

pub(super) use blocks::Nested;
pub(super) use principal::graph;
pub(in crate::formats) use principal::names_graph;
pub(super) use rendered::Templates;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use camino::Utf8PathBuf;
use rustc_hash::FxHashMap;
use source_text::Span;

use super::module::Module;
use super::project::Project;
use super::symbol::{Each, Object, Symbol};
use super::syntax::{Expr, Key, Node};
use super::value::{Entry, Kind, Origin, Reason, Text, Value, is_unknown_key, unknown_key};
use crate::read::Want;

/// Evaluations of expressions in one configuration: some hundred times what the largest real ones take.
const MAX_STEPS: u32 = 400_000;

/// Expressions within expressions, references followed. Shallow enough for a thread's stack of 1 MiB.
const MAX_DEPTH: u32 = 96;

/// Elements of one collection.
const MAX_ITEMS: usize = 10_000;

/// Bytes of one string.
const MAX_TEXT: usize = 1 << 20;

/// The caller's scope, the call's index, and the instance.
type CallKey = (usize, usize, Option<Rc<str>>);

/// Evaluates the expressions of one configuration.
#[derive(Debug)]
pub(super) struct Eval<'p> {
    pub(super) project: &'p Project<'p>,
    /// The environment whose values are used: index into the root module's.
    pub(super) environment: Option<usize>,
    scopes: RefCell<Vec<Rc<Scope>>>,
    by_call: RefCell<FxHashMap<CallKey, usize>>,
    memo: RefCell<FxHashMap<(usize, *const Expr), Option<Value>>>,
    wants: RefCell<Vec<Want>>,
    files: RefCell<FxHashMap<Utf8PathBuf, Value>>,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// Whether something was left out for another reason than the number of steps.
    cut: Cell<bool>,
}

/// An instance of a module.
#[derive(Debug)]
pub(super) struct Scope {
    /// Index into [`Project::modules`].
    pub(super) module: usize,
    /// The scope of the call, and the call's index; `None` for the unit's own folder.
    pub(super) caller: Option<(usize, usize)>,
    pub(super) each: Each,
    /// `module.api["x"].`, empty for the unit's own folder.
    pub(super) prefix: String,
}

/// Where an expression stands: which module instance, which file, and the names bound around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Env<'e> {
    pub(super) scope: usize,
    pub(super) file: usize,
    pub(super) each: &'e Each,
    names: Option<&'e Bound<'e>>,
    element: Option<&'e Value>,
}

/// A name that a loop or a dynamic block binds.
#[derive(Debug)]
pub(super) struct Bound<'e> {
    name: &'e str,
    value: Value,
    outer: Option<&'e Self>,
}

impl<'e> Env<'e> {
    pub(super) const fn new(scope: usize, file: usize, each: &'e Each) -> Self {
        Self {
            scope,
            file,
            each,
            names: None,
            element: None,
        }
    }

    /// The name bound to a value, for use with [`Env::with`].
    pub(super) const fn bind(&self, name: &'e str, value: Value) -> Bound<'e> {
        Bound {
            name,
            value,
            outer: self.names,
        }
    }

    pub(super) const fn with(self, bound: &'e Bound<'e>) -> Self {
        Self {
            names: Some(bound),
            ..self
        }
    }

    fn bound(&self, name: &str) -> Option<&'e Value> {
        let mut next = self.names;
        while let Some(bound) = next {
            if bound.name == name {
                return Some(&bound.value);
            }
            next = bound.outer;
        }
        None
    }
}

impl<'p> Eval<'p> {
    pub(super) fn new(project: &'p Project<'p>, environment: Option<usize>) -> Self {
        let root = Scope {
            module: 0,
            caller: None,
            each: Each::One,
            prefix: String::new(),
        };
        Self {
            project,
            environment,
            scopes: RefCell::new(vec![Rc::new(root)]),
            by_call: RefCell::default(),
            memo: RefCell::default(),
            wants: RefCell::default(),
            files: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
            cut: Cell::new(false),
        }
    }

    /// The files and folders that expressions referred to and that the unit does not have.
    pub(super) fn into_wants(self) -> Vec<Want> {
        self.wants.into_inner()
    }

    pub(super) fn scope(&self, scope: usize) -> Rc<Scope> {
        Rc::clone(&self.scopes.borrow()[scope])
    }

    pub(super) fn module(&self, scope: usize) -> &'p Module<'p> {
        let module = self.scopes.borrow()[scope].module;
        &self.project.modules[module]
    }

    /// Whether the configuration is larger than what is evaluated.
    pub(super) fn incomplete(&self) -> bool {
        self.exhausted() || self.cut.get()
    }

    /// Whether the configuration took more steps than are allowed.
    fn exhausted(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    /// Counts work; `false` when there was too much of it.
    pub(super) fn charge(&self, work: usize) -> bool {
        let work = u32::try_from(work).unwrap_or(MAX_STEPS);
        self.steps
            .set(self.steps.get().saturating_add(work).min(MAX_STEPS));
        !self.exhausted()
    }

    /// Goes one level deeper, if there is one left.
    pub(super) fn deeper<R>(&self, then: impl FnOnce() -> R) -> Option<R> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let result = then();
        self.depth.set(depth);
        Some(result)
    }

    /// What an expression comes to.
    pub(super) fn eval(&self, expr: &'p Expr, env: Env<'_>) -> Value {
        if !self.charge(1) {
            return Value::unknown(expr.span, Reason::TooLarge);
        }
        self.deeper(|| self.node(expr, env))
            .unwrap_or_else(|| Value::unknown(expr.span, Reason::TooDeep))
    }

    fn node(&self, expr: &'p Expr, env: Env<'_>) -> Value {
        match &expr.node {
            Node::Null => Value::NULL,
            Node::Bool(value) => Value::bool(*value),
            Node::Number(number) => Value::number(*number),
            Node::Text { text, content } => Value::text(&**text, origin(*content, expr.span)),
            Node::Template(parts) => self.template(parts, expr.span, env),
            Node::Root(name) => self.word(name, expr.span, env),
            Node::Attr(base, name) => self.attribute(expr, base, name, env),
            Node::Index(base, index) => {
                let base = self.eval(base, env);
                let key = self.eval(index, env);
                self.index(&base, &key, expr.span)
            }
            Node::Splat(source, each) => self.splat(source, each, env),
            Node::Element => env.element.cloned().unwrap_or(Value::NULL),
            Node::Call { name, args, expand } => self.call(name, args, *expand, expr.span, env),
            Node::Condition(condition, then, otherwise) => {
                self.condition(condition, then, otherwise, env)
            }
            Node::Not(inner) => self.not(inner, expr.span, env),
            Node::Negate(inner) => self.negate(inner, expr.span, env),
            Node::Binary(left, operator, right) => {
                self.binary(left, *operator, right, expr.span, env)
            }
            Node::For(looped) => self.for_expr(looped, expr.span, env),
            Node::List(items) => self.list(items, expr.span, env),
            Node::Object(members) => self.object(members, expr.span, env),
            Node::Opaque(why) => Value::invalid(expr.span, why),
        }
    }

    fn list(&self, items: &'p [Expr], at: Span, env: Env<'_>) -> Value {
        if items.len() > MAX_ITEMS {
            return Value::unknown(at, Reason::TooLarge);
        }
        Value::list(items.iter().map(|item| self.eval(item, env)).collect())
    }

    fn object(&self, members: &'p [(Key, Expr)], at: Span, env: Env<'_>) -> Value {
        if members.len() > MAX_ITEMS {
            return Value::unknown(at, Reason::TooLarge);
        }
        let mut entries = Vec::with_capacity(members.len());
        for (key, value) in members {
            let key = match key {
                Key::Word(name) => Some(Text::new(&*name.text, Origin::Literal(name.span))),
                Key::Expr(expr) => self.eval(expr, env).to_text(expr.span),
            };
            // A member whose key is not known cannot be found by its key; loops that only use its value still see it.
            let key = key.unwrap_or_else(|| unknown_key(entries.len(), value.span));
            entries.push(Entry {
                key,
                value: self.eval(value, env),
            });
        }
        Value::map(entries)
    }

    /// The unknown value that stands for one that cannot be used here, with its own reason if it has one.
    fn no_value(&self, value: &Value, at: Span) -> Value {
        match &value.settled().kind {
            Kind::Unknown(unknown) => Kind::Unknown(Rc::clone(unknown)).into(),
            Kind::Choice { options, .. } => options
                .iter()
                .find(|option| option.as_unknown().is_some())
                .cloned()
                .unwrap_or_else(|| {
                    Value::unknown(
                        at,
                        Reason::Invalid("it depends on a condition that is not known"),
                    )
                }),
            Kind::Symbol(symbol) => {
                Value::unknown(at, Reason::Provider(self.symbol_name(symbol, at)))
            }
            Kind::Null => Value::invalid(at, "a null value cannot be used here"),
            _ => Value::invalid(at, "the value has a type that cannot be used here"),
        }
    }

    fn symbol_name(&self, symbol: &Symbol, at: Span) -> String {
        match symbol {
            Symbol::Attribute(object, name) => format!("{}.{name}", self.address(object)),
            Symbol::Instance(object) => self.address(object),
            _ => self.project.slice(at).to_owned(),
        }
    }

    /// The address of a resource's instance: `module.api.azuread_application.worker["x"]`.
    pub(super) fn address(&self, object: &Object) -> String {
        let scope = self.scope(object.holder.scope);
        let resource = &self.module(object.holder.scope).resources[object.holder.resource];
        format!(
            "{}{}{}",
            scope.prefix,
            resource.address(),
            suffix(&object.each)
        )
    }
}

/// `["x"]`, `[0]` or nothing.
pub(super) fn suffix(each: &Each) -> String {
    match each {
        Each::One | Each::Any(_) => String::new(),
        Each::Index(at) => format!("[{at}]"),
        Each::Key(key, _) if is_unknown_key(key) => String::new(),
        Each::Key(key, _) => format!("[\"{}\"]", key.text),
    }
}

const fn origin(content: Option<Span>, whole: Span) -> Origin {
    match content {
        Some(span) => Origin::Literal(span),
        None => Origin::Made(whole),
    }
}

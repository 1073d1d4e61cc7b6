//! The evaluator: pure, bounded, and never without an answer. What it cannot know is a value that says why.

mod calls;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use camino::Utf8Path;
use source_text::Span;
use uuid::Uuid;

use super::compare::{compare, unary};
use super::env::Env;
use super::expr::{Binary, Expr, ExprKind, Member, Part};
use super::files::Files;
use super::program::Program;
use super::scopes::Scope;
use super::value::{Data, InList, Piece, Text, Value, Why, elements, int, join, why_of};
use super::{permissions, texts};
use crate::label::is_exactly_a_permission;

/// Steps for one unit: many times what the largest template that the tests measure takes (7,800 lines, compiled).
const STEPS: u32 = 400_000;
/// How deep expressions may refer to each other. Each level takes some stack.
const DEPTH: u32 = 96;
/// How many elements a list may have.
pub(crate) const ELEMENTS: usize = 10_000;

/// An argument for a parameter.
pub(crate) type Argument = (String, Value);

/// Evaluates the programs of one unit.
pub(crate) struct Evaluator<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) scopes: RefCell<Vec<Rc<Scope<'a>>>>,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// Functions whose evaluation is under way, to stop recursion.
    calls: Cell<u32>,
}

/// An evaluator over a program, whose first scope is the program with these arguments.
pub(crate) fn evaluate<'a>(
    program: &'a Program,
    file: &Utf8Path,
    arguments: Vec<Argument>,
    files: &'a dyn Files,
) -> Evaluator<'a> {
    let evaluator = Evaluator {
        files,
        scopes: RefCell::default(),
        steps: Cell::new(STEPS),
        depth: Cell::new(DEPTH),
        calls: Cell::new(0),
    };
    let folder = file
        .parent()
        .unwrap_or_else(|| Utf8Path::new(""))
        .to_owned();
    evaluator.add(Scope::new(
        program,
        folder,
        arguments.into_iter().collect(),
        0,
    ));
    evaluator
}

impl<'a> Evaluator<'a> {
    /// Pays for work on this many elements.
    pub(super) fn charge(&self, elements: usize) {
        let elements = u32::try_from(elements).unwrap_or(u32::MAX);
        self.steps.set(self.steps.get().saturating_sub(elements));
    }

    /// Whether the unit has taken all its steps.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() == 0
    }

    /// The elements of a list that is walked.
    pub(super) fn walk(&self, list: &Value) -> Vec<Value> {
        let elements = elements(list);
        self.charge(elements.len());
        elements
    }

    /// The value of an expression in a scope.
    pub(crate) fn eval(&self, scope: usize, env: &Env, expr: &Expr) -> Value {
        if self.steps.get() == 0 || self.depth.get() == 0 {
            return Value::unknown(Why::Limit, expr.span);
        }
        self.steps.set(self.steps.get() - 1);
        self.depth.set(self.depth.get() - 1);
        let value = self.eval_kind(scope, env, expr);
        self.depth.set(self.depth.get() + 1);
        value
    }

    fn eval_kind(&self, scope: usize, env: &Env, expr: &Expr) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null => Value::new(Data::Null, span),
            ExprKind::Bool(value) => Value::bool(*value, span),
            ExprKind::Int(value) => Value::new(Data::Int(*value), span),
            ExprKind::Text(parts) => self.text(scope, env, parts, span),
            ExprKind::List(items) => {
                let mut out = Vec::new();
                for item in items {
                    let mut value = self.eval(scope, env, &item.value);
                    if item.spread {
                        out.extend(self.walk(&value));
                    } else {
                        value.item = Some(InList {
                            list: span,
                            item: item.value.span,
                            of: items.len(),
                        });
                        out.push(value.used_at(item.value.span));
                    }
                    if out.len() > ELEMENTS {
                        return Value::unknown(Why::Limit, span);
                    }
                }
                Value::list(out, span)
            }
            ExprKind::Object(members) => {
                let mut out = Vec::new();
                for member in members {
                    let value = self.eval(scope, env, &member.value);
                    let value = value.used_at(member.value.span);
                    match &member.key {
                        Some(key) => {
                            // A key that is not known hides no other member: no reference can have its name. A plain
                            // one takes no step, so that no member is lost when there are none left.
                            let key = match key.as_text() {
                                Some(key) => key.to_owned(),
                                None => self.eval(scope, env, key).as_text().unwrap_or_default(),
                            };
                            out.push((key, value));
                        }
                        None => match &value.data {
                            Data::Object(members) => out.extend(members.iter().cloned()),
                            Data::Null => {}
                            _ => return Value::unknown(why_of(&value), value.span),
                        },
                    }
                }
                label_ids(&mut out, members);
                Value::new(Data::Object(Rc::new(out)), span)
            }
            ExprKind::Name(name) => match env.find(Some(name), false) {
                Some(value) => value.clone(),
                None => self.name(scope, name, span),
            },
            ExprKind::Local(name) => env
                .find(Some(name), false)
                .cloned()
                .unwrap_or_else(|| Value::unknown(Why::Name(name.clone()), span)),
            ExprKind::Index(name) => env
                .find(name.as_deref(), true)
                .cloned()
                .unwrap_or_else(|| Value::unknown(Why::Function("copyIndex".into()), span)),
            ExprKind::Parameter(name) => self.parameter(scope, name, span),
            ExprKind::Variable(name) => self
                .variable(scope, name)
                .unwrap_or_else(|| Value::unknown(Why::Name(name.clone()), span)),
            ExprKind::Resource(name) => self
                .resource(scope, name, span)
                .or_else(|| self.module(scope, name, span))
                .unwrap_or_else(|| Value::unknown(Why::Function("reference".into()), span)),
            ExprKind::Call { on, name, args } => {
                self.call(scope, env, on.as_deref(), name, args, span)
            }
            ExprKind::Member { of, name, safe } => {
                let of = self.eval(scope, env, of);
                self.member(&of, name, *safe, span)
            }
            ExprKind::At {
                of,
                index,
                safe,
                from_end,
            } => {
                let of = self.eval(scope, env, of);
                let index = self.eval(scope, env, index);
                self.at(&of, &index, *safe, *from_end, span)
            }
            ExprKind::Nested(name) => self
                .resource(scope, name, span)
                .unwrap_or_else(|| Value::unknown(Why::Name(name.clone()), span)),
            ExprKind::Unary(op, of) => {
                let value = self.eval(scope, env, of);
                unary(*op, value, span)
            }
            ExprKind::Binary(op, a, b) => self.binary(scope, env, *op, a, b, span),
            ExprKind::If(condition, a, b) => self.choose(scope, env, condition, a, b),
            ExprKind::Lambda { .. } => {
                Value::unknown(Why::Unsupported("a lambda as a value"), span)
            }
            ExprKind::For {
                item,
                index,
                list,
                condition,
                body,
            } => {
                let list = self.eval(scope, env, list);
                let mut out = Vec::new();
                for (nth, element) in self.walk(&list).into_iter().enumerate() {
                    if self.is_spent() {
                        return Value::unknown(Why::Limit, span);
                    }
                    let conditional = element.conditional;
                    let mut env = env.with(item, element);
                    if let Some(index) = index {
                        env = env.with(index, int(nth, span));
                    }
                    let Some(depends) = self.holds(scope, &env, condition.as_deref()) else {
                        continue;
                    };
                    let value = self.eval(scope, &env, body).used_at(body.span);
                    out.push(value.under(conditional).under(depends));
                }
                Value::list(out, span)
            }
            ExprKind::Repeat { name, count, input } => {
                let count = self.eval(scope, env, count);
                let mut out = Vec::new();
                match &count.data {
                    Data::Int(count) => {
                        let count = usize::try_from(*count).unwrap_or_default();
                        if count > ELEMENTS {
                            return Value::unknown(Why::Limit, span);
                        }
                        for nth in 0..count {
                            if self.is_spent() {
                                return Value::unknown(Why::Limit, span);
                            }
                            let env = env.with_counter(name, int(nth, span));
                            out.push(self.eval(scope, &env, input));
                        }
                    }
                    _ => {
                        // The element as it would be, with a counter that says what it depends on.
                        let counter = Value::unknown(why_of(&count), count.span);
                        out.push(self.eval(scope, &env.with_counter(name, counter), input));
                    }
                }
                Value::list(out, span)
            }
            ExprKind::Error(what) => Value::unknown(Why::Syntax(what.clone()), span),
        }
    }

    /// `None` if a condition is certainly false; else the place of the condition if it is not certainly true.
    pub(super) fn holds(
        &self,
        scope: usize,
        env: &Env,
        condition: Option<&Expr>,
    ) -> Option<Option<Span>> {
        let Some(condition) = condition else {
            return Some(None);
        };
        let value = self.eval(scope, env, condition);
        match value.data {
            Data::Bool(false) if !value.assumed => None,
            Data::Bool(true) if !value.assumed => Some(None),
            _ => Some(Some(condition.span)),
        }
    }

    fn text(&self, scope: usize, env: &Env, parts: &[Part], span: Span) -> Value {
        let mut pieces = Vec::new();
        let mut assumed = false;
        for part in parts {
            match part {
                Part::Literal {
                    text,
                    span: at,
                    exact,
                } => pieces.push(Piece::Known {
                    text: text.clone(),
                    span: *at,
                    exact: *exact,
                    literal: span,
                    item: None,
                }),
                Part::Hole(expr) => {
                    let value = self.eval(scope, env, expr);
                    assumed |= value.assumed;
                    // A string of nothing but a hole is the value in it, whatever that is.
                    if parts.len() == 1 && matches!(value.data, Data::Symbolic(_) | Data::Either(_))
                    {
                        return value;
                    }
                    texts::append(&mut pieces, &value);
                }
            }
        }
        self.charge(pieces.len());
        if pieces.len() > ELEMENTS {
            return Value::unknown(Why::Limit, span);
        }
        Value::new(Data::Text(Text { pieces }), span).assumed(assumed)
    }

    fn choose(&self, scope: usize, env: &Env, condition: &Expr, a: &Expr, b: &Expr) -> Value {
        let value = self.eval(scope, env, condition);
        match value.data {
            Data::Bool(chosen) if !value.assumed => {
                self.eval(scope, env, if chosen { a } else { b })
            }
            // What the default gives comes first.
            Data::Bool(false) => join(
                self.eval(scope, env, b),
                self.eval(scope, env, a),
                Some(condition.span),
            ),
            _ => join(
                self.eval(scope, env, a),
                self.eval(scope, env, b),
                Some(condition.span),
            ),
        }
    }

    fn binary(&self, scope: usize, env: &Env, op: Binary, a: &Expr, b: &Expr, span: Span) -> Value {
        let a = self.eval(scope, env, a);
        match op {
            Binary::Coalesce => {
                return match &a.data {
                    Data::Null if !a.assumed => self.eval(scope, env, b),
                    Data::Null => self.eval(scope, env, b).assumed(true),
                    Data::Unknown(_) => join(a, self.eval(scope, env, b), Some(span)),
                    _ => a,
                };
            }
            Binary::And | Binary::Or => {
                let stops = matches!(op, Binary::Or);
                if matches!(a.data, Data::Bool(value) if value == stops) && !a.assumed {
                    return Value::bool(stops, span);
                }
                let b = self.eval(scope, env, b);
                return permissions::logic(stops, &a, &b, span);
            }
            _ => {}
        }
        let b = self.eval(scope, env, b);
        compare(op, &a, &b, span)
    }
}

/// Gives the ids of an object the names that stand with them: their own keys, or the only sibling that is the name of a
/// permission.
fn label_ids(out: &mut [(String, Value)], members: &[Member]) {
    let is_id = |value: &Value| {
        value
            .as_text()
            .is_some_and(|text| text.parse::<Uuid>().is_ok())
    };
    let mut names = (out.iter()).filter(|(_, value)| {
        (value.as_text()).is_some_and(|text| text.contains('.') && is_exactly_a_permission(&text))
    });
    let sibling = match (names.next(), names.next()) {
        (Some((_, name)), None) => Some(name.span),
        _ => None,
    };
    for (key, value) in out.iter_mut().filter(|(_, value)| is_id(value)) {
        let own = is_exactly_a_permission(key).then(|| {
            let written = members.iter().filter_map(|member| member.key.as_ref());
            written
                .into_iter()
                .find(|k| k.as_text() == Some(key.as_str()))
                .map(|k| k.span)
        });
        value.label = own.flatten().or(sibling).or(value.label);
    }
}

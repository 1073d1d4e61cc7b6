//! The evaluator: pure, bounded, and never without an answer. What it cannot know is a value that says why.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;
use source_text::{FileId, Source, Span};

use super::expr::{Binary, Expr, ExprKind, Part, Unary};
use super::program::{Loop, Module, Program, Resource, Target};
use super::symbolic::{Among, Aspect, Instance, Known, Permission, Symbolic, Test};
use super::value::{Data, InList, Piece, Text, Unknown, Value, Why};
use super::{functions, lists};

/// Steps for one unit. The largest template of Azure's quickstart gallery takes fewer than 20,000.
const STEPS: u32 = 400_000;
/// How deep expressions may refer to each other. Each level takes some stack.
const DEPTH: u32 = 96;
/// How many elements a list may have.
pub(super) const ELEMENTS: usize = 10_000;
/// How many alternatives a value may have.
const ALTERNATIVES: usize = 16;
/// How deep modules may nest. Azure Resource Manager allows fewer.
const MODULES: usize = 12;
/// How many files and templates, each counted as often as it is deployed.
const SCOPES: usize = 2_000;

/// A file that an expression or a module names.
pub(crate) enum Loaded<'a> {
    /// A Bicep file or a template.
    Program(&'a Program),
    /// Any other file.
    Text(&'a Source),
    /// It is not there, or lies outside the repository.
    Missing,
}

/// The files of the repository that a unit refers to.
pub(crate) trait Files {
    /// The file at a path, which is relative to the repository's root. With `data` it is read as text even if it is a
    /// Bicep file or a template.
    fn load(&self, path: &Utf8Path, data: bool) -> Loaded<'_>;
}

/// An argument for a parameter.
pub(crate) type Argument = (String, Value);

/// One instance of a program: a file or template as it is deployed once.
pub(crate) struct Scope<'a> {
    pub(crate) program: &'a Program,
    /// Folder of the file, for the paths that it names.
    pub(crate) folder: Utf8PathBuf,
    pub(crate) arguments: FxHashMap<String, Value>,
    /// The scope whose parameters and variables expressions see: this one, or an outer one.
    names: usize,
    /// Modules that lead here, outermost first.
    pub(crate) path: Vec<String>,
    /// The condition under which a module deploys it, if that is not certain.
    pub(crate) conditional: Option<Span>,
    variables: RefCell<FxHashMap<String, Option<Value>>>,
    modules: RefCell<FxHashMap<usize, Vec<usize>>>,
}

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

    fn find(&self, name: Option<&str>, counter: bool) -> Option<&Value> {
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

/// Evaluates the programs of one unit.
pub(crate) struct Evaluator<'a> {
    pub(super) files: &'a dyn Files,
    scopes: RefCell<Vec<Rc<Scope<'a>>>>,
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
    evaluator.add(Scope {
        program,
        folder,
        arguments: arguments.into_iter().collect(),
        names: 0,
        path: Vec::new(),
        conditional: None,
        variables: RefCell::default(),
        modules: RefCell::default(),
    });
    evaluator
}

impl<'a> Evaluator<'a> {
    fn add(&self, scope: Scope<'a>) -> usize {
        let mut scopes = self.scopes.borrow_mut();
        scopes.push(Rc::new(scope));
        scopes.len() - 1
    }

    pub(crate) fn scope(&self, index: usize) -> Rc<Scope<'a>> {
        Rc::clone(&self.scopes.borrow()[index])
    }

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
                            // A key that is not known hides no other member: it has a name that none asks for. A plain
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
                    functions::append(&mut pieces, &value);
                }
            }
        }
        self.charge(pieces.len());
        if pieces.len() > ELEMENTS {
            return Value::unknown(Why::Limit, span);
        }
        Value::new(Data::Text(Text { pieces }), span).assumed(assumed)
    }

    /// The value of a Bicep identifier that is no local.
    fn name(&self, scope: usize, name: &str, span: Span) -> Value {
        if let Some(value) = self.variable(scope, name) {
            return value;
        }
        let here = self.scope(scope);
        if here.program.parameters.contains_key(name) {
            return self.parameter(scope, name, span);
        }
        self.resource(scope, name, span)
            .or_else(|| self.module(scope, name, span))
            .or_else(|| self.imported(scope, name, span))
            .unwrap_or_else(|| Value::unknown(Why::Name(name.to_owned()), span))
    }

    fn parameter(&self, scope: usize, name: &str, span: Span) -> Value {
        let here = self.scope(self.scope(scope).names);
        let names = self.scope(scope).names;
        if let Some(value) = find(&here.arguments, name) {
            return value.clone();
        }
        let Some(parameter) = find(&here.program.parameters, name) else {
            return Value::unknown(Why::Name(name.to_owned()), span);
        };
        match &parameter.default {
            Some(default) => {
                let value = self.guarded(&here, &format!("parameter {name}"), span, || {
                    self.eval(names, &Env::default(), default)
                });
                // A list that is empty by default is there to be filled: what stands in it depends on the deployment.
                match value.as_list() {
                    Some(items) if items.is_empty() => {
                        Value::unknown(Why::Parameter(name.to_owned()), parameter.span).optional()
                    }
                    _ => value.assumed(true),
                }
            }
            None if parameter.nullable => Value::new(Data::Null, parameter.span).assumed(true),
            None => Value::unknown(Why::Parameter(name.to_owned()), parameter.span),
        }
    }

    fn variable(&self, scope: usize, name: &str) -> Option<Value> {
        let names = self.scope(scope).names;
        let here = self.scope(names);
        let variable = find(&here.program.variables, name)?;
        Some(self.guarded(&here, name, variable.value.span, || {
            self.eval(names, &Env::default(), &variable.value)
        }))
    }

    /// A value that is worked out once, and not at all while it is being worked out.
    fn guarded(
        &self,
        scope: &Scope<'a>,
        name: &str,
        span: Span,
        work: impl FnOnce() -> Value,
    ) -> Value {
        let key = name.to_ascii_lowercase();
        match scope.variables.borrow().get(&key) {
            Some(Some(value)) => return value.clone(),
            Some(None) => {
                let name = name.rsplit(' ').next().unwrap_or(name);
                return Value::unknown(Why::Cycle(name.to_owned()), span);
            }
            None => {}
        }
        scope.variables.borrow_mut().insert(key.clone(), None);
        let value = work();
        scope
            .variables
            .borrow_mut()
            .insert(key, Some(value.clone()));
        value
    }

    fn resource(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
        let here = self.scope(scope);
        let resource = (here.program.resources.iter()).position(|r| r.symbol == name)?;
        Some(Value::new(
            Data::Symbolic(Symbolic::Resource(Instance {
                scope,
                resource,
                nth: None,
            })),
            span,
        ))
    }

    fn module(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
        let here = self.scope(scope);
        let module = here.program.modules.iter().position(|m| m.symbol == name)?;
        Some(Value::new(
            Data::Symbolic(Symbolic::Module {
                scope,
                module,
                nth: None,
            }),
            span,
        ))
    }

    /// A variable of another file that an `import` names.
    fn imported(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
        let here = self.scope(scope);
        for import in &here.program.imports {
            if import.wildcard.as_deref() == Some(name) {
                return Some(match self.import_scope(&here, &import.path) {
                    Some(scope) => Value::new(Data::Symbolic(Symbolic::Namespace(scope)), span),
                    None => Value::unknown(Why::File(import.path.to_string()), import.span),
                });
            }
            if let Some((theirs, _)) = import.names.iter().find(|(_, ours)| ours == name) {
                return Some(match self.import_scope(&here, &import.path) {
                    Some(scope) => self
                        .variable(scope, theirs)
                        .unwrap_or_else(|| Value::unknown(Why::Name(theirs.clone()), import.span)),
                    None => Value::unknown(Why::File(import.path.to_string()), import.span),
                });
            }
        }
        None
    }

    fn import_scope(&self, here: &Scope<'a>, path: &Utf8Path) -> Option<usize> {
        let path = here.resolve(path)?;
        let Loaded::Program(program) = self.files.load(&path, false) else {
            return None;
        };
        if self.scopes.borrow().len() >= SCOPES {
            return None;
        }
        let names = self.scopes.borrow().len();
        Some(
            self.add(Scope {
                program,
                folder: path
                    .parent()
                    .unwrap_or_else(|| Utf8Path::new(""))
                    .to_owned(),
                arguments: FxHashMap::default(),
                names,
                path: here.path.clone(),
                conditional: None,
                variables: RefCell::default(),
                modules: RefCell::default(),
            }),
        )
    }

    /// `of.name`.
    pub(super) fn member(&self, of: &Value, name: &str, safe: bool, span: Span) -> Value {
        match &of.data {
            Data::Object(_) => match of.member(name) {
                Some(value) => value.clone().assumed(of.assumed),
                None if safe => Value::new(Data::Null, span).assumed(of.assumed),
                None => Value::unknown(Why::Lookup(name.to_owned()), span),
            },
            Data::Null if safe => of.clone(),
            Data::Either(options) => self.each(options, |one| self.member(one, name, safe, span)),
            Data::Unknown(_) => of.clone(),
            Data::Symbolic(symbolic) => self.symbolic_member(symbolic, name, span),
            _ => Value::unknown(Why::Type("an object"), span),
        }
    }

    fn symbolic_member(&self, of: &Symbolic, name: &str, span: Span) -> Value {
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        match of {
            Symbolic::Resource(instance) => self.property(instance, name, span),
            Symbolic::Module { scope, module, nth } if name == "outputs" => {
                symbolic(Symbolic::Outputs {
                    scope: *scope,
                    module: *module,
                    nth: *nth,
                })
            }
            Symbolic::Outputs { scope, module, nth } => {
                self.output(*scope, *module, *nth, name, span)
            }
            Symbolic::Namespace(scope) => self
                .variable(*scope, name)
                .unwrap_or_else(|| Value::unknown(Why::Name(name.to_owned()), span)),
            Symbolic::Permission(permission) => permission_member(permission, name, span),
            Symbolic::ByName(of, among, aspect) => {
                by_name(of, *among, *aspect, &Value::worked_out(name, span), span)
            }
            Symbolic::Runtime(instance, path) => symbolic(Symbolic::Runtime(
                instance.clone(),
                format!("{path}.{name}"),
            )),
            _ => Value::unknown(Why::Property(name.to_owned()), span),
        }
    }

    /// A property of a resource: what the file says of it, else what a deployment will know.
    pub(super) fn property(&self, instance: &Instance, name: &str, span: Span) -> Value {
        let scope = self.scope(instance.scope);
        let resource = &scope.program.resources[instance.resource];
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        let is_principal = resource.ty.ends_with("serviceprincipals");
        match name {
            "id" => return symbolic(Symbolic::ObjectId(instance.clone())),
            // Of a service principal the file never lists what it publishes, except for one that it makes itself.
            "appRoles" if is_principal => {
                return symbolic(Symbolic::Permissions(instance.clone(), Among::Roles));
            }
            "oauth2PermissionScopes" | "publishedPermissionScopes" if is_principal => {
                return symbolic(Symbolic::Permissions(instance.clone(), Among::Scopes));
            }
            // Older templates wrap the properties.
            "properties" if resource.ty.starts_with("microsoft.graph/") => {
                return symbolic(Symbolic::Resource(instance.clone()));
            }
            _ => {}
        }
        if !resource.existing || name == "appId" {
            let body = self.body(instance);
            if let Some(value) = body.member(name) {
                return value.clone();
            }
        }
        if name == "appId" && resource.ty.ends_with("/applications") {
            return symbolic(Symbolic::AppId(instance.clone()));
        }
        symbolic(Symbolic::Runtime(instance.clone(), name.to_owned()))
    }

    /// The properties of one resource.
    pub(crate) fn body(&self, instance: &Instance) -> Value {
        let scope = self.scope(instance.scope);
        let resource = &scope.program.resources[instance.resource];
        let nth = instance.nth;
        let key = format!(
            "resource {} {}",
            instance.resource,
            nth.unwrap_or(usize::MAX)
        );
        self.guarded(&scope, &key, resource.span, || {
            match self.loop_env(instance.scope, resource.each.as_ref(), nth) {
                Some((env, _)) => self.eval(instance.scope, &env, &resource.body),
                None => Value::unknown(Why::Unsupported("a loop without a counter"), resource.span),
            }
        })
    }

    /// The locals of one round of a loop, and the condition of the round.
    pub(super) fn loop_env(
        &self,
        scope: usize,
        each: Option<&Loop>,
        nth: Option<usize>,
    ) -> Option<(Env, Option<Span>)> {
        match each {
            None => Some((Env::default(), None)),
            Some(each) => self.rounds(scope, each).into_iter().nth(nth?),
        }
    }

    /// The rounds of a loop around a resource or a module.
    pub(super) fn rounds(&self, scope: usize, each: &Loop) -> Vec<(Env, Option<Span>)> {
        let env = Env::default();
        match each {
            Loop::Each { item, index, list } => {
                let list = self.eval(scope, &env, list);
                let rounds = self.walk(&list).into_iter().enumerate();
                rounds
                    .map(|(nth, element)| {
                        let conditional = element.conditional;
                        let span = element.span;
                        let mut env = env.with(item, element);
                        if let Some(index) = index {
                            env = env.with(index, int(nth, span));
                        }
                        (env, conditional)
                    })
                    .collect()
            }
            Loop::Count { name, count } => {
                let value = self.eval(scope, &env, count);
                match &value.data {
                    Data::Int(number) => {
                        let number = usize::try_from(*number).unwrap_or_default().min(ELEMENTS);
                        (0..number)
                            .map(|nth| (env.with_counter(name, int(nth, count.span)), None))
                            .collect()
                    }
                    _ => {
                        let counter = Value::unknown(why_of(&value), value.span);
                        vec![(env.with_counter(name, counter), Some(count.span))]
                    }
                }
            }
        }
    }

    /// The scopes that a module deploys, one for each round of its loop.
    pub(crate) fn module_scopes(&self, scope: usize, module: usize) -> Result<Vec<usize>, Unknown> {
        let here = self.scope(scope);
        if let Some(known) = here.modules.borrow().get(&module) {
            return Ok(known.clone());
        }
        let declared: &'a Module = &here.program.modules[module];
        let unknown = |why, span| Unknown { why, span };
        if here.path.len() >= MODULES {
            return Err(unknown(Why::Limit, declared.name_span));
        }
        let (program, folder, outer): (&'a Program, _, bool) = match &declared.target {
            Target::File { path, span } => {
                let Some(full) = here.resolve(path) else {
                    return Err(unknown(Why::File(path.to_string()), *span));
                };
                match self.files.load(&full, false) {
                    Loaded::Program(program) => {
                        let folder = full.parent().unwrap_or_else(|| Utf8Path::new(""));
                        (program, folder.to_owned(), false)
                    }
                    _ => return Err(unknown(Why::File(path.to_string()), *span)),
                }
            }
            Target::Inline { program, outer } => (&**program, here.folder.clone(), *outer),
            Target::Elsewhere { what, span } => {
                return Err(unknown(Why::Module(what.clone()), *span));
            }
        };
        // Marked before the arguments are worked out: they can refer to this module.
        here.modules.borrow_mut().insert(module, Vec::new());
        let rounds = match &declared.each {
            None => vec![(Env::default(), None)],
            Some(each) => self.rounds(scope, each),
        };
        let looped = declared.each.is_some();
        let mut scopes = Vec::new();
        for (nth, (env, conditional)) in rounds.into_iter().enumerate() {
            let Some(depends) = self.holds(scope, &env, declared.condition.as_ref()) else {
                continue;
            };
            if self.scopes.borrow().len() >= SCOPES {
                return Err(unknown(Why::Limit, declared.name_span));
            }
            let names = if outer {
                here.names
            } else {
                self.scopes.borrow().len()
            };
            let arguments = self.arguments(scope, &env, declared);
            let names = if outer {
                names
            } else {
                self.scopes.borrow().len()
            };
            let mut path = here.path.clone();
            path.push(if looped {
                format!("{}[{nth}]", declared.symbol)
            } else {
                declared.symbol.clone()
            });
            scopes.push(self.add(Scope {
                program,
                folder: folder.clone(),
                arguments,
                names,
                path,
                conditional: here.conditional.or(conditional).or(depends),
                variables: RefCell::default(),
                modules: RefCell::default(),
            }));
        }
        here.modules.borrow_mut().insert(module, scopes.clone());
        Ok(scopes)
    }

    fn arguments(&self, scope: usize, env: &Env, module: &Module) -> FxHashMap<String, Value> {
        let Some(params) = &module.params else {
            return FxHashMap::default();
        };
        let value = self.eval(scope, env, params);
        let Data::Object(members) = &value.data else {
            return FxHashMap::default();
        };
        let unwrap = |value: &Value| match value.member("value") {
            Some(inner) if module.wrapped => inner.clone(),
            _ => value.clone(),
        };
        (members.iter())
            .map(|(name, value)| (name.clone(), unwrap(value)))
            // Null for a parameter stands for its default.
            .filter(|(_, value)| !value.is_null())
            .collect()
    }

    fn output(
        &self,
        scope: usize,
        module: usize,
        nth: Option<usize>,
        name: &str,
        span: Span,
    ) -> Value {
        // A template wraps outputs, `reference('m').outputs.x.value`: an output answers to `value` as itself.
        let scopes = match self.module_scopes(scope, module) {
            Ok(scopes) => scopes,
            Err(unknown) => return Value::unknown(unknown.why, unknown.span),
        };
        let Some(inner) = scopes.get(nth.unwrap_or_default()) else {
            return Value::unknown(Why::Property(name.to_owned()), span);
        };
        match find(&self.scope(*inner).program.outputs, name) {
            Some(output) => self.eval(*inner, &Env::default(), output),
            None => Value::unknown(Why::Property(name.to_owned()), span),
        }
    }

    /// `of[index]`.
    pub(super) fn at(
        &self,
        of: &Value,
        index: &Value,
        safe: bool,
        from_end: bool,
        span: Span,
    ) -> Value {
        if let Data::Either(options) = &of.data {
            return self.each(options, |one| self.at(one, index, safe, from_end, span));
        }
        if let Data::Either(options) = &index.data {
            return self.each(options, |one| self.at(of, one, safe, from_end, span));
        }
        match (&of.data, &index.data) {
            (Data::Unknown(_), _) => of.clone(),
            (Data::Null, _) if safe => of.clone(),
            (Data::Symbolic(symbolic), _) => self.symbolic_at(symbolic, index, span),
            (_, Data::Unknown(_)) => index.clone(),
            (Data::List(items), Data::Int(at)) => {
                let at = usize::try_from(*at).ok();
                let at = if from_end {
                    at.and_then(|at| items.len().checked_sub(at))
                } else {
                    at
                };
                match at.and_then(|at| items.get(at)) {
                    Some(value) => value.clone().assumed(index.assumed),
                    None if safe => Value::new(Data::Null, span),
                    // A list with an unknown element has any number of elements.
                    None => (items.iter())
                        .find(|item| item.as_unknown().is_some())
                        .cloned()
                        .unwrap_or_else(|| Value::unknown(Why::Type("long enough"), span)),
                }
            }
            (Data::Object(_), Data::Text(_)) => match index.as_text() {
                Some(name) => self.member(of, &name, safe, span).assumed(index.assumed),
                None => Value::unknown(why_of(index), index.span),
            },
            _ => Value::unknown(Why::Type("a list or an object"), span),
        }
    }

    fn symbolic_at(&self, of: &Symbolic, index: &Value, span: Span) -> Value {
        let nth = match &index.data {
            Data::Int(at) => usize::try_from(*at).ok(),
            _ => None,
        };
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        match of {
            Symbolic::Resource(instance) if nth.is_some() => {
                symbolic(Symbolic::Resource(Instance {
                    nth,
                    ..instance.clone()
                }))
            }
            Symbolic::Module { scope, module, .. } => symbolic(Symbolic::Module {
                scope: *scope,
                module: *module,
                nth,
            }),
            Symbolic::ByName(of, among, aspect) => by_name(of, *among, *aspect, index, span),
            Symbolic::Permissions(..) => match &index.data {
                Data::Symbolic(Symbolic::Position(permission)) => {
                    symbolic(Symbolic::Permission(Rc::clone(permission)))
                }
                _ => Value::unknown(Why::Unsupported("picking a permission by its number"), span),
            },
            Symbolic::Every(.., aspect) => match &index.data {
                Data::Symbolic(Symbolic::Position(permission)) => {
                    aspect_of(permission, *aspect, span)
                }
                _ => Value::unknown(Why::Unsupported("picking a permission by its number"), span),
            },
            _ => match index.as_text() {
                Some(name) => self.symbolic_member(of, &name, span),
                None => Value::unknown(why_of(index), index.span),
            },
        }
    }

    /// One value for each alternative, joined.
    pub(super) fn each(&self, options: &[Value], mut f: impl FnMut(&Value) -> Value) -> Value {
        let mut values = options.iter().map(&mut f);
        let Some(first) = values.next() else {
            return Value::unknown(Why::Limit, Span::at(FileId::default(), 0));
        };
        values.fold(first, |a, b| join(a, b, None))
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
                return lists::logic(stops, &a, &b, span);
            }
            _ => {}
        }
        let b = self.eval(scope, env, b);
        functions::compare(op, &a, &b, span)
    }

    fn call(
        &self,
        scope: usize,
        env: &Env,
        on: Option<&Expr>,
        name: &str,
        args: &[Expr],
        span: Span,
    ) -> Value {
        if let Some(on) = on {
            let namespace =
                matches!(&on.kind, ExprKind::Name(name) if name == "sys" || name == "az");
            if !namespace {
                let on = self.eval(scope, env, on);
                return match on.data {
                    Data::Symbolic(Symbolic::Namespace(theirs)) => self
                        .user_function(theirs, scope, env, name, args, span)
                        .unwrap_or_else(|| Value::unknown(Why::Name(name.to_owned()), span)),
                    _ => Value::unknown(Why::Function(name.to_owned()), span),
                };
            }
        } else if let Some(value) = self.user_function(scope, scope, env, name, args, span) {
            return value;
        }
        lists::call(self, scope, env, name, args, span)
    }

    /// A function that the file declares or imports.
    fn user_function(
        &self,
        theirs: usize,
        scope: usize,
        env: &Env,
        name: &str,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let declares = self.scope(self.scope(theirs).names);
        let (function, at) = match find(&declares.program.functions, name) {
            Some(function) => (function, self.scope(theirs).names),
            None => {
                let import = declares.program.imports.iter().find_map(|import| {
                    let (original, _) = import.names.iter().find(|(_, ours)| ours == name)?;
                    Some((import, original))
                });
                let (import, original) = import?;
                let at = self.import_scope(&declares, &import.path)?;
                let program = self.scope(at).program;
                (find(&program.functions, original)?, at)
            }
        };
        // A function cannot call itself, and two that call each other end here.
        if self.calls.get() > DEPTH {
            return Some(Value::unknown(Why::Cycle(name.to_owned()), span));
        }
        let mut inner = Env::default();
        for (param, arg) in function.params.iter().zip(args) {
            inner = inner.with(param, self.eval(scope, env, arg));
        }
        self.calls.set(self.calls.get() + 1);
        let value = self.eval(at, &inner, &function.body);
        self.calls.set(self.calls.get() - 1);
        Some(value)
    }

    /// The value of a lambda for these arguments.
    pub(super) fn apply(&self, scope: usize, env: &Env, lambda: &Expr, args: &[Value]) -> Value {
        let ExprKind::Lambda { params, body } = &lambda.kind else {
            return Value::unknown(Why::Type("a lambda"), lambda.span);
        };
        let mut env = env.clone();
        for (param, arg) in params.iter().zip(args) {
            env = env.with(param, arg.clone());
        }
        self.eval(scope, &env, body)
    }

    /// The resources of a scope with this declaration, one for each round of a loop, and the condition of each.
    pub(crate) fn instances(
        &self,
        scope: usize,
        index: usize,
        resource: &Resource,
    ) -> Vec<(Instance, Option<Span>)> {
        let rounds = match &resource.each {
            None => vec![(Env::default(), None)],
            Some(each) => self.rounds(scope, each),
        };
        let looped = resource.each.is_some();
        let conditional = self.scope(scope).conditional;
        (rounds.into_iter().enumerate())
            .filter_map(|(nth, (env, depends))| {
                let own = self.holds(scope, &env, resource.condition.as_ref())?;
                let instance = Instance {
                    scope,
                    resource: index,
                    nth: looped.then_some(nth),
                };
                Some((instance, own.or(depends).or(conditional)))
            })
            .collect()
    }
}

impl Scope<'_> {
    /// A path that the file names, from the repository's root; `None` if it leads out of it.
    pub(super) fn resolve(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        resolve(&self.folder, path)
    }
}

/// A path relative to a folder; `None` if it leads out of the root that the folder is relative to.
pub(super) fn resolve(folder: &Utf8Path, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut out: Vec<&str> = folder
        .as_str()
        .split('/')
        .filter(|s| !s.is_empty())
        .collect();
    let text = path.as_str();
    if text.starts_with('/') {
        return None;
    }
    for step in text.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => {
                out.pop()?;
            }
            step => out.push(step),
        }
    }
    Some(out.join("/").into())
}

/// A declaration by name: as written first, then without regard to case, as templates allow.
pub(super) fn find<'m, T>(map: &'m FxHashMap<String, T>, name: &str) -> Option<&'m T> {
    map.get(name).or_else(|| {
        (map.iter())
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

pub(super) fn int(value: usize, span: Span) -> Value {
    Value::new(Data::Int(i64::try_from(value).unwrap_or(i64::MAX)), span)
}

/// The elements of a list. A value that is not known stands for its own elements.
pub(super) fn elements(value: &Value) -> Vec<Value> {
    match &value.data {
        Data::List(items) => {
            let conditional = value.conditional;
            // What a parameter adds that is empty by default is not there unless a deployment gives it.
            let left_out = |item: &&Value| item.optional && items.len() > 1;
            let items = items.iter().filter(|item| !left_out(item)).cloned();
            items.map(|item| item.under(conditional)).collect()
        }
        Data::Null => Vec::new(),
        Data::Unknown(unknown) if value.optional => {
            let mut element = Value::new(Data::Unknown(Rc::clone(unknown)), value.span);
            element.optional = true;
            vec![element]
        }
        Data::Either(options) => options.iter().flat_map(elements).collect(),
        _ => vec![value.clone()],
    }
}

pub(super) fn why_of(value: &Value) -> Why {
    match value.as_unknown() {
        Some(unknown) => unknown.why.clone(),
        None => Why::Type("known"),
    }
}

/// Both values, where a condition that is not known chooses between them.
pub(super) fn join(a: Value, b: Value, condition: Option<Span>) -> Value {
    if a.equals(&b) == Some(true) {
        return a;
    }
    let listed = |value: &Value| matches!(value.data, Data::List(_));
    if listed(&a) || listed(&b) {
        let span = a.span;
        let mut out = Vec::new();
        for side in [&a, &b] {
            out.extend(
                elements(side)
                    .into_iter()
                    .map(|element| element.under(condition)),
            );
        }
        return Value::list(out, span);
    }
    let span = a.span;
    let mut options: Vec<Value> = Vec::new();
    for side in [a, b] {
        match side.data {
            Data::Either(ref more) => options.extend(more.iter().cloned()),
            _ => options.push(side.under(condition)),
        }
    }
    if options.len() > ALTERNATIVES {
        return Value::unknown(Why::Limit, span);
    }
    Value::new(Data::Either(Rc::new(options)), span)
}

fn unary(op: Unary, value: Value, span: Span) -> Value {
    let assumed = value.assumed;
    match (op, &value.data) {
        (Unary::NotNull | Unary::Plus, _) => value,
        (Unary::Not, Data::Bool(b)) => Value::bool(!b, span).assumed(assumed),
        (Unary::Minus, Data::Int(i)) => {
            Value::new(Data::Int(i.wrapping_neg()), span).assumed(assumed)
        }
        (Unary::Not, Data::Symbolic(Symbolic::Test(_))) => Value::unknown(
            Why::Unsupported("choosing permissions by what they are not"),
            span,
        ),
        (_, Data::Unknown(_)) => value,
        _ => Value::unknown(Why::Type("a number or a truth value"), span),
    }
}

fn permission_member(permission: &Rc<Permission>, name: &str, span: Span) -> Value {
    match name {
        "id" => aspect_of(permission, Aspect::Id, span),
        "value" => aspect_of(permission, Aspect::Value, span),
        _ => Value::new(Data::Symbolic(Symbolic::Test(Rc::new(Test::Other))), span),
    }
}

/// A member of a permission, where it is known without the tenant's data.
pub(super) fn aspect_of(permission: &Rc<Permission>, aspect: Aspect, span: Span) -> Value {
    match (aspect, &permission.known) {
        (Aspect::Whole, _) => Value::new(
            Data::Symbolic(Symbolic::Permission(Rc::clone(permission))),
            span,
        ),
        (Aspect::Value, Known::Name(name)) => name.clone(),
        (Aspect::Id, Known::Id(id)) => id.clone(),
        _ => Value::new(
            Data::Symbolic(Symbolic::Aspect(Rc::clone(permission), aspect)),
            span,
        ),
    }
}

/// The permission with this name, or its id.
fn by_name(of: &Instance, among: Among, aspect: Aspect, name: &Value, span: Span) -> Value {
    if name.as_text().is_none() {
        return Value::unknown(why_of(name), name.span);
    }
    let permission = Rc::new(Permission {
        of: of.clone(),
        among,
        known: Known::Name(name.clone()),
    });
    aspect_of(&permission, aspect, span)
}

//! Instances of files and templates, of the modules that they deploy, and of the resources in them.

use std::cell::RefCell;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;
use source_text::Span;

use super::env::Env;
use super::eval::{ELEMENTS, Evaluator};
use super::files::{Loaded, folder_of};
use super::program::{Loop, Module, Program, Resource, Target};
use super::symbolic::Instance;
use super::value::{Data, Unknown, Value, Why, int, why_of};

/// How deep modules may nest.
const MODULES: usize = 12;
/// How many files and templates, each counted as often as it is deployed.
const SCOPES: usize = 2_000;

impl<'a> Evaluator<'a> {
    pub(super) fn add(&self, scope: Scope<'a>) -> usize {
        let mut scopes = self.scopes.borrow_mut();
        scopes.push(Rc::new(scope));
        scopes.len() - 1
    }

    pub(crate) fn scope(&self, index: usize) -> Rc<Scope<'a>> {
        Rc::clone(&self.scopes.borrow()[index])
    }

    pub(super) fn import_scope(&self, here: &Scope<'a>, path: &Utf8Path) -> Option<usize> {
        let path = here.resolve(path)?;
        let Loaded::Program(program) = self.files.load(&path, false) else {
            return None;
        };
        if self.scopes.borrow().len() >= SCOPES {
            return None;
        }
        let names = self.scopes.borrow().len();
        Some(self.add(Scope {
            path: here.path.clone(),
            ..Scope::new(
                program,
                folder_of(path.as_path()).to_owned(),
                FxHashMap::default(),
                names,
            )
        }))
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
                    Loaded::Program(program) if self.deploys(scope, program) => {
                        return Err(unknown(Why::Cycle(path.to_string()), *span));
                    }
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
            // Working the arguments out can add scopes.
            let arguments = self.arguments(scope, &env, declared);
            let names = if outer {
                here.names
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
                parent: Some(scope),
                path,
                conditional: here.conditional.or(conditional).or(depends),
                ..Scope::new(program, folder.clone(), arguments, names)
            }));
        }
        here.modules.borrow_mut().insert(module, scopes.clone());
        Ok(scopes)
    }

    /// Whether a scope is an instance of a program, or is deployed by one.
    fn deploys(&self, scope: usize, program: &Program) -> bool {
        let mut at = Some(scope);
        while let Some(index) = at {
            let scope = self.scope(index);
            if std::ptr::eq(scope.program, program) {
                return true;
            }
            at = scope.parent;
        }
        false
    }

    pub(super) fn arguments(
        &self,
        scope: usize,
        env: &Env,
        module: &Module,
    ) -> FxHashMap<String, Value> {
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

    pub(super) fn output(
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

/// One instance of a program: a file or template as it is deployed once.
pub(crate) struct Scope<'a> {
    pub(crate) program: &'a Program,
    /// Folder of the file, for the paths that it names.
    pub(crate) folder: Utf8PathBuf,
    pub(crate) arguments: FxHashMap<String, Value>,
    /// The scope whose parameters and variables expressions see: this one, or an outer one.
    pub(super) names: usize,
    /// The scope whose module deploys it.
    parent: Option<usize>,
    /// Modules that lead here, outermost first.
    pub(crate) path: Vec<String>,
    /// The condition under which a module deploys it, if that is not certain.
    pub(crate) conditional: Option<Span>,
    pub(super) variables: RefCell<FxHashMap<String, Option<Value>>>,
    modules: RefCell<FxHashMap<usize, Vec<usize>>>,
}

impl<'a> Scope<'a> {
    /// A program outside of modules. `names` is the index of the scope that its names are looked up in.
    pub(super) fn new(
        program: &'a Program,
        folder: Utf8PathBuf,
        arguments: FxHashMap<String, Value>,
        names: usize,
    ) -> Self {
        Self {
            program,
            folder,
            arguments,
            names,
            parent: None,
            path: Vec::new(),
            conditional: None,
            variables: RefCell::default(),
            modules: RefCell::default(),
        }
    }

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

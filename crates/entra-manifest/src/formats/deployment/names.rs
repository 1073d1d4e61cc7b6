//! What names stand for: parameters, variables, resources, modules and imports.

use source_text::Span;

use super::env::Env;
use super::eval::Evaluator;
use super::scopes::{Scope, find};
use super::symbolic::{Instance, Symbolic};
use super::value::{Data, Value, Why};

impl<'a> Evaluator<'a> {
    /// The value of a Bicep identifier that is no local.
    pub(super) fn name(&self, scope: usize, name: &str, span: Span) -> Value {
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

    pub(super) fn parameter(&self, scope: usize, name: &str, span: Span) -> Value {
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

    pub(super) fn variable(&self, scope: usize, name: &str) -> Option<Value> {
        let names = self.scope(scope).names;
        let here = self.scope(names);
        let variable = find(&here.program.variables, name)?;
        Some(self.guarded(&here, name, variable.value.span, || {
            self.eval(names, &Env::default(), &variable.value)
        }))
    }

    /// A value that is worked out once, and not at all while it is being worked out.
    pub(super) fn guarded(
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

    pub(super) fn resource(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
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

    pub(super) fn module(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
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
    pub(super) fn imported(&self, scope: usize, name: &str, span: Span) -> Option<Value> {
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
}

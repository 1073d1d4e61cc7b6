//! Calls of functions: those that a program declares, lambdas, and the built-in ones.

use source_text::Span;

use super::{DEPTH, Evaluator};
use crate::formats::deployment::env::Env;
use crate::formats::deployment::expr::{Expr, ExprKind};
use crate::formats::deployment::lists;
use crate::formats::deployment::scopes::find;
use crate::formats::deployment::symbolic::Symbolic;
use crate::formats::deployment::value::{Data, Value, Why};

impl Evaluator<'_> {
    pub(super) fn call(
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
    pub(in crate::formats::deployment) fn apply(
        &self,
        scope: usize,
        env: &Env,
        lambda: &Expr,
        args: &[Value],
    ) -> Value {
        let ExprKind::Lambda { params, body } = &lambda.kind else {
            return Value::unknown(Why::Type("a lambda"), lambda.span);
        };
        let mut env = env.clone();
        for (param, arg) in params.iter().zip(args) {
            env = env.with(param, arg.clone());
        }
        self.eval(scope, &env, body)
    }
}

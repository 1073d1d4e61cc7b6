//! Azure deployments: what Bicep files and ARM templates have in common.
//!
//! Both are read into one [`Program`] of declarations and expressions. An evaluator works out the values near Microsoft
//! Graph resources, keeps with each the literal it came from, and the resources become applications of the model.
//! What static reading cannot know is a value of its own that carries its place and reason.

mod access;
mod compare;
mod data;
mod elements;
mod elsewhere;
mod env;
mod eval;
mod expr;
mod files;
mod functions;
mod grants;
mod graph;
mod lists;
mod load;
mod names;
mod permissions;
mod posted;
mod program;
pub(super) mod prose;
mod requests;
mod scopes;
mod script;
mod settle;
mod symbolic;
mod texts;
mod value;

pub(crate) use eval::{ELEMENTS, evaluate};
pub(crate) use expr::{Binary, Expr, ExprKind, Item, Member, Part, Unary};
pub(crate) use files::UnitFiles;
pub(crate) use graph::{Language, OBJECTS, Report, WORDS, declarations};
pub(crate) use program::{
    Function, Import, Loop, Module, Parameter, Program, Resource, Target, Variable,
};
pub(crate) use prose::documented;
pub(crate) use value::Value;

use camino::{Utf8Path, Utf8PathBuf};

/// A path that a file names, from the repository's root; `None` if it leads out of it.
pub(crate) fn relative(file: &Utf8Path, path: &Utf8Path) -> Option<Utf8PathBuf> {
    scopes::resolve(files::folder_of(file), path)
}

/// The values of a parameters file.
pub(crate) fn arguments(
    program: &Program,
    file: &Utf8Path,
    arguments: &[(String, Expr)],
    files: &UnitFiles<'_>,
) -> Vec<(String, Value)> {
    let evaluator = evaluate(program, file, Vec::new(), files);
    (arguments.iter())
        .map(|(name, value)| (name.clone(), evaluator.eval(0, &env::Env::default(), value)))
        .collect()
}

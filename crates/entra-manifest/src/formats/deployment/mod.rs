//! Azure deployments: what Bicep files and ARM templates have in common.
//!
//! Both are read into one [`Program`] of declarations and expressions. An evaluator works out the values near Microsoft
//! Graph resources, keeps with each the literal it came from, and the resources become applications of the model.
//! What static reading cannot know is a value of its own ([`Unknown`]) that carries its place and reason.

mod data;
mod eval;
mod expr;
mod functions;
mod graph;
mod grants;
mod lists;
mod requests;
mod script;
mod program;
mod symbolic;
mod value;

pub(crate) use eval::{Argument, Files, Loaded, evaluate};
pub(crate) use expr::{Binary, Expr, ExprKind, Item, Member, Part, Unary};
pub(crate) use program::{
    Function, Import, Loop, Module, Parameter, Program, Resource, Target, Variable,
};
pub(crate) use value::{Data, InList, Piece, Text, Unknown, Value, Why};

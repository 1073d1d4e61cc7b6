//! The declarations of one Bicep file or one (nested) template.

use camino::Utf8PathBuf;
use rustc_hash::FxHashMap;
use source_text::Span;

use super::expr::Expr;

/// What one Bicep file or one template declares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub(crate) parameters: FxHashMap<String, Parameter>,
    pub(crate) variables: FxHashMap<String, Variable>,
    pub(crate) functions: FxHashMap<String, Function>,
    /// Resources, those nested in others included, in the order of the file.
    pub(crate) resources: Vec<Resource>,
    pub(crate) modules: Vec<Module>,
    pub(crate) outputs: FxHashMap<String, Expr>,
    pub(crate) imports: Vec<Import>,
}

/// A parameter and its default.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) default: Option<Expr>,
    /// Whether leaving it out gives null: Bicep's `string?`, an ARM `nullable`.
    pub(crate) nullable: bool,
    pub(crate) span: Span,
}

/// A variable. A template's variable can be a loop, which is an expression like any other here.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) value: Expr,
}

/// A user-defined function.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) params: Vec<String>,
    pub(crate) body: Expr,
}

/// A loop around a resource or a module.
#[derive(Debug, Clone)]
pub(crate) enum Loop {
    /// Bicep: `[for (item, index) in list: …]`.
    Each {
        item: String,
        index: Option<String>,
        list: Expr,
    },
    /// ARM: `copy: {name, count}`.
    Count { name: String, count: Expr },
}

/// A resource declaration.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// The symbolic name, or what stands for it in a template without symbolic names.
    pub(crate) symbol: String,
    /// The type in lower case and without its version: `microsoft.graph/applications`.
    pub(crate) ty: String,
    pub(crate) existing: bool,
    /// Its properties: Bicep's body, a template's `properties`.
    pub(crate) body: Expr,
    pub(crate) condition: Option<Expr>,
    pub(crate) each: Option<Loop>,
    /// The whole declaration.
    pub(crate) span: Span,
    /// The symbolic name, or the type where there is none.
    pub(crate) name_span: Span,
}

/// A module, a nested or a linked deployment.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    pub(crate) symbol: String,
    pub(crate) target: Target,
    /// The object of its arguments. A template wraps each value in `{"value": …}`.
    pub(crate) params: Option<Expr>,
    /// Whether the arguments are wrapped as a template does it.
    pub(crate) wrapped: bool,
    pub(crate) condition: Option<Expr>,
    pub(crate) each: Option<Loop>,
    pub(crate) name_span: Span,
}

/// What a module deploys.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A file, relative to the one that names it.
    File { path: Utf8PathBuf, span: Span },
    /// A template in the template. With outer scope its expressions see the outer parameters and variables.
    Inline { program: Box<Program>, outer: bool },
    /// A registry, a template spec, or a link that is put together at deployment.
    Elsewhere { what: String, span: Span },
}

/// `import {a as b} from 'file'` and `import * as ns from 'file'`.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    /// Name in the other file, name here.
    pub(crate) names: Vec<(String, String)>,
    pub(crate) wildcard: Option<String>,
    pub(crate) path: Utf8PathBuf,
    pub(crate) span: Span,
}

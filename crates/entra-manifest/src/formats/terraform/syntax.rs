//! The syntax tree of a Terraform file: blocks, attributes and expressions, each with its place in the text.
//!
//! One tree for both notations: [`hcl`] builds it from the native syntax, [`json`] from `.tf.json`. What an evaluator
//! needs is kept, comments and layout stay in the text, where spans find them.

pub(super) mod hcl;
pub(super) mod json;

use source_text::Span;

/// What stands between the braces of a block, or in a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

impl Body {
    /// The attribute of this name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|a| a.name.text.as_ref() == name)
    }

    /// The first attribute that has one of these names: providers rename attributes between versions.
    pub(super) fn attribute_of(&self, names: &[&str]) -> Option<&Attribute> {
        names.iter().find_map(|name| self.attribute(name))
    }

    /// The nested blocks of this type, `dynamic` ones not included.
    pub(super) fn blocks_of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Block> {
        self.blocks
            .iter()
            .filter(move |b| b.kind.text.as_ref() == kind)
    }
}

/// A word and its place. For a quoted one the span is that of the text between the quotes.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: Box<str>,
    pub(super) span: Span,
}

/// `name = value`.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) value: Expr,
    /// From the first byte of the name to the last of the value.
    pub(super) span: Span,
}

/// `kind "label" "label" { … }`.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) kind: Name,
    pub(super) labels: Vec<Name>,
    pub(super) body: Body,
    /// From the first byte of the type to the closing brace; in JSON the object.
    pub(super) span: Span,
    /// Where a block that is written as JSON stands.
    pub(super) json: Option<Box<JsonBlock>>,
}

/// Where a block that is written as JSON stands.
#[derive(Debug, Clone)]
pub(super) struct JsonBlock {
    /// The value of the member that holds it: the array of all blocks of the type, or the object itself where there is
    /// but one.
    pub(super) value: Span,
    /// The block's own members.
    pub(super) members: Vec<Span>,
}

impl Block {
    /// The label at `index`, empty when the block has fewer.
    pub(super) fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", |name| name.text.as_ref())
    }
}

/// An expression and its place.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) span: Span,
    pub(super) node: Node,
}

/// The forms of an expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    /// A string without interpolation. The span is that of the text within the quotes if it stands there unescaped.
    Text {
        text: Box<str>,
        content: Option<Span>,
    },
    /// A string with interpolations, or a heredoc.
    Template(Vec<Part>),
    /// The first word of a reference: `var`, `local`, a loop's variable.
    Root(Box<str>),
    Attr(Box<Expr>, Name),
    Index(Box<Expr>, Box<Expr>),
    /// `source[*].steps` or `source.*.steps`: each element, then the steps, in which the element is [`Node::Element`].
    Splat(Box<Expr>, Box<Expr>),
    /// The element that a splat looks at.
    Element,
    Call {
        name: Box<str>,
        args: Vec<Expr>,
        expand: bool,
    },
    Condition(Box<Expr>, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(Box<Expr>, Operator, Box<Expr>),
    For(Box<For>),
    List(Vec<Expr>),
    Object(Vec<(Key, Expr)>),
    /// An expression that the reader keeps no tree for, and why.
    Opaque(&'static str),
}

/// A key of an object.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Word(Name),
    Expr(Expr),
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(Box<str>, Option<Span>),
    Expr(Expr),
    If {
        condition: Expr,
        then: Vec<Part>,
        otherwise: Vec<Part>,
    },
    For {
        key: Option<Box<str>>,
        value: Box<str>,
        source: Expr,
        body: Vec<Part>,
    },
}

/// `[for key, value in source : result if condition]`, or with `key_result => result` between braces.
#[derive(Debug, Clone)]
pub(super) struct For {
    pub(super) key: Option<Box<str>>,
    pub(super) value: Box<str>,
    pub(super) source: Expr,
    pub(super) key_result: Option<Expr>,
    pub(super) result: Expr,
    pub(super) grouping: bool,
    pub(super) condition: Option<Expr>,
}

/// The operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

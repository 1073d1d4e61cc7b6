//! The expressions of Azure deployments, as both languages write them.

use source_text::Span;

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// The sorts of expression. Names that only one language has are kept apart, so that neither sees the other's.
#[derive(Debug, Clone)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Int(i64),
    /// A string: literal parts and `${…}` holes.
    Text(Vec<Part>),
    List(Vec<Item>),
    Object(Vec<Member>),
    /// A Bicep identifier: a local, variable, parameter, resource, module, function namespace or import.
    Name(String),
    /// `parameters('x')`.
    Parameter(String),
    /// `variables('x')`.
    Variable(String),
    /// `reference('x')` with a symbolic name.
    Resource(String),
    /// `lambdaVariables('x')`, and the item of a copy loop.
    Local(String),
    /// `copyIndex('x')`; the innermost loop where the name is missing.
    Index(Option<String>),
    /// `name(…)`, or `on.name(…)`.
    Call {
        on: Option<Box<Expr>>,
        name: String,
        args: Vec<Expr>,
    },
    /// `of.name`; `safe` for `of.?name`.
    Member {
        of: Box<Expr>,
        name: String,
        safe: bool,
    },
    /// `of[index]`; `from_end` for `of[^index]`.
    At {
        of: Box<Expr>,
        index: Box<Expr>,
        safe: bool,
        from_end: bool,
    },
    /// `parent::child`: the child's name, which is one of the file's symbolic names.
    Nested(String),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Lambda {
        params: Vec<String>,
        body: Box<Expr>,
    },
    /// `[for (item, index) in list: if (condition) body]`.
    For {
        item: String,
        index: Option<String>,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
        body: Box<Expr>,
    },
    /// A copy loop of a template: `count` times `input`, in which `copyIndex('name')` counts.
    Repeat {
        name: String,
        count: Box<Expr>,
        input: Box<Expr>,
    },
    /// Text that is no expression, with what is wrong about it.
    Error(String),
}

/// A piece of a string literal.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Literal {
        /// The text, escapes resolved.
        text: String,
        /// The characters in the file, without quotes.
        span: Span,
        /// Whether the file holds the text as it is, so that a word of it can be found in the file by its offset.
        exact: bool,
    },
    Hole(Expr),
}

/// An element of a list literal; `spread` for `...expression`.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Expr,
    pub(crate) spread: bool,
}

/// A member of an object literal. A spread has no key.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) key: Option<Expr>,
    pub(crate) value: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Minus,
    Plus,
    /// Bicep's `!` behind an expression, which only silences a warning.
    NotNull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Coalesce,
    Equals,
    NotEquals,
    /// `=~`, without regard to case.
    Like,
    /// `!~`
    NotLike,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Expr {
    pub(crate) const fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A string without holes.
    pub(crate) fn text(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        Self::new(
            ExprKind::Text(vec![Part::Literal {
                text,
                span,
                exact: false,
            }]),
            span,
        )
    }

    /// The text of a string literal without holes.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(parts) => match parts.as_slice() {
                [Part::Literal { text, .. }] => Some(text),
                [] => Some(""),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of a member of an object literal, by exact name.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        let ExprKind::Object(members) = &self.kind else {
            return None;
        };
        members.iter().find_map(|member| {
            let key = member.key.as_ref()?.as_text()?;
            key.eq_ignore_ascii_case(name).then_some(&member.value)
        })
    }
}

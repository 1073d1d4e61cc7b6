//! Values of expressions, each with the place it came from.

use std::rc::Rc;

use source_text::Span;

use super::symbolic::Symbolic;

/// How many alternatives a value may have.
const ALTERNATIVES: usize = 16;

/// A value, and the literal or expression that it came from.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) data: Data,
    /// The literal, quotes included; for a value that was worked out, the expression that did.
    pub(crate) span: Span,
    /// Whether it rests on a parameter's default, so that a deployment can give another one.
    pub(crate) assumed: bool,
    /// The condition without which it is not there, if that is not certain.
    pub(crate) conditional: Option<Span>,
    /// The list literal that holds it, and its own place there.
    pub(crate) item: Option<InList>,
    /// The member's name or sibling that names a permission, of an id in a table: `{'User.Read': '…'}`.
    pub(crate) label: Option<Span>,
    /// For what is not known: whether leaving it out is the default, so that only a deployment that gives it adds to
    /// what the file declares.
    pub(crate) optional: bool,
}

/// A list literal and one of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InList {
    pub(crate) list: Span,
    pub(crate) item: Span,
    /// How many items the list has.
    pub(crate) of: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Text(Text),
    /// An unknown element of a list stands for any number of elements.
    List(Rc<Vec<Value>>),
    Object(Rc<Vec<(String, Value)>>),
    /// Something of the directory that is followed by name: a service principal, its permissions, one of them.
    Symbolic(Symbolic),
    /// One of several, by a condition that is not known. Never of lists: those are joined, their elements assumed.
    Either(Rc<Vec<Value>>),
    Unknown(Rc<Unknown>),
}

/// A string as the pieces it was put together from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Known {
        text: String,
        /// The characters in the file, without quotes.
        span: Span,
        /// Whether the file holds the text as it is.
        exact: bool,
        /// The literal that the piece belongs to, quotes included.
        literal: Span,
        /// The list literal that the text was an item of, if all of it stands in this piece.
        item: Option<InList>,
    },
    Unknown(Rc<Unknown>),
}

/// A value that static reading cannot know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) why: Why,
    /// Where the reading stops: the parameter, the call, the text that is not understood.
    pub(crate) span: Span,
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// A parameter without a default, or an empty default that a deployment is meant to fill.
    Parameter(String),
    /// A function whose result only a deployment knows.
    Function(String),
    /// A property that only a deployment knows.
    Property(String),
    /// A file that was not given: outside the repository, or not there.
    File(String),
    /// A module from a registry or a template that is linked.
    Module(String),
    /// A name that is not declared.
    Name(String),
    /// An expression that refers to itself.
    Cycle(String),
    /// The evaluation takes too many steps, is nested too deep, or has too many elements.
    Limit,
    /// Text that is not understood, and what is wrong.
    Syntax(String),
    /// A form that is understood and not followed, in words.
    Unsupported(&'static str),
    /// A value of a type that is not expected.
    Type(&'static str),
    /// A lookup that no known entry answers.
    Lookup(String),
}

/// Completes the sentence "the permission …".
impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "depends on the parameter \"{name}\""),
            Self::Function(name) => {
                write!(f, "comes from {name}(), which only a deployment knows")
            }
            Self::Property(name) => {
                write!(f, "comes from \"{name}\", which only a deployment knows")
            }
            Self::File(path) => write!(f, "comes from the file \"{path}\", which was not read"),
            Self::Module(what) => {
                write!(f, "comes from \"{what}\", which is not in the repository")
            }
            Self::Name(name) => write!(f, "comes from \"{name}\", which is not declared"),
            Self::Cycle(name) => write!(f, "comes from \"{name}\", which refers to itself"),
            Self::Limit => f.write_str("takes too many steps to work out"),
            Self::Syntax(what) => write!(f, "is not understood: {what}"),
            Self::Unsupported(what) => write!(f, "is given in a way that is not followed: {what}"),
            Self::Type(expected) => write!(f, "is not {expected}"),
            Self::Lookup(key) => write!(f, "is looked up under \"{key}\", where nothing is known"),
        }
    }
}

impl Value {
    pub(crate) const fn new(data: Data, span: Span) -> Self {
        Self {
            data,
            span,
            assumed: false,
            conditional: None,
            item: None,
            label: None,
            optional: false,
        }
    }

    #[must_use]
    pub(crate) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(crate) fn unknown(why: Why, span: Span) -> Self {
        Self::new(Data::Unknown(Rc::new(Unknown { why, span })), span)
    }

    pub(crate) fn list(items: Vec<Self>, span: Span) -> Self {
        Self::new(Data::List(Rc::new(items)), span)
    }

    pub(crate) fn bool(value: bool, span: Span) -> Self {
        Self::new(Data::Bool(value), span)
    }

    /// A string that no literal of the file holds.
    pub(crate) fn worked_out(text: impl Into<String>, span: Span) -> Self {
        Self::new(
            Data::Text(Text {
                pieces: vec![Piece::Known {
                    text: text.into(),
                    span,
                    exact: false,
                    literal: span,
                    item: None,
                }],
            }),
            span,
        )
    }

    #[must_use]
    pub(crate) fn assumed(mut self, assumed: bool) -> Self {
        self.assumed |= assumed;
        self
    }

    pub(crate) const fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The same under a condition.
    #[must_use]
    pub(crate) fn under(mut self, condition: Option<Span>) -> Self {
        self.conditional = self.conditional.or(condition);
        self
    }

    /// The same as what an expression gives: what is not known is shown where it is used, and says where it is from.
    #[must_use]
    pub(crate) fn used_at(mut self, span: Span) -> Self {
        if matches!(self.data, Data::Unknown(_)) {
            self.span = span;
        }
        self
    }

    /// The unknown that this is, or that it holds where one piece of a string is not known.
    pub(crate) fn as_unknown(&self) -> Option<&Rc<Unknown>> {
        match &self.data {
            Data::Unknown(unknown) => Some(unknown),
            Data::Text(text) => text.unknown(),
            _ => None,
        }
    }

    /// The string that this is, if all of it is known.
    pub(crate) fn as_text(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => text.known(),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&Rc<Vec<Self>>> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// A member by its name: as written first, then without regard to case, as Azure Resource Manager does.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        let Data::Object(members) = &self.data else {
            return None;
        };
        // The last of two equal keys wins, as a spread over earlier members does.
        let exact = members.iter().rev().find(|(key, _)| key == name);
        exact
            .or_else(|| {
                members
                    .iter()
                    .rev()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name))
            })
            .map(|(_, value)| value)
    }

    /// Whether two values are the same, where that is known.
    pub(crate) fn equals(&self, other: &Self) -> Option<bool> {
        match (&self.data, &other.data) {
            (Data::Unknown(_) | Data::Either(_), _) | (_, Data::Unknown(_) | Data::Either(_)) => {
                None
            }
            (Data::Text(a), Data::Text(b)) => Some(a.known()? == b.known()?),
            (Data::Null, Data::Null) => Some(true),
            (Data::Bool(a), Data::Bool(b)) => Some(a == b),
            (Data::Int(a), Data::Int(b)) => Some(a == b),
            (Data::List(a), Data::List(b)) if Rc::ptr_eq(a, b) => Some(true),
            (Data::List(a), Data::List(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                a.iter()
                    .zip(b.iter())
                    .try_fold(true, |all, (a, b)| a.equals(b).map(|same| all && same))
            }
            (Data::Symbolic(_), _)
            | (_, Data::Symbolic(_))
            | (Data::Object(_), Data::Object(_)) => None,
            _ => Some(false),
        }
    }
}

impl Text {
    /// The whole text, if every piece is known.
    pub(crate) fn known(&self) -> Option<String> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Known { text, .. } => out.push_str(text),
                Piece::Unknown(_) => return None,
            }
        }
        Some(out)
    }

    /// Its length in bytes, as far as it is known.
    pub(crate) fn length(&self) -> usize {
        (self.pieces.iter())
            .map(|piece| match piece {
                Piece::Known { text, .. } => text.len(),
                Piece::Unknown(_) => 0,
            })
            .sum()
    }

    pub(crate) fn unknown(&self) -> Option<&Rc<Unknown>> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Unknown(unknown) => Some(unknown),
            Piece::Known { .. } => None,
        })
    }
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

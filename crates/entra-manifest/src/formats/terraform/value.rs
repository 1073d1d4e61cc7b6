//! Values of Terraform expressions, each knowing the literal that it comes from.
//!
//! A permission that flows from a `.tfvars` file through a local and a module's argument into an application is still
//! the string that stands in the `.tfvars` file: [`Origin`] says where. What only `terraform apply` knows is
//! [`Kind::Unknown`] with its reason; what depends on a condition is kept with a [`Doubt`], so that no permission is
//! lost and none is certain that is not.

mod equality;

pub(in crate::formats) use equality::{distinct, distinct_literals};

use std::rc::Rc;

use source_text::Span;

use super::symbol::Symbol;
pub(in crate::formats) use super::unknown::{Reason, Unknown};

/// A value, and whether it is there at all.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Value {
    pub(in crate::formats) kind: Kind,
    /// Set when this element is there only under a condition that is not known.
    pub(in crate::formats) maybe: Option<Rc<Doubt>>,
    /// Values within values.
    depth: u8,
}

/// Values within values, as far as they are kept: what walks a value may do so recursively.
const MAX_DEPTH: u8 = 64;

/// What a value depends on.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::formats) struct Doubt {
    /// The condition.
    pub(in crate::formats) at: Span,
    /// What decides it, as the file writes it.
    pub(in crate::formats) on: String,
}

/// The sorts of values.
#[derive(Debug, Clone)]
pub(in crate::formats) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    /// A list or tuple.
    List(Rc<Vec<Value>>),
    /// A set: no duplicates, in order.
    Set(Rc<Vec<Value>>),
    /// A map or object, its keys in order.
    Map(Rc<Vec<Entry>>),
    /// One of these. If `first` is set, the first one is what the variables' defaults give.
    Choice {
        options: Rc<Vec<Value>>,
        first: bool,
    },
    /// Something of a provider, or of another module, that has a meaning without having a value.
    Symbol(Rc<Symbol>),
    /// Not to be known from the files.
    Unknown(Rc<Unknown>),
}

/// A member of a map.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Entry {
    pub(in crate::formats) key: Text,
    pub(in crate::formats) value: Value,
}

/// A string and where it comes from.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Text {
    pub(in crate::formats) text: Rc<str>,
    pub(in crate::formats) origin: Origin,
    /// The key under which the string was found in a table, when the key was written out.
    pub(in crate::formats) key: Option<Rc<Text>>,
}

/// Where a string comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::formats) enum Origin {
    /// The string stands here, letter for letter.
    Literal(Span),
    /// An expression here makes it: a template, a function.
    Made(Span),
}

impl Origin {
    pub(in crate::formats) const fn span(self) -> Span {
        match self {
            Self::Literal(span) | Self::Made(span) => span,
        }
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        let below = match &kind {
            Kind::List(values)
            | Kind::Set(values)
            | Kind::Choice {
                options: values, ..
            } => values.iter().map(|value| value.depth + 1).max(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.depth + 1).max(),
            Kind::Symbol(symbol) => symbol.value().map(|value| value.depth + 1),
            _ => None,
        };
        let depth = below.unwrap_or_default();
        if depth > MAX_DEPTH {
            // Where it is said, the place of use is said with it.
            let nowhere = Span::at(source_text::FileId::default(), 0);
            return Self::unknown(nowhere, Reason::TooDeep);
        }
        Self {
            kind,
            maybe: None,
            depth,
        }
    }
}

impl Value {
    pub(in crate::formats) const NULL: Self = Self {
        kind: Kind::Null,
        maybe: None,
        depth: 0,
    };

    pub(in crate::formats) fn unknown(at: Span, reason: Reason) -> Self {
        Kind::Unknown(Rc::new(Unknown { at, reason })).into()
    }

    pub(in crate::formats) fn invalid(at: Span, what: &'static str) -> Self {
        Self::unknown(at, Reason::Invalid(what))
    }

    pub(in crate::formats) fn list(values: Vec<Self>) -> Self {
        Kind::List(Rc::new(values)).into()
    }

    pub(in crate::formats) fn bool(value: bool) -> Self {
        Kind::Bool(value).into()
    }

    pub(in crate::formats) fn number(value: f64) -> Self {
        Kind::Number(value).into()
    }

    pub(in crate::formats) fn text(text: impl Into<Rc<str>>, origin: Origin) -> Self {
        Kind::Text(Text::new(text, origin)).into()
    }

    pub(in crate::formats) fn symbol(symbol: Symbol) -> Self {
        Kind::Symbol(Rc::new(symbol)).into()
    }

    /// A map of these entries; the last of equal keys counts, and keys are in order.
    pub(in crate::formats) fn map(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.key.text.cmp(&b.key.text));
        // dedup keeps the first of a run, and the last written is wanted: the sort is stable, so runs are reversed.
        entries.reverse();
        entries.dedup_by(|a, b| a.key.text == b.key.text);
        entries.reverse();
        Kind::Map(Rc::new(entries)).into()
    }

    /// A set of these values.
    pub(in crate::formats) fn set(values: Vec<Self>) -> Self {
        let mut values = distinct(values);
        values.sort_by(|a, b| match (a.as_text(), b.as_text()) {
            (Some(a), Some(b)) => a.text.cmp(&b.text),
            _ => match (&a.kind, &b.kind) {
                (Kind::Number(a), Kind::Number(b)) => a.total_cmp(b),
                _ => std::cmp::Ordering::Equal,
            },
        });
        Kind::Set(Rc::new(values)).into()
    }

    /// The same value, certainly there.
    pub(in crate::formats) fn certain(self) -> Self {
        Self {
            maybe: None,
            ..self
        }
    }

    /// The same value, there only if `doubt` allows.
    pub(in crate::formats) fn doubted(mut self, doubt: Option<&Rc<Doubt>>) -> Self {
        if self.maybe.is_none() {
            self.maybe = doubt.cloned();
        }
        self
    }

    pub(in crate::formats) fn as_text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(in crate::formats) fn as_unknown(&self) -> Option<&Rc<Unknown>> {
        match &self.kind {
            Kind::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    pub(in crate::formats) fn as_symbol(&self) -> Option<&Symbol> {
        match &self.kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The elements of a list or set.
    pub(in crate::formats) fn elements(&self) -> Option<&Rc<Vec<Self>>> {
        match &self.kind {
            Kind::List(values) | Kind::Set(values) => Some(values),
            _ => None,
        }
    }

    pub(in crate::formats) fn entries(&self) -> Option<&Rc<Vec<Entry>>> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The member of a map.
    pub(in crate::formats) fn member(&self, name: &str) -> Option<&Self> {
        let entries = self.entries()?;
        let at = entries.binary_search_by(|e| (*e.key.text).cmp(name)).ok()?;
        Some(&entries[at].value)
    }

    /// What the value is if the variables keep their defaults; the value itself where that is not decided.
    pub(in crate::formats) fn settled(&self) -> &Self {
        match &self.kind {
            Kind::Choice {
                options,
                first: true,
            } => options.first().map_or(self, Self::settled),
            _ => self,
        }
    }

    /// As a string, if Terraform would convert it to one.
    pub(in crate::formats) fn to_text(&self, at: Span) -> Option<Text> {
        match &self.settled().kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Number(number) => Some(Text::new(number_text(*number), Origin::Made(at))),
            Kind::Bool(value) => Some(Text::new(
                if *value { "true" } else { "false" },
                Origin::Made(at),
            )),
            _ => None,
        }
    }

    /// As a number, if Terraform would convert it to one.
    pub(in crate::formats) fn to_number(&self) -> Option<f64> {
        match &self.settled().kind {
            Kind::Number(number) => Some(*number),
            Kind::Text(text) => text.text.parse().ok(),
            _ => None,
        }
    }

    /// As a boolean, if Terraform would convert it to one.
    pub(in crate::formats) fn to_bool(&self) -> Option<bool> {
        match &self.settled().kind {
            Kind::Bool(value) => Some(*value),
            Kind::Text(text) if &*text.text == "true" => Some(true),
            Kind::Text(text) if &*text.text == "false" => Some(false),
            _ => None,
        }
    }
}

impl Text {
    pub(in crate::formats) fn new(text: impl Into<Rc<str>>, origin: Origin) -> Self {
        Self {
            text: text.into(),
            origin,
            key: None,
        }
    }
}

/// The key of a member whose key is not known: `at` makes several of them differ. No key of a file begins with a zero byte.
pub(in crate::formats) fn unknown_key(at: usize, span: Span) -> Text {
    Text::new(format!("\0{at}"), Origin::Made(span))
}

/// Whether a key is one of [`unknown_key`].
pub(in crate::formats) fn is_unknown_key(key: &Text) -> bool {
    key.text.starts_with('\0')
}

/// A number as Terraform writes it.
pub(in crate::formats) fn number_text(number: f64) -> String {
    format!("{number}")
}

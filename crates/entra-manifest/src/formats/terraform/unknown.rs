//! Why a value is not known from the files of a configuration.

use std::fmt;

use source_text::Span;

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::formats) struct Unknown {
    pub(in crate::formats) at: Span,
    pub(in crate::formats) reason: Reason,
}

/// Reasons for [`Unknown`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::formats) enum Reason {
    /// A variable without a default, and no file sets it.
    Variable(String),
    /// A reference to something that the folder does not declare.
    Undeclared(String),
    /// A map or object without this member.
    NoMember(String),
    /// An attribute that a provider fills in.
    Provider(String),
    /// A file that is not there, or whose name is not known.
    File(String),
    /// A file that is there and cannot be parsed.
    BrokenFile(String),
    /// A module that is not in the repository.
    Module(String),
    /// A function that is not evaluated.
    Function(String),
    /// A value that refers to itself.
    Cycle(String),
    /// More than the reader computes.
    TooLarge,
    /// Nested deeper than the reader follows.
    TooDeep,
    /// An operation that Terraform would refuse.
    Invalid(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(
                f,
                "var.{name} has no value in these files: it comes from the caller, a -var option or the environment"
            ),
            Self::Undeclared(name) => write!(f, "{name} is not declared in this folder"),
            Self::NoMember(name) => write!(f, "there is no member {name}"),
            Self::Provider(name) => write!(f, "{name} is known only after terraform apply"),
            Self::File(path) => write!(f, "the file {path} cannot be read"),
            Self::BrokenFile(path) => write!(f, "the file {path} cannot be parsed"),
            Self::Module(name) => write!(f, "module.{name} is not in this repository"),
            Self::Function(name) => write!(f, "the function {name} is not evaluated"),
            Self::Cycle(name) => write!(f, "{name} refers to itself"),
            Self::TooLarge => f.write_str("the value is too large to compute"),
            Self::TooDeep => f.write_str("the value is nested too deep"),
            Self::Invalid(what) => f.write_str(what),
        }
    }
}

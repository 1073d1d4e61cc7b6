//! What is odd about a file but did not stop the reading.

use source_text::Span;

/// Something odd that did not stop the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of oddity.
    pub kind: ProblemKind,
    /// What is odd and how it was read.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Problem {
    /// An oddity at a place.
    pub(crate) fn new(kind: ProblemKind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            span,
        }
    }
}

/// The sorts of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file cannot be read at this place; what it declares is not known.
    Syntax,
    /// Comments, which JSON does not have.
    Comments,
    /// Commas behind the last element.
    TrailingCommas,
    /// No comma between two elements.
    MissingCommas,
    /// Strings in single quotes.
    SingleQuotes,
    /// Member names without quotes.
    BareNames,
    /// Lines of template tags.
    TemplateTags,
    /// Anything else that the strict syntax does not allow.
    LooseSyntax,
    /// A member occurs twice in one object.
    DuplicateMember,
    /// A value has a type that the member does not allow.
    WrongType,
    /// A word in a spelling that Microsoft Graph does not accept: `role` for `Role`.
    Spelling,
    /// Part of the file declares permissions in a way that is not read.
    NotRead,
    /// A tool writes the file from another one, which is in the repository.
    Generated,
}

impl ProblemKind {
    /// Whether the problem is that the text is not strict JSON.
    pub const fn is_syntax(self) -> bool {
        matches!(
            self,
            Self::Comments
                | Self::TrailingCommas
                | Self::MissingCommas
                | Self::SingleQuotes
                | Self::BareNames
                | Self::TemplateTags
                | Self::LooseSyntax
        )
    }
}

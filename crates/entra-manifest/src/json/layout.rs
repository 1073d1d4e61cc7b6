//! The places that editing needs and reading a manifest does not: lists, entries and how they are written.

use jsonc_parser::ast::Object;

use super::tree;
use crate::model::Kind;
use crate::span::Span;

/// Of each application of a manifest, in the same order.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) apps: Vec<AppLayout>,
    /// All comments of the text, in order.
    pub(crate) comments: Vec<Span>,
}

/// One application.
#[derive(Debug, Default)]
pub(crate) struct AppLayout {
    /// The object that a list can be added to, if it has none.
    pub(crate) object: Option<ObjectLayout>,
    /// Its lists of resources.
    pub(crate) lists: Vec<EntryList>,
    /// One for each of its resources.
    pub(crate) entries: Vec<Entry>,
    /// One for each of its requested permissions.
    pub(crate) elements: Vec<Element>,
}

/// An object that members can be added to.
#[derive(Debug)]
pub(crate) struct ObjectLayout {
    /// The object, its braces included.
    pub(crate) span: Span,
    /// Its members.
    pub(crate) members: Vec<Span>,
    /// Whether its members' names begin with a capital, as PowerShell writes them.
    pub(crate) capitals: bool,
}

/// A list of resources.
#[derive(Debug)]
pub(crate) struct EntryList {
    /// The value that is the list.
    pub(crate) span: Span,
    pub(crate) form: ListForm,
    pub(crate) dialect: Dialect,
}

/// How a list of resources is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `{resourceAppId, resourceAccess: [{id, type}]}`
    ResourceAccess,
    /// `{Resource, DelegatedPermissions: [name], ApplicationPermissions: [name]}`
    Named,
    /// `{resource, scope}`: an entry is an element.
    Flat,
}

impl Dialect {
    /// Whether an entry has a list of its own for each kind.
    pub(crate) fn names_kinds(self) -> bool {
        self == Self::Named
    }

    /// Whether permissions stand by name, always.
    pub(crate) fn names_permissions(self) -> bool {
        self != Self::ResourceAccess
    }
}

/// What a value that should be a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListForm {
    /// A list.
    Array,
    /// `null`.
    Null,
    /// A single value in a list's place, as PowerShell writes a list of one.
    Single,
    /// Something else.
    Other,
}

/// A resource's entry in a list.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Index into [`AppLayout::lists`].
    pub(crate) list: usize,
    /// The entry, if it is an object.
    pub(crate) object: Option<ObjectLayout>,
    /// The lists of permissions in it.
    pub(crate) accesses: Vec<AccessList>,
}

/// A list of permissions in an entry.
#[derive(Debug)]
pub(crate) struct AccessList {
    /// The value that is the list.
    pub(crate) span: Span,
    pub(crate) form: ListForm,
    /// The kind of all its permissions, where the list's name says it.
    pub(crate) kind: Option<Kind>,
}

/// A permission's element.
#[derive(Debug)]
pub(crate) struct Element {
    /// Index into its entry's [`Entry::accesses`]; `None` where the entry itself is the element.
    pub(crate) access: Option<usize>,
    /// The number of its members; none if it is no object.
    pub(crate) members: usize,
}

impl ObjectLayout {
    pub(crate) fn new(object: &Object<'_>) -> Self {
        let capitals = object
            .properties
            .iter()
            .filter(|member| {
                member
                    .name
                    .as_str()
                    .starts_with(|c: char| c.is_ascii_uppercase())
            })
            .count();
        Self {
            span: tree::span(object),
            members: object.properties.iter().map(tree::span).collect(),
            capitals: capitals * 2 > object.properties.len(),
        }
    }
}

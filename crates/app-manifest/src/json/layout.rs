//! The places that editing needs and reading a manifest does not: lists, entries and how they are written.

use crate::model::Kind;
use crate::span::Span;

/// Of each application of a manifest, in the same order.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) apps: Vec<AppLayout>,
}

/// One application.
#[derive(Debug, Default)]
pub(crate) struct AppLayout {
    /// The object that a list can be added to, if it has none.
    pub(crate) object: Option<Span>,
    /// Its lists of resources.
    pub(crate) lists: Vec<EntryList>,
    /// One for each of its resources.
    pub(crate) entries: Vec<Entry>,
    /// One for each of its requested permissions.
    pub(crate) elements: Vec<Element>,
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
}

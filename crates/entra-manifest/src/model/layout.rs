//! Where the parts of a declaration stand that an edit needs: lists, entries, elements and how they are written.
//!
//! Three levels, each of which may be missing: an app has *lists of entries* (`requiredResourceAccess`), an entry is
//! about one resource and has *lists of elements* (`resourceAccess`), and an element requests one permission. The
//! editor works on these alone and knows no format.

use std::hash::Hasher;

use rustc_hash::FxHasher;
use source_text::{FileId, Source, Span};

use crate::PermissionType;

/// A text that a manifest was read from, so that an edit of another text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    file: FileId,
    hash: u64,
}

impl Fingerprint {
    pub(crate) fn of(source: &Source) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(source.text().as_bytes());
        hasher.write_usize(source.text().len());
        Self {
            file: source.id(),
            hash: hasher.finish(),
        }
    }
}

/// Of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AppLayout {
    /// The object or block that a first list can be added to.
    pub(crate) body: Option<Body>,
    /// Its lists of entries.
    pub(crate) lists: Vec<ListLayout>,
}

/// Of a resource's entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EntryLayout {
    /// Index into [`AppLayout::lists`] of the list that the entry is an item of. `None`: it cannot be removed.
    pub(crate) list: Option<usize>,
    /// The object or block that a list of elements can be added to.
    pub(crate) body: Option<Body>,
    /// Its lists of elements.
    pub(crate) accesses: Vec<ListLayout>,
    /// Whether the entry holds nothing but its resource (and that resource's label) and one list of elements: another
    /// resource's entry can then be written like it.
    pub(crate) plain: bool,
}

/// Of an element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ElementLayout {
    /// What the element is an item of. `None`: it cannot be removed.
    pub(crate) place: Option<Place>,
    /// Whether the element holds nothing but its permission, type and label, each as a literal: another permission's
    /// element can then be written like it.
    pub(crate) plain: bool,
    /// Why neither the literal nor the element can be edited, as a clause: "the list is computed by a loop".
    pub(crate) fixed: Option<&'static str>,
}

/// What an element is an item of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of a list of elements: index into [`EntryLayout::accesses`].
    Access(usize),
    /// Of the list of entries: the element is the entry itself.
    Entry,
}

/// An object or block that members can be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    /// The object or block, its braces included.
    pub(crate) span: Span,
    /// Its members, in order.
    pub(crate) members: Vec<Span>,
    /// Whether the members' names begin with a capital, as PowerShell writes them.
    pub(crate) capitals: bool,
    /// Which of the format's own ways of writing members this is, as in [`ListLayout::dialect`].
    pub(crate) dialect: u8,
}

/// A list of entries or of elements. Its items are the spans of the entries or elements that refer to it, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListLayout {
    /// The value that is the list, its brackets included.
    pub(crate) span: Span,
    /// How it is written.
    pub(crate) form: ListForm,
    /// The type of all its permissions, where the list itself says it.
    pub(crate) permission_type: Option<PermissionType>,
    /// Whether its permissions always stand by name.
    pub(crate) by_name: bool,
    /// Which of the format's own ways of writing items this is. Only the format's notation knows the numbers.
    pub(crate) dialect: u8,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListForm {
    /// Items and separators between delimiters of these lengths in bytes, which may be 0.
    Items {
        open: u8,
        close: u8,
        separator: Separator,
    },
    /// `null` in a list's place.
    Null,
    /// A single value in a list's place, as PowerShell writes a list of one.
    Single,
    /// Something that cannot be edited.
    Other,
}

impl ListForm {
    /// `[a, b]`
    pub(crate) const BRACKETS: Self = Self::Items {
        open: 1,
        close: 1,
        separator: Separator::Comma,
    };

    pub(crate) const fn is_items(self) -> bool {
        matches!(self, Self::Items { .. })
    }
}

/// What stands between two items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// A comma.
    Comma,
    /// A comma, or nothing where each item begins a line of its own.
    CommaOrLine,
    /// Nothing: each item begins a line of its own, as blocks do.
    Line,
    /// Blanks: the words of a string or of a command line.
    Blank,
}

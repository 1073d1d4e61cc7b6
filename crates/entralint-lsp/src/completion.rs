//! Completion: permissions in declarations; rules, apps, permissions and keys in `entralint.toml`. It reads the text around
//! the cursor, so that it works while the file cannot be parsed.

mod config;
mod declaration;
mod permissions;
mod slot;
#[cfg(test)]
mod tests;

use source_text::Span;

use crate::view::View;

/// What can stand at the cursor.
#[derive(Debug)]
pub(crate) struct Completion {
    /// The text that an item replaces.
    pub(crate) span: Span,
    /// In the order in which they are shown.
    pub(crate) items: Vec<Item>,
    /// More fit than are listed: another letter gives another list.
    pub(crate) is_cut: bool,
}

/// One thing that can stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// What is shown.
    pub(crate) label: String,
    /// What it is, in a few words.
    pub(crate) detail: String,
    /// What is inserted.
    pub(crate) insert: String,
    /// What the typed letters are compared with.
    pub(crate) filter: String,
    /// What sort of thing.
    pub(crate) kind: Kind,
}

/// What sort of thing an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A permission.
    Permission,
    /// A rule.
    Rule,
    /// An app.
    App,
    /// A key or a table of the configuration.
    Key,
    /// One of a few words.
    Word,
}

impl Item {
    /// An item that is what it shows.
    fn new(kind: Kind, label: impl Into<String>, detail: impl Into<String>) -> Self {
        let label = label.into();
        Self {
            insert: label.clone(),
            filter: label.clone(),
            label,
            detail: detail.into(),
            kind,
        }
    }
}

/// What can stand at an offset of the file.
pub(crate) fn at(view: &View<'_>, offset: usize) -> Option<Completion> {
    let offset = crate::subject::floor(view.source.text(), offset);
    let completion = if view.is_config {
        config::at(view, offset)
    } else {
        declaration::at(view, offset)
    }?;
    (!completion.items.is_empty()).then_some(completion)
}

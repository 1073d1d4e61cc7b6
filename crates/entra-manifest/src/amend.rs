//! Edits a manifest's text without touching a byte that is not part of the edit.

mod additions;
mod habits;
mod intent;
mod list;
mod patch;
mod places;
mod plan;
mod render;
mod replace;
mod style;
mod template;

use uuid::Uuid;

use crate::json;
use crate::model::{Kind, Manifest};
use crate::source::Source;
use crate::span::Span;

/// A change to what a manifest requests. Indices are those of the manifest before any change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Request another permission in the place of this one.
    Replace {
        /// Index into [`Manifest::apps`].
        app: usize,
        /// Index into [`App::requested`](crate::App::requested).
        requested: usize,
        /// The permission to request instead.
        with: PermissionText,
        /// The kind to request it as; `None` keeps the one written.
        kind: Option<Kind>,
    },
    /// Request it no longer.
    Remove {
        /// Index into [`Manifest::apps`].
        app: usize,
        /// Index into [`App::requested`](crate::App::requested).
        requested: usize,
    },
    /// Request one more permission.
    Add {
        /// Index into [`Manifest::apps`].
        app: usize,
        /// Application id of the API whose permission it is.
        resource_app_id: Uuid,
        /// The permission.
        permission: PermissionText,
        /// Delegated or application.
        kind: Kind,
    },
}

/// A permission by id and by name: the file's own habit decides which of them is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionText {
    /// Its id, for the kind in which it is requested.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A piece of text to put in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes, in the old text.
    pub span: Span,
    /// What comes.
    pub replacement: String,
}

/// A manifest after its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The new text, in the old encoding.
    pub source: Source,
    /// What it declares now. A list of resources that has become empty is no declaration, and gone from here.
    pub manifest: Manifest,
    /// How it came from the old text: sorted, disjoint. Empty if there was nothing to do.
    pub edits: Vec<Edit>,
}

/// Why a manifest was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmendError {
    /// The manifest was not read from this source.
    #[error("the manifest was not read from this text")]
    Stale,
    /// A change names an application or a request that is not there.
    #[error("there is no such request in the manifest")]
    NoSuchRequest,
    /// Two changes want different things of one request.
    #[error("two changes to one request contradict each other")]
    Conflict,
    /// A name that cannot stand in a manifest.
    #[error("\"{0}\" cannot be the name of a permission")]
    BadName(String),
    /// The manifest calls resources by name, and this one's name is not known.
    #[error("the manifest calls resources by name, and the name of {0} is not known")]
    UnknownResource(Uuid),
    /// The place cannot be edited.
    #[error("{0}")]
    NotEditable(&'static str),
    /// The edited text does not declare what the changes intend.
    #[error("the edited text would not declare what was intended")]
    Differs,
}

/// Edits the text so that it declares the changed set of permissions, and reads it again to be sure.
///
/// # Errors
///
/// When a change does not fit the manifest, or the edited text does not declare what was intended. The text is then
/// left as it was.
pub fn amend(
    source: &Source,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<Amended, AmendError> {
    let (read, layout) = json::parse_with_layout(source).ok_or(AmendError::Stale)?;
    if read != *manifest {
        return Err(AmendError::Stale);
    }
    let (edits, intent) = plan::plan(source.text(), manifest, &layout, changes)?;
    let text = patch::apply(source.text(), &edits);
    let source = Source::new(text, source.encoding());
    let after = json::parse_with_layout(&source).map(|(after, _)| after);
    Ok(Amended {
        manifest: intent.check(manifest, after)?,
        source,
        edits,
    })
}

//! Edits a manifest's text without touching a byte that is not part of the edit.

mod additions;
mod habits;
mod intent;
mod list;
mod lists;
pub(crate) mod notation;
mod patch;
mod places;
mod plan;
mod replace;
mod shared;
pub(crate) mod style;
mod template;

use source_text::{Edit, FileId, Source};
use uuid::Uuid;

use crate::PermissionType;
use crate::model::Manifest;
use crate::model::layout::Fingerprint;
use crate::read::{Read, Unit, Wanted, read, read_as};

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
        /// The type to request it as; `None` keeps the one written.
        permission_type: Option<PermissionType>,
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
        permission_type: PermissionType,
    },
}

/// A permission by id and by name: the file's own habit decides which of them is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionText {
    /// Its id, for the type in which it is requested.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A manifest after its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The files that changed, in their old encodings. Replace all of them or none.
    pub sources: Vec<Source>,
    /// What the unit declares now.
    pub manifest: Manifest,
    /// How the new texts came from the old ones: sorted, disjoint. Empty if there was nothing to do.
    pub edits: Vec<Edit>,
}

impl Amended {
    /// A file of the unit after the changes: a changed one, or `old` itself.
    pub fn source<'a>(&'a self, old: &'a Source) -> &'a Source {
        let mut changed = self.sources.iter();
        changed.find(|new| new.id() == old.id()).unwrap_or(old)
    }

    /// The edits of one file.
    pub fn edits_of(&self, file: FileId) -> &[Edit] {
        let start = self.edits.partition_point(|edit| edit.span.file < file);
        let end = self.edits.partition_point(|edit| edit.span.file <= file);
        &self.edits[start..end]
    }
}

/// Why a manifest was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmendError {
    /// The manifest was not read from this unit.
    #[error("the file has changed since it was read")]
    Stale,
    /// The format is read and not written, or a tool generates the file.
    #[error("{0} is not edited")]
    ReadOnly(&'static str),
    /// A change names an app or a request that is not there.
    #[error("there is no such request in the manifest")]
    NoSuchRequest,
    /// Two changes want different things of one request.
    #[error("two changes to one request contradict each other")]
    Conflict,
    /// A name that cannot stand in a manifest.
    #[error("\"{0}\" cannot be the name of a permission")]
    BadName(String),
    /// The manifest names resources by name, and this one's name is not known.
    #[error("the manifest names resources by name, and the name of {0} is not known")]
    UnknownResource(Uuid),
    /// The format cannot hold permissions of this type.
    #[error("this format does not hold {0} permissions")]
    TypeNotAllowed(PermissionType),
    /// The place cannot be edited.
    #[error("{0}")]
    NotEditable(&'static str),
    /// The text to edit serves other apps or requests too, which the change would alter.
    #[error("this text is also used by {}", .0.join(", "))]
    Shared(Vec<String>),
    /// The edited text does not declare what the changes intend.
    #[error("the edited text would not declare what was intended")]
    Differs,
}

/// The edits that change the declared set of permissions, without reading the result: for showing what a fix would do.
///
/// # Errors
///
/// When a change does not fit the manifest. [`amend`] can refuse these edits all the same.
pub fn edits(
    unit: Unit<'_>,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<Vec<Edit>, AmendError> {
    plan(unit, manifest, changes).map(|(edits, _)| edits)
}

fn plan(
    unit: Unit<'_>,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<(Vec<Edit>, intent::Intent), AmendError> {
    if !unit
        .files()
        .map(Fingerprint::of)
        .eq(manifest.files.iter().copied())
    {
        return Err(AmendError::Stale);
    }
    if manifest.about.generated {
        return Err(AmendError::ReadOnly(manifest.about.name));
    }
    let notation = manifest
        .format
        .notation()
        .ok_or(AmendError::ReadOnly(manifest.about.name))?;
    plan::plan(unit, manifest, notation, changes)
}

/// Edits the texts of a unit so that it declares the changed set of permissions, and reads it again to be sure.
///
/// `unit` is the one that `manifest` was read from, with all that was wanted for it.
///
/// # Errors
///
/// When a change does not fit the manifest, or the edited text does not declare what was intended. Nothing is changed
/// then.
pub fn amend(
    unit: Unit<'_>,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<Amended, AmendError> {
    let (edits, intent) = plan(unit, manifest, changes)?;
    let mut changed = Vec::new();
    let mut apply = |source: &Source| -> Result<Source, AmendError> {
        let of_file: Vec<Edit> = edits
            .iter()
            .filter(|edit| edit.span.file == source.id())
            .cloned()
            .collect();
        if of_file.is_empty() {
            return Ok(source.clone());
        }
        let text = source_text::apply(source.text(), &of_file).map_err(|_| AmendError::Conflict)?;
        let source = source.with_text(text);
        changed.push(source.clone());
        Ok(source)
    };
    let sources: Vec<Source> = unit
        .sources
        .iter()
        .map(&mut apply)
        .collect::<Result<_, _>>()?;
    let wanted: Vec<Wanted> = unit
        .wanted
        .iter()
        .map(|wanted| {
            let files = wanted.files.iter().map(&mut apply);
            Ok(Wanted {
                want: wanted.want.clone(),
                files: files.collect::<Result<_, _>>()?,
            })
        })
        .collect::<Result<_, AmendError>>()?;
    let after = Unit {
        sources: &sources,
        wanted: &wanted,
        environments: unit.environments,
    };
    // A text that its format claims no more (its last placeholder is gone) is read as anyone would read it now: one that
    // nothing claims would pass as a file that declares nothing.
    let claimed = |source: &Source| manifest.format.claims(source.name(), source.text());
    let read = if sources.iter().any(claimed) {
        read_as(manifest.format, after)
    } else {
        read(after)
    };
    let Read::Manifest(after) = read else {
        return Err(AmendError::Differs);
    };
    // A file that was wanted twice is one file.
    changed.sort_by_key(Source::id);
    changed.dedup_by_key(|source| source.id());
    Ok(Amended {
        manifest: intent.check(manifest, after)?,
        sources: changed,
        edits,
    })
}

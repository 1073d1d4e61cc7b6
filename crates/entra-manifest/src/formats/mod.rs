//! The formats in which permissions are declared, and what a format is.
//!
//! # To add a format
//!
//! 1. A file or folder under `formats/` with a unit struct that implements [`Format`].
//! 2. A line in [`ALL`]. Of several formats that claim a file the first that finds a declaration reads it, so special
//!    ones stand before general ones.
//! 3. A folder of fixtures under `tests/fixtures/manifests/`.
//!
//! Nothing else names the format: the linter, the editor and the reports work on the [model](crate::model).
//!
//! # Claiming
//!
//! [`Format::claims`] sees every file of a repository, so it begins with what is cheap: the file's ending, then one
//! pass of an [`aho_corasick`] automaton over the text. [`Format::names`] says by the name alone whether the file is
//! written in this language; it decides which files of a folder belong together.
//!
//! # Reading
//!
//! [`Format::read`] gets a [`Unit`]: one [`Source`](source_text::Source), or all files of a folder whose names the format
//! has ([`Together::Folder`]), and what it wanted before. It answers
//!
//! - [`Read::Manifest`]: an [`App`](crate::App) for every app, even one without permissions;
//! - [`Read::Wants`]: the files and folders without which it cannot tell (a module's folder, a `.tfvars` file). All at
//!   once where possible; [`Unit::got`] has the answers in the next round;
//! - [`Read::Unsupported`] for what is known and not read, [`Read::Broken`] with places where the text is damaged,
//!   [`Read::Nothing`] otherwise.
//!
//! Of each permission it builds a [`Requested`](crate::Requested):
//!
//! - `resource`: an index that [`App::push_resource`](crate::App) gave; equal resources may share one entry;
//! - `permission`: an id or a name *with the span of its literal*, wherever that stands; `used_at` says where the app
//!   uses it, if that is another place;
//! - `span`: the whole element, which a removal deletes; `label`: what a comment or a sibling calls the permission
//!   ([`label`](crate::label) has the helpers);
//! - `means`, `condition`: a grant is no request, and `count = var.x ? 1 : 0` makes it conditional;
//! - where it is not clear which permission it is: one `Requested` for each such *place*, with
//!   [`PermissionRef::Unresolved`](crate::PermissionRef) and a reason in plain English. Never nothing.
//!
//! Spans come from `source.span(start, end)`, so that they carry their file.
//!
//! # Editing
//!
//! A format that can be written gives a [`Notation`] and fills the layout fields of the model
//! ([`layout`](crate::model::layout)): which list an element is an item of, how the list is delimited and separated, and
//! all comments (`Manifest::with_comments`). The editor swaps literals, takes items out with their separators and
//! comments, and writes new ones like their neighbours; the notation writes only what has no neighbour to copy. After
//! an edit the files are read again by the same format, and an edit that does not declare exactly what was intended is
//! dropped. Leave a layout field empty where a place must not be edited, and say why in `ElementLayout::fixed`.

pub(crate) mod arm;
pub(crate) mod bicep;
mod deployment;
pub(crate) mod json;
pub(crate) mod prose;
pub(crate) mod scripts;
mod teams;
pub(crate) mod terraform;
#[cfg(test)]
mod toy;
mod unsupported;
mod yaml;

use camino::Utf8Path;
use source_text::Source;

use crate::about::About;
use crate::amend::notation::Notation;
use crate::read::{ParseError, Read, Unit};

/// All formats, in the order in which they are tried.
pub(crate) static ALL: &[&dyn Format] = &[
    &terraform::Terraform,
    &terraform::recorded::Plan,
    &terraform::recorded::State,
    &bicep::Bicep,
    &arm::Arm,
    &teams::Teams,
    &json::Json,
    &scripts::PowerShell,
    &scripts::Shell,
    &yaml::Yaml,
    &scripts::Pipeline,
    &scripts::SourceCode,
    &scripts::Settings,
    &prose::Markdown,
    &unsupported::Unsupported,
];

/// A way of declaring permissions.
pub(crate) trait Format: Sync {
    /// What the format is, for people.
    fn about(&self) -> &'static About;

    /// The shapes that its manifests can have, where reading tells several apart.
    fn shapes(&self) -> &'static [&'static About] {
        &[]
    }

    /// Whether a file of this name is written in the format's language, whatever it holds.
    fn names(&self, name: &Utf8Path) -> bool;

    /// Whether the file may declare something in this format. Cheap, and wrong only in saying yes.
    fn claims(&self, name: &Utf8Path, text: &str) -> bool;

    /// Whether a file is read alone.
    fn together(&self) -> Together {
        Together::Alone
    }

    /// Reads a unit.
    fn read(&self, unit: Unit<'_>) -> Read;

    /// How the format is written; `None` if it is only read.
    fn notation(&self) -> Option<&'static dyn Notation> {
        None
    }

    /// The syntax error of a file in which nothing was found, if it has one.
    fn syntax_error(&self, source: &Source) -> Option<ParseError> {
        let _ = source;
        None
    }
}

impl std::fmt::Debug for dyn Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.about().id)
    }
}

/// Which files are read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Together {
    /// Each file by itself.
    Alone,
    /// All files of the language in one folder.
    Folder,
}

/// All formats and the shapes that they have, for documents and settings.
pub fn all() -> impl Iterator<Item = &'static About> {
    ALL.iter()
        .filter(|format| !format.about().docs.is_empty())
        .flat_map(|format| {
            let shapes = format.shapes();
            let own = shapes.is_empty().then(|| format.about());
            own.into_iter().chain(shapes.iter().copied())
        })
}

/// The format that reads a file of this name together with its folder, if there is one. Files of one folder for which
/// this is the same format are one [`Unit`].
pub fn folder_format(name: &Utf8Path) -> Option<&'static About> {
    ALL.iter()
        .find(|format| format.together() == Together::Folder && format.names(name))
        .map(|format| format.about())
}

/// Whether a file of this name can be a manifest in any format, so that it is worth reading.
pub fn is_candidate(name: &Utf8Path) -> bool {
    ALL.iter().any(|format| format.names(name))
}

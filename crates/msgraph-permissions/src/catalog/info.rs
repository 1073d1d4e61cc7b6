//! What a catalog is loaded from, what reports say of it, and what can be wrong with it.

use super::Place;
use crate::{Method, Scheme};

/// What a catalog is loaded from.
#[derive(Debug, Clone)]
pub struct CatalogInput<'a> {
    /// A file in Microsoft's permissions format.
    pub permissions: &'a [u8],
    /// A file in Microsoft's provisioning format. Without it, no id is known but those of the OIDC scopes.
    pub provisioning: Option<&'a [u8]>,
    /// Whether this crate's corrections to Microsoft's data are applied; see [`Layers`] for some of them.
    pub overrides: bool,
    /// How reports name the catalog: a path, say.
    pub source: String,
}

/// Which of this crate's corrections to the published data are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// Corrections of what unlocks a call (`overrides.toml`).
    pub overrides: bool,
    /// Ids of the service in the place of published ones (`ids.toml`).
    pub ids: bool,
    /// Permissions that the service does not have (`not-in-service.toml`).
    pub not_in_service: bool,
}

impl Layers {
    /// Every correction.
    pub const ALL: Self = Self {
        overrides: true,
        ids: true,
        not_in_service: true,
    };

    /// The data as it is published.
    pub const NONE: Self = Self {
        overrides: false,
        ids: false,
        not_in_service: false,
    };
}

/// What a report says of the catalog that it used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogInfo {
    /// How reports name it.
    pub source: String,
    /// SHA-256 of the permissions file as it was given, in lower-case hexadecimal.
    pub sha256: String,
    /// The commit of Microsoft's repository that the files are of, where it is known.
    pub commit: Option<String>,
    /// The day of that commit, `YYYY-MM-DD`, where it is known.
    pub date: Option<String>,
    /// How many permissions the permissions file describes.
    pub permissions: usize,
    /// How many URL templates it holds, spellings folded, before overrides.
    pub templates: usize,
    /// How many operations (method, template, scheme) it holds, before overrides.
    pub operations: usize,
    /// Whether what it does not know is unknown to Microsoft Graph: it is no selection.
    pub complete: bool,
}

/// A catalog cannot be loaded at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Not JSON, or not an object where one must be.
    #[error("the {file} file cannot be read: {place}: {message}")]
    Syntax {
        /// `permissions` or `provisioning`.
        file: &'static str,
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
    },
    /// JSON, but another file.
    #[error("the {file} file has no `{expected}` at its top but {found}: is it another file?")]
    OtherFile {
        /// `permissions` or `provisioning`.
        file: &'static str,
        /// The key that was looked for.
        expected: String,
        /// The keys that are there, at most five.
        found: String,
    },
    /// The overrides cannot be read.
    #[error("the overrides cannot be read: {0}")]
    Overrides(String),
}

impl LoadError {
    /// Which of the two files is wrong: `permissions` or `provisioning`; `None` for the overrides.
    #[must_use]
    pub const fn file(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { file, .. } | Self::OtherFile { file, .. } => Some(file),
            Self::Overrides(_) => None,
        }
    }

    /// Where in the file, if one place is wrong.
    #[must_use]
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::Syntax { place, .. } => Some(*place),
            Self::OtherFile { .. } | Self::Overrides(_) => None,
        }
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Syntax { file, message, .. } => {
                format!("the {file} file cannot be read: {message}")
            }
            Self::OtherFile { .. } | Self::Overrides(_) => self.to_string(),
        }
    }
}

/// An entry of a catalog that was skipped, or read with a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} file, {place}: {subject}: {message}")]
pub struct LoadProblem {
    /// `permissions` or `provisioning`.
    pub file: &'static str,
    /// Where in it.
    pub place: Place,
    /// Which entry.
    pub subject: String,
    /// What is wrong, and what was done about it.
    pub message: String,
}

/// One operation of a catalog: a method on a template, in a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation<'a> {
    /// The template, as the catalog spells it.
    pub template: &'a str,
    /// The method.
    pub method: Method,
    /// The scheme.
    pub scheme: Scheme,
}

/// What the embedded catalog is compiled from: files in Microsoft's formats, and the lists of spec/.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct EmbedInput<'a> {
    pub permissions: &'a [u8],
    pub provisioning: &'a [u8],
    /// SHA-256 of the permissions file as Microsoft publishes it.
    pub sha256: &'a str,
    pub commit: &'a str,
    pub date: &'a str,
    pub overrides: &'a str,
    pub ids: &'a str,
    pub not_in_service: &'a str,
    pub doubts: &'a str,
    pub privileged: &'a str,
    pub formerly_documented: &'a str,
}

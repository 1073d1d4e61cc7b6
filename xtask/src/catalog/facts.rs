//! The facts of a catalog, as spec/catalog holds them: names, ids, numbers and paths.

use std::collections::{BTreeMap, BTreeSet};

/// The three columns of Microsoft's tables, by their keys and by the letters of spec/catalog.
pub(crate) const SCHEMES: [(&str, char); 3] = [
    ("DelegatedWork", 'W'),
    ("DelegatedPersonal", 'P'),
    ("Application", 'A'),
];

/// Everything that spec/catalog holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) permissions: BTreeMap<String, Permission>,
    /// By permission, sorted.
    pub(crate) ids: BTreeMap<String, BTreeSet<IdRow>>,
    /// By template, as it is published.
    pub(crate) paths: BTreeMap<String, BTreeMap<Grant, BTreeSet<String>>>,
}

/// A permission of the permissions file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) is_rsc: bool,
    /// Level, if it has one, and whether an administrator must consent.
    pub(crate) schemes: [Option<(Option<u8>, bool)>; 3],
}

/// A row of the provisioning file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdRow {
    pub(crate) scheme: usize,
    /// As it is published, which in one case is no UUID; empty if there is none.
    pub(crate) id: String,
    pub(crate) environment: String,
    pub(crate) is_hidden: bool,
    /// `None` in a few rows.
    pub(crate) is_enabled: Option<bool>,
}

/// What one permission is for a template; its methods stand with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub(crate) permission: String,
    pub(crate) schemes: [bool; 3],
    pub(crate) least: [bool; 3],
    /// One of these is required too.
    pub(crate) also: BTreeSet<String>,
}

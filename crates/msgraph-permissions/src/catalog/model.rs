//! What is read about each permission and template, before it is compiled.

use std::fmt;

use crate::{Method, PermissionId, Scheme};

/// Index of a permission in the catalog.
pub(crate) type PermissionIndex = u32;

/// Where something stands in a file: line and column, both from 1, the column in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What is read about a permission.
#[derive(Debug, Clone)]
pub(crate) struct PermissionFacts {
    pub(crate) name: Box<str>,
    pub(crate) is_rsc: bool,
    pub(crate) listed: bool,
    pub(crate) schemes: [Option<SchemeInfo>; 3],
    /// By type, as published.
    pub(crate) ids: [Option<PermissionId>; 2],
    /// By type, where the service has another.
    pub(crate) service_ids: [Option<PermissionId>; 2],
    /// By type: the service does not have it.
    pub(crate) not_in_service: [bool; 2],
}

impl PermissionFacts {
    pub(crate) fn unlisted(name: &str) -> Self {
        Self {
            name: name.into(),
            is_rsc: false,
            listed: false,
            schemes: [None; 3],
            ids: [None; 2],
            service_ids: [None; 2],
            not_in_service: [false; 2],
        }
    }
}

/// What a catalog says of a permission in one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemeInfo {
    /// Microsoft's own scale, 1 (least) to 5. Missing for a few permissions.
    pub privilege_level: Option<u8>,
    /// Whether an administrator must consent.
    pub admin_consent: bool,
}

/// The level that stands for a missing one: above every other.
pub(crate) const NO_LEVEL: u8 = 6;

/// Which calls on one template a permission unlocks: every method of `methods` in every scheme of `schemes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) permission: PermissionIndex,
    pub(crate) methods: u8,
    pub(crate) schemes: u8,
    /// The schemes in which it is marked least privileged.
    pub(crate) least: u8,
    /// Index of the permissions of which one is required too.
    pub(crate) also: Option<u32>,
}

impl Grant {
    pub(crate) fn covers(&self, method: Method, scheme: Scheme) -> bool {
        self.methods & method.bit() != 0 && self.schemes & scheme.bit() != 0
    }
}

/// What is read about a URL template.
#[derive(Debug, Clone)]
pub(crate) struct TemplateFacts {
    /// The published spelling, the one with most capitals if there are several.
    pub(crate) spelling: Box<str>,
    /// The other published spellings.
    pub(crate) other_spellings: Vec<Box<str>>,
    pub(crate) grants: Vec<Grant>,
    /// Every method published for it, in whatever scheme.
    pub(crate) methods: u8,
    /// Grants and methods as published, before corrections; `None` while there are none.
    pub(crate) published: Option<(Vec<Grant>, u8)>,
    /// What overrides changed.
    pub(crate) corrections: Vec<Correction>,
    /// Whether it is known in `/beta` alone.
    pub(crate) beta_only: bool,
    /// Whether what a POST needs depends on its body too.
    pub(crate) depends_on_body: bool,
    /// Whether what a call needs depends on the type of the object.
    pub(crate) depends_on_object: bool,
}

impl TemplateFacts {
    pub(crate) fn new(spelling: &str) -> Self {
        Self {
            spelling: spelling.into(),
            other_spellings: Vec::new(),
            grants: Vec::new(),
            methods: 0,
            published: None,
            corrections: Vec::new(),
            beta_only: false,
            depends_on_body: false,
            depends_on_object: false,
        }
    }

    /// Keeps what was published, before the first correction changes it.
    pub(crate) fn keep_published(&mut self) {
        if self.published.is_none() {
            self.published = Some((self.grants.clone(), self.methods));
        }
    }

    /// Grants and methods in a layer: 0 as published, 1 corrected.
    pub(crate) fn in_layer(&self, layer: usize) -> (&[Grant], u8) {
        match &self.published {
            Some((grants, methods)) if layer == 0 => (grants, *methods),
            _ => (&self.grants, self.methods),
        }
    }
}

/// Calls on a template that an override changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Correction {
    pub(crate) method: Method,
    pub(crate) scheme: Scheme,
    /// Index in the catalog's list of overrides.
    pub(crate) by: u32,
}

//! What a catalog holds about each permission and template.

use std::fmt;

use crate::{Method, PermissionId, PermissionName, PermissionType, Scheme};

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

/// A permission that a catalog knows.
#[derive(Debug, Clone)]
pub struct Permission {
    pub(crate) name: PermissionName,
    pub(crate) is_rsc: bool,
    pub(crate) listed: bool,
    pub(crate) schemes: [Option<SchemeInfo>; 3],
    pub(crate) ids: [Option<PermissionId>; 2],
    /// By type: the service does not have it.
    pub(crate) not_in_service: [bool; 2],
}

impl Permission {
    pub(crate) fn unlisted(name: &str) -> Self {
        Self {
            name: PermissionName::new(name),
            is_rsc: false,
            listed: false,
            schemes: [None, None, None],
            ids: [None; 2],
            not_in_service: [false; 2],
        }
    }

    /// The name, as the catalog spells it.
    pub fn name(&self) -> &PermissionName {
        &self.name
    }

    /// Whether it is granted per team, chat or user (resource-specific consent) rather than per tenant.
    pub fn is_rsc(&self) -> bool {
        self.is_rsc
    }

    /// Whether the permissions file describes it. If not, the provisioning file alone knows its id.
    pub fn is_listed(&self) -> bool {
        self.listed
    }

    /// What the catalog says of the permission in one scheme; `None` if it does not exist there.
    pub fn scheme(&self, scheme: Scheme) -> Option<&SchemeInfo> {
        self.schemes[scheme.index()].as_ref()
    }

    /// The id under which a manifest declares it; `None` if the catalog knows none for this kind.
    pub fn id(&self, kind: PermissionType) -> Option<PermissionId> {
        self.ids[kind as usize]
    }
}

/// What a catalog says of a permission in one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeInfo {
    /// Microsoft's own scale, 1 (least) to 5. Missing for a few permissions.
    pub privilege_level: Option<u8>,
    /// Whether an administrator must consent.
    pub admin_consent: bool,
    /// The title on the consent page, if the catalog has it.
    pub display_name: Option<Box<str>>,
    /// The text on the consent page, if the catalog has it.
    pub description: Option<Box<str>>,
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

/// A URL template and what unlocks it.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The published spelling, the one with most capitals if there are several.
    pub(crate) spelling: Box<str>,
    /// The other published spellings.
    pub(crate) other_spellings: Vec<Box<str>>,
    /// How many segments it has.
    pub(crate) depth: usize,
    pub(crate) grants: Vec<Grant>,
    /// Every method published for it, in whatever scheme.
    pub(crate) methods: u8,
    /// What overrides changed.
    pub(crate) corrections: Vec<Correction>,
    /// Whether it is known in `/beta` alone.
    pub(crate) beta_only: bool,
    /// Whether what a POST needs depends on its body too.
    pub(crate) depends_on_body: bool,
}

/// Calls on a template that an override changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correction {
    pub(crate) method: Method,
    pub(crate) scheme: Scheme,
    /// Index in the catalog's list of overrides.
    pub(crate) by: usize,
}

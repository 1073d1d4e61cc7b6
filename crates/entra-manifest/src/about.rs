//! What a format is, for people and for reports.

use std::fmt;

use crate::PermissionType;

/// A format, or one of the shapes that a format is written in.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its identifier in reports: `terraform`, `graph-application`. Lower case, words joined by hyphens.
    pub id: &'static str,
    /// Its name, for people: "Terraform configuration".
    pub name: &'static str,
    /// The names of files in which it occurs, as globs. The content decides in the end.
    pub files: &'static [&'static str],
    /// Whether a tool writes the file from another one, so that an edit here is lost at the next build.
    pub generated: bool,
    /// Which types of permission it can hold.
    pub types: Types,
    /// Where it is described.
    pub docs: &'static str,
}

impl PartialEq for About {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for About {}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The types of permission that a format can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Types {
    /// Delegated and application permissions.
    Both,
    /// Delegated permissions only.
    Delegated,
    /// Application permissions only.
    Application,
}

impl Types {
    /// Whether a permission of this type can stand in the format.
    pub fn allow(self, permission_type: PermissionType) -> bool {
        match self {
            Self::Both => true,
            Self::Delegated => permission_type == PermissionType::Delegated,
            Self::Application => permission_type == PermissionType::Application,
        }
    }
}

//! How a list of resources is written in JSON.

/// How a list of resources is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Dialect {
    /// `{resourceAppId, resourceAccess: [{id, type}]}`
    ResourceAccess,
    /// `{Resource, DelegatedPermissions: [name], ApplicationPermissions: [name]}`
    Named,
    /// `{resource, scope}`: an entry is an element.
    Flat,
}

impl Dialect {
    /// The dialect of a list's layout.
    pub(super) const fn of(number: u8) -> Self {
        match number {
            1 => Self::Named,
            2 => Self::Flat,
            _ => Self::ResourceAccess,
        }
    }

    /// Whether permissions stand by name, always.
    pub(super) fn names_permissions(self) -> bool {
        self != Self::ResourceAccess
    }
}

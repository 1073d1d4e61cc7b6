//! How a list of resources is written in JSON.

/// How a list of resources, or one of an entry's lists, is written. The layout has it as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Dialect {
    /// `{resourceAppId, resourceAccess: [{id, type}]}`
    ResourceAccess,
    /// `{Resource, DelegatedPermissions: [name], ApplicationPermissions: [name]}`
    Named,
    /// Other lists of names, to which only names of a type that is there already can be added.
    Names,
    /// `{resource, scope}`: an entry is an element.
    Flat,
    /// Elements of a named list that are objects: `{Value: name}`.
    Objects,
    /// Each member is an API's list: `{"Microsoft Graph": [{id, type}]}`.
    Map,
}

impl Dialect {
    const ALL: [Self; 6] = [
        Self::ResourceAccess,
        Self::Named,
        Self::Names,
        Self::Flat,
        Self::Objects,
        Self::Map,
    ];

    /// The dialect of a layout's number.
    pub(super) fn of(number: u8) -> Self {
        Self::ALL
            .into_iter()
            .find(|dialect| *dialect as u8 == number)
            .expect("layouts of JSON hold numbers of dialects")
    }

    /// Whether an entry has a list of names for each type.
    pub(super) const fn is_named(self) -> bool {
        matches!(self, Self::Named | Self::Names)
    }

    /// Whether permissions stand by name, always.
    pub(super) const fn names_permissions(self) -> bool {
        matches!(self, Self::Named | Self::Names | Self::Flat)
    }
}

//! How an app signs in, and what a manifest calls the permissions for it.

use std::fmt;
use std::str::FromStr;

/// The two types of permission that a manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionType {
    /// On behalf of a signed-in user. A manifest says `Scope`.
    Delegated,
    /// As the app itself. A manifest says `Role`.
    Application,
}

impl PermissionType {
    /// Both types, in the order of Microsoft's tables.
    pub const ALL: [Self; 2] = [Self::Delegated, Self::Application];

    /// The scheme whose levels and operations describe a permission of this type where calls name none.
    pub const fn scheme(self) -> Scheme {
        match self {
            Self::Delegated => Scheme::DelegatedWork,
            Self::Application => Scheme::Application,
        }
    }

    /// The word that a manifest uses: `Scope` or `Role`.
    pub const fn as_manifest(self) -> &'static str {
        match self {
            Self::Delegated => "Scope",
            Self::Application => "Role",
        }
    }
}

impl fmt::Display for PermissionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Delegated => "delegated",
            Self::Application => "application",
        })
    }
}

/// The column of Microsoft's permission tables in which a call is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// A signed-in user with a work or school account.
    DelegatedWork,
    /// A signed-in user with a personal Microsoft account.
    DelegatedPersonal,
    /// The app itself, without a user.
    Application,
}

impl Scheme {
    /// Every scheme, in the order of Microsoft's tables.
    pub const ALL: [Self; 3] = [
        Self::DelegatedWork,
        Self::DelegatedPersonal,
        Self::Application,
    ];

    /// The type of permission that is declared for this scheme.
    pub const fn permission_type(self) -> PermissionType {
        match self {
            Self::DelegatedWork | Self::DelegatedPersonal => PermissionType::Delegated,
            Self::Application => PermissionType::Application,
        }
    }

    /// The key in Microsoft's files: `DelegatedWork`, `DelegatedPersonal`, `Application`.
    pub const fn as_microsoft(self) -> &'static str {
        match self {
            Self::DelegatedWork => "DelegatedWork",
            Self::DelegatedPersonal => "DelegatedPersonal",
            Self::Application => "Application",
        }
    }

    /// The scheme of a key in Microsoft's files.
    pub(crate) fn from_microsoft(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.as_microsoft() == key)
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DelegatedWork => "delegated",
            Self::DelegatedPersonal => "personal",
            Self::Application => "application",
        })
    }
}

/// The text names no scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a permission type: expected `delegated`, `personal` or `application`")]
pub struct SchemeError(String);

impl FromStr for Scheme {
    type Err = SchemeError;

    /// Reads `delegated`, `personal`, `application`, their longer forms and Microsoft's own keys, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
        if is(&["delegated", "delegated-work", "DelegatedWork"]) {
            Ok(Self::DelegatedWork)
        } else if is(&["personal", "delegated-personal", "DelegatedPersonal"]) {
            Ok(Self::DelegatedPersonal)
        } else if is(&["application"]) {
            Ok(Self::Application)
        } else {
            Err(SchemeError(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_reads_back_what_it_prints() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
            assert_eq!(scheme.as_microsoft().parse(), Ok(scheme));
            assert_eq!(scheme.as_microsoft().to_lowercase().parse(), Ok(scheme));
        }
        assert_eq!("delegated-work".parse(), Ok(Scheme::DelegatedWork));
        assert_eq!("delegated-personal".parse(), Ok(Scheme::DelegatedPersonal));
    }

    #[test]
    fn another_word_is_refused_with_the_choices() {
        assert_eq!(
            "app".parse::<Scheme>().unwrap_err().to_string(),
            "`app` is not a permission type: expected `delegated`, `personal` or `application`"
        );
    }

    #[test]
    fn both_account_types_take_delegated_permissions() {
        assert_eq!(
            Scheme::DelegatedWork.permission_type(),
            PermissionType::Delegated
        );
        assert_eq!(
            Scheme::DelegatedPersonal.permission_type(),
            PermissionType::Delegated
        );
        assert_eq!(
            Scheme::Application.permission_type(),
            PermissionType::Application
        );
        assert_eq!(PermissionType::Delegated.as_manifest(), "Scope");
        assert_eq!(PermissionType::Application.as_manifest(), "Role");
    }
}

//! What each operation needs: the permissions that an app must request to call it.
//!
//! The data is generated from the OpenAPI fragment in which each operation lists the permissions that
//! Microsoft's reference page and permissions data name for it, the least privileged first.
//!
//! ```
//! use msgraph_sessions::operations::{Scheme, ME_REVOKE_SIGN_IN_SESSIONS, USER_REVOKE_SIGN_IN_SESSIONS};
//!
//! let least = USER_REVOKE_SIGN_IN_SESSIONS.least(Scheme::Application);
//! assert_eq!(least, Some("User.RevokeSessions.All"));
//! // An app without a signed-in user has no `/me`.
//! assert_eq!(ME_REVOKE_SIGN_IN_SESSIONS.least(Scheme::Application), None);
//! ```

use std::fmt;

use crate::cloud::Cloud;
pub use crate::generated::operations::*;

/// How an app calls Graph: which kind of permission counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// On behalf of a signed-in user with a work or school account.
    Delegated,
    /// On behalf of a signed-in user with a personal Microsoft account.
    Personal,
    /// As the app itself, with no signed-in user.
    Application,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 3] = [Self::Delegated, Self::Personal, Self::Application];

    /// Short name: `delegated`, `personal`, `application`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delegated => "delegated",
            Self::Personal => "personal",
            Self::Application => "application",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The permissions that an operation accepts in one scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permissions {
    /// Any one of these is enough. The first is the least privileged.
    AnyOf(&'static [&'static str]),
    /// The operation does not support the scheme, for this reason.
    Unsupported(&'static str),
    /// The operation needs what the requests inside it need, and nothing of its own.
    OfItems,
}

/// The Microsoft Entra roles that the signed-in user needs when the token is delegated, beside the
/// permission of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roles {
    /// The reference page names none.
    NotNamed,
    /// A supported role; these are the least privileged ones that the reference page names.
    Least(&'static [&'static str]),
    /// A role that depends on the target user; this sentence says which.
    Fit(&'static str),
}

/// Something that a caller of an operation has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// Short, stable name: `delay`, `access-tokens`, `guests`, `personal-accounts`, `signed-in-user`,
    /// `beta`, `not-generally-available`, `optional-permission`.
    pub name: &'static str,
    /// One or two sentences.
    pub text: &'static str,
}

/// One operation of the OpenAPI fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) version: &'static str,
    pub(crate) template: &'static str,
    pub(crate) deprecated: bool,
    pub(crate) superseded_by: Option<&'static str>,
    pub(crate) delegated: Permissions,
    pub(crate) personal: Permissions,
    pub(crate) application: Permissions,
    pub(crate) former_delegated: &'static [&'static str],
    pub(crate) former_application: &'static [&'static str],
    pub(crate) roles: Roles,
    pub(crate) clouds: &'static [Cloud],
    pub(crate) production: bool,
    pub(crate) sets: Option<&'static str>,
    pub(crate) notes: &'static [Note],
}

impl Operation {
    /// The operation's id in the OpenAPI fragment, such as `userRevokeSignInSessions`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// HTTP method, in capitals.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// Version of the API: `v1.0` or `beta`.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Path after the version, such as `/users/{user}/revokeSignInSessions`.
    #[must_use]
    pub const fn template(&self) -> &'static str {
        self.template
    }

    /// Whether Microsoft says to use another operation instead.
    #[must_use]
    pub const fn is_deprecated(&self) -> bool {
        self.deprecated
    }

    /// The operation to use instead.
    #[must_use]
    pub fn superseded_by(&self) -> Option<&'static Operation> {
        let newer = self.superseded_by?;
        ALL.iter().find(|operation| operation.id == newer)
    }

    /// The Microsoft Entra roles that delegated use needs.
    #[must_use]
    pub const fn roles(&self) -> Roles {
        self.roles
    }

    /// The clouds that have the operation.
    #[must_use]
    pub const fn clouds(&self) -> &'static [Cloud] {
        self.clouds
    }

    /// Whether Microsoft supports its use in production: not in the beta version.
    #[must_use]
    pub const fn is_for_production(&self) -> bool {
        self.production
    }

    /// Whether the operation ends sessions, so that its answer has to confirm that.
    pub(crate) fn revokes(&self) -> bool {
        self.method == "POST" && self.sets.is_some()
    }

    /// The property of the user that the operation sets or reads, such as
    /// `signInSessionsValidFromDateTime`.
    #[must_use]
    pub const fn property(&self) -> Option<&'static str> {
        self.sets
    }

    /// What a caller has to know: delays, guests, personal accounts, the beta version.
    #[must_use]
    pub const fn notes(&self) -> &'static [Note] {
        self.notes
    }

    /// Permissions that older documentation named for the operation. Some of them are still accepted,
    /// as [`accepted`](Self::accepted) says; none is the least privileged.
    #[must_use]
    pub const fn former(&self, scheme: Scheme) -> &'static [&'static str] {
        match scheme {
            Scheme::Delegated => self.former_delegated,
            Scheme::Personal => &[],
            Scheme::Application => self.former_application,
        }
    }

    /// What the operation accepts in a scheme.
    #[must_use]
    pub const fn permissions(&self, scheme: Scheme) -> Permissions {
        match scheme {
            Scheme::Delegated => self.delegated,
            Scheme::Personal => self.personal,
            Scheme::Application => self.application,
        }
    }

    /// The permissions of which any one is enough, the least privileged first; empty where the scheme
    /// is not supported or the operation needs none of its own.
    #[must_use]
    pub const fn accepted(&self, scheme: Scheme) -> &'static [&'static str] {
        match self.permissions(scheme) {
            Permissions::AnyOf(permissions) => permissions,
            Permissions::Unsupported(_) | Permissions::OfItems => &[],
        }
    }

    /// The least privileged permission that is enough.
    #[must_use]
    pub const fn least(&self, scheme: Scheme) -> Option<&'static str> {
        self.accepted(scheme).first().copied()
    }
}

//! The answer for one call.

use std::collections::BTreeSet;
use std::fmt;

use crate::matching::Fallback;
use crate::{Call, Method, PermissionName, Scheme};

/// How a lookup reads a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LookupOptions {
    /// Whether a delegated call on `/users/{id}/…` is about users other than the signed-in one.
    ///
    /// Permissions that reach the signed-in user's own data alone are then not accepted,
    /// unless nothing else is published.
    pub other_users: bool,
}

/// A permission that unlocks a call, with what it requires too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// The permission.
    pub permission: PermissionName,
    /// One of these is required too; if there is none, the permission alone is enough.
    pub also_requires: Vec<PermissionName>,
}

impl Bundle {
    /// Whether nothing but the permission is required.
    pub fn is_enough_alone(&self) -> bool {
        self.also_requires.is_empty() || self.also_requires.contains(&self.permission)
    }

    /// The permission, and those of which one is required too.
    pub(crate) fn names(&self) -> impl Iterator<Item = &PermissionName> {
        let also = if self.is_enough_alone() {
            &[]
        } else {
            self.also_requires.as_slice()
        };
        std::iter::once(&self.permission).chain(also)
    }

    /// How some permissions satisfy the bundle, if they do.
    pub fn covered_by(&self, has: &dyn Fn(&PermissionName) -> bool) -> Option<Cover> {
        if !has(&self.permission) {
            return None;
        }
        let with = if self.also_requires.is_empty() {
            None
        } else {
            Some(self.also_requires.iter().find(|name| has(name))?.clone())
        };
        Some(Cover {
            permission: self.permission.clone(),
            with,
        })
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.permission)?;
        match self.also_requires.as_slice() {
            [] => Ok(()),
            [one] => write!(f, " and {one}"),
            many => {
                f.write_str(" and one of ")?;
                for (at, name) in many.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{name}")?;
                }
                Ok(())
            }
        }
    }
}

/// How permissions cover a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cover {
    /// The permission that unlocks the call.
    pub permission: PermissionName,
    /// The permission that it requires too, if it does.
    pub with: Option<PermissionName>,
}

impl Cover {
    /// The permissions of the cover, one or two.
    pub fn names(&self) -> impl Iterator<Item = &PermissionName> {
        std::iter::once(&self.permission).chain(&self.with)
    }
}

/// What is known of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// One permission is marked least privileged.
    Known,
    /// Several are marked; the order of the answer decided.
    Ambiguous,
    /// None is marked; the order of the answer decided.
    Unmarked,
    /// The call exists, but not in this scheme.
    UnsupportedScheme,
    /// The path exists, but not with this method.
    UnknownMethod,
    /// No template matches the path.
    UnknownPath,
}

impl Verdict {
    /// The word that reports use: `known`, `unsupported-scheme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Ambiguous => "ambiguous",
            Self::Unmarked => "unmarked",
            Self::UnsupportedScheme => "unsupported-scheme",
            Self::UnknownMethod => "unknown-method",
            Self::UnknownPath => "unknown-path",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A reason to look at an answer twice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// The least permission reaches the signed-in user alone, and the path may name another user.
    SelfOnly {
        /// The answer for other users. None is published if this is `None`, which is said only to who
        /// looked the call up with [`LookupOptions::other_users`].
        other_users: Option<Bundle>,
    },
    /// The least permission only reads by its name, and the method writes.
    ReadOnlyOnWrite,
    /// The call reads, and the least permission writes: no reading one is published for it.
    WritesOnRead,
    /// The least permission is granted per team, chat or user, not per tenant.
    ResourceSpecific,
    /// Several permissions are marked least privileged.
    SeveralMarked,
    /// The service does not have the least permission: no tenant can grant it.
    NotInService,
    /// The provisioning file holds no id for the least permission: a manifest may be unable to declare it.
    NoId,
    /// A cast after an id was dropped to find the template, which may be that of another operation.
    CastDropped,
    /// The call itself is not published. The answer is that of its twin below `/me`, or below `/users/{id}`.
    MeTwin,
    /// The call is known in `/beta` alone, and the path says `/v1.0`.
    BetaOnly,
    /// What the call needs depends on its body as well.
    DependsOnBody,
    /// What the call needs depends on the type of the object that it names: each marked permission is for one.
    DependsOnObject,
}

impl Doubt {
    /// The word that reports use: `self-only`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::SelfOnly { .. } => "self-only",
            Self::ReadOnlyOnWrite => "read-only-on-write",
            Self::WritesOnRead => "writes-on-read",
            Self::ResourceSpecific => "resource-specific",
            Self::SeveralMarked => "several-marked",
            Self::NotInService => "not-in-service",
            Self::NoId => "no-id",
            Self::CastDropped => "cast-dropped",
            Self::MeTwin => "me-twin",
            Self::BetaOnly => "beta-only",
            Self::DependsOnBody => "depends-on-body",
            Self::DependsOnObject => "depends-on-object",
        }
    }
}

impl fmt::Display for Doubt {
    /// A clause for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfOnly {
                other_users: Some(bundle),
            } => {
                write!(
                    f,
                    "reaches the signed-in user alone; for other users: {bundle}"
                )
            }
            Self::SelfOnly { other_users: None } => f.write_str(
                "reaches the signed-in user alone; nothing is published for other users",
            ),
            Self::ReadOnlyOnWrite => f.write_str("only reads by its name, though the call writes"),
            Self::WritesOnRead => {
                f.write_str("writes by its name, though the call reads: none that only reads is published")
            }
            Self::ResourceSpecific => {
                f.write_str("is granted per team, chat or user, not for the tenant")
            }
            Self::SeveralMarked => {
                f.write_str("is one of several that are marked least privileged")
            }
            Self::NotInService => f.write_str(
                "is published, but Microsoft Graph's service does not have it, so no tenant can grant it",
            ),
            Self::CastDropped => {
                f.write_str("is that of the call without its cast, which may be another operation")
            }
            Self::MeTwin => f.write_str(
                "is that of the same call below `/me` or `/users/{id}`, since this one is not published",
            ),
            Self::BetaOnly => f.write_str("is for a call that exists in `/beta` alone"),
            Self::DependsOnBody => {
                f.write_str("may not be all: what the call needs depends on its body too")
            }
            Self::DependsOnObject => {
                f.write_str("is right for one type of object; each type has its own permission")
            }
            Self::NoId => {
                f.write_str("has no published id, so a manifest may be unable to declare it")
            }
        }
    }
}

/// What would be supported instead of the call, or as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supported {
    /// The schemes in which the method is supported on the template.
    pub schemes: Vec<Scheme>,
    /// The methods that the template has in any scheme.
    pub methods: Vec<Method>,
    /// For an unknown path, up to three templates that look like it.
    pub nearest: Vec<String>,
}

/// What a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The call that was asked about.
    pub call: Call,
    /// The scheme in which it was judged.
    pub scheme: Scheme,
    /// The template that it matched, as the catalog spells it.
    pub template: Option<String>,
    /// What is known of the call.
    pub verdict: Verdict,
    /// The least privileged way to make the call.
    pub least: Option<Bundle>,
    /// The bundles that are marked least privileged, best first.
    pub marked: Vec<Bundle>,
    /// Everything that unlocks the call, best first.
    pub accepted: Vec<Bundle>,
    /// What would be supported.
    pub supported: Supported,
    /// How the path had to be changed to match, if it had.
    pub fallback: Option<Fallback>,
    /// The ids of the overrides that changed the answer.
    pub overrides: Vec<String>,
    /// Reasons to look twice.
    pub doubts: Vec<Doubt>,
}

impl Answer {
    /// Whether the call has an answer: some permission unlocks it.
    pub fn is_answered(&self) -> bool {
        self.least.is_some()
    }

    /// Whether one of the permissions unlocks the call, alone or with others.
    pub fn accepts_any(&self, permissions: &BTreeSet<PermissionName>) -> bool {
        self.accepted
            .iter()
            .any(|bundle| permissions.contains(&bundle.permission))
    }

    /// How some permissions cover the call, by the best bundle that they satisfy.
    pub fn covered_by(&self, has: &dyn Fn(&PermissionName) -> bool) -> Option<Cover> {
        self.accepted
            .iter()
            .find_map(|bundle| bundle.covered_by(has))
    }
}

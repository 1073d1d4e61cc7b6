//! How a declaration says which API, which permission and which type it is about.

use std::borrow::Cow;
use std::fmt;

use source_text::Span;
use uuid::Uuid;

use crate::PermissionType;
use crate::resource::{self, WellKnownResource};

/// How an entry says which API it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceRef {
    /// By application id.
    Id {
        /// The application id.
        uuid: Uuid,
        /// The literal, quotes included.
        span: Span,
    },
    /// By name, such as `Microsoft Graph`.
    Name {
        /// The name as written.
        name: String,
        /// The literal, quotes included.
        span: Span,
    },
    /// By the format or command itself, which is about one API only: `Connect-MgGraph -Scopes`.
    Implied {
        /// The application id.
        uuid: Uuid,
        /// What implies it.
        span: Span,
    },
    /// It is not clear from what was read.
    Unresolved {
        /// What stands in its place; empty if nothing does.
        text: String,
        /// Where that is: the literal, or the whole entry if nothing stands there.
        span: Span,
        /// Why it is not clear.
        reason: Unresolved,
    },
}

impl ResourceRef {
    /// The well-known resource that this is, if it is one.
    pub fn well_known(&self) -> Option<WellKnownResource> {
        match self {
            Self::Id { uuid, .. } | Self::Implied { uuid, .. } => resource::by_id(*uuid),
            Self::Name { name, .. } => resource::by_name(name),
            Self::Unresolved { .. } => None,
        }
    }

    /// Whether this is Microsoft Graph.
    pub fn is_microsoft_graph(&self) -> bool {
        self.app_id() == Some(resource::MICROSOFT_GRAPH)
    }

    /// Whether this is Azure AD Graph, which is retired.
    pub fn is_azure_ad_graph(&self) -> bool {
        self.app_id() == Some(resource::AZURE_AD_GRAPH)
    }

    /// The application id: the one written, or the one of a well-known name.
    pub fn app_id(&self) -> Option<Uuid> {
        match self {
            Self::Id { uuid, .. } | Self::Implied { uuid, .. } => Some(*uuid),
            Self::Name { name, .. } => resource::by_name(name).map(|known| known.app_id),
            Self::Unresolved { .. } => None,
        }
    }

    /// Where it is written.
    pub const fn span(&self) -> Span {
        match self {
            Self::Id { span, .. }
            | Self::Name { span, .. }
            | Self::Implied { span, .. }
            | Self::Unresolved { span, .. } => *span,
        }
    }
}

/// How an element says which permission it requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionRef {
    /// By id.
    Id {
        /// The id.
        uuid: Uuid,
        /// The literal, quotes included.
        span: Span,
    },
    /// By name, such as `User.Read`.
    Name {
        /// The name as written.
        name: String,
        /// The literal, quotes included; for a word of a longer string, the word.
        span: Span,
    },
    /// It is not clear from what was read.
    Unresolved {
        /// What stands in its place; empty if nothing does.
        text: String,
        /// Where that is: the literal, or the whole element if nothing stands there.
        span: Span,
        /// Why it is not clear.
        reason: Unresolved,
    },
}

impl PermissionRef {
    /// Where it is written.
    pub const fn span(&self) -> Span {
        match self {
            Self::Id { span, .. } | Self::Name { span, .. } | Self::Unresolved { span, .. } => {
                *span
            }
        }
    }
}

/// How an element says whether it wants a delegated or an application permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeRef {
    /// It says so.
    Known {
        /// The type.
        permission_type: PermissionType,
        /// The literal, quotes included; `None` where the format itself implies the type.
        span: Option<Span>,
    },
    /// It is not clear from what was read.
    Unresolved {
        /// What stands in its place, if anything.
        text: Option<String>,
        /// Where that is: the literal, or the whole element if nothing stands there.
        span: Span,
        /// Why it is not clear.
        reason: Unresolved,
    },
}

impl TypeRef {
    /// A type that the format implies.
    pub(crate) const fn implied(permission_type: PermissionType) -> Self {
        Self::Known {
            permission_type,
            span: None,
        }
    }

    /// The type, where the file says it.
    pub const fn known(&self) -> Option<PermissionType> {
        match self {
            Self::Known {
                permission_type, ..
            } => Some(*permission_type),
            Self::Unresolved { .. } => None,
        }
    }
}

/// Why something is not clear. Displayed, it completes the sentence "the permission …".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unresolved {
    /// The member is not there.
    Missing,
    /// The member is `null` or an empty string.
    Empty,
    /// The value has a type that is not allowed there.
    WrongType,
    /// A value to be filled in: `${{AAD_APP_ID}}`, `<client-id>`, the all-zero GUID.
    Placeholder,
    /// An expression that a deployment evaluates and this does not: `[parameters('x')]`.
    Expression,
    /// Neither a GUID nor a name.
    Malformed,
    /// Neither `Scope` nor `Role`.
    NotAType,
    /// Cut off by PowerShell's `ConvertTo-Json`, whose default depth is 2.
    CutOff,
    /// The caller of a module or a script decides.
    DependsOnCaller,
    /// Anything else, in plain English that completes the sentence "the permission …": "comes from `var.roles`, which
    /// has no default".
    Unknown(Cow<'static, str>),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Empty => "is empty",
            Self::WrongType => "has the wrong type",
            Self::Placeholder => "is a placeholder",
            Self::Expression => "is an expression",
            Self::Malformed => "is neither a GUID nor a name",
            Self::NotAType => "is neither Scope nor Role",
            Self::CutOff => "was cut off by ConvertTo-Json: export again with a greater -Depth",
            Self::DependsOnCaller => "depends on the caller",
            Self::Unknown(reason) => reason,
        })
    }
}

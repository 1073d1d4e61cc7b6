//! What a manifest declares, whatever its format.

use std::fmt;

use uuid::Uuid;

use crate::resource::{self, WellKnownResource};
use crate::span::{Span, Spanned};

/// A file that declares permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// How the file writes its declarations.
    pub format: Format,
    /// The applications declared, in the order of the file.
    pub apps: Vec<App>,
    /// What is odd about the file but did not stop the reading, in the order of the file.
    pub problems: Vec<Problem>,
}

/// How a file writes its declarations. Told by content, never by the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The application entity of Microsoft Graph (`GET /applications/{id}`, and the manifest editor since 2024).
    GraphApplication,
    /// The manifest of Azure AD Graph's days (`oauth2Permissions`, `replyUrlsWithType`), which Agents Toolkit reads too.
    LegacyManifest,
    /// The bare list of resources that `az ad app create --required-resource-accesses` takes.
    ResourceList,
    /// A list of applications: an array, or `{"value": […]}`.
    ApplicationList,
    /// The configuration of Microsoft's sample generator, with names: `RequiredResourcesAccess`.
    SampleConfiguration,
    /// An ARM template with `Microsoft.Graph/applications` resources, written by hand.
    ArmTemplate,
    /// An ARM template that the Bicep compiler wrote: edits belong into the `.bicep` file.
    CompiledBicep,
    /// `webApiPermissionRequests` of a SharePoint Framework solution.
    SharePointFramework,
    /// `authorization.permissions.resourceSpecific` of a Teams app manifest.
    TeamsApp,
    /// An application somewhere inside a document of the author's own making.
    Nested,
}

impl Format {
    /// The format's name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GraphApplication => "Microsoft Graph application",
            Self::LegacyManifest => "Azure AD manifest",
            Self::ResourceList => "required resource access list",
            Self::ApplicationList => "list of applications",
            Self::SampleConfiguration => "sample configuration",
            Self::ArmTemplate => "ARM template",
            Self::CompiledBicep => "ARM template compiled from Bicep",
            Self::SharePointFramework => "SharePoint Framework solution",
            Self::TeamsApp => "Teams app manifest",
            Self::Nested => "application within another document",
        }
    }

    /// Whether the format has no word for application permissions.
    pub const fn is_delegated_only(self) -> bool {
        matches!(self, Self::SharePointFramework)
    }

    /// Whether a tool wrote the file from another one, so that an edit here is lost at the next build.
    pub const fn is_generated(self) -> bool {
        matches!(self, Self::CompiledBicep)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One application and what it requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its display name, where the file gives one.
    pub name: Option<Spanned<String>>,
    /// Its application (client) id as written: a GUID or a placeholder.
    pub app_id: Option<Spanned<String>>,
    /// The whole application.
    pub span: Span,
    /// The resources whose permissions it requests, in the order of the file. A resource can stand here twice.
    pub resources: Vec<Resource>,
    /// The permissions requested, in the order of the file. A permission can stand here twice.
    pub requested: Vec<Requested>,
}

/// One entry for an API whose permissions are requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The whole entry, its permissions included.
    pub span: Span,
    /// Which API it is.
    pub id: ResourceRef,
    /// What a sibling member or comment calls the resource.
    pub label: Option<Spanned<String>>,
}

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
    /// It cannot be told from this file.
    Unresolved {
        /// What stands in its place; empty if nothing does.
        text: String,
        /// Where that is: the literal, or the whole entry if nothing stands there.
        span: Span,
        /// Why it cannot be told.
        reason: Unresolved,
    },
}

impl ResourceRef {
    /// The well-known resource that this is, if it is one.
    pub fn well_known(&self) -> Option<WellKnownResource> {
        match self {
            Self::Id { uuid, .. } => resource::by_id(*uuid),
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
            Self::Id { uuid, .. } => Some(*uuid),
            Self::Name { name, .. } => resource::by_name(name).map(|known| known.app_id),
            Self::Unresolved { .. } => None,
        }
    }

    /// Where it is written.
    pub const fn span(&self) -> Span {
        match self {
            Self::Id { span, .. } | Self::Name { span, .. } | Self::Unresolved { span, .. } => {
                *span
            }
        }
    }
}

/// One permission that an application requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Index into [`App::resources`].
    pub resource: usize,
    /// Which permission.
    pub permission: PermissionRef,
    /// Delegated or application.
    pub kind: KindRef,
    /// The comment or sibling member that names the permission for people. It can be wrong.
    pub label: Option<Spanned<String>>,
    /// The whole element.
    pub span: Span,
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
        /// The literal, quotes included.
        span: Span,
    },
    /// It cannot be told from this file.
    Unresolved {
        /// What stands in its place; empty if nothing does.
        text: String,
        /// Where that is: the literal, or the whole element if nothing stands there.
        span: Span,
        /// Why it cannot be told.
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
pub enum KindRef {
    /// It says so.
    Known {
        /// The kind.
        kind: Kind,
        /// The literal, quotes included; `None` where the format itself implies the kind.
        span: Option<Span>,
    },
    /// It cannot be told from this file.
    Unresolved {
        /// What stands in its place, if anything.
        text: Option<String>,
        /// Where that is: the literal, or the whole element if nothing stands there.
        span: Span,
        /// Why it cannot be told.
        reason: Unresolved,
    },
}

impl KindRef {
    /// The kind, where the file says it.
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Known { kind, .. } => Some(*kind),
            Self::Unresolved { .. } => None,
        }
    }
}

/// What a manifest calls `Scope` and `Role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A delegated permission.
    Scope,
    /// An application permission.
    Role,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scope => "Scope",
            Self::Role => "Role",
        })
    }
}

/// Why something cannot be told from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unresolved {
    /// The member is not there.
    Missing,
    /// The member is `null` or an empty string.
    Empty,
    /// The value has a JSON type that is not allowed there.
    WrongType,
    /// A value to be filled in: `${{AAD_APP_ID}}`, `<client-id>`, the all-zero GUID.
    Placeholder,
    /// An expression that a deployment evaluates: `[parameters('x')]`.
    Expression,
    /// Neither a GUID nor a name.
    Malformed,
    /// Neither `Scope` nor `Role`.
    NotAKind,
    /// Cut off by PowerShell's `ConvertTo-Json`, whose default depth is 2.
    CutOff,
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
            Self::NotAKind => "is neither Scope nor Role",
            Self::CutOff => "was cut off by ConvertTo-Json: export again with a greater -Depth",
        })
    }
}

/// Something odd that did not stop the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of oddity.
    pub kind: ProblemKind,
    /// What is odd and how it was read.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// The sorts of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Comments, which JSON does not have.
    Comments,
    /// Commas behind the last element.
    TrailingCommas,
    /// No comma between two elements.
    MissingCommas,
    /// Strings in single quotes.
    SingleQuotes,
    /// Member names without quotes.
    BareNames,
    /// Lines of template tags.
    TemplateTags,
    /// Anything else that strict JSON does not allow.
    LooseSyntax,
    /// A member stands twice in one object.
    DuplicateMember,
    /// A value has a type that the member does not allow.
    WrongType,
    /// A word in a spelling that Microsoft Graph does not take: `role` for `Role`.
    Spelling,
    /// Part of the file declares permissions in a way that is not read.
    NotRead,
}

impl ProblemKind {
    /// Whether the problem is that the text is not strict JSON.
    pub const fn is_syntax(self) -> bool {
        matches!(
            self,
            Self::Comments
                | Self::TrailingCommas
                | Self::MissingCommas
                | Self::SingleQuotes
                | Self::BareNames
                | Self::TemplateTags
                | Self::LooseSyntax
        )
    }
}

//! What reading a file comes to.

use std::fmt;

use crate::json;
use crate::model::Manifest;
use crate::source::Source;
use crate::span::Span;

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// It declares permissions, or is an application that declares none.
    Manifest(Manifest),
    /// It declares nothing: silence is right when it was only come across.
    NotAManifest(NotAManifest),
    /// It declares permissions in a shape that this version knows but does not read.
    NotReadYet(Shape),
    /// It looks like a declaration and is not JSON, however leniently read.
    Invalid(ParseError),
}

/// Why a file is no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAManifest {
    /// Nothing in it but blanks and comments.
    Empty,
    /// It declares nothing. Where none of the words that a declaration needs occurs, its syntax was not even looked at:
    /// see [`syntax_error`].
    NoDeclaration,
    /// It is no JSON, and does not look like a declaration either. See [`syntax_error`] for the place.
    NotJson,
    /// A JSON Schema or an OpenAPI description, which only defines the words.
    Schema,
    /// A service principal or a table of the permissions that exist.
    Catalogue,
}

impl fmt::Display for NotAManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty",
            Self::NoDeclaration => "the file declares no permissions",
            Self::NotJson => "the file is not JSON",
            Self::Schema => {
                "the file is a schema: it defines the words of a manifest and declares nothing"
            }
            Self::Catalogue => "the file lists the permissions that exist and requests none",
        })
    }
}

/// A known way of declaring permissions that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// `authorization.permissions.resourceSpecific` of a Teams app manifest.
    TeamsApp,
    /// `webApiPermissionRequests` of a SharePoint Framework solution.
    SharePointFramework,
    /// `Microsoft.Graph/…` resources of an ARM template.
    ArmTemplate,
    /// A Logic App that calls Microsoft Graph: its permissions are granted elsewhere.
    LogicApp,
    /// Grants already made: `appRoleAssignments`, `oauth2PermissionGrants`.
    Grants,
    /// Names of permissions under the resource's name, as exporters write them.
    NamedList,
    /// Terraform's JSON syntax, its plan or its state.
    TerraformJson,
    /// The state of a Pulumi stack.
    PulumiState,
    /// Several JSON documents in one file.
    JsonLines,
}

impl Shape {
    /// The shape's name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TeamsApp => "Teams app manifest",
            Self::SharePointFramework => "SharePoint Framework solution",
            Self::ArmTemplate => "ARM template with Microsoft Graph resources",
            Self::LogicApp => "Logic App that calls Microsoft Graph",
            Self::Grants => "list of granted permissions",
            Self::NamedList => "list of permission names",
            Self::TerraformJson => "Terraform JSON",
            Self::PulumiState => "Pulumi state",
            Self::JsonLines => "several JSON documents in one file",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is not JSON, with the place where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What is wrong there.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Reads a file and tells by its content what it is.
///
/// Never fails on the first oddity: comments, trailing commas and wrong types are read over and reported in
/// [`Manifest::problems`]. Takes time and memory proportional to the text; a bound on its size is the caller's to set.
pub fn parse(source: &Source) -> Parsed {
    json::parse(source)
}

/// The syntax error of a text, if it has one, read as leniently as [`parse`] reads.
///
/// [`parse`] does not look at the syntax of a text that cannot be a declaration. This does, for a file that a person
/// named.
pub fn syntax_error(source: &Source) -> Option<ParseError> {
    json::syntax_error(source)
}

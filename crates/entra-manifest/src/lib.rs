//! Reads the Microsoft Graph permissions that apps declare, in every format, with byte spans, and edits them in place.
//!
//! ```
//! use entra_manifest::{FileId, PermissionRef, Read, Source, Unit, read};
//!
//! let source = Source::decode(
//!     FileId::new(0),
//!     "app.json",
//!     br#"{
//!   "displayName": "helpdesk",
//!   "requiredResourceAccess": [
//!     {
//!       "resourceAppId": "00000003-0000-0000-c000-000000000000",
//!       "resourceAccess": [{ "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }]
//!     }
//!   ]
//! }"#
//!     .to_vec(),
//! )?;
//! let Read::Manifest(manifest) = read(Unit::file(&source)) else {
//!     panic!("this is a manifest");
//! };
//! let requested = &manifest.apps[0].requested[0];
//! let PermissionRef::Id { span, .. } = requested.permission else {
//!     panic!("this is an id");
//! };
//! assert_eq!(source.line_column(span.start), (6, 34));
//! # Ok::<(), entra_manifest::DecodeError>(())
//! ```

mod about;
mod amend;
mod formats;
mod json;
mod label;
mod model;
mod read;
mod resource;

pub use about::{About, Types};
pub use amend::{AmendError, Amended, Change, PermissionText, amend, edits};
pub use formats::{Together, all as formats, folder_format, is_candidate};
pub use model::{
    App, Condition, Inheritance, Inherited, Manifest, Means, PermissionRef, Problem, ProblemKind,
    Requested, Resource, ResourceRef, TypeRef, Unresolved,
};
pub use read::{
    Environment, ParseError, RECORDED, ROUNDS, Read, Unit, Want, Wanted, WhyNot, read, syntax_error,
};
pub use resource::{AZURE_AD_GRAPH, MICROSOFT_GRAPH, WellKnownResource};
pub use source_text::{
    DecodeError, DecodeErrorKind, Edit, Encoding, FileId, Source, Span, Spanned,
};

/// Delegated or application. Files say `Scope` and `Role`.
pub use msgraph_permissions::PermissionType;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

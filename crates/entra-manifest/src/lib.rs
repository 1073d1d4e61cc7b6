//! Reads the permissions that an app manifest requests, with byte spans, and edits them in place.
//!
//! ```
//! use entra_manifest::{Parsed, PermissionRef, Source, parse};
//!
//! let source = Source::decode(
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
//! let Parsed::Manifest(manifest) = parse(&source) else {
//!     panic!("this is a manifest");
//! };
//! let requested = &manifest.apps[0].requested[0];
//! let PermissionRef::Id { span, .. } = requested.permission else {
//!     panic!("this is an id");
//! };
//! assert_eq!(source.line_column(span.start), (6, 34));
//! # Ok::<(), entra_manifest::DecodeError>(())
//! ```

mod amend;
mod json;
mod model;
mod outcome;
mod resource;
mod source;
mod span;

pub use amend::{AmendError, Amended, Change, Edit, PermissionText, amend};
pub use model::{
    App, Format, Kind, KindRef, Manifest, PermissionRef, Problem, ProblemKind, Requested, Resource,
    ResourceRef, Unresolved,
};
pub use outcome::{NotAManifest, ParseError, Parsed, Shape, parse, syntax_error};
pub use resource::{AZURE_AD_GRAPH, MICROSOFT_GRAPH, WellKnownResource};
pub use source::{DecodeError, DecodeErrorKind, Encoding, Source};
pub use span::{Span, Spanned};

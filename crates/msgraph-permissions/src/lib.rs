//! What permissions a Microsoft Graph call accepts, and the least that a set of calls needs, with proof.

mod answer;
mod assess;
mod call;
mod catalog;
mod check;
mod diff;
mod lookup;
mod matching;
mod method;
mod name;
mod nearest;
mod noted;
mod path;
mod roots;
mod scheme;
mod solve;
mod templates;
mod tree;
mod trie;

pub use answer::{Answer, Bundle, Cover, Doubt, LookupOptions, Supported, Verdict};
pub use assess::{Assessment, Missing, RequestedVerdict};
pub use call::{Call, CallError, CallErrorReason};
pub use catalog::{
    Catalog, CatalogInfo, CatalogInput, EmbedInput, Layers, LoadError, LoadProblem, Operation,
    Override, OverrideState, Permission, Place, SchemeInfo, ServiceError, ServiceExport,
};
pub use check::{CatalogCheck, Marked};
pub use diff::{
    CallChange, CatalogDiff, LevelChange, LevelShift, OperationChange, PermissionChange, Turn,
};
pub use matching::{Fallback, FallbackStep};
pub use method::{Method, MethodError};
pub use name::{PermissionId, PermissionIdError, PermissionName, is_oidc_scope};
pub use noted::{FormerlyDocumented, Privileged};
pub use path::{CallPath, Version};
pub use scheme::{PermissionType, Scheme, SchemeError};
pub use solve::{Covered, Exactness, Solution};
pub use templates::{TemplateNode, TemplateRef, fold};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

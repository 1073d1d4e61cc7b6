//! The document that says why calls were denied.

use msgraph_permissions::PermissionType;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::causes::Cause;

/// The version of the document.
pub const VERSION: u32 = 1;

/// What a text says of the denied calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Denied {
    /// The version of this document: 1.
    pub version: u32,
    /// What kind of text it was: `message`, or a recording's format such as `har`.
    pub read_as: &'static str,
    /// One for each denied call; one without a call where the text names none.
    pub denials: Vec<Denial>,
    /// Denied calls of the recording beyond those in `denials`.
    pub more: usize,
}

/// One denied call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Denial {
    /// How often the recording has it.
    pub times: usize,
    /// Method and path, ids as `{id}`; the path alone where the text names no method; null where it names no path.
    pub call: Option<String>,
    /// The HTTP status, 401 or 403.
    pub status: Option<u16>,
    /// The error code, such as `Authorization_RequestDenied` or `AADSTS65001`.
    pub code: Option<String>,
    /// Delegated or application, where the text says it.
    #[serde(serialize_with = "serialize_type")]
    #[schemars(with = "Option<String>")]
    pub permission_type: Option<PermissionType>,
    /// The permissions that the message itself lists; one of them is enough.
    pub listed: Vec<String>,
    /// The permissions that the token had, where the text says it.
    pub token_had: Vec<String>,
    /// Those of `token_had` that are enough for the call: with any, another permission does not help.
    pub token_enough: Vec<String>,
    /// The least privileged answers: for the call, or among what the message lists.
    pub least: Vec<Least>,
    /// Whether a permission is missing, as far as the text tells.
    pub verdict: Verdict,
    /// What else may be the cause, the likeliest first.
    pub causes: Vec<PossibleCause>,
    /// What to do, one sentence each, the likeliest first.
    pub advice: Vec<String>,
}

impl Denial {
    /// Whether another denial differs in nothing but how often it was met.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let once = |denial: &Self| Self {
            times: 1,
            ..denial.clone()
        };
        self.call == other.call && once(self) == once(other)
    }
}

/// The least privileged permissions in one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Least {
    /// `delegated` or `application`.
    #[serde(rename = "type", serialize_with = "serialize_one_type")]
    #[schemars(with = "String")]
    pub permission_type: PermissionType,
    /// The permissions, all of them together.
    pub permissions: Vec<String>,
    /// Whether an administrator must consent.
    pub admin_consent: bool,
}

/// Something other than a permission that the app does not request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PossibleCause {
    /// What it is.
    pub cause: Cause,
    /// Whether the text leaves no other.
    pub certain: bool,
    /// What the text, or its lack of words, means.
    pub meaning: &'static str,
    /// What to do.
    pub advice: String,
    /// The page that says so.
    pub source: &'static str,
}

/// Whether a permission is missing, as far as a text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The token had no permission that the call accepts.
    MissingPermission,
    /// The token had one, or the text names another cause: `causes` says which.
    AnotherCause,
    /// The text does not say what the token had.
    Unclear,
}

#[expect(
    clippy::ref_option,
    reason = "serde calls it with a reference to the field"
)]
fn serialize_type<S: Serializer>(
    value: &Option<PermissionType>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(word).serialize(serializer)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference to the field"
)]
fn serialize_one_type<S: Serializer>(
    value: &PermissionType,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    word(*value).serialize(serializer)
}

pub(super) const fn word(permission_type: PermissionType) -> &'static str {
    match permission_type {
        PermissionType::Delegated => "delegated",
        PermissionType::Application => "application",
    }
}

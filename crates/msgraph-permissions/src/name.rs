//! Names and ids of permissions, as types.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::catalog::Shared;
use crate::trie::to_u32;

/// The name of a permission (`User.RevokeSessions.All`), spelled as the catalog spells it.
///
/// Comparison is by that exact spelling; [`Catalog::permission`](crate::Catalog::permission)
/// finds a name in any ASCII case. Cloning is cheap.
#[derive(Clone)]
pub struct PermissionName(Spelling);

/// Where the text of a name stands.
#[derive(Clone)]
enum Spelling {
    /// In the embedded catalog.
    Static(&'static str),
    /// In the text of a loaded catalog, from the one byte to the other.
    Within(Arc<str>, u32, u32),
}

impl PermissionName {
    /// A name for which the caller vouches, for instance one that no catalog lists.
    pub fn new(name: &str) -> Self {
        Self(Spelling::Within(Arc::from(name), 0, to_u32(name.len())))
    }

    /// The name that stands in a part of a catalog's text.
    pub(crate) fn within(text: &Shared<str>, range: Range<usize>) -> Self {
        Self(match text {
            Shared::Static(text) => Spelling::Static(&text[range]),
            Shared::Made(text) => {
                Spelling::Within(Arc::clone(text), to_u32(range.start), to_u32(range.end))
            }
        })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Spelling::Static(text) => text,
            Spelling::Within(text, start, end) => &text[*start as usize..*end as usize],
        }
    }

    /// Whether the name says that it changes something (`User.ReadWrite.All`, `Sites.FullControl.All`).
    ///
    /// It does where one of its words is Write, Manage, Create or Delete, or two adjacent words spell
    /// FullControl or PrivilegedOperations. `DeviceManagementApps.Read.All` does not: Management is
    /// another word than Manage.
    pub fn says_write(&self) -> bool {
        let mut previous = "";
        self.words().any(|word| {
            let says = matches!(word, "Write" | "Manage" | "Create" | "Delete")
                || matches!(
                    (previous, word),
                    ("Full", "Control") | ("Privileged", "Operations")
                );
            previous = word;
            says
        })
    }

    /// Whether the name says that it reads and nothing more (`Policy.Read.All`, `User.ReadBasic.All`).
    pub fn says_only_read(&self) -> bool {
        !self.says_write() && self.words().any(|word| word == "Read")
    }

    /// The name with `Read` in the place of `ReadWrite`, if it holds that: the permission that reads
    /// what this one reads and writes.
    pub(crate) fn reading_twin(&self) -> Option<String> {
        let name = self.as_str();
        name.contains("ReadWrite")
            .then(|| name.replace("ReadWrite", "Read"))
    }

    /// The words of the name: it is split at `.` and `-`, and before each capital.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.as_str().split(['.', '-']).flat_map(|part| {
            let mut rest = part;
            std::iter::from_fn(move || {
                let end = rest
                    .char_indices()
                    .skip(1)
                    .find(|(_, letter)| letter.is_ascii_uppercase())
                    .map_or(rest.len(), |(at, _)| at);
                let (word, others) = rest.split_at(end);
                rest = others;
                (!word.is_empty()).then_some(word)
            })
        })
    }

    /// Whether a delegated permission of this name reaches beyond the signed-in user's own data:
    /// `.All` (everything the user may see) or `.Shared` (what others shared with the user).
    pub(crate) fn reaches_other_users(&self) -> bool {
        self.as_str().ends_with(".All") || self.as_str().ends_with(".Shared")
    }
}

impl fmt::Display for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl AsRef<str> for PermissionName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for PermissionName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for PermissionName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for PermissionName {}

impl PartialOrd for PermissionName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PermissionName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for PermissionName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for PermissionName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for PermissionName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// The id under which a manifest declares a permission: one per name and kind, the same in every tenant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionId(Uuid);

impl PermissionId {
    /// The id with this UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID itself.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for PermissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

impl fmt::Debug for PermissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a permission id: expected a UUID such as 77f3a031-c388-4f99-b373-dc68676a979e"
)]
pub struct PermissionIdError(String);

impl FromStr for PermissionId {
    type Err = PermissionIdError;

    /// Reads a UUID in any case, with or without hyphens or braces.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text.trim())
            .map(Self)
            .map_err(|_| PermissionIdError(text.to_owned()))
    }
}

/// The four OpenID Connect scopes and their delegated ids.
///
/// Microsoft's provisioning file does not hold them. Source: Microsoft identity platform,
/// "Scopes and permissions" (OpenID Connect scopes); the ids stand in the `oauth2PermissionScopes`
/// of Microsoft Graph's own service principal, the same in every tenant.
pub(crate) const OIDC_SCOPES: [(&str, PermissionId); 4] = [
    (
        "openid",
        PermissionId(Uuid::from_u128(0x37f7f235_527c_4136_accd_4a02d197296e)),
    ),
    (
        "profile",
        PermissionId(Uuid::from_u128(0x14dad69e_099b_42c9_810b_d002981feec1)),
    ),
    (
        "email",
        PermissionId(Uuid::from_u128(0x64a6cdd6_aab1_4aaf_94b8_3cc8405e90d0)),
    ),
    (
        "offline_access",
        PermissionId(Uuid::from_u128(0x7427e0e9_2fba_42fe_b0c0_848c9e6a8182)),
    ),
];

/// Whether `name` is one of `openid`, `profile`, `email`, `offline_access` (in any case).
///
/// They steer sign-in, unlock no call, and are never more than an app needs.
pub fn is_oidc_scope(name: &str) -> bool {
    OIDC_SCOPES
        .iter()
        .any(|(scope, _)| scope.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_in_every_spelling_and_prints_in_one() {
        for text in [
            "77f3a031-c388-4f99-b373-dc68676a979e",
            "77F3A031-C388-4F99-B373-DC68676A979E",
            "{77F3A031-C388-4F99-B373-DC68676A979E}",
            " 77f3a031c3884f99b373dc68676a979e ",
        ] {
            let id: PermissionId = text.parse().unwrap();
            assert_eq!(id.to_string(), "77f3a031-c388-4f99-b373-dc68676a979e");
        }
    }

    #[test]
    fn what_is_no_id_says_so() {
        let error = "[parameters('id')]".parse::<PermissionId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`[parameters('id')]` is not a permission id: expected a UUID such as \
             77f3a031-c388-4f99-b373-dc68676a979e"
        );
    }

    #[test]
    fn oidc_scopes_are_known_in_any_case() {
        assert!(is_oidc_scope("openid"));
        assert!(is_oidc_scope("Offline_Access"));
        assert!(!is_oidc_scope("User.Read"));
        assert!(!is_oidc_scope("openid "));
    }

    #[test]
    fn the_reading_twin_reads_what_the_other_reads_and_writes() {
        let twin = |name: &str| PermissionName::new(name).reading_twin();
        assert_eq!(twin("User.ReadWrite.All").as_deref(), Some("User.Read.All"));
        assert_eq!(
            twin("TeamsTab.ReadWriteForChat").as_deref(),
            Some("TeamsTab.ReadForChat")
        );
        assert_eq!(twin("Sites.FullControl.All"), None);
    }

    #[test]
    fn a_name_says_what_it_may_do() {
        let says = |name: &str| {
            let name = PermissionName::new(name);
            (name.says_write(), name.says_only_read())
        };
        assert_eq!(says("Policy.Read.All"), (false, true));
        assert_eq!(says("User.ReadBasic.All"), (false, true));
        assert_eq!(says("User.ReadWrite.All"), (true, false));
        assert_eq!(says("UserAuthMethod-Phone.Read"), (false, true));
        assert_eq!(says("User.RevokeSessions.All"), (false, false));
        assert_eq!(says("Notes.Create"), (true, false));
        assert_eq!(says("Sites.FullControl.All"), (true, false));
        assert_eq!(
            says("DeviceManagementManagedDevices.PrivilegedOperations.All"),
            (true, false)
        );
        assert_eq!(says("DeviceManagementApps.Read.All"), (false, true));
        assert_eq!(says("TeamsTab.ReadWriteForChat"), (true, false));
        assert_eq!(says("EduRoster.WriteWrite.All"), (true, false));
        assert_eq!(says("User.ManageIdentities.All"), (true, false));
    }
}

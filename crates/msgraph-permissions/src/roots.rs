//! Which permissions a call that could not be resolved may be about.

use crate::{Catalog, PermissionName, PermissionType};

/// First segments whose calls reach whatever their body or their object names.
const ANYWHERE: [&str; 4] = ["$batch", "subscriptions", "search", "directoryobjects"];

impl Catalog {
    /// Whether an unresolved call below `root` (its first segment, in any case) may be what this
    /// permission is for, so that nothing can be said against the permission.
    ///
    /// It may if the permission unlocks something below that root. `/me` and `/users` are one root. A
    /// call of no known root, of one that the catalog lacks, or of one that reaches anywhere (`$batch`,
    /// `subscriptions`, `search`, `directoryObjects`) may be about every permission.
    pub fn blocks(
        &self,
        permission: &PermissionName,
        permission_type: PermissionType,
        root: Option<&str>,
    ) -> bool {
        let Some(root) = root.map(one_root) else {
            return true;
        };
        if ANYWHERE.contains(&root.as_str()) {
            return true;
        }
        let Some(index) = self.index(permission) else {
            // A permission that the catalog lacks unlocks nothing that it knows of.
            return true;
        };
        self.root(&root)
            .is_none_or(|root| self.reaches(index, permission_type, root))
    }

    /// Whether some operation's path begins with this segment.
    pub fn is_root(&self, segment: &str) -> bool {
        self.root(&one_root(segment)).is_some()
    }
}

/// The first segment of a template, as roots are compared.
pub(crate) fn first_segment(template: &str) -> String {
    one_root(
        template
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or(""),
    )
}

fn one_root(segment: &str) -> String {
    let word = segment.split('(').next().unwrap_or(segment).to_lowercase();
    if word == "me" {
        "users".to_owned()
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PermissionType::{Application, Delegated};

    fn blocks(permission: &str, permission_type: PermissionType, root: Option<&str>) -> bool {
        Catalog::embedded().blocks(&PermissionName::new(permission), permission_type, root)
    }

    #[test]
    fn a_call_of_a_known_root_blocks_what_unlocks_something_there() {
        assert!(blocks("User.ReadWrite.All", Application, Some("users")));
        assert!(blocks("User.Read", Delegated, Some("Me")));
        assert!(blocks("User.ReadWrite.All", Application, Some("me")));
        assert!(!blocks(
            "AuditLog.Read.All",
            Application,
            Some("identityProtection")
        ));
        assert!(!blocks("User.Read", Application, Some("users")));
    }

    #[test]
    fn a_call_that_may_reach_anywhere_blocks_everything() {
        for root in [
            None,
            Some("nowhere"),
            Some("$batch"),
            Some("subscriptions"),
            Some("search"),
            Some("directoryObjects"),
        ] {
            assert!(blocks("AuditLog.Read.All", Application, root), "{root:?}");
        }
    }
}

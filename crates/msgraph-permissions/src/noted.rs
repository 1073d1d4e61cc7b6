//! What is noted of some permissions in addition to the data: that they lead to control of the tenant, or that
//! older documentation gave them for revoking sessions.

use crate::catalog::NotedSection;
use crate::{Catalog, PermissionName, PermissionType};

/// A permission that leads to control of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileged<'c> {
    /// How, as a clause for people: "assigns any directory role, Global Administrator among them".
    pub leads_to: &'c str,
    /// The page that says so.
    pub source: &'c str,
}

/// A permission that older documentation gave for revoking sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerlyDocumented<'c> {
    /// What was documented, and when, as a clause for people.
    pub was: &'c str,
    /// The page that said so.
    pub source: &'c str,
}

impl Catalog {
    /// Whether an app with this permission can come to control the tenant, and how.
    pub fn privileged(
        &self,
        name: &PermissionName,
        permission_type: PermissionType,
    ) -> Option<Privileged<'_>> {
        self.noted(NotedSection::Privileged, name, permission_type)
            .map(|(leads_to, source)| Privileged { leads_to, source })
    }

    /// Whether older documentation gave this permission for revoking sign-in sessions.
    ///
    /// User.RevokeSessions.All is enough for that; some of the older ones do not even work any more.
    pub fn formerly_documented_for_revoking(
        &self,
        name: &PermissionName,
        permission_type: PermissionType,
    ) -> Option<FormerlyDocumented<'_>> {
        self.noted(NotedSection::Formerly, name, permission_type)
            .map(|(was, source)| FormerlyDocumented { was, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PermissionType::{Application, Delegated};

    #[test]
    fn what_leads_to_control_of_the_tenant_is_noted_by_type() {
        let catalog = Catalog::embedded();
        let is = |name: &str, permission_type| {
            catalog
                .privileged(&PermissionName::new(name), permission_type)
                .is_some()
        };
        assert!(is("RoleManagement.ReadWrite.Directory", Application));
        assert!(is("RoleManagement.ReadWrite.Directory", Delegated));
        assert!(is("Application.ReadWrite.OwnedBy", Application));
        assert!(!is("User.RevokeSessions.All", Application));
        assert!(!is("User.Read", Delegated));
    }

    #[test]
    fn what_older_pages_gave_for_revoking_is_noted() {
        let catalog = Catalog::embedded();
        let is = |name: &str, permission_type| {
            catalog
                .formerly_documented_for_revoking(&PermissionName::new(name), permission_type)
                .is_some()
        };
        assert!(is("User.ReadWrite", Delegated));
        assert!(is("Directory.AccessAsUser.All", Delegated));
        assert!(is("Directory.ReadWrite.All", Application));
        assert!(!is("User.RevokeSessions.All", Delegated));
    }
}

//! Properties that Microsoft Graph returns only with a permission of their own, whatever the call.
//!
//! The published data speaks of calls, not of what they select: `GET /users?$select=signInActivity` needs
//! `AuditLog.Read.All` as well. A permission that such a property needs is not taken for unused or too broad where code
//! names the property. Each entry cites the page of the resource.

use std::collections::BTreeSet;

use msgraph_permissions::PermissionName;

/// A property, and the permissions of which it needs one.
struct Property {
    name: &'static str,
    permissions: &'static [&'static str],
}

const PROPERTIES: [Property; 5] = [
    // https://learn.microsoft.com/graph/api/resources/signinactivity
    Property {
        name: "signInActivity",
        permissions: &["AuditLog.Read.All"],
    },
    // https://learn.microsoft.com/graph/api/resources/signin: conditional access policies of a sign-in
    Property {
        name: "appliedConditionalAccessPolicies",
        permissions: &[
            "Policy.Read.All",
            "Policy.Read.ConditionalAccess",
            "Policy.ReadWrite.ConditionalAccess",
        ],
    },
    // https://learn.microsoft.com/graph/custom-security-attributes-examples
    Property {
        name: "customSecurityAttributes",
        permissions: &[
            "CustomSecAttributeAssignment.Read.All",
            "CustomSecAttributeAssignment.ReadWrite.All",
        ],
    },
    // https://learn.microsoft.com/graph/api/resources/user: mailboxSettings
    Property {
        name: "mailboxSettings",
        permissions: &["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
    },
    // https://learn.microsoft.com/graph/api/resources/user: employeeLeaveDateTime
    Property {
        name: "employeeLeaveDateTime",
        permissions: &[
            "User-LifeCycleInfo.Read.All",
            "User-LifeCycleInfo.ReadWrite.All",
        ],
    },
];

/// The properties of the list that a text names, in any case.
pub(crate) fn of_text(text: &str) -> BTreeSet<&'static str> {
    PROPERTIES
        .iter()
        .map(|property| property.name)
        .filter(|name| contains(text.as_bytes(), name.as_bytes()))
        .collect()
}

/// The first of these properties that needs a permission.
pub(crate) fn needing(
    properties: &BTreeSet<&'static str>,
    permission: &PermissionName,
) -> Option<&'static str> {
    PROPERTIES
        .iter()
        .filter(|property| properties.contains(property.name))
        .find(|property| property.permissions.contains(&permission.as_str()))
        .map(|property| property.name)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else {
        return true;
    };
    let starts = [first.to_ascii_lowercase(), first.to_ascii_uppercase()];
    memchr::memchr2_iter(starts[0], starts[1], text).any(|at| {
        text.get(at + 1..at + 1 + rest.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_in_any_case() {
        let found = of_text("Get-MgUser -All -Property SignInActivity");
        let permission = PermissionName::new("AuditLog.Read.All");
        assert_eq!(needing(&found, &permission), Some("signInActivity"));
        let other = PermissionName::new("User.Read.All");
        assert_eq!(needing(&found, &other), None);
        assert!(of_text("signIn activity").is_empty());
    }
}

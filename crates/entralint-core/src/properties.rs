//! Properties that Microsoft Graph returns only with a permission of their own, whatever the call.
//!
//! The published data speaks of calls, not of what they select: `GET /users?$select=signInActivity` needs
//! `AuditLog.Read.All` as well, and `User.ReadBasic.All`, which is enough for `GET /users`, returns no more than names and
//! addresses. A permission that such a property needs is not taken for unused or too broad where code names the property.
//! Each entry cites the page that says so.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
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

/// A permission that returns a part of each object only, and properties that it does not return. Words that code has for
/// other things as often (`city`, `state`, `body`) are left out.
struct Partial {
    permission: &'static str,
    lacks: &'static [&'static str],
}

const PARTIAL: [Partial; 4] = [
    // https://learn.microsoft.com/graph/permissions-reference#userreadbasicall: display name, first and last name, email
    // address, open extensions and photo
    Partial {
        permission: "User.ReadBasic.All",
        lacks: &[
            "accountEnabled",
            "assignedLicenses",
            "assignedPlans",
            "businessPhones",
            "companyName",
            "createdDateTime",
            "creationType",
            "customSecurityAttributes",
            "deletedDateTime",
            "department",
            "employeeHireDate",
            "employeeId",
            "employeeLeaveDateTime",
            "employeeOrgData",
            "employeeType",
            "extensionAttribute",
            "externalUserState",
            "jobTitle",
            "lastPasswordChangeDateTime",
            "licenseAssignmentStates",
            "mailNickname",
            "mobilePhone",
            "officeLocation",
            "onPremisesDistinguishedName",
            "onPremisesDomainName",
            "onPremisesExtensionAttributes",
            "onPremisesImmutableId",
            "onPremisesLastSyncDateTime",
            "onPremisesSamAccountName",
            "onPremisesSecurityIdentifier",
            "onPremisesSyncEnabled",
            "onPremisesUserPrincipalName",
            "otherMails",
            "passwordPolicies",
            "passwordProfile",
            "preferredLanguage",
            "proxyAddresses",
            "provisionedPlans",
            "refreshTokensValidFromDateTime",
            "signInActivity",
            "signInSessionsValidFromDateTime",
            "streetAddress",
            "usageLocation",
            "userType",
        ],
    },
    // https://learn.microsoft.com/graph/permissions-reference#mailreadbasic: no body, attachments and extensions
    Partial {
        permission: "Mail.ReadBasic",
        lacks: MAIL_BODY,
    },
    Partial {
        permission: "Mail.ReadBasic.All",
        lacks: MAIL_BODY,
    },
    // https://learn.microsoft.com/graph/permissions-reference#calendarsreadbasic: no body, attachments and extensions
    Partial {
        permission: "Calendars.ReadBasic",
        lacks: MAIL_BODY,
    },
];

const MAIL_BODY: &[&str] = &[
    "bodyPreview",
    "uniqueBody",
    "body.content",
    "body?.content",
    "fileAttachment",
    "hasAttachments",
    "internetMessageHeaders",
];

/// All properties, each as it is written in most languages and as Python writes it.
static WORDS: LazyLock<(AhoCorasick, Vec<&'static str>)> = LazyLock::new(|| {
    let names: BTreeSet<&'static str> = PROPERTIES
        .iter()
        .map(|property| property.name)
        .chain(PARTIAL.iter().flat_map(|partial| partial.lacks).copied())
        .collect();
    let (patterns, names): (Vec<String>, Vec<&'static str>) = names
        .into_iter()
        .flat_map(|name| [(name.to_owned(), name), (snake_case(name), name)])
        .unzip();
    let words = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(patterns)
        .expect("a few words are no pattern that is too long");
    (words, names)
});

/// The properties of the lists that a text names, in any case.
pub(crate) fn of_text(text: &str) -> BTreeSet<&'static str> {
    let (words, names) = &*WORDS;
    words
        .find_overlapping_iter(text)
        .filter_map(|found| names.get(found.pattern().as_usize()).copied())
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

/// The first of these properties that is not returned with a permission that reads a part of each object.
pub(crate) fn lacking(
    properties: &BTreeSet<&'static str>,
    permission: &PermissionName,
) -> Option<&'static str> {
    PARTIAL
        .iter()
        .find(|partial| partial.permission == permission.as_str())?
        .lacks
        .iter()
        .find(|name| properties.contains(*name))
        .copied()
}

/// `accountEnabled` as `account_enabled`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
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

    #[test]
    fn a_basic_permission_lacks_what_it_does_not_return() {
        let basic = PermissionName::new("User.ReadBasic.All");
        for text in [
            "Get-MgUser -All -Property Id, AccountEnabled",
            "if user.account_enabled:",
            "GET /users?$select=id,accountEnabled",
        ] {
            let found = of_text(text);
            assert_eq!(lacking(&found, &basic), Some("accountEnabled"), "{text}");
        }
        let names = of_text("Get-MgUser -All | Select-Object DisplayName, Mail");
        assert_eq!(lacking(&names, &basic), None);
        let enabled = of_text("accountEnabled");
        assert_eq!(
            lacking(&enabled, &PermissionName::new("User.Read.All")),
            None
        );
    }
}

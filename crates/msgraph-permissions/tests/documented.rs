//! The embedded catalog says what Microsoft's reference pages say.

mod common;

use common::{least, lookup};
use msgraph_permissions::{Catalog, PermissionId, PermissionName, PermissionType, Scheme, Verdict};

use Scheme::{Application, DelegatedPersonal, DelegatedWork};

const NONE: &str = "unsupported-scheme";

/// Operation, least in each scheme (delegated, personal, application). Source: Microsoft's reference pages.
const LEAST: [(&str, [&str; 3]); 33] = [
    (
        "POST /me/revokeSignInSessions",
        ["User.RevokeSessions.All", NONE, NONE],
    ),
    (
        "POST /users/{id}/revokeSignInSessions",
        ["User.RevokeSessions.All", NONE, "User.RevokeSessions.All"],
    ),
    (
        "POST /me/invalidateAllRefreshTokens",
        ["User.RevokeSessions.All", "User.ReadWrite", NONE],
    ),
    (
        "POST /users/{id}/invalidateAllRefreshTokens",
        [
            "User.RevokeSessions.All",
            "User.ReadWrite",
            "User.RevokeSessions.All",
        ],
    ),
    (
        "PATCH /users/{id}",
        ["User.ReadWrite.All", "User.ReadWrite", "User.ReadWrite.All"],
    ),
    (
        "GET /users/{id}",
        ["User.Read", "User.Read", "User.Read.All"],
    ),
    ("GET /users", ["User.ReadBasic.All", NONE, "User.Read.All"]),
    ("GET /me", ["User.Read", "User.Read", NONE]),
    (
        "GET /users/{id}/authentication/methods",
        [
            "UserAuthenticationMethod.Read.All",
            NONE,
            "UserAuthenticationMethod.Read.All",
        ],
    ),
    (
        "POST /users/{id}/authentication/methods/{id}/resetPassword",
        ["UserAuthenticationMethod.ReadWrite.All", NONE, NONE],
    ),
    (
        "POST /identityProtection/riskyUsers/confirmCompromised",
        [
            "IdentityRiskyUser.ReadWrite.All",
            NONE,
            "IdentityRiskyUser.ReadWrite.All",
        ],
    ),
    (
        "POST /identityProtection/riskyUsers/dismiss",
        [
            "IdentityRiskyUser.ReadWrite.All",
            NONE,
            "IdentityRiskyUser.ReadWrite.All",
        ],
    ),
    (
        "GET /identityProtection/riskyUsers",
        [
            "IdentityRiskyUser.Read.All",
            NONE,
            "IdentityRiskyUser.Read.All",
        ],
    ),
    (
        "GET /oauth2PermissionGrants",
        ["Directory.Read.All", NONE, "Directory.Read.All"],
    ),
    (
        "GET /users/{id}/oauth2PermissionGrants",
        ["Directory.Read.All", NONE, "Directory.Read.All"],
    ),
    (
        "DELETE /oauth2PermissionGrants/{id}",
        [
            "DelegatedPermissionGrant.ReadWrite.All",
            NONE,
            "DelegatedPermissionGrant.ReadWrite.All",
        ],
    ),
    (
        "DELETE /users/{id}/appRoleAssignments/{id}",
        [
            "AppRoleAssignment.ReadWrite.All",
            NONE,
            "AppRoleAssignment.ReadWrite.All",
        ],
    ),
    (
        "GET /deviceManagement/managedDevices",
        [
            "DeviceManagementManagedDevices.Read.All",
            NONE,
            "DeviceManagementManagedDevices.Read.All",
        ],
    ),
    (
        "POST /deviceManagement/managedDevices/{id}/wipe",
        [
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
            NONE,
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ],
    ),
    (
        "POST /deviceManagement/managedDevices/{id}/retire",
        [
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
            NONE,
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ],
    ),
    (
        "POST /deviceManagement/managedDevices/{id}/remoteLock",
        [
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
            NONE,
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ],
    ),
    (
        "POST /deviceManagement/managedDevices/{id}/resetPasscode",
        [
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
            NONE,
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ],
    ),
    (
        "GET /auditLogs/signIns",
        ["AuditLog.Read.All", NONE, "AuditLog.Read.All"],
    ),
    (
        "GET /auditLogs/directoryAudits",
        [
            "AuditLog.Read.All and Directory.Read.All",
            NONE,
            "AuditLog.Read.All and Directory.Read.All",
        ],
    ),
    (
        "GET /me/mailFolders/inbox/messageRules",
        ["MailboxSettings.Read", "MailboxSettings.Read", NONE],
    ),
    (
        "GET /me/mailFolders/inbox/messageRules/{id}",
        ["MailboxSettings.Read", "MailboxSettings.Read", NONE],
    ),
    (
        "DELETE /me/mailFolders/inbox/messageRules/{id}",
        [
            "MailboxSettings.ReadWrite",
            "MailboxSettings.ReadWrite",
            NONE,
        ],
    ),
    (
        "GET /users/{id}/mailFolders/inbox/messageRules",
        [
            "MailboxSettings.Read",
            "MailboxSettings.Read",
            "MailboxSettings.Read",
        ],
    ),
    (
        "GET /users/{id}/mailFolders/inbox/messageRules/{id}",
        [
            "MailboxSettings.Read",
            "MailboxSettings.Read",
            "MailboxSettings.Read",
        ],
    ),
    (
        "DELETE /users/{id}/mailFolders/inbox/messageRules/{id}",
        [
            "MailboxSettings.ReadWrite",
            "MailboxSettings.ReadWrite",
            "MailboxSettings.ReadWrite",
        ],
    ),
    (
        "POST /users/{id}/agentSignInSessions/{id}/revoke",
        ["User.RevokeSessions.All", NONE, "User.RevokeSessions.All"],
    ),
    (
        "POST /beta/users/{id}/revokeSignInSessions",
        ["User.RevokeSessions.All", NONE, "User.RevokeSessions.All"],
    ),
    (
        "POST https://graph.microsoft.us/v1.0/users/alice@contoso.com/revokeSignInSessions",
        ["User.RevokeSessions.All", NONE, "User.RevokeSessions.All"],
    ),
];

#[test]
fn every_documented_operation_has_its_documented_least() {
    for (text, expected) in LEAST {
        for (scheme, expected) in Scheme::ALL.into_iter().zip(expected) {
            assert_eq!(
                least(Catalog::embedded(), scheme, text),
                expected,
                "{scheme} {text}"
            );
        }
    }
}

#[test]
fn what_is_documented_is_known_and_not_doubted() {
    for (text, expected) in LEAST {
        for (scheme, expected) in Scheme::ALL.into_iter().zip(expected) {
            let answer = lookup(Catalog::embedded(), scheme, text);
            if expected == NONE {
                assert_eq!(
                    answer.verdict,
                    Verdict::UnsupportedScheme,
                    "{scheme} {text}"
                );
            } else {
                assert_eq!(answer.verdict, Verdict::Known, "{scheme} {text}");
                let self_only =
                    expected == "User.Read" && scheme == DelegatedWork && text.contains("/users");
                assert_eq!(
                    answer.doubts.len(),
                    usize::from(self_only),
                    "{scheme} {text}: {:?}",
                    answer.doubts
                );
            }
        }
    }
}

#[test]
fn revoking_accepts_what_the_page_lists_and_no_more() {
    let accepted = |scheme, text| -> Vec<String> {
        let mut accepted: Vec<String> = lookup(Catalog::embedded(), scheme, text)
            .accepted
            .iter()
            .map(ToString::to_string)
            .collect();
        accepted.sort();
        accepted
    };
    let all = [
        "AgentIdUser.ReadWrite.All",
        "AgentIdUser.ReadWrite.IdentityParentedBy",
        "Directory.ReadWrite.All",
        "User.ReadWrite.All",
        "User.RevokeSessions.All",
    ];
    assert_eq!(
        accepted(DelegatedWork, "POST /me/revokeSignInSessions"),
        all
    );
    assert_eq!(
        accepted(DelegatedWork, "POST /users/{id}/revokeSignInSessions"),
        all
    );
    assert_eq!(
        accepted(Application, "POST /users/{id}/revokeSignInSessions"),
        all
    );
    let beta = [
        "Directory.ReadWrite.All",
        "User.ReadWrite",
        "User.RevokeSessions.All",
    ];
    assert_eq!(
        accepted(DelegatedWork, "POST /beta/me/invalidateAllRefreshTokens"),
        beta
    );
    assert_eq!(
        accepted(
            DelegatedPersonal,
            "POST /beta/me/invalidateAllRefreshTokens"
        ),
        ["User.ReadWrite"]
    );
    assert_eq!(
        accepted(
            Application,
            "POST /beta/users/{id}/invalidateAllRefreshTokens"
        ),
        ["User.RevokeSessions.All"]
    );
    // Disabling an account alone.
    assert!(
        accepted(Application, "PATCH /users/{id}")
            .contains(&"User.EnableDisableAccount.All".to_owned())
    );
}

#[test]
fn ids_are_the_documented_ones_in_both_directions() {
    let catalog = Catalog::embedded();
    let (delegated, application) = (PermissionType::Delegated, PermissionType::Application);
    for (name, kind, id) in [
        (
            "User.RevokeSessions.All",
            delegated,
            "fc30e98b-8810-4501-81f5-c20a3196387b",
        ),
        (
            "User.RevokeSessions.All",
            application,
            "77f3a031-c388-4f99-b373-dc68676a979e",
        ),
        (
            "Directory.ReadWrite.All",
            delegated,
            "c5366453-9fb0-48a5-a156-24f0c49a4b84",
        ),
        (
            "Directory.ReadWrite.All",
            application,
            "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
        ),
        (
            "User.ReadWrite.All",
            delegated,
            "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4",
        ),
        (
            "User.ReadWrite.All",
            application,
            "741f803b-c850-494e-b5df-cde7c675a1ca",
        ),
        (
            "User.ReadWrite",
            delegated,
            "b4e74841-8e56-480b-be8b-910348b18b4c",
        ),
        (
            "Directory.AccessAsUser.All",
            delegated,
            "0e263e50-5827-48a4-b97c-d940288653c7",
        ),
        ("openid", delegated, "37f7f235-527c-4136-accd-4a02d197296e"),
        ("profile", delegated, "14dad69e-099b-42c9-810b-d002981feec1"),
        ("email", delegated, "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"),
        (
            "offline_access",
            delegated,
            "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        ),
    ] {
        let name = PermissionName::new(name);
        let id: PermissionId = id.parse().unwrap();
        assert_eq!(catalog.id_of(&name, kind), Some(id), "{name}");
        assert_eq!(catalog.by_id(id), [(name, kind)]);
    }
    for name in ["User.ReadWrite", "Directory.AccessAsUser.All"] {
        assert_eq!(catalog.id_of(&PermissionName::new(name), application), None);
    }
    let nobody: PermissionId = "00000000-0000-0000-0000-000000000000".parse().unwrap();
    assert_eq!(catalog.by_id(nobody), []);
}

#[test]
fn revoking_needs_the_consent_of_an_administrator() {
    let catalog = Catalog::embedded();
    let revoke = catalog.permission("User.RevokeSessions.All").unwrap();
    for scheme in [DelegatedWork, Application] {
        assert!(revoke.scheme(scheme).unwrap().admin_consent);
    }
    assert!(revoke.scheme(DelegatedPersonal).is_none());
}

use super::*;

/// Operations in the catalog's notation, enough for each branch of the rule.
const OPERATIONS: &[(Method, &str)] = &[
    (Method::Get, "/users"),
    (Method::Post, "/users"),
    (Method::Get, "/users/{id}"),
    (Method::Patch, "/users/{id}"),
    (Method::Delete, "/users/{id}"),
    (Method::Get, "/me"),
    (Method::Post, "/users/{id}/revokeSignInSessions"),
    (Method::Post, "/me/revokeSignInSessions"),
    (Method::Post, "/users/{id}/assignLicense"),
    (Method::Post, "/users/{id}/sendMail"),
    (Method::Post, "/users/{id}/getMemberGroups"),
    (Method::Get, "/users/{id}/memberOf"),
    (Method::Get, "/users/{id}/manager"),
    (Method::Put, "/users/{id}/manager/$ref"),
    (Method::Delete, "/users/{id}/manager/$ref"),
    (Method::Get, "/users/{id}/authentication/methods"),
    (Method::Get, "/users/{id}/authentication/methods/{id}"),
    (
        Method::Delete,
        "/users/{id}/authentication/phoneMethods/{id}",
    ),
    (Method::Get, "/users/{id}/calendar/events"),
    (Method::Get, "/users/{id}/calendars/{id}/events"),
    (Method::Get, "/users/{id}/drive"),
    (Method::Get, "/users/{id}/messages/delta()"),
    (Method::Get, "/groups/{id}/members/microsoft.graph.user"),
    (Method::Get, "/applications"),
    (Method::Get, "/applications/{id}"),
    (Method::Delete, "/groups/{id}/owners/{id}/$ref"),
    (Method::Get, "/servicePrincipals/{id}/appRoleAssignments"),
    (Method::Post, "/servicePrincipals/{id}/appRoleAssignments"),
    (Method::Get, "/auditLogs/signIns"),
    (Method::Get, "/auditLogs/signIns/{id}"),
    (Method::Get, "/deviceManagement/managedDevices"),
    (Method::Post, "/deviceManagement/managedDevices/{id}/wipe"),
    (
        Method::Post,
        "/deviceManagement/managedDevices/{id}/syncDevice",
    ),
    (
        Method::Post,
        "/deviceManagement/managedDevices/{id}/remoteLock",
    ),
    (Method::Post, "/deviceManagement/managedDevices/{id}/retire"),
    (Method::Get, "/identityProtection/riskyUsers"),
    (Method::Post, "/identityProtection/riskyUsers/dismiss"),
    (
        Method::Post,
        "/identityProtection/riskyUsers/confirmCompromised",
    ),
    (Method::Get, "/identity/identityProviders"),
    (Method::Get, "/identity/conditionalAccess/policies/{id}"),
    (Method::Get, "/deviceAppManagement/mobileApps"),
    (
        Method::Get,
        "/reports/getOffice365ActiveUserDetail(period={value})",
    ),
];

fn call(line: &str) -> String {
    static INDEX: std::sync::LazyLock<Index> =
        std::sync::LazyLock::new(|| Index::new(OPERATIONS.iter().copied()));
    let mut words = line.split(' ');
    let mut name = words.next().unwrap_or_default();
    let piped = name == "|";
    if piped {
        name = words.next().unwrap_or_default();
    }
    let lower: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let open = lower.iter().any(|word| word == "@open");
    let parameters: Vec<&str> = lower
        .iter()
        .filter_map(|word| word.strip_prefix('-'))
        .collect();
    match resolve(
        &Used {
            name,
            parameters: &parameters,
            piped,
            open,
        },
        &INDEX,
    ) {
        Resolved::Call(sent) => format!(
            "{} {}{}{}",
            sent.method,
            sent.path,
            if sent.beta { " beta" } else { "" },
            if sent.unsure { " ?" } else { "" }
        ),
        Resolved::NotACall => "no call".to_owned(),
        Resolved::NoEquivalent { root } => format!("unresolved {}", root.unwrap_or_default()),
        Resolved::Unknown => "-".to_owned(),
    }
}

#[test]
fn names_of_the_sdk_follow_the_rule() {
    for (line, expected) in [
        (
            "Revoke-MgUserSignInSession -UserId",
            "POST /users/{id}/revokeSignInSessions",
        ),
        (
            "revoke-mgusersigninsession -userid",
            "POST /users/{id}/revokeSignInSessions",
        ),
        ("Update-MgUser -UserId", "PATCH /users/{id}"),
        ("New-MgUser", "POST /users"),
        ("Remove-MgUser -UserId", "DELETE /users/{id}"),
        (
            "Set-MgUserLicense -UserId",
            "POST /users/{id}/assignLicense",
        ),
        ("Send-MgUserMail -UserId", "POST /users/{id}/sendMail"),
        (
            "Get-MgUserMemberGroup -UserId",
            "POST /users/{id}/getMemberGroups",
        ),
        ("Get-MgUserMemberOf -UserId", "GET /users/{id}/memberOf"),
        (
            "Set-MgUserManagerByRef -UserId",
            "PUT /users/{id}/manager/$ref",
        ),
        (
            "Remove-MgUserManagerByRef -UserId",
            "DELETE /users/{id}/manager/$ref",
        ),
        (
            "Get-MgUserMessageDelta -UserId",
            "GET /users/{id}/messages/delta()",
        ),
        (
            "Get-MgGroupMemberAsUser -GroupId",
            "GET /groups/{id}/members/microsoft.graph.user",
        ),
        ("Get-MgAuditLogSignIn -Filter", "GET /auditLogs/signIns"),
        (
            "Get-MgDeviceManagementManagedDevice -All",
            "GET /deviceManagement/managedDevices",
        ),
        (
            "Clear-MgDeviceManagementManagedDevice",
            "POST /deviceManagement/managedDevices/{id}/wipe",
        ),
        (
            "Sync-MgDeviceManagementManagedDevice",
            "POST /deviceManagement/managedDevices/{id}/syncDevice",
        ),
        (
            "Lock-MgDeviceManagementManagedDeviceRemote",
            "POST /deviceManagement/managedDevices/{id}/remoteLock",
        ),
        (
            "Invoke-MgRetireDeviceManagementManagedDevice",
            "POST /deviceManagement/managedDevices/{id}/retire",
        ),
        (
            "Invoke-MgDismissRiskyUser",
            "POST /identityProtection/riskyUsers/dismiss",
        ),
        (
            "Confirm-MgRiskyUserCompromised",
            "POST /identityProtection/riskyUsers/confirmCompromised",
        ),
        ("Get-MgRiskyUser", "GET /identityProtection/riskyUsers"),
        ("Get-MgIdentityProvider", "GET /identity/identityProviders"),
        ("Get-MgUserDefaultDrive", "GET /users/{id}/drive"),
        (
            "Get-MgDeviceAppMgtMobileApp",
            "GET /deviceAppManagement/mobileApps",
        ),
        (
            "Get-MgReportOffice365ActiveUserDetail",
            "GET /reports/getOffice365ActiveUserDetail(period={value})",
        ),
        ("Get-MgBetaUser -UserId", "GET /users/{id} beta"),
        (
            "Remove-MgUserAuthenticationPhoneMethod -UserId",
            "DELETE /users/{id}/authentication/phoneMethods/{id}",
        ),
        (
            "New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId -PrincipalId -ResourceId -AppRoleId",
            "POST /servicePrincipals/{id}/appRoleAssignments",
        ),
        (
            "Remove-MgGroupOwnerDirectoryObjectByRef -GroupId",
            "DELETE /groups/{id}/owners/{id}/$ref",
        ),
        ("Get-MgApplicationByAppId -AppId", "GET /applications/{id}"),
    ] {
        assert_eq!(call(line), expected, "{line}");
    }
}

#[test]
fn parameters_tell_the_item_from_the_list() {
    for (line, expected) in [
        ("Get-MgUser", "GET /users"),
        ("Get-MgUser -Filter", "GET /users"),
        ("Get-MgUser -UserId", "GET /users/{id}"),
        ("Get-MgUser -InputObject", "GET /users/{id}"),
        ("| Get-MgUser", "GET /users/{id} ?"),
        ("Get-MgUser @open", "GET /users ?"),
        (
            "Get-MgUserAuthenticationMethod -UserId",
            "GET /users/{id}/authentication/methods",
        ),
        (
            "Get-MgUserAuthenticationMethod -UserId -AuthenticationMethodId",
            "GET /users/{id}/authentication/methods/{id}",
        ),
        (
            "Get-MgUserCalendarEvent -UserId",
            "GET /users/{id}/calendar/events",
        ),
        (
            "Get-MgUserCalendarEvent -UserId -CalendarId",
            "GET /users/{id}/calendars/{id}/events",
        ),
        // Only the item is in the catalog.
        (
            "Get-MgIdentityConditionalAccessPolicy",
            "GET /identity/conditionalAccess/policies",
        ),
        // Only the list is.
        (
            "Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId -AppRoleAssignmentId",
            "GET /servicePrincipals/{id}/appRoleAssignments/{id}",
        ),
    ] {
        assert_eq!(call(line), expected, "{line}");
    }
}

#[test]
fn exceptions_and_other_modules_have_tables() {
    for (line, expected) in [
        (
            "New-MgGroupMember -GroupId",
            "POST /groups/{id}/members/$ref",
        ),
        ("Get-MgSubscription", "GET /subscriptions"),
        (
            "Get-MgSubscription -SubscriptionId",
            "GET /subscriptions/{id}",
        ),
        ("Connect-MgGraph -Scopes", "no call"),
        (
            "Invoke-MgInvalidateUserRefreshToken -UserId",
            "POST /users/{id}/invalidateAllRefreshTokens",
        ),
        (
            "Revoke-AzureADUserAllRefreshToken -ObjectId",
            "POST /users/{id}/invalidateAllRefreshTokens",
        ),
        (
            "Revoke-EntraUserAllRefreshToken -UserId",
            "POST /users/{id}/revokeSignInSessions",
        ),
        (
            "Revoke-EntraBetaUserAllRefreshToken -UserId",
            "POST /users/{id}/revokeSignInSessions beta",
        ),
        ("Get-MsolUser -UserPrincipalName", "GET /users/{id}"),
        ("Get-MsolUser -All", "GET /users"),
        ("Get-AzureADUser -ObjectId", "GET /users/{id}"),
        ("Connect-MsolService", "no call"),
        (
            "Get-AzureADApplicationProxyConnectorGroup",
            "unresolved applications",
        ),
        ("Get-MgUserFrobnicator", "unresolved users"),
    ] {
        assert_eq!(call(line), expected, "{line}");
    }
}

#[test]
fn other_commands_are_no_cmdlets_of_graph() {
    for line in [
        "Get-Mgmt",
        "Get-Item",
        "Get-",
        "-MgUser",
        "Get-MgZzz",
        "Get-EntraInventoryReport",
        "é-MgUser",
        "Get-Mg",
        "ls",
    ] {
        assert_eq!(call(line), "-", "{line}");
    }
}

/// The folder with Microsoft's published data.
fn published(file: &str) -> Vec<u8> {
    let shared = std::env::var_os("ENTRALINT_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        Into::into,
    );
    let path = shared.join("data").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
#[ignore = "needs the published data"]
fn common_cmdlets_have_their_operations_in_the_published_data() {
    let permissions = published("permissions.json");
    let catalog = msgraph_permissions::Catalog::load(msgraph_permissions::CatalogInput {
        permissions: &permissions,
        provisioning: None,
        overrides: true,
        source: "published".to_owned(),
    })
    .unwrap();
    let index = Index::new(
        catalog
            .operations()
            .map(|operation| (operation.method, operation.template)),
    );
    for (name, parameters, method, path) in [
        ("Get-MgUser", "userid", "GET", "/users/{id}"),
        (
            "Get-MgGroupMember",
            "groupid",
            "GET",
            "/groups/{id}/members",
        ),
        (
            "Get-MgUserAuthenticationMethod",
            "userid",
            "GET",
            "/users/{id}/authentication/methods",
        ),
        (
            "Reset-MgUserAuthenticationMethodPassword",
            "userid",
            "POST",
            "/users/{id}/authentication/methods/{id}/resetPassword",
        ),
        (
            "Set-MgUserLicense",
            "userid",
            "POST",
            "/users/{id}/assignLicense",
        ),
        ("Send-MgUserMail", "userid", "POST", "/users/{id}/sendMail"),
        (
            "Revoke-MgUserSignInSession",
            "userid",
            "POST",
            "/users/{id}/revokeSignInSessions",
        ),
        (
            "Set-MgUserManagerByRef",
            "userid",
            "PUT",
            "/users/{id}/manager/$ref",
        ),
        (
            "Get-MgAuditLogDirectoryAudit",
            "all",
            "GET",
            "/auditLogs/directoryAudits",
        ),
        (
            "Get-MgIdentityConditionalAccessPolicy",
            "all",
            "GET",
            "/identity/conditionalAccess/policies",
        ),
        (
            "New-MgServicePrincipalAppRoleAssignment",
            "serviceprincipalid",
            "POST",
            "/servicePrincipals/{id}/appRoleAssignments",
        ),
        (
            "Get-MgServicePrincipalAppRoleAssignedTo",
            "serviceprincipalid",
            "GET",
            "/servicePrincipals/{id}/appRoleAssignedTo",
        ),
        (
            "Remove-MgGroupOwnerByRef",
            "groupid",
            "DELETE",
            "/groups/{id}/owners/{id}/$ref",
        ),
        (
            "Get-MgUserMemberOfAsGroup",
            "userid",
            "GET",
            "/users/{id}/memberOf/microsoft.graph.group",
        ),
        (
            "Invoke-MgDismissRiskyUser",
            "userids",
            "POST",
            "/riskyUsers/dismiss",
        ),
        (
            "Add-MgApplicationPassword",
            "applicationid",
            "POST",
            "/applications/{id}/addPassword",
        ),
        (
            "Get-MgReportMailboxUsageDetail",
            "period",
            "GET",
            "/reports/getMailboxUsageDetail(period={value})",
        ),
        (
            "Clear-MgDeviceManagementManagedDevice",
            "manageddeviceid",
            "POST",
            "/deviceManagement/managedDevices/{id}/wipe",
        ),
        (
            "Sync-MgDeviceManagementManagedDevice",
            "manageddeviceid",
            "POST",
            "/deviceManagement/managedDevices/{id}/syncDevice",
        ),
        (
            "Get-MgUserMailFolderMessage",
            "userid",
            "GET",
            "/users/{id}/mailFolders/{id}/messages",
        ),
    ] {
        let used = Used {
            name,
            parameters: &[parameters],
            piped: false,
            open: false,
        };
        let Resolved::Call(sent) = resolve(&used, &index) else {
            panic!("{name} is not resolved");
        };
        assert_eq!(sent.method.to_string(), method, "{name}");
        assert_eq!(sent.path.to_lowercase(), path.to_lowercase(), "{name}");
    }
}

//! Repositories whose whole purpose is to revoke sign-in sessions, in the forms in which they state what to grant: plain
//! `entralint check` of the folder says that `User.RevokeSessions.All` is enough.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;

const ENOUGH: &str = "User.RevokeSessions.All";

/// The findings of `entralint check` in a folder of these files, one a line.
fn checked(files: &[(&str, &str)]) -> String {
    let folder = Folder::empty();
    for (name, text) in files {
        folder.write(name, text);
    }
    let output = folder
        .entralint(&["check", "--isolated", "--format", "concise"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A template with a Logic App whose identity revokes a user's sessions.
fn playbook(metadata: &str) -> String {
    format!(
        r#"{{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "metadata": {{ {metadata} }},
  "resources": [
    {{
      "type": "Microsoft.Logic/workflows",
      "apiVersion": "2019-05-01",
      "name": "end-sessions",
      "identity": {{ "type": "SystemAssigned" }},
      "properties": {{
        "definition": {{
          "actions": {{
            "End_sessions": {{
              "type": "Http",
              "runAfter": {{}},
              "inputs": {{
                "method": "POST",
                "uri": "https://graph.microsoft.com/v1.0/users/@{{triggerBody()?['user']}}/revokeSignInSessions",
                "authentication": {{
                  "type": "ManagedServiceIdentity",
                  "audience": "https://graph.microsoft.com"
                }}
              }}
            }}
          }}
        }}
      }}
    }}
  ]
}}
"#
    )
}

const GRANT: &str = r#"param([Parameter(Mandatory)] [string] $IdentityId)
Connect-MgGraph -Scopes AppRoleAssignment.ReadWrite.All, Application.Read.All
$graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
$role = $graph.AppRoles | Where-Object Value -eq "User.ReadWrite.All"
New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $IdentityId -PrincipalId $IdentityId -ResourceId $graph.Id -AppRoleId $role.Id
"#;

#[test]
fn the_metadata_of_a_template_states_the_grant() {
    for metadata in [
        r#""prerequisites": ["The identity needs the Microsoft Graph permission User.ReadWrite.All."]"#,
        r#""postDeployment": ["Grant Directory.ReadWrite.All of Microsoft Graph to the managed identity."]"#,
        r#""description": "Ends the sessions of a user. Requires Directory.ReadWrite.All (Microsoft Graph).""#,
    ] {
        let found = checked(&[("End-Sessions/azuredeploy.json", &playbook(metadata))]);
        assert!(found.contains(ENOUGH), "{metadata}: {found}");
    }
}

#[test]
fn a_readme_states_the_grant() {
    let readme = "# End sessions\n\n## Prerequisites\n\n- Grant the Microsoft Graph permission `User.ReadWrite.All` to the managed identity.\n";
    let template = playbook(r#""author": "ops""#);
    for files in [
        [
            ("README.md", readme),
            ("azuredeploy.json", template.as_str()),
        ],
        [
            ("playbooks/end/readme.md", readme),
            ("playbooks/end/alert/azuredeploy.json", template.as_str()),
        ],
    ] {
        let found = checked(&files);
        assert!(found.contains(ENOUGH), "{found}");
    }
}

#[test]
fn a_readme_states_the_grant_of_a_bicep_template() {
    let readme = "# End sessions\n\n## Post-deployment\n1. Assign the `User.ReadWrite.All` Graph API permission to the managed identity\n";
    let template = r#"resource app 'Microsoft.Logic/workflows@2019-05-01' = {
  name: 'end-sessions'
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: {
      actions: {
        End: {
          type: 'Http'
          inputs: {
            method: 'POST'
            uri: 'https://graph.microsoft.com/v1.0/users/@{outputs(\'Compose\')}/revokeSignInSessions'
            authentication: { type: 'ManagedServiceIdentity', audience: 'https://graph.microsoft.com' }
          }
        }
      }
    }
  }
}
"#;
    let found = checked(&[("end/readme.md", readme), ("end/incident.bicep", template)]);
    assert!(found.contains(ENOUGH), "{found}");
}

#[test]
fn the_help_of_a_script_states_the_grant() {
    let script = "<#\n.SYNOPSIS\nEnds the sessions of a user.\n.NOTES\nPermissions of Microsoft Graph (application): User.ReadWrite.All, Directory.ReadWrite.All\n#>\nparam([string] $User)\nConnect-MgGraph -Identity\nRevoke-MgUserSignInSession -UserId $User\n";
    let found = checked(&[("runbooks/end-sessions.ps1", script)]);
    assert!(found.contains(ENOUGH), "{found}");
}

#[test]
fn a_script_signs_in_with_more_than_it_needs() {
    let script = "param([string] $User)\nConnect-MgGraph -Scopes 'User.ReadWrite.All', 'Directory.ReadWrite.All'\nRevoke-MgUserSignInSession -UserId $User\n";
    let found = checked(&[("end-sessions.ps1", script)]);
    assert_eq!(found.matches(ENOUGH).count(), 2, "{found}");
}

#[test]
fn a_script_grants_the_role_to_the_identity_of_the_template_beside_it() {
    let template = playbook(r#""author": "ops""#);
    let found = checked(&[
        ("end/azuredeploy.json", template.as_str()),
        ("end/grant.ps1", GRANT),
    ]);
    assert!(found.contains(ENOUGH), "{found}");
}

#[test]
fn a_script_grants_the_role_and_the_template_is_elsewhere() {
    // Another playbook's call says nothing about this identity.
    let other = playbook(r#""author": "ops""#).replace(
        "users/@{triggerBody()?['user']}/revokeSignInSessions",
        "security/secureScores",
    );
    let found = checked(&[
        ("permissions/end-sessions.ps1", GRANT),
        ("reports/azuredeploy.json", &other.replace("POST", "GET")),
    ]);
    assert!(found.contains(ENOUGH), "{found}");
}

#[test]
fn a_script_that_also_disables_the_account_keeps_what_it_requests() {
    let script = "param([string] $User)\nConnect-MgGraph -Scopes 'User.ReadWrite.All'\nUpdate-MgUser -UserId $User -AccountEnabled:$false\nRevoke-MgUserSignInSession -UserId $User\n";
    let found = checked(&[("contain.ps1", script)]);
    assert!(!found.contains(ENOUGH), "{found}");
}

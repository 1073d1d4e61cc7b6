use insta::assert_snapshot;
use proptest::prelude::*;
use source_text::{FileId, Source};

use crate::testing::{at_cursor, in_project};

/// What is shown at the cursor, and for which text.
fn hover(files: &[(&str, &str)]) -> String {
    at_cursor(files, |view, offset| match super::at(view, offset) {
        Some(hover) => format!("[{}]\n{}", view.source.slice(hover.span), hover.markdown),
        None => "nothing".to_owned(),
    })
}

const CODE: (&str, &str) = (
    "src/desk.ts",
    r#"import { Client } from "@microsoft/microsoft-graph-client";
export async function lock(client: Client, id: string) {
  await client.api(`/users/${id}/revokeSignInSessions`).post({});
}
"#,
);

#[test]
fn json_id_with_the_calls_of_its_app() {
    let manifest = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "741f803b-c850-494e$0-b5df-cde7c675a1ca", "type": "Role" }]
  }]
}"#;
    assert_snapshot!(hover(&[("app.json", manifest), CODE]));
}

#[test]
fn json_id_of_an_app_without_calls() {
    let manifest = r#"{
  "displayName": "desk <b>",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "$0df021288-bdef-4463-88db-98f22de89214", "type": "Role" }]
  }]
}"#;
    assert_snapshot!(hover(&[("app.json", manifest)]));
}

#[test]
fn json_id_of_the_wrong_type() {
    let manifest = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "$0df021288-bdef-4463-88db-98f22de89214", "type": "Scope" }]
  }]
}"#;
    assert_snapshot!(hover(&[("app.json", manifest)]));
}

#[test]
fn the_api_of_an_entry() {
    let manifest = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-$00000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role" }]
  }]
}"#;
    assert_snapshot!(hover(&[("app.json", manifest)]));
}

#[test]
fn a_key_of_terraforms_map() {
    let manifest = r#"data "azuread_application_published_app_ids" "well_known" {}

resource "azuread_service_principal" "msgraph" {
  client_id    = data.azuread_application_published_app_ids.well_known.result.MicrosoftGraph
  use_existing = true
}

resource "azuread_application" "desk" {
  display_name = "desk"
  required_resource_access {
    resource_app_id = data.azuread_application_published_app_ids.well_known.result.MicrosoftGraph
    resource_access {
      id   = azuread_service_principal.msgraph.app_role_ids["User.Read$0Write.All"]
      type = "Role"
    }
  }
}
"#;
    assert_snapshot!(hover(&[("main.tf", manifest), CODE]));
}

#[test]
fn an_id_in_bicep() {
    let manifest = r#"extension microsoftGraphV1
resource desk 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'desk'
  displayName: 'desk'
  requiredResourceAccess: [
    {
      resourceAppId: '00000003-0000-0000-c000-000000000000'
      resourceAccess: [
        { id: '77f3a031-c388-$04f99-b373-dc68676a979e', type: 'Role' }
      ]
    }
  ]
}
"#;
    assert_snapshot!(hover(&[("main.bicep", manifest), CODE]));
}

#[test]
fn a_scope_of_a_script() {
    let script = r#"Connect-MgGraph -Scopes "User.ReadWrite.All", "Mail.$0Send"
Revoke-MgUserSignInSession -UserId $id
"#;
    assert_snapshot!(hover(&[("lock.ps1", script)]));
}

#[test]
fn a_cmdlet() {
    let script = r#"Connect-MgGraph -Scopes "User.ReadWrite.All"
Revoke-MgUser$0SignInSession -UserId $id
"#;
    assert_snapshot!(hover(&[("lock.ps1", script)]));
}

#[test]
fn a_call_in_code() {
    let code = CODE.1.replace("revokeSign", "revoke$0Sign");
    assert_snapshot!(hover(&[(CODE.0, &code)]));
}

#[test]
fn a_permission_of_a_team() {
    let manifest = r#"{
  "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
  "manifestVersion": "1.16",
  "id": "8f1b7a52-1d1c-4a33-9a52-0d33b77f7c11",
  "webApplicationInfo": { "id": "8f1b7a52-1d1c-4a33-9a52-0d33b77f7c11", "resource": "api://x" },
  "authorization": { "permissions": { "resourceSpecific": [
    { "name": "ChannelMessage.Read$0.Group", "type": "Application" }
  ] } }
}"#;
    assert_snapshot!(hover(&[("manifest.json", manifest)]));
}

#[test]
fn a_rule_in_the_configuration_and_in_a_comment() {
    assert_snapshot!(hover(&[(
        "entralint.toml",
        "[rules]\nbroader-$0permission = \"error\"\n"
    )]));
    assert_snapshot!(
        "comment",
        hover(&[(
            "a.tf",
            "# entralint: allow(unused-permission, label-$0mismatch) for later\n"
        )])
    );
}

#[test]
fn a_permission_and_a_call_in_the_configuration() {
    assert_snapshot!(hover(&[(
        "entralint.toml",
        "[[forbid]]\npermission = \"sites.full$0control.all\"\nreason = \"x\"\n"
    )]));
    assert_snapshot!(
        "call",
        hover(&[(
            "entralint.toml",
            "calls = [\"application GET /us$0ers/{id}\"]\n"
        )])
    );
}

#[test]
fn a_name_in_a_text_that_is_not_read() {
    let broken = "{ \"requiredResourceAccess\": [ // User.Invite.$0All\n";
    assert_snapshot!(hover(&[("app.json", broken)]));
    assert_eq!(hover(&[("a.ts", "x.user.$0read")]), "nothing");
}

#[test]
fn text_of_files_is_no_markup() {
    let manifest = r#"{
  "displayName": "`](command:x) <img>",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "<script>`**$0", "type": "Role" }]
  }]
}"#;
    assert_snapshot!(hover(&[("app.json", manifest)]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_and_no_offset_stops_it(
        text in "(\\PC|[\"'{}\\[\\]:=\n ]|User.Read.All|741f803b-c850-494e-b5df-cde7c675a1ca|Connect-MgGraph -Scopes |resourceAccess|entralint: allow\\(){0,12}",
        offset in 0_usize..200,
        name in prop::sample::select(vec!["a.json", "a.ps1", "a.tf", "a.bicep", "entralint.toml"]),
    ) {
        let source = Source::decode(FileId::new(0), name, text.into_bytes()).expect("it is UTF-8");
        in_project(&[source], 0, |view| {
            if let Some(hover) = super::at(view, offset) {
                assert!(!hover.markdown.is_empty());
            }
        });
    }
}

use proptest::prelude::*;
use source_text::{FileId, Source};

use super::Kind;
use crate::testing::{at_cursor, in_project};

/// The first proposals at the cursor: what is inserted, what is shown, and what is replaced.
fn complete(files: &[(&str, &str)]) -> String {
    at_cursor(files, |view, offset| match super::at(view, offset) {
        None => "nothing".to_owned(),
        Some(completion) => {
            let mut out = format!("replaces [{}]\n", view.source.slice(completion.span));
            for item in completion.items.iter().take(6) {
                out.push_str(&format!(
                    "{} | {} | {}\n",
                    item.label, item.detail, item.insert
                ));
            }
            let more = completion.items.len().saturating_sub(6);
            let cut = if completion.is_cut { " and others" } else { "" };
            out.push_str(&format!("{more} more{cut}"));
            out
        }
    })
}

fn labels(files: &[(&str, &str)]) -> Vec<String> {
    at_cursor(files, |view, offset| {
        super::at(view, offset)
            .map(|completion| completion.items.into_iter().map(|i| i.label).collect())
            .unwrap_or_default()
    })
}

const CODE: (&str, &str) = (
    "src/desk.ts",
    "import { Client } from '@microsoft/microsoft-graph-client';\nawait client.api(`/users/${id}/revokeSignInSessions`).post({});\n",
);

#[test]
fn an_empty_id_of_json() {
    let manifest = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "$0", "type": "Role" }]
  }]
}"#;
    insta::assert_snapshot!(complete(&[("app.json", manifest), CODE]));
}

#[test]
fn half_an_object_of_json() {
    let manifest = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [
      { "type": "Scope", "id": "mail.se$0
"#;
    insta::assert_snapshot!(complete(&[("app.json", manifest)]));
}

#[test]
fn the_beginning_of_an_id() {
    let manifest = r#"{ "requiredResourceAccess": [{
    "resourceAccess": [{ "id": "77f3a0$031-", "type": "Role" }] }]"#;
    insta::assert_snapshot!(complete(&[("app.json", manifest)]));
}

#[test]
fn an_id_of_another_api_has_none() {
    let manifest = r#"{ "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0ff1-ce00-000000000000",
    "resourceAccess": [{ "id": "$0", "type": "Role" }] }] }"#;
    assert_eq!(complete(&[("app.json", manifest)]), "nothing");
    let role = r#"{ "requiredResourceAccess": [], "appRoles": [{ "id": "$0" }] }"#;
    assert_eq!(complete(&[("app.json", role)]), "nothing");
}

#[test]
fn a_key_of_terraforms_maps() {
    let head = "resource \"azuread_application\" \"desk\" {\n  required_resource_access {\n    resource_access {\n      id = azuread_service_principal.msgraph.";
    let roles = format!("{head}app_role_ids[\"User.Revoke$0\"]\n");
    insta::assert_snapshot!(complete(&[("main.tf", &roles)]));
    let scopes = format!("{head}oauth2_permission_scope_ids[\"User.Invite$0");
    insta::assert_snapshot!("scopes", complete(&[("main.tf", &scopes)]));
}

#[test]
fn an_id_of_terraform_and_of_bicep() {
    let terraform = "resource \"azuread_application\" \"desk\" {\n  required_resource_access {\n    resource_access {\n      id = \"$0\"\n      type = \"Scope\"\n";
    assert_eq!(
        labels(&[("main.tf", &terraform.replace("$0", "User.Inv$0"))]),
        ["User.Invite.All"]
    );
    let bicep = "resource a 'Microsoft.Graph/applications@v1.0' = {\n  requiredResourceAccess: [\n    {\n      resourceAccess: [\n        { id: 'user.invite$0', type: 'Role' }\n";
    assert_eq!(labels(&[("main.bicep", bicep)]), ["User.Invite.All"]);
}

#[test]
fn scopes_of_scripts() {
    for (name, text) in [
        (
            "a.ps1",
            "Connect-MgGraph -Scopes \"User.Read\", \"User.Revoke$0",
        ),
        (
            "a.ps1",
            "Connect-MgGraph -Scopes @(\n  'User.Read',\n  'User.Revoke$0'\n)\n",
        ),
        ("a.sh", "m365 login --scopes 'User.Revoke$0"),
        (
            "a.ts",
            "const login = { scopes: [\"User.Read\", \"User.Revoke$0\"] };",
        ),
        ("a.yml", "scopes:\n  - User.Read\n  - User.Revoke$0\n"),
        (
            "a.py",
            "app.acquire(scopes=['https://graph.microsoft.com/User.Revoke$0'])",
        ),
        ("a.tf", "claim_values = [\"openid\", \"User.Revoke$0\"]"),
    ] {
        assert_eq!(
            labels(&[(name, text)]),
            ["User.RevokeSessions.All"],
            "{text}"
        );
    }
    let ids = "az ad app permission add --id $app --api 00000003-0000-0000-c000-000000000000 --api-permissions 77f3a0$0";
    insta::assert_snapshot!(complete(&[("a.sh", ids)]));
}

#[test]
fn permissions_of_a_team() {
    let manifest = r#"{ "authorization": { "permissions": { "resourceSpecific": [
    { "name": "ChannelMess$0", "type": "Application" }"#;
    insta::assert_snapshot!(complete(&[("manifest.json", manifest)]));
}

const APPS: (&str, &str) = (
    "apps/desk.json",
    r#"{ "displayName": "help \"desk\" [1]", "appId": "8f1b7a52-1d1c-4a33-9a52-0d33b77f7c11",
  "requiredResourceAccess": [{ "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role" }] }] }"#,
);

#[test]
fn the_configuration() {
    let mut out = String::new();
    for text in [
        "$0",
        "scan = $0",
        "[$0",
        "[rules]\nbroad$0",
        "[rules]\nbroader-permission = \"$0\"",
        "[[allow]]\nru$0",
        "[[allow]]\nrule = \"\"\nreason = \"x\"\n$0\n[[app]]\nname = 'x'",
        "[[allow]]\nrule = $0",
        "[[allow]]\nrule = 'unus$0ed'",
        "[[allow]]\napp = \"$0\"",
        "[[allow]]\npermission = \"user.revoke$0",
        "[[forbid]]\ntypes = [\"delegated\", \"$0\"]",
        "locked = [\n  \"unused-permission\",\n  \"$0",
        "[[app]]\nname = \"$0\"",
        "[[app]]\nmanifests = [\"$0\"]",
        "[[app]]\naccount-types = [$0]",
        "[[allow]]\nreason = \"$0\"",
        "# $0",
    ] {
        let files = [("entralint.toml", text), APPS];
        out.push_str(&format!("--- {text}\n{}\n", complete(&files)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_key_is_proposed_once() {
    let text = "[[allow]]\nrule = \"\"\n$0\n[rules]\n";
    at_cursor(&[("entralint.toml", text)], |view, offset| {
        let items = super::at(view, offset).expect("keys are left").items;
        let keys: Vec<&str> = items
            .iter()
            .filter(|item| item.kind == Kind::Key && !item.label.starts_with('['))
            .map(|item| item.label.as_str())
            .collect();
        assert_eq!(keys, ["app", "expires", "owner", "permission", "reason"]);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_text_and_no_offset_stops_it(
        text in "(\\PC|[\"'{}\\[\\]:=\n#. ]|\"id\": |resourceAccess|app_role_ids\\[\"|-Scopes |\\[allow\\]\nrule = \"|User\\.){0,14}",
        offset in 0_usize..120,
        name in prop::sample::select(vec!["a.json", "a.ps1", "a.tf", "a.yaml", "entralint.toml"]),
    ) {
        let source = Source::decode(FileId::new(0), name, text.into_bytes()).expect("it is UTF-8");
        in_project(&[source], 0, |view| {
            if let Some(completion) = super::at(view, offset) {
                let text = view.source.text();
                assert!(text.get(completion.span.range()).is_some());
            }
        });
    }
}

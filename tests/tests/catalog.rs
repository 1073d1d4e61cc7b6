//! `entralint catalog diff` and `check`: what changed, and what is doubtful.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use insta_cmd::assert_cmd_snapshot;
use serde_json::Value;

fn data(name: &str) -> Value {
    let text =
        std::fs::read_to_string(e2e::root().join("tests/fixtures/catalog").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The catalog as it would have been before `User.RevokeSessions.All` was published.
fn before_the_narrow_permission() -> Value {
    let mut all = data("permissions.json");
    let permissions = all["permissions"].as_object_mut().unwrap();
    permissions.remove("User.RevokeSessions.All").unwrap();
    all
}

fn folder() -> Folder {
    let folder = Folder::with(&["apps/headline.json", "apps/helpdesk.json"]);
    folder.write(
        "old/permissions.json",
        before_the_narrow_permission().to_string(),
    );
    folder.write("new/permissions.json", data("permissions.json").to_string());
    for name in ["old", "new"] {
        folder.write(
            &format!("{name}/provisioningInfo.json"),
            data("provisioningInfo.json").to_string(),
        );
    }
    folder
}

#[test]
fn a_narrower_permission_for_a_call_comes_first() {
    let folder = folder();
    assert_cmd_snapshot!(
        "catalog_diff",
        folder.entralint(&[
            "catalog",
            "diff",
            "old",
            "new",
            "--calls",
            "application POST /users/{id}/revokeSignInSessions",
            "--calls",
            "application GET /users",
        ])
    );
}

#[test]
fn the_same_catalog_twice_is_no_change() {
    let folder = folder();
    assert_cmd_snapshot!(
        "catalog_diff_same",
        folder.entralint(&["catalog", "diff", "new", "new/permissions.json"])
    );
}

#[test]
fn what_is_not_a_catalog_is_an_error() {
    let folder = folder();
    assert_cmd_snapshot!(
        "catalog_diff_absent",
        folder.entralint(&["catalog", "diff", "embedded", "absent"])
    );
}

#[test]
fn a_correction_that_the_data_has_caught_up_with_is_said() {
    let folder = Folder::empty();
    folder.write(
        "permissions.json",
        r#"{"permissions": {
            "DelegatedPermissionGrant.ReadWrite.All": {"authorizationType": "oAuth2",
                "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
                "pathSets": [{"schemeKeys": ["Application"], "methods": ["DELETE"],
                    "paths": {"/oauth2PermissionGrants/{id}": "least=Application"}}]}
        }}"#,
    );
    assert_cmd_snapshot!(
        "caught_up",
        folder.entralint(&[
            "needs",
            "--catalog",
            "permissions.json",
            "application DELETE /oauth2PermissionGrants/{id}"
        ])
    );
}

#[test]
fn doubts_of_a_catalog_are_listed() {
    let folder = Folder::empty();
    folder.write(
        "permissions.json",
        r#"{"permissions": {
            "Things.Read.All": {"authorizationType": "oAuth2",
                "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
                "pathSets": [
                    {"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/things/{id}": "least=Application", "/Unmarked": ""}},
                    {"schemeKeys": ["Application"], "methods": ["DELETE"], "paths": {"/Things/{id}": "least=Application"}}]},
            "Things.ReadWrite.All": {"authorizationType": "oAuth2",
                "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 3}},
                "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/things/{id}": "least=Application"}}]},
            "Broken": {"authorizationType": "oAuth2", "schemes": 7, "pathSets": []}
        }}"#,
    );
    assert_cmd_snapshot!(
        "catalog_check",
        folder.entralint(&["catalog", "check", "--catalog", "permissions.json"])
    );
}

#[test]
fn json_keeps_to_its_published_schemas() {
    let folder = folder();
    for (arguments, schema) in [
        (
            vec![
                "catalog",
                "diff",
                "old",
                "new",
                "--calls",
                "GET /users",
                "--format",
                "json",
            ],
            "catalog-diff.v1.json",
        ),
        (
            vec!["catalog", "check", "--format", "json"],
            "catalog-check.v1.json",
        ),
    ] {
        let output = folder.entralint(&arguments).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let path = e2e::root().join("docs/schema").join(schema);
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{arguments:?}: {errors:#?}");
    }
}

/// As `az ad sp show` writes it, cut to three permissions.
const SERVICE: &str = r#"{
    "appId": "00000003-0000-0000-c000-000000000000",
    "appRoles": [
        {"id": "11111111-0000-4000-8000-000000000001", "isEnabled": true, "value": "User.RevokeSessions.All"},
        {"id": "11111111-0000-4000-8000-000000000002", "isEnabled": true, "value": "Brand.New.All"}
    ],
    "oauth2PermissionScopes": [
        {"id": "11111111-0000-4000-8000-000000000003", "isEnabled": true, "value": "User.Read"}
    ]
}"#;

#[test]
fn a_tenants_own_service_principal_gives_the_ids() {
    let folder = Folder::empty();
    folder.write("graph.json", SERVICE);
    for arguments in [
        &["--service-principal", "graph.json"][..],
        &["--config", "entralint.toml"],
    ] {
        if arguments.contains(&"entralint.toml") {
            folder.write(
                "entralint.toml",
                "version = 1\n[catalog]\nservice-principal = \"graph.json\"\n",
            );
        }
        let mut all = vec!["explain", "11111111-0000-4000-8000-000000000001"];
        all.extend_from_slice(arguments);
        let output = folder.entralint(&all).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("User.RevokeSessions.All"),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    folder.write(
        "other.json",
        r#"{"appId": "00000002-0000-0000-c000-000000000000"}"#,
    );
    let output = folder
        .entralint(&["explain", "User.Read", "--service-principal", "other.json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("other.json: the service principal of"),
        "{text}"
    );
}

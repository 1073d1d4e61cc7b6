//! `entralint check`: what people see, and what the exit code says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use insta_cmd::assert_cmd_snapshot;

const REVOKE: &str = "POST /users/{id}/revokeSignInSessions";

#[test]
fn the_headline_case_without_calls_is_a_conditional_warning() {
    let folder = Folder::with(&["apps/headline.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "headline.json"]));
}

#[test]
fn the_headline_case_with_its_calls_named() {
    let folder = Folder::with(&["apps/headline.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", REVOKE]));
}

#[test]
fn an_app_that_updates_users_needs_no_permission_of_its_own_for_revoking() {
    let folder = Folder::with(&["apps/helpdesk.json"]);
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--calls",
        "PATCH /users/{id}"
    ]));
}

#[test]
fn delegated_and_application_permissions_never_stand_in_for_each_other() {
    let folder = Folder::with(&["apps/both-types.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", REVOKE]));
}

#[test]
fn a_named_type_is_judged_in_that_type_only() {
    let folder = Folder::with(&["apps/both-types.json"]);
    let call = format!("application {REVOKE}");
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", &call]));
}

#[test]
fn sign_in_permissions_are_a_note_at_most() {
    let folder = Folder::with(&["apps/sign-in.json"]);
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        "delegated GET /auditLogs/signIns"
    ]));
}

#[test]
fn a_call_of_no_named_type_is_missing_once_with_both_answers() {
    let folder = Folder::with(&["apps/sign-in.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", REVOKE]));
}

#[test]
fn every_sort_of_mistake_in_one_file() {
    let folder = Folder::with(&["apps/mixed.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", REVOKE]));
}

#[test]
fn an_unknown_call_is_reported_and_holds_fixes_back() {
    let folder = Folder::with(&["apps/headline.json"]);
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--calls",
        "POST /users/{id}/revokeSesion",
        "--diff",
        "--unsafe-fixes",
    ]));
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--calls",
        "POST /users/{id}/revokeSesion",
    ]));
}

#[test]
fn me_needs_somebody_signed_in() {
    let folder = Folder::with(&["apps/helpdesk.json"]);
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", "POST /me/revokeSignInSessions"]));
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        "application POST /me/revokeSignInSessions"
    ]));
}

#[test]
fn a_type_that_a_call_does_not_support_holds_fixes_back_too() {
    let folder = Folder::with(&["apps/helpdesk.json"]);
    let output = folder
        .entralint(&[
            "check",
            "--calls",
            "application POST /users/{id}/authentication/methods/{id}/resetPassword",
            "--calls",
            "application POST /users/{id}/revokeSignInSessions",
            "--fix",
            "--unsafe-fixes",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("cannot be made with application permissions"),
        "{said}"
    );
    assert!(folder.read("helpdesk.json").contains("741f803b"), "{said}");
}

#[test]
fn a_fix_that_the_format_cannot_hold_is_not_promised() {
    let folder = Folder::empty();
    folder.write(
        "package-solution.json",
        r#"{ "solution": { "name": "tab", "webApiPermissionRequests": [
    { "resource": "Microsoft Graph", "scope": "User.Read" }
] } }"#,
    );
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        "application POST /users/{id}/revokeSignInSessions",
        "--fix"
    ]));
}

#[test]
fn calls_come_from_a_file_or_from_the_configuration() {
    let folder = Folder::with(&["apps/headline.json"]);
    folder.write(
        "calls.txt",
        "# what the worker does\n\napplication POST /users/{id}/revokeSignInSessions\n",
    );
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls-from", "calls.txt"]));

    folder.write(
        "entralint.toml",
        "calls = [\"application PATCH /users/{id}\"]\n",
    );
    assert_cmd_snapshot!(folder.entralint(&["check"]));
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let folder = Folder::empty();
    let manifest = std::fs::read_to_string(e2e::root().join("examples/session-revoker.json"));
    let mut command = folder.entralint(&["check", "-"]);
    assert_cmd_snapshot!(command.pass_stdin(manifest.unwrap()));
}

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = Folder::with(&["apps/headline.json"]);
    let call = ["--calls", REVOKE];
    for format in ["full", "json", "sarif"] {
        let code = |more: &[&str]| {
            let arguments = [&["check", "--format", format][..], &call, more].concat();
            folder.entralint(&arguments).output().unwrap().status.code()
        };
        assert_eq!(code(&[]), Some(1), "{format}");
        assert_eq!(code(&["--fail-on", "error"]), Some(1), "{format}");
        assert_eq!(code(&["absent.json"]), Some(2), "{format}");
    }
}

#[test]
fn exit_codes_tell_clean_from_findings_from_errors_from_nothing() {
    let folder = Folder::with(&["apps/sign-in.json"]);
    folder.write("empty/readme.json", "{}");
    let code = |arguments: &[&str]| folder.entralint(arguments).output().unwrap().status.code();
    let sign_in = ["check", "--calls", "GET /me", "sign-in.json"];
    assert_eq!(code(&sign_in), Some(0));
    assert_eq!(code(&["check", "--calls", REVOKE]), Some(1));
    assert_eq!(code(&["check", "--calls", "nonsense"]), Some(2));
    assert_eq!(code(&["check", "empty"]), Some(3));
    assert_eq!(code(&["check", "empty", "--allow-empty"]), Some(0));
}

#[test]
fn fail_on_chooses_what_fails() {
    let folder = Folder::with(&["apps/helpdesk.json"]);
    let code = |severity: &str| {
        folder
            .entralint(&[
                "check",
                "--calls",
                REVOKE,
                "--calls",
                "PATCH /users/{id}",
                "--fail-on",
                severity,
            ])
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(code("error"), Some(0));
    assert_eq!(code("warning"), Some(1));
    assert_eq!(code("note"), Some(1));
}

#[test]
fn environments_are_those_that_the_configuration_names() {
    let folder = Folder::empty();
    for path in ["infra", "values"] {
        std::fs::create_dir(folder.path().join(path)).unwrap();
    }
    folder.write(
        "infra/main.tf",
        r#"
variable "roles" {}

data "azuread_service_principal" "msgraph" {
  display_name = "Microsoft Graph"
}

resource "azuread_application" "worker" {
  display_name = "worker of ${terraform.workspace}"

  required_resource_access {
    resource_app_id = data.azuread_service_principal.msgraph.client_id

    dynamic "resource_access" {
      for_each = var.roles
      content {
        id   = data.azuread_service_principal.msgraph.app_role_ids[resource_access.value]
        type = "Role"
      }
    }
  }
}
"#,
    );
    folder.write("values/prod.tfvars", "roles = [\"User.Read.All\"]\n");
    folder.write("values/dev.tfvars", "roles = [\"Mail.Send\"]\n");
    folder.write("infra/unused.tfvars", "roles = [\"Group.Read.All\"]\n");
    folder.write(
        "entralint.toml",
        r#"
[[environment]]
name = "prod"
folder = "infra"
files = ["values/prod.tfvars"]

[[environment]]
name = "dev"
folder = "./infra/"
files = ["values/prod.tfvars", "values/dev.tfvars"]
"#,
    );
    assert_cmd_snapshot!(folder.entralint(&["list"]));
    folder.write(
        "entralint.toml",
        "[[environment]]\nname = \"prod\"\nfiles = [\"values/staging.tfvars\"]\n",
    );
    assert_cmd_snapshot!(folder.entralint(&["check"]));
}

//! `--diff` and `--fix`: what changes, what is held back, and that no other byte moves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use insta_cmd::assert_cmd_snapshot;

const REVOKE: &str = "POST /users/{id}/revokeSignInSessions";

/// The same calls for every app, each as its own.
const CONFIG: &str = r#"
[[app]]
manifests = ["*.json"]
calls = ["application POST /users/{id}/revokeSignInSessions"]
"#;

#[test]
fn the_headline_case_is_shown_and_then_fixed() {
    let folder = Folder::with(&["apps/headline.json"]);
    let before = folder.read("headline.json");
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--diff",
        "--unsafe-fixes"
    ]));
    assert_eq!(
        folder.read("headline.json"),
        before,
        "--diff changes nothing"
    );

    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--fix",
        "--unsafe-fixes"
    ]));
    assert_eq!(
        folder.read("headline.json"),
        before.replace(
            "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
            "77f3a031-c388-4f99-b373-dc68676a979e"
        )
    );
}

#[test]
fn a_fix_that_narrows_is_held_back_and_says_how_to_get_it() {
    let folder = Folder::with(&["apps/headline.json"]);
    let before = folder.read("headline.json");
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", REVOKE, "--fix"]));
    assert_eq!(folder.read("headline.json"), before);
}

#[test]
fn each_type_keeps_its_type() {
    let folder = Folder::with(&["apps/both-types.json"]);
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--diff",
        "--unsafe-fixes"
    ]));
}

#[test]
fn what_is_missing_is_not_added_without_unsafe_fixes() {
    let folder = Folder::with(&["apps/sign-in.json"]);
    let call = format!("application {REVOKE}");
    assert_cmd_snapshot!(folder.entralint(&["check", "--calls", &call, "--diff"]));
}

#[test]
fn fixes_that_touch_the_same_request_follow_one_another() {
    let folder = Folder::with(&["apps/mixed.json"]);
    let arguments = ["check", "--calls", REVOKE, "--fix", "--unsafe-fixes"];
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--diff",
        "--unsafe-fixes"
    ]));
    folder.entralint(&arguments).output().unwrap();
    let once = folder.read("mixed.json");
    folder.entralint(&arguments).output().unwrap();
    assert_eq!(
        folder.read("mixed.json"),
        once,
        "fixing twice is fixing once"
    );
}

#[test]
fn standard_input_cannot_be_fixed() {
    let folder = Folder::empty();
    assert_cmd_snapshot!(folder.entralint(&["check", "-", "--fix"]));
}

#[test]
fn unsafe_fixes_alone_do_nothing_and_say_so() {
    let folder = Folder::empty();
    assert_cmd_snapshot!(folder.entralint(&["check", "--unsafe-fixes"]));
}

#[cfg(unix)]
#[test]
fn a_read_only_file_stays_as_it_is_and_the_others_are_fixed() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::with(&["apps/headline.json"]);
    folder.write("locked.json", folder.read("headline.json"));
    let locked = folder.path().join("locked.json");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o444)).unwrap();
    folder.write("entralint.toml", CONFIG);
    assert_cmd_snapshot!(folder.entralint(&["check", "--fix", "--unsafe-fixes"]));
    assert!(folder.read("locked.json").contains("19dbc75e"));
    assert!(!folder.read("headline.json").contains("19dbc75e"));
}

#[cfg(unix)]
#[test]
fn a_fix_keeps_the_file_mode_and_follows_a_link() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::with(&["apps/headline.json"]);
    let file = folder.path().join("headline.json");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("headline.json", folder.path().join("link.json")).unwrap();
    let output = folder
        .entralint(&[
            "check",
            "--calls",
            REVOKE,
            "--fix",
            "--unsafe-fixes",
            "link.json",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(folder.path().join("link.json").is_symlink());
    assert!(!folder.read("headline.json").contains("19dbc75e"));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

const MODULE: &str = r#"data "azuread_service_principal" "msgraph" {
  display_name = "Microsoft Graph"
}

variable "name" {}

locals {
  roles = ["User.RevokeSessions.All", "Mail.Send"]
}

resource "azuread_application" "worker" {
  display_name = var.name

  required_resource_access {
    resource_app_id = "00000003-0000-0000-c000-000000000000"

    dynamic "resource_access" {
      for_each = local.roles
      content {
        id   = data.azuread_service_principal.msgraph.app_role_ids[resource_access.value]
        type = "Role"
      }
    }
  }
}
"#;

/// A module, and two configurations that call it: the apps `dev` and `prod`.
fn two_configurations() -> Folder {
    let folder = Folder::empty();
    for path in ["m", "dev", "prod"] {
        std::fs::create_dir(folder.path().join(path)).unwrap();
    }
    folder.write("m/main.tf", MODULE);
    for name in ["dev", "prod"] {
        let call =
            format!("module \"worker\" {{\n  source = \"../m\"\n  name   = \"{name}\"\n}}\n");
        folder.write(&format!("{name}/main.tf"), &call);
    }
    folder
}

#[test]
fn what_two_configurations_share_is_fixed_once_if_both_agree() {
    let folder = two_configurations();
    assert_cmd_snapshot!(folder.entralint(&[
        "check",
        "--calls",
        REVOKE,
        "--diff",
        "--unsafe-fixes"
    ]));
    folder
        .entralint(&["check", "--calls", REVOKE, "--fix", "--unsafe-fixes"])
        .output()
        .unwrap();
    assert_eq!(
        folder.read("m/main.tf"),
        MODULE.replace(", \"Mail.Send\"", "")
    );
}

#[test]
fn what_another_configuration_needs_is_not_fixed_away() {
    let folder = two_configurations();
    folder.write(
        "entralint.toml",
        r#"
[[app]]
name = "dev"
calls = ["application POST /users/{id}/revokeSignInSessions"]

[[app]]
name = "prod"
calls = ["application POST /users/{id}/revokeSignInSessions", "application POST /users/{id}/sendMail"]
"#,
    );
    assert_cmd_snapshot!(folder.entralint(&["check", "--diff", "--unsafe-fixes"]));
    folder
        .entralint(&["check", "--fix", "--unsafe-fixes"])
        .output()
        .unwrap();
    assert_eq!(folder.read("m/main.tf"), MODULE);
}

//! `entralint explain` and `entralint list` for people.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use insta_cmd::assert_cmd_snapshot;

#[test]
fn a_rule_a_permission_and_a_call_are_explained() {
    let folder = Folder::empty();
    assert_cmd_snapshot!(
        "explain_rule",
        folder.entralint(&["explain", "redundant-permission"])
    );
    assert_cmd_snapshot!(
        "explain_permission",
        folder.entralint(&["explain", "user.revokesessions.all"])
    );
    assert_cmd_snapshot!(
        "explain_oidc_scope",
        folder.entralint(&["explain", "openid"])
    );
    assert_cmd_snapshot!(
        "explain_call",
        folder.entralint(&["explain", "DELETE /oauth2PermissionGrants/abc"])
    );
    assert_cmd_snapshot!(
        "explain_call_with_a_doubt",
        folder.entralint(&["explain", "GET /users/{id}"])
    );
    assert_cmd_snapshot!(
        "explain_superseded_call",
        folder.entralint(&["explain", "POST /users/{id}/invalidateAllRefreshTokens"])
    );
    assert_cmd_snapshot!(
        "explain_permission_by_id",
        folder.entralint(&["explain", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"])
    );
}

#[test]
fn every_declared_permission_is_listed_with_its_place() {
    let folder = Folder::with(&["apps/mixed.json", "apps/both-types.json"]);
    assert_cmd_snapshot!("list", folder.entralint(&["list"]));
}

#[test]
fn help_is_there() {
    let folder = Folder::empty();
    assert_cmd_snapshot!("help", folder.entralint(&["--help"]));
    assert_cmd_snapshot!("help_check", folder.entralint(&["check", "--help"]));
}

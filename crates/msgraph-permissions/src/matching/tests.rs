//! Paths that match only after a change, and those that never may.

use super::*;
use crate::tree::tests::catalog_of;

fn matched(templates: &[&str], call: &str) -> String {
    let catalog = catalog_of(templates);
    let (method, path) = call.split_once(' ').unwrap();
    let path = CallPath::parse(path).unwrap();
    match find(&catalog, &path, method.parse().unwrap(), |_| u8::MAX) {
        Match::Template(id, fallback) | Match::OtherMethods(id, fallback) => {
            let template = catalog.spelling(id).to_owned();
            fallback.map_or(template.clone(), |fallback| {
                format!("{template} {fallback}")
            })
        }
        Match::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn tails_of_odata_fall_away() {
    let templates = ["/users", "/users/{id}", "/groups/{id}/members", "/me/photo"];
    assert_eq!(
        matched(&templates, "GET /users/$count"),
        "/users without /$count"
    );
    assert_eq!(
        matched(&templates, "POST /groups/1/members/$ref"),
        "/groups/{id}/members without /$ref"
    );
    assert_eq!(
        matched(&templates, "PUT /me/photo/$value"),
        "/me/photo without /$value"
    );
}

#[test]
fn casts_fall_away_but_an_action_does_not() {
    let templates = [
        "/groups/{id}/members",
        "/groups/{id}/members/{id}",
        "/sites",
    ];
    assert_eq!(
        matched(&templates, "GET /groups/1/members/microsoft.graph.user"),
        "/groups/{id}/members without the cast microsoft.graph.user"
    );
    assert_eq!(
        matched(&templates, "GET /groups/1/members/graph.user/$count"),
        "/groups/{id}/members without the cast microsoft.graph.user, without /$count"
    );
    assert_eq!(
        matched(&templates, "POST /sites/microsoft.graph.remove"),
        "nothing"
    );
}

#[test]
fn a_cast_after_an_id_is_put_before_it_or_dropped() {
    let templates = [
        "/servicePrincipals/{id}",
        "/servicePrincipals/microsoft.graph.agentIdentity/{id}",
    ];
    assert_eq!(
        matched(
            &templates,
            "DELETE /servicePrincipals/1/microsoft.graph.agentIdentity"
        ),
        "/servicePrincipals/microsoft.graph.agentIdentity/{id} with \
         microsoft.graph.agentidentity before the id"
    );
    assert_eq!(
        matched(&templates, "GET /servicePrincipals/1/graph.other"),
        "/servicePrincipals/{id} without the cast microsoft.graph.other"
    );
}

#[test]
fn what_is_missing_below_me_is_looked_up_below_users_and_the_reverse() {
    let templates = ["/users/{id}/appRoleAssignments", "/me/insights/used"];
    assert_eq!(
        matched(&templates, "GET /me/appRoleAssignments"),
        "/users/{id}/appRoleAssignments by its twin below /me or /users/{id}"
    );
    assert_eq!(
        matched(&templates, "GET /users/1/insights/used/$count"),
        "/me/insights/used by its twin below /me or /users/{id}, without /$count"
    );
    assert_eq!(matched(&templates, "GET /users/insights/used"), "nothing");
}

#[test]
fn namespaces_come_and_go() {
    let templates = ["/users/delta", "/sites/{id}/microsoft.graph.follow"];
    assert_eq!(
        matched(&templates, "GET /users/microsoft.graph.delta()"),
        "/users/delta delta with another namespace"
    );
    assert_eq!(
        matched(&templates, "POST /sites/1/follow"),
        "/sites/{id}/microsoft.graph.follow microsoft.graph.follow with another namespace"
    );
}

#[test]
fn an_alternate_key_stands_for_the_id_and_never_for_the_collection() {
    let templates = ["/applications", "/applications/{id}/owners", "/domains"];
    assert_eq!(
        matched(&templates, "GET /applications(appId='1')/owners"),
        "/applications/{id}/owners applications by id instead of an alternate key"
    );
    assert_eq!(
        matched(&templates, "GET /applications(appId='1')"),
        "nothing"
    );
}

#[test]
fn a_function_matches_without_or_with_other_arguments() {
    let templates = ["/reports/getUsage(period={period})", "/me/drive/search"];
    assert_eq!(
        matched(&templates, "GET /reports/getUsage(date=2026-01-01)"),
        "/reports/getUsage(period={period}) getusage without its arguments"
    );
    assert_eq!(
        matched(&templates, "GET /me/drive/search(q='x')"),
        "/me/drive/search search without its arguments"
    );
}

#[test]
fn an_item_by_its_path_is_one_segment_however_deep() {
    let templates = [
        "/me/drive/root:/{id}:/content",
        "/me/drive/root:/{id}",
        "/drives/{id}/items/{id}/children",
        "/me/drive/items/{id}:/{id}:/content",
        "/sites/{id}:/{id}",
        "/sites/{id}/lists",
    ];
    assert_eq!(
        matched(&templates, "PUT /me/drive/root:/a/b c/d.txt:/content"),
        "/me/drive/root:/{id}:/content"
    );
    assert_eq!(
        matched(&templates, "GET /me/drive/root:/a/b/d.txt"),
        "/me/drive/root:/{id}"
    );
    assert_eq!(
        matched(&templates, "GET /me/drive/root:/a/b/d.txt:"),
        "/me/drive/root:/{id}"
    );
    assert_eq!(
        matched(&templates, "PUT /me/drive/items/7:/a/b.txt:/content"),
        "/me/drive/items/{id}:/{id}:/content"
    );
    assert_eq!(
        matched(&templates, "GET /drives/1/root:/a/b:/children"),
        "/drives/{id}/items/{id}/children by id instead of its path"
    );
    assert_eq!(
        matched(
            &templates,
            "GET /sites/contoso.sharepoint.com:/sites/Marketing"
        ),
        "/sites/{id}:/{id}"
    );
    assert_eq!(
        matched(
            &templates,
            "GET /sites/contoso.sharepoint.com:/sites/Marketing:/lists"
        ),
        "/sites/{id}/lists by id instead of its path"
    );
}

#[test]
fn a_word_may_be_an_id_but_an_action_is_none() {
    let catalog = catalog_of(&["/sites/{id}", "/sites/root", "/sites/remove"]);
    let methods = |template| match catalog.spelling(template) {
        "/sites/{id}" => Method::Get.bit() | Method::Patch.bit(),
        "/sites/root" => Method::Get.bit(),
        _ => Method::Post.bit(),
    };
    let found =
        |path: &str, method| match find(&catalog, &CallPath::parse(path).unwrap(), method, methods)
        {
            Match::Template(id, None) => Some(catalog.spelling(id)),
            _ => None,
        };
    assert_eq!(found("/sites/root", Method::Get), Some("/sites/root"));
    assert_eq!(found("/sites/root", Method::Patch), Some("/sites/{id}"));
    assert_eq!(found("/sites/remove", Method::Post), Some("/sites/remove"));
    assert_eq!(found("/sites/remove", Method::Patch), None);
}

#[test]
fn a_word_that_is_not_published_is_never_dropped() {
    let templates = ["/users/{id}", "/users"];
    assert_eq!(
        matched(&templates, "GET /users/1/revokeSignInSessions"),
        "nothing"
    );
    assert_eq!(
        matched(&templates, "GET /users/1/revokeSignInSessions/$count"),
        "nothing"
    );
}

#[test]
fn a_long_and_winding_path_is_given_up_quickly() {
    let winding = "/microsoft.graph.a/b(c=1)/root:/x:".repeat(15);
    assert_eq!(
        matched(&["/users"], &format!("GET {winding}/$ref")),
        "nothing"
    );
}

//! Catalogs compared with each other, and looked over for what is doubtful.

mod common;

use common::{call, catalog, plain};
use msgraph_permissions::{Catalog, LookupOptions, Scheme::Application, Turn};

const OLD: &str = r#"{"permissions": {
    "User.ReadWrite.All": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/users/{id}/revokeSignInSessions": "least=Application", "/users/{id}/old": "least=Application"}}]},
    "Gone.Read.All": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": []}
}}"#;

const NEW: &str = r#"{"permissions": {
    "User.ReadWrite.All": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 5}, "DelegatedWork": {}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/Users/{user-id}/revokesigninsessions": "", "/users/{id}/new": "least=Application"}}]},
    "User.RevokeSessions.All": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/users/{id}/revokeSignInSessions": "least=Application"}}]}
}}"#;

#[test]
fn a_narrower_permission_for_a_call_is_news() {
    let (old, new) = (catalog(OLD), catalog(NEW));
    let calls = [
        (
            call("POST /users/alice@contoso.com/revokeSignInSessions"),
            Application,
        ),
        (call("POST /users/{id}/old"), Application),
        (call("POST /users/{id}/new"), Application),
        (call("POST /users/{id}/never"), Application),
    ];
    let changes = old.diff_calls(&new, &calls, LookupOptions::default());
    let turns: Vec<(String, String)> = changes
        .iter()
        .map(|change| (change.after.call.to_string(), change.turn.to_string()))
        .collect();
    assert_eq!(
        turns,
        [
            (
                calls[1].0.to_string(),
                "it is not supported any more".to_owned()
            ),
            (
                calls[0].0.to_string(),
                "a narrower permission was published".to_owned()
            ),
            (calls[2].0.to_string(), "it is supported now".to_owned()),
        ]
    );
    let back = new.diff_calls(&old, &calls[..1], LookupOptions::default());
    assert_eq!(back[0].turn, Turn::Broader);
    assert_eq!(old.diff_calls(&old, &calls, LookupOptions::default()), []);
}

#[test]
fn everything_that_changed_is_listed_and_spelling_is_no_change() {
    let (old, new) = (catalog(OLD), catalog(NEW));
    let diff = old.diff(&new);
    assert_eq!(diff.added_permissions, ["User.RevokeSessions.All"]);
    assert_eq!(diff.removed_permissions, ["Gone.Read.All"]);
    let changed: Vec<String> = diff
        .changed_permissions
        .iter()
        .map(|change| {
            let texts: Vec<String> = change.texts().collect();
            format!("{}: {}", change.name, texts.join("; "))
        })
        .collect();
    assert_eq!(
        changed,
        ["User.ReadWrite.All: delegated: new; application: privilege level 5, was 4"]
    );
    let templates = |operations: &[msgraph_permissions::Operation<'_>]| -> Vec<String> {
        operations
            .iter()
            .map(|operation| operation.template.to_owned())
            .collect()
    };
    assert_eq!(templates(&diff.added_operations), ["/users/{id}/new"]);
    assert_eq!(templates(&diff.removed_operations), ["/users/{id}/old"]);
    let [change] = diff.changed_operations.as_slice() else {
        panic!("{diff:?}")
    };
    assert_eq!(
        change.operation.template,
        "/users/{id}/revokeSignInSessions"
    );
    assert_eq!(change.turn, Turn::Narrower);
    assert_eq!(change.gained.len(), 1);
    assert_eq!(change.lost, []);
    assert!(!diff.is_empty());
    assert!(old.diff(&old).is_empty());
}

#[test]
fn overrides_are_what_differs_between_the_published_data_with_and_without_them() {
    let diff = plain().diff(Catalog::embedded());
    assert!(diff.added_permissions.is_empty());
    // `/me` with application is gone; calls that the data lacks and right spellings came.
    assert_eq!(diff.removed_operations.len(), 413);
    assert!(
        diff.removed_operations
            .iter()
            .all(|operation| operation.scheme == Application)
    );
    assert_eq!(diff.added_operations.len(), 48);
    assert_eq!(diff.changed_operations.len(), 132);
}

#[test]
fn what_is_doubtful_in_the_published_data_is_listed() {
    let check = plain().check();
    assert_eq!(check.unmarked.len(), 356);
    // 14 of the 3,675 are pairs that require each other: one answer.
    assert_eq!(check.several_marked.len(), 3_661);
    assert!(
        check
            .several_marked
            .iter()
            .all(|marked| marked.permissions.len() > 1)
    );
    assert!(check.spellings.contains(&vec![
        "/users/{id}/revokeSignInSessions",
        "/users/{id}/revokesigninsessions"
    ]));
    let names: Vec<String> = check
        .names
        .iter()
        .map(|names| {
            names
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert!(
        names.contains(&"Calls.JoinGroupCallAsGuest.All Calls.JoinGroupCallasGuest.All".to_owned())
    );
    assert!(
        !check.read_only_on_write.is_empty()
            && !check.resource_specific.is_empty()
            && !check.no_id.is_empty()
    );
    assert_eq!(
        check.stale_overrides,
        Vec::<&msgraph_permissions::Override>::new()
    );
}

/// One call, accepted by these permissions of the given levels, the first marked.
fn one_call(permissions: &[(&str, u8)]) -> msgraph_permissions::Catalog {
    let entries: Vec<String> = permissions
        .iter()
        .enumerate()
        .map(|(place, (name, level))| {
            let least = if place == 0 { "least=Application" } else { "" };
            // The level is also how many other calls the permission unlocks.
            let others: Vec<String> = (0..*level)
                .map(|number| format!(r#", "/{name}/{number}": """#))
                .collect();
            format!(
                r#""{name}": {{"authorizationType": "oAuth2",
                "schemes": {{"Application": {{"requiresAdminConsent": true, "privilegeLevel": {level}}}}},
                "pathSets": [{{"schemeKeys": ["Application"], "methods": ["GET"],
                    "paths": {{"/call": "{least}"{}}}}}]}}"#,
                others.concat()
            )
        })
        .collect();
    catalog(&format!(r#"{{"permissions": {{{}}}}}"#, entries.join(",")))
}

#[test]
fn a_broader_permission_is_needed_only_where_the_old_one_is_no_longer_accepted() {
    let turn = |old: &[(&str, u8)], new: &[(&str, u8)]| {
        let (old, new) = (one_call(old), one_call(new));
        let calls = [(call("GET /call"), Application)];
        old.diff_calls(&new, &calls, LookupOptions::default())
            .first()
            .map(|change| change.turn)
    };
    let (a, b) = (("A.Read", 1), ("B.Read", 3));
    assert_eq!(turn(&[a], &[b]), Some(Turn::Broader));
    assert_eq!(turn(&[a], &[b, a]), Some(Turn::Other));
    assert_eq!(turn(&[b], &[a]), Some(Turn::Replaced));
    assert_eq!(turn(&[b], &[a, b]), Some(Turn::Narrower));
    assert_eq!(turn(&[a, b], &[a]), Some(Turn::Fewer));
    assert_eq!(turn(&[a], &[a, b]), Some(Turn::More));
    assert_eq!(turn(&[a], &[a]), None);
    // Rescaling alone is no change to a call.
    assert_eq!(turn(&[("A.Read", 2)], &[("A.Read", 3)]), None);
    // The worst comes first.
    assert!(Turn::NoLongerAnswered < Turn::Broader && Turn::Broader < Turn::Replaced);
}

#[test]
fn equal_shifts_of_levels_are_one_line() {
    let old = one_call(&[("A.Read", 1), ("B.Read", 1), ("C.Read", 3), ("D.Read", 2)]);
    let new = one_call(&[("A.Read", 2), ("B.Read", 2), ("C.Read", 1), ("D.Read", 5)]);
    let diff = old.diff(&new);
    let shifts: Vec<String> = diff
        .level_shifts()
        .iter()
        .map(|shift| {
            let names: Vec<String> = shift.permissions.iter().map(ToString::to_string).collect();
            format!("{shift}: {}", names.join(" "))
        })
        .collect();
    assert_eq!(
        shifts,
        [
            "application: privilege level 5, was 2: D.Read",
            "application: privilege level 2, was 1: A.Read B.Read",
            "application: privilege level 1, was 3: C.Read",
        ]
    );
}

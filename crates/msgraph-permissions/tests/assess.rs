//! What an app requests is judged by the same set that answers what its calls need.

mod common;

use std::collections::BTreeSet;

use common::{call, lookup, names};
use msgraph_permissions::{
    Answer, Assessment, Catalog, LookupOptions, Operation, PermissionName, PermissionType,
    RequestedVerdict, Scheme,
};
use proptest::prelude::*;
use proptest::sample::Index;

use PermissionType::{Application, Delegated};

fn set(names: &[&str]) -> BTreeSet<PermissionName> {
    names.iter().map(|name| PermissionName::new(name)).collect()
}

fn assess(permission_type: PermissionType, calls: &[&str], requested: &[&str]) -> Assessment {
    let catalog = Catalog::embedded();
    let answers: Vec<Answer> = calls
        .iter()
        .map(|text| {
            let call = call(text);
            let scheme = call.scheme.unwrap_or(permission_type.scheme());
            catalog.lookup(&call, scheme, LookupOptions::default())
        })
        .collect();
    let answers: Vec<&Answer> = answers.iter().collect();
    catalog.assess(&answers, &set(requested), permission_type)
}

fn verdict(assessment: &Assessment, name: &str) -> String {
    let (_, verdict) = assessment
        .requested
        .iter()
        .find(|(known, _)| *known == name)
        .expect("every requested permission has a verdict");
    match verdict {
        RequestedVerdict::Needed => "needed".to_owned(),
        RequestedVerdict::SignIn => "for sign-in".to_owned(),
        RequestedVerdict::Unused => "unused".to_owned(),
        RequestedVerdict::Broader { instead, .. } => {
            format!("broader than {}", names(instead).join(" "))
        }
        RequestedVerdict::Redundant {
            because, missing, ..
        } => format!(
            "redundant for {}, once there is {}",
            names(because).join(" "),
            names(missing).join(" ")
        ),
    }
}

const REVOKE: &str = "application POST /users/{id}/revokeSignInSessions";

#[test]
fn an_app_that_only_revokes_sessions_needs_the_narrow_permission_alone() {
    for broad in ["User.ReadWrite.All", "Directory.ReadWrite.All"] {
        let assessment = assess(Application, &[REVOKE], &[broad]);
        assert_eq!(
            verdict(&assessment, broad),
            "broader than User.RevokeSessions.All"
        );
        // The call works as it is: `instead` says what to request.
        assert_eq!(assessment.missing, []);
    }
    let assessment = assess(Application, &[REVOKE], &["User.RevokeSessions.All"]);
    assert_eq!(verdict(&assessment, "User.RevokeSessions.All"), "needed");
    assert_eq!(assessment.missing, []);
}

#[test]
fn a_broad_permission_for_two_calls_is_broader_than_two_narrow_ones() {
    let calls = [
        "delegated GET /users",
        "delegated POST /users/{id}/revokeSignInSessions",
    ];
    let assessment = assess(Delegated, &calls, &["User.ReadWrite.All"]);
    assert_eq!(
        verdict(&assessment, "User.ReadWrite.All"),
        "broader than User.ReadBasic.All User.RevokeSessions.All"
    );
    let right = ["User.ReadBasic.All", "User.RevokeSessions.All"];
    let assessment = assess(Delegated, &calls, &right);
    for name in right {
        assert_eq!(verdict(&assessment, name), "needed");
    }
}

#[test]
fn a_writing_permission_over_reads_is_broader_however_few_operations_it_has() {
    // It unlocks 16 operations and User.Read.All unlocks hundreds.
    let assessment = assess(
        Application,
        &["application GET /users"],
        &["User.ReadWrite.CrossCloud"],
    );
    assert_eq!(
        verdict(&assessment, "User.ReadWrite.CrossCloud"),
        "broader than User.Read.All"
    );
}

#[test]
fn sign_in_scopes_are_never_excess_and_what_unlocks_nothing_is_unused() {
    let assessment = assess(
        Delegated,
        &["delegated GET /me"],
        &["openid", "Mail.Send", "User.Read"],
    );
    assert_eq!(verdict(&assessment, "openid"), "for sign-in");
    assert_eq!(verdict(&assessment, "Mail.Send"), "unused");
    assert_eq!(verdict(&assessment, "User.Read"), "needed");
}

#[test]
fn redundant_speaks_only_of_what_the_app_requests() {
    let calls = [REVOKE, "application PATCH /users/{id}"];
    let both = ["User.RevokeSessions.All", "User.ReadWrite.All"];
    let assessment = assess(Application, &calls, &both);
    assert_eq!(verdict(&assessment, "User.ReadWrite.All"), "needed");
    assert_eq!(
        verdict(&assessment, "User.RevokeSessions.All"),
        "redundant for User.ReadWrite.All, once there is "
    );
    let assessment = assess(Application, &calls, &both[..1]);
    assert_eq!(
        verdict(&assessment, "User.RevokeSessions.All"),
        "redundant for , once there is User.ReadWrite.All"
    );
}

#[test]
fn a_requested_permission_that_is_no_broader_is_accepted() {
    // Both are marked least for the call, and the first by the order is the answer.
    let answer = lookup(
        Catalog::embedded(),
        Scheme::Application,
        "DELETE /users/{id}",
    );
    let least = answer.least.as_ref().unwrap().permission.clone();
    for bundle in &answer.accepted {
        let name = bundle.permission.as_str();
        let assessment = assess(Application, &["application DELETE /users/{id}"], &[name]);
        let breadth = |name: &PermissionName| {
            (
                Catalog::embedded().writing(name, Scheme::Application),
                Catalog::embedded().breadth(name, Scheme::Application),
            )
        };
        let (own, other) = (breadth(&bundle.permission), breadth(&least));
        let is_broader = own.0 > other.0 || own.1 > other.1;
        assert_eq!(
            verdict(&assessment, name) == "needed",
            !is_broader,
            "{name}: {own:?} {other:?}"
        );
        assert_eq!(assessment.missing, [], "{name}");
    }
}

#[test]
fn where_the_object_decides_no_marked_permission_is_too_much() {
    for name in ["User.Read.All", "Group.Read.All", "Application.Read.All"] {
        let assessment = assess(
            Application,
            &["application GET /directory/deletedItems/{id}"],
            &[name],
        );
        assert_eq!(verdict(&assessment, name), "needed");
        assert_eq!(assessment.missing, []);
    }
}

#[test]
fn work_and_personal_accounts_are_one_set() {
    let assessment = assess(
        Delegated,
        &[
            "delegated GET /me",
            "personal GET /me",
            "personal PATCH /me",
        ],
        &[],
    );
    assert_eq!(names(&assessment.solution.minimal), ["User.ReadWrite"]);
    assert_eq!(assessment.judged, [0, 1, 2]);
}

#[test]
fn a_call_of_no_named_type_is_judged_where_the_app_requests_what_it_accepts() {
    let calls = ["GET /users", "GET /groups"];
    let assessment = assess(Application, &calls, &["User.ReadWrite.All"]);
    assert_eq!((assessment.judged, assessment.open), (vec![0], vec![1]));
}

#[test]
fn calls_without_an_answer_are_listed() {
    let assessment = assess(Application, &[REVOKE, "application GET /nowhere"], &[]);
    assert_eq!(assessment.unanswered, [1]);
}

/// Operations of one type that lie near each other, so that they share permissions.
fn calls(
    permission_type: PermissionType,
    start: Index,
    steps: &[usize],
) -> Vec<Operation<'static>> {
    let of_type = |operation: &Operation<'_>| operation.scheme.permission_type() == permission_type;
    let all: Vec<Operation<'static>> = Catalog::embedded().operations().filter(of_type).collect();
    let mut at = start.index(all.len());
    steps
        .iter()
        .map(|step| {
            at = (at + step) % all.len();
            all[at]
        })
        .collect()
}

fn answers(operations: &[Operation<'_>]) -> Vec<Answer> {
    operations
        .iter()
        .map(|operation| {
            let text = format!(
                "{} {} {}",
                operation.scheme, operation.method, operation.template
            );
            Catalog::embedded().lookup(&call(&text), operation.scheme, LookupOptions::default())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn needs_and_check_agree(
        is_application in any::<bool>(),
        start in any::<Index>(),
        steps in prop::collection::vec(0_usize..60, 1..12),
        picks in prop::collection::vec((any::<Index>(), any::<Index>()), 0..6),
    ) {
        let catalog = Catalog::embedded();
        let permission_type = if is_application { Application } else { Delegated };
        let answers = answers(&calls(permission_type, start, &steps));
        let refs: Vec<&Answer> = answers.iter().collect();
        let needs = catalog.solve(&answers);
        let minimal: BTreeSet<PermissionName> = needs.minimal.iter().cloned().collect();

        // An app that requests nothing misses exactly what the calls need.
        let bare = catalog.assess(&refs, &BTreeSet::new(), permission_type);
        let missing: BTreeSet<PermissionName> =
            bare.missing.iter().map(|missing| missing.permission.clone()).collect();
        prop_assert_eq!(&missing, &minimal);
        prop_assert_eq!(&bare.solution, &needs);

        // One that requests exactly that is right.
        let right = catalog.assess(&refs, &minimal, permission_type);
        prop_assert_eq!(right.missing, []);
        for (name, verdict) in &right.requested {
            prop_assert_eq!(verdict, &RequestedVerdict::Needed, "{}", name);
        }

        // Whatever an app requests: the least set is the same, the target unlocks every call, and to
        // request the target is right.
        let accepted: Vec<&PermissionName> = answers
            .iter()
            .flat_map(|answer| &answer.accepted)
            .map(|bundle| &bundle.permission)
            .collect();
        let all: Vec<PermissionName> = catalog.permissions().map(|known| known.name()).collect();
        let mut requested = BTreeSet::new();
        for (near, far) in &picks {
            requested.extend((!accepted.is_empty()).then(|| (*near.get(&accepted)).clone()));
            requested.insert(far.get(&all).clone());
        }
        let judged = catalog.assess(&refs, &requested, permission_type);
        prop_assert_eq!(&judged.solution, &needs);
        let has_target = |name: &PermissionName| judged.target.contains(name);
        for answer in answers.iter().filter(|answer| answer.is_answered()) {
            prop_assert!(answer.covered_by(&has_target).is_some());
        }
        prop_assert!(judged.target.len() <= minimal.len());
        for (name, verdict) in &judged.requested {
            match verdict {
                RequestedVerdict::Needed => prop_assert!(judged.target.contains(name)),
                RequestedVerdict::SignIn => {}
                RequestedVerdict::Unused => {
                    let unlocks = |answer: &Answer| {
                        answer.accepted.iter().any(|bundle| bundle.permission == *name)
                    };
                    prop_assert!(!answers.iter().any(unlocks), "{}", name);
                }
                RequestedVerdict::Broader { calls, instead } => {
                    prop_assert!(!calls.is_empty() && !instead.is_empty());
                    prop_assert!(instead.iter().all(has_target));
                }
                RequestedVerdict::Redundant { calls, because, missing } => {
                    prop_assert!(!calls.is_empty());
                    prop_assert!(because.iter().all(|name| requested.contains(name)));
                    prop_assert!(missing.iter().all(|name| !requested.contains(name)));
                }
            }
        }
        // With what is missing, every call works; without what is said to be too much, it still does.
        let mut fixed: BTreeSet<PermissionName> = judged
            .requested
            .iter()
            .filter(|(_, verdict)| matches!(verdict, RequestedVerdict::Needed | RequestedVerdict::SignIn))
            .map(|(name, _)| name.clone())
            .collect();
        fixed.extend(judged.missing.iter().map(|missing| missing.permission.clone()));
        fixed.extend(judged.target.iter().cloned());
        let again = catalog.assess(&refs, &fixed, permission_type);
        prop_assert_eq!(again.missing, []);
        for (name, verdict) in &again.requested {
            prop_assert!(
                matches!(verdict, RequestedVerdict::Needed | RequestedVerdict::SignIn),
                "{} {:?}", name, verdict
            );
        }
    }
}

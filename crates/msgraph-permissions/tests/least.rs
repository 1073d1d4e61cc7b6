//! Least privilege before fewest: the cases that other answers get wrong, and laws over the whole data.

mod common;

use std::collections::BTreeSet;

use common::{call, names, plain};
use msgraph_permissions::{
    Answer, Catalog, Exactness, LookupOptions, Method, PermissionName, Scheme, Verdict,
};

use Scheme::{Application, DelegatedWork};

/// What the calls need together.
fn together(catalog: &Catalog, scheme: Scheme, calls: &[&str]) -> Vec<String> {
    let answers: Vec<Answer> = calls
        .iter()
        .map(|text| catalog.lookup(&call(text), scheme, LookupOptions::default()))
        .collect();
    let solution = catalog.solve(&answers);
    assert_eq!(solution.exactness, Exactness::Exact);
    assert_eq!(solution.unanswered, Vec::<usize>::new());
    names(&solution.minimal)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

macro_rules! case {
    ($name:ident, $scheme:expr, $calls:expr, $expected:expr) => {
        #[test]
        fn $name() {
            assert_eq!(together(Catalog::embedded(), $scheme, &$calls), $expected);
        }
    };
}

case!(
    listing_users_and_revoking_their_sessions_takes_two_narrow_permissions,
    DelegatedWork,
    ["GET /users", "POST /users/{id}/revokeSignInSessions"],
    ["User.ReadBasic.All", "User.RevokeSessions.All"]
);
case!(
    listing_users_and_ones_own_teams_takes_two_basic_permissions,
    DelegatedWork,
    ["GET /users", "GET /me/joinedTeams"],
    ["Team.ReadBasic.All", "User.ReadBasic.All"]
);
case!(
    listing_users_and_their_licenses_writes_nothing,
    DelegatedWork,
    ["GET /users", "GET /users/{id}/licenseDetails"],
    ["LicenseAssignment.Read.All", "User.ReadBasic.All"]
);
case!(
    reading_owners_and_channels_takes_two_reading_permissions,
    DelegatedWork,
    ["GET /groups/{id}/owners", "GET /teams/{id}/channels"],
    ["Channel.ReadBasic.All", "GroupMember.Read.All"]
);
case!(
    reading_and_creating_applications_takes_one_permission,
    DelegatedWork,
    ["GET /applications", "POST /applications"],
    ["Application.ReadWrite.All"]
);
case!(
    deleting_users_and_reading_devices_takes_two_permissions,
    DelegatedWork,
    ["DELETE /users/{id}", "GET /deviceManagement/managedDevices"],
    [
        "DeviceManagementManagedDevices.Read.All",
        "User.DeleteRestore.All"
    ]
);
case!(
    reading_the_authorization_policy_only_reads,
    Application,
    ["GET /policies/authorizationPolicy"],
    ["Policy.Read.All"]
);
case!(
    reading_columns_only_reads,
    Application,
    ["GET /sites/{id}/columns"],
    ["Sites.Read.All"]
);
case!(
    reading_access_reviews_only_reads,
    Application,
    ["GET /accessReviews"],
    ["AccessReview.Read.All"]
);

#[test]
fn reading_events_takes_a_reading_permission_of_the_service() {
    let catalog = Catalog::embedded();
    let set = together(catalog, Application, &["GET /users/{id}/events"]);
    let [name] = set.as_slice() else {
        panic!("{set:?}")
    };
    let name = PermissionName::new(name);
    assert!(name.says_only_read(), "{name}");
    assert!(catalog.in_service(&name, Application.permission_type()));
}

#[test]
fn a_call_alone_is_answered_with_its_own_least() {
    for catalog in [Catalog::embedded(), plain()] {
        let mut answered = 0;
        let mut wrong = Vec::new();
        for operation in catalog.operations() {
            let text = format!("{} {}", operation.method, operation.template);
            let answer = catalog.lookup(&call(&text), operation.scheme, LookupOptions::default());
            let Some(least) = &answer.least else { continue };
            answered += 1;
            let solution = catalog.solve(std::slice::from_ref(&answer));
            let own: BTreeSet<&PermissionName> = solution.minimal.iter().collect();
            let is_own = own.contains(&least.permission)
                && own.len() == if least.is_enough_alone() { 1 } else { 2 }
                && least.covered_by(&|name| own.contains(name)).is_some();
            if !is_own {
                wrong.push(format!("{} {text}: {least}, not {own:?}", operation.scheme));
            }
        }
        assert!(answered > 20_000);
        assert!(
            wrong.is_empty(),
            "{} of {answered}:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[test]
fn a_call_that_reads_is_never_answered_with_a_write_while_a_read_is_marked() {
    let catalog = Catalog::embedded();
    let mut writes = 0;
    for operation in catalog.operations() {
        if operation.method != Method::Get {
            continue;
        }
        let text = format!("GET {}", operation.template);
        let answer = catalog.lookup(&call(&text), operation.scheme, LookupOptions::default());
        let Some(least) = &answer.least else { continue };
        if !least.permission.says_write() {
            continue;
        }
        writes += 1;
        let in_service =
            |name: &PermissionName| catalog.in_service(name, operation.scheme.permission_type());
        let reading = answer
            .marked
            .iter()
            .find(|bundle| !bundle.permission.says_write() && in_service(&bundle.permission));
        assert_eq!(reading, None, "{} {text}: {least}", operation.scheme);
        let twin = least.permission.as_str().replace("ReadWrite", "Read");
        let has_twin = answer.accepted.iter().any(|bundle| {
            bundle.is_enough_alone()
                && bundle.permission != least.permission
                && bundle.permission == *twin
        });
        assert!(
            !has_twin || !in_service(&PermissionName::new(&twin)),
            "{text}"
        );
        assert!(
            answer
                .doubts
                .iter()
                .any(|doubt| doubt.as_str() == "writes-on-read"),
            "{text}"
        );
    }
    assert!(writes > 0);
}

#[test]
fn me_needs_a_signed_in_user() {
    let catalog = Catalog::embedded();
    for text in ["GET /me", "GET /me/messages", "GET /me/appRoleAssignments"] {
        let answer = catalog.lookup(&call(text), Application, LookupOptions::default());
        assert_eq!(answer.verdict, Verdict::UnsupportedScheme, "{text}");
    }
}

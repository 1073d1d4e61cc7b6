//! Each trap of the published data in which a tool has been caught, by name.

mod common;

use common::{call, catalog, least, lookup, names, plain};
use msgraph_permissions::{Catalog, Doubt, LookupOptions, Scheme, Verdict};

use Scheme::{Application, DelegatedPersonal, DelegatedWork};

#[test]
fn two_spellings_of_the_headline_path_are_one_template() {
    // Microsoft's file has the least permission under one spelling and the broader ones under another.
    let answer = lookup(
        Catalog::embedded(),
        Application,
        "POST /users/{id}/revokeSignInSessions",
    );
    assert_eq!(answer.verdict, Verdict::Known);
    assert_eq!(
        answer.template.as_deref(),
        Some("/users/{id}/revokeSignInSessions")
    );
    let accepted: Vec<String> = answer.accepted.iter().map(ToString::to_string).collect();
    assert_eq!(
        accepted,
        [
            "User.RevokeSessions.All",
            "AgentIdUser.ReadWrite.All",
            "AgentIdUser.ReadWrite.IdentityParentedBy",
            "User.ReadWrite.All",
            "Directory.ReadWrite.All",
        ]
    );
}

#[test]
fn a_literal_folder_does_not_hide_the_folder_by_id() {
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "GET /users/x@y.z/mailFolders/inbox",
    );
    assert_eq!(
        answer.template.as_deref(),
        Some("/users/{id}/mailfolders/{id}")
    );
    assert_eq!(answer.fallback, None);
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "GET /me/mailFolders/inbox/messageRules",
    );
    assert_eq!(
        answer.template.as_deref(),
        Some("/me/mailfolders/inbox/messagerules")
    );
}

#[test]
fn several_marked_is_ambiguous_and_the_reading_one_is_least() {
    // Alphabetical order would say User.ReadBasic.All by luck, and AccessReview.ReadWrite.Membership elsewhere.
    let answer = lookup(
        Catalog::embedded(),
        Application,
        "GET /deviceManagement/deviceCategories",
    );
    assert_eq!(answer.verdict, Verdict::Ambiguous);
    assert_eq!(answer.marked.len(), 2);
    assert_eq!(
        answer.least.as_ref().map(ToString::to_string).as_deref(),
        Some("DeviceManagementConfiguration.Read.All")
    );
    assert!(answer.doubts.contains(&Doubt::SeveralMarked));
}

#[test]
fn me_is_not_for_applications() {
    for catalog in [Catalog::embedded(), Catalog::embedded()] {
        let answer = lookup(catalog, Application, "POST /me/revokeSignInSessions");
        assert_eq!(answer.verdict, Verdict::UnsupportedScheme);
        assert_eq!(answer.overrides, ["me-application"]);
        assert_eq!(answer.supported.schemes, [DelegatedWork]);
        assert!(!answer.is_answered());
    }
    let answer = lookup(plain(), Application, "POST /me/revokeSignInSessions");
    assert_eq!(answer.verdict, Verdict::Known);
}

#[test]
fn no_call_is_dropped_for_another_calls_permission() {
    // Microsoft's own API answers the pair with nothing at all.
    let answers = [
        lookup(Catalog::embedded(), Application, "GET /applications"),
        lookup(Catalog::embedded(), Application, "GET /applications/delta"),
    ];
    let solution = Catalog::embedded().solve(&answers);
    // Marked for the first, accepted for the second.
    assert_eq!(names(&solution.minimal), ["Application.Read.All"]);
    assert_eq!(solution.covered.len(), 2);
    assert!(solution.unanswered.is_empty());
}

#[test]
fn a_permission_that_needs_another_comes_with_it() {
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "PATCH /identity/conditionalAccess/policies/{id}",
    );
    assert_eq!(answer.overrides, ["conditional-access-policy-write"]);
    let least = answer.least.as_ref().unwrap();
    assert_eq!(
        least.to_string(),
        "Policy.ReadWrite.ConditionalAccess and Policy.Read.All"
    );
    let holds = |held: &'static [&'static str]| {
        answer
            .covered_by(&move |name| held.contains(&name.as_str()))
            .is_some()
    };
    assert!(!holds(&["Policy.ReadWrite.ConditionalAccess"]));
    assert!(!holds(&["Policy.Read.All"]));
    assert!(holds(&[
        "Policy.ReadWrite.ConditionalAccess",
        "Policy.Read.All"
    ]));
    assert!(holds(&[
        "Policy.ReadWrite.ConditionalAccess",
        "Application.Read.All"
    ]));
    let solution = Catalog::embedded().solve(&[answer]);
    assert_eq!(
        names(&solution.minimal),
        ["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"]
    );
    assert_eq!(
        names(&solution.covered[0].by),
        ["Policy.ReadWrite.ConditionalAccess", "Policy.Read.All"]
    );
}

#[test]
fn the_comma_in_also_requires_means_or() {
    let catalog = catalog(
        r#"{"permissions": {
            "A.Read": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": [
                {"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/x": "least=Application;AlsoRequires=B.Read,C.Read"}}]},
            "B.Read": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": []},
            "C.Read": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": [
                {"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/y": "least=Application"}}]}
        }}"#,
    );
    let x = lookup(&catalog, Application, "GET /x");
    assert_eq!(
        x.least.as_ref().unwrap().to_string(),
        "A.Read and one of B.Read, C.Read"
    );
    let y = lookup(&catalog, Application, "GET /y");
    let solution = catalog.solve(std::slice::from_ref(&x));
    assert_eq!(names(&solution.minimal), ["A.Read", "B.Read"]);
    // Another call settles which of the two.
    let solution = catalog.solve(&[x, y]);
    assert_eq!(names(&solution.minimal), ["A.Read", "C.Read"]);
    assert_eq!(names(&solution.covered[0].by), ["A.Read", "C.Read"]);
}

#[test]
fn a_least_that_only_reads_is_doubted_where_the_call_writes() {
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "DELETE /search/acronyms/{id}",
    );
    assert_eq!(
        answer.least.as_ref().unwrap().to_string(),
        "SearchConfiguration.Read.All"
    );
    assert!(answer.doubts.contains(&Doubt::ReadOnlyOnWrite));
    // Not where the permission beside it is the one that writes, nor on a POST that may be a query.
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "DELETE /identity/conditionalAccess/policies/{id}",
    );
    assert!(!answer.doubts.contains(&Doubt::ReadOnlyOnWrite));
}

#[test]
fn a_least_for_oneself_is_doubted_on_another_users_path() {
    let catalog = Catalog::embedded();
    let answer = lookup(catalog, DelegatedWork, "GET /users/{id}");
    assert_eq!(answer.least.as_ref().unwrap().to_string(), "User.Read");
    let [
        Doubt::SelfOnly {
            other_users: Some(others),
        },
    ] = answer.doubts.as_slice()
    else {
        panic!("{:?}", answer.doubts)
    };
    assert_eq!(others.to_string(), "User.ReadBasic.All");

    let options = LookupOptions { other_users: true };
    let answer = catalog.lookup(&call("GET /users/{id}"), DelegatedWork, options);
    assert_eq!(
        answer.least.as_ref().unwrap().to_string(),
        "User.ReadBasic.All"
    );
    assert_eq!(answer.doubts, []);
    assert!(answer.covered_by(&|name| *name == "User.Read").is_none());

    // No doubt where there is no signed-in user, or no user in the path.
    for (scheme, text) in [(Application, "GET /users/{id}"), (DelegatedWork, "GET /me")] {
        let answer = catalog.lookup(&call(text), scheme, options);
        assert!(answer.doubts.is_empty(), "{text}: {:?}", answer.doubts);
    }
}

#[test]
fn other_users_without_an_answer_of_their_own_are_spoken_of_when_asked_for() {
    let text = "GET /users/{id}/mailFolders/inbox/messageRules";
    let answer = lookup(Catalog::embedded(), DelegatedWork, text);
    assert_eq!(answer.doubts, []);
    let options = LookupOptions { other_users: true };
    let answer = Catalog::embedded().lookup(&call(text), DelegatedWork, options);
    assert_eq!(
        answer.least.as_ref().unwrap().to_string(),
        "MailboxSettings.Read"
    );
    assert_eq!(answer.doubts, [Doubt::SelfOnly { other_users: None }]);
}

#[test]
fn a_resource_specific_permission_is_the_last_choice_and_doubted() {
    for operation in Catalog::embedded().operations() {
        let answer = lookup(
            Catalog::embedded(),
            operation.scheme,
            &format!("{} {}", operation.method, operation.template),
        );
        let is_rsc = |name: &str| Catalog::embedded().permission(name).unwrap().is_rsc();
        let least = answer.least.unwrap();
        let doubted = answer.doubts.contains(&Doubt::ResourceSpecific);
        assert_eq!(doubted, is_rsc(least.permission.as_str()), "{operation:?}");
        if doubted && answer.marked.is_empty() {
            assert!(
                answer
                    .accepted
                    .iter()
                    .all(|bundle| is_rsc(bundle.permission.as_str()))
            );
        }
    }
}

#[test]
fn a_name_that_holds_another_is_not_that_other() {
    let catalog = Catalog::embedded();
    assert!(catalog.permission("User.ReadWrite").is_some());
    assert!(catalog.permission("user.readwrite.all").is_some());
    assert!(catalog.permission("ReadWrite.All").is_none());
    assert!(catalog.permission("User.ReadWrite.All ").is_none());
}

#[test]
fn names_that_differ_by_case_alone_are_two_permissions() {
    let name = |text: &str| {
        Catalog::embedded()
            .permission(text)
            .unwrap()
            .name()
            .to_string()
    };
    assert_eq!(
        name("Calls.JoinGroupCallasGuest.All"),
        "Calls.JoinGroupCallasGuest.All"
    );
    assert_eq!(
        name("Calls.JoinGroupCallAsGuest.All"),
        "Calls.JoinGroupCallAsGuest.All"
    );
    // In a third spelling, the one that has an id.
    assert_eq!(
        name("calls.joingroupcallasguest.all"),
        "Calls.JoinGroupCallAsGuest.All"
    );
}

#[test]
fn an_action_is_found_under_its_real_spelling() {
    let text = "POST /security/identities/identityAccounts/{id}/invokeAction";
    let answer = lookup(Catalog::embedded(), Application, text);
    assert_eq!(answer.overrides, ["identity-account-invoke-action"]);
    assert_eq!(
        answer.least.as_ref().unwrap().to_string(),
        "SecurityIdentitiesActions.ReadWrite.All"
    );
    let answer = lookup(plain(), Application, text);
    assert_eq!(answer.verdict, Verdict::UnknownPath);
    assert_eq!(
        answer.supported.nearest,
        ["/security/identities/identityAccounts/{id}/invokeActions"]
    );
}

#[test]
fn an_unmarked_call_is_answered_by_the_order_and_says_so() {
    let text = "DELETE /oauth2PermissionGrants/{id}";
    let answer = lookup(plain(), Application, text);
    assert_eq!(answer.verdict, Verdict::Unmarked);
    assert!(answer.marked.is_empty());
    assert_eq!(
        answer.least.as_ref().unwrap().to_string(),
        "DelegatedPermissionGrant.ReadWrite.All"
    );
    let answer = lookup(Catalog::embedded(), Application, text);
    assert_eq!(answer.verdict, Verdict::Known);
    assert_eq!(answer.overrides, ["oauth2-permission-grant-delete"]);
}

#[test]
fn nothing_unknown_is_read_as_needing_nothing() {
    let catalog = Catalog::embedded();
    let answer = lookup(
        catalog,
        DelegatedPersonal,
        "POST /users/{id}/revokeSignInSessions",
    );
    assert_eq!(answer.verdict, Verdict::UnsupportedScheme);
    assert_eq!(answer.supported.schemes, [DelegatedWork, Application]);
    let answer = lookup(catalog, Application, "GET /users/{id}/revokeSignInSessions");
    assert_eq!(answer.verdict, Verdict::UnknownMethod);
    assert_eq!(
        answer.supported.methods,
        [msgraph_permissions::Method::Post]
    );
    let answer = lookup(catalog, Application, "POST /users/{id}/revokeSigninSession");
    assert_eq!(answer.verdict, Verdict::UnknownPath);
    assert_eq!(
        answer.supported.nearest.first().map(String::as_str),
        Some("/users/{id}/revokeSignInSessions")
    );
    let solution = catalog.solve(&[answer]);
    assert!(solution.minimal.is_empty());
    assert_eq!(solution.unanswered, [0]);
}

#[test]
fn the_count_of_a_collection_is_not_one_of_its_members() {
    let answer = lookup(Catalog::embedded(), Application, "GET /users/$count");
    assert_eq!(answer.template.as_deref(), Some("/users"));
    assert_eq!(answer.fallback.unwrap().to_string(), "without /$count");
}

#[test]
fn an_alternate_key_is_the_same_resource() {
    // Published as it is.
    let answer = lookup(
        Catalog::embedded(),
        Application,
        "GET /applications(appId='87d349ed-44d7-43e1-9a83-5f2406dee5bd')",
    );
    assert_eq!(
        answer.template.as_deref(),
        Some("/applications(appid={value})")
    );
    assert_eq!(answer.fallback, None);
    // Not published: the same by id, and never the whole collection.
    let answer = lookup(
        Catalog::embedded(),
        DelegatedWork,
        "GET /users(userPrincipalName='a@b.c')/manager",
    );
    assert_eq!(answer.template.as_deref(), Some("/users/{id}/manager"));
    assert_eq!(
        answer.fallback.unwrap().to_string(),
        "users by id instead of an alternate key"
    );
}

#[test]
fn casts_functions_and_addresses_are_found() {
    let found = |text: &str| {
        let answer = lookup(Catalog::embedded(), DelegatedWork, text);
        let template = answer.template.unwrap_or_default();
        answer.fallback.map_or_else(
            || template.clone(),
            |fallback| format!("{template} {fallback}"),
        )
    };
    assert_eq!(
        found("GET /groups/1/transitiveMembers/microsoft.graph.user/$count?$search=\"a\""),
        "/groups/{id}/transitivemembers without the cast microsoft.graph.user, without /$count"
    );
    assert_eq!(
        found("GET /reports/getEmailActivityUserDetail(period='D7')"),
        "/reports/getemailactivityuserdetail(period={value})"
    );
    assert_eq!(
        found("PUT /me/drive/root:/Reports/2026/a%20b.docx:/content"),
        "/me/drive/items/{id}/content by id instead of its path"
    );
    assert_eq!(
        found("PUT /drive/root:/Reports/2026/a%20b.docx:/content"),
        "/drive/root:/{id}:/content"
    );
    assert_eq!(
        found("GET /me/drive/items/1/workbook/worksheets/Sheet1/range(address='A1:B2')"),
        "/me/drive/items/{id}/workbook/worksheets/{id}/range(address={value})"
    );
    assert_eq!(
        found("GET /sites/contoso.sharepoint.com:/sites/marketing:/lists"),
        "/sites/{id}/lists by id instead of its path"
    );
}

#[test]
fn a_query_that_is_part_of_a_template_is_asked_for() {
    let plain = lookup(
        Catalog::embedded(),
        Application,
        "GET /agentRegistry/agentInstances",
    );
    assert_eq!(plain.least.unwrap().to_string(), "AgentInstance.Read.All");
    let filtered = lookup(
        Catalog::embedded(),
        Application,
        "GET /agentRegistry/agentInstances?$filter=agentCardManifest/id%20eq%20'7'",
    );
    assert_eq!(
        filtered.least.unwrap().to_string(),
        "AgentInstance.Read.All and AgentCardManifest.Read.All"
    );
}

#[test]
fn the_answer_least_agrees_with_a_verdict_of_known() {
    assert_eq!(
        least(Catalog::embedded(), DelegatedWork, "GET /me"),
        "User.Read"
    );
    assert_eq!(
        least(Catalog::embedded(), DelegatedPersonal, "GET /me"),
        "User.Read"
    );
    assert_eq!(
        least(Catalog::embedded(), Application, "GET /auditLogs/signIns"),
        "AuditLog.Read.All"
    );
}

// Seconds without optimisation; if each were compared with every template letter by letter, minutes.
#[test]
fn ten_thousand_unknown_calls_are_answered() {
    let catalog = Catalog::embedded();
    for number in 0..10_000 {
        let text = format!("POST /users/{{id}}/revokeSigninSession{number}");
        let answer = lookup(catalog, Application, &text);
        assert_eq!(answer.verdict, Verdict::UnknownPath, "{text}");
    }
}

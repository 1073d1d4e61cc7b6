//! Laws of fixing, over apps that request anything and call anything.

use entra_manifest::{FileId, MICROSOFT_GRAPH, Read, Unit};
use msgraph_permissions::{Catalog, Method, PermissionType};
use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::testing;

/// Every (permission, type) of the embedded catalog that has an id.
fn permissions() -> Vec<(String, &'static str)> {
    let catalog = Catalog::embedded();
    let mut all = Vec::new();
    for permission in catalog.permissions() {
        for (kind, word) in [
            (PermissionType::Delegated, "Scope"),
            (PermissionType::Application, "Role"),
        ] {
            if let Some(id) = catalog.id_of(&permission.name(), kind) {
                all.push((id.to_string(), word));
            }
        }
    }
    all
}

/// Every operation of the embedded catalog, with its type and without.
fn operations() -> Vec<String> {
    let mut all: Vec<String> = Catalog::embedded()
        .operations()
        .flat_map(|o| {
            let plain = format!("{} {}", o.method, o.template);
            [format!("{} {plain}", o.scheme), plain]
        })
        .collect();
    all.sort();
    all.dedup();
    assert!(all.len() > 60 && all.iter().any(|o| o.starts_with(Method::Delete.as_str())));
    all
}

fn manifest(requests: &[(String, &str)]) -> String {
    let entries: Vec<String> = requests
        .iter()
        .map(|(id, kind)| format!("        {{ \"id\": \"{id}\", \"type\": \"{kind}\" }}"))
        .collect();
    format!(
        "{{\n  \"requiredResourceAccess\": [\n    {{\n      \"resourceAppId\": \"{MICROSOFT_GRAPH}\",\n      \"resourceAccess\": [\n{}\n      ]\n    }}\n  ]\n}}\n",
        entries.join(",\n")
    )
}

fn fix_all(text: &str, judge: &Judge<'_>) -> String {
    let (new, fixed) = testing::fixed(judge, text, Allowed::SafeAndUnsafe);
    assert!(fixed.dropped.is_empty(), "{:?}", fixed.dropped);
    new
}

/// `A.Read` is least for two calls and has no id; `Wide.One` and `Wide.Two` cover one each.
const WITHOUT_ID: &str = r#"{"permissions": {
    "A.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/a": "least=Application", "/b": "least=Application"}}]},
    "C.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/c": "least=Application"}}]},
    "Wide.One": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/a": "", "/c": "", "/d": "", "/e": ""}}]},
    "Wide.Two": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/b": "", "/d": "", "/e": ""}}]}
}}"#;
const IDS: &str = r#"{"permissionDeployments": {
    "C.Read": [{"id": "00000000-0000-4000-8000-00000000000c", "scheme": "Application"}],
    "Wide.One": [{"id": "00000000-0000-4000-8000-000000000001", "scheme": "Application"}],
    "Wide.Two": [{"id": "00000000-0000-4000-8000-000000000002", "scheme": "Application"}]
}}"#;

#[test]
fn what_cannot_be_written_whole_is_not_written_in_part() {
    let catalog = Catalog::load(msgraph_permissions::CatalogInput {
        permissions: WITHOUT_ID.as_bytes(),
        provisioning: Some(IDS.as_bytes()),
        overrides: false,
        source: "test".to_owned(),
    })
    .unwrap();
    let config = Config::default();
    let plan = testing::plan(
        &catalog,
        &config,
        &[
            "application GET /a",
            "application GET /b",
            "application GET /c",
        ],
    );
    let judge = Judge::new(&plan);
    let requests =
        ["1", "2"].map(|end| (format!("00000000-0000-4000-8000-00000000000{end}"), "Role"));
    let before = manifest(&requests);
    assert_eq!(fix_all(&before, &judge), before);
    // What is reported is shown, and nothing of it is written.
    assert!(!testing::findings(&judge, "app.json", &before).is_empty());
}

#[test]
fn safe_fixes_change_nothing_that_is_granted() {
    let config = Config::default();
    let calls = ["application POST /users/{id}/revokeSignInSessions"];
    let plan = testing::plan(Catalog::embedded(), &config, &calls);
    let judge = Judge::new(&plan);
    let broad = "19dbc75e-c2e2-444c-a770-ec69d8559fc7".to_owned();
    let before = manifest(&[(broad.clone(), "Role"), (broad.clone(), "Role")]);
    let (after, fixed) = testing::fixed(&judge, &before, Allowed::Safe);
    // The duplicate goes; the broader permission stays until unsafe fixes are allowed.
    assert_eq!((after.matches(&broad).count(), fixed.applied), (1, 1));
    let nothing = manifest(&[]);
    assert_eq!(testing::fixed(&judge, &nothing, Allowed::Safe).0, nothing);
    assert_ne!(
        testing::fixed(&judge, &nothing, Allowed::SafeAndUnsafe).0,
        nothing
    );
}

#[test]
fn a_list_that_would_become_empty_and_declare_nothing_is_left() {
    let config = Config::default();
    let calls = ["application POST /users/{id}/revokeSignInSessions"];
    let plan = testing::plan(Catalog::embedded(), &config, &calls);
    let judge = Judge::new(&plan);
    // A bare list with a permission that no call needs: without it the file declares no app.
    let before = format!(
        "[\n  {{\n    \"resourceAppId\": \"{MICROSOFT_GRAPH}\",\n    \"resourceAccess\": [{{ \"id\": \"b0afded3-3588-46d8-8b3d-9842eff778da\", \"type\": \"Role\" }}]\n  }}\n]\n"
    );
    let (after, _) = testing::fixed(&judge, &before, Allowed::SafeAndUnsafe);
    assert!(after.contains("resourceAppId"), "{after}");
}

#[test]
fn thousands_of_duplicates_are_fixed_in_linear_time() {
    let config = Config::default();
    let plan = testing::plan(Catalog::embedded(), &config, &[] as &[&str]);
    let judge = Judge::new(&plan);
    let id = "77f3a031-c388-4f99-b373-dc68676a979e".to_owned();
    let before = manifest(&vec![(id.clone(), "Role"); 3_000]);
    let (after, fixed) = testing::fixed(&judge, &before, Allowed::Safe);
    assert_eq!(after.matches(&id).count(), 1);
    assert_eq!(fixed.applied, 2_999);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_fixed_unlocks_every_call_requests_nothing_more_and_stays_fixed(
        requests in prop::collection::vec(prop::sample::select(permissions()), 0..8),
        calls in prop::collection::vec(prop::sample::select(operations()), 1..6),
    ) {
        let before = manifest(&requests);
        let config = Config::default();
        let plan = testing::plan(Catalog::embedded(), &config, &calls);
        let judge = Judge::new(&plan);
        let after = fix_all(&before, &judge);

        // Fixing twice is fixing once.
        prop_assert_eq!(&fix_all(&after, &judge), &after);

        // No finding is left that could have been fixed.
        let left: Vec<String> = testing::findings(&judge, "app.json", &after)
            .into_iter()
            .filter(|finding| finding.fix.as_ref().is_some_and(|fix| !fix.changes.is_empty()))
            .map(|finding| finding.message)
            .collect();
        prop_assert!(left.is_empty(), "{:?}\n{}", left, after);

        // A call that was unlocked still is, in the same type; and so is every call of a named type that the catalog
        // answers with something that can be written.
        let (was_texts, was) = testing::read("app.json", &before);
        let (now_texts, now) = testing::read("app.json", &after);
        prop_assert!(judge.keeps_cover((was_texts.unit(), &was), (now_texts.unit(), &now)));
        for assessment in judge.assessments(now_texts.unit(), &now) {
            let covered = assessment.covered();
            for (at, call) in assessment.calls.calls.iter().enumerate() {
                for (which, answer) in call.answers.iter().enumerate() {
                    let permission_type = answer.scheme.permission_type();
                    let writable = answer.is_answered()
                        && assessment
                            .views
                            .iter()
                            .filter(|view| view.permission_type == permission_type)
                            .flat_map(|view| &view.target)
                            .all(|name| {
                                crate::rules::permission_text(
                                    Catalog::embedded(),
                                    name,
                                    permission_type,
                                )
                                .is_some()
                            });
                    prop_assert!(
                        !(call.call.scheme.is_some() && writable) || covered.contains(&(at, which)),
                        "{} ({})\n{}", call.operation(), answer.scheme, after
                    );
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_checked_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let config = Config::default();
        let plan = testing::plan(Catalog::embedded(), &config, &[] as &[&str]);
        let judge = Judge::new(&plan);
        let mut text = b"{\"requiredResourceAccess\":".to_vec();
        text.extend(&bytes);
        for bytes in [bytes.clone(), text] {
            let Ok(source) = Source::decode(FileId::new(1), "app.json", bytes) else { continue };
            if let Read::Manifest(manifest) = entra_manifest::read(Unit::file(&source)) {
                for finding in judge.check(Unit::file(&source), &manifest).findings {
                    prop_assert!(!finding.message.is_empty());
                }
            }
        }
    }
}

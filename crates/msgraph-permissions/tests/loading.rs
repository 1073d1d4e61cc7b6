//! Whatever the bytes, loading ends in a catalog or an error with its place.

mod common;

use common::{least, lookup, names};
use msgraph_permissions::{
    Catalog, CatalogInput, LoadError, LookupOptions, OverrideState, PermissionId, PermissionName,
    PermissionType, Scheme, Verdict,
};
use proptest::prelude::*;

use Scheme::{Application, DelegatedWork};

fn load(permissions: &[u8], provisioning: Option<&[u8]>) -> Result<Catalog, LoadError> {
    Catalog::load(CatalogInput {
        permissions,
        provisioning,
        overrides: true,
        source: "test".to_owned(),
    })
}

fn refusal(permissions: &str) -> String {
    load(permissions.as_bytes(), None)
        .expect_err("it is no catalog")
        .to_string()
}

fn problems(catalog: &Catalog) -> Vec<String> {
    catalog.problems().iter().map(ToString::to_string).collect()
}

/// Small files in Microsoft's formats, with a permission of each sort.
const PERMISSIONS: &str = r#"{"permissions": {
    "User.RevokeSessions.All": {
        "authorizationType": "oAuth2",
        "schemes": {
            "DelegatedWork": {"adminDisplayName": "Revoke", "requiresAdminConsent": true, "privilegeLevel": 2},
            "Application": {"adminDisplayName": "Revoke", "requiresAdminConsent": true, "privilegeLevel": 3}
        },
        "pathSets": [{
            "schemeKeys": ["DelegatedWork", "Application"],
            "methods": ["POST"],
            "paths": {
                "/users/{id}/revokeSignInSessions": "least=DelegatedWork,Application",
                "/me/revokeSignInSessions": "least=DelegatedWork"
            }
        }]
    },
    "User.ReadWrite.All": {
        "authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
        "pathSets": [{
            "schemeKeys": ["Application"],
            "methods": ["GET", "PATCH", "DELETE"],
            "paths": {"/users/{id}": "least=Application;AlsoRequires=Directory.Read.All,User.Read.All"}
        }, {
            "schemeKeys": ["Application"],
            "methods": ["POST"],
            "paths": {"/users/{id}/revokesigninsessions": ""}
        }]
    },
    "Chat.Read.Chat": {
        "authorizationType": "RSC",
        "schemes": {"Application": {"requiresAdminConsent": false}},
        "pathSets": [{
            "schemeKeys": ["Application"],
            "methods": ["GET"],
            "paths": {"/chats/{id}/messages/delta()": "", "/chats/getAll(from={from},to={to})": "least=Application"}
        }]
    }
}}"#;
const PROVISIONING: &str = r#"{"permissionDeployments": {
    "User.RevokeSessions.All": [
        {"id": "77f3a031-c388-4f99-b373-dc68676a979e", "scheme": "Application", "environment": "public"},
        {"id": "fc30e98b-8810-4501-81f5-c20a3196387b", "scheme": "DelegatedWork", "environment": "public"}
    ],
    "User.ReadWrite.All": [{"id": "", "scheme": "Application", "environment": "PPE;public"}]
}}"#;

#[test]
fn what_is_no_catalog_is_refused_with_its_place() {
    assert_eq!(
        refusal(""),
        "the permissions file cannot be read: 1:1: EOF while parsing a value"
    );
    assert_eq!(
        refusal("{\n  \"permissions\": {]}"),
        "the permissions file cannot be read: 2:19: key must be a string"
    );
    assert_eq!(
        refusal("[]"),
        "the permissions file cannot be read: 1:1: invalid type: sequence, expected an object"
    );
    assert_eq!(
        refusal("{\"permissions\": 7}"),
        "the permissions file cannot be read: 1:17: invalid type: integer `7`, expected an object"
    );
    assert_eq!(
        refusal(PROVISIONING),
        "the permissions file has no `permissions` at its top but `permissionDeployments`: is it another file?"
    );
    assert_eq!(
        refusal("{}"),
        "the permissions file has no `permissions` at its top but nothing: is it another file?"
    );
    assert_eq!(
        load(b"{\"permissions\": {}}\xFF", None)
            .unwrap_err()
            .to_string(),
        "the permissions file cannot be read: 1:20: not UTF-8"
    );
    assert_eq!(
        load(PERMISSIONS.as_bytes(), Some(PERMISSIONS.as_bytes()))
            .unwrap_err()
            .to_string(),
        "the provisioning file has no `permissionDeployments` at its top but `permissions`: is it another file?"
    );
}

#[test]
fn a_byte_order_mark_and_crlf_are_no_trouble() {
    let text = format!("\u{feff}{}", PERMISSIONS.replace('\n', "\r\n"));
    let catalog = load(text.as_bytes(), None).unwrap();
    assert_eq!(problems(&catalog), [""; 0]);
    assert_eq!(catalog.info().operations, 9);
}

#[test]
fn a_bad_entry_is_reported_with_its_place_and_the_rest_is_read() {
    let catalog = load(
        br#"{"permissions": {
  "Good.Read.All": {"authorizationType": "oAuth2",
    "schemes": {
      "Application": {"privilegeLevel": 9, "requiresAdminConsent": true},
      "Magic": {}
    },
    "pathSets": [
      {"schemeKeys": ["Application", "Magic"], "methods": ["GET", "FETCH"],
       "paths": {"/good": "least=Application", "/bad": "least=Magic", "/odd": "mystery=1", "": "", "/plain": ""}},
      {"schemeKeys": ["Application"], "methods": ["GET"],
       "paths": {"/number": 7, "/second": ""}},
      {"schemeKeys": ["Application"]},
      7
    ]},
  "Bad.Read.All": 7,
  "Kind.Read.All": {"authorizationType": "magic", "schemes": {}, "pathSets": []},
  "Good.Read.All": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": []},
  "not a name": {"authorizationType": "oAuth2", "schemes": {}, "pathSets": []}
}}"#,
        None,
    )
    .unwrap();
    assert_eq!(
        problems(&catalog),
        [
            "permissions file, 4:22: Good.Read.All: privilegeLevel 9 is not between 1 and 5; read as missing",
            "permissions file, 5:16: Good.Read.All: `Magic` is no scheme; skipped",
            "permissions file, 8:7: Good.Read.All, pathSets[0]: `Magic` is no scheme; skipped",
            "permissions file, 8:7: Good.Read.All, pathSets[0]: `FETCH` is not an HTTP method: expected GET, POST, \
             PUT, PATCH or DELETE; skipped",
            "permissions file, 9:49: Good.Read.All, pathSets[0], /bad: `Magic` is no scheme; skipped",
            "permissions file, 9:72: Good.Read.All, pathSets[0], /odd: `mystery` is neither `least` nor \
             `AlsoRequires`; skipped",
            "permissions file, 9:93: Good.Read.All, pathSets[0]: `` is no path; skipped",
            "permissions file, 11:29: Good.Read.All, pathSets[1], /number: invalid type: integer `7`, expected a \
             string; skipped",
            "permissions file, 12:37: Good.Read.All, pathSets[2]: missing field `methods`; skipped",
            "permissions file, 13:7: Good.Read.All, pathSets[3]: invalid type: integer `7`, expected an \
             object; skipped",
            "permissions file, 15:19: Bad.Read.All: invalid type: integer `7`, expected an object; skipped",
            "permissions file, 16:20: Kind.Read.All: authorizationType `magic` is neither `oAuth2` nor `RSC`; read \
             as `oAuth2`",
            "permissions file, 17:20: Good.Read.All: stands in the file twice; both are read",
            "permissions file, 18:17: not a name: `not a name` is no name of a permission; skipped",
        ]
    );
    assert_eq!(least(&catalog, Application, "GET /good"), "Good.Read.All");
    assert_eq!(
        lookup(&catalog, Application, "GET /plain").verdict,
        Verdict::Unmarked
    );
    assert_eq!(
        lookup(&catalog, Application, "GET /second").verdict,
        Verdict::Unmarked
    );
    for path in ["GET /bad", "GET /odd", "GET /number"] {
        assert_eq!(
            lookup(&catalog, Application, path).verdict,
            Verdict::UnknownPath,
            "{path}"
        );
    }
}

#[test]
fn bad_ids_are_reported_and_zero_ids_are_nobodys() {
    let provisioning = br#"{"permissionDeployments": {
        "A.Read.All": [
            {"id": "not-an-id", "scheme": "Application", "environment": "public"},
            {"id": "00000000-0000-0000-0000-000000000000", "scheme": "DelegatedWork", "environment": "public"},
            {"id": "11111111-1111-4111-8111-111111111111", "scheme": "Magic"},
            {"id": 7, "scheme": "Application"},
            {"id": null, "scheme": "Application"},
            {"id": "{22222222-2222-4222-8222-22222222222A}", "scheme": "Application", "environment": "PPE;public"}
        ],
        "B.Read.All": [{"id": "33333333-3333-4333-8333-333333333333", "scheme": "DelegatedWork", "environment": "PPE"}],
        "C.Read.All": [{"id": "33333333-3333-4333-8333-333333333333", "scheme": "Application", "environment": ""}],
        "D.Read.All": 7
    }}"#;
    let catalog = load(PERMISSIONS.as_bytes(), Some(provisioning)).unwrap();
    assert_eq!(
        problems(&catalog),
        [
            "provisioning file, 3:21: A.Read.All: `not-an-id` is not a permission id: expected a UUID such as \
             77f3a031-c388-4f99-b373-dc68676a979e; skipped",
            "provisioning file, 5:13: A.Read.All: `Magic` is no scheme; skipped",
            "provisioning file, 6:20: A.Read.All: invalid type: integer `7`, expected a string; skipped",
            "provisioning file, 12:23: D.Read.All: invalid type: integer `7`, expected a sequence; skipped",
        ]
    );
    let id = |text: &str| text.parse::<PermissionId>().unwrap();
    let name = PermissionName::new;
    let nobody = id("00000000-0000-0000-0000-000000000000");
    assert_eq!(catalog.by_id(nobody), []);
    assert_eq!(
        catalog.id_of(&name("A.Read.All"), PermissionType::Delegated),
        None
    );
    let a = id("22222222-2222-4222-8222-22222222222a");
    assert_eq!(
        catalog.id_of(&name("A.Read.All"), PermissionType::Application),
        Some(a)
    );
    assert!(!catalog.permission("A.Read.All").unwrap().is_listed());
    // One id for two permissions: both are told. One that only Microsoft's test environment has is known, not offered.
    let shared = id("33333333-3333-4333-8333-333333333333");
    assert_eq!(
        catalog.by_id(shared),
        [
            (name("B.Read.All"), PermissionType::Delegated),
            (name("C.Read.All"), PermissionType::Application)
        ]
    );
    assert_eq!(
        catalog.id_of(&name("B.Read.All"), PermissionType::Delegated),
        None
    );
    assert_eq!(
        catalog.id_of(&name("C.Read.All"), PermissionType::Application),
        Some(shared)
    );
}

#[test]
fn an_override_that_the_data_has_caught_up_with_is_stale() {
    let data = |value: &str| {
        format!(
            r#"{{"permissions": {{"DelegatedPermissionGrant.ReadWrite.All": {{"authorizationType": "oAuth2", "schemes": {{}},
                "pathSets": [{{"schemeKeys": ["DelegatedWork", "Application"], "methods": ["DELETE"],
                    "paths": {{"/oauth2PermissionGrants/{{id}}": "{value}"}}}}]}}}}}}"#
        )
    };
    let stale = |value: &str| -> Vec<String> {
        let catalog = load(data(value).as_bytes(), None).unwrap();
        catalog
            .stale_overrides()
            .map(|about| about.id.clone())
            .collect()
    };
    assert_eq!(
        stale("least=DelegatedWork,Application"),
        ["oauth2-permission-grant-delete"]
    );
    assert_eq!(stale("least=DelegatedWork"), [""; 0]);

    let catalog = load(data("least=DelegatedWork").as_bytes(), None).unwrap();
    let state = catalog
        .overrides()
        .iter()
        .find(|(about, _)| about.id == "oauth2-permission-grant-delete")
        .map(|(_, state)| *state);
    assert_eq!(state, Some(OverrideState::Applied { operations: 1 }));
    // Named only where it changed something.
    let overrides =
        |scheme| lookup(&catalog, scheme, "DELETE /oauth2PermissionGrants/{id}").overrides;
    assert_eq!(overrides(Application), ["oauth2-permission-grant-delete"]);
    assert_eq!(overrides(DelegatedWork), [""; 0]);
}

#[test]
fn every_override_has_its_source_and_day() {
    let overrides = Catalog::embedded().overrides();
    assert!(overrides.len() >= 5);
    for (about, _) in overrides {
        assert!(
            about
                .source
                .starts_with("https://learn.microsoft.com/en-us/graph/"),
            "{}",
            about.id
        );
        assert!(
            about.checked.len() == 10 && about.checked.starts_with("20"),
            "{}",
            about.id
        );
        assert!(
            !about.reason.is_empty() && !about.paths.is_empty(),
            "{}",
            about.id
        );
        assert_eq!(
            overrides
                .iter()
                .filter(|(other, _)| other.id == about.id)
                .count(),
            1
        );
    }
}

#[test]
fn nesting_without_end_is_refused() {
    for text in ["[".repeat(1 << 20), "{\"permissions\":".repeat(1 << 18)] {
        assert!(load(text.as_bytes(), None).is_err());
    }
    let nested = format!(
        r#"{{"permissions": {{"A.Read": {}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    // Whether refused or skipped, it ends.
    if let Ok(catalog) = load(nested.as_bytes(), None) {
        assert_eq!(catalog.problems().len(), 1);
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for end in (0..PERMISSIONS.len() - 4).step_by(13) {
        assert!(load(&PERMISSIONS.as_bytes()[..end], None).is_err(), "{end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        permissions in prop::collection::vec(any::<u8>(), 0..200),
        provisioning in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = load(&permissions, Some(&provisioning));
    }

    #[test]
    fn no_damage_makes_it_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut permissions = PERMISSIONS.as_bytes().to_vec();
        let mut provisioning = PROVISIONING.as_bytes().to_vec();
        for (place, byte) in damage {
            *place.get_mut(&mut permissions) = byte;
            *place.get_mut(&mut provisioning) = byte;
        }
        if let Ok(catalog) = load(&permissions, Some(&provisioning)) {
            for operation in catalog.operations() {
                let call = format!("{} {}", operation.method, operation.template);
                if let Ok(call) = call.parse() {
                    catalog.lookup(&call, operation.scheme, LookupOptions::default());
                }
            }
        }
    }

    #[test]
    fn no_text_makes_a_call_panic(text in ".{0,60}", path in "(/|[a-z$:.{}()'%?#@]|é|root:|%2|delta){0,40}") {
        let _ = text.parse::<msgraph_permissions::Call>();
        for call in [format!("GET {text}"), format!("POST /{path}"), format!("GET https://{path}")] {
            if let Ok(call) = call.parse::<msgraph_permissions::Call>() {
                let again = call.to_string().parse::<msgraph_permissions::Call>();
                prop_assert_eq!(again.as_ref(), Ok(&call));
                let answer = Catalog::embedded().lookup(&call, DelegatedWork, LookupOptions::default());
                let solution = Catalog::embedded().solve(&[answer]);
                prop_assert_eq!(solution.covered.len() + solution.unanswered.len(), 1);
                prop_assert_eq!(names(&solution.minimal).is_empty(), solution.covered.is_empty());
            }
        }
    }
}

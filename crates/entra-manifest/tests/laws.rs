//! Laws of silence and of size: what declares a permission is never passed over, and size costs no more than itself.

mod common;

use std::fmt::Write as _;

use common::{amend, manifest, parse, revoke, source as of_text};
use entra_manifest::{Change, Encoding, PermissionType, Read};
use proptest::prelude::*;

/// Members in which known shapes declare permissions.
const MEMBERS: [&str; 12] = [
    "requiredResourceAccess",
    "requiredResourceAccesses",
    "requiredResourcesAccess",
    "resourceAccess",
    "resourceAccesses",
    "webApiPermissionRequests",
    "delegatedPermissions",
    "applicationPermissions",
    "appRoleAssignments",
    "customBlueprintPermissions",
    "inheritableScopes",
    "inheritableRoles",
];

fn permission() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "741f803b-c850-494e-b5df-cde7c675a1ca".to_owned(),
        "{741F803B-C850-494E-B5DF-CDE7C675A1CA}".to_owned(),
        "User.ReadWrite.All".to_owned(),
        "Directory.AccessAsUser.All".to_owned(),
    ])
}

/// A value that holds the permission, in shapes that are known and others.
fn value(permission: String) -> impl Strategy<Value = String> {
    let literal = format!("\"{permission}\"");
    let leaf = prop::sample::select(vec![
        literal.clone(),
        format!("[{literal}]"),
        format!("{{\"id\": {literal}, \"type\": \"Role\"}}"),
        format!("[{{\"id\": {literal}, \"type\": \"Role,Scope\"}}]"),
        format!("[{{\"id\": {literal}}}, null, 7]"),
        format!("{{{literal}: \"Role\"}}"),
        format!(
            "[{{\"resourceAppId\": \"00000003-0000-0000-c000-000000000000\", \"resourceAccess\": [{{\"id\": {literal}}}]}}]"
        ),
        format!("[{{\"resource\": \"Microsoft Graph\", \"scope\": {literal}}}]"),
    ]);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("[{inner}]")),
            inner
                .clone()
                .prop_map(|inner| format!("{{\"value\": {inner}, \"Count\": 1}}")),
            inner.prop_map(|inner| format!("{{\"Microsoft Graph\": {inner}}}")),
        ]
    })
}

fn cased(name: &str, case: u8) -> String {
    match case % 4 {
        0 => name.to_owned(),
        1 => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
        2 => name.to_lowercase(),
        _ => name.to_uppercase(),
    }
}

/// A document with a member of that name and value somewhere in it.
fn document() -> impl Strategy<Value = String> {
    let member = (prop::sample::select(&MEMBERS[..]), any::<u8>());
    let value = permission().prop_flat_map(value);
    let siblings = prop::sample::select(vec![
        "",
        "\"displayName\": \"x\", ",
        "\"signInAudience\": \"AzureADMyOrg\", ",
        "\"appId\": null, \"name\": \"x\", ",
        "\"resourceAppId\": null, ",
        "\"swagger\": \"2.0\", ",
    ]);
    let object = (siblings, member, value).prop_map(|(siblings, (name, case), value)| {
        format!("{{{siblings}\"{}\": {value}}}", cased(name, case))
    });
    object.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("[null, {inner}]")),
            inner
                .clone()
                .prop_map(|inner| format!("{{\"value\": {inner}}}")),
            inner.prop_map(|inner| format!("{{\"name\": \"x\", \"own\": {{\"x\": {inner}}}}}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_declares_a_permission_is_never_silent(text in document()) {
        let read = parse(&of_text(text.as_str(), Encoding::Utf8));
        prop_assert!(!matches!(read, Read::Nothing(_)), "{read:?}: {text}");
    }

    #[test]
    fn a_broken_declaration_is_never_silent(text in document(), cut in any::<prop::sample::Index>()) {
        // Whatever is cut off at the end, the permission and its member still stand there, or the text is no
        // declaration any more.
        let text = &text[..cut.index(text.len())];
        let holds = text.contains("741") && text.contains("a1ca") || text.contains(".All\"");
        let read = parse(&of_text(text, Encoding::Utf8));
        prop_assert!(!holds || !matches!(read, Read::Nothing(_)), "{read:?}: {text}");
    }
}

/// A manifest with this many requests, each of another id.
fn large(requests: u32, line: &str) -> String {
    let mut text = format!(
        "{{\"requiredResourceAccess\":[{{{line}\"resourceAppId\":\"00000003-0000-0000-c000-000000000000\",\"resourceAccess\":["
    );
    for request in 0..requests {
        let comma = if request == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{line}{{\"id\":\"df021288-bdef-4463-88db-0000{request:08x}\",\"type\":\"Role\"}}"
        );
    }
    text.push_str("]}]}");
    text
}

// Linear, both take less than a second of an optimised build; quadratic, hours.
#[test]
fn a_manifest_of_160_000_ids_is_read_and_edited() {
    for (line, requests) in [("", 160_000), ("\n    ", 20_000)] {
        let source = of_text(large(requests, line), Encoding::Utf8);
        let read = manifest(&source);
        assert_eq!(read.apps[0].requested.len(), requests as usize);
        let mut changes: Vec<Change> = (0..requests as usize)
            .step_by(2)
            .map(|requested| Change::Remove { app: 0, requested })
            .collect();
        changes.push(Change::Replace {
            app: 0,
            requested: 1,
            with: revoke(PermissionType::Application),
            permission_type: None,
        });
        let amended = amend(&source, &read, &changes).unwrap();
        assert_eq!(
            amended.manifest.apps[0].requested.len(),
            requests as usize / 2
        );
    }
}

#[test]
fn an_object_with_very_many_members_is_read() {
    for member in [
        "\"resourceAccess\": []",
        "\"requiredResourceAccess\": []",
        "\"x\": {}",
        "\"delegatedPermissions\": [\"User.Read\"]",
    ] {
        let members = vec![member; 60_000].join(",");
        let text = format!(
            "{{\"requiredResourceAccess\": [{{\"resourceAppId\": \"x\", {members}}}], {members}}}"
        );
        assert!(matches!(
            parse(&of_text(text, Encoding::Utf8)),
            Read::Manifest(_)
        ));
    }
}

#[test]
fn comments_without_number_are_read() {
    let comments = "// User.Read.All\n".repeat(200_000);
    let text = format!(
        "{{\"requiredResourceAccess\": [{{\"resourceAppId\": \"Microsoft Graph\", \"resourceAccess\": [\n{comments}{{\"id\": \"User.Read\", \"type\": \"Scope\"}}\n{comments}]}}]}}"
    );
    let source = of_text(text, Encoding::Utf8);
    let read = manifest(&source);
    assert_eq!(read.apps[0].requested.len(), 1);
    let remove = Change::Remove {
        app: 0,
        requested: 0,
    };
    amend(&source, &read, &[remove]).unwrap();
}

#[test]
fn the_last_permission_of_a_bare_list_leaves_an_app_that_requests_nothing() {
    for text in [
        "[{\"resourceAppId\": \"Microsoft Graph\", \"resourceAccess\": [{\"id\": \"User.Read\", \"type\": \"Scope\"}]}]",
        "{\"resourceAppId\": \"Microsoft Graph\", \"resourceAccess\": [{\"id\": \"User.Read\", \"type\": \"Scope\"}]}",
    ] {
        let source = of_text(text, Encoding::Utf8);
        let remove = Change::Remove {
            app: 0,
            requested: 0,
        };
        let amended = amend(&source, &manifest(&source), &[remove]).unwrap();
        let after = amended.source(&source);
        assert_eq!(after.text().starts_with('['), text.starts_with('['));
        let read = manifest(after);
        assert_eq!((read.apps.len(), read.apps[0].requested.len()), (1, 0));
    }
}

#[test]
fn a_list_of_another_dialect_in_the_same_app_is_edited_or_refused() {
    let text = r#"{
  "solution": {
    "webApiPermissionRequests": [{ "resource": "Microsoft Graph", "scope": "User.Read" }],
    "requiredResourceAccess": [{ "resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [] }]
  }
}"#;
    let source = of_text(text, Encoding::Utf8);
    let read = manifest(&source);
    for permission_type in [PermissionType::Delegated, PermissionType::Application] {
        let add = Change::Add {
            app: 0,
            resource_app_id: entra_manifest::AZURE_AD_GRAPH,
            permission: revoke(permission_type),
            permission_type,
        };
        if let Ok(amended) = amend(&source, &read, &[add]) {
            assert_eq!(amended.manifest.apps[0].requested.len(), 2);
        }
    }
}

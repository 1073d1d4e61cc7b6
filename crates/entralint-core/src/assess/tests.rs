//! How an app is judged, on a small catalogue.

use entra_manifest::{FileId, Read, Source, Unit};
use msgraph_permissions::{CatalogInput, LookupOptions};

use super::*;
use crate::calls::{DeclaredCall, Origin};

/// A catalogue in which `Things.Read` and `Things.ReadWrite` are both marked least privileged
/// for a read, as in Microsoft's data, `Narrow.Act` is accepted for one of two calls, and
/// `Pair.Read` needs `Other.Read` beside it.
const CATALOGUE: &str = r#"{"permissions": {
    "Things.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/things": "least=Application", "/more": "", "/others": ""}}]},
    "Things.ReadWrite": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/things": "least=Application"}}]},
    "Wide.Act": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 3}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/act": "least=Application", "/act2": "", "/act3": ""}}]},
    "Narrow.Act": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/act": ""}}]},
    "Pair.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/pair": "least=Application;AlsoRequires=Other.Read"}}]},
    "Link.Write": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 3}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/links": "least=Application;AlsoRequires=Folder.Read"}}]},
    "Folder.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 2}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["POST"],
            "paths": {"/links": ""}}]},
    "Other.Read": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 1}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"],
            "paths": {"/other": "least=Application"}}]}
}}"#;

struct Seen {
    target: Vec<String>,
    missing: Vec<String>,
    excess: Vec<String>,
}

/// How an app that asks for these names of application permissions stands to these calls.
fn see(held: &[&str], calls: &[&str]) -> Seen {
    let catalog = Catalog::load(CatalogInput {
        permissions: CATALOGUE.as_bytes(),
        provisioning: None,
        overrides: false,
        source: "test".to_owned(),
    })
    .unwrap();
    let requests: Vec<String> = held
        .iter()
        .map(|name| format!(r#"{{ "id": "{name}", "type": "Role" }}"#))
        .collect();
    let manifest = format!(
        r#"{{ "requiredResourceAccess": [{{ "resourceAppId": "Microsoft Graph", "resourceAccess": [{}] }}] }}"#,
        requests.join(", ")
    );
    let source = Source::decode(FileId::default(), "app.json", manifest.into_bytes()).unwrap();
    let Read::Manifest(manifest) = entra_manifest::read(Unit::file(&source)) else {
        panic!("it is a manifest");
    };
    let declared = calls
        .iter()
        .map(|text| DeclaredCall {
            call: text.parse().unwrap(),
            origin: Origin::CommandLine,
        })
        .collect();
    let calls = Calls::answer(&catalog, declared, LookupOptions::default());
    let app = Assessment::new(&calls, &manifest.apps[0], 0);
    let view = &app.views[1];
    let excess = view.held.iter().filter_map(|name| {
        let word = match view.excess(name)? {
            Excess::Unneeded => "unneeded",
            Excess::Broader { .. } => "broader",
            Excess::Redundant { .. } => "redundant",
        };
        Some(format!("{name} {word}"))
    });
    Seen {
        target: view.target.iter().map(ToString::to_string).collect(),
        missing: view.missing().iter().map(|(n, _)| n.to_string()).collect(),
        excess: excess.collect(),
    }
}

#[test]
fn nobody_is_told_to_take_a_writing_permission_for_a_read() {
    let seen = see(&["Things.Read"], &["GET /things"]);
    assert_eq!(seen.target, ["Things.Read"]);
    assert!(seen.excess.is_empty(), "{:?}", seen.excess);
    let seen = see(&[], &["application GET /things"]);
    assert_eq!(seen.missing, ["Things.Read"]);
}

#[test]
fn an_accepted_permission_that_is_narrower_than_the_marked_one_may_stay() {
    let seen = see(&["Narrow.Act"], &["POST /act"]);
    assert_eq!(seen.target, ["Narrow.Act"]);
    assert!(seen.excess.is_empty() && seen.missing.is_empty());
}

#[test]
fn a_narrower_one_that_leaves_a_call_uncovered_does_not_make_do() {
    let seen = see(
        &["Narrow.Act"],
        &["application POST /act", "application POST /act2"],
    );
    assert_eq!(seen.target, ["Wide.Act"]);
    assert_eq!(seen.missing, ["Wide.Act"]);
    assert_eq!(seen.excess, ["Narrow.Act redundant"]);
}

#[test]
fn a_permission_that_is_required_beside_another_is_needed_and_missed() {
    let seen = see(&["Pair.Read", "Other.Read"], &["GET /pair"]);
    assert_eq!(seen.target, ["Other.Read", "Pair.Read"]);
    assert!(seen.excess.is_empty() && seen.missing.is_empty());
    let seen = see(&["Pair.Read"], &["GET /pair"]);
    assert_eq!(seen.missing, ["Other.Read"]);
    let seen = see(&["Other.Read"], &["application GET /pair"]);
    assert_eq!(seen.missing, ["Pair.Read"]);
    assert!(seen.excess.is_empty(), "{:?}", seen.excess);
}

#[test]
fn a_call_of_a_named_type_is_judged_whatever_is_held() {
    let seen = see(&["Wide.Act"], &["application GET /other"]);
    assert_eq!(seen.missing, ["Other.Read"]);
    assert_eq!(seen.excess, ["Wide.Act unneeded"]);
    let seen = see(&["Wide.Act"], &["delegated POST /act"]);
    assert!(seen.missing.is_empty());
    assert_eq!(seen.excess, ["Wide.Act unneeded"]);
}

#[test]
fn a_bundle_stays_together_though_the_data_accepts_its_second_half_alone() {
    let seen = see(&[], &["application POST /links"]);
    assert_eq!(seen.target, ["Folder.Read", "Link.Write"]);
    assert_eq!(seen.missing, ["Link.Write", "Folder.Read"]);
    let seen = see(&["Link.Write", "Folder.Read"], &["POST /links"]);
    assert!(seen.excess.is_empty(), "{:?}", seen.excess);
}

//! Laws of fixing, over apps that ask for anything and call anything.

use entra_manifest::{FileId, Read, Unit};
use msgraph_permissions::{LookupOptions, Method};
use proptest::prelude::*;

use super::*;
use crate::assess::Assessment;
use crate::calls::{Calls, DeclaredCall, Origin};
use crate::check;

/// Every (permission, kind) of the embedded catalogue that has an id.
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

/// Every operation of the embedded catalogue, with its type and without.
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

fn read(text: &str) -> (Source, Manifest) {
    let source = Source::decode(FileId::default(), "app.json", text.as_bytes().to_vec()).unwrap();
    match entra_manifest::read(Unit::file(&source)) {
        Read::Manifest(manifest) => (source, manifest),
        other => panic!("{other:?}"),
    }
}

fn fixed(text: &str, calls: &Calls<'_>) -> String {
    let (source, manifest) = read(text);
    let findings = check::check_apps(&manifest, calls);
    fix(
        &source,
        &manifest,
        &findings,
        Allowed::SafeAndUnsafe,
        |m| check::check_apps(m, calls),
        // Without the net: the fixes have to be right by themselves.
        |_, _| true,
    )
    .map_or_else(
        || text.to_owned(),
        |fixed| {
            assert!(fixed.dropped.is_empty(), "{:?}", fixed.dropped);
            fixed.source.text().to_owned()
        },
    )
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
            "paths": {"/a": "", "/c": ""}}]},
    "Wide.Two": {"authorizationType": "oAuth2",
        "schemes": {"Application": {"requiresAdminConsent": true, "privilegeLevel": 4}},
        "pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/b": ""}}]}
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
    let declared = ["GET /a", "GET /b", "GET /c"]
        .into_iter()
        .map(|text| DeclaredCall {
            call: format!("application {text}").parse().unwrap(),
            origin: Origin::CommandLine,
        })
        .collect();
    let calls = Calls::answer(&catalog, declared, LookupOptions::default());
    let requests =
        ["1", "2"].map(|end| (format!("00000000-0000-4000-8000-00000000000{end}"), "Role"));
    let before = manifest(&requests);
    assert_eq!(fixed(&before, &calls), before);
    let (_, read) = read(&before);
    let findings = check::check_apps(&read, &calls);
    assert_eq!(findings.len(), 2);
    for finding in findings {
        assert!(
            finding.notes.iter().any(|n| n.contains("no id for A.Read")),
            "{:?}",
            finding.notes
        );
    }
}

#[test]
fn a_fix_that_would_uncover_a_call_is_dropped() {
    let calls = Calls::answer(Catalog::embedded(), Vec::new(), LookupOptions::default());
    let id = "19dbc75e-c2e2-444c-a770-ec69d8559fc7";
    let (source, manifest) = read(&manifest(&[(id.to_owned(), "Role")]));
    let mut findings = check::check_apps(&manifest, &calls);
    let fix_of_first = findings[0].fix.as_mut().unwrap();
    fix_of_first.changes = vec![Change::Remove {
        app: 0,
        requested: 0,
    }];
    let result = fix(
        &source,
        &manifest,
        &findings,
        Allowed::SafeAndUnsafe,
        |m| check::check_apps(m, &calls),
        |before, after| check::keeps_cover(before, after, &calls),
    )
    .unwrap();
    assert_eq!(result.applied, 0);
    assert_eq!(result.source.text(), source.text());
    assert!(result.dropped[0].contains("a call that is covered now would not be"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_fixed_covers_every_call_asks_for_nothing_more_and_stays_fixed(
        requests in prop::collection::vec(prop::sample::select(permissions()), 0..8),
        calls in prop::collection::vec(prop::sample::select(operations()), 1..6),
    ) {
        let before = manifest(&requests);
        let declared = calls
            .iter()
            .map(|text| DeclaredCall { call: text.parse().unwrap(), origin: Origin::CommandLine })
            .collect();
        let calls = Calls::answer(Catalog::embedded(), declared, LookupOptions::default());
        let after = fixed(&before, &calls);

        // Fixing twice is fixing once.
        prop_assert_eq!(&fixed(&after, &calls), &after);

        // No finding is left that could have been fixed.
        let (_, now) = read(&after);
        let left: Vec<String> = check::check_apps(&now, &calls)
            .into_iter()
            .filter(|finding| finding.fix.as_ref().is_some_and(|fix| !fix.changes.is_empty()))
            .map(|finding| finding.message)
            .collect();
        prop_assert!(left.is_empty(), "{:?}\n{}", left, after);

        // A call that was covered is covered still, in the same type; and so is every call of a
        // named type that the catalogue answers.
        let (_, was) = read(&before);
        let was = Assessment::new(&calls, &was.apps[0], 0);
        let now = Assessment::new(&calls, &now.apps[0], 0);
        for call in &calls.list {
            for answer in &call.answers {
                let covered = |app: &Assessment<'_>| {
                    app.views
                        .iter()
                        .filter(|view| view.kind == answer.scheme.permission_type())
                        .any(|view| answer.covered_by(&|n| view.held.contains(n)).is_some())
                };
                let named = call.declared.call.scheme == Some(answer.scheme);
                let due = answer.is_answered() && named;
                prop_assert!(
                    covered(&now) || !(covered(&was) || due),
                    "{} ({})\n{}", call.operation(), answer.scheme, after
                );
            }
        }
    }

    #[test]
    fn any_bytes_are_checked_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        use crate::check::Candidate;
        let calls = Calls::answer(Catalog::embedded(), Vec::new(), LookupOptions::default());
        for named in [true, false] {
            let candidate = Candidate { name: String::new(), uri: String::new(), named };
            let mut text = b"{\"requiredResourceAccess\":".to_vec();
            text.extend(&bytes);
            for bytes in [bytes.clone(), text] {
                let checked = check::check(check::outcome(&candidate, bytes), &calls);
                for finding in &checked.findings {
                    prop_assert!(!finding.message.is_empty());
                }
            }
        }
    }
}

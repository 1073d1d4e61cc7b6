//! Real manifests, where they are at hand: every file told, everything declared found, every edit no more than itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use common::{amend, parse, revoke};
use entra_manifest::{
    AmendError, Amended, App, Change, FileId, MICROSOFT_GRAPH, Manifest, Means, PermissionRef,
    PermissionType, Read, Source, WhyNot,
};

/// Declarations with a syntax error: what a person would find in them is not read.
const BROKEN: [&str; 2] = [
    "Venkat-Muthu__EnterpriseApplicationRegistration__requiredResourceAccess.json",
    "damayantiazure__Automate-ADAppRegistration__Scripts_manifestdemo.json",
];

/// The corpus.
fn corpus() -> Vec<(String, Source)> {
    let shared = env::var_os("ENTRALINT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("corpus");
    let mut files = Vec::new();
    for part in ["arm", "entra-json", "spfx", "teams"] {
        for entry in fs::read_dir(folder.join(part)).expect("../shared/corpus is there") {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let source =
                Source::decode(FileId::default(), name.as_str(), fs::read(&path).unwrap()).unwrap();
            files.push((name, source));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// Those that can be edited. In a template of a deployment much is computed, and refused.
fn manifests(corpus: &[(String, Source)]) -> impl Iterator<Item = (&str, &Source, Manifest)> {
    corpus
        .iter()
        .filter_map(|(name, source)| match parse(source) {
            Read::Manifest(manifest)
                if manifest.is_editable() && !manifest.about.id.starts_with("arm-") =>
            {
                Some((name.as_str(), source, manifest))
            }
            _ => None,
        })
}

#[test]
#[ignore = "needs the published data"]
fn every_file_is_told() {
    let corpus = corpus();
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for (name, source) in &corpus {
        let class = match parse(source) {
            Read::Manifest(manifest) => format!("manifest: {}", manifest.about),
            Read::Nothing(reason) => format!("no manifest: {reason}"),
            Read::Unsupported(what) => format!("not read: {what}"),
            Read::Broken(errors) => {
                broken.push(name.as_str());
                format!("invalid: {}", errors[0])
            }
            other => panic!("{name}: {other:?}"),
        };
        *classes.entry(class).or_default() += 1;
    }
    assert_eq!(broken, BROKEN);
    let lines: String = classes
        .iter()
        .map(|(class, count)| format!("{count:4} {class}\n"))
        .collect();
    insta::assert_snapshot!(lines);
}

#[test]
#[ignore = "needs the published data"]
fn the_odd_ones_are_what_they_are() {
    let corpus = corpus();
    let told = |part: &str| {
        let mut told: Vec<String> = corpus
            .iter()
            .filter(|(name, _)| name.contains(part))
            .map(|(_, source)| match parse(source) {
                Read::Manifest(manifest) => manifest.about.to_string(),
                Read::Nothing(reason) => format!("{reason:?}"),
                Read::Unsupported(what) => what.to_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        told.dedup();
        told
    };
    // Files that hold the words and declare nothing.
    for (part, reason) in [
        ("package.nls", "NoDeclaration"),
        ("_permissions.json", "Catalog"),
        ("__msgraph.json", "Catalog"),
        ("RiskyAppPermissions", "NoDeclaration"),
        ("bridge-metadata", "NoDeclaration"),
        ("New-AzureAD", "NoDeclaration"),
        ("microsoftgraph-v1.0_1.0.0", "Schema"),
        ("NewGraphObjectBetaApplication", "NotJson"),
        ("main.existing.json", "NoDeclaration"),
    ] {
        assert_eq!(told(part), [reason], "{part}");
    }
    // Shapes that are known and not read.
    for (part, shape) in [
        ("realmjoin-runbooks", "list of permission names"),
        ("5.53.5_grpc", "several JSON documents in one file"),
        ("5.53.5_stack", "Pulumi state"),
        (
            "SetScubaGearAppPermissionData_MockOptimal",
            "list of granted permissions",
        ),
    ] {
        assert_eq!(told(part), [shape], "{part}");
    }
    // Written oddly, and read.
    for (part, format) in [
        ("MockApplications", "list of applications"),
        (
            "sso-tab_aad.manifest.template.json.tpl",
            "Azure AD manifest",
        ),
        ("Graph-Agent__aad.manifest.template", "Azure AD manifest"),
        (
            "SOCRadar-Azure-Entra-ID__production",
            "ARM template compiled from Bicep",
        ),
    ] {
        assert_eq!(told(part), [format], "{part}");
    }
}

/// What a plain search finds: the strings behind `"id":` in lists of permissions, the strings in lists of names, the
/// strings behind `"scope":`. Lines that are comments are left out.
fn plainly_found(text: &str) -> Vec<String> {
    let text: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    let lists = ["\"resourceaccess\"", "\"resourceaccesses\""];
    for_each_list(&text, &lists, |list| {
        strings_behind(list, "\"id\"", &mut found)
    });
    let lists = ["\"delegatedpermissions\"", "\"applicationpermissions\""];
    for_each_list(&text, &lists, |list| {
        found.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    });
    for_each_list(&text, &["\"approleassignments\""], |list| {
        strings_behind(list, "\"value\"", &mut found);
    });
    for_each_list(&text, &["\"webapipermissionrequests\""], |list| {
        strings_behind(list, "\"scope\"", &mut found);
    });
    found
        .iter_mut()
        .for_each(|word| *word = word.to_ascii_lowercase());
    found.sort();
    found
}

/// Calls `visit` with the inside of each list behind one of these keys.
fn for_each_list(text: &str, keys: &[&str], mut visit: impl FnMut(&str)) {
    let lower = text.to_ascii_lowercase();
    for key in keys {
        for (at, _) in lower.match_indices(key) {
            let rest = text[at + key.len()..].trim_start();
            let Some(rest) = rest.strip_prefix(':') else {
                continue;
            };
            let Some(rest) = rest.trim_start().strip_prefix('[') else {
                continue;
            };
            let mut depth = 1;
            let end = rest.find(|c| {
                depth += i32::from(c == '[') - i32::from(c == ']');
                depth == 0
            });
            visit(&rest[..end.unwrap_or(rest.len())]);
        }
    }
}

fn strings_behind(text: &str, key: &str, found: &mut Vec<String>) {
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices(key) {
        let value = text[at + key.len()..].trim_start();
        let value = value.strip_prefix(':').map(str::trim_start);
        if let Some(value) = value.and_then(|value| value.strip_prefix('"')) {
            found.push(value.split('"').next().unwrap().to_owned());
        }
    }
}

fn found(manifest: &Manifest) -> Vec<String> {
    let mut found: Vec<String> = manifest
        .apps
        .iter()
        .flat_map(|app| &app.requested)
        .filter(|requested| requested.means == Means::Requested)
        .map(|requested| match &requested.permission {
            PermissionRef::Id { uuid, .. } => uuid.to_string(),
            PermissionRef::Name { name, .. } => name.to_ascii_lowercase(),
            PermissionRef::Unresolved { text, .. } => text.to_ascii_lowercase(),
        })
        .collect();
    found.sort();
    found
}

#[test]
#[ignore = "needs the published data"]
fn what_a_plain_search_finds_is_read() {
    let mut total = 0;
    for (name, source) in &corpus() {
        let plain = plainly_found(source.text());
        match parse(source) {
            Read::Manifest(manifest) => {
                assert_eq!(plain, found(&manifest), "{name}");
                total += plain.len();
            }
            // Definitions, not declarations.
            Read::Nothing(WhyNot::Schema) => {}
            _ if BROKEN.contains(&name.as_str()) => assert_ne!(plain, [""; 0]),
            _ => assert_eq!(plain, [""; 0], "{name}"),
        }
    }
    println!("{total} requests");
}

#[test]
#[ignore = "needs the published data"]
fn spans_are_what_they_say() {
    let corpus = corpus();
    for (name, source, manifest) in manifests(&corpus) {
        for requested in manifest.apps.iter().flat_map(|app| &app.requested) {
            let literal = &source.text()[requested.permission.span().range()];
            let content = literal.trim_matches('"').to_ascii_lowercase();
            match &requested.permission {
                PermissionRef::Id { uuid, .. } => assert_eq!(content, uuid.to_string(), "{name}"),
                PermissionRef::Name { name, .. } => assert_eq!(content, name.to_ascii_lowercase()),
                PermissionRef::Unresolved { .. } => {}
            }
            let (line, column) = source.line_column(requested.span.start);
            let text = source.text().split('\n').nth(line - 1).unwrap();
            let rest: String = text.chars().skip(column - 1).collect();
            assert!(source.text()[requested.span.range().start..].starts_with(&rest));
        }
    }
}

/// The bytes before, between and after the edits are those of the old file.
fn assert_only_edits(name: &str, old: &Source, amended: &Amended) {
    let mut new = String::new();
    let mut at = 0;
    for edit in &amended.edits {
        let range = edit.span.range();
        assert!(at <= range.start, "{name}: sorted and disjoint");
        new.push_str(&old.text()[at..range.start]);
        new.push_str(&edit.new);
        at = range.end;
    }
    new.push_str(&old.text()[at..]);
    assert_eq!(new, amended.source(old).text(), "{name}");
    assert_eq!(old.encode(&new), amended.source(old).to_bytes(), "{name}");
}

#[test]
#[ignore = "needs the published data"]
fn each_request_can_be_replaced_and_removed() {
    let corpus = corpus();
    for (name, source, manifest) in manifests(&corpus) {
        for (app, content) in manifest.apps.iter().enumerate() {
            for requested in 0..content.requested.len() {
                if content.requested[requested].means == Means::Granted {
                    continue;
                }
                let ty = content.requested[requested]
                    .permission_type
                    .known()
                    .unwrap();
                let replace = Change::Replace {
                    app,
                    requested,
                    with: revoke(ty),
                    permission_type: None,
                };
                let amended = amend(source, &manifest, &[replace]).unwrap();
                assert_only_edits(name, source, &amended);
                // The id, and the label beside it where there is one.
                assert!(amended.edits.len() <= 2, "{name}");
                let lines = |text: &str| text.matches('\n').count();
                assert_eq!(
                    lines(source.text()),
                    lines(amended.source(source).text()),
                    "{name}"
                );

                let remove = Change::Remove { app, requested };
                let amended = amend(source, &manifest, &[remove])
                    .unwrap_or_else(|error| panic!("{name} {app} {requested}: {error}"));
                assert_only_edits(name, source, &amended);
                if let Some(after) = amended.manifest.apps.get(app) {
                    let left = content.requested.len() - 1;
                    let same_app = amended.manifest.apps.len() == manifest.apps.len();
                    assert!(!same_app || after.requested.len() == left, "{name}");
                }
                assert!(
                    !amended.source(source).text().contains("\n\n\n\n"),
                    "{name}"
                );
            }
        }
    }
}

fn is_grantee(app: &App) -> bool {
    let mut requested = app.requested.iter();
    requested.any(|requested| requested.means == Means::Granted)
}

#[test]
#[ignore = "needs the published data"]
fn a_permission_can_be_added_everywhere() {
    let corpus = corpus();
    for (name, source, manifest) in manifests(&corpus) {
        for app in 0..manifest.apps.len() {
            let add = Change::Add {
                app,
                resource_app_id: MICROSOFT_GRAPH,
                permission: revoke(PermissionType::Delegated),
                permission_type: PermissionType::Delegated,
            };
            let amended = match amend(source, &manifest, std::slice::from_ref(&add)) {
                // The principal of a grant is no application that a list could be added to, and a list of names
                // has no word for another type.
                Err(AmendError::NotEditable(_))
                    if is_grantee(&manifest.apps[app])
                        || manifest.about.id == "permission-list" =>
                {
                    continue;
                }
                amended => amended,
            };
            let amended = amended.unwrap_or_else(|error| panic!("{name} {app}: {error}"));
            assert_only_edits(name, source, &amended);
            let again = amend(amended.source(source), &amended.manifest, &[add]).unwrap();
            assert_eq!(again.edits, [], "{name}");
        }
    }
}

#[test]
#[ignore = "needs the published data"]
fn all_requests_can_be_removed_at_once() {
    let corpus = corpus();
    for (name, source, manifest) in manifests(&corpus) {
        let changes: Vec<_> = manifest
            .apps
            .iter()
            .enumerate()
            .flat_map(|(app, content)| {
                let requested = content.requested.iter().enumerate();
                let own = requested.filter(|(_, requested)| requested.means == Means::Requested);
                own.map(move |(requested, _)| Change::Remove { app, requested })
            })
            .collect();
        let amended =
            amend(source, &manifest, &changes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_only_edits(name, source, &amended);
        let left = amended.manifest.apps.iter().flat_map(|app| &app.requested);
        assert!(
            left.into_iter()
                .all(|requested| requested.means == Means::Granted),
            "{name}"
        );
    }
}

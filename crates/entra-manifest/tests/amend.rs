//! What changes do to a text, byte by byte.

mod common;

use common::{amend, diff, fixture, fixtures, manifest, revoke};
use entra_manifest::{AmendError, Change, FileId, MICROSOFT_GRAPH, PermissionType, Source};
use uuid::Uuid;

fn replace(requested: usize, ty: PermissionType) -> Change {
    Change::Replace {
        app: 0,
        requested,
        with: revoke(ty),
        permission_type: None,
    }
}

fn remove(requested: usize) -> Change {
    Change::Remove { app: 0, requested }
}

fn add(app: usize, ty: PermissionType) -> Change {
    Change::Add {
        app,
        resource_app_id: MICROSOFT_GRAPH,
        permission: revoke(ty),
        permission_type: ty,
    }
}

#[track_caller]
fn difference(name: &str, changes: &[Change]) -> String {
    let source = fixture(name);
    let amended = amend(&source, &manifest(&source), changes)
        .unwrap_or_else(|error| panic!("{name}: {changes:?}: {error}"));
    diff(source.text(), amended.source(&source).text())
}

/// Every request of every application.
fn requests(source: &Source) -> Vec<(usize, usize)> {
    manifest(source)
        .apps
        .iter()
        .enumerate()
        .flat_map(|(app, content)| (0..content.requested.len()).map(move |index| (app, index)))
        .collect()
}

#[test]
fn replace_in_every_style() {
    let mut all = String::new();
    for (name, bytes) in fixtures("") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        let Some((app, requested)) = requests(&source).last().copied() else {
            continue;
        };
        let change = Change::Replace {
            app,
            requested,
            with: revoke(PermissionType::Application),
            permission_type: None,
        };
        let outcome = match amend(&source, &manifest(&source), &[change]) {
            Ok(amended) => diff(source.text(), amended.source(&source).text()),
            Err(error) => format!("({error})\n"),
        };
        all.push_str(&format!("== {name}\n{outcome}"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn remove_in_every_style() {
    let mut all = String::new();
    for (name, bytes) in fixtures("") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        for (app, requested) in requests(&source) {
            let change = Change::Remove { app, requested };
            let outcome = match amend(&source, &manifest(&source), &[change]) {
                Ok(amended) => diff(source.text(), amended.source(&source).text()),
                Err(error) => format!("({error})\n"),
            };
            all.push_str(&format!("== {name} {app}.{requested}\n{outcome}"));
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn add_in_every_style() {
    let mut all = String::new();
    for (name, bytes) in fixtures("") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        for app in 0..manifest(&source).apps.len() {
            for ty in [PermissionType::Delegated, PermissionType::Application] {
                let outcome = match amend(&source, &manifest(&source), &[add(app, ty)]) {
                    Ok(amended) => diff(source.text(), amended.source(&source).text()),
                    Err(error) => format!("({error})\n"),
                };
                all.push_str(&format!("== {name} {app} {}\n{outcome}", ty.as_manifest()));
            }
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_replacement_that_is_there_already_does_nothing() {
    let source = fixture("graph-application.json");
    let changes = [replace(1, PermissionType::Application)];
    let once = amend(&source, &manifest(&source), &changes).unwrap();
    let twice = amend(once.source(&source), &once.manifest, &changes).unwrap();
    assert_eq!(once.edits.len(), 1);
    assert_eq!(twice.edits, []);
    assert_eq!(twice.source(once.source(&source)), once.source(&source));
}

#[test]
fn an_addition_that_is_there_already_does_nothing() {
    for (name, bytes) in fixtures("") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        let Ok(once) = amend(
            &source,
            &manifest(&source),
            &[add(0, PermissionType::Delegated)],
        ) else {
            continue;
        };
        let twice = amend(
            once.source(&source),
            &once.manifest,
            &[add(0, PermissionType::Delegated)],
        )
        .unwrap();
        assert_eq!(twice.edits, [], "{name}");
    }
}

#[test]
fn utf16_stays_utf16() {
    let source = fixture("utf16le.json");
    let amended = amend(
        &source,
        &manifest(&source),
        &[replace(0, PermissionType::Application)],
    )
    .unwrap();
    let old = source.to_bytes();
    let new = amended.source(&source).to_bytes();
    let start = source.original_offset(amended.edits[0].span.start);
    let end = source.original_offset(amended.edits[0].span.end);
    assert_eq!(old.len(), new.len());
    assert_eq!(old[..start], new[..start]);
    assert_ne!(old[start..end], new[start..end]);
    assert_eq!(old[end..], new[end..]);
}

#[test]
fn several_changes_at_once() {
    let graph = "graph-application.json";
    let mut all = String::new();
    let mut case = |title: &str, name: &str, changes: &[Change]| {
        all.push_str(&format!("== {title}\n{}", difference(name, changes)));
    };
    case(
        "swap and remove",
        graph,
        &[remove(0), replace(1, PermissionType::Application)],
    );
    case("empty a resource", graph, &[remove(1), remove(0)]);
    case("empty all", graph, &[remove(0), remove(1), remove(2)]);
    case(
        "empty and add",
        graph,
        &[
            remove(0),
            remove(1),
            add(0, PermissionType::Application),
            add(0, PermissionType::Delegated),
        ],
    );
    case(
        "add twice",
        graph,
        &[
            add(0, PermissionType::Application),
            add(0, PermissionType::Application),
        ],
    );
    case(
        "remove a neighbour of an addition",
        graph,
        &[remove(1), add(0, PermissionType::Application)],
    );
    case(
        "neighbours on one line",
        "one-line.json",
        &[remove(0), remove(1)],
    );
    case(
        "middle and last, cuddled",
        "cuddled.json",
        &[remove(1), remove(2)],
    );
    case(
        "first and last, cuddled",
        "cuddled.json",
        &[remove(0), remove(2), add(0, PermissionType::Application)],
    );
    case(
        "beside comments",
        "comments.json",
        &[remove(2), add(0, PermissionType::Application)],
    );
    case(
        "all beside comments",
        "comments.json",
        &[remove(0), remove(1), remove(2)],
    );
    case(
        "all beside comments, and add",
        "comments.json",
        &[
            remove(0),
            remove(1),
            remove(2),
            add(0, PermissionType::Application),
        ],
    );
    case(
        "both kinds to a new resource",
        "empty-list.json",
        &[
            add(0, PermissionType::Application),
            add(0, PermissionType::Delegated),
        ],
    );
    case(
        "both kinds by name",
        "sample-configuration.json",
        &[
            Change::Add {
                app: 1,
                resource_app_id: MICROSOFT_GRAPH,
                permission: revoke(PermissionType::Application),
                permission_type: PermissionType::Application,
            },
            add(1, PermissionType::Delegated),
        ],
    );
    insta::assert_snapshot!(all);
}

#[test]
fn a_new_resource_is_written_like_its_neighbours() {
    let other = |name: &str| {
        let change = Change::Add {
            app: 0,
            resource_app_id: entra_manifest::AZURE_AD_GRAPH,
            permission: revoke(PermissionType::Application),
            permission_type: PermissionType::Application,
        };
        format!("== {name}\n{}", difference(name, &[change]))
    };
    let all: String = [
        "graph-application.json",
        "legacy-manifest.json",
        "pascal-case.json",
        "cuddled.json",
        "minified.json",
        "agents-toolkit.json",
        "nested.json",
        "upper-case-ids.json",
        "comments.json",
        "resource-last.json",
    ]
    .map(other)
    .concat();
    insta::assert_snapshot!(all);
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let source = fixture("graph-application.json");
    let read = manifest(&source);
    let refused = |changes: &[Change]| amend(&source, &read, changes).unwrap_err();
    assert_eq!(refused(&[remove(7)]), AmendError::NoSuchRequest);
    assert_eq!(
        refused(&[Change::Remove {
            app: 1,
            requested: 0
        }]),
        AmendError::NoSuchRequest
    );
    assert_eq!(
        refused(&[remove(0), replace(0, PermissionType::Application)]),
        AmendError::Conflict
    );
    let stale = source.with_text(source.text().replace("Role", "Scope"));
    assert_eq!(amend(&stale, &read, &[]).unwrap_err(), AmendError::Stale);

    let named = fixture("agents-toolkit.json");
    let mut bad = revoke(PermissionType::Delegated);
    bad.name = "User\"".to_owned();
    let change = Change::Replace {
        app: 0,
        requested: 0,
        with: bad.clone(),
        permission_type: None,
    };
    assert_eq!(
        amend(&named, &manifest(&named), &[change]).unwrap_err(),
        AmendError::BadName(bad.name)
    );

    let sample = fixture("sample-configuration.json");
    let unknown = Uuid::from_u128(7);
    let change = Change::Add {
        app: 0,
        resource_app_id: unknown,
        permission: revoke(PermissionType::Delegated),
        permission_type: PermissionType::Delegated,
    };
    assert_eq!(
        amend(&sample, &manifest(&sample), &[change]).unwrap_err(),
        AmendError::UnknownResource(unknown)
    );
    let change = Change::Replace {
        app: 0,
        requested: 0,
        with: revoke(PermissionType::Application),
        permission_type: Some(PermissionType::Application),
    };
    assert_eq!(
        amend(&sample, &manifest(&sample), &[change])
            .unwrap_err()
            .to_string(),
        "the list that a permission stands in says its type: remove it there and add it here"
    );
}

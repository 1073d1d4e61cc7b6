//! Laws that hold for any bytes, any text, any fixture however mangled, and any set of changes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use common::laws::{Alone, check_amend, check_read};
use common::{fixture_folder, revoke, source as of_text};
use entra_manifest::{
    AZURE_AD_GRAPH, AmendError, Change, Encoding, FileId, MICROSOFT_GRAPH, Manifest,
    PermissionText, PermissionType, Read, Source, Unit, amend,
};
use proptest::prelude::*;
use uuid::uuid;

/// Every file under the fixtures that decodes, in folders of several files each by itself.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let mut files = Vec::new();
    walk(&fixture_folder().join(".."), &mut files);
    files.sort();
    let decoded = files.into_iter().filter_map(|path| {
        let name = path.to_str().unwrap().to_owned();
        Source::decode(FileId::default(), name, fs::read(path).unwrap()).ok()
    });
    decoded.collect()
});

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Those that are manifests.
static MANIFESTS: LazyLock<Vec<(&Source, Alone)>> = LazyLock::new(|| {
    let manifests = SOURCES.iter().filter_map(|source| {
        let alone = Alone::of(source);
        matches!(alone.read, Read::Manifest(_)).then_some((source, alone))
    });
    manifests.collect()
});

fn manifest_of(alone: &Alone) -> &Manifest {
    match &alone.read {
        Read::Manifest(manifest) => manifest,
        other => panic!("a manifest: {other:?}"),
    }
}

/// A place in a text and what to do there.
#[derive(Debug, Clone)]
enum Mangle {
    Delete(prop::sample::Index, usize),
    Insert(prop::sample::Index, String),
    Repeat(prop::sample::Index, usize),
}

fn mangle() -> impl Strategy<Value = Mangle> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "'",
        "\\",
        "//",
        "/*",
        "*/",
        "\n",
        "\r\n",
        "null",
        "7",
        "\u{feff}",
        "ä",
        "🛟",
        "{{=",
        "=}}",
        "\"id\": ",
        "\"type\": \"Role\"",
        "\"requiredResourceAccess\": ",
        "\"resourceAccess\": [",
        "// User.Read\n",
        "\\ud800",
        "\"resourceAppId\": \"Microsoft Graph\",",
    ]);
    prop_oneof![
        (any::<prop::sample::Index>(), 1..40usize).prop_map(|(at, len)| Mangle::Delete(at, len)),
        (any::<prop::sample::Index>(), piece)
            .prop_map(|(at, piece)| Mangle::Insert(at, piece.to_owned())),
        (any::<prop::sample::Index>(), 1..200usize).prop_map(|(at, len)| Mangle::Repeat(at, len)),
    ]
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn mangled(text: &str, mangles: &[Mangle]) -> String {
    let mut text = text.to_owned();
    for mangle in mangles {
        let (Mangle::Delete(at, _) | Mangle::Insert(at, _) | Mangle::Repeat(at, _)) = mangle;
        let start = boundary(&text, at.index(text.len() + 1));
        match mangle {
            Mangle::Delete(_, len) => {
                let end = boundary(&text, start + len);
                text.replace_range(start..end, "");
            }
            Mangle::Insert(_, piece) => text.insert_str(start, piece),
            Mangle::Repeat(_, len) => {
                let end = boundary(&text, start + len);
                let piece = text[start..end].to_owned();
                text.insert_str(end, &piece);
            }
        }
    }
    text
}

/// A change to the manifest, its indices made to fit.
#[derive(Debug, Clone)]
enum Wish {
    Replace(prop::sample::Index, PermissionText, Option<PermissionType>),
    Remove(prop::sample::Index),
    Add(prop::sample::Index, bool, PermissionText, PermissionType),
}

fn permission() -> impl Strategy<Value = PermissionText> {
    let read = PermissionText {
        id: uuid!("df021288-bdef-4463-88db-98f22de89214"),
        name: "User.Read.All".to_owned(),
    };
    prop::sample::select(vec![
        revoke(PermissionType::Delegated),
        revoke(PermissionType::Application),
        read,
    ])
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let kind = prop::sample::select(vec![PermissionType::Delegated, PermissionType::Application]);
    let index = any::<prop::sample::Index>;
    let wish = prop_oneof![
        (index(), permission(), prop::option::of(kind.clone()))
            .prop_map(|(at, with, kind)| Wish::Replace(at, with, kind)),
        index().prop_map(Wish::Remove),
        index().prop_map(Wish::Remove),
        (index(), any::<bool>(), permission(), kind)
            .prop_map(|(app, graph, with, kind)| Wish::Add(app, graph, with, kind)),
    ];
    prop::collection::vec(wish, 1..6)
}

/// The wishes as changes that do not contradict each other.
fn changes(manifest: &Manifest, wishes: &[Wish]) -> Vec<Change> {
    let places: Vec<(usize, usize)> = manifest
        .apps
        .iter()
        .enumerate()
        .flat_map(|(app, content)| (0..content.requested.len()).map(move |index| (app, index)))
        .collect();
    let mut taken = Vec::new();
    let mut changes = Vec::new();
    for wish in wishes {
        match wish {
            Wish::Add(app, graph, permission, kind) if !manifest.apps.is_empty() => {
                changes.push(Change::Add {
                    app: app.index(manifest.apps.len()),
                    resource_app_id: if *graph {
                        MICROSOFT_GRAPH
                    } else {
                        AZURE_AD_GRAPH
                    },
                    permission: permission.clone(),
                    permission_type: *kind,
                });
            }
            Wish::Replace(at, ..) | Wish::Remove(at) if !places.is_empty() => {
                let place = *at.get(&places);
                if taken.contains(&place) {
                    continue;
                }
                taken.push(place);
                let (app, requested) = place;
                changes.push(match wish {
                    Wish::Replace(_, with, kind) => Change::Replace {
                        app,
                        requested,
                        with: with.clone(),
                        permission_type: *kind,
                    },
                    _ => Change::Remove { app, requested },
                });
            }
            _ => {}
        }
    }
    changes
}

/// Whether what is declared stands there as it is, and is not computed.
fn is_plain(source: &Source, alone: &Alone) -> bool {
    let computed = ["terraform", "bicep", "/arm/"];
    let about = manifest_of(alone).about.id;
    !computed
        .iter()
        .any(|word| about == *word || source.name().as_str().contains(word))
}

/// Each permission of each fixture by itself: that it cannot be written is known before, and not found by reading again.
#[test]
fn each_replacement_comes_out_as_intended_or_is_refused() {
    let mut wrong = Vec::new();
    for (source, alone) in MANIFESTS
        .iter()
        .filter(|(source, alone)| is_plain(source, alone))
    {
        let manifest = manifest_of(alone);
        for (app, declared) in manifest.apps.iter().enumerate() {
            for requested in 0..declared.requested.len() {
                for permission_type in [PermissionType::Delegated, PermissionType::Application] {
                    let change = Change::Replace {
                        app,
                        requested,
                        with: revoke(permission_type),
                        permission_type: None,
                    };
                    let change = [change];
                    if check_amend(alone.unit(source), manifest, &change)
                        == Err(AmendError::Differs)
                    {
                        wrong.push(format!(
                            "{} {app}.{requested} {permission_type:?}",
                            source.name()
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(source) = Source::decode(FileId::default(), "x.json", bytes.clone()) {
            check_read(&source);
            prop_assert_eq!(source.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_is_read(text in "(\\PC|[\\[\\]{}:,\"'/*\\\\\r\n]|requiredResourceAccess|null){0,80}") {
        let text = format!("{text}\u{20}requiredResourceAccess");
        check_read(&of_text(text, Encoding::Utf8));
    }

    #[test]
    fn decoding_is_undone_by_encoding(text in "\\PC{0,1500}", encoding in prop::sample::select(vec![
        Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be,
    ]), at in any::<prop::sample::Index>()) {
        let bytes = of_text(text.clone(), encoding).to_bytes();
        let source = Source::decode(FileId::default(), "x.json", bytes.clone()).unwrap();
        prop_assert_eq!(source.text(), &text);
        prop_assert_eq!(source.to_bytes(), bytes);
        let at = boundary(&text, at.index(text.len() + 1));
        let before = of_text(text[..at].to_owned(), encoding).to_bytes();
        prop_assert_eq!(source.original_offset(u32::try_from(at).unwrap()), before.len());
        let line = text[..at].matches('\n').count() + 1;
        let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
        prop_assert_eq!(source.line_column(u32::try_from(at).unwrap()), (line, column));
    }

    #[test]
    fn mangled_fixtures_are_read(
        fixture in any::<prop::sample::Index>(),
        mangles in prop::collection::vec(mangle(), 1..8),
    ) {
        let source = fixture.get(&SOURCES);
        check_read(&source.with_text(mangled(source.text(), &mangles)));
    }

    #[test]
    fn mangled_fixtures_are_amended_or_left_alone(
        fixture in any::<prop::sample::Index>(),
        mangles in prop::collection::vec(mangle(), 1..4),
        wishes in wishes(),
    ) {
        let (source, _) = fixture.get(&MANIFESTS);
        let source = source.with_text(mangled(source.text(), &mangles));
        let alone = check_read(&source);
        if let Read::Manifest(manifest) = &alone.read {
            // A refusal is fine: the text may be beyond what can be edited.
            let _ = check_amend(alone.unit(&source), manifest, &changes(manifest, &wishes));
        }
    }

    #[test]
    fn any_changes_to_a_fixture_come_out_as_intended(
        fixture in any::<prop::sample::Index>(),
        wishes in wishes(),
    ) {
        let (source, alone) = fixture.get(&MANIFESTS);
        let changes = changes(manifest_of(alone), &wishes);
        if let Err(error) = check_amend(alone.unit(source), manifest_of(alone), &changes) {
            // Places that cannot be edited say so; none may come out other than intended. Where a value is computed, only
            // the second reading shows what an edit comes to.
            prop_assert!(!is_plain(source, alone) || error != AmendError::Differs, "{:#?}\n{}", changes, source.text());
        }
    }

    #[test]
    fn replacing_twice_is_replacing_once(
        fixture in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in permission(),
    ) {
        let (source, alone) = fixture.get(&MANIFESTS);
        let manifest = manifest_of(alone);
        let wish = [Wish::Replace(at, with, None)];
        let changes = changes(manifest, &wish);
        if let Ok(once) = amend(alone.unit(source), manifest, &changes) {
            let unit = Unit::file(once.source(source)).with(alone.unit(source).wanted);
            let twice = amend(unit, &once.manifest, &changes).unwrap();
            prop_assert_eq!(twice.edits, vec![]);
            let requests = |manifest: &Manifest| -> usize {
                manifest.apps.iter().map(|app| app.requested.len()).sum()
            };
            prop_assert_eq!(requests(&once.manifest), requests(manifest));
        }
    }
}

//! Laws of Bicep files, ARM templates and Teams manifests: whatever the text, an answer in bounded time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::{fixture_folder, revoke};
use entra_manifest::{
    Change, Encoding, FileId, Manifest, PermissionRef, PermissionType, ProblemKind, Read, Source,
    Unit, Wanted, read,
};
use proptest::prelude::*;

fn source(name: &str, text: String) -> Source {
    Source::new(FileId::default(), name, text, Encoding::Utf8)
}

/// Reads a file by itself: nothing that it wants is there.
fn read_alone(source: &Source) -> (Read, Vec<Wanted>) {
    let mut wanted: Vec<Wanted> = Vec::new();
    loop {
        match read(Unit::file(source).with(&wanted)) {
            Read::Wants(wants) => wanted.extend(wants.into_iter().map(|want| Wanted {
                want,
                files: Vec::new(),
            })),
            other => return (other, wanted),
        }
    }
}

fn manifest(name: &str, text: &str) -> Manifest {
    match read_alone(&source(name, text.to_owned())).0 {
        Read::Manifest(manifest) => manifest,
        other => panic!("{other:?}"),
    }
}

/// The texts of all fixtures, with the names under which they are read.
fn texts() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for folder in ["bicep", "arm", "teams"] {
        collect(&fixture_folder().join(folder), &mut out);
    }
    out
}

fn collect(folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, out);
        } else if let Ok(text) = fs::read_to_string(&path) {
            out.push((path.file_name().unwrap().to_str().unwrap().to_owned(), text));
        }
    }
}

fn spans_are_within(source: &Source, manifest: &Manifest) {
    for app in &manifest.apps {
        for requested in &app.requested {
            let span = requested.permission.span();
            assert!(source.text().get(span.range()).is_some());
            assert!(source.text().get(requested.span.range()).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_answered(
        text in "(\\PC|[\\[\\](){}:,.'\"$/*\\\\\r\n?!=]|resource |for x in |module a|microsoft.graph/applications){0,80}",
        name in prop::sample::select(vec!["a.bicep", "a.bicepparam", "a.json", "a.parameters.json"]),
    ) {
        let text = format!("extension microsoftGraphV1\n{text}");
        let file = source(name, text);
        if let (Read::Manifest(manifest), _) = read_alone(&file) {
            spans_are_within(&file, &manifest);
        }
    }

    /// A fixture with a part cut out, doubled or replaced.
    #[test]
    fn damaged_files_are_answered(
        fixture in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0_usize..200,
        into in prop::sample::select(vec!["", "'", "\"", "{", "]", "${", "\n", "null", "'''", "[for x in y: ", "(", "\u{e9}", "[["]),
        twice in any::<bool>(),
    ) {
        let texts = texts();
        let (name, text) = &texts[fixture.index(texts.len())];
        prop_assume!(!text.is_empty());
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let start = boundary(from.index(text.len()));
        let end = boundary(start + length).max(start);
        let kept = if twice { &text[start..end] } else { "" };
        let damaged = format!("{}{into}{kept}{kept}{}", &text[..start], &text[end..]);
        let file = source(name, damaged);
        if let (Read::Manifest(manifest), _) = read_alone(&file) {
            spans_are_within(&file, &manifest);
        }
    }

    /// A fix changes nothing but its request, and asked for twice it does nothing more.
    #[test]
    fn a_fix_is_exact(fixture in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), remove in any::<bool>()) {
        let texts = texts();
        let (name, text) = &texts[fixture.index(texts.len())];
        let file = source(name, text.clone());
        let (Read::Manifest(manifest), wanted) = read_alone(&file) else { return Ok(()) };
        let all: Vec<(usize, usize)> = (manifest.apps.iter().enumerate())
            .flat_map(|(app, content)| (0..content.requested.len()).map(move |at| (app, at)))
            .collect();
        prop_assume!(!all.is_empty());
        let (app, requested) = all[at.index(all.len())];
        let declared = &manifest.apps[app].requested[requested];
        let ty = declared.permission_type.known().unwrap_or(PermissionType::Application);
        let change = if remove {
            Change::Remove { app, requested }
        } else {
            Change::Replace { app, requested, with: revoke(ty), permission_type: None }
        };
        let unit = Unit::file(&file).with(&wanted);
        let Ok(amended) = entra_manifest::amend(unit, &manifest, &[change]) else { return Ok(()) };
        for edit in &amended.edits {
            prop_assert_eq!(edit.span.file, file.id());
        }
        let new = amended.source(&file);
        let (Read::Manifest(again), _) = read_alone(new) else { return Ok(()) };
        prop_assert_eq!(&again, &amended.manifest);
        if !remove && again.apps.len() == manifest.apps.len() {
            for (old, new) in manifest.apps.iter().zip(&again.apps) {
                prop_assert_eq!(old.requested.len(), new.requested.len());
            }
            let span = again.apps[app].requested[requested].permission.span();
            prop_assert!(matches!(&again.apps[app].requested[requested].permission, PermissionRef::Id { .. } | PermissionRef::Name { .. }), "{:?}", span);
        }
    }

    /// Renamed variables and parameters declare the same.
    #[test]
    fn names_do_not_matter(name in "[a-z][a-zA-Z0-9]{3,9}") {
        prop_assume!(!["resource", "module", "output", "param", "import", "null", "true", "false", "func", "type", "test", "assert"].contains(&name.as_str()));
        let text = "extension microsoftGraphV1\nparam scopes array = ['User.Read', 'Mail.Read']\n\
            resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = { appId: '00000003-0000-0000-c000-000000000000' }\n\
            resource app 'Microsoft.Graph/applications@v1.0' = {\n  requiredResourceAccess: [{ resourceAppId: graph.appId\n\
            resourceAccess: [for x in scopes: { id: first(filter(graph.oauth2PermissionScopes, y => y.value == x)).id, type: 'Scope' }] }]\n}\n";
        let renamed = text.replace("scopes", &name).replace("graph", &format!("{name}2"));
        let renamed = renamed.replace(&format!("microsoft{name}2V1"), "microsoftGraphV1");
        let names = |manifest: &Manifest| -> Vec<String> {
            (manifest.apps[0].requested.iter())
                .map(|requested| match &requested.permission {
                    PermissionRef::Name { name, .. } => name.clone(),
                    other => format!("{other:?}"),
                })
                .collect()
        };
        prop_assert_eq!(names(&manifest("a.bicep", text)), names(&manifest("a.bicep", &renamed)));
    }
}

fn application(access: &str, before: &str) -> String {
    format!(
        "extension microsoftGraphV1\n{before}\nresource app 'Microsoft.Graph/applications@v1.0' = {{\n  \
        requiredResourceAccess: [{{\n    resourceAppId: '00000003-0000-0000-c000-000000000000'\n    resourceAccess: {access}\n  }}]\n}}\n"
    )
}

/// Why the only permission of a file is not known.
#[track_caller]
fn reason(text: &str) -> String {
    let manifest = manifest("a.bicep", text);
    let found =
        manifest.apps[0]
            .requested
            .iter()
            .find_map(|requested| match &requested.permission {
                PermissionRef::Unresolved { reason, .. } => Some(reason.to_string()),
                _ => None,
            });
    found.unwrap_or_else(|| panic!("nothing is unresolved: {manifest:#?}"))
}

#[test]
fn loops_without_end_are_bounded_and_said() {
    let huge = application(
        "[for a in range(0, 10000): { id: a, type: 'Role' }]",
        "var x = map(range(0, 10000), a => map(range(0, 10000), b => map(range(0, 10000), c => c)))",
    );
    // One for all, because one expression makes them.
    assert_eq!(manifest("a.bicep", &huge).apps[0].requested.len(), 1);
    let nested = application(
        "[for a in flatten(map(range(0, 10000), a => range(0, 10000))): { id: a, type: 'Role' }]",
        "",
    );
    assert_eq!(reason(&nested), "takes too many steps to work out");
    let cyclic = application("concat(a, [])", "var a = b\nvar b = [c]\nvar c = a");
    assert!(reason(&cyclic).contains("refers to itself"));
    let doubled: String = (1..60)
        .map(|n| format!("var v{n} = concat(v{}, v{})\n", n - 1, n - 1))
        .collect();
    let doubled = application(
        "v59",
        &format!("var v0 = [{{ id: 'x', type: 'Role' }}]\n{doubled}"),
    );
    assert_eq!(reason(&doubled), "takes too many steps to work out");
    let recursive = application("[f('x')]", "func f(a string) object => f(a)");
    assert!(!reason(&recursive).is_empty());
}

#[test]
fn nesting_is_bounded_and_said() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a: ", "}"),
        ("!", ""),
        ("'${", "}'"),
        ("f(", ")"),
    ] {
        let depth = 20_000;
        let text = application(
            &format!("{}1{}", open.repeat(depth), close.repeat(depth)),
            "",
        );
        let manifest = manifest("a.bicep", &text);
        let said = manifest
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::Syntax)
            || manifest.apps.iter().any(|app| !app.requested.is_empty());
        assert!(said, "{open}");
    }
    let chain = format!("a{}", ".b".repeat(20_000));
    assert!(!reason(&application(&chain, "")).is_empty());
    let sum = vec!["1"; 20_000].join(" + ");
    assert!(
        !reason(&application(
            &format!("[{{ id: {sum}, type: 'Role' }}]"),
            ""
        ))
        .is_empty()
    );
    let variables: String = (1..2_000)
        .map(|n| format!("var v{n} = v{}\n", n - 1))
        .collect();
    let text = application("v1999", &format!("var v0 = []\n{variables}"));
    assert_eq!(reason(&text), "takes too many steps to work out");
}

#[test]
fn deep_templates_are_read_on_a_small_stack() {
    let nested = |depth: usize| {
        let open = r#"{"$schema": "deploymentTemplate.json#", "contentVersion": "1", "resources": [{"type": "Microsoft.Resources/deployments", "name": "n", "properties": {"template": "#;
        let inner = r#"{"$schema": "deploymentTemplate.json#", "contentVersion": "1", "resources": [{"type": "Microsoft.Graph/applications@v1.0", "name": "app", "properties": {"displayName": "x"}}]}"#;
        format!("{}{inner}{}", open.repeat(depth), "}}]}".repeat(depth))
    };
    let run = move || {
        assert_eq!(manifest("a.json", &nested(8)).apps.len(), 1);
        let (read, _) = read_alone(&source("a.json", nested(25)));
        assert!(!matches!(read, Read::Wants(_)));
        let call = format!("[{}1{}]", "add(1, ".repeat(500), ")".repeat(500));
        let text = format!(
            r#"{{"$schema": "deploymentTemplate.json#", "contentVersion": "1", "resources": [{{"type": "Microsoft.Graph/applications@v1.0", "name": "app", "properties": {{"requiredResourceAccess": "{call}"}}}}]}}"#
        );
        assert_eq!(manifest("a.json", &text).apps[0].requested.len(), 1);
    };
    // Half of what a thread gets by default.
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

//! The examples of the pages about Bicep, ARM, Teams and scripts say what is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use entra_manifest::{
    Encoding, FileId, Means, PermissionRef, PermissionType, Read, Requested, ResourceRef, Source,
    Span, Unit, Wanted, read,
};

/// The blocks of this language, in order.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    (page.split(fence.as_str()).skip(1))
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

fn outline(name: &str, text: &str) -> String {
    let source = Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8);
    let mut wanted: Vec<Wanted> = Vec::new();
    let manifest = loop {
        match read(Unit::file(&source).with(&wanted)) {
            Read::Wants(wants) => wanted.extend(wants.into_iter().map(|want| Wanted {
                want,
                files: Vec::new(),
            })),
            Read::Manifest(manifest) => break manifest,
            other => panic!("{other:?}"),
        }
    };
    let place = |span: Span| format!("{name}:{}", source.line_column(span.start).0);
    let mut out = String::new();
    for app in &manifest.apps {
        let address = app.address.as_deref().unwrap_or("(no address)");
        write!(out, "{address}").unwrap();
        if let Some(name) = &app.name {
            write!(out, " \"{}\"", name.value).unwrap();
        }
        writeln!(out, " ({})", place(app.span)).unwrap();
        for (index, resource) in app.resources.iter().enumerate() {
            let api = match (resource.id.well_known(), &resource.id) {
                (Some(known), _) => known.name.to_owned(),
                (None, ResourceRef::Name { name, .. }) => name.clone(),
                (None, other) => format!("{other:?}"),
            };
            writeln!(out, "  {api}").unwrap();
            let of = app.requested.iter().filter(|r| r.resource == index);
            for requested in of {
                writeln!(out, "    {}", line(requested, &place)).unwrap();
            }
        }
    }
    out
}

fn line(requested: &Requested, place: &dyn Fn(Span) -> String) -> String {
    let at = place(requested.permission.span());
    let name = match &requested.permission {
        PermissionRef::Id { uuid, .. } => uuid.to_string(),
        PermissionRef::Name { name, .. } => name.clone(),
        PermissionRef::Unresolved { reason, .. } => {
            return format!("unresolved at {at}: the permission {reason}");
        }
    };
    let ty = match requested.permission_type.known() {
        Some(PermissionType::Application) => "application",
        Some(PermissionType::Delegated) => "delegated",
        None => "of unknown type",
    };
    let mut out = format!("{name} {ty} at {at}");
    if let Some(span) = requested.used_at {
        write!(out, ", used at {}", place(span)).unwrap();
    }
    if let Some(label) = &requested.label {
        write!(out, ", called \"{}\"", label.value).unwrap();
    }
    if let Some(condition) = &requested.condition {
        write!(out, ", if {}", condition.text).unwrap();
    }
    if requested.means != Means::Requested {
        write!(out, ", {}", requested.means.as_str()).unwrap();
    }
    out
}

#[track_caller]
fn the_examples_are_true(page: &str, language: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats");
    let page = fs::read_to_string(path.join(page)).unwrap();
    let (examples, outlines) = (blocks(&page, language), blocks(&page, "text"));
    assert!(!examples.is_empty());
    assert_eq!(examples.len(), outlines.len());
    for (example, expected) in examples.iter().zip(outlines) {
        assert_eq!(outline(name, example), *expected, "{example}");
    }
}

#[test]
fn the_examples_of_the_bicep_page_are_true() {
    the_examples_are_true("bicep.md", "bicep", "main.bicep");
}

#[test]
fn the_examples_of_the_arm_page_are_true() {
    the_examples_are_true("arm.md", "json", "main.json");
}

#[test]
fn the_examples_of_the_teams_page_are_true() {
    the_examples_are_true("teams.md", "json", "main.json");
}

/// A page with examples in several languages, each before what is read in it.
#[test]
fn the_examples_of_the_scripts_page_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/scripts.md");
    let page = fs::read_to_string(path).unwrap();
    let fences: Vec<(&str, &str)> = page
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|fence| fence.split_once('\n').unwrap())
        .collect();
    assert!(fences.len() >= 10);
    for pair in fences.chunks(2) {
        let [(language, example), ("text", expected)] = pair else {
            panic!("an example stands before what is read in it: {pair:?}");
        };
        let name = match *language {
            "powershell" => "sign-in.ps1",
            "bash" => "grant.sh",
            "typescript" => "auth.ts",
            "properties" => "app.properties",
            other => panic!("no file is called so: {other}"),
        };
        assert_eq!(outline(name, example), *expected, "{example}");
    }
}

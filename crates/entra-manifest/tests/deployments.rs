//! Bicep files, ARM templates and Teams manifests: each fixture, a file or a folder, and how it is read and fixed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{fixture_folder, revoke};
use entra_manifest::{
    Change, FileId, Manifest, PermissionRef, PermissionType, Read, ResourceRef, Source, Span,
    TypeRef, Unit, Want, Wanted, is_candidate, read,
};

/// The files of a fixture, by their paths in it.
fn files(fixture: &Path) -> Vec<Source> {
    let mut paths = Vec::new();
    if fixture.is_file() {
        paths.push(fixture.to_owned());
    } else {
        walk(fixture, &mut paths);
    }
    paths.sort();
    let root = if fixture.is_file() {
        fixture.parent().unwrap()
    } else {
        fixture
    };
    (paths.iter().zip(0..))
        .map(|(path, id)| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            Source::decode(
                FileId::new(id),
                name.replace('\\', "/"),
                fs::read(path).unwrap(),
            )
            .unwrap()
        })
        .collect()
}

fn walk(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// Reads one file, with what it wants out of the fixture.
fn read_with(source: &Source, files: &[Source]) -> (Read, Vec<Wanted>) {
    let mut wanted: Vec<Wanted> = Vec::new();
    loop {
        match read(Unit::file(source).with(&wanted)) {
            Read::Wants(wants) => wanted.extend(wants.into_iter().map(|want| {
                let found = files.iter().filter(|file| match &want {
                    Want::File(path) => file.name() == path,
                    Want::Folder { path, pattern } => {
                        let start = pattern.trim_end_matches('*');
                        file.name().parent().is_some_and(|folder| folder == path)
                            && file.name().file_name().unwrap().starts_with(start)
                    }
                });
                let files = found.cloned().collect();
                Wanted { want, files }
            })),
            other => return (other, wanted),
        }
    }
}

fn place(files: &[Source], span: Span) -> String {
    let file = files.iter().find(|file| file.id() == span.file).unwrap();
    let (line, column) = file.line_column(span.start);
    let name = if files.len() > 1 {
        file.name().as_str()
    } else {
        ""
    };
    format!("{name}:{line}:{column}")
}

fn outline(files: &[Source], source: &Source) -> String {
    let mut out = String::new();
    let (read, wanted) = read_with(source, files);
    if files.len() > 1 {
        writeln!(out, "=== {}", source.name()).unwrap();
    }
    let manifest = match read {
        Read::Manifest(manifest) => manifest,
        other => {
            writeln!(out, "{other:?}").unwrap();
            return out;
        }
    };
    writeln!(out, "{}", manifest.about).unwrap();
    for problem in &manifest.problems {
        let at = place(files, problem.span);
        writeln!(out, "! {at} {:?}: {}", problem.kind, problem.message).unwrap();
    }
    for app in &manifest.apps {
        let text = |value: &Option<entra_manifest::Spanned<String>>| {
            value
                .as_ref()
                .map_or("-".to_owned(), |value| value.value.clone())
        };
        writeln!(
            out,
            "app {} at {} \"{}\" {}",
            app.address.as_deref().unwrap_or("-"),
            place(files, app.span),
            text(&app.name),
            text(&app.app_id),
        )
        .unwrap();
        for requested in &app.requested {
            let resource = &app.resources[requested.resource].id;
            let resource = match (resource.well_known(), resource) {
                (Some(known), _) => known.name.to_owned(),
                (None, ResourceRef::Name { name, .. }) => format!("API {name}"),
                (None, ResourceRef::Unresolved { text, reason, .. }) => {
                    format!("the API \"{text}\" {reason}")
                }
                (None, other) => format!("{:?}", other.app_id()),
            };
            let permission = match &requested.permission {
                PermissionRef::Id { uuid, .. } => uuid.to_string(),
                PermissionRef::Name { name, .. } => name.clone(),
                PermissionRef::Unresolved { text, reason, .. } => {
                    format!("?? \"{text}\" {reason}")
                }
            };
            let ty = match &requested.permission_type {
                TypeRef::Known {
                    permission_type, ..
                } => permission_type.as_manifest().to_owned(),
                TypeRef::Unresolved { reason, .. } => format!("(type {reason})"),
            };
            write!(
                out,
                "  {} {ty} {permission} ({}) of {resource}",
                place(files, requested.permission.span()),
                requested.means.as_str(),
            )
            .unwrap();
            if let Some(label) = &requested.label {
                write!(out, ", called \"{}\"", label.value).unwrap();
            }
            if let Some(at) = requested.used_at {
                write!(out, ", used at {}", place(files, at)).unwrap();
            }
            if let Some(condition) = &requested.condition {
                write!(out, ", if {}", condition.text).unwrap();
            }
            out.push('\n');
        }
    }
    fixes(&mut out, source, &manifest, &wanted, files);
    out
}

/// What becomes of the files when each permission that is known is replaced, and then when it is removed.
fn fixes(
    out: &mut String,
    source: &Source,
    manifest: &Manifest,
    wanted: &[Wanted],
    files: &[Source],
) {
    if !manifest.is_editable() {
        return;
    }
    let unit = Unit::file(source).with(wanted);
    for (index, app) in manifest.apps.iter().enumerate() {
        for (at, requested) in app.requested.iter().enumerate() {
            let known = !matches!(requested.permission, PermissionRef::Unresolved { .. });
            let graph = app.resources[requested.resource].id.is_microsoft_graph();
            if !known || !graph {
                continue;
            }
            let ty = (requested.permission_type.known()).unwrap_or(PermissionType::Application);
            let replace = Change::Replace {
                app: index,
                requested: at,
                with: revoke(ty),
                permission_type: None,
            };
            let remove = Change::Remove {
                app: index,
                requested: at,
            };
            for (what, change) in [("replace", replace), ("remove", remove)] {
                write!(out, "{what} {index}.{at}:").unwrap();
                match entra_manifest::amend(unit, manifest, &[change]) {
                    Ok(amended) => {
                        out.push('\n');
                        for new in &amended.sources {
                            let old = files.iter().find(|f| f.id() == new.id()).unwrap();
                            changed_lines(out, old.text(), new.text());
                        }
                    }
                    Err(error) => writeln!(out, " {error}").unwrap(),
                }
            }
        }
    }
}

/// The lines that differ, without what is equal before and behind them.
fn changed_lines(out: &mut String, old: &str, new: &str) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = |a: &&str, b: &&str| a == b;
    let before = old.iter().zip(&new).take_while(|(a, b)| same(a, b)).count();
    let behind = (old[before..].iter().rev())
        .zip(new[before..].iter().rev())
        .take_while(|(a, b)| same(a, b))
        .count();
    for line in &old[before..old.len() - behind] {
        writeln!(out, "  -{line}").unwrap();
    }
    for line in &new[before..new.len() - behind] {
        writeln!(out, "  +{line}").unwrap();
    }
}

#[track_caller]
fn snapshots(folder: &str) {
    let mut fixtures: Vec<_> = fs::read_dir(fixture_folder().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    fixtures.sort();
    assert!(!fixtures.is_empty());
    for fixture in fixtures {
        let files = files(&fixture);
        let texts = files.iter().filter(|file| is_candidate(file.name()));
        let outlines: Vec<String> = texts.map(|source| outline(&files, source)).collect();
        let name = fixture.file_name().unwrap().to_str().unwrap();
        insta::assert_snapshot!(format!("{folder}-{name}"), outlines.join("\n"));
    }
}

#[test]
fn bicep_files_are_read_and_fixed() {
    snapshots("bicep");
}

#[test]
fn templates_are_read_and_fixed() {
    snapshots("arm");
}

#[test]
fn teams_manifests_are_read_and_fixed() {
    snapshots("teams");
}

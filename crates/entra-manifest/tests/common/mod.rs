//! What the tests share: fixtures, and an outline of what was read that a person can check.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "part of each test binary: it uses what it needs, and fails by panicking"
)]

pub mod laws;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use entra_manifest::{
    AmendError, Amended, Change, Encoding, FileId, Manifest, PermissionRef, PermissionText,
    PermissionType, Read, ResourceRef, Source, Span, TypeRef, Unit, Wanted, syntax_error,
};
use uuid::uuid;

pub fn fixture_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/manifests")
}

/// The files of a folder of fixtures, without those in folders of it, by name.
pub fn fixtures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(fixture_folder().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.file_name().unwrap() != "README.md")
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

pub fn fixture(name: &str) -> Source {
    let bytes = fs::read(fixture_folder().join(name)).unwrap();
    Source::decode(FileId::default(), name, bytes).unwrap()
}

pub fn source(text: impl Into<String>, encoding: Encoding) -> Source {
    Source::new(FileId::default(), "x.json", text.into(), encoding)
}

/// Reads a file by itself: no other file that it wants is there.
pub fn parse(source: &Source) -> Read {
    let wanted = nothing_wanted(source);
    entra_manifest::read(Unit::file(source).with(&wanted))
}

/// The answers to all that a file wants, if no other file is there.
fn nothing_wanted(source: &Source) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    while let Read::Wants(wants) = entra_manifest::read(Unit::file(source).with(&wanted)) {
        wanted.extend(wants.into_iter().map(|want| Wanted {
            want,
            files: Vec::new(),
        }));
    }
    wanted
}

pub fn amend(
    source: &Source,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<Amended, AmendError> {
    let wanted = nothing_wanted(source);
    entra_manifest::amend(Unit::file(source).with(&wanted), manifest, changes)
}

#[track_caller]
pub fn manifest(source: &Source) -> Manifest {
    match parse(source) {
        Read::Manifest(manifest) => manifest,
        other => panic!("a manifest: {other:?}"),
    }
}

/// `User.RevokeSessions.All` of this kind.
pub fn revoke(permission_type: PermissionType) -> PermissionText {
    PermissionText {
        id: match permission_type {
            PermissionType::Delegated => uuid!("fc30e98b-8810-4501-81f5-c20a3196387b"),
            PermissionType::Application => uuid!("77f3a031-c388-4f99-b373-dc68676a979e"),
        },
        name: "User.RevokeSessions.All".to_owned(),
    }
}

pub fn outline(name: &str, bytes: Vec<u8>) -> String {
    let source = match Source::decode(FileId::default(), name, bytes) {
        Ok(source) => source,
        Err(error) => return format!("undecodable: {error}\n"),
    };
    let mut out = String::new();
    match parse(&source) {
        Read::Manifest(manifest) => outline_manifest(&mut out, &source, &manifest).unwrap(),
        Read::Nothing(reason) => {
            writeln!(out, "no manifest: {reason}").unwrap();
            if let Some(error) = syntax_error(&source) {
                writeln!(out, "{} {error}", at(&source, error.span)).unwrap();
            }
        }
        Read::Unsupported(what) => writeln!(out, "not read: {what}").unwrap(),
        Read::Broken(errors) => {
            for error in errors {
                writeln!(out, "invalid: {} {error}", at(&source, error.span)).unwrap();
            }
        }
        other => panic!("{other:?}"),
    }
    out
}

fn outline_manifest(
    out: &mut String,
    source: &Source,
    manifest: &Manifest,
) -> Result<(), std::fmt::Error> {
    writeln!(out, "{} ({:?})", manifest.about, source.encoding())?;
    for problem in &manifest.problems {
        let place = at(source, problem.span);
        writeln!(out, "! {place} {:?}: {}", problem.kind, problem.message)?;
    }
    for app in &manifest.apps {
        let text = |value: &Option<entra_manifest::Spanned<String>>| {
            value.as_ref().map_or("-".to_owned(), |value| {
                assert!(source.text()[value.span.range()].contains(value.value.as_str()));
                value.value.clone()
            })
        };
        let place = at(source, app.span);
        writeln!(out, "app {place} {} {}", text(&app.name), text(&app.app_id))?;
        for inherited in &app.inherited {
            let place = at(source, inherited.span);
            let known = inherited
                .resource
                .well_known()
                .map_or("", |known| known.name);
            let (ty, what) = (inherited.permission_type, inherited.what);
            let names: Vec<&str> = inherited
                .names
                .iter()
                .map(|name| source.slice(name.span()))
                .collect();
            writeln!(out, "  inherits {place} [{known}] {ty} {what:?} {names:?}")?;
        }
        for (index, resource) in app.resources.iter().enumerate() {
            let known = resource.id.well_known().map_or("", |known| known.name);
            let id = match &resource.id {
                ResourceRef::Id { uuid, .. } | ResourceRef::Implied { uuid, .. } => {
                    uuid.to_string()
                }
                ResourceRef::Name { name, .. } => format!("{name:?}"),
                ResourceRef::Unresolved { text, reason, .. } => format!("? {text:?} {reason}"),
            };
            let label = text(&resource.label);
            let place = at(source, resource.span);
            writeln!(out, "  resource {place} {id} [{known}] label {label}")?;
            for requested in app.requested.iter().filter(|r| r.resource == index) {
                assert!(resource.span.contains(requested.span));
                assert!(requested.span.contains(requested.permission.span()));
                let ty = match &requested.permission_type {
                    TypeRef::Known {
                        permission_type,
                        span: None,
                    } => format!("{} (implied)", permission_type.as_manifest()),
                    TypeRef::Known {
                        permission_type,
                        span: Some(span),
                    } => {
                        assert!(requested.span.contains(*span));
                        let word = permission_type.as_manifest();
                        format!("{word} {}", source.slice(*span))
                    }
                    TypeRef::Unresolved { text, reason, .. } => format!("? {text:?} {reason}"),
                };
                let permission = match &requested.permission {
                    PermissionRef::Id { uuid, .. } => uuid.to_string(),
                    PermissionRef::Name { name, .. } => format!("{name:?}"),
                    PermissionRef::Unresolved { text, reason, .. } => {
                        format!("? {text:?} {reason}")
                    }
                };
                let label = match &requested.label {
                    Some(label) => format!(" label {} {}", at(source, label.span), label.value),
                    None => String::new(),
                };
                let means = match requested.means {
                    entra_manifest::Means::Requested => String::new(),
                    means => format!(" {}", means.as_str()),
                };
                let element = at(source, requested.span);
                let literal = at(source, requested.permission.span());
                writeln!(
                    out,
                    "    {element} {ty} {literal} {permission}{label}{means}"
                )?;
            }
        }
    }
    Ok(())
}

fn at(source: &Source, span: Span) -> String {
    let (line, column) = source.line_column(span.start);
    format!("{line}:{column}")
}

/// The lines that differ, with one line before and after them; of a text of one line, the bytes that differ.
pub fn diff(old: &str, new: &str) -> String {
    if !old.trim_end().contains('\n') {
        let head = old
            .bytes()
            .zip(new.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let (old_rest, new_rest) = (&old[head..], &new[head..]);
        let tail = old_rest
            .bytes()
            .rev()
            .zip(new_rest.bytes().rev())
            .take_while(|(a, b)| a == b)
            .count();
        let before = &old[head.saturating_sub(20)..head];
        let after = &old_rest[old_rest.len() - tail..][..tail.min(20)];
        let cut = |rest: &str| format!("…{before}»{}«{after}…", &rest[..rest.len() - tail]);
        return format!("-{}\n+{}\n", cut(old_rest), cut(new_rest));
    }
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut out = String::new();
    let mut line = |mark: char, line: &str| {
        let line = line.trim_end_matches('\n').replace('\r', "␍");
        out.push_str(format!("{mark}{line}").trim_end());
        out.push('\n');
    };
    if let Some(before) = head.checked_sub(1) {
        line(' ', old[before]);
    }
    old[head..old.len() - tail]
        .iter()
        .for_each(|text| line('-', text));
    new[head..new.len() - tail]
        .iter()
        .for_each(|text| line('+', text));
    if let Some(after) = old.get(old.len() - tail) {
        line(' ', after);
    }
    out
}

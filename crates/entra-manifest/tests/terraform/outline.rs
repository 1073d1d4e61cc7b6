//! An outline of what was read that a person can check.

use std::fmt::Write as _;

use entra_manifest::{App, PermissionRef, Read, Requested, ResourceRef, Span, TypeRef};

use crate::repository::{Opened, Repository};

/// What all folders of a repository declare.
pub(crate) fn repository(repository: &Repository) -> String {
    let folders = repository.folders();
    let several = folders.len() > 1;
    folders
        .iter()
        .map(|folder| {
            let outline = unit(&repository.open(folder));
            if several {
                format!(
                    "== {}\n{outline}",
                    if folder == "" { "." } else { folder.as_str() }
                )
            } else {
                outline
            }
        })
        .collect()
}

/// What one unit declares.
pub(crate) fn unit(opened: &Opened) -> String {
    let mut out = String::new();
    match &opened.read {
        Read::Manifest(manifest) => {
            for problem in &manifest.problems {
                writeln!(
                    out,
                    "! {} {:?}: {}",
                    at(opened, problem.span),
                    problem.kind,
                    problem.message
                )
                .unwrap();
            }
            for app in &manifest.apps {
                self::app(&mut out, opened, app);
            }
        }
        Read::Nothing(why) => writeln!(out, "nothing: {why}").unwrap(),
        Read::Broken(errors) => {
            for error in errors {
                writeln!(out, "broken: {} {error}", at(opened, error.span)).unwrap();
            }
        }
        other => panic!("{other:?}"),
    }
    out
}

fn app(out: &mut String, opened: &Opened, app: &App) {
    let name = app
        .name
        .as_ref()
        .map_or(String::new(), |name| format!(" \"{}\"", name.value));
    writeln!(
        out,
        "{}{name} ({})",
        app.address.as_deref().unwrap_or("-"),
        at(opened, app.span)
    )
    .unwrap();
    let mut last = None;
    for requested in &app.requested {
        if last != Some(requested.resource) {
            last = Some(requested.resource);
            writeln!(out, "  {}", resource(&app.resources[requested.resource].id)).unwrap();
        }
        writeln!(out, "    {}", self::requested(opened, requested)).unwrap();
    }
}

fn resource(id: &ResourceRef) -> String {
    if let Some(known) = id.well_known() {
        return known.name.to_owned();
    }
    match id {
        ResourceRef::Id { uuid, .. } | ResourceRef::Implied { uuid, .. } => uuid.to_string(),
        ResourceRef::Name { name, .. } => format!("named {name}"),
        ResourceRef::Unresolved { text, reason, .. } => format!("? {text}: {reason}"),
    }
}

fn requested(opened: &Opened, requested: &Requested) -> String {
    let mut out = match &requested.permission {
        PermissionRef::Id { uuid, .. } => uuid.to_string(),
        PermissionRef::Name { name, .. } => name.clone(),
        PermissionRef::Unresolved { text, reason, .. } => format!("? {}: {reason}", one_line(text)),
    };
    match &requested.permission_type {
        TypeRef::Known {
            permission_type, ..
        } => write!(out, " {permission_type}").unwrap(),
        TypeRef::Unresolved { reason, .. } => write!(out, " type {reason}").unwrap(),
    }
    write!(out, " at {}", at(opened, requested.permission.span())).unwrap();
    if let Some(label) = &requested.label {
        write!(out, ", called {:?}", label.value).unwrap();
    }
    if let Some(used) = requested.used_at {
        write!(out, ", used at {}", at(opened, used)).unwrap();
    }
    if let Some(condition) = &requested.condition {
        write!(out, ", if {}", one_line(&condition.text)).unwrap();
    }
    if requested.means.as_str() != "requested" {
        write!(out, ", {}", requested.means.as_str()).unwrap();
    }
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `main.tf:3`
pub(crate) fn at(opened: &Opened, span: Span) -> String {
    let source = opened
        .unit()
        .files()
        .find(|source| source.id() == span.file)
        .unwrap();
    format!("{}:{}", source.name(), source.line_column(span.start).0)
}

//! The project around a manifest: which environments it goes to, and what their env files give for `${{NAME}}`.
//!
//! `m365agents.yml` (older: `teamsapp.yml`) deploys to all environments but `local`, `m365agents.local.yml` to that one.
//! An environment is a file `.env.NAME` in the folder `env` next to it, or in the one that it names.

use camino::{Utf8Path, Utf8PathBuf};
use source_text::{Source, Span};
use uuid::Uuid;

use crate::model::{App, PermissionRef, ResourceRef};
use crate::read::{Unit, Want};

/// Files of the toolkit, and the environment that each is for; none for all others.
const PROJECTS: [(&str, Option<&str>); 6] = [
    ("m365agents.yml", None),
    ("m365agents.local.yml", Some("local")),
    ("m365agents.playground.yml", Some("playground")),
    ("teamsapp.yml", None),
    ("teamsapp.local.yml", Some("local")),
    ("teamsapp.testtool.yml", Some("testtool")),
];

/// An environment and its values, each with its place.
struct Environment<'a> {
    name: &'a str,
    values: Vec<(&'a str, &'a str, Span)>,
}

/// The environments that a manifest goes to.
pub(super) struct Project<'a> {
    environments: Vec<Environment<'a>>,
}

impl<'a> Project<'a> {
    /// The project of a manifest, or what has to be read to know it.
    pub(super) fn find(source: &Source, unit: Unit<'a>) -> Result<Self, Vec<Want>> {
        let own = source.name().parent().unwrap_or_else(|| Utf8Path::new(""));
        // The manifest lies next to the project's file, or in a folder `appPackage` below it.
        let roots: Vec<Utf8PathBuf> = std::iter::once(own)
            .chain(own.parent())
            .map(Utf8Path::to_owned)
            .collect();
        let mut wants = Vec::new();
        let mut got = |want: Want| match unit.got(&want) {
            Some(files) => files,
            None => {
                wants.push(want);
                &[][..]
            }
        };
        let mut environments: Vec<Environment<'a>> = Vec::new();
        for root in &roots {
            let mut projects: Vec<(&'a Source, Option<&str>)> = Vec::new();
            for (name, environment) in PROJECTS {
                let files = got(Want::File(root.join(name)));
                projects.extend(files.iter().map(|file| (file, environment)));
            }
            let folder = (projects.iter())
                .find_map(|(project, _)| folder_of_environments(project.text()))
                .unwrap_or("env");
            let path = root.join(folder.trim_start_matches("./"));
            let files = got(Want::Folder {
                path,
                pattern: ".env.*".to_owned(),
            });
            for file in files {
                let name = file.name().file_name().unwrap_or_default();
                // `.env.dev.user` holds the secrets of a person, and is not checked in.
                let Some(name) = name.strip_prefix(".env.").filter(|n| !n.ends_with(".user"))
                else {
                    continue;
                };
                let goes = projects.is_empty()
                    || projects.iter().any(|(project, only)| {
                        let meant = match only {
                            Some(only) => *only == name,
                            None => !PROJECTS.iter().any(|(_, only)| *only == Some(name)),
                        };
                        meant && names_manifest(project, source)
                    });
                if goes && !environments.iter().any(|known| known.name == name) {
                    environments.push(Environment {
                        name,
                        values: values(file),
                    });
                }
            }
            if !environments.is_empty() {
                break;
            }
        }
        if wants.is_empty() {
            Ok(Self { environments })
        } else {
            Err(wants)
        }
    }

    /// The apps with the values of the environments in the place of `${{NAME}}`: one app for all environments if they
    /// agree, else one for each.
    pub(super) fn apps(&self, apps: Vec<App>) -> Vec<App> {
        if self.environments.is_empty() {
            return apps;
        }
        let names: Vec<&str> = self.environments.iter().map(|e| e.name).collect();
        let mut out = Vec::new();
        for app in apps {
            let filled: Vec<App> = (self.environments.iter())
                .map(|environment| environment.fill(&app))
                .collect();
            let agree = filled
                .windows(2)
                .all(|pair| declares_same(&pair[0], &pair[1]));
            let address = |names: &[&str]| match names {
                [one] => format!("environment {one}"),
                several => format!("environments {}", several.join(", ")),
            };
            match filled.into_iter().next().filter(|_| agree) {
                Some(mut one) => {
                    one.address = Some(address(&names));
                    out.push(one);
                }
                None => {
                    for environment in &self.environments {
                        let mut one = environment.fill(&app);
                        one.address = Some(address(&[environment.name]));
                        out.push(one);
                    }
                }
            }
        }
        out
    }
}

impl Environment<'_> {
    fn value(&self, placeholder: &str) -> Option<(&str, Span)> {
        let name = placeholder
            .trim()
            .strip_prefix("${{")?
            .strip_suffix("}}")?
            .trim();
        let found = self.values.iter().rev().find(|(known, ..)| *known == name);
        found
            .map(|(_, value, span)| (*value, *span))
            .filter(|(value, _)| !value.is_empty())
    }

    fn fill(&self, app: &App) -> App {
        let mut app = app.clone();
        for resource in &mut app.resources {
            if let ResourceRef::Unresolved { text, .. } = &resource.id
                && let Some((value, span)) = self.value(text.trim_matches('"'))
                && let Ok(uuid) = value.parse::<Uuid>()
            {
                resource.id = ResourceRef::Id { uuid, span };
            }
        }
        for requested in &mut app.requested {
            let PermissionRef::Unresolved { text, span, .. } = &requested.permission else {
                continue;
            };
            let place = *span;
            let Some((value, span)) = self.value(text.trim_matches('"')) else {
                continue;
            };
            requested.used_at = Some(place);
            requested.permission = match value.parse::<Uuid>() {
                Ok(uuid) => PermissionRef::Id { uuid, span },
                Err(_) => PermissionRef::Name {
                    name: value.to_owned(),
                    span,
                },
            };
        }
        app
    }
}

/// Whether two apps request the same permissions of the same APIs, wherever those are written.
fn declares_same(a: &App, b: &App) -> bool {
    let shown = |app: &App| -> Vec<String> {
        (app.requested.iter())
            .map(|requested| {
                let permission = match &requested.permission {
                    PermissionRef::Id { uuid, .. } => uuid.to_string(),
                    PermissionRef::Name { name, .. } => name.clone(),
                    PermissionRef::Unresolved { text, .. } => text.clone(),
                };
                let api = app.resources[requested.resource].id.app_id();
                // An env file of its own for each environment: one edit would leave the others behind.
                format!("{permission} {api:?} {:?}", requested.permission.span())
            })
            .collect()
    };
    shown(a) == shown(b)
}

/// `environmentFolderPath: ./env`
fn folder_of_environments(project: &str) -> Option<&str> {
    let line = project
        .lines()
        .find_map(|line| line.strip_prefix("environmentFolderPath:"))?;
    let path = line.split('#').next().unwrap_or_default();
    Some(path.trim().trim_matches(['"', '\''])).filter(|path| !path.is_empty())
}

/// Whether a project deploys a manifest: it names the file, without comments.
fn names_manifest(project: &Source, manifest: &Source) -> bool {
    let Some(file) = manifest.name().file_name() else {
        return false;
    };
    (project.text().lines())
        .map(|line| line.split('#').next().unwrap_or_default())
        .any(|line| line.contains(file))
}

/// `NAME=value` lines.
fn values(file: &Source) -> Vec<(&str, &str, Span)> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in file.text().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        if content.starts_with('#') {
            continue;
        }
        let Some((name, value)) = content.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        let offset = start + line.find(value).unwrap_or(0);
        // The value stands behind the equals sign, also where the name holds the same text.
        let behind = start + line.find('=').map_or(0, |at| at + 1);
        let offset = line[behind - start..]
            .find(value)
            .map_or(offset, |found| behind + found);
        out.push((name.trim(), value, file.span(offset, offset + value.len())));
    }
    out
}

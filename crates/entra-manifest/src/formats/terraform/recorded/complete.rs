//! A configuration together with the plan or the state that lies in its folder: every app once.
//!
//! The configuration says where a permission can be edited, the plan says what it comes to. An app of which the
//! configuration says everything is the configuration's; one of which it leaves something open, or that it does not
//! show, is the plan's. A plan goes before a state, which can be older.

use source_text::Source;

use super::{Plan, State};
use crate::formats::Format;
use crate::model::{App, PermissionRef};
use crate::read::{Read, Unit};

const FIXED: &str = "Terraform wrote this file: change the configuration, and plan again";

/// The apps of a configuration, completed by what Terraform wrote down in these files.
pub(in crate::formats::terraform) fn complete(mut apps: Vec<App>, files: &[Source]) -> Vec<App> {
    let read = |format: &dyn Format, source: &Source| {
        if !format.claims(source.name(), source.text()) {
            return Vec::new();
        }
        match format.read(Unit::file(source)) {
            Read::Manifest(manifest) => manifest.apps,
            _ => Vec::new(),
        }
    };
    for format in [&Plan as &dyn Format, &State] {
        let mut exact: Vec<App> = Vec::new();
        for app in files.iter().flat_map(|source| read(format, source)) {
            let is_known = apps.iter().any(|own| same(own, &app) && is_settled(own));
            let is_repeated = exact.iter().any(|other| other.address == app.address);
            if !is_known && !is_repeated {
                exact.push(fixed(app));
            }
        }
        apps.retain(|own| !exact.iter().any(|app| same(own, app)));
        apps.extend(exact);
    }
    apps
}

/// Whether a recorded app is this app of the configuration, or one of its instances.
fn same(own: &App, recorded: &App) -> bool {
    let (Some(own), Some(recorded)) = (&own.address, &recorded.address) else {
        return false;
    };
    // A call of a module that is not in the repository stands for all that the module holds.
    let is_call = own
        .rsplit_once('.')
        .is_some_and(|(before, _)| before == "module" || before.ends_with(".module"));
    recorded.strip_prefix(own.as_str()).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with('[') || (is_call && rest.starts_with('.'))
    })
}

/// Whether the configuration leaves nothing open of an app.
fn is_settled(app: &App) -> bool {
    app.requested.iter().all(|requested| {
        requested.condition.is_none()
            && !matches!(requested.permission, PermissionRef::Unresolved { .. })
    })
}

fn fixed(mut app: App) -> App {
    for requested in &mut app.requested {
        requested.layout.fixed = Some(FIXED);
    }
    app
}

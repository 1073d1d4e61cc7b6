//! A permission: its facts, the calls of the app that it unlocks, and narrower ones that would do.

use std::collections::BTreeSet;

use entralint_core::assess::{Resolution, resolve};
use entralint_core::calls::{AnsweredCall, CallSet, Owner};
use entralint_core::finding::Finding;
use entralint_core::rules::broader_permission;
use entralint_core::text;
use msgraph_permissions::{
    Answer, Catalog, PermissionId, PermissionName, PermissionType, is_oidc_scope,
};

use crate::markdown::{code, link, plain};
use crate::subject::Request;
use crate::view::View;

/// Calls of an app that are listed; the rest is counted.
const MOST_CALLS: usize = 6;

/// Apps that are shown where several share a request.
const MOST_APPS: usize = 3;

/// A permission that is requested.
pub(super) fn requested(view: &View<'_>, requests: &[Request<'_>]) -> Option<String> {
    let catalog = view.catalog();
    let first = requests.first()?;
    if let Some(resource) = first.resource
        && !resource.is_microsoft_graph()
    {
        let of = match resource.well_known() {
            Some(known) => plain(known.name),
            None => "another API than Microsoft Graph".to_owned(),
        };
        return Some(format!(
            "A permission of {of}: entralint judges those of Microsoft Graph"
        ));
    }
    match resolve(catalog, first.requested) {
        Resolution::Known {
            name,
            permission_type,
        } => {
            let mut out = facts(catalog, &name, permission_type);
            for request in requests.iter().take(MOST_APPS) {
                out.push_str("\n\n");
                out.push_str(&of_app(view, request.app, &name, permission_type));
            }
            if requests.len() > MOST_APPS {
                out.push_str(&format!(
                    "\n\nIt is requested here for {} more.",
                    text::count(requests.len() - MOST_APPS, "app")
                ));
            }
            Some(out)
        }
        Resolution::WrongType {
            name,
            declared,
            actual,
        } => Some(format!(
            "{}\n\nThe declaration says {}, and this is {}.",
            facts(catalog, &name, actual),
            text::permission_type(declared),
            text::permission_type(actual),
        )),
        Resolution::Unknown { text } => Some(format!(
            "{}: Microsoft publishes no such permission",
            code(&text)
        )),
        Resolution::Unresolved { text, reason } if !text.is_empty() => {
            Some(format!("Not resolved: {} {}", code(&text), plain(&reason)))
        }
        Resolution::Unresolved { reason, .. } => {
            Some(format!("Not resolved: the permission {}", plain(&reason)))
        }
    }
}

/// A permission that is only named, in these types.
pub(super) fn named(catalog: &Catalog, types: &[(PermissionName, PermissionType)]) -> String {
    let pages: Vec<String> = types
        .iter()
        .map(|(name, permission_type)| facts(catalog, name, *permission_type))
        .collect();
    pages.join("\n\n")
}

/// What the permissions data says.
fn facts(catalog: &Catalog, name: &PermissionName, permission_type: PermissionType) -> String {
    let id = catalog
        .id_of(name, permission_type)
        .map_or_else(|| "no published id".to_owned(), |id| code(&id.to_string()));
    let head = format!(
        "**{}**, {} permission, {id}",
        plain(name.as_str()),
        text::permission_type(permission_type),
    );
    if is_oidc_scope(name.as_str()) {
        return format!("{head}\n\nFor signing in: it unlocks nothing of Microsoft Graph.");
    }
    let scheme = permission_type.scheme();
    let permission = catalog.permission(name.as_str());
    let mut parts: Vec<String> = Vec::new();
    match permission.and_then(|permission| permission.scheme(scheme)) {
        Some(info) => {
            parts.push(info.privilege_level.map_or_else(
                || "no privilege level is published".to_owned(),
                |level| format!("privilege level {level} of 5"),
            ));
            parts.push(
                if info.admin_consent {
                    "admin consent required"
                } else {
                    "no admin consent required"
                }
                .to_owned(),
            );
        }
        None => parts.push("no level and no consent are published".to_owned()),
    }
    let breadth = catalog.breadth(name, scheme);
    let writing = catalog.writing(name, scheme);
    parts.push(match (breadth, writing) {
        (0, _) => "unlocks no published operation".to_owned(),
        (1, 0) => "unlocks 1 operation, which reads".to_owned(),
        (all, 0) => format!(
            "unlocks {}, all of which read",
            text::count(all, "operation")
        ),
        (1, _) => "unlocks 1 operation, which may change something".to_owned(),
        (all, some) => format!(
            "unlocks {}, {some} of which may change something",
            text::count(all, "operation")
        ),
    });
    parts.push(
        if catalog.in_service(name, permission_type) {
            "Microsoft Graph's service has it"
        } else {
            "**Microsoft Graph's service does not have it: no tenant can grant it**"
        }
        .to_owned(),
    );
    let mut out = format!("{head}\n\n{}.", text::capital(&parts.join("; ")));
    if permission.is_some_and(|permission| permission.is_rsc()) {
        out.push_str(" Granted per team, chat or user, not for the tenant.");
    }
    if let Some(noted) = catalog.privileged(name, permission_type) {
        out.push_str(&format!(
            "\n\n**It leads to control of the tenant**: {} ({}).",
            plain(noted.leads_to),
            link("source", Some(noted.source.to_owned())),
        ));
    }
    out
}

/// What a permission is to an app: the calls that it unlocks, and what is narrower and enough for them.
fn of_app(
    view: &View<'_>,
    app: usize,
    name: &PermissionName,
    permission_type: PermissionType,
) -> String {
    let label = match view.app(app) {
        Some(app) => app.name.or(app.address).or(app.app_id),
        None => None,
    };
    let label = label.map_or_else(|| "this app".to_owned(), |label| code(&label));
    let Some(calls) = view.calls_of(app).filter(|calls| !calls.is_unknown()) else {
        return format!("No calls of {label} are known.");
    };
    if is_oidc_scope(name.as_str()) {
        return String::new();
    }
    let names = aliases(view.catalog(), name, permission_type);
    let unlocked = unlocked(&calls, &names, permission_type);
    if unlocked.is_empty() {
        let shared = if calls.owner == Owner::Shared {
            ", nor one that may be"
        } else {
            ""
        };
        return format!("No known call of {label}{shared} needs it.");
    }
    let mut out = format!("Calls of {label} that it unlocks:\n");
    for (call, answer) in unlocked.iter().take(MOST_CALLS) {
        out.push_str(&line(view, call, answer, &names));
    }
    if unlocked.len() > MOST_CALLS {
        out.push_str(&format!("- and {} more\n", unlocked.len() - MOST_CALLS));
    }
    let instead = narrower(view, &unlocked, &names, permission_type);
    if !instead.is_empty() {
        let instead: Vec<String> = instead.iter().map(|name| code(name.as_str())).collect();
        out.push_str(&format!(
            "\nNarrower, and enough for {}: {}",
            if unlocked.len() == 1 { "it" } else { "them" },
            text::and(&instead)
        ));
    }
    out.trim_end().to_owned()
}

fn line(view: &View<'_>, call: &AnsweredCall, answer: &Answer, names: &[PermissionName]) -> String {
    let mut out = format!("- {}", code(&call.operation()));
    if let Some(at) = call.origins.iter().find_map(|origin| origin.location()) {
        out.push_str(&format!(" at {}", link(&at.shown(), (view.link)(at))));
    }
    if call.shared {
        out.push_str(", which may be another app's");
    }
    match &answer.least {
        Some(least) if names.contains(&least.permission) => {
            out.push_str(": this is the least privileged");
        }
        Some(least) => out.push_str(&format!(
            ": least privileged is {}",
            code(&least.to_string())
        )),
        None => {}
    }
    out.push('\n');
    out
}

/// The calls of an app that one of the names unlocks, each with the answer that says so.
fn unlocked<'c>(
    calls: &'c CallSet,
    names: &[PermissionName],
    permission_type: PermissionType,
) -> Vec<(&'c AnsweredCall, &'c Answer)> {
    calls
        .calls
        .iter()
        .filter_map(|call| {
            let answer = call.answers(permission_type).find(|answer| {
                answer
                    .accepted
                    .iter()
                    .any(|bundle| names.contains(&bundle.permission))
            })?;
            Some((call, answer))
        })
        .collect()
}

/// Narrower permissions that are enough for the calls: what the finding at this place says, or else what is least for
/// each of them, if that is never this one.
fn narrower(
    view: &View<'_>,
    unlocked: &[(&AnsweredCall, &Answer)],
    names: &[PermissionName],
    permission_type: PermissionType,
) -> BTreeSet<PermissionName> {
    let is_about = |finding: &&Finding| {
        *finding.rule == broader_permission::INFO
            && finding.subject.as_ref().is_some_and(|subject| {
                subject.permission_type == permission_type && names.contains(&subject.permission)
            })
    };
    if let Some(finding) = view.findings.iter().find(is_about)
        && !finding.instead.is_empty()
    {
        return finding
            .instead
            .iter()
            .map(|subject| subject.permission.clone())
            .collect();
    }
    let mut least = BTreeSet::new();
    for (_, answer) in unlocked {
        match &answer.least {
            Some(bundle) if !names.contains(&bundle.permission) && bundle.is_enough_alone() => {
                least.insert(bundle.permission.clone());
            }
            _ => return BTreeSet::new(),
        }
    }
    let catalog = view.catalog();
    let breadth = |name: &PermissionName| catalog.breadth(name, permission_type.scheme());
    let own = names.iter().map(breadth).max().unwrap_or_default();
    if least.iter().all(|name| breadth(name) < own) {
        least
    } else {
        BTreeSet::new()
    }
}

/// The names under which an id is published: a request of one is a request of all.
fn aliases(
    catalog: &Catalog,
    name: &PermissionName,
    permission_type: PermissionType,
) -> Vec<PermissionName> {
    let id: Option<PermissionId> = catalog.id_of(name, permission_type);
    let mut names: Vec<PermissionName> = id
        .map(|id| catalog.by_id(id))
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, other)| *other == permission_type)
        .map(|(name, _)| name)
        .collect();
    if !names.contains(name) {
        names.push(name.clone());
    }
    names
}

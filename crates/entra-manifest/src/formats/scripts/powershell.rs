//! What PowerShell scripts declare: scopes at sign-in, permissions of a registration, app role assignments, consents.

use std::ops::Range;

use source_lex::TokenKind;
use uuid::Uuid;

use super::api::{self, Api};
use super::collect::{Collected, Declared, Manner};
use super::commands::{Command, command};
use super::reach::{Reached, Reader};
use super::{embedded, entries, lookups, shell};
use crate::PermissionType;
use crate::label::is_exactly_a_permission;
use crate::model::{Means, Unresolved};

/// Commands that sign in with the scopes of a parameter.
const SIGN_IN: [&str; 6] = [
    "connect-mggraph",
    "connect-mgbetagraph",
    "connect-graph",
    "connect-entra",
    "connect-msgraph",
    "get-msaltoken",
];

/// Commands that assign an app role, with the parameter of its id.
const ASSIGN: [(&str, &str); 5] = [
    ("new-mgserviceprincipalapproleassignment", "approleid"),
    ("new-mgserviceprincipalapproleassignedto", "approleid"),
    ("new-mgbetaserviceprincipalapproleassignment", "approleid"),
    ("new-azureadserviceapproleassignment", "id"),
    ("new-entraserviceprincipalapproleassignment", "id"),
];

/// Commands that consent for all users, with the parameter of the scopes.
const CONSENT: [&str; 3] = [
    "new-mgoauth2permissiongrant",
    "update-mgoauth2permissiongrant",
    "new-entraoauth2permissiongrant",
];

/// Commands that register an app with permissions by name.
/// <https://pnp.github.io/powershell/cmdlets/Register-PnPEntraIDApp.html>
const REGISTER: [&str; 3] = [
    "register-pnpentraidapp",
    "register-pnpazureadapp",
    "register-pnpentraidappforinteractivelogin",
];

pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        match code.kind(at) {
            TokenKind::Word => word(reader, at, out),
            TokenKind::Str | TokenKind::StrOpen => {
                embedded::read(reader, at, out);
                shell::query(reader, at, out);
            }
            _ => {}
        }
    }
    entries::read(reader, out);
}

fn word(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let lower = reader.code.text(at).to_ascii_lowercase();
    let lower = lower.as_str();
    if matches!(
        lower,
        "-eq" | "-ieq" | "-ceq" | "-in" | "-contains" | "-like" | "-match"
    ) {
        lookups::read(reader, at, out);
        return;
    }
    if !reader.begins_command(at) {
        return;
    }
    shell::command(reader, at, out);
    if SIGN_IN.contains(&lower) {
        sign_in(reader, at, out);
    } else if let Some((_, parameter)) = ASSIGN.iter().find(|(name, _)| *name == lower) {
        assignment(reader, at, parameter, out);
    } else if CONSENT.contains(&lower) {
        consent(reader, at, out);
    } else if REGISTER.contains(&lower) {
        register(reader, at, out);
    }
}

/// The value of a parameter, or of the element of a splatted table.
pub(super) fn argument(
    reader: &Reader<'_, '_>,
    command: &Command,
    name: &str,
    way: &[(usize, usize)],
) -> Option<Range<usize>> {
    command.parameter(name).or_else(|| {
        command.splats.iter().find_map(|splat| {
            let mut reached = Reached::default();
            reader.reach(*splat..splat + 1, way, 0, &mut reached);
            reached.tables.iter().find_map(|table| {
                let elements = reader.elements(*table);
                elements
                    .into_iter()
                    .find(|(key, _)| {
                        let own = reader.code.name(*key).to_ascii_lowercase();
                        own == name || (own.len() >= 3 && name.starts_with(own.as_str()))
                    })
                    .map(|(_, value)| value)
            })
        })
    })
}

/// `Connect-MgGraph -Scopes …`
fn sign_in(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let command = command(reader.code, at);
    for way in reader.ways(at) {
        let Some(value) = argument(reader, &command, "scopes", &way) else {
            continue;
        };
        let mut reached = Reached::default();
        reader.reach(value, &way, 0, &mut reached);
        let manner = Manner {
            means: Means::AskedAtSignIn,
            permission_type: Some(PermissionType::Delegated),
            used_at: reader.offsets(at..command.end),
            resource: None,
            branch: false,
        };
        push_names(reached, manner, out);
    }
}

/// Every word is a permission of Microsoft Graph: by name, or by the address of its API.
pub(super) fn push_names(reached: Reached, manner: Manner, out: &mut Collected<'_>) {
    for mut literal in reached.literals {
        match scope_name(&literal.text) {
            Scope::Graph(name) => {
                // The address goes with the literal; its name is what counts.
                literal.text = name.to_owned();
                out.push(literal, manner);
            }
            Scope::Other => {}
        }
    }
    for unknown in reached.unknown {
        out.push(unknown, manner);
    }
}

/// What a scope names.
pub(super) enum Scope<'a> {
    /// A permission of Microsoft Graph.
    Graph(&'a str),
    /// A scope of another API, `/.default`, or no scope.
    Other,
}

/// Hosts of Microsoft Graph in the four clouds.
pub(super) const HOSTS: [&str; 5] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

pub(super) fn scope_name(text: &str) -> Scope<'_> {
    let Some((address, name)) = text.rsplit_once('/') else {
        return if text.is_empty()
            || text == ".default"
            || !text.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            Scope::Other
        } else {
            Scope::Graph(text)
        };
    };
    let host = address
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if HOSTS.contains(&host.as_str())
        && name != ".default"
        && !name.is_empty()
        && is_exactly_a_permission(name)
    {
        Scope::Graph(name)
    } else {
        Scope::Other
    }
}

/// `New-MgServicePrincipalAppRoleAssignment -AppRoleId …`, or with `-BodyParameter @{appRoleId = …}`.
fn assignment(reader: &Reader<'_, '_>, at: usize, parameter: &str, out: &mut Collected<'_>) {
    let command = command(reader.code, at);
    for way in reader.ways(at) {
        let (id, resource) = match argument(reader, &command, parameter, &way) {
            Some(id) => (Some(id), argument(reader, &command, "resourceid", &way)),
            None => {
                let Some(body) = argument(reader, &command, "bodyparameter", &way) else {
                    continue;
                };
                let mut reached = Reached::default();
                reader.reach(body, &way, 0, &mut reached);
                let element = |name| {
                    reached
                        .tables
                        .iter()
                        .find_map(|table| reader.element(*table, name))
                };
                (element("appRoleId"), element("resourceId"))
            }
        };
        let Some(id) = id else {
            continue;
        };
        let mut reached = Reached::default();
        reader.reach(id, &way, 0, &mut reached);
        let api = resource.map_or(Api::Unknown, |resource| api::of(reader, resource, &way));
        let manner = Manner {
            means: Means::Granted,
            permission_type: Some(PermissionType::Application),
            used_at: reader.offsets(at..command.end),
            resource: None,
            branch: false,
        };
        // An id from a look-up is that look-up's; here only literals count.
        for literal in reached.literals {
            let id = Uuid::try_parse(&literal.text)
                .ok()
                .filter(|id| !id.is_nil());
            if id.is_some_and(|id| api == Api::Graph || (api == Api::Unknown && api::knows(id))) {
                out.push(literal, manner);
            }
        }
    }
}

/// `New-MgOauth2PermissionGrant -Scope "User.Read Mail.Read"`
fn consent(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let command = command(reader.code, at);
    for way in reader.ways(at) {
        let (scope, resource) = match argument(reader, &command, "scope", &way) {
            Some(scope) => (Some(scope), argument(reader, &command, "resourceid", &way)),
            None => {
                let Some(body) = argument(reader, &command, "bodyparameter", &way) else {
                    continue;
                };
                let mut reached = Reached::default();
                reader.reach(body, &way, 0, &mut reached);
                let element = |name| {
                    reached
                        .tables
                        .iter()
                        .find_map(|table| reader.element(*table, name))
                };
                (element("scope"), element("resourceId"))
            }
        };
        let Some(scope) = scope else {
            continue;
        };
        let api = resource.map_or(Api::Unknown, |resource| api::of(reader, resource, &way));
        if api == Api::Other || (api == Api::Unknown && !reader.only_graph()) {
            continue;
        }
        let mut reached = Reached::default();
        reader.reach(scope, &way, 0, &mut reached);
        let manner = Manner {
            means: Means::Granted,
            permission_type: Some(PermissionType::Delegated),
            used_at: reader.offsets(at..command.end),
            resource: None,
            branch: false,
        };
        push_names(reached, manner, out);
    }
}

/// `Register-PnPEntraIDApp -GraphApplicationPermissions …`; older: `-Scopes "MSGraph.User.Read.All"`.
fn register(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let command = command(reader.code, at);
    for way in reader.ways(at) {
        for (name, permission_type) in [
            ("graphapplicationpermissions", PermissionType::Application),
            ("graphdelegatepermissions", PermissionType::Delegated),
        ] {
            if let Some(value) = argument(reader, &command, name, &way) {
                let mut reached = Reached::default();
                reader.reach(value, &way, 0, &mut reached);
                let manner = Manner {
                    means: Means::Requested,
                    permission_type: Some(permission_type),
                    used_at: reader.offsets(at..command.end),
                    resource: None,
                    branch: false,
                };
                push_names(reached, manner, out);
            }
        }
    }
}

/// A place where the permission is not known, with the reason.
pub(super) fn unresolved(
    reader: &Reader<'_, '_>,
    range: Range<usize>,
    reason: Unresolved,
) -> Declared {
    let (start, end) = reader.offsets(range);
    Declared {
        text: reader.text[start as usize..end as usize]
            .chars()
            .take(60)
            .collect(),
        start,
        end,
        unknown: Some(reason),
        element: None,
    }
}

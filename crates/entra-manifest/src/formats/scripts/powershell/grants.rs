//! App role assignments and consents.

use std::ops::Range;

use source_lex::TokenKind;
use uuid::Uuid;

use super::commands::{Command, command};
use super::{Reached, Reader, Way, arguments};
use crate::PermissionType;
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Manner};
use crate::formats::scripts::scopes::{push_names, push_published};
use crate::label::is_exactly_a_permission;
use crate::model::Means;
use crate::resource::is_graph_permission;

/// Commands that assign an app role, with the parameter of its id.
const ASSIGN: [(&str, &str); 7] = [
    ("new-mgserviceprincipalapproleassignment", "approleid"),
    ("new-mgserviceprincipalapproleassignedto", "approleid"),
    ("new-mgbetaserviceprincipalapproleassignment", "approleid"),
    ("new-mgbetaserviceprincipalapproleassignedto", "approleid"),
    ("new-azureadserviceapproleassignment", "id"),
    ("new-entraserviceprincipalapproleassignment", "approleid"),
    (
        "new-entrabetaserviceprincipalapproleassignment",
        "approleid",
    ),
];

/// Commands that consent for all users, with the parameter of the scopes.
const CONSENT: [&str; 4] = [
    "new-mgoauth2permissiongrant",
    "update-mgoauth2permissiongrant",
    "new-mgbetaoauth2permissiongrant",
    "new-entraoauth2permissiongrant",
];

/// The command at `at`, if it assigns an app role or consents.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, lower: &str, out: &mut Collected<'_>) {
    if let Some((_, parameter)) = ASSIGN.iter().find(|(name, _)| *name == lower) {
        let command = command(reader.code, at);
        for way in reader.ways(at) {
            let (ids, resources) = given(reader, &command, parameter, &way);
            let manner = granted(PermissionType::Application, reader.offsets(at..command.end));
            for id in ids {
                assigned(reader, id, &resources, &way, manner, out);
            }
        }
    } else if CONSENT.contains(&lower) {
        let command = command(reader.code, at);
        for way in reader.ways(at) {
            let (scopes, resources) = given(reader, &command, "scope", &way);
            let manner = granted(PermissionType::Delegated, reader.offsets(at..command.end));
            for scope in scopes {
                consented(reader, scope, &resources, &way, manner, out);
            }
        }
    }
}

const fn granted(permission_type: PermissionType, used_at: (u32, u32)) -> Manner {
    Manner::new(Means::Granted, Some(permission_type), used_at)
}

/// What a command grants and of which service principal: its own parameters, or members of `-BodyParameter @{…}`.
fn given(
    reader: &Reader<'_, '_>,
    command: &Command,
    parameter: &str,
    way: &Way,
) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let mut own = arguments(reader, command, parameter, way);
    if own.is_empty() && parameter == "approleid" {
        // The older name of the parameter, which is an alias today.
        own = arguments(reader, command, "id", way);
    }
    if !own.is_empty() {
        return (own, arguments(reader, command, "resourceid", way));
    }
    let mut reached = Reached::default();
    for body in arguments(reader, command, "bodyparameter", way) {
        reader.reach(body, way, 0, &mut reached);
    }
    // `-AppRoleId` and `-Id` are the same member of the body.
    let member = if parameter == "scope" {
        "scope"
    } else {
        "approleid"
    };
    let members = |name| {
        let tables = reached.tables.iter();
        tables
            .filter_map(|table| reader.element(*table, name))
            .collect()
    };
    (members(member), members("resourceid"))
}

/// `@{principalId = …; resourceId = …; appRoleId = …}`, `@{clientId = …; resourceId = …; scope = …}`: the body of a request
/// to Microsoft Graph, whatever sends it.
pub(super) fn body(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let name = code.name(at);
    let role = name.eq_ignore_ascii_case("appRoleId");
    if !(role || name.eq_ignore_ascii_case("scope"))
        || !code.is(at + 1, "=")
        || !matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
    {
        return;
    }
    let Some(table) = code.up(at).filter(|up| code.text(*up).ends_with('{')) else {
        return;
    };
    let (Some(value), Some(resource)) = (
        reader.element(table, name),
        reader.element(table, "resourceId"),
    ) else {
        return;
    };
    for way in reader.ways(at) {
        let resources = [resource.clone()];
        let used_at = reader.offsets(at..value.end);
        if role {
            let manner = granted(PermissionType::Application, used_at);
            assigned(reader, value.clone(), &resources, &way, manner, out);
        } else {
            let manner = granted(PermissionType::Delegated, used_at);
            consented(reader, value.clone(), &resources, &way, manner, out);
        }
    }
}

fn api_of(reader: &Reader<'_, '_>, resources: &[Range<usize>], way: &Way) -> Api {
    for resource in resources {
        let mut reached = Reached::default();
        reader.reach(resource.clone(), way, 0, &mut reached);
        // The object id of a service principal is the tenant's own: it says nothing.
        let object = reached
            .only()
            .and_then(|text| Uuid::try_parse(text).ok())
            .is_some_and(|id| crate::resource::by_id(id).is_none());
        let api = api::of(reader, resource.clone(), way);
        if api != Api::Unknown && !object {
            return api;
        }
    }
    Api::Unknown
}

/// An app role by its id. One from a look-up is that look-up's; here only literals count.
fn assigned(
    reader: &Reader<'_, '_>,
    id: Range<usize>,
    resources: &[Range<usize>],
    way: &Way,
    manner: Manner,
    out: &mut Collected<'_>,
) {
    let mut reached = Reached::default();
    reader.reach(id, way, 0, &mut reached);
    let api = api_of(reader, resources, way);
    for literal in reached.literals {
        let id = Uuid::try_parse(&literal.text)
            .ok()
            .filter(|id| !id.is_nil());
        if id
            .is_some_and(|id| api == Api::Graph || (api == Api::Unknown && is_graph_permission(id)))
        {
            out.push(literal, manner);
        }
    }
}

/// The scopes of a consent.
fn consented(
    reader: &Reader<'_, '_>,
    scope: Range<usize>,
    resources: &[Range<usize>],
    way: &Way,
    manner: Manner,
    out: &mut Collected<'_>,
) {
    let mut reached = Reached::default();
    reader.reach(scope, way, 0, &mut reached);
    match api_of(reader, resources, way) {
        Api::Graph => push_names(reached, manner, out),
        Api::Unknown if reader.only_graph() => push_names(reached, manner, out),
        // Nothing says whose scopes they are: those that Microsoft Graph publishes are taken for its own.
        Api::Unknown => push_published(reached, manner, out),
        Api::Other => {}
    }
}

/// `(Find-MgGraphPermission User.Read.All -PermissionType Application).Id`, in a script that assigns or requests it.
/// <https://learn.microsoft.com/en-us/powershell/module/microsoft.graph.authentication/find-mggraphpermission>
pub(super) fn found(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let Some(means) = reader.uses().means() else {
        return;
    };
    let command = command(reader.code, at);
    for way in reader.ways(at) {
        let mut types = Reached::default();
        for ty in arguments(reader, &command, "permissiontype", &way) {
            reader.reach(ty, &way, 0, &mut types);
        }
        let mut names = arguments(reader, &command, "searchstring", &way);
        names.extend(command.positional.iter().take(1).cloned());
        let mut reached = Reached::default();
        for name in names {
            reader.reach(name, &way, 0, &mut reached);
        }
        let permission_type = types.only().and_then(crate::model::permission_type);
        let manner = Manner::new(means, permission_type, reader.offsets(at..command.end));
        for literal in reached.literals {
            if is_exactly_a_permission(&literal.text) {
                out.push(literal, manner);
            }
        }
    }
}

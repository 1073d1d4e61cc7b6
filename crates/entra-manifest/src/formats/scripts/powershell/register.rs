//! Commands that register an app, or grant to one, with permissions by name or id.

use uuid::Uuid;

use super::commands::command;
use super::{Reached, Reader, arguments};
use crate::PermissionType::{self, Application, Delegated};
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Manner};
use crate::formats::scripts::scopes::push_names;
use crate::model::{Means, permission_type};

/// A parameter that names permissions.
struct Row {
    command: &'static str,
    parameter: &'static str,
    permission_type: PermissionType,
    means: Means,
    /// The parameter that says which API, and whether that is Microsoft Graph where it is not given. `None`: always Graph.
    api: Option<(&'static str, bool)>,
}

const fn row(
    command: &'static str,
    parameter: &'static str,
    permission_type: PermissionType,
    means: Means,
    api: Option<(&'static str, bool)>,
) -> Row {
    Row {
        command,
        parameter,
        permission_type,
        means,
        api,
    }
}

/// <https://pnp.github.io/powershell/cmdlets/Register-PnPEntraIDApp.html> and its neighbours there;
/// <https://learn.microsoft.com/en-us/powershell/module/az.resources/add-azadapppermission>.
static ROWS: [Row; 9] = [
    row(
        "register-pnpentraidapp",
        "graphapplicationpermissions",
        Application,
        Means::Requested,
        None,
    ),
    row(
        "register-pnpentraidapp",
        "graphdelegatepermissions",
        Delegated,
        Means::Requested,
        None,
    ),
    row(
        "register-pnpazureadapp",
        "graphapplicationpermissions",
        Application,
        Means::Requested,
        None,
    ),
    row(
        "register-pnpazureadapp",
        "graphdelegatepermissions",
        Delegated,
        Means::Requested,
        None,
    ),
    row(
        "register-pnpentraidappforinteractivelogin",
        "graphdelegatepermissions",
        Delegated,
        Means::Requested,
        None,
    ),
    row(
        "add-pnpazureadserviceprincipalapprole",
        "approle",
        Application,
        Means::Granted,
        Some(("builtintype", false)),
    ),
    row(
        "add-pnpentraidserviceprincipalapprole",
        "approle",
        Application,
        Means::Granted,
        Some(("builtintype", false)),
    ),
    row(
        "grant-pnptenantserviceprincipalpermission",
        "scope",
        Delegated,
        Means::Granted,
        Some(("resource", true)),
    ),
    row(
        "add-azadapppermission",
        "permissionid",
        Delegated,
        Means::Requested,
        Some(("apiid", false)),
    ),
];

/// The command at `at`, if it is one of these.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, lower: &str, out: &mut Collected<'_>) {
    for row in ROWS.iter().filter(|row| row.command == lower) {
        let command = command(reader.code, at);
        for way in reader.ways(at) {
            if let Some((parameter, implied)) = row.api {
                let given = arguments(reader, &command, parameter, &way);
                let api = given
                    .first()
                    .map_or(if implied { Api::Graph } else { Api::Unknown }, |value| {
                        api::of(reader, value.clone(), &way)
                    });
                if api != Api::Graph {
                    continue;
                }
            }
            let mut reached = Reached::default();
            for value in arguments(reader, &command, row.parameter, &way) {
                reader.reach(value, &way, 0, &mut reached);
            }
            // `Add-AzADAppPermission -Type Role`; without it, Scope.
            let mut types = Reached::default();
            for value in arguments(reader, &command, "type", &way) {
                reader.reach(value, &way, 0, &mut types);
            }
            let permission_type = types
                .only()
                .and_then(permission_type)
                .unwrap_or(row.permission_type);
            let used_at = reader.offsets(at..command.end);
            let manner = Manner::new(row.means, Some(permission_type), used_at);
            let (ids, names): (Vec<_>, Vec<_>) = reached
                .literals
                .into_iter()
                .partition(|literal| Uuid::try_parse(&literal.text).is_ok());
            for id in ids {
                out.push(id, manner);
            }
            reached.literals = names;
            push_names(reached, manner, out);
        }
    }
}

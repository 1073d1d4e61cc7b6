//! Managed connectors whose actions call Microsoft Graph under a path of their own.

use jsonc_parser::ast::{Object, Value};

use crate::json::{member, string};

/// Connectors of Microsoft whose back end is Microsoft Graph, by the name in `connectionId` and `apiId`.
/// <https://learn.microsoft.com/en-us/connectors/connector-reference/connector-reference-premium-connectors>
const NAMES: [&str; 10] = [
    "azuread",
    "azureadip",
    "microsoftgraphsecurity",
    "office365groups",
    "office365groupsmail",
    "office365users",
    "planner",
    "shiftsforteams",
    "teams",
    "todo",
];

/// A connector's action.
pub(super) struct Connector<'b> {
    pub(super) name: &'static str,
    /// The place to show where the action has no path.
    pub(super) place: &'b Value<'b>,
}

/// The connector of an action's `inputs`, where it is one of Microsoft Graph's.
pub(super) fn of<'b>(inputs: &'b Object<'b>) -> Option<Connector<'b>> {
    let host_value = member(inputs, "host")?;
    let host = host_value.as_object()?;
    let connection = member(host, "connection").and_then(Value::as_object);
    let written = [
        connection.and_then(|connection| {
            string(connection, "name").or_else(|| string(connection, "referenceName"))
        }),
        string(host, "apiId"),
        string(host, "connectionName"),
        string(host, "connectionReferenceName"),
    ];
    let name = written.into_iter().flatten().find_map(|text| {
        // `@parameters('$connections')['azuread']['connectionId']`, `/providers/…/apis/shared_azuread`, `azuread_1`
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map(|word| word.split('-').next().unwrap_or(word))
            .find_map(|word| {
                NAMES
                    .into_iter()
                    .find(|name| word.eq_ignore_ascii_case(name))
            })
    })?;
    Some(Connector {
        name,
        place: host_value,
    })
}

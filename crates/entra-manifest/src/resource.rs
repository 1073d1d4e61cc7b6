//! The APIs of Microsoft whose application id is the same in every tenant.

use msgraph_permissions::Catalog;
use uuid::{Uuid, uuid};

/// Application id of Microsoft Graph.
pub const MICROSOFT_GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");

/// Application id of Azure AD Graph, which is retired.
pub const AZURE_AD_GRAPH: Uuid = uuid!("00000002-0000-0000-c000-000000000000");

/// An API of Microsoft's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WellKnownResource {
    /// Its application id, the same in every tenant.
    pub app_id: Uuid,
    /// Its name, as the Entra admin center shows it.
    pub name: &'static str,
}

/// The resources, and further names under which manifests call them.
const KNOWN: &[(Uuid, &str, &[&str])] = &[
    (
        MICROSOFT_GRAPH,
        "Microsoft Graph",
        &[
            "MS Graph",
            "Microsoft Graph API",
            "MS Graph API",
            "graph.microsoft.com",
            "canary.graph.microsoft.com",
            // The national clouds, and Germany's former one.
            // https://learn.microsoft.com/graph/deployments
            "graph.microsoft.us",
            "dod-graph.microsoft.us",
            "microsoftgraph.chinacloudapi.cn",
            "graph.microsoft.de",
        ],
    ),
    (
        AZURE_AD_GRAPH,
        "Azure AD Graph",
        &[
            "Windows Azure Active Directory",
            "Azure Active Directory Graph",
            "graph.windows.net",
        ],
    ),
    (
        uuid!("00000003-0000-0ff1-ce00-000000000000"),
        "Office 365 SharePoint Online",
        &["SharePoint", "SharePoint Online"],
    ),
    (
        uuid!("00000002-0000-0ff1-ce00-000000000000"),
        "Office 365 Exchange Online",
        &["Exchange", "Exchange Online"],
    ),
    (
        uuid!("00000004-0000-0ff1-ce00-000000000000"),
        "Skype for Business Online",
        &[],
    ),
    (
        uuid!("c5393580-f805-4401-95e8-94b7a6ef2fc2"),
        "Office 365 Management APIs",
        &[],
    ),
    (
        uuid!("797f4846-ba00-4fd7-ba43-dac1f8f63013"),
        "Azure Service Management",
        &["Windows Azure Service Management API"],
    ),
    (
        uuid!("00000007-0000-0000-c000-000000000000"),
        "Dynamics CRM",
        &["Dataverse"],
    ),
    (
        uuid!("00000009-0000-0000-c000-000000000000"),
        "Power BI Service",
        &[],
    ),
    (
        uuid!("cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
        "Azure Key Vault",
        &[],
    ),
    (
        uuid!("e406a681-f3d4-42a8-90b6-c2b029497af1"),
        "Azure Storage",
        &[],
    ),
    (
        uuid!("c161e42e-d4df-4a3d-9b42-e7a3c31f59d4"),
        "Microsoft Intune API",
        &[],
    ),
    (
        uuid!("fc780465-2017-40d4-a0c5-307022471b92"),
        "WindowsDefenderATP",
        &[],
    ),
    (
        uuid!("8ee8fdad-f234-4243-8f3b-15c294843740"),
        "Microsoft Threat Protection",
        &[],
    ),
    (
        uuid!("ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"),
        "Log Analytics API",
        &[],
    ),
];

/// The well-known resource with this application id.
pub(crate) fn by_id(id: Uuid) -> Option<WellKnownResource> {
    KNOWN
        .iter()
        .find(|(app_id, ..)| *app_id == id)
        .map(|(app_id, name, _)| WellKnownResource {
            app_id: *app_id,
            name,
        })
}

/// The well-known resource of this name, whatever its case, blanks and dots; also of an identifier URI
/// (`https://graph.microsoft.com/`, `api://…`) and of a scope of it that ends with `/.default`.
pub(crate) fn by_name(name: &str) -> Option<WellKnownResource> {
    let name = name.trim();
    let name = ["https://", "http://", "api://", "spn:"]
        .iter()
        .find_map(|scheme| strip_ignore_case(name, scheme))
        .unwrap_or(name);
    let name = name.strip_suffix(".default").unwrap_or(name);
    let name = name.trim_end_matches('/');
    if let Ok(id) = Uuid::try_parse(name) {
        return by_id(id);
    }
    KNOWN
        .iter()
        .find(|(_, own, others)| same_name(own, name) || others.iter().any(|o| same_name(o, name)))
        .map(|(app_id, name, _)| WellKnownResource {
            app_id: *app_id,
            name,
        })
}

fn strip_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn same_name(a: &str, b: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> + '_ {
        text.bytes()
            .filter(|b| !matches!(b, b' ' | b'.' | b'-' | b'_'))
            .map(|b| b.to_ascii_lowercase())
    }
    letters(a).eq(letters(b))
}

/// Whether Microsoft Graph publishes a permission with this id. An id is unique, so it tells the API where nothing else
/// does.
pub(crate) fn is_graph_permission(id: Uuid) -> bool {
    id.to_string()
        .parse()
        .is_ok_and(|id| !Catalog::embedded().by_id(id).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_is_known_by_any_spelling_of_its_name() {
        for name in [
            "Microsoft Graph",
            "MicrosoftGraph",
            "microsoft.graph",
            "MS Graph",
            "Microsoft Graph API",
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "https://graph.microsoft.com/.default",
            "HTTPS://Graph.Microsoft.us/",
            "https://dod-graph.microsoft.us",
            "https://microsoftgraph.chinacloudapi.cn",
            "graph.microsoft.com",
            "api://00000003-0000-0000-c000-000000000000",
            "spn:00000003-0000-0000-c000-000000000000",
        ] {
            assert_eq!(by_name(name).map(|r| r.app_id), Some(MICROSOFT_GRAPH));
        }
        for name in [
            "Microsoft Graph Security",
            "https://graph.microsoft.com.example.org",
            "https://example.org/graph.microsoft.com",
            "api://my-graph",
        ] {
            assert_eq!(by_name(name), None, "{name}");
        }
        assert_eq!(by_name(""), None);
    }

    #[test]
    fn sharepoint_is_not_its_near_twin() {
        let id = uuid!("00000003-0000-0ff1-ce00-000000000000");
        assert_eq!(
            by_id(id).map(|r| r.name),
            Some("Office 365 SharePoint Online")
        );
    }
}

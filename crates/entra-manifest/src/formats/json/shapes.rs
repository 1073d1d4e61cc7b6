//! The shapes of JSON declarations, for people.

use crate::about::{About, Types};

const GRAPH_DOCS: &str =
    "https://learn.microsoft.com/graph/api/resources/requiredresourceaccess?view=graph-rest-1.0";

const fn shape(id: &'static str, name: &'static str, files: &'static [&'static str]) -> About {
    About {
        id,
        name,
        files,
        generated: false,
        types: Types::Both,
        docs: GRAPH_DOCS,
    }
}

/// What the reader as a whole is.
pub(super) static JSON: About = shape("json", "JSON declaration", &["*.json", "*.jsonc"]);

/// The application entity of Microsoft Graph (`GET /applications/{id}`, and the manifest editor since 2024).
pub(super) static GRAPH_APPLICATION: About = shape(
    "graph-application",
    "Microsoft Graph application",
    &["*.json", "entra.manifest.json"],
);

/// The manifest of Azure AD Graph's days (`oauth2Permissions`, `replyUrlsWithType`), which Agents Toolkit reads too.
pub(super) static LEGACY_MANIFEST: About = shape(
    "azure-ad-manifest",
    "Azure AD manifest",
    &["*.json", "aad.manifest.json", "aad.template.json"],
);

/// The bare list of resources that `az ad app create --required-resource-accesses` takes.
pub(super) static RESOURCE_LIST: About = shape(
    "resource-list",
    "required resource access list",
    &["*.json"],
);

/// A list of applications: an array, or `{"value": […]}`.
pub(super) static APPLICATION_LIST: About =
    shape("application-list", "list of applications", &["*.json"]);

/// The configuration of Microsoft's sample generator, with names: `RequiredResourcesAccess`.
pub(super) static SAMPLE_CONFIGURATION: About = shape(
    "sample-configuration",
    "sample configuration",
    &["sample.json"],
);

/// `webApiPermissionRequests` of a SharePoint Framework solution.
pub(super) static SHAREPOINT_FRAMEWORK: About = About {
    id: "sharepoint-framework",
    name: "SharePoint Framework solution",
    files: &["package-solution.json"],
    generated: false,
    types: Types::Delegated,
    docs: "https://learn.microsoft.com/sharepoint/dev/spfx/use-aadhttpclient",
};

/// Names of permissions under the name of their API: `permissions.json` of Teams Toolkit, `*.permissions.json`.
pub(super) static NAMED_LIST: About = shape(
    "permission-list",
    "list of permission names",
    &["permissions.json", "*.permissions.json"],
);

/// The configuration of the Agent 365 command line.
pub(super) static AGENT_365: About = About {
    id: "agent-365",
    name: "Agent 365 configuration",
    files: &["a365.config.json"],
    generated: false,
    types: Types::Delegated,
    docs: "https://learn.microsoft.com/microsoft-agent-365/developer/agent-365-cli",
};

/// Grants as Microsoft Graph returns them. They are changed in the tenant, not in the file.
pub(super) static GRANTS: About = About {
    generated: true,
    docs: "https://learn.microsoft.com/graph/api/resources/approleassignment?view=graph-rest-1.0",
    ..shape("grants", "list of granted permissions", &["*.json"])
};

/// An application somewhere inside a document of the author's own making.
pub(super) static NESTED: About = shape(
    "nested-application",
    "application within another document",
    &["*.json"],
);

pub(super) static ALL: &[&About] = &[
    &GRAPH_APPLICATION,
    &LEGACY_MANIFEST,
    &RESOURCE_LIST,
    &APPLICATION_LIST,
    &SAMPLE_CONFIGURATION,
    &SHAREPOINT_FRAMEWORK,
    &NAMED_LIST,
    &AGENT_365,
    &GRANTS,
    &NESTED,
];

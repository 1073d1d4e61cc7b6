//! References that have a meaning without having a value: service principals of APIs, their roles, own resources.

use std::rc::Rc;

use uuid::Uuid;

use super::value::{Text, Unknown, Value};
use crate::PermissionType;
use crate::resource::MICROSOFT_GRAPH;

/// What a reference stands for.
#[derive(Debug, Clone)]
pub(in crate::formats) enum Symbol {
    /// A resource or data source with `count` or `for_each`, not yet indexed.
    Instances(Holder),
    /// One instance of a resource or data source.
    Instance(Object),
    /// An attribute that the provider fills in: `azuread_application.x.id`.
    Attribute(Object, Rc<str>),
    /// A module call, perhaps with `count` or `for_each` and not yet indexed.
    Module {
        scope: usize,
        call: usize,
        key: Option<Rc<Value>>,
    },
    /// `azuread_application_published_app_ids.….result`: ids of Microsoft's APIs by name.
    PublishedIds,
    /// The id of a Microsoft API that this program knows by name only.
    PublishedId(Rc<str>),
    /// `app_role_ids`, `oauth2_permission_scope_ids`: ids by name.
    Ids(Api, PermissionType),
    /// `app_roles`, `oauth2_permission_scopes`: all of them, as objects.
    Entries(Api, PermissionType),
    /// One member of all of them: `app_roles.*.value`.
    Column(Api, PermissionType, Rc<str>),
    /// The position of one in [`Symbol::Entries`], as `index()` gives it.
    Position(Api, PermissionType, Text),
    /// One role or scope, as an object.
    Entry(Api, PermissionType, Text),
    /// The id of a role or scope that is looked up by name.
    Permission(Api, PermissionType, Text),
    /// What a table that is not known holds under the name of a permission: `local.ids["User.Read.All"]`.
    Named(Text),
    /// A service principal as Microsoft Graph returns it, or what holds it: `data.msgraph_resource.x.output`.
    Exported(Api),
}

impl Symbol {
    /// The value that the symbol holds: that of an instance's key.
    pub(in crate::formats) fn value(&self) -> Option<&Value> {
        match self {
            Self::Instance(object) | Self::Attribute(object, _) => match &object.each {
                Each::Key(_, value) => Some(value),
                _ => None,
            },
            Self::Module { key, .. } => key.as_deref(),
            _ => None,
        }
    }
}

/// A resource block within a module instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::formats) struct Holder {
    /// Index of the module instance.
    pub(in crate::formats) scope: usize,
    /// Index of the block in the module's resources.
    pub(in crate::formats) resource: usize,
}

/// One instance of a resource.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Object {
    pub(in crate::formats) holder: Holder,
    pub(in crate::formats) each: Each,
}

/// Which of a block's instances.
#[derive(Debug, Clone)]
pub(in crate::formats) enum Each {
    /// The block has neither `count` nor `for_each`.
    One,
    /// By `count`.
    Index(usize),
    /// By `for_each`.
    Key(Text, Rc<Value>),
    /// By a key that is not known.
    Any(Rc<Unknown>),
}

/// The API that a service principal stands for.
#[derive(Debug, Clone)]
pub(in crate::formats) enum Api {
    /// By its application id.
    Id(Text),
    /// By the name under which Microsoft publishes its id.
    Published(Rc<str>),
    /// An application of the same configuration, by its address.
    Own(Rc<str>),
    /// Not known.
    Unknown(Rc<Unknown>),
}

impl Api {
    /// Whether this is Microsoft Graph.
    pub(in crate::formats) fn is_graph(&self) -> bool {
        matches!(self, Self::Id(id) if is_graph_id(&id.text))
    }
}

/// Whether a string is the application id of Microsoft Graph.
pub(in crate::formats) fn is_graph_id(text: &str) -> bool {
    Uuid::try_parse(text.trim()).is_ok_and(|id| id == MICROSOFT_GRAPH)
}

/// Names under which `azuread_application_published_app_ids` lists APIs, as far as their ids are known here.
/// Source: the provider's documentation, <https://registry.terraform.io/providers/hashicorp/azuread/latest/docs/data-sources/application_published_app_ids>.
const PUBLISHED: &[(&str, &str)] = &[
    ("MicrosoftGraph", "00000003-0000-0000-c000-000000000000"),
    (
        "AzureActiveDirectoryGraph",
        "00000002-0000-0000-c000-000000000000",
    ),
    (
        "Office365SharePointOnline",
        "00000003-0000-0ff1-ce00-000000000000",
    ),
    (
        "Office365ExchangeOnline",
        "00000002-0000-0ff1-ce00-000000000000",
    ),
    (
        "SkypeForBusinessOnline",
        "00000004-0000-0ff1-ce00-000000000000",
    ),
    (
        "Office365Management",
        "c5393580-f805-4401-95e8-94b7a6ef2fc2",
    ),
    (
        "AzureServiceManagement",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    ),
    ("DynamicsCrm", "00000007-0000-0000-c000-000000000000"),
    ("PowerBiService", "00000009-0000-0000-c000-000000000000"),
    ("AzureKeyVault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
    ("AzureStorage", "e406a681-f3d4-42a8-90b6-c2b029497af1"),
    ("MicrosoftIntuneApi", "c161e42e-d4df-4a3d-9b42-e7a3c31f59d4"),
    ("LogAnalytics", "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"),
];

/// The application id of an API by its published name.
pub(in crate::formats) fn published_id(name: &str) -> Option<&'static str> {
    PUBLISHED
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, id)| *id)
}

/// The application id of an API by the display name of its service principal.
pub(in crate::formats) fn id_by_display_name(name: &str) -> Option<Uuid> {
    crate::resource::by_name(name).map(|resource| resource.app_id)
}

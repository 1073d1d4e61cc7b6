//! Documents that declare nothing which is read: schemas, catalogues, and known shapes.

use jsonc_parser::ast::{Object, Value};

use crate::json::tree;
use crate::read::{Read, WhyNot};

/// A known way of declaring permissions that is not read. Of several in one document the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// `authorization.permissions.resourceSpecific` of a Teams app manifest.
    TeamsApp,
    /// `Microsoft.Graph/…` resources of an ARM template.
    ArmTemplate,
    /// A Logic App that calls Microsoft Graph: its permissions are granted elsewhere.
    LogicApp,
    /// Grants already made: `appRoleAssignments`, `oauth2PermissionGrants`.
    Grants,
    /// Names of permissions under the resource's name, as exporters write them.
    NamedList,
    /// Terraform's JSON syntax, its plan or its state.
    TerraformJson,
    /// The state of a Pulumi stack.
    PulumiState,
}

impl Shape {
    /// The shape's name, for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::TeamsApp => "Teams app manifest",
            Self::ArmTemplate => "ARM template with Microsoft Graph resources",
            Self::LogicApp => "Logic App that calls Microsoft Graph",
            Self::Grants => "list of granted permissions",
            Self::NamedList => "list of permission names",
            Self::TerraformJson => "Terraform JSON",
            Self::PulumiState => "Pulumi state",
        }
    }
}

pub(super) fn is_schema(root: &Value<'_>) -> bool {
    let Value::Object(root) = root else {
        return false;
    };
    let schema = tree::string(root, "$schema")
        .is_some_and(|schema| schema.value.contains("json-schema.org"));
    let defines = ["properties", "definitions", "$defs"]
        .iter()
        .any(|name| tree::object(root, name).is_some());
    let kind = tree::string(root, "type").is_some_and(|kind| kind.value == "object");
    let description = ["openapi", "swagger"]
        .iter()
        .any(|name| tree::string(root, name).is_some());
    (defines && (schema || kind)) || schema && tree::has(root, "$ref") || description
}

pub(super) fn is_arm(root: &Value<'_>) -> bool {
    root.as_object()
        .and_then(|root| tree::string(root, "$schema"))
        .is_some_and(|schema| {
            schema
                .value
                .to_ascii_lowercase()
                .contains("deploymenttemplate.json")
        })
}

/// The type of an ARM resource without its version.
pub(super) fn resource_type(text: &str) -> &str {
    text.split_once('@').map_or(text, |(name, _)| name)
}

/// The records that tools keep of what they deployed, or plan to.
pub(super) fn tool_state(root: &Value<'_>, text: &str) -> Option<Shape> {
    let root = root.as_object()?;
    if tree::object(root, "deployment").is_some() && text.contains("azuread:index/") {
        return Some(Shape::PulumiState);
    }
    let terraform = tree::has(root, "terraform_version")
        || tree::object(root, "resource").is_some()
        || tree::has(root, "planned_values");
    (terraform && text.contains("azuread_application")).then_some(Shape::TerraformJson)
}

/// What a document is that declares nothing which is read.
pub(super) fn other_shape(root: &Value<'_>, text: &str) -> Read {
    let mut found: Option<Shape> = None;
    let mut catalog = false;
    let arm = is_arm(root);
    tree::each_object(root, &mut |object| {
        let shape = object_shape(object, arm, text);
        found = match (found, shape) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        catalog |= is_catalog(object);
    });
    match found {
        Some(shape) => Read::Unsupported(shape.name()),
        None if catalog => Read::Nothing(WhyNot::Catalog),
        None => Read::Nothing(WhyNot::NoDeclaration),
    }
}

fn object_shape(object: &Object<'_>, arm: bool, text: &str) -> Option<Shape> {
    if let Some(permissions) = tree::object(object, "authorization")
        .and_then(|authorization| tree::object(authorization, "permissions"))
        && tree::array(permissions, "resourceSpecific")
            .is_some_and(|list| !list.elements.is_empty())
    {
        return Some(Shape::TeamsApp);
    }
    if arm && let Some(kind) = tree::string(object, "type") {
        let kind = resource_type(&kind.value).to_ascii_lowercase();
        if kind == "microsoft.graph/approleassignedto"
            || kind == "microsoft.graph/oauth2permissiongrants"
        {
            return Some(Shape::ArmTemplate);
        }
        if kind == "microsoft.logic/workflows" && text.contains("graph.microsoft.") {
            return Some(Shape::LogicApp);
        }
    }
    if is_grant(object) {
        return Some(Shape::Grants);
    }
    is_named_list(object).then_some(Shape::NamedList)
}

/// An `appRoleAssignment` or an `oauth2PermissionGrant`, as Microsoft Graph returns them.
fn is_grant(object: &Object<'_>) -> bool {
    let has = |names: &[&str]| {
        names
            .iter()
            .all(|name| tree::string(object, name).is_some())
    };
    has(&["appRoleId", "resourceId", "principalId"])
        || has(&["clientId", "consentType", "resourceId", "scope"])
}

/// `{Name, AppRoleAssignments: [...]}` and the like: a resource's name beside names of permissions.
fn is_named_list(object: &Object<'_>) -> bool {
    let resource = ["name", "resource", "displayName"]
        .iter()
        .any(|name| tree::string(object, name).is_some());
    let names = |element: &Value<'_>| match element {
        Value::StringLit(_) => true,
        Value::Object(element) => ["value", "name"]
            .iter()
            .any(|name| tree::string(element, name).is_some()),
        _ => false,
    };
    resource
        && [
            "appRoleAssignments",
            "delegatedPermissions",
            "applicationPermissions",
        ]
        .iter()
        .filter_map(|name| tree::array(object, name))
        .any(|list| list.elements.iter().any(names))
}

/// A service principal: the roles and scopes that an API offers.
fn is_catalog(object: &Object<'_>) -> bool {
    let scopes = [
        "oauth2PermissionScopes",
        "oauth2Permissions",
        "publishedPermissionScopes",
    ];
    tree::array(object, "appRoles").is_some()
        && scopes
            .iter()
            .any(|name| tree::array(object, name).is_some())
}

//! Documents that declare nothing which is read: schemas, catalogs, and known shapes.

use jsonc_parser::ast::{Object, ObjectProp, Value};
use source_text::Span;
use uuid::Uuid;

use super::named;
use crate::json::{literal, tree};
use crate::label;
use crate::model::{Problem, ProblemKind};

/// A known way of declaring permissions that is not read. Of several in one document the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// `authorization.permissions.resourceSpecific` of a Teams app manifest.
    TeamsApp,
    /// Names of permissions under the resource's name, as exporters write them.
    NamedList,
    /// An application in the author's own words.
    OwnWords,
    /// A member that declares permissions, in a shape that is not known.
    OwnForm,
    /// JSON text inside a JSON string.
    InString,
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
            Self::NamedList => "list of permission names",
            Self::OwnWords => "application in a form of its own",
            Self::OwnForm => "declaration of permissions in a form of its own",
            Self::InString => "JSON inside a JSON string",
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

/// The records that tools keep of what they deployed, or plan to.
pub(super) fn tool_state(root: &Value<'_>, text: &str) -> Option<Shape> {
    let root = root.as_object()?;
    if tree::object(root, "deployment").is_some() && text.contains("azuread:index/") {
        return Some(Shape::PulumiState);
    }
    let terraform = tree::has(root, "terraform_version")
        || matches!(
            tree::value(root, "resource"),
            Some(Value::Object(_) | Value::Array(_))
        )
        || tree::has(root, "planned_values");
    (terraform && text.contains("azuread_application")).then_some(Shape::TerraformJson)
}

/// The shape of an object that declares permissions and is not read.
pub(super) fn of_object(object: &Object<'_>) -> Option<Shape> {
    // Of a Teams app manifest, where it stands in `authorization.permissions`.
    let specific = tree::array(object, "resourceSpecific");
    if specific.is_some_and(|list| !list.elements.is_empty()) {
        return Some(Shape::TeamsApp);
    }
    let rsc = tree::object(object, "webApplicationInfo")
        .and_then(|info| tree::array(info, "applicationPermissions"));
    if rsc.is_some_and(|list| !list.elements.is_empty()) {
        return Some(Shape::TeamsApp);
    }
    is_named_list(object).then_some(Shape::NamedList)
}

/// Members in which permissions are declared, in whatever shape.
const DECLARING: [&str; 12] = [
    "requiredResourceAccess",
    "requiredResourceAccesses",
    "requiredResourcesAccess",
    "resourceAccess",
    "resourceAccesses",
    "webApiPermissionRequests",
    "delegatedPermissions",
    "applicationPermissions",
    "appRoleAssignments",
    "customBlueprintPermissions",
    "inheritableScopes",
    "inheritableRoles",
];

/// Whether a member declares permissions by its name, and names one by id or by name: nothing that is not read may pass
/// in silence. A word in such a member's place (a translation, a rename) names none, and a table only describes them.
pub(super) fn is_declaring(member: &ObjectProp<'_>) -> bool {
    let name = member.name.as_str();
    DECLARING
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
        && names_one(&member.value)
}

fn names_one(value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(text) => {
            let text = text.value.trim();
            Uuid::try_parse(text).is_ok_and(|id| !id.is_nil())
                || label::is_surely_a_permission(text)
        }
        Value::Array(array) if named::is_table(array) => false,
        Value::Array(array) => array.elements.iter().any(names_one),
        Value::Object(object) => object.properties.iter().any(|member| {
            // `{"741f803b-…": "Role"}`
            Uuid::try_parse(member.name.as_str()).is_ok()
                || label::is_surely_a_permission(member.name.as_str())
                || names_one(&member.value)
        }),
        _ => false,
    }
}

/// Whether a string holds a JSON document that declares permissions: the body of a recorded request, a template's
/// parameter.
pub(super) fn is_document(text: &str) -> bool {
    const KEY: &[u8] = b"requiredresourceaccess";
    let begins = text.trim_start().starts_with(['{', '[']);
    begins
        && text
            .as_bytes()
            .windows(KEY.len())
            .any(|window| window.eq_ignore_ascii_case(KEY))
}

/// Says of each sort once, at its first place, that it was not read.
pub(super) fn not_read(unread: &[(Span, Shape)]) -> Vec<Problem> {
    let mut sorts: Vec<Shape> = unread.iter().map(|(_, shape)| *shape).collect();
    sorts.sort_unstable();
    sorts.dedup();
    sorts
        .into_iter()
        .filter_map(|sort| {
            let places = || unread.iter().filter(|(_, shape)| *shape == sort);
            let first = places().map(|(span, _)| *span).min()?;
            let name = sort.name();
            let message = match places().count() {
                1 => format!("{name}: declares permissions too, and is not read"),
                count => format!(
                    "{name}, in {count} places, the first one here: declares permissions too, and is not read"
                ),
            };
            Some(Problem::new(ProblemKind::NotRead, first, message))
        })
        .collect()
}

/// A resource's name with names of permissions, in members that are not read.
fn is_named_list(object: &Object<'_>) -> bool {
    let resource = ["name", "resource", "displayName"]
        .iter()
        .any(|name| tree::string(object, name).is_some());
    let names = |element: &Value<'_>| match element {
        Value::StringLit(text) => label::is_exactly_a_permission(&text.value),
        Value::Object(element) => literal::named(element, &named::NAMES)
            .is_some_and(|text| label::is_exactly_a_permission(&text.value)),
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
        .any(|list| !named::is_table(list) && list.elements.iter().any(names))
}

/// Whether a service principal with its own roles and scopes stands in the document.
pub(super) fn has_catalog(root: &Value<'_>) -> bool {
    let mut found = false;
    tree::each_object(root, &mut |object| found |= is_catalog(object));
    found
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

//! What an application looks like, with and without a list of resources.

use jsonc_parser::ast::{Object, Value};
use uuid::Uuid;

use crate::json::tree;
use crate::label;

/// Whether an object has members of an application, with the types that they have there.
pub(super) fn is_like_application(object: &Object<'_>) -> bool {
    let texts = ["appId", "displayName", "name", "signInAudience", "objectId"];
    let lists = [
        "identifierUris",
        "keyCredentials",
        "passwordCredentials",
        "appRoles",
        "replyUrlsWithType",
        "oauth2Permissions",
        "preAuthorizedApplications",
    ];
    let texts = texts.iter().filter(|name| {
        matches!(
            tree::value(object, name),
            Some(Value::StringLit(_) | Value::NullKeyword(_))
        )
    });
    let lists = lists
        .iter()
        .filter(|name| tree::array(object, name).is_some());
    texts.count() + lists.count() >= 2
}

/// Whether an object holds values that nothing but an application holds: a table of words, a
/// translation or a schema has the same members with other values.
pub(super) fn is_surely_application(object: &Object<'_>) -> bool {
    let id = tree::string(object, "appId");
    let audience = tree::string(object, "signInAudience");
    id.is_some_and(|id| Uuid::try_parse(id.value.trim()).is_ok())
        || audience.is_some_and(|audience| {
            ["AzureAD", "Personal"]
                .iter()
                .any(|start| audience.value.starts_with(start))
        })
}

/// Whether an object without a list of resources is an application all the same.
pub(super) fn is_application(object: &Object<'_>) -> bool {
    let principal = ["servicePrincipalType", "servicePrincipalNames"];
    tree::string(object, "signInAudience").is_some()
        && !principal.iter().any(|name| tree::has(object, name))
        && is_like_application(object)
}

/// Whether an object has members that only manifests of Azure AD Graph's days have.
pub(super) fn is_legacy(object: &Object<'_>) -> bool {
    [
        "oauth2Permissions",
        "replyUrlsWithType",
        "accessTokenAcceptedVersion",
        "oauth2AllowIdTokenImplicitFlow",
        "oauth2AllowImplicitFlow",
        "informationalUrls",
        "allowPublicClient",
    ]
    .iter()
    .any(|name| tree::has(object, name))
}

/// Members of an application whose names speak of permissions, and which request none.
const OF_APPLICATIONS: [&str; 16] = [
    "api",
    "appRoles",
    "oauth2Permissions",
    "oauth2PermissionScopes",
    "oauth2RequirePostResponse",
    "oauth2AllowUrlPathMatching",
    "preAuthorizedApplications",
    "knownClientApplications",
    "accessTokenAcceptedVersion",
    "requestedAccessTokenVersion",
    "groupMembershipClaims",
    "optionalClaims",
    "appPermissions",
    "parentalControlSettings",
    "signInAudienceRestrictions",
    "trustedCertificateSubjects",
];

/// The member of a look-alike that requests permissions in the author's own words.
///
/// An application that Microsoft Graph wrote has an id. One without, and with members that speak of permissions in
/// another way, is a file of the author's own format: it must not pass as an application that requests nothing, and
/// nothing may be written into it.
pub(super) fn own_words<'o, 'a>(
    object: &'o Object<'a>,
) -> Option<&'o jsonc_parser::ast::ObjectProp<'a>> {
    let has_id = ["appId", "id", "objectId"]
        .iter()
        .any(|name| tree::string(object, name).is_some());
    if has_id {
        return None;
    }
    object.properties.iter().find(|member| {
        let name = member.name.as_str();
        if OF_APPLICATIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
        {
            return false;
        }
        let name = name.to_ascii_lowercase();
        let speaks = [
            "permission",
            "scope",
            "consent",
            "grant",
            "apiaccess",
            "resourceaccess",
        ];
        let container = !matches!(member.value, Value::BooleanLit(_) | Value::NullKeyword(_));
        (container && speaks.iter().any(|word| name.contains(word)))
            || names_a_permission(&member.value)
    })
}

/// Whether a permission's name stands anywhere within a value.
fn names_a_permission(value: &Value<'_>) -> bool {
    match value {
        // A redirect URI or a host has dots too, but is no permission's name.
        Value::StringLit(text) => label::is_exactly_a_permission(&text.value),
        Value::Array(array) => array.elements.iter().any(names_a_permission),
        Value::Object(object) => object
            .properties
            .iter()
            .any(|member| names_a_permission(&member.value)),
        _ => false,
    }
}

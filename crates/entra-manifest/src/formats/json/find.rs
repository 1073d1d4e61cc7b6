//! Finds the applications of a document, and tells the format by what was found.

use std::cell::OnceCell;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use source_text::{Source, Span};
use uuid::Uuid;

use super::dialect::Dialect;
use super::read::{LISTS, Reader};
use super::{Json, shape, shapes};
use crate::about::About;
use crate::json::{Document, literal, tree};
use crate::model::{Manifest, ProblemKind};
use crate::read::{Read, WhyNot};

/// Where in the document an object stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the document.
    Root,
    /// It is an element of the document, or of the document's `value`.
    Listed,
    /// Anywhere else.
    Inner,
}

/// What a document declares, or what else it is.
pub(super) fn classify(source: &Source, document: &Document<'_>) -> Read {
    let root = &document.root;
    let text = source.text();
    if shape::is_schema(root) {
        return Read::Nothing(WhyNot::Schema);
    }
    if let Some(shape) = shape::tool_state(root, text) {
        return Read::Unsupported(shape.name());
    }
    let mut finder = Finder {
        reader: Reader::new(source, &document.comments),
        places: Vec::new(),
        named: false,
        flat: false,
        is_arm: shape::is_arm(root),
        unread: Vec::new(),
    };
    finder.visit(root, Place::Root);
    if finder.reader.apps.is_empty() {
        return shape::other_shape(root, text);
    }
    let about = finder.about(root);
    let Finder {
        mut reader, unread, ..
    } = finder;
    for (span, what) in unread {
        reader.problem(
            ProblemKind::NotRead,
            span,
            format!("{what} declares permissions too: this is not read"),
        );
    }
    let mut problems = document.problems.clone();
    problems.append(&mut reader.problems);
    Read::Manifest(
        Manifest::new(&Json, about, reader.apps)
            .with_problems(problems)
            .with_comments(document.comments.clone()),
    )
}

struct Finder<'d> {
    reader: Reader<'d>,
    /// Where each application was found, and whether it is but a list.
    places: Vec<(Place, bool)>,
    /// Whether a list with names was found.
    named: bool,
    /// Whether a SharePoint Framework list was found.
    flat: bool,
    is_arm: bool,
    /// Resources of an ARM template that declare permissions and are not read.
    unread: Vec<(Span, &'static str)>,
}

impl Finder<'_> {
    fn visit(&mut self, value: &Value<'_>, place: Place) {
        match value {
            Value::Object(object) if is_entry(object) => self.bare(value, place),
            Value::Object(object) => self.object(object, place),
            Value::Array(array) => {
                let entries = |element: &Value<'_>| element.as_object().is_some_and(is_entry);
                if array.elements.iter().any(entries) {
                    self.bare(value, place);
                    return;
                }
                let place = match place {
                    Place::Root => Place::Listed,
                    _ => Place::Inner,
                };
                for element in &array.elements {
                    self.visit(element, place);
                }
            }
            _ => {}
        }
    }

    fn bare(&mut self, list: &Value<'_>, place: Place) {
        self.reader.bare_list(list);
        self.places.push((place, true));
    }

    fn object(&mut self, object: &Object<'_>, place: Place) {
        // Asked at most once: an object can have any number of members.
        let like = OnceCell::new();
        let like_application = || *like.get_or_init(|| is_like_application(object));
        let dialects: Vec<Option<Dialect>> = object
            .properties
            .iter()
            .map(|member| {
                list_dialect(member, &like_application, &|| is_surely_application(object))
            })
            .collect();
        let lists: Vec<(&Value<'_>, Dialect)> = object
            .properties
            .iter()
            .zip(&dialects)
            .filter_map(|(member, dialect)| Some((&member.value, (*dialect)?)))
            .collect();
        if !lists.is_empty() || (place != Place::Inner && is_application(object)) {
            self.named |= lists.iter().any(|(_, dialect)| *dialect == Dialect::Named);
            self.flat |= lists.iter().any(|(_, dialect)| *dialect == Dialect::Flat);
            for name in LISTS {
                if let Some(second) = tree::members(object, name).nth(1) {
                    self.reader.problem(
                        ProblemKind::DuplicateMember,
                        self.reader.span(second),
                        format!("\"{name}\" occurs twice in this object: both were read"),
                    );
                }
            }
            self.reader.application(object, &lists);
            self.places.push((place, false));
        }
        if self.is_arm {
            self.arm_resource(object);
        }
        for (member, dialect) in object.properties.iter().zip(&dialects) {
            if dialect.is_some() {
                continue;
            }
            let is_value = place == Place::Root && member.name.as_str() == "value";
            let place = if is_value { Place::Root } else { Place::Inner };
            self.visit(&member.value, place);
        }
    }

    fn arm_resource(&mut self, object: &Object<'_>) {
        let Some(literal) = tree::string(object, "type") else {
            return;
        };
        let kind = shape::resource_type(&literal.value);
        if kind.eq_ignore_ascii_case("Microsoft.Graph/applications")
            && !is_existing(object)
            && let Some(body) = tree::object(object, "properties")
            && !LISTS.iter().any(|name| tree::has(body, name))
        {
            self.reader.application(body, &[]);
            self.places.push((Place::Inner, false));
        }
        for what in [
            "Microsoft.Graph/appRoleAssignedTo",
            "Microsoft.Graph/oauth2PermissionGrants",
        ] {
            if kind.eq_ignore_ascii_case(what) {
                self.unread.push((self.reader.span(literal), what));
            }
        }
    }

    fn about(&self, root: &Value<'_>) -> &'static About {
        if self.is_arm {
            return if is_compiled_bicep(root) {
                &shapes::COMPILED_BICEP
            } else {
                &shapes::ARM_TEMPLATE
            };
        }
        if self.flat {
            return &shapes::SHAREPOINT_FRAMEWORK;
        }
        if self.named {
            return &shapes::SAMPLE_CONFIGURATION;
        }
        match (self.places.as_slice(), root) {
            ([(Place::Root, true)], _) => &shapes::RESOURCE_LIST,
            ([(Place::Root, false)], Value::Object(object)) if is_legacy(object) => {
                &shapes::LEGACY_MANIFEST
            }
            ([(Place::Root, false)], _) => &shapes::GRAPH_APPLICATION,
            (places, _) if places.iter().all(|(place, _)| *place == Place::Listed) => {
                &shapes::APPLICATION_LIST
            }
            _ => &shapes::NESTED,
        }
    }
}

/// How a member lists resources, if it does.
fn list_dialect(
    member: &ObjectProp<'_>,
    like_application: &dyn Fn() -> bool,
    surely_application: &dyn Fn() -> bool,
) -> Option<Dialect> {
    let name = member.name.as_str();
    if name.eq_ignore_ascii_case("webApiPermissionRequests") {
        let is_list = matches!(member.value, Value::Array(_) | Value::NullKeyword(_));
        return is_list.then_some(Dialect::Flat);
    }
    let known = LISTS.iter().any(|list| list.eq_ignore_ascii_case(name));
    if !known || !is_declaration(&member.value, like_application, surely_application) {
        return None;
    }
    Some(if name.eq_ignore_ascii_case("requiredResourcesAccess") {
        Dialect::Named
    } else {
        Dialect::ResourceAccess
    })
}

/// Whether the value of a list's member is meant as a list, and not as a definition or a description of one.
fn is_declaration(
    value: &Value<'_>,
    like_application: &dyn Fn() -> bool,
    surely_application: &dyn Fn() -> bool,
) -> bool {
    let meant = match value {
        Value::Array(array) => {
            array.elements.is_empty()
                || array.elements.iter().any(|element| match element {
                    Value::Object(entry) => has_entry_member(entry),
                    Value::StringLit(literal) => literal::stand_in(literal.value.trim()).is_some(),
                    _ => false,
                })
        }
        Value::Object(entry) => has_entry_member(entry),
        Value::StringLit(literal) => literal::stand_in(literal.value.trim()).is_some(),
        _ => false,
    };
    // A word that is no stand-in is a table's or a translation's, unless it stands in what can only
    // be an application.
    meant || (!matches!(value, Value::StringLit(_)) && like_application()) || surely_application()
}

fn has_entry_member(object: &Object<'_>) -> bool {
    [
        "resourceAppId",
        "resourceAccess",
        "resourceAccesses",
        "delegatedPermissions",
        "applicationPermissions",
    ]
    .iter()
    .any(|name| tree::has(object, name))
        || tree::string(object, "resource").is_some()
}

/// Whether an object is, by itself, an entry of a list of resources.
fn is_entry(object: &Object<'_>) -> bool {
    let list = ["resourceAccess", "resourceAccesses"].iter().any(|name| {
        matches!(
            tree::value(object, name),
            Some(Value::Array(_) | Value::Object(_))
        )
    });
    list && matches!(
        tree::value(object, "resourceAppId"),
        Some(Value::StringLit(_) | Value::NullKeyword(_))
    )
}

/// Whether an object has members of an application, with the types that they have there.
fn is_like_application(object: &Object<'_>) -> bool {
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
fn is_surely_application(object: &Object<'_>) -> bool {
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
fn is_application(object: &Object<'_>) -> bool {
    let principal = ["servicePrincipalType", "servicePrincipalNames"];
    tree::string(object, "signInAudience").is_some()
        && !principal.iter().any(|name| tree::has(object, name))
        && is_like_application(object)
}

/// Whether an object has members that only manifests of Azure AD Graph's days have.
fn is_legacy(object: &Object<'_>) -> bool {
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

fn is_compiled_bicep(root: &Value<'_>) -> bool {
    root.as_object()
        .and_then(|root| tree::object(root, "metadata"))
        .and_then(|metadata| tree::object(metadata, "_generator"))
        .and_then(|generator| tree::string(generator, "name"))
        .is_some_and(|name| name.value.eq_ignore_ascii_case("bicep"))
}

/// Whether a resource of a template is only referred to, and deployed elsewhere.
fn is_existing(object: &Object<'_>) -> bool {
    tree::value(object, "existing")
        .and_then(Value::as_boolean_lit)
        .is_some_and(|existing| existing.value)
}

//! The resource-specific permissions of a Teams app manifest: `authorization.permissions.resourceSpecific`, and
//! `webApplicationInfo.applicationPermissions` of manifests before version 1.12.

use jsonc_parser::ast::{Array, Object, Value as Json};
use source_text::{Source, Span, Spanned};

use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation, literal_like, quoted_like};
use crate::formats::json::notation::JsonNotation;
use crate::json::{Document, literal, tree};
use crate::label;
use crate::model::layout::{ElementLayout, ListForm, ListLayout, Place};
use crate::model::{
    App, PermissionRef, Problem, Requested, Resource, ResourceRef, TypeRef, Unresolved,
};
use crate::resource::MICROSOFT_GRAPH;

/// `{name, type}` objects of resource-specific permissions.
const NAMED: u8 = 4;
/// Names of resource-specific permissions.
const WORDS: u8 = 5;

/// What the data that Microsoft publishes does not hold: the delegated resource-specific permissions, such as
/// `MeetingStage.Write.Chat`. They belong to Teams itself.
const TEAMS: &str = "Microsoft Teams";

/// A Teams app.
pub(super) struct Found {
    pub(super) app: App,
    pub(super) problems: Vec<Problem>,
    pub(super) comments: Vec<Span>,
}

/// The app of a document, if that is a Teams app manifest.
pub(super) fn read(source: &Source, document: &Document<'_>) -> Option<Found> {
    let root = document.root.as_object()?;
    let web = tree::object(root, "webApplicationInfo");
    let lists = lists(root, web);
    if lists.is_empty() {
        return None;
    }
    let span = tree::span(source, root);
    let mut app = App::new(span);
    let text = |object: Option<&Object<'_>>, name: &str| {
        let literal = tree::string(object?, name)?;
        Some(Spanned::new(
            literal.value.to_string(),
            tree::span(source, literal),
        ))
    };
    app.name = text(tree::object(root, "name"), "short").or_else(|| text(Some(root), "name"));
    app.app_id = text(web, "id").or_else(|| text(Some(root), "id"));
    for list in lists {
        self::list(source, document, &mut app, list);
    }
    Some(Found {
        app,
        problems: document.problems.clone(),
        comments: document.comments.clone(),
    })
}

fn lists<'o, 'a>(root: &'o Object<'a>, web: Option<&'o Object<'a>>) -> Vec<&'o Array<'a>> {
    let specific = tree::object(root, "authorization")
        .and_then(|authorization| tree::object(authorization, "permissions"))
        .and_then(|permissions| tree::array(permissions, "resourceSpecific"));
    let old = web.and_then(|web| tree::array(web, "applicationPermissions"));
    specific.into_iter().chain(old).collect()
}

fn list(source: &Source, document: &Document<'_>, app: &mut App, array: &Array<'_>) {
    let span = tree::span(source, array);
    let words = array
        .elements
        .iter()
        .any(|element| element.as_string_lit().is_some());
    let graph = ResourceRef::Implied {
        uuid: MICROSOFT_GRAPH,
        span,
    };
    let mut resource = Resource::new(span, graph);
    let whole = array.elements.iter().all(|element| {
        let ty = element.as_object().and_then(|o| tree::string(o, "type"));
        ty.is_none_or(|ty| !ty.value.eq_ignore_ascii_case("delegated"))
    });
    resource.layout.accesses.push(ListLayout {
        span,
        form: ListForm::BRACKETS,
        permission_type: words.then_some(PermissionType::Application),
        by_name: true,
        dialect: if words { WORDS } else { NAMED },
    });
    let graph = app.push_resource(resource);
    let mut teams = None;
    for element in &array.elements {
        let at = tree::span(source, element);
        let object = element.as_object();
        let name = match object {
            Some(object) => tree::value(object, "name"),
            None => Some(element),
        };
        let permission = match name {
            None | Some(Json::StringLit(_) | Json::NullKeyword(_)) => {
                literal::permission(name, source, at)
            }
            Some(other) => PermissionRef::Unresolved {
                text: String::new(),
                span: tree::span(source, other),
                reason: Unresolved::WrongType,
            },
        };
        let permission_type = match object {
            None => TypeRef::implied(PermissionType::Application),
            Some(object) => type_of(source, object, at),
        };
        let delegated = permission_type.known() == Some(PermissionType::Delegated);
        let resource = if delegated {
            *teams.get_or_insert_with(|| {
                let name = TEAMS.to_owned();
                app.push_resource(Resource::new(span, ResourceRef::Name { name, span }))
            })
        } else {
            graph
        };
        let unnamed = matches!(permission, PermissionRef::Unresolved { .. });
        let mut requested = Requested::new(resource, permission, permission_type, at);
        requested.label = label::label(source, &document.comments, at, &[]);
        requested.layout = ElementLayout {
            // A list of both types is one list of two resources, out of which the editor takes nothing.
            place: (whole && !delegated).then_some(Place::Access(0)),
            // A permission for the whole organization is none that this list can hold: the notation decides.
            plain: false,
            fixed: if delegated {
                Some("the permission is one of Teams")
            } else {
                unnamed.then_some("the entry names no permission")
            },
        };
        app.requested.push(requested);
    }
}

/// `"type": "Application"` or `"Delegated"`.
fn type_of(source: &Source, object: &Object<'_>, element: Span) -> TypeRef {
    let Some(value) = tree::value(object, "type") else {
        return TypeRef::Unresolved {
            text: None,
            span: element,
            reason: Unresolved::Missing,
        };
    };
    let span = tree::span(source, value);
    let word = value
        .as_string_lit()
        .map_or("", |literal| literal.value.trim());
    let known = [
        ("Application", PermissionType::Application),
        ("Delegated", PermissionType::Delegated),
    ];
    match known
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word))
    {
        Some((_, permission_type)) => TypeRef::Known {
            permission_type: *permission_type,
            span: Some(span),
        },
        None => TypeRef::Unresolved {
            text: Some(source.slice(span).to_owned()),
            span,
            reason: Unresolved::NotAType,
        },
    }
}

/// Whether a name is that of a resource-specific permission: its last part names the resource.
fn is_resource_specific(name: &str) -> bool {
    ["Group", "Chat", "User", "Team", "Channel", "Meeting"]
        .iter()
        .any(|resource| name.rsplit('.').next() == Some(resource))
}

fn names_resource_specific(permission: &NewPermission<'_>) -> bool {
    matches!(permission, NewPermission::Name(name) if is_resource_specific(name))
}

/// How resource-specific permissions are written, and everything else as in any JSON.
pub(super) struct TeamsNotation;

impl Notation for TeamsNotation {
    fn literal(&self, like: &str, permission: &NewPermission<'_>) -> Option<String> {
        let fits =
            !is_resource_specific(like.trim_matches('"')) || names_resource_specific(permission);
        // A value of an env file has no quotes.
        fits.then(|| literal_like(like, permission))
    }

    fn permission_type(&self, like: &str, permission_type: PermissionType) -> Option<String> {
        // `Application` and `Delegated` in a Teams manifest, `Role` and `Scope` elsewhere.
        let teams = ["application", "delegated"]
            .contains(&like.trim_matches('"').to_ascii_lowercase().as_str());
        let word = match permission_type {
            _ if !teams => permission_type.as_manifest(),
            PermissionType::Application => "Application",
            PermissionType::Delegated => "Delegated",
        };
        Some(quoted_like(like, word))
    }

    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String> {
        if matches!(at.dialect, NAMED | WORDS) {
            let fits = permission_type == PermissionType::Application
                && names_resource_specific(permission);
            let name = format!("\"{}\"", permission.text());
            return fits.then(|| match at.dialect {
                WORDS => name,
                _ => format!("{{ \"name\": {name}, \"type\": \"Application\" }}"),
            });
        }
        JsonNotation.element(at, permission, permission_type, implied)
    }

    fn elements(
        &self,
        at: &At<'_>,
        permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String> {
        JsonNotation.elements(at, permission_type, elements)
    }

    fn lists_by_type(&self, dialect: u8) -> bool {
        JsonNotation.lists_by_type(dialect)
    }

    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        JsonNotation.entries(at, resource, permissions)
    }

    fn list(&self, at: &At<'_>, items: &[String]) -> Option<String> {
        JsonNotation.list(at, items)
    }

    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String> {
        JsonNotation.first_list(at, entries)
    }
}

//! Finds the declarations of a document, and the shape that follows from what was found.

use std::cell::OnceCell;
use std::collections::HashMap;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use source_text::{Source, Span};
use uuid::Uuid;

use super::application::{
    is_application, is_legacy, is_like_application, is_surely_application, own_words,
};
use super::dialect::Dialect;
use super::read::{LISTS, Reader, unwrapped};
use super::{Json, grants, inherited, named, shape, shapes};
use crate::about::About;
use crate::json::{Document, literal, tree};
use crate::model::{App, Manifest, ProblemKind};
use crate::read::{Read, WhyNot};
use crate::resource;

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
    if shape::is_schema(root) && !declares_at_root(root) {
        return Read::Nothing(WhyNot::Schema);
    }
    if let Some(shape) = shape::tool_state(root, text) {
        return Read::Unsupported(shape.name());
    }
    let mut finder = Finder {
        source,
        reader: Reader::new(source, &document.comments),
        found: Vec::new(),
        grantees: HashMap::new(),
        unread: Vec::new(),
    };
    finder.visit(root, Place::Root);
    if finder.reader.apps.is_empty() {
        return match finder.unread.iter().map(|(_, shape)| *shape).min() {
            Some(shape) => Read::Unsupported(shape.name()),
            None if shape::has_catalog(root) => Read::Nothing(WhyNot::Catalog),
            None => Read::Nothing(WhyNot::NoDeclaration),
        };
    }
    let about = finder.about(root);
    let mut problems = document.problems.clone();
    problems.append(&mut finder.reader.problems);
    problems.extend(shape::not_read(&finder.unread));
    Read::Manifest(
        Manifest::new(&Json, about, finder.reader.apps)
            .with_problems(problems)
            .with_comments(document.comments.clone()),
    )
}

/// What sort of declaration was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// An application.
    Application,
    /// A list of resources without an application.
    List,
    /// A list of a certain dialect, in an application or not.
    Dialect(Dialect),
    /// `customBlueprintPermissions`.
    Agent365,
    /// Grants.
    Grants,
}

struct Finder<'d> {
    source: &'d Source,
    reader: Reader<'d>,
    /// Each declaration, in the order of the file.
    found: Vec<(Place, Sort)>,
    /// The apps that grants were read for, by the id of their principal.
    grantees: HashMap<String, usize>,
    /// Places that declare permissions and are not read.
    unread: Vec<(Span, shape::Shape)>,
}

impl Finder<'_> {
    fn visit(&mut self, value: &Value<'_>, place: Place) {
        match value {
            Value::Object(object) if is_entry(object) => {
                self.bare(value, place, Dialect::ResourceAccess);
            }
            Value::Object(object) if inherited::is_entry(object) => {
                self.reader.bare_inherited(value);
                self.found.push((place, Sort::List));
            }
            Value::Object(object) if named::is_entry(object) => {
                self.bare(value, place, Dialect::Names);
            }
            Value::Object(object) => self.object(object, place),
            Value::Array(array) => {
                let any = |is: fn(&Object<'_>) -> bool| {
                    let mut objects = array.elements.iter().filter_map(Value::as_object);
                    objects.any(is)
                };
                if any(is_entry) {
                    self.bare(value, place, Dialect::ResourceAccess);
                    return;
                }
                if any(inherited::is_entry) {
                    self.reader.bare_inherited(value);
                    self.found.push((place, Sort::List));
                    return;
                }
                if any(named::is_entry) {
                    self.bare(value, place, Dialect::Names);
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
            Value::StringLit(text) if shape::is_document(&text.value) => {
                let span = self.reader.span(text);
                self.unread.push((span, shape::Shape::InString));
            }
            _ => {}
        }
    }

    fn bare(&mut self, list: &Value<'_>, place: Place, dialect: Dialect) {
        self.reader.bare_list(list, dialect);
        let sort = match dialect {
            Dialect::ResourceAccess => Sort::List,
            dialect => Sort::Dialect(dialect),
        };
        self.found.push((place, sort));
    }

    fn object(&mut self, object: &Object<'_>, place: Place) {
        // Asked at most once: an object can have any number of members.
        let like = OnceCell::new();
        let like_application = || *like.get_or_init(|| is_like_application(object));
        let surely = OnceCell::new();
        let surely_application = || *surely.get_or_init(|| is_surely_application(object));
        let dialects: Vec<Option<Dialect>> = object
            .properties
            .iter()
            .map(|member| list_dialect(member, &like_application, &surely_application))
            .collect();
        let lists: Vec<(&Value<'_>, Dialect)> = object
            .properties
            .iter()
            .zip(&dialects)
            .filter_map(|(member, dialect)| Some((&member.value, (*dialect)?)))
            .collect();
        if !lists.is_empty() {
            self.application(object, place, &lists);
        } else if place != Place::Inner && is_application(object) {
            match own_words(object) {
                Some(member) => {
                    let span = self.reader.span(member);
                    self.unread.push((span, shape::Shape::OwnWords));
                }
                None => self.application(object, place, &[]),
            }
        } else if tree::has(object, inherited::MEMBER) {
            self.application(object, place, &[]);
        }
        if grants::is_role(object) || grants::is_scopes(object) {
            self.grant(object, place);
        }
        if let Some(shape) = shape::of_object(object) {
            self.unread.push((self.reader.span(object), shape));
        }
        for (member, dialect) in object.properties.iter().zip(&dialects) {
            let is_inherited = member.name.as_str().eq_ignore_ascii_case(inherited::MEMBER);
            if dialect.is_some() || is_inherited {
                continue;
            }
            let is_value = place == Place::Root && member.name.as_str() == "value";
            let place = if is_value { Place::Root } else { Place::Inner };
            let known = self.reader.apps.len() + self.unread.len();
            self.visit(&member.value, place);
            if known == self.reader.apps.len() + self.unread.len() && shape::is_declaring(member) {
                let span = self.reader.span(member);
                self.unread.push((span, shape::Shape::OwnForm));
            }
        }
    }

    fn application(&mut self, object: &Object<'_>, place: Place, lists: &[(&Value<'_>, Dialect)]) {
        for name in LISTS {
            if let Some(second) = tree::members(object, name).nth(1) {
                self.reader.problem(
                    ProblemKind::DuplicateMember,
                    self.reader.span(second),
                    format!("\"{name}\" occurs twice in this object: both were read"),
                );
            }
        }
        self.reader.application(object, lists);
        let special = |dialect: &Dialect| dialect.is_named() || *dialect == Dialect::Flat;
        let dialect = lists.iter().map(|(_, dialect)| *dialect).find(special);
        let sort = match dialect {
            Some(Dialect::Names) if tree::has(object, AGENT_365) => Sort::Agent365,
            Some(dialect) => Sort::Dialect(dialect),
            None => Sort::Application,
        };
        self.found.push((place, sort));
    }

    fn grant(&mut self, object: &Object<'_>, place: Place) {
        let principal = grants::grantee(object).map_or(String::new(), |id| id.value.to_string());
        let apps = &mut self.reader.apps;
        let app = *self.grantees.entry(principal).or_insert_with(|| {
            self.found.push((place, Sort::Grants));
            apps.push(App::new(tree::span(self.source, object)));
            apps.len() - 1
        });
        grants::add(&mut apps[app], self.source, object);
    }

    fn about(&self, root: &Value<'_>) -> &'static About {
        let has = |sort: Sort| self.found.iter().any(|(_, found)| *found == sort);
        if has(Sort::Dialect(Dialect::Flat)) {
            return &shapes::SHAREPOINT_FRAMEWORK;
        }
        if has(Sort::Agent365) {
            return &shapes::AGENT_365;
        }
        if has(Sort::Dialect(Dialect::Named)) {
            return &shapes::SAMPLE_CONFIGURATION;
        }
        if has(Sort::Dialect(Dialect::Names)) {
            return &shapes::NAMED_LIST;
        }
        match (self.found.as_slice(), root) {
            ([(Place::Root, Sort::List)], _) => &shapes::RESOURCE_LIST,
            ([(Place::Root, Sort::Application)], Value::Object(object)) if is_legacy(object) => {
                &shapes::LEGACY_MANIFEST
            }
            ([(Place::Root, Sort::Application)], _) => &shapes::GRAPH_APPLICATION,
            (found, _) if found.iter().all(|(_, sort)| *sort == Sort::Grants) => &shapes::GRANTS,
            (found, _) if found.iter().all(|(place, _)| *place == Place::Listed) => {
                &shapes::APPLICATION_LIST
            }
            _ => &shapes::NESTED,
        }
    }
}

/// The list in the configuration of the Agent 365 command line.
const AGENT_365: &str = "customBlueprintPermissions";

/// Whether the document itself, though it describes an API, lists what it requests.
fn declares_at_root(root: &Value<'_>) -> bool {
    let is_list = |member: &ObjectProp<'_>| {
        let name = member.name.as_str();
        LISTS.iter().any(|list| list.eq_ignore_ascii_case(name))
            && member.value.as_array().is_some()
    };
    root.as_object().is_some_and(|root| {
        let mut members = root.properties.iter();
        members.any(|member| is_list(member) || shape::is_declaring(member))
    })
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
    if name.eq_ignore_ascii_case(AGENT_365) {
        return matches!(member.value, Value::Array(_)).then_some(Dialect::Names);
    }
    if !LISTS.iter().any(|list| list.eq_ignore_ascii_case(name)) {
        return None;
    }
    if is_map(&member.value) {
        return Some(Dialect::Map);
    }
    let value = unwrapped(&member.value);
    if !is_declaration(value, like_application, surely_application) {
        return None;
    }
    Some(if name.eq_ignore_ascii_case("requiredResourcesAccess") {
        Dialect::Named
    } else {
        Dialect::ResourceAccess
    })
}

/// Whether a value is an object whose members are lists of permissions by the name of their API.
fn is_map(value: &Value<'_>) -> bool {
    let is_element = |element: &Value<'_>| {
        element
            .as_object()
            .is_some_and(|element| tree::has(element, "id") && tree::has(element, "type"))
    };
    value.as_object().is_some_and(|object| {
        object.properties.iter().any(|member| {
            let name = member.name.as_str();
            let list = member.value.as_array();
            let is_list = list.is_some_and(|list| match list.elements.as_slice() {
                [] => Uuid::try_parse(name).is_ok() || resource::by_name(name).is_some(),
                elements => elements.iter().any(is_element),
            });
            is_list && !name.to_ascii_lowercase().starts_with("resourceaccess")
        })
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

//! What the values of a mapping refer to: permissions and APIs.

use source_text::Span;
use uuid::Uuid;

use super::read::Reader;
use crate::formats::terraform::data::{Origin, Value};
use crate::formats::terraform::names_graph;
use crate::label;
use crate::model::{PermissionRef, ResourceRef, Unresolved};
use crate::resource::{self, MICROSOFT_GRAPH};

impl Reader<'_> {
    /// A permission: an id, a name, or a look-up `${graph.appRoleIds["User.Read.All"]}`. Whether it is looked up at
    /// something that is called after Microsoft Graph.
    pub(super) fn permission(&self, value: Option<&Value>, element: Span) -> (PermissionRef, bool) {
        let unresolved = |text: &str, span, reason| {
            (
                PermissionRef::Unresolved {
                    text: text.to_owned(),
                    span,
                    reason,
                },
                false,
            )
        };
        let Some(text) = value.and_then(Value::as_text) else {
            return unresolved("", element, Unresolved::Missing);
        };
        let span = self.quoted(text.origin.span());
        let content = text.text.trim();
        if let Some(start) = content
            .find("Ids[")
            .filter(|_| content.starts_with("${") || content.starts_with("{{"))
        {
            let rest = &content[start + 4..];
            let name = rest
                .trim_start_matches(['"', '\''])
                .split(['"', '\'', ']'])
                .next()
                .unwrap_or_default();
            let literal = match text.origin {
                Origin::Literal(whole) => self.source.slice(whole).find(name).map(|at| {
                    let at = whole.range().start + at;
                    self.source.span(at, at + name.len())
                }),
                Origin::Made(_) => None,
            };
            if let Some(literal) = literal
                && label::is_exactly_a_permission(name)
            {
                let graph = names_graph(content[..start].trim_start_matches(['$', '{']));
                return (
                    PermissionRef::Name {
                        name: name.to_owned(),
                        span: literal,
                    },
                    graph,
                );
            }
        }
        match Uuid::try_parse(content) {
            Ok(uuid) if uuid.is_nil() => unresolved(content, span, Unresolved::Placeholder),
            Ok(uuid) => (PermissionRef::Id { uuid, span }, false),
            Err(_) if content.is_empty() => unresolved(content, span, Unresolved::Empty),
            Err(_) if content.contains(['$', '{', '<']) => {
                unresolved(content, span, Unresolved::Expression)
            }
            Err(_) if label::is_exactly_a_permission(content) => (
                PermissionRef::Name {
                    name: content.to_owned(),
                    span,
                },
                false,
            ),
            Err(_) => unresolved(content, span, Unresolved::Malformed),
        }
    }

    pub(super) fn resource(&self, value: Option<&Value>, entry: Span) -> ResourceRef {
        let Some(text) = value.and_then(Value::as_text) else {
            return ResourceRef::Unresolved {
                text: String::new(),
                span: entry,
                reason: Unresolved::Missing,
            };
        };
        let span = self.quoted(text.origin.span());
        let content = text.text.trim();
        match Uuid::try_parse(content) {
            Ok(uuid) => ResourceRef::Id { uuid, span },
            Err(_) if resource::by_name(content).is_some() => ResourceRef::Name {
                name: content.to_owned(),
                span,
            },
            Err(_) if names_graph(content) => ResourceRef::Implied {
                uuid: MICROSOFT_GRAPH,
                span,
            },
            Err(_) => ResourceRef::Unresolved {
                text: content.to_owned(),
                span,
                reason: Unresolved::Expression,
            },
        }
    }

    /// The API of a grant: a value, or an object that is selected by its name or a label; where that does not say it, the
    /// id of the role.
    pub(super) fn granted_of(&self, api: &Value, granted: &Value, entry: Span) -> ResourceRef {
        let selected = api.entries().and_then(|_| texts(api).into_iter().next());
        let id = self.resource(selected.as_ref().or(Some(api)), entry);
        let role = granted
            .as_text()
            .and_then(|text| Uuid::try_parse(text.text.trim()).ok());
        match id {
            ResourceRef::Unresolved { span, .. }
                if role.is_some_and(resource::is_graph_permission) =>
            {
                ResourceRef::Implied {
                    uuid: MICROSOFT_GRAPH,
                    span,
                }
            }
            known => known,
        }
    }
}

/// The strings of `{name: x}` and `{matchLabels: {a: x}}`.
fn texts(value: &Value) -> Vec<Value> {
    let members = value.entries().into_iter().flat_map(|all| all.iter());
    members
        .flat_map(|entry| match entry.value.as_text() {
            Some(_) => vec![entry.value.clone()],
            None => entry
                .value
                .entries()
                .into_iter()
                .flat_map(|inner| inner.iter().map(|member| member.value.clone()))
                .filter(|value| value.as_text().is_some())
                .collect(),
        })
        .collect()
}

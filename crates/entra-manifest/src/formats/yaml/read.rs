//! From values to apps, their resources and permissions.

use source_text::{FileId, Source, Span, Spanned};

use super::layout;
use crate::PermissionType;
use crate::formats::terraform::data::{Entry, Text, Value};
use crate::label;
use crate::model::layout::{ElementLayout, ListLayout, Place};
use crate::model::{
    App, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef, Unresolved,
    permission_type,
};
use crate::resource::MICROSOFT_GRAPH;

/// Mappings within mappings, as far as they are looked through.
const MAX_DEPTH: usize = 24;

/// The apps of all documents.
pub(super) fn apps(source: &Source, comments: &[Span], documents: &[Value]) -> Vec<App> {
    let mut reader = Reader {
        source,
        comments,
        apps: Vec::new(),
    };
    for document in documents {
        reader.value(document, None, 0);
    }
    reader.apps
}

pub(super) struct Reader<'s> {
    pub(super) source: &'s Source,
    comments: &'s [Span],
    pub(super) apps: Vec<App>,
}

/// A member's name without case and underscores.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

pub(super) fn find<'v>(entries: &'v [Entry], names: &[&str]) -> Option<&'v Value> {
    entries
        .iter()
        .find(|e| names.contains(&&*fold(&e.key.text)))
        .map(|e| &e.value)
}

impl Reader<'_> {
    /// Looks through a value. `named` is what the mappings around it call it: a resource's key, `metadata.name`.
    fn value(&mut self, value: &Value, named: Option<&Text>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(items) = value.elements() {
            for item in items.iter() {
                self.value(item, named, depth + 1);
            }
        }
        let Some(entries) = value.entries() else {
            return;
        };
        let metadata =
            find(entries, &["metadata"]).and_then(|metadata| find(metadata.entries()?, &["name"]));
        let named = metadata.and_then(Value::as_text).or(named);
        self.application(entries, named);
        self.grant(entries, named);
        self.desired_state(entries, named);
        for entry in entries.iter() {
            // A key that the tool gives its meaning is no name of a resource.
            let own = matches!(
                &*fold(&entry.key.text),
                "properties"
                    | "spec"
                    | "forprovider"
                    | "args"
                    | "metadata"
                    | "options"
                    | "requiredresourceaccess"
                    | "requiredresourceaccesses"
            );
            let inner = if own || entry.key.text.contains('.') {
                named
            } else {
                Some(&entry.key)
            };
            self.value(&entry.value, inner, depth + 1);
        }
    }

    pub(super) fn app(&mut self, entries: &[Entry], named: Option<&Text>) -> usize {
        let span = self.hull(entries);
        let mut app = App::new(span);
        app.address = named.map(|name| name.text.to_string());
        app.name = find(entries, &["displayname", "name"])
            .and_then(Value::as_text)
            .map(|text| Spanned::new(text.text.to_string(), self.quoted(text.origin.span())));
        self.apps.push(app);
        self.apps.len() - 1
    }

    fn application(&mut self, entries: &[Entry], named: Option<&Text>) {
        let Some(list) = find(
            entries,
            &["requiredresourceaccess", "requiredresourceaccesses"],
        ) else {
            return;
        };
        let Some(list) = list.elements().cloned() else {
            return;
        };
        let app = self.app(entries, named);
        let mut entry_spans = Vec::new();
        for entry in list.iter().filter_map(Value::entries) {
            let api = find(entry, &["resourceappid", "resource"]);
            let span = layout::item(self.source, self.hull(entry));
            entry_spans.push(span);
            let id = self.resource(api, span);
            let resource = self.apps[app].push_resource(Resource::new(span, id));
            let accesses =
                find(entry, &["resourceaccess", "resourceaccesses"]).and_then(Value::elements);
            let mut access_spans = Vec::new();
            for access in accesses
                .into_iter()
                .flat_map(|accesses| accesses.iter())
                .filter_map(Value::entries)
            {
                let span = layout::item(self.source, self.hull(access));
                access_spans.push(span);
                let ty = match find(access, &["type"]).and_then(Value::as_text) {
                    Some(text) => match permission_type(&text.text) {
                        Some(known) => TypeRef::Known {
                            permission_type: known,
                            span: Some(self.quoted(text.origin.span())),
                        },
                        None => TypeRef::Unresolved {
                            text: Some(text.text.to_string()),
                            span: self.quoted(text.origin.span()),
                            reason: Unresolved::NotAType,
                        },
                    },
                    None => TypeRef::Unresolved {
                        text: None,
                        span,
                        reason: Unresolved::Missing,
                    },
                };
                let id = find(access, &["id"]);
                let layout = ElementLayout {
                    place: Some(Place::Access(0)),
                    plain: access
                        .iter()
                        .all(|entry| matches!(&*fold(&entry.key.text), "id" | "type")),
                    fixed: None,
                };
                self.push(app, resource, id, ty, span, Means::Requested, layout);
            }
            let own = &mut self.apps[app].resources[resource].layout;
            own.list = Some(0);
            own.accesses
                .extend(layout::list(self.source, &access_spans));
            // Another resource's entry is written like it.
            own.plain = entry.iter().all(|entry| {
                matches!(
                    &*fold(&entry.key.text),
                    "resourceappid" | "resource" | "resourceaccess" | "resourceaccesses"
                )
            });
        }
        let own = layout::list(self.source, &entry_spans);
        match own {
            Some(own) => self.apps[app].layout.lists.push(own),
            None => {
                for resource in &mut self.apps[app].resources {
                    resource.layout.list = None;
                }
            }
        }
    }

    fn grant(&mut self, entries: &[Entry], named: Option<&Text>) {
        let lists: &[(&str, &str, PermissionType, Means)] = &[
            (
                "approleid",
                "resourceobjectid",
                PermissionType::Application,
                Means::Granted,
            ),
            (
                "claimvalues",
                "resourceserviceprincipalobjectid",
                PermissionType::Delegated,
                Means::Granted,
            ),
            (
                "roleids",
                "apiclientid",
                PermissionType::Application,
                Means::Requested,
            ),
            (
                "scopeids",
                "apiclientid",
                PermissionType::Delegated,
                Means::Requested,
            ),
        ];
        let mut app = None;
        for (list, api, ty, means) in lists {
            let Some(list) = find(entries, &[*list]) else {
                continue;
            };
            // Crossplane refers to the service principal's object, `resourceObjectIdRef` or `…Selector`.
            let (by_name, by_label) = (format!("{api}ref"), format!("{api}selector"));
            let Some(api) = find(entries, &[*api, &by_name, &by_label]) else {
                continue;
            };
            let app = *app.get_or_insert_with(|| self.app(entries, named));
            let span = self.apps[app].span;
            let id = self.granted_of(api, list, span);
            let resource = self.apps[app].push_resource(Resource::new(span, id));
            let single = [list.clone()];
            let items = list
                .elements()
                .map_or(single.as_slice(), |items| items.as_slice());
            let mut spans = Vec::new();
            for item in items {
                let element = item.as_text().map_or(span, |text| {
                    layout::item(self.source, self.quoted(text.origin.span()))
                });
                spans.push(element);
                let layout = ElementLayout {
                    place: list.elements().map(|_| Place::Access(0)),
                    plain: true,
                    fixed: None,
                };
                let ty = TypeRef::implied(*ty);
                self.push(app, resource, Some(item), ty, element, *means, layout);
            }
            if list.elements().is_some() {
                let own = layout::list(self.source, &spans).map(|own| ListLayout {
                    permission_type: Some(*ty),
                    by_name: means == &Means::Granted,
                    ..own
                });
                self.apps[app].resources[resource]
                    .layout
                    .accesses
                    .extend(own);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one request")]
    pub(super) fn push(
        &mut self,
        app: usize,
        resource: usize,
        id: Option<&Value>,
        ty: TypeRef,
        span: Span,
        means: Means,
        layout: ElementLayout,
    ) {
        let (permission, graph) = self.permission(id, span);
        // What is looked up behind a name of Microsoft Graph's is Microsoft Graph's.
        let entry = &mut self.apps[app].resources[resource];
        if graph && entry.id.app_id().is_none() {
            entry.id = ResourceRef::Implied {
                uuid: MICROSOFT_GRAPH,
                span: permission.span(),
            };
        }
        let literal = permission.span();
        let mut requested = Requested::new(resource, permission, ty, span);
        requested.label = label::label(self.source, self.comments, span, &[])
            .or_else(|| label::label(self.source, self.comments, literal, &[]));
        requested.layout = layout;
        // What looks a permission up looks among those of one type: it is no pattern for another's.
        requested.layout.plain &=
            means != Means::Requested || matches!(requested.permission, PermissionRef::Id { .. });
        if let PermissionRef::Unresolved { .. } = requested.permission {
            requested.layout.fixed = Some("the value is an expression of the tool's");
        }
        requested.means = means;
        self.apps[app].requested.push(requested);
    }

    /// From the first to the last string of a mapping, with the brackets that are still open there.
    pub(super) fn hull(&self, entries: &[Entry]) -> Span {
        let mut hull: Option<Span> = None;
        for entry in entries {
            grow(&mut hull, self.quoted(entry.key.origin.span()));
            self.strings(&entry.value, &mut hull, 0);
        }
        let hull = hull.unwrap_or_else(|| Span::at(self.source.id(), 0));
        layout::closed(self.source, hull)
    }

    fn strings(&self, value: &Value, hull: &mut Option<Span>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(text) = value.as_text() {
            grow(hull, self.quoted(text.origin.span()));
        }
        for item in value.elements().into_iter().flat_map(|items| items.iter()) {
            self.strings(item, hull, depth + 1);
        }
        for entry in value
            .entries()
            .into_iter()
            .flat_map(|entries| entries.iter())
        {
            self.strings(&entry.value, hull, depth + 1);
        }
    }

    /// A literal with its quotes.
    pub(super) fn quoted(&self, span: Span) -> Span {
        let bytes = self.source.text().as_bytes();
        let range = span.range();
        let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
        let quote = before.filter(|byte| matches!(byte, b'"' | b'\''));
        if quote.is_some() && quote == bytes.get(range.end) {
            self.source.span(range.start - 1, range.end + 1)
        } else {
            span
        }
    }
}

fn grow(hull: &mut Option<Span>, span: Span) {
    if span.file == FileId::default() && span.is_empty() {
        return;
    }
    *hull = Some(match *hull {
        Some(known) => Span {
            start: known.start.min(span.start),
            end: known.end.max(span.end),
            ..known
        },
        None => span,
    });
}

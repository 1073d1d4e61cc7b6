//! Gathers what a script declares, each literal once for each meaning, and makes apps of it.

use rustc_hash::FxHashSet;
use source_lex::Code;
use source_text::{Source, Span};
use uuid::Uuid;

use crate::PermissionType;
use crate::label;
use crate::model::layout::ElementLayout;
use crate::model::{
    App, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef, Unresolved,
};
use crate::resource::MICROSOFT_GRAPH;

/// A permission at a place of the script, in offsets of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    /// A name or a GUID; empty where it is not known.
    pub(super) text: String,
    /// Offsets of the literal, or of what stands in its place.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Why it is not known.
    pub(super) unknown: Option<Unresolved>,
    /// The element that the literal is a part of, whose comment is its label.
    pub(super) element: Option<(u32, u32)>,
}

/// How a script declares a permission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) means: Means,
    pub(super) permission_type: Option<PermissionType>,
    /// Offset of the command or the statement that uses the permission.
    pub(super) used_at: (u32, u32),
    /// The API, where it is another than Microsoft Graph.
    pub(super) resource: Option<Uuid>,
    /// It stands in a branch that a variable decides about.
    pub(super) branch: bool,
}

pub(super) struct Collected<'s> {
    source: &'s Source,
    part: Span,
    pub(super) comments: Vec<Span>,
    found: Vec<(Declared, Manner)>,
    seen: FxHashSet<(u32, u32, Means, Option<PermissionType>)>,
    places: FxHashSet<(u32, u32, Means)>,
}

impl<'s> Collected<'s> {
    pub(super) fn new(source: &'s Source, part: Span) -> Self {
        Self {
            source,
            part,
            comments: Vec::new(),
            found: Vec::new(),
            seen: FxHashSet::default(),
            places: FxHashSet::default(),
        }
    }

    pub(super) fn note_comments(&mut self, code: &Code<'_>) {
        self.comments = code
            .comments()
            .iter()
            .map(|(start, end)| self.span(*start, *end))
            .collect();
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span {
            file: self.part.file,
            start: self.part.start + start,
            end: self.part.start + end,
        }
    }

    pub(super) fn push(&mut self, declared: Declared, manner: Manner) {
        // `if [ "$ALSO_APP_ROLES" = true ]`: the other type of what is requested anyway is only possible.
        let place = (declared.start, declared.end, manner.means);
        if manner.branch && self.places.contains(&place) {
            return;
        }
        self.places.insert(place);
        let key = (
            declared.start,
            declared.end,
            manner.means,
            manner.permission_type,
        );
        if self.seen.insert(key) {
            self.found.push((declared, manner));
        }
    }

    /// Two apps at most: the script itself, which signs in, and the app that it registers or grants to. They need not be
    /// the same.
    pub(super) fn into_apps(self) -> Vec<App> {
        let (sign_in, others): (Vec<_>, Vec<_>) = self
            .found
            .iter()
            .cloned()
            .partition(|(_, manner)| manner.means == Means::AskedAtSignIn);
        [sign_in, others]
            .into_iter()
            .filter(|found| !found.is_empty())
            .map(|mut found| {
                found.sort_by_key(|(declared, _)| declared.start);
                self.app(found)
            })
            .collect()
    }

    fn app(&self, found: Vec<(Declared, Manner)>) -> App {
        let mut app = App::new(self.part);
        let mut resources: Vec<(Uuid, usize)> = Vec::new();
        for (declared, manner) in found {
            let literal = self.span(declared.start, declared.end);
            let used_at = self.span(manner.used_at.0, manner.used_at.1);
            let uuid = manner.resource.unwrap_or(MICROSOFT_GRAPH);
            let resource = match resources.iter().find(|(known, _)| *known == uuid) {
                Some((_, index)) => *index,
                None => {
                    let reference = ResourceRef::Implied {
                        uuid,
                        span: used_at,
                    };
                    let index = app.push_resource(Resource::new(used_at, reference));
                    resources.push((uuid, index));
                    index
                }
            };
            let permission = match (declared.unknown, Uuid::try_parse(&declared.text)) {
                (Some(reason), _) => PermissionRef::Unresolved {
                    text: declared.text,
                    span: literal,
                    reason,
                },
                (None, Ok(id)) if id.is_nil() => PermissionRef::Unresolved {
                    text: declared.text,
                    span: literal,
                    reason: Unresolved::Placeholder,
                },
                (None, Ok(uuid)) => PermissionRef::Id {
                    uuid,
                    span: literal,
                },
                (None, Err(_)) => PermissionRef::Name {
                    name: declared.text,
                    span: literal,
                },
            };
            let permission_type = manner.permission_type.map_or_else(
                || TypeRef::Unresolved {
                    text: None,
                    span: literal,
                    reason: Unresolved::Missing,
                },
                TypeRef::implied,
            );
            let element = declared
                .element
                .map_or(literal, |(start, end)| self.span(start, end));
            let elsewhere = !used_at.contains(literal) && self.line(used_at) != self.line(literal);
            app.requested.push(Requested {
                label: label::label(self.source, &self.comments, element, &[]),
                means: manner.means,
                used_at: elsewhere.then_some(used_at),
                layout: ElementLayout::default(),
                ..Requested::new(resource, permission, permission_type, literal)
            });
        }
        app
    }

    fn line(&self, span: Span) -> usize {
        self.source.line_column(span.start).0
    }
}

//! Gathers what a script declares, each literal once for each meaning, and makes apps of it.

use rustc_hash::FxHashSet;
use source_lex::Code;
use source_text::{FileId, Source, Span};
use uuid::Uuid;

use crate::PermissionType;
use crate::label;
use crate::model::layout::ElementLayout;
use crate::model::{
    App, Condition, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef, Unresolved,
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
    /// The file in which the literal stands, where that is another one.
    pub(super) file: Option<FileId>,
}

impl Declared {
    /// A literal.
    pub(super) fn literal(text: &str, start: u32, end: u32) -> Self {
        Self {
            text: text.to_owned(),
            start,
            end,
            unknown: None,
            element: None,
            file: None,
        }
    }

    /// A place where the permission is not known. Of the text what fits a line of a report.
    pub(super) fn unknown(text: &str, start: u32, end: u32, reason: Unresolved) -> Self {
        Self {
            unknown: Some(reason),
            ..Self::literal(&text.chars().take(60).collect::<String>(), start, end)
        }
    }
}

/// How a script declares a permission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) means: Means,
    pub(super) permission_type: Option<PermissionType>,
    /// Offsets of the command or the statement that uses the permission.
    pub(super) used_at: (u32, u32),
    /// Offsets of the condition of the branch that it stands in.
    pub(super) condition: Option<(u32, u32)>,
}

impl Manner {
    pub(super) const fn new(
        means: Means,
        permission_type: Option<PermissionType>,
        used_at: (u32, u32),
    ) -> Self {
        Self {
            means,
            permission_type,
            used_at,
            condition: None,
        }
    }
}

/// A literal and what it declares.
type Place = (Option<FileId>, u32, u32, Means);

pub(super) struct Collected<'s> {
    source: &'s Source,
    part: Span,
    pub(super) comments: Vec<Span>,
    found: Vec<(Declared, Manner)>,
    seen: FxHashSet<(Place, Option<PermissionType>)>,
    places: FxHashSet<Place>,
    /// What a branch requests under another type as well: where it is looked up, and how often.
    again: Vec<(Manner, usize)>,
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
            again: Vec::new(),
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

    /// Whether something is declared at a place already.
    pub(super) fn has(&self, start: u32, end: u32) -> bool {
        [
            Means::AskedAtSignIn,
            Means::Requested,
            Means::Granted,
            Means::Documented,
        ]
        .iter()
        .any(|means| self.places.contains(&(None, start, end, *means)))
    }

    pub(super) fn push(&mut self, declared: Declared, manner: Manner) {
        let place = (declared.file, declared.start, declared.end, manner.means);
        // `if [ "$ALSO_APP_ROLES" = true ]`: the other type of what is requested anyway. One entry for the branch says so;
        // a guard that does not change the type (`if [ -z "$EXISTING" ]`) is no condition of the request.
        if manner.condition.is_some() && self.places.contains(&place) {
            let same = |known: &&mut (Manner, usize)| known.0.used_at == manner.used_at;
            match self.again.iter_mut().find(same) {
                Some((_, count)) => *count += 1,
                None => self.again.push((manner, 1)),
            }
            return;
        }
        self.places.insert(place);
        let key = (place, manner.permission_type);
        if self.seen.insert(key) {
            self.found.push((
                declared,
                Manner {
                    condition: None,
                    ..manner
                },
            ));
        }
    }

    /// Whether something is not known, so that other files may help.
    pub(super) fn has_unknown(&self) -> bool {
        self.found
            .iter()
            .any(|(declared, _)| declared.unknown.is_some())
    }

    /// What a branch requests again under another type: one entry, unresolved, with its condition.
    fn under_conditions(&mut self) {
        for (manner, count) in std::mem::take(&mut self.again) {
            let ty = manner
                .permission_type
                .map_or_else(|| "other".to_owned(), |ty| ty.to_string());
            let permissions = if count == 1 {
                "permission"
            } else {
                "permissions"
            };
            let (start, end) = manner.used_at;
            let reason = format!(
                "is each of {count} {permissions} of the list again, as {ty}, if the condition holds"
            );
            let declared = Declared::unknown("", start, end, Unresolved::Unknown(reason.into()));
            self.found.push((declared, manner));
        }
    }

    /// Two apps at most: the script itself, which signs in, and the app that it registers or grants to. They need not be
    /// the same.
    pub(super) fn into_apps(mut self) -> Vec<App> {
        self.under_conditions();
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
        let mut resource = None;
        for (declared, manner) in found {
            let literal = match declared.file {
                Some(file) => Span {
                    file,
                    start: declared.start,
                    end: declared.end,
                },
                None => self.span(declared.start, declared.end),
            };
            let used_at = self.span(manner.used_at.0, manner.used_at.1);
            let resource = *resource.get_or_insert_with(|| {
                let reference = ResourceRef::Implied {
                    uuid: MICROSOFT_GRAPH,
                    span: used_at,
                };
                app.push_resource(Resource::new(used_at, reference))
            });
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
                .filter(|_| declared.file.is_none())
                .map_or(literal, |(start, end)| self.span(start, end));
            let other = declared.file.is_some();
            let elsewhere =
                other || !used_at.contains(literal) && self.line(used_at) != self.line(literal);
            app.requested.push(Requested {
                label: (!other)
                    .then(|| label::label(self.source, &self.comments, element, &[]))
                    .flatten(),
                means: manner.means,
                condition: manner.condition.map(|(start, end)| {
                    let span = self.span(start, end);
                    Condition {
                        text: self.source.slice(span).to_owned(),
                        span,
                    }
                }),
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

//! Where the requests of a configuration can be edited: blocks in blocks, lists, maps, words of strings.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use source_text::{FileId, Source, Span};

use super::extract::Draft;
use super::place::{Element, Form, around, element};
use super::project::Project;
use super::syntax::{Block, Body, JsonBlock};
use crate::model::App;
use crate::model::layout::{Body as BodyLayout, ListForm, ListLayout, Place, Separator};

/// Blocks: `required_resource_access` and `resource_access`.
pub(super) const BLOCKS: u8 = 0;
/// Strings in a list.
pub(super) const STRINGS: u8 = 1;
/// Objects in a list.
pub(super) const OBJECTS: u8 = 2;
/// Members of a map.
pub(super) const MEMBERS: u8 = 3;
/// Words of a string.
pub(super) const WORDS: u8 = 4;
/// Blocks that are written as JSON: `required_resource_access` and `resource_access`.
pub(super) const JSON: u8 = 5;

/// Blocks, one after the other.
const LINES: ListForm = ListForm::Items {
    open: 0,
    close: 0,
    separator: Separator::Line,
};

/// The trees of all files that can be edited.
pub(super) struct Layouts<'b> {
    files: FxHashMap<FileId, (&'b Source, &'b Body)>,
    /// The groups of blocks of each entry: by its place.
    groups: RefCell<FxHashMap<Span, Vec<Span>>>,
}

impl<'b> Layouts<'b> {
    pub(super) fn new(project: &'b Project<'_>) -> Self {
        let files = project.folders.iter().flat_map(|folder| &folder.files);
        Self {
            files: files
                .map(|file| (file.source.id(), (file.source, &file.body)))
                .collect(),
            groups: RefCell::default(),
        }
    }

    /// The element that a literal belongs to.
    pub(super) fn element(&self, literal: Span) -> Option<Element> {
        let (source, body) = self.files.get(&literal.file)?;
        let mut element = element(body, literal)?;
        match element.form {
            Form::Map => element.span = with_quote(source, element.span),
            Form::List => element.span = with_template(source, element.span),
            Form::Objects | Form::Blocks => {}
        }
        Some(element)
    }

    /// Fills in the layout of an app, whose requests are those of `drafts`.
    pub(super) fn app(&self, app: &mut App, drafts: &[Draft], application: bool) {
        self.entries(app, application);
        for (at, draft) in drafts.iter().enumerate() {
            let literal = app.requested[at].permission.span();
            let resource = app.requested[at].resource;
            if draft.fixed.is_some() {
                continue;
            }
            let (list, plain) = match self.element(literal) {
                Some(element) => {
                    let plain = element.plain;
                    (self.list(&element, app, at), plain)
                }
                None => match self.words(literal, draft) {
                    Some(list) => (Some(list), true),
                    None => continue,
                },
            };
            let Some(list) = list else { continue };
            let accesses = &mut app.resources[resource].layout.accesses;
            let place = accesses
                .iter()
                .position(|a| a.span == list.span)
                .unwrap_or_else(|| {
                    accesses.push(list);
                    accesses.len() - 1
                });
            let layout = &mut app.requested[at].layout;
            layout.place = Some(Place::Access(place));
            layout.plain = plain;
        }
    }

    fn list(&self, element: &Element, app: &App, at: usize) -> Option<ListLayout> {
        let requested = &app.requested[at];
        let known = requested.permission_type.known();
        let in_element = match &requested.permission_type {
            crate::model::TypeRef::Known {
                span: Some(span), ..
            } => element.span.contains(*span),
            _ => false,
        };
        let permission_type = if in_element { None } else { known };
        let by_name = matches!(
            requested.permission,
            crate::model::PermissionRef::Name { .. }
        );
        let items = |separator| ListForm::Items {
            open: 1,
            close: 1,
            separator,
        };
        let (form, dialect, span) = match element.form {
            Form::List => (items(Separator::Comma), STRINGS, element.list),
            Form::Objects => (items(Separator::Comma), OBJECTS, element.list),
            Form::Map if is_json(self.files.get(&element.span.file)?.0) => {
                (items(Separator::Comma), MEMBERS, element.list)
            }
            Form::Map => (items(Separator::CommaOrLine), MEMBERS, element.list),
            Form::Blocks => {
                let (source, body) = self.files.get(&element.span.file)?;
                if let Some(json) = block_at(body, element.span).and_then(|b| b.json.as_deref()) {
                    return Some(ListLayout {
                        span: json.value,
                        form: json_form(json.value, element.span),
                        permission_type,
                        by_name,
                        dialect: JSON,
                    });
                }
                let mut known = self.groups.borrow_mut();
                let groups = known.entry(element.list).or_insert_with(|| {
                    block_at(body, element.list)
                        .map(|parent| groups(source, &parent.body, "resource_access"))
                        .unwrap_or_default()
                });
                let group = *groups.iter().find(|group| group.contains(element.span))?;
                (LINES, BLOCKS, group)
            }
        };
        Some(ListLayout {
            span,
            form,
            permission_type,
            by_name,
            dialect,
        })
    }

    /// A string of several permissions, as the list of its words.
    fn words(&self, literal: Span, draft: &Draft) -> Option<ListLayout> {
        let (source, _) = self.files.get(&literal.file)?;
        let text = source.text();
        let start = text[..literal.range().start].rfind(['"', '\n'])?;
        let end = literal.range().end + text[literal.range().end..].find(['"', '\n'])?;
        let quoted = text.as_bytes()[start] == b'"' && text.as_bytes()[end] == b'"';
        let inner = text.get(start + 1..end)?;
        let words = inner.split(' ').all(|word| {
            word.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':' | b'/'))
        });
        (quoted && words && inner.len() > literal.len()).then(|| ListLayout {
            span: source.span(start, end + 1),
            form: ListForm::Items {
                open: 1,
                close: 1,
                separator: Separator::Blank,
            },
            permission_type: draft.permission_type.known(),
            by_name: true,
            dialect: WORDS,
        })
    }

    /// The `required_resource_access` blocks of an application.
    fn entries(&self, app: &mut App, application: bool) {
        let Some((source, body)) = self.files.get(&app.span.file) else {
            return;
        };
        let Some(block) = block_at(body, app.span) else {
            return;
        };
        if !application
            || !block.label(0).starts_with("azuread_application")
            || block.label(0) == "azuread_application_registration"
        {
            return;
        }
        app.layout.body = body_layout(source, block);
        if block.json.is_some() {
            json_entries(app, block);
            return;
        }
        for group in groups(source, &block.body, "required_resource_access") {
            app.layout.lists.push(ListLayout {
                span: group,
                form: LINES,
                permission_type: None,
                by_name: false,
                dialect: BLOCKS,
            });
        }
        for resource in &mut app.resources {
            let entry = around(&block.body.blocks, resource.span, |b| b.span)
                .filter(|b| b.span == resource.span)
                .filter(|b| &*b.kind.text == "required_resource_access");
            let Some(entry) = entry else { continue };
            let lists = &app.layout.lists;
            let behind = |list: &ListLayout| list.span.end < entry.span.end;
            let list = Some(lists.partition_point(behind))
                .filter(|at| lists.get(*at).is_some_and(|l| l.span.contains(entry.span)));
            resource.layout.list = list;
            resource.layout.body = body_layout(source, entry);
            resource.layout.plain = is_plain(entry);
        }
    }
}

/// The lists of `required_resource_access` of an application that is written as JSON.
fn json_entries(app: &mut App, block: &Block) {
    let lists = &mut app.layout.lists;
    let mut entries = FxHashMap::default();
    for entry in block.body.blocks_of("required_resource_access") {
        let Some(json) = entry.json.as_deref() else {
            continue;
        };
        // All of one list follow each other.
        if lists.last().is_none_or(|list| list.span != json.value) {
            lists.push(ListLayout {
                span: json.value,
                form: json_form(json.value, entry.span),
                permission_type: None,
                by_name: false,
                dialect: JSON,
            });
        }
        entries.insert(entry.span, (entry, json, lists.len() - 1));
    }
    for resource in &mut app.resources {
        if let Some((entry, json, list)) = entries.get(&resource.span) {
            resource.layout.list = Some(*list);
            resource.layout.body = Some(json_body(entry.span, json));
            resource.layout.plain = is_plain(entry);
        }
    }
}

/// Where a body may stand, a list of bodies may too.
fn json_form(value: Span, block: Span) -> ListForm {
    if value == block {
        ListForm::Single
    } else {
        ListForm::BRACKETS
    }
}

fn json_body(span: Span, json: &JsonBlock) -> BodyLayout {
    BodyLayout {
        span,
        members: json.members.clone(),
        capitals: false,
        dialect: JSON,
    }
}

/// Whether an entry says its API and its permissions, and nothing else.
fn is_plain(entry: &Block) -> bool {
    entry.body.attributes.len() == 1
        && entry
            .body
            .blocks
            .iter()
            .all(|b| &*b.kind.text == "resource_access")
}

fn is_json(source: &Source) -> bool {
    source.name().extension() == Some("json")
}

/// The span of an expression, with the string around it that holds nothing else: `"${x}"`.
fn with_template(source: &Source, span: Span) -> Span {
    let (before, after) = source.text().split_at(span.range().start);
    let after = &after[span.len()..];
    let open = before.trim_end_matches(' ').strip_suffix("\"${");
    let close = after.trim_start_matches(' ').strip_prefix("}\"");
    match (open, close) {
        (Some(open), Some(close)) => source.span(open.len(), source.text().len() - close.len()),
        _ => span,
    }
}

/// The span of a member, with the quote that its key opens with.
fn with_quote(source: &Source, span: Span) -> Span {
    let quoted = source.text()[..span.range().start].ends_with('"');
    Span {
        start: span.start - u32::from(quoted),
        ..span
    }
}

/// The block at a place.
fn block_at(body: &Body, at: Span) -> Option<&Block> {
    let mut blocks = &body.blocks;
    loop {
        let block = around(blocks, at, |block| block.span)?;
        if block.span == at {
            return Some(block);
        }
        blocks = &block.body.blocks;
    }
}

fn body_layout(source: &Source, block: &Block) -> Option<BodyLayout> {
    if let Some(json) = &block.json {
        return Some(json_body(block.span, json));
    }
    let header = block
        .labels
        .last()
        .map_or(block.kind.span, |label| label.span);
    let open = source.text()[header.range().end..block.span.range().end].find('{')?;
    let mut members: Vec<Span> = block.body.attributes.iter().map(|a| a.span).collect();
    members.extend(block.body.blocks.iter().map(|b| b.span));
    members.retain(|span| span.file == source.id());
    members.sort_unstable();
    Some(BodyLayout {
        span: source.span(header.range().end + open, block.span.range().end),
        members,
        capitals: false,
        dialect: BLOCKS,
    })
}

/// The blocks of a type that follow each other with nothing but comments between them, as the lines that they take.
fn groups(source: &Source, body: &Body, kind: &str) -> Vec<Span> {
    let mut members: Vec<(Span, bool)> = body.attributes.iter().map(|a| (a.span, false)).collect();
    members.extend(body.blocks.iter().map(|b| (b.span, *b.kind.text == *kind)));
    // What an override file adds stands elsewhere.
    members.retain(|(span, _)| span.file == source.id());
    members.sort_unstable();
    let mut groups: Vec<Span> = Vec::new();
    let mut open = false;
    for (span, wanted) in members {
        match groups.last_mut() {
            Some(group) if wanted && open => group.end = span.end,
            _ if wanted => groups.push(span),
            _ => {}
        }
        open = wanted;
    }
    groups
        .into_iter()
        .map(|group| whole_lines(source, group))
        .collect()
}

/// The span with its indentation and line end, where nothing else stands on its lines.
fn whole_lines(source: &Source, span: Span) -> Span {
    let text = source.text();
    let start = text[..span.range().start].trim_end_matches([' ', '\t']);
    let rest = &text[span.range().end..];
    let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
    if (start.is_empty() || start.ends_with('\n')) && rest[..end].trim().is_empty() {
        source.span(start.len(), span.range().end + end)
    } else {
        span
    }
}

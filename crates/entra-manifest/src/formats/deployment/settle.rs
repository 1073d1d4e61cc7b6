//! What is done to an app when all of it is read.

use rustc_hash::{FxHashMap, FxHashSet};
use source_text::{FileId, Span};

use super::requests::Texts;
use crate::label;
use crate::model::layout::Place;
use crate::model::{App, PermissionRef, Requested};

/// Whether an app of a module is another one than reading the module alone gives.
pub(super) fn depends_on_other_files(app: &App) -> bool {
    let own = app.span.file;
    names_file(app, |file| file != own)
}

/// Whether a literal of an app stands in such a file.
pub(super) fn names_file(app: &App, is: impl Fn(FileId) -> bool) -> bool {
    app.requested.iter().any(|requested| {
        let resource = &app.resources[requested.resource];
        is(requested.permission.span().file) || is(resource.id.span().file)
    })
}

/// Takes the comment at the end of a line for the label of the only permission on it: behind `['…']`, a comment is not
/// next to its element.
pub(super) fn label_lines(app: &mut App, texts: &dyn Texts, comments: &[Span]) {
    let lines: Vec<Option<(FileId, usize)>> = (app.requested.iter())
        .map(|requested| {
            let span = requested.permission.span();
            let source = texts.source(span.file)?;
            Some((span.file, source.line_column(span.start).0))
        })
        .collect();
    let mut on_line: FxHashMap<(FileId, usize), usize> = FxHashMap::default();
    for line in lines.iter().flatten() {
        *on_line.entry(*line).or_default() += 1;
    }
    for (at, line) in lines.iter().enumerate() {
        let alone = line.is_some_and(|line| on_line.get(&line) == Some(&1));
        let requested = &mut app.requested[at];
        if !alone || requested.label.is_some() {
            continue;
        }
        let span = requested.permission.span();
        let Some(source) = texts.source(span.file) else {
            continue;
        };
        // The element around the id, unless the id stands elsewhere.
        let end = if requested.span.contains(span) {
            requested.span.end
        } else {
            span.end
        };
        let next = comments.partition_point(|c| (c.file, c.start) < (span.file, end));
        let Some(comment) = comments.get(next).filter(|c| c.file == span.file) else {
            continue;
        };
        let gap = &source.text()[end as usize..comment.range().start];
        if gap.chars().all(|c| " \t,]})".contains(c)) {
            let bounds = source.span(span.range().start, comment.range().start);
            requested.label = label::label(source, &[*comment], bounds, &[]);
        }
    }
}

/// Leaves lists alone that hold more than the app's permissions: the editor knows only those items, and would take the
/// others out with the last one.
pub(super) fn keep_foreign_items(app: &mut App, sizes: &FxHashMap<Span, usize>) {
    let complete = |list: Span, items: &mut Vec<Span>| {
        items.sort_unstable();
        items.dedup();
        sizes.get(&list).is_none_or(|size| *size <= items.len())
    };
    for (index, resource) in app.resources.iter().enumerate() {
        for (access, list) in resource.layout.accesses.iter().enumerate() {
            let of_list = |requested: &Requested| {
                requested.resource == index && requested.layout.place == Some(Place::Access(access))
            };
            let of = app.requested.iter().filter(|requested| of_list(requested));
            let mut items: Vec<Span> = of.map(|requested| requested.span).collect();
            if !complete(list.span, &mut items) {
                for requested in app.requested.iter_mut().filter(|r| of_list(r)) {
                    requested.layout.place = None;
                }
            }
        }
    }
    for (index, list) in app.layout.lists.iter().enumerate() {
        let of = app
            .resources
            .iter()
            .filter(|r| r.layout.list == Some(index));
        let mut items: Vec<Span> = of.map(|resource| resource.span).collect();
        if !complete(list.span, &mut items) {
            for resource in app
                .resources
                .iter_mut()
                .filter(|r| r.layout.list == Some(index))
            {
                resource.layout.list = None;
            }
        }
    }
}

/// Says once what is not known for one reason.
pub(super) fn settle(app: &mut App) {
    let mut seen: FxHashSet<(Span, String)> = FxHashSet::default();
    app.requested
        .retain(|requested| match &requested.permission {
            PermissionRef::Unresolved { span, reason, .. } => {
                seen.insert((*span, reason.to_string()))
            }
            _ => true,
        });
}

//! How the lists of a YAML file are laid out, so that items can be added and taken out.

use source_text::{Source, Span};

use crate::label::begins_line;
use crate::model::layout::{ListForm, ListLayout, Separator};

/// A list whose items begin with dashes, deeper than its key.
pub(super) const DASHES: u8 = 0;

/// The same in the column of its key.
pub(super) const DASHES_BELOW: u8 = 1;

/// `[a, b]`
pub(super) const FLOW: u8 = 2;

/// An item with the braces of a flow mapping around it, and with its dash.
pub(super) fn item(source: &Source, span: Span) -> Span {
    let text = source.text();
    let range = span.range();
    let before = text[..range.start].trim_end();
    let after = text[range.end..].trim_start();
    let mut start = range.start;
    let mut end = range.end;
    if before.ends_with('{') && after.starts_with('}') {
        start = before.len() - 1;
        end = text.len() - after.len() + 1;
    }
    let before = text[..start].trim_end_matches(' ');
    if before.ends_with('-') && begins_line(text, before.len() - 1) {
        start = before.len() - 1;
    }
    source.span(start, end)
}

/// A piece of the text up to the brackets that close what it opens: `{id: x, list: [{id: y` and what follows.
pub(super) fn closed(source: &Source, span: Span) -> Span {
    let slice = source.slice(span);
    let count = |brackets: [char; 2]| slice.matches(brackets).count();
    let mut missing = count(['{', '[']).saturating_sub(count(['}', ']']));
    let text = source.text();
    let mut end = span.range().end;
    while missing > 0 {
        let rest = text[end..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if !rest.starts_with(['}', ']']) {
            break;
        }
        end = text.len() - rest.len() + 1;
        missing -= 1;
    }
    source.span(span.range().start, end)
}

/// The list of some items, in order; `None` where there is none.
pub(super) fn list(source: &Source, items: &[Span]) -> Option<ListLayout> {
    let (first, last) = (items.first()?, items.last()?);
    // Items of an alias stand elsewhere.
    let in_order = items.windows(2).all(|pair| pair[0].end <= pair[1].start);
    if !in_order {
        return None;
    }
    let text = source.text();
    let dashes = items
        .iter()
        .all(|item| source.slice(*item).starts_with('-') && begins_line(text, item.range().start));
    let layout = |span, form, dialect| {
        Some(ListLayout {
            span,
            form,
            permission_type: None,
            by_name: false,
            dialect,
        })
    };
    if dashes {
        let form = ListForm::Items {
            open: 0,
            close: 0,
            separator: Separator::Line,
        };
        let dialect = if is_below_key(text, first.range().start) {
            DASHES_BELOW
        } else {
            DASHES
        };
        return layout(first.to(*last), form, dialect);
    }
    let before = text[..first.range().start].trim_end();
    let after =
        text[last.range().end..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    if before.ends_with('[') && after.starts_with(']') {
        let span = source.span(before.len() - 1, text.len() - after.len() + 1);
        return layout(span, ListForm::BRACKETS, FLOW);
    }
    layout(first.to(*last), ListForm::Other, FLOW)
}

/// Whether the dash at `at` stands in the column of the key above it.
fn is_below_key(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let column = at - line;
    let above = text[..line]
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .unwrap_or_default();
    // A key that is itself the first of an item stands behind that item's dash.
    let key = above.trim_start_matches([' ', '-']);
    above.len() - key.len() <= column
}

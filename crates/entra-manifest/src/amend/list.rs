//! Taking items out of a list and adding some, commas and comments included.

use super::patch::{Patch, line_end_if_blank, line_start_if_blank};
use super::style::{Style, indent_at, newline_before};
use crate::json::{attached_comments, begins_line, is_label_comment};
use crate::span::Span;

/// A list, or an object as the list of its members, between its brackets.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) text: &'a str,
    /// All comments of the text.
    pub(super) comments: &'a [Span],
    pub(super) style: &'a Style,
    /// The value, brackets included.
    pub(super) span: Span,
    /// Its items, in order.
    pub(super) items: &'a [Span],
}

impl List<'_> {
    /// Takes out the items whose flag is set, and puts `added` behind the last one left.
    pub(super) fn edit(&self, patch: &mut Patch, removed: &[bool], added: &[String]) {
        let is_removed = |item: usize| removed.get(item).copied().unwrap_or(false);
        let mut last_kept = (0..self.items.len()).rev().find(|item| !is_removed(*item));
        let mut added = added;
        let mut rewritten = None;
        if let (None, false, [first, rest @ ..]) = (last_kept, self.items.is_empty(), added) {
            // Nothing would be left to be written like: the first item makes place for the first new one.
            patch.replace(self.items[0], first.as_str());
            self.drop_comments_beside(patch, 0);
            added = rest;
            last_kept = Some(0);
            rewritten = Some(0);
        }
        let Some(last_kept) = last_kept else {
            self.edit_to_empty(patch, added);
            return;
        };
        for item in 0..self.items.len() {
            if is_removed(item) && rewritten != Some(item) {
                self.remove(patch, item, item > last_kept);
            }
        }
        let is_last = last_kept + 1 == self.items.len();
        let trailing = self.comma_after(self.items.len() - 1).is_some();
        let comma = self.comma_after(last_kept);
        if let (true, false, false, Some(comma)) = (added.is_empty(), is_last, trailing, comma) {
            patch.delete(Span::new(comma, comma + 1));
        }
        if !added.is_empty() {
            self.append(patch, last_kept, comma, trailing, added);
        }
    }

    /// A list that has no item, or is to have none left.
    fn edit_to_empty(&self, patch: &mut Patch, added: &[String]) {
        let inner = Span::new(self.span.start + 1, self.span.end.saturating_sub(1));
        let own: usize = self
            .items
            .iter()
            .map(|item| self.comments_within(*item).len() + self.comments_beside(*item))
            .sum();
        let foreign = self.comments_within(inner).len() > own;
        if !self.items.is_empty() && foreign {
            for item in 0..self.items.len() {
                self.remove(patch, item, true);
            }
            return;
        }
        if added.is_empty() {
            patch.delete(inner);
            return;
        }
        let indent = indent_at(self.text, self.span.start);
        let newline = self.style.newline;
        if self.style.one_line {
            let comma = if self.style.is_tight() { "," } else { ", " };
            patch.replace(inner, added.join(comma));
            return;
        }
        let deeper = format!("{indent}{}", self.style.indent);
        let items = added.join(&format!(",{newline}{deeper}"));
        match self.comments_within(inner).last() {
            // What the comments say stays, and the items come after it.
            Some(comment) => patch.replace(
                Span::new(comment.end, inner.end),
                format!("{newline}{deeper}{items}{newline}{indent}"),
            ),
            None => patch.replace(inner, format!("{newline}{deeper}{items}{newline}{indent}")),
        }
    }

    /// Takes out one item with its comma and comments. `behind` says that no item after it is kept.
    fn remove(&self, patch: &mut Patch, item: usize, behind: bool) {
        let span = self.items[item];
        let comments = attached_comments(self.text, self.comments, span);
        let mut start = comments.before.map_or(span.start, |comment| comment.start);
        let mut end = span.end;
        if let Some(comma) = self.comma_after(item) {
            let touches = self.text[end..comma]
                .bytes()
                .all(|byte| byte.is_ascii_whitespace());
            match touches {
                true => end = comma + 1,
                false => patch.delete(Span::new(comma, comma + 1)),
            }
        }
        if let Some(after) = comments.after {
            end = end.max(after.end);
        }
        if let Some(above) = comments.above.first()
            && is_label_comment(self.text, *above)
        {
            start = above.start;
        }
        if let (Some(start), Some(end)) = (
            line_start_if_blank(self.text, start),
            line_end_if_blank(self.text, end),
        ) {
            patch.delete(Span::new(start, end));
            return;
        }
        if behind {
            let before = self.text[..start].trim_end();
            let after_line_comment = self
                .comments
                .partition_point(|comment| comment.end <= before.len())
                .checked_sub(1)
                .is_some_and(|last| self.is_line_comment_at(last, before.len()));
            if !after_line_comment {
                start = before.len();
            }
        } else {
            let rest = &self.text[end..];
            end += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        patch.delete(Span::new(start, end));
    }

    fn is_line_comment_at(&self, comment: usize, end: usize) -> bool {
        let span = self.comments[comment];
        span.end == end && self.text[span.range()].starts_with("//")
    }

    /// A rewritten item's comments beside it spoke of the old one.
    fn drop_comments_beside(&self, patch: &mut Patch, item: usize) {
        let comments = attached_comments(self.text, self.comments, self.items[item]);
        if let Some(after) = comments.after {
            let gap = &self.text[self.items[item].end..after.start];
            let blanks = gap.len() - gap.trim_end_matches([' ', '\t']).len();
            patch.delete(Span::new(after.start - blanks, after.end));
        }
        if let Some(above) = comments.above.first()
            && is_label_comment(self.text, *above)
        {
            patch.delete(*above);
        }
    }

    /// Puts items behind `item`, in the manner of the list.
    fn append(
        &self,
        patch: &mut Patch,
        item: usize,
        comma: Option<usize>,
        trailing: bool,
        added: &[String],
    ) {
        let span = self.items[item];
        let comment = attached_comments(self.text, self.comments, span).after;
        let behind_comma = comma.map_or(span.end, |comma| comma + 1);
        let anchor = comment.map_or(behind_comma, |comment| comment.end.max(behind_comma));
        let separator = self.separator(item, comment);
        let mut text = String::new();
        if comma.is_none() {
            if anchor == span.end {
                text.push(',');
            } else {
                patch.insert(span.end, ",");
            }
        }
        text.push_str(&separator);
        text.push_str(&added.join(&format!(",{separator}")));
        if trailing {
            text.push(',');
        }
        patch.insert(anchor, text);
    }

    /// What stands behind the comma between two items of this list.
    pub(super) fn separator(&self, item: usize, comment: Option<Span>) -> String {
        let span = self.items[item];
        let line_comment =
            comment.is_some_and(|comment| self.text[comment.range()].starts_with("//"));
        let own_line = self
            .items
            .iter()
            .rev()
            .find(|item| begins_line(self.text, item.start));
        if let (Some(item), _) | (None, Some(item)) = (own_line, line_comment.then_some(&span)) {
            let newline = newline_before(self.text, item.start, self.style.newline);
            return format!("{newline}{}", indent_at(self.text, item.start));
        }
        let gap = self.items.windows(2).find_map(|pair| {
            let gap = &self.text[pair[0].end..pair[1].start];
            let blanks = gap.strip_prefix(',')?;
            blanks.trim().is_empty().then(|| blanks.to_owned())
        });
        gap.unwrap_or_else(|| {
            let blank = if self.style.is_tight() { "" } else { " " };
            blank.to_owned()
        })
    }

    /// The offset of the comma behind an item, if there is one before the next item or the closing bracket.
    fn comma_after(&self, item: usize) -> Option<usize> {
        let start = self.items[item].end;
        let end = match self.items.get(item + 1) {
            Some(next) => next.start,
            None => self.span.end.saturating_sub(1),
        };
        let mut from = start;
        for comment in self.comments_within(Span::new(start, end)) {
            if let Some(comma) = self.text[from..comment.start].find(',') {
                return Some(from + comma);
            }
            from = comment.end;
        }
        self.text[from..end].find(',').map(|comma| from + comma)
    }

    fn comments_within(&self, span: Span) -> &[Span] {
        let first = self
            .comments
            .partition_point(|comment| comment.start < span.start);
        let behind = self
            .comments
            .partition_point(|comment| comment.start < span.end);
        &self.comments[first..behind.max(first)]
    }

    /// The number of comments that go with an item and stand outside of it.
    fn comments_beside(&self, item: Span) -> usize {
        let attached = attached_comments(self.text, self.comments, item);
        let label = attached
            .above
            .first()
            .filter(|above| is_label_comment(self.text, **above));
        usize::from(attached.before.is_some())
            + usize::from(attached.after.is_some())
            + usize::from(label.is_some())
    }
}

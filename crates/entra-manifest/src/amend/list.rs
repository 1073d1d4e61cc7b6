//! Taking items out of a list and adding some, commas and comments included.

use source_text::{Source, Span};

use super::patch::{Patch, line_end_if_blank, line_start_if_blank};
use super::style::{Style, indent_at, newline_before};
use crate::label::{attached_comments, begins_line, is_block_comment, is_label_comment};
use crate::model::layout::Separator;

/// A list, an object as the list of its members, or a body as the list of its blocks, between its delimiters.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) source: &'a Source,
    /// All comments of all files.
    pub(super) comments: &'a [Span],
    pub(super) style: &'a Style,
    /// The value, delimiters included.
    pub(super) span: Span,
    /// The lengths of the delimiters.
    pub(super) delimiters: (usize, usize),
    pub(super) separator: Separator,
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
            patch.delete(self.source.span(comma, comma + 1));
        }
        if !added.is_empty() {
            self.append(patch, last_kept, comma, trailing, added);
        }
    }

    /// A list that has no item, or is to have none left.
    fn edit_to_empty(&self, patch: &mut Patch, added: &[String]) {
        let inner = self.inner();
        let own: usize = self
            .items
            .iter()
            .map(|item| self.comments_within(*item).len() + self.comments_beside(*item))
            .sum();
        let foreign = self.comments_within(inner).len() > own || self.holds_more(inner);
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
        let text = self.source.text();
        let indent = indent_at(text, self.span.range().start);
        let newline = self.style.newline;
        if self.style.one_line || self.separator == Separator::Blank {
            let separator = match self.separator {
                Separator::Blank => " ",
                _ if self.style.is_tight() => ",",
                _ => ", ",
            };
            patch.replace(inner, added.join(separator));
            return;
        }
        let deeper = format!("{indent}{}", self.style.indent);
        let comma = if self.separator == Separator::Comma {
            ","
        } else {
            ""
        };
        let items = added.join(&format!("{comma}{newline}{deeper}"));
        match self.comments_within(inner).last() {
            // What the comments say stays, and the items come after it.
            Some(comment) => patch.replace(
                Span {
                    start: comment.end,
                    ..inner
                },
                format!("{newline}{deeper}{items}{newline}{indent}"),
            ),
            None => patch.replace(inner, format!("{newline}{deeper}{items}{newline}{indent}")),
        }
    }

    /// Whether something stands in the list that is none of its items: an element that requests nothing.
    fn holds_more(&self, inner: Span) -> bool {
        let text = self.source.text();
        let mut known: Vec<Span> = self
            .items
            .iter()
            .chain(self.comments_within(inner))
            .copied()
            .collect();
        known.sort_unstable();
        let mut at = inner.range().start;
        for span in known {
            let gap = text.get(at..span.range().start.max(at)).unwrap_or_default();
            if gap.contains(|c: char| !c.is_whitespace() && c != ',') {
                return true;
            }
            at = at.max(span.range().end);
        }
        let rest = text.get(at..inner.range().end).unwrap_or_default();
        rest.contains(|c: char| !c.is_whitespace() && c != ',')
    }

    /// The list without its delimiters.
    fn inner(&self) -> Span {
        let range = self.span.range();
        let (open, close) = self.delimiters;
        let start = (range.start + open).min(range.end);
        self.source
            .span(start, range.end.saturating_sub(close).max(start))
    }

    /// Takes out one item with its separator and comments. `behind` says that no item after it is kept.
    fn remove(&self, patch: &mut Patch, item: usize, behind: bool) {
        let text = self.source.text();
        let span = self.items[item];
        let comments = attached_comments(self.source, self.comments, span);
        let mut start = comments.before.unwrap_or(span).range().start;
        let mut end = span.range().end;
        if let Some(comma) = self.comma_after(item) {
            let touches = text[end..comma]
                .bytes()
                .all(|byte| byte.is_ascii_whitespace());
            match touches {
                true => end = comma + 1,
                false => patch.delete(self.source.span(comma, comma + 1)),
            }
        }
        if let Some(after) = comments.after {
            end = end.max(after.range().end);
        }
        if let Some(above) = comments.above.first()
            && is_label_comment(self.source, *above)
        {
            start = above.range().start;
        }
        if let (Some(start), Some(end)) = (
            line_start_if_blank(text, start),
            line_end_if_blank(text, end),
        ) {
            patch.delete(self.source.span(start, end));
            return;
        }
        if behind {
            let before = text[..start].trim_end();
            let after_line_comment = self.ends_with_line_comment(before.len());
            if !after_line_comment && before.len() >= self.inner().range().start {
                start = before.len();
            }
        } else {
            let rest = &text[end..];
            end += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        patch.delete(self.source.span(start, end));
    }

    /// Whether the text up to `end` ends with a comment that goes on to the end of its line.
    fn ends_with_line_comment(&self, end: usize) -> bool {
        let at = self.source.span(end, end);
        self.comments
            .partition_point(|comment| (comment.file, comment.end) <= (at.file, at.end))
            .checked_sub(1)
            .map(|last| self.comments[last])
            .is_some_and(|last| {
                (last.file, last.end) == (at.file, at.end) && !is_block_comment(self.source, last)
            })
    }

    /// A rewritten item's comments spoke of the old one.
    fn drop_comments_beside(&self, patch: &mut Patch, item: usize) {
        let comments = attached_comments(self.source, self.comments, self.items[item]);
        if let Some(after) = comments.after {
            let after = after.range();
            let gap = &self.source.text()[self.items[item].range().end..after.start];
            let blanks = gap.len() - gap.trim_end_matches([' ', '\t']).len();
            patch.delete(self.source.span(after.start - blanks, after.end));
        }
        if let Some(above) = comments.above.first()
            && is_label_comment(self.source, *above)
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
        let comment = attached_comments(self.source, self.comments, span).after;
        let behind_comma = comma.map_or(span.range().end, |comma| comma + 1);
        let anchor = comment.map_or(behind_comma, |comment| {
            comment.range().end.max(behind_comma)
        });
        let separator = self.separator(item, comment);
        let mark = if self.has_commas(&separator) { "," } else { "" };
        let anchor = self.source.span(anchor, anchor);
        let mut text = String::new();
        if comma.is_none() && !mark.is_empty() {
            if anchor.start == span.end {
                text.push_str(mark);
            } else {
                patch.insert_after(span, mark);
            }
        }
        text.push_str(&separator);
        text.push_str(&added.join(&format!("{mark}{separator}")));
        if trailing {
            text.push(',');
        }
        patch.insert_after(anchor, text);
    }

    /// Whether new items need commas, with this between them.
    fn has_commas(&self, separator: &str) -> bool {
        match self.separator {
            Separator::Comma => true,
            Separator::Line | Separator::Blank => false,
            Separator::CommaOrLine => {
                !separator.contains('\n')
                    || (0..self.items.len()).any(|item| self.comma_after(item).is_some())
            }
        }
    }

    /// What stands between two items of this list.
    pub(super) fn between(&self, item: usize) -> String {
        let separator = self.separator(item, None);
        let mark = if self.has_commas(&separator) { "," } else { "" };
        format!("{mark}{separator}")
    }

    /// What stands behind the comma between two items of this list.
    fn separator(&self, item: usize, comment: Option<Span>) -> String {
        let text = self.source.text();
        let span = self.items[item];
        let line_comment = comment.is_some_and(|comment| !is_block_comment(self.source, comment));
        let own_line = self
            .items
            .iter()
            .rev()
            .find(|item| begins_line(text, item.range().start));
        if self.separator != Separator::Blank
            && let (Some(item), _) | (None, Some(item)) = (own_line, line_comment.then_some(&span))
        {
            let start = item.range().start;
            let newline = newline_before(text, start, self.style.newline);
            // Blocks that a blank line separates stay so.
            let apart = self.separator == Separator::Line
                && self.items.windows(2).any(|pair| {
                    let gap = &text[pair[0].range().end..pair[1].range().start];
                    let lines: Vec<&str> = gap.split('\n').collect();
                    // The first piece ends the line of one item, the last is the indentation of the other.
                    let between = lines.get(1..lines.len() - 1).unwrap_or_default();
                    between.iter().any(|line| line.trim().is_empty())
                });
            let blank = if apart { newline } else { "" };
            return format!("{blank}{newline}{}", indent_at(text, start));
        }
        let gap = self.items.windows(2).find_map(|pair| {
            let gap = &text[pair[0].range().end..pair[1].range().start];
            let blanks = gap.strip_prefix(',').unwrap_or(gap);
            let usual = !blanks.is_empty() || gap.starts_with(',');
            (blanks.trim().is_empty() && usual).then(|| blanks.to_owned())
        });
        gap.unwrap_or_else(|| {
            let tight = self.style.is_tight() && self.separator == Separator::Comma;
            if tight { "" } else { " " }.to_owned()
        })
    }

    /// The offset of the comma behind an item, if there is one before the next item or the closing delimiter.
    fn comma_after(&self, item: usize) -> Option<usize> {
        if matches!(self.separator, Separator::Line | Separator::Blank) {
            return None;
        }
        let text = self.source.text();
        let start = self.items[item].range().end;
        let end = match self.items.get(item + 1) {
            Some(next) => next.range().start,
            None => self.inner().range().end,
        };
        if start > end {
            return None;
        }
        let mut from = start;
        for comment in self.comments_within(self.source.span(start, end)) {
            let comment = comment.range();
            if let Some(comma) = text[from..comment.start].find(',') {
                return Some(from + comma);
            }
            from = comment.end;
        }
        text[from..end.max(from)]
            .find(',')
            .map(|comma| from + comma)
    }

    fn comments_within(&self, span: Span) -> &[Span] {
        let at = |offset: u32| {
            self.comments
                .partition_point(|comment| (comment.file, comment.start) < (span.file, offset))
        };
        let first = at(span.start);
        &self.comments[first..at(span.end).max(first)]
    }

    /// The number of comments that go with an item and stand outside of it.
    fn comments_beside(&self, item: Span) -> usize {
        let attached = attached_comments(self.source, self.comments, item);
        let label = attached
            .above
            .first()
            .filter(|above| is_label_comment(self.source, **above));
        usize::from(attached.before.is_some())
            + usize::from(attached.after.is_some())
            + usize::from(label.is_some())
    }
}

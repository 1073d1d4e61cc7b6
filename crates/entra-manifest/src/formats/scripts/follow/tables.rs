//! Hashtables: `@{ Name = value }`.

use std::ops::Range;

use super::*;

impl Reader<'_, '_> {
    /// The elements of a table: token of the key, tokens of the value.
    pub(in super::super) fn elements(&self, table: usize) -> Vec<(usize, Range<usize>)> {
        let code = self.code;
        let close = code.pair(table).unwrap_or(table);
        let mut elements: Vec<(usize, Range<usize>)> = Vec::new();
        let mut at = table + 1;
        while at < close {
            if !self.spend(1) {
                break;
            }
            if code.is(at, "=") && at > table + 1 {
                let key = at - 1;
                let end = code.expression_end(at + 1).min(close);
                // The value of an element may be a pipeline.
                elements.push((key, at + 1..end.max(at + 1)));
                at = end.max(at + 1);
                continue;
            }
            at = code.skip(at).max(at + 1);
        }
        elements
    }

    /// The value of a table's element.
    pub(in super::super) fn element(&self, table: usize, name: &str) -> Option<Range<usize>> {
        self.elements(table)
            .into_iter()
            .find(|(key, _)| self.code.name(*key).eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All values of a table; where its keys are ids of APIs, those of Microsoft Graph.
    pub(in super::super) fn reach_elements(
        &self,
        table: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let elements = self.elements(table);
        let api = |key: usize| {
            let mut reached = Reached::default();
            self.reach(key..key + 1, way, depth + 1, &mut reached);
            reached.only().and_then(|text| Uuid::try_parse(text).ok())
        };
        let by_api = elements.iter().any(|(key, _)| api(*key).is_some());
        for (key, value) in elements {
            if !by_api || api(key) == Some(MICROSOFT_GRAPH) {
                self.reach(value, way, depth + 1, out);
            }
        }
    }
}

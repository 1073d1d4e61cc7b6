//! Templates that look like a path that matches none, for a useful message.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, NodeId};
use crate::path::Segment;

/// How many templates are offered.
const MOST: usize = 3;

/// A path longer than any template is not compared.
const MOST_SEGMENTS: usize = 40;

/// A longer word than any of the API is not compared letter by letter.
const MOST_LETTERS: usize = 80;

/// How many places of the tree are looked at, so that thousands of unknown calls cost little. A path with
/// one or two mistakes needs fewer than twenty.
const MOST_PLACES: usize = 60;

/// Up to three templates that differ least from the path; none if all differ much.
///
/// The tree of templates is searched from the root, the place with the fewest differing letters first.
pub(crate) fn find(catalog: &Catalog, segments: &[Segment]) -> Vec<String> {
    search(catalog, segments).0
}

/// The templates, and how many places were looked at.
fn search(catalog: &Catalog, segments: &[Segment]) -> (Vec<String>, usize) {
    if segments.len() > MOST_SEGMENTS {
        return (Vec::new(), 0);
    }
    // A third of the letters may differ.
    let letters: usize = segments
        .iter()
        .map(|segment| segment.text.chars().count())
        .sum();
    let bound = (letters / 3).max(2);
    let mut words = Words {
        catalog,
        letters: segments
            .iter()
            .map(|segment| segment.text.chars().collect())
            .collect(),
        known: FxHashMap::default(),
        row: Vec::new(),
    };
    let mut open = BinaryHeap::from([Reverse((0_usize, 0_usize, catalog.root_node()))]);
    let mut nearest: Vec<(usize, &str)> = Vec::new();
    let mut places = 0;
    while let Some(Reverse((distance, depth, node))) = open.pop() {
        let is_enough = nearest.len() >= MOST && nearest.iter().all(|(known, _)| *known < distance);
        if is_enough || places == MOST_PLACES {
            break;
        }
        places += 1;
        let Some(segment) = segments.get(depth) else {
            let template = catalog
                .template_at(node)
                .filter(|&template| catalog.methods_of(template) != 0);
            nearest.extend(template.map(|template| (distance, catalog.spelling(template))));
            continue;
        };
        if segment.may_be_key() {
            open.extend(
                catalog
                    .any_child(node)
                    .map(|child| Reverse((distance, depth + 1, child))),
            );
        }
        if segment.may_be_word() {
            for child in catalog.word_children(node) {
                if let Some(apart) = words.apart(depth, child, bound - distance) {
                    open.push(Reverse((distance + apart, depth + 1, child)));
                }
            }
        }
    }
    nearest.sort_unstable();
    nearest.truncate(MOST);
    let nearest = nearest
        .into_iter()
        .map(|(_, template)| template.to_owned())
        .collect();
    (nearest, places)
}

/// How far the words of the tree are from the segments of a path, each pair compared once.
struct Words<'a> {
    catalog: &'a Catalog,
    /// Of each segment.
    letters: Vec<Vec<char>>,
    known: FxHashMap<(usize, &'a str), Option<usize>>,
    /// Used again for each comparison.
    row: Vec<usize>,
}

impl Words<'_> {
    /// `None` if surely more than `bound`.
    fn apart(&mut self, depth: usize, node: NodeId, bound: usize) -> Option<usize> {
        let word = self.catalog.segment_at(node);
        let letters = &self.letters[depth];
        // Half of a word's letters may differ; most words differ in length alone by more than that.
        let most = (letters.len() / 2).max(2).min(bound);
        if word.len().abs_diff(letters.len()) > most && word.is_ascii() {
            return None;
        }
        let row = &mut self.row;
        let most = (letters.len() / 2).max(2);
        let apart = *self
            .known
            .entry((depth, word))
            .or_insert_with(|| letters_apart(letters, word, most, row));
        apart.filter(|&apart| apart <= bound)
    }
}

/// The edit distance of two words. `None` if it is surely more than `bound`, or the words are too
/// long to compare.
fn letters_apart(a: &[char], b: &str, bound: usize, row: &mut Vec<usize>) -> Option<usize> {
    let width = b.chars().count();
    if a.len().abs_diff(width) > bound || a.len().max(width) > MOST_LETTERS {
        return None;
    }
    row.clear();
    row.extend(0..=width);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.chars().enumerate() {
            let substituted = diagonal + usize::from(*x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
            least = least.min(row[j + 1]);
        }
        if least > bound {
            return None;
        }
    }
    row.last().copied().filter(|&distance| distance <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_path_costs_a_bounded_search_and_finds_what_was_meant() {
        for (path, meant) in [
            (
                "/users/{id}/revokeSigninSession",
                Some("/users/{id}/revokeSignInSessions"),
            ),
            (
                "/deviceManagment/managedDevices",
                Some("/deviceManagement/manageddevices"),
            ),
            ("/a/b/c/d/e/f/g/h/i/j", None),
            (
                "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
                None,
            ),
        ] {
            let path = crate::CallPath::parse(path).unwrap();
            let (nearest, places) = search(Catalog::embedded(), &path.segments);
            assert!(places <= MOST_PLACES);
            let first = nearest.first().map(|template| template.to_lowercase());
            assert_eq!(first, meant.map(str::to_lowercase), "{path}");
        }
    }

    #[test]
    fn letters_that_differ_are_counted() {
        let apart = |a: &str, b: &str, bound| {
            letters_apart(&a.chars().collect::<Vec<_>>(), b, bound, &mut Vec::new())
        };
        assert_eq!(apart("kitten", "sitting", 3), Some(3));
        assert_eq!(apart("kitten", "sitting", 2), None);
        assert_eq!(apart("", "abc", 9), Some(3));
        assert_eq!(apart("abc", "abc", 0), Some(0));
        assert_eq!(apart("abc", &"x".repeat(81), 99), None);
    }
}

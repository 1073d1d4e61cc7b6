//! Templates that look like a path that matches none, for a useful message.

use crate::catalog::Catalog;
use crate::path::{Pattern, Segment, TemplatePath};

/// How many templates are offered.
const MOST: usize = 3;

/// A path longer than any template is not compared.
const MOST_SEGMENTS: usize = 40;

/// A longer word than any of the API is not compared letter by letter.
const MOST_LETTERS: usize = 80;

/// Up to three templates that differ least from the path; none if all differ much.
pub(crate) fn find(catalog: &Catalog, segments: &[Segment]) -> Vec<String> {
    if segments.len() > MOST_SEGMENTS {
        return Vec::new();
    }
    // A third of the letters may differ.
    let letters: usize = segments
        .iter()
        .map(|segment| segment.text.chars().count())
        .sum();
    let bound = (letters / 3).max(2);
    let mut nearest: Vec<(usize, &str)> = catalog
        .template_list()
        .iter()
        .filter(|template| template.depth == segments.len())
        .filter_map(|template| {
            let lower = template.spelling.to_lowercase();
            let path = TemplatePath::parse(&lower)?;
            let distance = distance(segments, &path.segments, bound)?;
            Some((distance, &*template.spelling))
        })
        .collect();
    nearest.sort_unstable();
    nearest.truncate(MOST);
    nearest
        .into_iter()
        .map(|(_, template)| template.to_owned())
        .collect()
}

/// How many letters differ, segment by segment, in paths of one depth. `None` if more than `bound`.
fn distance(segments: &[Segment], patterns: &[Pattern<'_>], bound: usize) -> Option<usize> {
    let mut sum = 0;
    for (segment, pattern) in segments.iter().zip(patterns) {
        sum += match pattern {
            Pattern::Any if segment.may_be_key() => 0,
            Pattern::Literal(text) if segment.may_be_word() => {
                letters_apart(&segment.text, text, bound - sum)?
            }
            _ => return None,
        };
        if sum > bound {
            return None;
        }
    }
    Some(sum)
}

/// The edit distance of two words. `None` if it is surely more than `bound`, or the words are too
/// long to compare.
fn letters_apart(a: &str, b: &str, bound: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > bound || a.len().max(b.len()) > MOST_LETTERS {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
        if row.iter().min() > Some(&bound) {
            return None;
        }
    }
    row.last().copied().filter(|&distance| distance <= bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_are_counted() {
        assert_eq!(letters_apart("kitten", "sitting", 3), Some(3));
        assert_eq!(letters_apart("kitten", "sitting", 2), None);
        assert_eq!(letters_apart("", "abc", 9), Some(3));
        assert_eq!(letters_apart("abc", "abc", 0), Some(0));
        assert_eq!(letters_apart("abc", &"x".repeat(81), 99), None);
    }
}

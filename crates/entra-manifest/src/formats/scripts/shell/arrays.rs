//! Arrays of a shell: `(a b)`, `(["key"]=value)`.

use std::ops::Range;

use crate::formats::scripts::follow::Reader;

/// The name of a variable or array: `${ROLES[@]}`, `${!IDS[@]}`.
pub(super) fn name<'s>(reader: &Reader<'_, 's>, at: usize) -> &'s str {
    let own = reader.code.name(at);
    match reader.code.text(at).strip_prefix("${!") {
        Some(inner) => {
            let end = inner
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(inner.len());
            &inner[..end]
        }
        None => own,
    }
}

/// The values of the elements of the array that begins at `open`.
pub(super) fn values(reader: &Reader<'_, '_>, open: usize) -> Vec<Range<usize>> {
    elements(reader, open)
        .into_iter()
        .map(|(_, value)| value)
        .collect()
}

/// The keys of an associative array.
pub(super) fn keys(reader: &Reader<'_, '_>, open: usize) -> Vec<Range<usize>> {
    elements(reader, open)
        .into_iter()
        .filter_map(|(key, _)| key)
        .collect()
}

fn elements(reader: &Reader<'_, '_>, open: usize) -> Vec<(Option<Range<usize>>, Range<usize>)> {
    let code = reader.code;
    let close = code.pair(open).unwrap_or(open);
    let mut elements = Vec::new();
    let mut at = open + 1;
    while at < close && reader.spend(1) {
        let bracket = code.pair(at).filter(|_| code.is(at, "["));
        let (key, start) = match bracket {
            Some(end) if code.is(end + 1, "=") => (Some(at + 1..end), end + 2),
            _ => (None, at),
        };
        let end = code.word_end(start).max(start + 1).min(close.max(start));
        if start < end {
            elements.push((key, start..end));
        }
        at = end.max(at + 1);
    }
    elements
}

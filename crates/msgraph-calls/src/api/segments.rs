//! The segments of a path: how they are compared, and which of them are functions or addresses.

/// Joins what is addressed by its path into one segment: `root:`, `a`, `b.txt:` to `root:`, `a/b.txt:`.
pub(super) fn join_addresses(segments: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(segments.len());
    let mut rest = segments.iter();
    while let Some(segment) = rest.next() {
        out.push((*segment).to_owned());
        if segment.len() < 2 || !segment.ends_with(':') {
            continue;
        }
        let mut address = String::new();
        for part in rest.by_ref() {
            if !address.is_empty() {
                address.push('/');
            }
            address.push_str(part);
            if part.ends_with(':') {
                break;
            }
        }
        if !address.is_empty() {
            // The closing colon is left out where nothing follows: `root:/a/b.txt`.
            if !address.ends_with(':') {
                address.push(':');
            }
            out.push(address);
        }
    }
    out
}

/// Whether a segment is written like the names of the API: `logCollectionRequests`.
pub(super) fn looks_like_word(segment: &str) -> bool {
    segment.len() > 2
        && segment.starts_with(|c: char| c.is_ascii_lowercase())
        && segment.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A segment in the form in which it is compared: lower case, letters and digits, `$` and `:`.
pub(crate) fn fold(segment: &str) -> String {
    let name = segment.strip_suffix("()").unwrap_or(segment);
    // `graph.user` and `microsoft.graph.user` name the same type; an action may bear its namespace.
    let name = name
        .strip_prefix("microsoft.graph.")
        .or_else(|| name.strip_prefix("graph."))
        .map_or(name, |name| {
            // `microsoft.graph.callRecords.getPstnCalls` is a function of a namespace within.
            name.rsplit('.').next().unwrap_or(name)
        });
    name.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '$' | ':'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// `name(a=…, b=…)`: the name, and the names of the arguments in lower case and sorted. `None` for `name()` and names
/// without parentheses.
pub(super) fn function(segment: &str) -> Option<(&str, Vec<Box<str>>)> {
    let (name, rest) = segment.split_once('(')?;
    let inner = rest.rsplit_once(')').map_or(rest, |(inner, _)| inner);
    if inner.trim().is_empty() || name.is_empty() {
        return None;
    }
    let mut arguments: Vec<Box<str>> = inner
        .split(',')
        .filter_map(|argument| {
            Some(
                argument
                    .split_once('=')?
                    .0
                    .trim()
                    .to_ascii_lowercase()
                    .into(),
            )
        })
        .collect();
    arguments.sort_unstable();
    Some((name, arguments))
}

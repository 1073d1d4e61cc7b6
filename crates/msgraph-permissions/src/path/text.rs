//! The spelling that calls and templates share: segments, placeholders, arguments, namespaces.

use std::borrow::Cow;

/// Splits at `/`, but not inside a quoted argument: `getByUrl(url='a/b')`. Empty segments are dropped.
pub(super) fn split_segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0_usize, false);
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'\'' if depth > 0 => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b'/' if !quoted => {
                segments.push(&path[start..at]);
                start = at + 1;
                depth = 0;
            }
            _ => {}
        }
    }
    if quoted {
        // The quote was no quote, as in `(O'Brien)`.
        return path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
    }
    segments.push(&path[start..]);
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// The forms in which people write "some id": `{id}`, `{{id}}`, `${id}`, `$(id)`, `$id`, `:id`, `<id>`.
pub(super) fn is_placeholder(text: &str) -> bool {
    let enclosed = |open: &str, close: char| text.starts_with(open) && text.ends_with(close);
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
    };
    enclosed("{", '}')
        || enclosed("${", '}')
        || enclosed("$(", ')')
        || enclosed("<", '>')
        || text.strip_prefix('$').is_some_and(is_name)
        || text
            .strip_prefix(':')
            .is_some_and(|name| is_name(name) && !name.contains(':'))
}

/// `graph.user` and `microsoft.graph.user` name the same type.
pub(super) fn qualify(text: &str) -> Cow<'_, str> {
    match text.strip_prefix("graph.") {
        Some(name) if !name.contains('@') => Cow::Owned(format!("microsoft.graph.{name}")),
        _ => Cow::Borrowed(text),
    }
}

/// `name(arguments)rest`, at the first parenthesis and its partner.
pub(super) fn split_parentheses(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('(')?;
    let mut quoted = false;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some((&text[..open], &text[open + 1..at], &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    // An odd quote: `users('o'brien')`. Take the last parenthesis.
    let close = text.rfind(')').filter(|&close| close > open)?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// What stands between the parentheses of a segment.
pub(super) enum Arguments {
    /// Nothing: `delta()`.
    None,
    /// One value without a name: `users('a@b.c')`.
    Key,
    /// Named values; the names sorted, since their order is free in OData.
    Named(String),
}

impl Arguments {
    pub(super) fn read(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::None;
        }
        let mut names = Vec::new();
        for argument in split_unquoted(text, ',') {
            let Some((name, value)) = argument.split_once('=') else {
                return Self::Key;
            };
            let (name, value) = (name.trim(), value.trim());
            // `AAMkAGI2=` is an id in base64.
            if value.is_empty() || value.starts_with('=') {
                return Self::Key;
            }
            if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Self::Key;
            }
            names.push(name);
        }
        names.sort_unstable();
        Self::Named(names.join(","))
    }
}

fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        if c == '\'' {
            quoted = !quoted;
        }
        c == separator && !quoted
    })
}

//! URL templates of a catalog.

use std::borrow::Cow;

use super::text::{Arguments, qualify, split_parentheses, split_segments};

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Pattern<'a> {
    /// A word of the API, in lower case.
    Literal(Cow<'a, str>),
    /// A placeholder: `{id}`.
    Any,
    /// A placeholder with one brace too many, as some published templates have it: `{id}}`.
    StrayBrace,
    /// A placeholder with text around it: `{id}:`, `scope={value}`.
    Around { prefix: &'a str, suffix: &'a str },
}

/// A template in comparable form: its segments, and the pattern of its query if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TemplatePath<'a> {
    pub(crate) segments: Vec<Pattern<'a>>,
    /// `{}` for each placeholder.
    pub(crate) query: Option<String>,
}

impl<'a> TemplatePath<'a> {
    /// Reads a template that is in lower case already. `None` if the text names nothing.
    pub(crate) fn parse(template: &'a str) -> Option<Self> {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let mut segments = Vec::with_capacity(8);
        for segment in split_segments(path) {
            push_pattern(segment, &mut segments);
        }
        if segments.is_empty() {
            return None;
        }
        Some(Self {
            segments,
            query: (!query.is_empty()).then(|| mask_placeholders(query)),
        })
    }

    /// One text for every spelling of the template.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        for pattern in &self.segments {
            text.push('/');
            match pattern {
                Pattern::Literal(word) => text.push_str(word),
                Pattern::Any => text.push_str("{}"),
                Pattern::StrayBrace => text.push_str("{}}"),
                Pattern::Around { prefix, suffix } => {
                    text.push_str(prefix);
                    text.push_str("{}");
                    text.push_str(suffix);
                }
            }
        }
        if let Some(query) = &self.query {
            text.push('?');
            text.push_str(query);
        }
        text
    }
}

fn push_pattern<'a>(segment: &'a str, out: &mut Vec<Pattern<'a>>) {
    let text = segment.trim();
    if text.is_empty() {
        return;
    }
    if let Some((name, arguments, rest)) = split_parentheses(text) {
        match Arguments::read(arguments) {
            Arguments::None => out.push(Pattern::Literal(Cow::Owned(format!(
                "{}{rest}",
                qualify(name)
            )))),
            Arguments::Key if rest.is_empty() && !name.is_empty() && arguments.contains('{') => {
                out.push(Pattern::Literal(qualify(name)));
                out.push(Pattern::Any);
            }
            Arguments::Key => out.push(Pattern::Literal(Cow::Borrowed(text))),
            Arguments::Named(names) => out.push(Pattern::Literal(Cow::Owned(format!(
                "{}({names}){rest}",
                qualify(name)
            )))),
        }
        return;
    }
    let placeholder = text
        .split_once('{')
        .and_then(|(prefix, rest)| rest.split_once('}').map(|(_, suffix)| (prefix, suffix)));
    out.push(match placeholder {
        Some(("", "")) => Pattern::Any,
        Some(("", "}")) => Pattern::StrayBrace,
        Some((prefix, suffix)) if !suffix.contains('{') => Pattern::Around { prefix, suffix },
        _ => Pattern::Literal(qualify(text)),
    });
}

/// Replaces each `{name}` by `{}`.
pub(crate) fn mask_placeholders(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else {
            break;
        };
        masked.push_str(before);
        masked.push_str("{}");
        rest = tail;
    }
    masked.push_str(rest);
    masked
}

/// Whether `text` is `pattern` with something in the place of each `{}`.
pub(crate) fn matches_masked(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split("{}");
    let Some(first) = pieces.next() else {
        return text.is_empty();
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.len() > piece.len() && rest.ends_with(piece);
        }
        let Some(skip) = rest.chars().next().map(char::len_utf8) else {
            return false;
        };
        let Some(at) = rest[skip..].find(piece) else {
            return false;
        };
        rest = &rest[skip + at + piece.len()..];
    }
    rest.is_empty()
}

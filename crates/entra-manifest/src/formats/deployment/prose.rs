//! Permissions that the texts of a deployment say it needs: metadata, and descriptions and defaults of parameters.
//!
//! Playbooks of Microsoft Sentinel state their grants nowhere else. Only where a file declares nothing itself are its texts
//! taken: one that declares repeats itself in them.

use source_text::{Source, Span, Spanned};

use crate::PermissionType;
use crate::label::permission_words;
use crate::model::{App, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef};
use crate::resource::MICROSOFT_GRAPH;

/// A text says that a permission is needed by one of these words: those of the Microsoft Sentinel playbooks that state a
/// grant in their metadata.
pub(in crate::formats) const NEEDS: &[&str] = &[
    "requir",
    "permission",
    "grant",
    "consent",
    "need",
    "app role",
    "must have",
];
/// A text that says the opposite, or lists what must not be used or is to go, is no statement of a need.
pub(in crate::formats) const NOT: &[&str] = &[
    "do not",
    "don't",
    "not required",
    "no longer",
    "not need",
    "never",
    "deny",
    "denied",
    "without",
    "remove",
    "instead of",
    "rather than",
    "avoid",
    "unlike",
];

/// An app for what the texts of a deployment say, if they say anything. `span` is all of it.
pub(crate) fn documented(
    source: &Source,
    span: Span,
    name: Option<Spanned<String>>,
    texts: &[Spanned<String>],
) -> Option<App> {
    let mut app = App::new(span);
    app.name = name;
    let resource = app.push_resource(Resource::new(
        span,
        ResourceRef::Implied {
            uuid: MICROSOFT_GRAPH,
            span: Span::at(source.id(), 0),
        },
    ));
    for text in texts {
        let mut seen: Vec<String> = Vec::new();
        for sentence in sentences(&text.value) {
            let lower = text.value[sentence.clone()].to_ascii_lowercase();
            let needed = NEEDS.iter().any(|word| lower.contains(word));
            if !needed || NOT.iter().any(|word| lower.contains(word)) {
                continue;
            }
            for word in permission_words(&text.value[sentence.clone()]) {
                let at = sentence.start + word.start..sentence.start + word.end;
                let name = text.value[at.clone()].to_owned();
                if !is_published(&name) || seen.contains(&name) {
                    continue;
                }
                // A deployment's app has no signed-in user unless the text speaks of one.
                let ty = if lower.contains("delegated") {
                    PermissionType::Delegated
                } else {
                    PermissionType::Application
                };
                seen.push(name.clone());
                let span = place(source, text, at).unwrap_or(text.span);
                let permission = PermissionRef::Name { name, span };
                let mut requested =
                    Requested::new(resource, permission, TypeRef::implied(ty), text.span);
                requested.means = Means::Documented;
                if span == text.span {
                    requested.layout.fixed = Some("the text has escapes");
                }
                app.requested.push(requested);
            }
        }
    }
    (!app.requested.is_empty()).then_some(app)
}

/// Names of permissions hold at least one of these parts; file names and hosts do not.
fn is_published(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let verbs = [
        "read",
        "readwrite",
        "readbasic",
        "send",
        "revokesessions",
        "enabledisableaccount",
        "accessasuser",
        "write",
        "manage",
        "create",
        "invite",
        "selected",
        "ownedby",
    ];
    parts.len() >= 2
        && parts
            .iter()
            .skip(1)
            .any(|part| verbs.iter().any(|verb| part.eq_ignore_ascii_case(verb)))
}

/// The sentences of a text. A dot within a word ends none.
fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '\n' => true,
            '.' | '!' | '?' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            out.push(start..end);
            start = end;
        }
    }
    out.push(start..text.len());
    out
}

/// Where a part of a text stands in the file, if the file holds the text as it is.
fn place(source: &Source, text: &Spanned<String>, range: std::ops::Range<usize>) -> Option<Span> {
    let start = text.span.start as usize + 1;
    let span = source.span(start + range.start, start + range.end);
    (source.slice(span) == &text.value[range]).then_some(span)
}

//! Format: prose that says which permissions an app needs: a README, the help at the head of a script.
//!
//! Such a text requests nothing ([`Means::Documented`]), but its readers grant what it says. Only sentences that speak of
//! a need count, and the lists that they introduce; code blocks, tables, changelogs and references that name many
//! permissions say what exists, not what is needed.

use std::ops::Range;

use camino::Utf8Path;
use msgraph_permissions::Catalog;
use source_text::{Source, Span};

use super::Format;
use super::deployment::prose::{NEEDS, NOT};
use crate::PermissionType;
use crate::about::{About, Types};
use crate::label::permission_words;
use crate::model::{
    App, Manifest, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef,
};
use crate::read::{Read, Unit, WhyNot};
use crate::resource::MICROSOFT_GRAPH;

/// Markdown files.
pub(crate) struct Markdown;

static MARKDOWN: About = About {
    id: "markdown",
    name: "Markdown",
    files: &["README.md", "*.md"],
    generated: false,
    types: Types::Both,
    docs: "docs/formats/scripts.md",
};

/// A text with more names is a reference or a list of what exists.
const MOST_NAMES: usize = 30;

impl Format for Markdown {
    fn about(&self) -> &'static About {
        &MARKDOWN
    }

    fn names(&self, name: &Utf8Path) -> bool {
        let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
        // What once was needed stands in a changelog.
        file.ends_with(".md")
            && !["changelog", "history", "release"]
                .iter()
                .any(|word| file.contains(word))
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && speaks_of_graph(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let Some(source) = unit.sources.first() else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let whole = source.span(0, source.text().len());
        match documented(source, &[whole]) {
            Some(app) => Read::Manifest(Manifest::new(&Markdown, &MARKDOWN, vec![app])),
            None => Read::Nothing(WhyNot::NoDeclaration),
        }
    }
}

pub(crate) fn speaks_of_graph(text: &str) -> bool {
    ["Graph", "Entra", "Azure AD", "Azure Active Directory"]
        .iter()
        .any(|word| text.contains(word))
}

/// An app for what some parts of a file say that it needs.
pub(crate) fn documented(source: &Source, parts: &[Span]) -> Option<App> {
    let first = parts.first()?;
    let mut app = App::new(*first);
    let graph = ResourceRef::Implied {
        uuid: MICROSOFT_GRAPH,
        span: Span::at(source.id(), first.range().start),
    };
    let resource = app.push_resource(Resource::new(*first, graph));
    let mut seen: Vec<String> = Vec::new();
    for part in parts {
        let text = source.slice(*part);
        if !speaks_of_graph(text) {
            continue;
        }
        for (words, permission_type) in needed(text) {
            let name = text[words.clone()].to_owned();
            if seen.contains(&name) || Catalog::embedded().permission(&name).is_none() {
                continue;
            }
            let base = part.range().start;
            let span = source.span(base + words.start, base + words.end);
            let permission = PermissionRef::Name {
                name: name.clone(),
                span,
            };
            let mut requested = Requested::new(
                resource,
                permission,
                TypeRef::implied(permission_type),
                span,
            );
            requested.means = Means::Documented;
            requested.layout.fixed = Some("prose is for its author to change");
            app.requested.push(requested);
            seen.push(name);
        }
    }
    (!app.requested.is_empty() && app.requested.len() <= MOST_NAMES).then_some(app)
}

/// The names of permissions in the sentences that speak of a need, and in the lists that such a line introduces.
fn needed(text: &str) -> Vec<(Range<usize>, PermissionType)> {
    let mut found = Vec::new();
    let mut fenced = false;
    // The type that the line before a list said.
    let mut list: Option<PermissionType> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced || trimmed.starts_with('|') {
            continue;
        }
        let lower = trimmed.to_ascii_lowercase();
        let is_item = trimmed.starts_with(['-', '*', '+'])
            || trimmed.starts_with(|c: char| c.is_ascii_digit());
        let negated = NOT.iter().any(|word| lower.contains(word));
        let speaks = NEEDS.iter().any(|word| lower.contains(word)) && !negated;
        let own = speaks.then(|| type_of(&lower));
        let introduced = list.filter(|_| is_item && !negated);
        if let Some(permission_type) = own.or(introduced) {
            found.extend(
                permission_words(line)
                    .map(|word| (start + word.start..start + word.end, permission_type)),
            );
        }
        if speaks
            && (trimmed.ends_with(':') || trimmed.starts_with('#') || trimmed.ends_with(":**"))
        {
            list = Some(type_of(&lower));
        } else if !is_item && !trimmed.is_empty() {
            list = None;
        }
    }
    found
}

/// A text that speaks of a signed-in user or of scopes means delegated permissions.
fn type_of(lower: &str) -> PermissionType {
    if lower.contains("delegated") || lower.contains("scope") || lower.contains("signed-in") {
        PermissionType::Delegated
    } else {
        PermissionType::Application
    }
}

//! The text of what is added: written like a neighbour, or in the text's own style where there is none.

use uuid::Uuid;

use super::patch::{Patch, apply};
use super::style::{Style, indent_at, reindent};
use crate::model::Kind;
use crate::span::Span;

/// A piece of the text to write like, with the literals in it that change.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) span: Span,
    /// What stands for the changing parts, and what comes there.
    pub(super) parts: Vec<(Span, String)>,
}

impl Template {
    /// The piece with its changes, indented for `indent`.
    pub(super) fn fill(&self, text: &str, indent: &str) -> String {
        let mut patch = Patch::default();
        for (span, replacement) in &self.parts {
            let within = Span::new(span.start - self.span.start, span.end - self.span.start);
            patch.replace(within, replacement.as_str());
        }
        let piece = &text[self.span.range()];
        let filled = apply(piece, &patch.finish(piece));
        reindent(&filled, indent_at(text, self.span.start), indent)
    }
}

/// The words of the members, in the file's habit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) capitals: bool,
}

impl Words {
    fn word(self, lower: &str) -> String {
        if !self.capitals {
            return lower.to_owned();
        }
        let mut chars = lower.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().chain(chars).collect())
            .unwrap_or_default()
    }
}

/// A literal with this content in the quotes of the literal at `like`, if that is one.
pub(super) fn quoted(text: &str, like: Option<Span>, content: &str) -> String {
    let single = like.is_some_and(|span| text[span.range()].starts_with('\''));
    let quote = if single { '\'' } else { '"' };
    format!("{quote}{content}{quote}")
}

/// An id, in the letter case and the braces of the one at `like`.
pub(super) fn id_like(text: &str, like: Option<Span>, id: Uuid) -> String {
    let like = like.map_or("", |span| &text[span.range()]);
    let like = like.trim_matches(['"', '\'']);
    let upper = like.contains(|c: char| c.is_ascii_uppercase())
        && !like.contains(|c: char| c.is_ascii_lowercase());
    let id = if upper {
        id.to_string().to_ascii_uppercase()
    } else {
        id.to_string()
    };
    if like.starts_with('{') && like.ends_with('}') {
        format!("{{{id}}}")
    } else {
        id
    }
}

/// Writes new objects and lists where no neighbour shows how.
pub(super) struct Writer<'a> {
    pub(super) style: &'a Style,
    pub(super) words: Words,
}

impl Writer<'_> {
    /// `{ "id": …, "type": … }`
    pub(super) fn element(&self, permission: &str, kind: Kind, indent: &str) -> String {
        self.object(
            &[
                (self.words.word("id"), format!("\"{permission}\"")),
                (self.words.word("type"), format!("\"{kind}\"")),
            ],
            indent,
        )
    }

    /// `{ "resourceAppId": …, "resourceAccess": … }`
    pub(super) fn entry(&self, resource: &str, list: String, indent: &str) -> String {
        self.object(
            &[
                (self.words.word("resourceAppId"), format!("\"{resource}\"")),
                (self.words.word("resourceAccess"), list),
            ],
            indent,
        )
    }

    /// `{ "resource": …, "scope": … }`
    pub(super) fn flat(&self, resource: &str, scope: &str, indent: &str) -> String {
        self.object(
            &[
                (self.words.word("resource"), format!("\"{resource}\"")),
                (self.words.word("scope"), format!("\"{scope}\"")),
            ],
            indent,
        )
    }

    /// `{ "Resource": …, "DelegatedPermissions": [ … ] }`
    pub(super) fn named(&self, resource: &str, lists: &[(Kind, String)], indent: &str) -> String {
        let mut members = vec![(self.words.word("resource"), format!("\"{resource}\""))];
        for (kind, list) in lists {
            members.push((self.words.word(named_list(*kind)), list.clone()));
        }
        self.object(&members, indent)
    }

    /// `"name": value`
    pub(super) fn member(&self, lower: &str, value: &str) -> String {
        format!("\"{}\"{}{value}", self.words.word(lower), self.style.colon)
    }

    /// A list of items, which are written for one level deeper than `indent`.
    pub(super) fn list(&self, items: &[String], indent: &str) -> String {
        if self.style.one_line {
            return format!("[{}]", items.join(self.comma()));
        }
        let newline = self.style.newline;
        let deeper = self.deeper(indent);
        let items = items.join(&format!(",{newline}{deeper}"));
        format!("[{newline}{deeper}{items}{newline}{indent}]")
    }

    /// A list of names on one line.
    pub(super) fn names(&self, names: &[&str], padded: bool) -> String {
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let pad = if padded { " " } else { "" };
        format!("[{pad}{}{pad}]", names.join(self.comma()))
    }

    const fn comma(&self) -> &'static str {
        if self.style.is_tight() { "," } else { ", " }
    }

    pub(super) fn deeper(&self, indent: &str) -> String {
        format!("{indent}{}", self.style.indent)
    }

    fn object(&self, members: &[(String, String)], indent: &str) -> String {
        let Style { newline, colon, .. } = self.style;
        let members = members
            .iter()
            .map(|(name, value)| format!("\"{name}\"{colon}{value}"));
        if self.style.one_line {
            let members: Vec<_> = members.collect();
            return format!("{{{}}}", members.join(self.comma()));
        }
        let deeper = self.deeper(indent);
        let members: Vec<_> = members.collect();
        format!(
            "{{{newline}{deeper}{}{newline}{indent}}}",
            members.join(&format!(",{newline}{deeper}"))
        )
    }
}

/// The member that lists names of this kind.
pub(super) const fn named_list(kind: Kind) -> &'static str {
    match kind {
        Kind::Scope => "delegatedPermissions",
        Kind::Role => "applicationPermissions",
    }
}

//! Format: settings that list the scopes of an app: `.env`, `.properties`, `.ini`, `.toml` and YAML.
//!
//! Read line by line: all of them are keys with values. A key that is called a scope counts, and the address of Microsoft
//! Graph with a published permission behind it.

use camino::Utf8Path;
use msgraph_permissions::is_oidc_scope;
use source_text::Source;

use super::collect::{Collected, Declared, Manner};
use super::follow::Reached;
use super::scopes::{Scope, is_published, push_names, scope_name};
use super::source::{NOT, folded, is_test, worth};
use super::{Literals, manifest};
use crate::PermissionType;
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::formats::Format;
use crate::model::Means;
use crate::read::{Read, Unit, WhyNot};

/// Settings files.
pub(crate) struct Settings;

static SETTINGS: About = About {
    id: "settings",
    name: "settings with scopes",
    files: &[".env", "*.properties", "*.ini", "*.toml", "*.yml", "*.yaml"],
    generated: false,
    types: Types::Delegated,
    docs: "docs/formats/scripts.md",
};

/// Longer files are data.
const MOST_TEXT: usize = 512 * 1024;

impl Format for Settings {
    fn about(&self) -> &'static About {
        &SETTINGS
    }

    fn names(&self, name: &Utf8Path) -> bool {
        let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
        file.starts_with(".env")
            || super::has_extension(name, &["env", "properties", "ini", "toml", "yml", "yaml"])
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && text.len() <= MOST_TEXT && !is_test(name) && worth(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let Some(source) = unit.sources.first() else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let whole = source.span(0, source.text().len());
        let mut collected = Collected::new(source, whole);
        scopes(source, &mut collected);
        manifest(&Settings, vec![collected], None)
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&Literals)
    }
}

fn scopes(source: &Source, out: &mut Collected<'_>) {
    let mut reached = Reached::default();
    // The column of a key whose list stands on the lines below.
    let mut list: Option<usize> = None;
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) || trimmed.starts_with("//") {
            continue;
        }
        let column = line.len() - line.trim_start().len();
        if let Some(open) = list {
            let item = trimmed.starts_with("- ") && column >= open;
            if item && !trimmed.contains(": ") {
                values(line, column + 1, start, true, &mut reached);
                continue;
            }
            if column <= open {
                list = None;
            }
        }
        let Some(separator) = separator(line) else {
            // An item of another list: its address alone says what it is.
            values(line, column, start, false, &mut reached);
            continue;
        };
        let key = folded(
            line[..separator]
                .rsplit(['.', ':'])
                .next()
                .unwrap_or_default(),
        );
        let called = key.contains("scope") && !NOT.iter().any(|word| key.contains(word));
        values(line, separator + 1, start, called, &mut reached);
        if called
            && line[separator + 1..]
                .split('#')
                .next()
                .is_none_or(|rest| rest.trim().is_empty())
        {
            list = Some(column);
        }
    }
    // Sign-in scopes alone may be another provider's.
    if reached
        .literals
        .iter()
        .all(|literal| is_oidc_scope(&literal.text))
    {
        return;
    }
    for literal in reached.literals {
        let used_at = (literal.start, literal.end);
        let manner = Manner::new(
            Means::AskedAtSignIn,
            Some(PermissionType::Delegated),
            used_at,
        );
        let one = Reached {
            literals: vec![literal],
            ..Reached::default()
        };
        push_names(one, manner, out);
    }
}

/// The place of the `=` or `:` behind the key of a line.
fn separator(line: &str) -> Option<usize> {
    let place = line.find(['=', ':', '\n'])?;
    let found = line[place..].starts_with(['=', ':']);
    // `https://…` has no key.
    (found && !line[place..].starts_with("://")).then_some(place)
}

/// The published permissions among the words of a line. Without a key that calls them scopes, only addresses.
fn values(line: &str, from: usize, start: usize, called: bool, out: &mut Reached) {
    let Some(rest) = line.get(from..) else {
        return;
    };
    let rest = rest.split(" #").next().unwrap_or_default();
    let separates =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '[' | ']' | '(' | ')');
    for word in rest.split(separates).filter(|word| !word.is_empty()) {
        let counts = matches!(scope_name(word), Scope::Graph(name) if is_published(name))
            && (called || word.contains('/'));
        if counts {
            let offset = start + from + (word.as_ptr() as usize - rest.as_ptr() as usize);
            let begin = u32::try_from(offset).unwrap_or_default();
            let end = u32::try_from(offset + word.len()).unwrap_or_default();
            out.literals.push(Declared::literal(word, begin, end));
        }
    }
}

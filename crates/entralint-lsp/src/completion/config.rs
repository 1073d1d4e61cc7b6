//! `entralint.toml`: keys and tables by its schema, and values that name rules, apps and permissions.

use std::sync::OnceLock;

use camino::Utf8Path;
use entralint_core::config;
use entralint_core::rules::RULES;
use serde_json::Value;

use super::permissions::{Form, Wanted, fitting};
use super::{Completion, Item, Kind};
use crate::config_text::{pattern, string};
use crate::subject::floor;
use crate::view::View;

pub(super) fn at(view: &View<'_>, offset: usize) -> Option<Completion> {
    let text = view.source.text();
    let place = Place::at(text, offset);
    let (items, is_cut) = match &place.what {
        What::Comment => return None,
        What::Header => (headers(), false),
        What::Key if place.table == "rules" => {
            let mut items = rules();
            for item in &mut items {
                item.insert.push_str(" = ");
            }
            (items, false)
        }
        What::Key => {
            let mut items = keys(&place.table, &place.present);
            items.extend(headers());
            (items, false)
        }
        What::Value { key, is_quoted } => {
            let typed = &text[place.start..offset];
            let (mut items, is_cut) = values(view, &place.table, key, typed);
            for item in &mut items {
                let is_bare = matches!(item.insert.as_str(), "true" | "false" | "1");
                if !is_quoted && !is_bare {
                    item.insert = format!("\"{}\"", item.insert);
                }
            }
            (items, is_cut)
        }
    };
    Some(Completion {
        span: view.source.span(place.start, place.end),
        items,
        is_cut,
    })
}

/// Where the cursor stands in the file.
struct Place<'t> {
    /// The table; empty at the top.
    table: String,
    /// Keys that the table has on other lines.
    present: Vec<&'t str>,
    what: What<'t>,
    /// The text that is replaced.
    start: usize,
    end: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum What<'t> {
    /// `[` at the beginning of a line.
    Header,
    Key,
    Value {
        key: &'t str,
        is_quoted: bool,
    },
    Comment,
}

impl<'t> Place<'t> {
    fn at(text: &'t str, offset: usize) -> Self {
        let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[offset..]
            .find('\n')
            .map_or(text.len(), |at| offset + at);
        let head = &text[line_start..offset];
        let (table, table_start) = table_of(text, line_start);
        let section = &text[table_start..];
        let section_end = section
            .match_indices('\n')
            .map(|(at, _)| at + 1)
            .find(|at| header(section[*at..].lines().next().unwrap_or_default()).is_some())
            .unwrap_or(section.len());
        let present = section[..section_end]
            .lines()
            .filter(|line| !std::ptr::eq(line.as_ptr(), text[line_start..].as_ptr()))
            .filter_map(|line| Some(line.split_once('=')?.0.trim()))
            .collect();
        let opener = open_list(text, table_start, line_start);
        let (string_start, is_comment) = quotes(head);
        let what = if is_comment {
            What::Comment
        } else if let Some(key) = opener.or_else(|| Some(head.split_once('=')?.0.trim())) {
            What::Value {
                key: key.trim_matches(['"', '\'']),
                is_quoted: string_start.is_some(),
            }
        } else if head.trim_start().starts_with('[') {
            What::Header
        } else {
            What::Key
        };
        let (start, end) = match (&what, string_start) {
            (What::Header, _) => (
                line_start + (head.len() - head.trim_start().len()),
                line_end,
            ),
            (_, Some(at)) => {
                let quote = head.as_bytes()[at];
                let close = text[offset..line_end]
                    .bytes()
                    .position(|byte| byte == quote)
                    .map_or(offset, |at| offset + at);
                (line_start + at + 1, close)
            }
            _ => crate::subject::word(text, offset).unwrap_or((offset, offset)),
        };
        Self {
            table,
            present,
            what,
            start: start.min(offset),
            end: floor(text, end.max(offset)),
        }
    }
}

/// The table that a line is in, and where its section begins.
fn table_of(text: &str, line_start: usize) -> (String, usize) {
    let mut end = line_start;
    while end > 0 {
        let start = text[..end - 1].rfind('\n').map_or(0, |at| at + 1);
        if let Some(name) = header(&text[start..end]) {
            return (name.to_owned(), end);
        }
        end = start;
    }
    (String::new(), 0)
}

/// The name of the table that a line begins.
fn header(line: &str) -> Option<&str> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let name = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name)
        .trim();
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// The key of the list that is open where a line begins.
fn open_list(text: &str, table_start: usize, line_start: usize) -> Option<&str> {
    let mut open: Option<&str> = None;
    for line in text.get(table_start..line_start)?.lines() {
        if open.is_none()
            && let Some((key, value)) = line.split_once('=')
            && value.trim_start().starts_with('[')
        {
            open = Some(key.trim());
        }
        let line = line.split('#').next().unwrap_or_default();
        if line.trim_end().ends_with(']') {
            open = None;
        }
    }
    open
}

/// Where the string that is open at the end of a line's beginning begins, and whether that end is in a comment.
fn quotes(head: &str) -> (Option<usize>, bool) {
    let mut open: Option<(usize, u8)> = None;
    let mut escaped = false;
    for (at, byte) in head.bytes().enumerate() {
        match (open, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some((_, b'"')), b'\\') => escaped = true,
            (Some((_, quote)), _) if byte == quote => open = None,
            (None, b'"' | b'\'') => open = Some((at, byte)),
            (None, b'#') => return (None, true),
            _ => {}
        }
    }
    (open.map(|(at, _)| at), false)
}

/// The schema of the configuration.
fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| config::schema().to_value())
}

/// The schema of a table behind a reference, and whether the file can have several.
fn table(property: &Value) -> Option<(&'static Value, bool)> {
    let reference = |value: &Value| -> Option<&'static Value> {
        let name = value["$ref"].as_str()?.strip_prefix("#/$defs/")?;
        schema()["$defs"].get(name)
    };
    if let Some(found) = reference(&property["items"]) {
        return Some((found, true));
    }
    let options = property["anyOf"].as_array();
    let found = reference(property).or_else(|| options?.iter().find_map(reference))?;
    found.get("properties").map(|_| (found, false))
}

fn first_sentence(property: &Value) -> String {
    let text = property["description"].as_str().unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split_once(". ")
        .map_or(text.as_str(), |(first, _)| first)
        .trim_end_matches('.')
        .to_owned()
}

fn properties(table_name: &str) -> Option<&'static serde_json::Map<String, Value>> {
    let top = schema()["properties"].as_object()?;
    if table_name.is_empty() {
        return Some(top);
    }
    table(top.get(table_name)?)?.0["properties"].as_object()
}

/// Whether a property of the top is written as a table of its own.
fn is_table(name: &str, property: &Value) -> bool {
    name == "rules" || table(property).is_some()
}

/// The keys of a table that it does not have yet.
fn keys(table_name: &str, present: &[&str]) -> Vec<Item> {
    properties(table_name)
        .into_iter()
        .flatten()
        .filter(|(name, property)| {
            let is_header = table_name.is_empty() && is_table(name, property);
            !is_header && !present.contains(&name.as_str())
        })
        .map(|(name, property)| Item {
            insert: format!("{name} = "),
            ..Item::new(Kind::Key, name.as_str(), first_sentence(property))
        })
        .collect()
}

/// The tables.
fn headers() -> Vec<Item> {
    properties("")
        .into_iter()
        .flatten()
        .filter(|(name, property)| is_table(name, property))
        .map(|(name, property)| {
            let header = match table(property) {
                Some((_, true)) => format!("[[{name}]]"),
                _ => format!("[{name}]"),
            };
            Item::new(Kind::Key, header, first_sentence(property))
        })
        .collect()
}

/// The rules that can be set.
fn rules() -> Vec<Item> {
    RULES
        .iter()
        .map(|rule| rule.info())
        .filter(|rule| !rule.is_about_the_run())
        .map(|rule| Item::new(Kind::Rule, rule.id, rule.summary))
        .collect()
}

fn words(words: &[&str]) -> Vec<Item> {
    words
        .iter()
        .map(|word| Item::new(Kind::Word, *word, ""))
        .collect()
}

fn values(view: &View<'_>, table: &str, key: &str, typed: &str) -> (Vec<Item>, bool) {
    let items = match (table, key) {
        ("rules", _) => words(&["off", "note", "warning", "error"]),
        (_, "locked") | ("allow", "rule") => rules(),
        ("allow" | "forbid", "permission") => {
            return fitting(view, Wanted::new(None, Form::Name), typed);
        }
        ("allow", "app") | ("forbid", "apps") => apps(view, &|app| {
            let names = [&app.name, &app.address].into_iter().flatten();
            let mut names: Vec<String> = names.map(|name| pattern(name)).collect();
            names.push(pattern(app.path.as_str()));
            names
        }),
        ("app", "name") => apps(view, &|app| {
            let names = [&app.name, &app.app_id].into_iter().flatten();
            names.cloned().collect()
        }),
        ("app", "address") => apps(view, &|app| app.address.iter().cloned().collect()),
        ("app", "manifests") => {
            let folder = view.source.name().parent().unwrap_or(Utf8Path::new(""));
            apps(view, &|app| {
                let path = app.path.strip_prefix(folder).ok();
                path.map(|path| pattern(path.as_str()))
                    .into_iter()
                    .collect()
            })
        }
        ("forbid", "types") => words(&["delegated", "application"]),
        ("app", "account-types") => words(&["work", "personal"]),
        ("", "other-users" | "scan" | "include-tests") => words(&["true", "false"]),
        ("", "version") => words(&["1"]),
        _ => Vec::new(),
    };
    (items, false)
}

/// Each name that the apps of the project have, once.
fn apps(view: &View<'_>, names: &dyn Fn(&entralint_core::plan::AppId) -> Vec<String>) -> Vec<Item> {
    /// Of more apps the list is no help.
    const MOST: usize = 500;
    let mut items: Vec<Item> = Vec::new();
    for app in view.apps {
        for name in names(app) {
            if items.len() < MOST && !items.iter().any(|item| item.label == name) {
                items.push(Item {
                    insert: string(&name),
                    ..Item::new(Kind::App, name, format!("app of {}", app.path))
                });
            }
        }
    }
    items
}

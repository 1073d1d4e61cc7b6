//! JSON that stands in strings and here documents of a script.

use std::ops::Range;

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source_lex::TokenKind;
use uuid::Uuid;

use super::api::{self, Api};
use super::collect::{Collected, Declared, Manner};
use super::follow::{Reached, Reader, words};
use super::scopes::{Scope, scope_name};
use super::shell;
use crate::PermissionType;
use crate::json::tree;
use crate::model::{Means, Unresolved, permission_type};
use crate::resource::{MICROSOFT_GRAPH, is_graph_permission};

/// A body of JSON is not larger.
const MOST_TEXT: usize = 256 * 1024;

/// Reads the string at `at`, if it is JSON about permissions.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let (start, end) = match code.kind(at) {
        TokenKind::Str => match code.content(at) {
            Some(content) => (content.start, content.end),
            None => return,
        },
        _ => match code.pair(at) {
            Some(close) => (code.token(at).end, code.token(close).start),
            None => return,
        },
    };
    let raw = &reader.text[start as usize..(end as usize).max(start as usize)];
    if raw.len() > MOST_TEXT
        || !["resourceAppId", "appRoleId", "\"scope", "scope\\\""]
            .iter()
            .any(|word| raw.contains(word))
    {
        return;
    }
    let json = plain(reader, at, start, raw);
    let options = ParseOptions::default();
    let Ok(parsed) = parse_to_ast(&json, &CollectOptions::default(), &options) else {
        return;
    };
    if let Some(value) = parsed.value {
        let mut walk = Walk {
            reader,
            at,
            base: start,
            out,
        };
        walk.value(&value);
    }
}

/// The text as JSON of the same length: escaped quotes without their escape, holes as `HH…` within a string and `0` outside.
fn plain(reader: &Reader<'_, '_>, at: usize, start: u32, raw: &str) -> String {
    let code = reader.code;
    let mut bytes = raw.as_bytes().to_vec();
    for index in 0..bytes.len().saturating_sub(1) {
        if matches!(bytes[index], b'\\' | b'`') && bytes[index + 1] == b'"' {
            bytes[index] = b' ';
        }
    }
    if code.kind(at) == TokenKind::StrOpen {
        let close = code.pair(at).unwrap_or(at);
        let mut hole = at + 1;
        let mut quoted = false;
        let mut seen = 0_usize;
        while hole < close {
            if code.kind(hole) == TokenKind::StrText {
                hole += 1;
                continue;
            }
            let token = code.token(hole);
            let stop = code
                .pair(hole)
                .map_or(token.end, |pair| code.token(pair).end);
            let from = (token.start - start) as usize;
            let to = ((stop - start) as usize).min(bytes.len());
            if from > to {
                break;
            }
            quoted ^= bytes[seen..from]
                .iter()
                .filter(|byte| **byte == b'"')
                .count()
                % 2
                == 1;
            for (offset, byte) in bytes[from..to].iter_mut().enumerate() {
                *byte = match (quoted, offset) {
                    (true, _) => b'H',
                    (false, 0) => b'0',
                    (false, _) => b' ',
                };
            }
            seen = to;
            hole = code.skip(hole).max(hole + 1);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Walk<'r, 'c, 't, 'o, 's> {
    reader: &'r Reader<'c, 't>,
    /// The string.
    at: usize,
    /// Offset of its content.
    base: u32,
    out: &'o mut Collected<'s>,
}

impl Walk<'_, '_, '_, '_, '_> {
    /// The API of a resource's id: a literal, or what reaches the hole that begins where the literal does.
    fn api(&self, resource: &StringLit<'_>) -> Api {
        if let Ok(id) = Uuid::try_parse(&resource.value) {
            return if id == MICROSOFT_GRAPH {
                Api::Graph
            } else {
                Api::Other
            };
        }
        let place = self.base + u32::try_from(resource.range.start + 1).unwrap_or_default();
        let close = self.reader.code.pair(self.at).unwrap_or(self.at);
        let hole = (self.at..close).find(|&token| {
            self.reader.code.token(token).start == place
                && matches!(
                    self.reader.code.kind(token),
                    TokenKind::Var | TokenKind::HoleOpen | TokenKind::Open
                )
        });
        let Some(hole) = hole else {
            return Api::Unknown;
        };
        let end = self.reader.code.skip(hole).max(hole + 1);
        let ways = self.reader.ways(self.at);
        let found = ways
            .iter()
            .map(|way| api::of(self.reader, hole..end, way))
            .find(|api| *api != Api::Unknown);
        found.unwrap_or(Api::Unknown)
    }

    fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::Object(object) => {
                self.object(object);
                for property in &object.properties {
                    self.value(&property.value);
                }
            }
            Value::Array(list) => list.elements.iter().for_each(|element| self.value(element)),
            _ => {}
        }
    }

    fn object(&mut self, object: &Object<'_>) {
        if let Some(resource) = tree::string(object, "resourceAppId") {
            let api = self.api(resource);
            if api == Api::Graph || (api == Api::Unknown && self.reader.only_graph()) {
                self.accesses(object);
            }
        }
        let used_at = self.used_at();
        let manner = |means, permission_type| Manner::new(means, permission_type, used_at);
        let Some(resource) = tree::string(object, "resourceId") else {
            return;
        };
        let api = self.api(resource);
        if api == Api::Other {
            return;
        }
        if let Some(id) = tree::string(object, "appRoleId") {
            // An id that a variable holds was looked up by name.
            let id_value = Uuid::try_parse(&id.value).ok().filter(|id| !id.is_nil());
            if id_value.is_some_and(|id| api == Api::Graph || is_graph_permission(id)) {
                let manner = manner(Means::Granted, Some(PermissionType::Application));
                self.push(&id.value, id.range.start, id.range.end, None, manner);
            }
        }
        let grant = api == Api::Graph || self.reader.only_graph();
        if let Some(scope) = tree::string(object, "scope").filter(|_| grant) {
            let manner = manner(Means::Granted, Some(PermissionType::Delegated));
            let inside = scope.range.start + 1;
            for (offset, word) in words(&scope.value) {
                if let Scope::Graph(name) = scope_name(word)
                    && (!name.contains('H') || crate::label::is_exactly_a_permission(name))
                {
                    self.push(
                        name,
                        inside + offset,
                        inside + offset + word.len(),
                        None,
                        manner,
                    );
                }
            }
        }
    }

    fn accesses(&mut self, object: &Object<'_>) {
        let Some(Value::Array(list)) = tree::value(object, "resourceAccess") else {
            return;
        };
        for element in &list.elements {
            let Some(element) = element.as_object() else {
                // `"resourceAccess": [ $list ]`: a hole in the place of elements.
                if let Some(hole) = self.hole(element.range().start) {
                    self.joined(hole);
                }
                continue;
            };
            let Some(id) = tree::value(element, "id") else {
                continue;
            };
            let manner = Manner::new(
                Means::Requested,
                tree::string(element, "type").and_then(|ty| permission_type(&ty.value)),
                self.used_at(),
            );
            let range = id.range();
            match id.as_string_lit() {
                Some(literal) if !literal.value.starts_with('H') => {
                    self.push(&literal.value, range.start, range.end, None, manner)
                }
                Some(_) => self.id_of_hole(range.start + 1, manner),
                None => self.id_of_hole(range.start, manner),
            }
        }
    }

    /// The token of the hole that begins at an offset of the content.
    fn hole(&self, offset: usize) -> Option<usize> {
        let code = self.reader.code;
        let place = self.base + u32::try_from(offset).unwrap_or_default();
        let close = code.pair(self.at).unwrap_or(self.at);
        (self.at + 1..close).find(|&token| {
            code.token(token).start == place
                && matches!(
                    code.kind(token),
                    TokenKind::Var | TokenKind::HoleOpen | TokenKind::Open
                )
        })
    }

    /// An id that a variable holds. One that was looked up by name is the look-up's.
    fn id_of_hole(&mut self, offset: usize, manner: Manner) {
        let Some(hole) = self.hole(offset) else {
            return;
        };
        self.ids(self.inside(hole), manner);
    }

    /// The tokens of a hole: a variable, or what stands in its brackets.
    fn inside(&self, hole: usize) -> Range<usize> {
        match self.reader.code.pair(hole) {
            Some(close) if close > hole => hole + 1..close,
            _ => hole..hole + 1,
        }
    }

    fn ids(&mut self, tokens: Range<usize>, manner: Manner) {
        for way in self.reader.ways(self.at) {
            let mut reached = Reached::default();
            shell::values(self.reader, tokens.clone(), &way, &mut reached);
            for literal in reached.literals {
                if Uuid::try_parse(&literal.text).is_ok() {
                    self.out.push(literal, manner);
                }
            }
            for unknown in reached.unknown {
                let looked_up = matches!(&unknown.unknown, Some(Unresolved::Unknown(reason))
                    if reason.trim_end_matches('`').to_ascii_lowercase().ends_with(".id"));
                if !looked_up {
                    self.out.push(unknown, manner);
                }
            }
        }
    }

    /// Elements that strings of the script write, one for each item of a list, and that are joined:
    /// `($list | ForEach-Object { "{`"id`":`"$($_.id)`",`"type`":`"Role`"}" }) -join ','`.
    fn joined(&mut self, hole: usize) {
        let code = self.reader.code;
        let assignments = code.reaching(code.name(hole), hole, false);
        for assignment in assignments {
            let start = assignment.value as usize;
            for open in start..self.reader.statement_end(start) {
                if code.kind(open) != TokenKind::StrOpen || !self.reader.spend(1) {
                    continue;
                }
                let close = code.pair(open).unwrap_or(open);
                let (from, to) = (code.token(open).start, code.token(close).end);
                let text = &self.reader.text[from as usize..to as usize];
                let ty = ["Role", "Scope"]
                    .iter()
                    .find(|word| text.contains(**word))
                    .and_then(|word| permission_type(word));
                let manner = Manner::new(Means::Requested, ty, self.used_at());
                let mut at = open + 1;
                while at < close {
                    if code.kind(at) != TokenKind::StrText {
                        self.ids(self.inside(at), manner);
                    }
                    at = code.skip(at).max(at + 1);
                }
            }
        }
    }

    fn used_at(&self) -> (u32, u32) {
        self.reader.offsets(self.at..self.at + 1)
    }

    fn push(
        &mut self,
        text: &str,
        start: usize,
        end: usize,
        unknown: Option<Unresolved>,
        manner: Manner,
    ) {
        let offset = |at: usize| self.base + u32::try_from(at).unwrap_or_default();
        let declared = Declared {
            unknown,
            ..Declared::literal(text, offset(start), offset(end))
        };
        self.out.push(declared, manner);
    }
}

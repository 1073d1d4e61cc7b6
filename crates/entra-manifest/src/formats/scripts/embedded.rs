//! JSON that stands in strings and here documents of a script.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source_lex::TokenKind;
use uuid::Uuid;

use super::api;
use super::collect::{Collected, Declared, Manner};
use super::powershell::{Scope, scope_name};
use super::reach::{Reader, words};
use crate::PermissionType;
use crate::json::tree;
use crate::model::{Means, Unresolved, permission_type};
use crate::resource::MICROSOFT_GRAPH;

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
            base: start,
            used_at: reader.offsets(at..at + 1),
            graph: api::only_graph(reader.text),
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

struct Walk<'o, 's> {
    base: u32,
    used_at: (u32, u32),
    graph: bool,
    out: &'o mut Collected<'s>,
}

impl Walk<'_, '_> {
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
            let api = Uuid::try_parse(&resource.value).ok();
            if api == Some(MICROSOFT_GRAPH)
                || (api.is_none() && resource.value.starts_with('H') && self.graph)
            {
                self.accesses(object);
            }
        }
        let used_at = self.used_at;
        let manner = |means, permission_type| Manner {
            means,
            permission_type,
            used_at,
            resource: None,
            branch: false,
        };
        let grant = tree::value(object, "resourceId").is_some() && self.graph;
        if let Some(id) = tree::string(object, "appRoleId").filter(|_| grant) {
            // An id that a variable holds was looked up by name.
            if Uuid::try_parse(&id.value).is_ok_and(|id| !id.is_nil()) {
                let manner = manner(Means::Granted, Some(PermissionType::Application));
                self.push(&id.value, id.range.start, id.range.end, None, manner);
            }
        }
        if let Some(scope) = tree::string(object, "scope").filter(|_| grant) {
            let manner = manner(Means::Granted, Some(PermissionType::Delegated));
            let inside = scope.range.start + 1;
            for (offset, word) in words(&scope.value) {
                if let Scope::Graph(name) = scope_name(word) {
                    if !name.contains('H') || crate::label::is_exactly_a_permission(name) {
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
    }

    fn accesses(&mut self, object: &Object<'_>) {
        let Some(Value::Array(list)) = tree::value(object, "resourceAccess") else {
            return;
        };
        for element in &list.elements {
            let Some(element) = element.as_object() else {
                continue;
            };
            let Some(id) = tree::value(element, "id") else {
                continue;
            };
            let manner = Manner {
                means: Means::Requested,
                permission_type: tree::string(element, "type")
                    .and_then(|ty| permission_type(&ty.value)),
                used_at: self.used_at,
                resource: None,
                branch: false,
            };
            let range = id.range();
            match id.as_string_lit() {
                Some(literal) if !literal.value.starts_with('H') => {
                    self.push(&literal.value, range.start, range.end, None, manner)
                }
                _ => self.push(
                    "",
                    range.start,
                    range.end,
                    Some(Unresolved::Unknown("comes from a variable".into())),
                    manner,
                ),
            }
        }
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
            text: text.to_owned(),
            start: offset(start),
            end: offset(end),
            unknown,
        };
        self.out.push(declared, manner);
    }
}

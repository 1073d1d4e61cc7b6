//! Queries in JMESPath and jq that look a permission up by its name.

use std::ops::Range;

use source_lex::TokenKind;

use super::follow::{api_of, values};
use super::line::{Line, line_start};
use crate::PermissionType;
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::formats::scripts::follow::{Reached, Reader, Way};
use crate::label::is_exactly_a_permission;
use crate::model::Means;

/// A query in a string: `appRoles[?value=='User.Read.All'].id`, `.appRoles[] | select(.value == $name)`.
pub(super) fn lookup(reader: &Reader<'_, '_>, at: usize, means: Means, out: &mut Collected<'_>) {
    let code = reader.code;
    let close = if code.kind(at) == TokenKind::StrOpen {
        code.pair(at).unwrap_or(at)
    } else {
        at
    };
    let (start, end) = (
        code.token(at).start as usize,
        code.token(close).end as usize,
    );
    let query = &reader.text[start..end.max(start)];
    let permission_type = if query.contains("appRoles") {
        PermissionType::Application
    } else if query.contains("oauth2Permission") || query.contains("publishedPermissionScopes") {
        PermissionType::Delegated
    } else {
        return;
    };
    let line = Line::read(reader, line_start(reader, at));
    for way in reader.ways(at) {
        if holder(reader, &line, at, query, &way) != Api::Graph {
            continue;
        }
        let manner = Manner {
            means,
            permission_type: Some(permission_type),
            used_at: (
                u32::try_from(start).unwrap_or_default(),
                u32::try_from(end).unwrap_or_default(),
            ),
            condition: condition(reader, at),
        };
        let mut reached = Reached::default();
        compared(
            reader,
            &line,
            at..close + 1,
            query,
            start,
            &way,
            &mut reached,
        );
        for literal in reached.literals {
            if is_exactly_a_permission(&literal.text) {
                out.push(literal, manner);
            }
        }
        for unknown in reached.unknown {
            out.push(unknown, manner);
        }
    }
}

/// The condition of the `if` of a function that a place stands in.
fn condition(reader: &Reader<'_, '_>, at: usize) -> Option<(u32, u32)> {
    let code = reader.code;
    let start = code
        .function_of(at)
        .map_or(0, |function| function.start as usize);
    if !reader.spend(at.saturating_sub(start)) {
        return None;
    }
    let mut open = Vec::new();
    for token in start..at {
        if code.kind(token) == TokenKind::Word && reader.begins_command(token) {
            match code.text(token) {
                "if" => open.push(token),
                "fi" => {
                    open.pop();
                }
                _ => {}
            }
        }
    }
    let first = open.last()? + 1;
    let then = (first..at).find(|&token| code.text(token) == "then")?;
    let last = if code.is(then - 1, ";") {
        then - 1
    } else {
        then
    };
    (first < last).then(|| reader.offsets(first..last))
}

/// What `value` is compared with.
pub(super) fn compared(
    reader: &Reader<'_, '_>,
    line: &Line,
    string: Range<usize>,
    query: &str,
    base: usize,
    way: &Way,
    out: &mut Reached,
) {
    let code = reader.code;
    for (at, _) in query.match_indices("value") {
        let rest = &query[at + 5..];
        let operator = rest.trim_start();
        let Some(operand) = operator.strip_prefix("==") else {
            continue;
        };
        let operand = operand.trim_start_matches([' ', '\\', '\'', '"', '`']);
        let offset = query.len() - operand.len();
        let place = base + offset;
        if let Some(variable) = operand.strip_prefix('$') {
            // A variable of the shell, or one that jq was given: `--arg name "$value"`.
            let hole = string.clone().find(|&token| {
                code.kind(token) == TokenKind::Var && code.token(token).start as usize == place
            });
            if let Some(hole) = hole {
                values(reader, hole..hole + 1, way, 0, out);
                continue;
            }
            let name: String = variable
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            let given = (0..line.words.len()).find(|&index| {
                line.text(reader, index) == "--arg" && line.text(reader, index + 1) == name
            });
            if let Some(word) = given.and_then(|index| line.words.get(index + 2)) {
                values(reader, word.clone(), way, 0, out);
            }
            continue;
        }
        let length = operand
            .find(['\'', '"', '`', '\\', ')', ']', ' '])
            .unwrap_or(operand.len());
        let text = &operand[..length];
        let number = |at: usize| u32::try_from(at).unwrap_or_default();
        let (start, end) = (number(place), number(place + length));
        out.literals.push(Declared::literal(text, start, end));
    }
}

/// Whose roles a query looks at: the service principal of the same command, or of the value that is piped in.
pub(super) fn holder(
    reader: &Reader<'_, '_>,
    line: &Line,
    at: usize,
    query: &str,
    way: &Way,
) -> Api {
    if let Some(word) = line.option(reader, "--id").first() {
        return api_of(reader, word.clone(), way);
    }
    if query.contains("00000003-0000-0000-c000-000000000000") {
        return Api::Graph;
    }
    // `echo "$sp" | jq …`, `jq … <<< "$sp"`: what the variable was set to.
    let code = reader.code;
    let start = reader.pipeline_start(line_start(reader, at));
    for token in start..line.words.last().map_or(at, |word| word.end) {
        if code.kind(token) != TokenKind::Var || token == at {
            continue;
        }
        for assignment in code.reaching(code.name(token), token, false) {
            let value = assignment.value as usize;
            let end = code
                .pair(value)
                .unwrap_or_else(|| code.expression_end(value));
            let command = (value..end).find(|&inner| code.text(inner) == "az");
            if let Some(command) = command
                && let Some(word) = Line::read(reader, command).option(reader, "--id").first()
            {
                return api_of(reader, word.clone(), way);
            }
            let found = api::of(reader, value..end, way);
            if found != Api::Unknown {
                return found;
            }
        }
    }
    if reader.only_graph() {
        Api::Graph
    } else {
        Api::Unknown
    }
}

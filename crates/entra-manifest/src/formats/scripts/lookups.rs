//! Permissions that a script looks up by name in a service principal: `$sp.AppRoles | Where-Object Value -eq $name`.

use std::ops::Range;

use source_lex::TokenKind;

use super::api::{self, Api};
use super::collect::{Collected, Manner};
use super::reach::{Reached, Reader, Uses, Way};
use crate::PermissionType;
use crate::label::is_exactly_a_permission;
use crate::model::Means;

/// A loop or a variable between the look-up and the service principal.
const MOST_DEPTH: usize = 6;

/// The look-up whose comparison is the operator `at`.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let contains = code.text(at).eq_ignore_ascii_case("-contains");
    let (value, names) = if contains {
        (
            at + 1..operand_end(reader, at + 1),
            operand_start(reader, at)..at,
        )
    } else {
        (
            operand_start(reader, at)..at,
            at + 1..operand_end(reader, at + 1),
        )
    };
    if value.is_empty() || names.is_empty() {
        return;
    }
    // `$_.Value`, `$role.Value`, or `Value` alone behind Where-Object.
    let last = value.end - 1;
    if !code.text(last).eq_ignore_ascii_case("value") || code.kind(last) != TokenKind::Word {
        return;
    }
    let means = match reader.uses() {
        Uses::Grants => Means::Granted,
        Uses::Requests => Means::Requested,
        Uses::Nothing => return,
    };
    for way in reader.ways(at) {
        let Some((permission_type, holder, holder_way)) =
            collection(reader, value.clone(), at, &way)
        else {
            continue;
        };
        let api = match api::of(reader, holder, &holder_way) {
            Api::Unknown if reader.only_graph() => Api::Graph,
            api => api,
        };
        if api != Api::Graph {
            continue;
        }
        let mut reached = Reached::default();
        reader.reach(names.clone(), &way, 0, &mut reached);
        let manner = Manner {
            means,
            permission_type: Some(permission_type),
            used_at: reader.offsets(value.start..names.end.max(value.end)),
            resource: None,
            branch: false,
        };
        for literal in reached.literals {
            // `"User.Read|Mail.Read"` is split by the script itself.
            for part in parts(literal) {
                if is_exactly_a_permission(&part.text) {
                    out.push(part, manner);
                }
            }
        }
        for unknown in reached.unknown {
            out.push(unknown, manner);
        }
    }
}

/// The parts of a literal that a script splits at bars.
fn parts(literal: super::collect::Declared) -> Vec<super::collect::Declared> {
    if !literal.text.contains('|') {
        return vec![literal];
    }
    // The place of a whole string includes its quotes.
    let quote = u32::from((literal.end - literal.start) as usize > literal.text.len());
    let mut start = literal.start + quote;
    literal
        .text
        .split('|')
        .map(|text| {
            let length = u32::try_from(text.len()).unwrap_or_default();
            let part = super::collect::Declared {
                text: text.to_owned(),
                start,
                end: start + length,
                unknown: None,
                element: None,
            };
            start += length + 1;
            part
        })
        .collect()
}

/// A collection of permissions: its type, the tokens of the service principal that has it, and the way to those.
type Collection = (PermissionType, Range<usize>, Way);

/// Which collection of permissions a value is an element's of.
fn collection(
    reader: &Reader<'_, '_>,
    value: Range<usize>,
    at: usize,
    way: &Way,
) -> Option<Collection> {
    let code = reader.code;
    let first = value.start;
    if code.kind(first) != TokenKind::Var {
        // `… | Where-Object Value -eq …`: what is piped into the command.
        let bar = (0..first)
            .rev()
            .take(6)
            .find(|&token| code.is(token, "|"))?;
        return within(reader, reader.statement_start(bar)..bar, way, 0);
    }
    let name = code.name(first).to_ascii_lowercase();
    if matches!(name.as_str(), "_" | "psitem") {
        return within(reader, reader.piped(at)?, way, 0);
    }
    bound(reader, first, way, 0)
}

/// The collection that a variable runs over, or was set to.
fn bound(reader: &Reader<'_, '_>, variable: usize, way: &Way, depth: usize) -> Option<Collection> {
    if depth > MOST_DEPTH {
        return None;
    }
    let name = reader.code.name(variable);
    if matches!(name.to_ascii_lowercase().as_str(), "_" | "psitem") {
        return within(reader, reader.piped(variable)?, way, depth + 1);
    }
    if let Some(range) = reader.loop_over(variable, name) {
        return within(reader, range, way, depth + 1);
    }
    let set = reader
        .code
        .reaching(name, variable, false)
        .into_iter()
        .find_map(|assignment| {
            let start = assignment.value as usize;
            within(reader, start..reader.statement_end(start), way, depth + 1)
        });
    set.or_else(|| {
        reader
            .given(variable, name, way)
            .into_iter()
            .find_map(|(range, rest)| within(reader, range, &rest, depth + 1))
    })
}

/// The collection that some tokens name: `$sp.AppRoles`.
fn within(
    reader: &Reader<'_, '_>,
    range: Range<usize>,
    way: &Way,
    depth: usize,
) -> Option<Collection> {
    let code = reader.code;
    if !reader.spend(range.len() + 1) {
        return None;
    }
    for at in range.clone() {
        if code.kind(at) != TokenKind::Word {
            continue;
        }
        let permission_type = match code.text(at).to_ascii_lowercase().as_str() {
            "approles" => PermissionType::Application,
            "oauth2permissions" | "oauth2permissionscopes" | "publishedpermissionscopes" => {
                PermissionType::Delegated
            }
            _ => continue,
        };
        // What stands before the dot, or, where it was expanded by Select-Object, the whole.
        let holder = if at >= 1 && code.is_dot(at - 1) {
            code.chain_start(at).max(range.start)..at
        } else {
            range
        };
        return Some((permission_type, holder, way.clone()));
    }
    let variable = range.clone().find(|&at| code.kind(at) == TokenKind::Var)?;
    bound(reader, variable, way, depth + 1)
}

/// The first token of the operand before an operator.
fn operand_start(reader: &Reader<'_, '_>, at: usize) -> usize {
    let code = reader.code;
    let mut start = at;
    while let Some(before) = start.checked_sub(1) {
        let stops = match code.kind(before) {
            TokenKind::Open | TokenKind::HoleOpen => true,
            TokenKind::Punct => matches!(code.text(before), "|" | ";" | "=" | "?" | "!"),
            TokenKind::Word => {
                let text = code.text(before);
                text.starts_with('-')
                    || text.eq_ignore_ascii_case("where-object")
                    || text.eq_ignore_ascii_case("where")
            }
            _ => false,
        };
        if stops || (code.token(start).newline && start < at) {
            break;
        }
        start = match code.kind(before) {
            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose => code
                .pair(before)
                .filter(|pair| *pair < before)
                .unwrap_or(before),
            _ => before,
        };
    }
    start
}

/// The token after the operand behind an operator.
fn operand_end(reader: &Reader<'_, '_>, start: usize) -> usize {
    let code = reader.code;
    let mut at = start;
    while at < code.len() {
        let ends = match code.kind(at) {
            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose | TokenKind::Outside => {
                true
            }
            TokenKind::Punct => matches!(code.text(at), "|" | ";" | "&&" | "||"),
            TokenKind::Word => code.text(at).starts_with('-'),
            _ => false,
        };
        if ends || (at > start && code.token(at).newline && !code.is(at - 1, ",")) {
            break;
        }
        at = code.skip(at).max(at + 1);
    }
    at
}

//! Permissions that a script looks up by name in a service principal: `$sp.AppRoles | Where-Object Value -eq $name`.

use std::ops::Range;

use source_lex::TokenKind;

use super::{Reached, Reader, Way};
use crate::PermissionType;
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::label::is_exactly_a_permission;

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
    declare(reader, value, at, names, out);
}

/// `$idOf[$name]`, where the script filled the table before: `$idOf[$role.Value] = $role.Id`.
pub(super) fn indexed(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let open = at + 1;
    if !code.is(open, "[") || code.token(open).start != code.token(at).end {
        return;
    }
    let close = code.pair(open).unwrap_or(open);
    // Not where it is filled, nor by number.
    if code.is(close + 1, "=") || close <= open + 1 || code.kind(open + 1) == TokenKind::Number {
        return;
    }
    let Some(filled) = reader.filled(code.name(at)) else {
        return;
    };
    declare(reader, filled.clone(), filled.start, open + 1..close, out);
}

/// What is looked up: `names` among the values of the collection that `value`, at `at`, is an element's of.
fn declare(
    reader: &Reader<'_, '_>,
    value: Range<usize>,
    at: usize,
    names: Range<usize>,
    out: &mut Collected<'_>,
) {
    let Some(means) = reader.uses().means() else {
        return;
    };
    for way in reader.ways(names.start) {
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
        let manner = Manner::new(means, Some(permission_type), reader.offsets(names.clone()));
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
fn parts(literal: Declared) -> Vec<Declared> {
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
            let end = start + u32::try_from(text.len()).unwrap_or_default();
            let part = Declared::literal(text, start, end);
            start = end + 1;
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
        start = code
            .skip_back(before)
            .map_or(0, |earlier| earlier + 1)
            .min(before);
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

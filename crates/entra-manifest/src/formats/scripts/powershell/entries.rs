//! Entries of `requiredResourceAccess` as PowerShell builds them: tables, typed objects, `.Add`.

use std::ops::Range;

use source_lex::TokenKind;
use uuid::Uuid;

use super::{Reached, Reader, Way, arguments, command};
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::label::is_exactly_a_permission;
use crate::model::{Means, Unresolved, permission_type};

pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        if code.kind(at) != TokenKind::Word && code.kind(at) != TokenKind::Str {
            continue;
        }
        if !code.name(at).eq_ignore_ascii_case("ResourceAccess") {
            continue;
        }
        let member = at >= 2 && code.is_dot(at - 1);
        let value = if code.is(at + 1, "=") || code.is(at + 1, "+=") {
            at + 2..reader.statement_end(at + 2)
        } else if member
            && code.is_dot(at + 1)
            && code.text(at + 2).to_ascii_lowercase().starts_with("add")
            && code.is(at + 3, "(")
        {
            at + 4..code.pair(at + 3).unwrap_or(at + 4)
        } else {
            continue;
        };
        let resource = if member {
            // `$required.ResourceAppId = …`
            let object = code.name(at - 2);
            reader
                .set_members(object, "ResourceAppId")
                .first()
                .map(|assignment| {
                    let start = assignment.value as usize;
                    start..reader.statement_end(start)
                })
        } else {
            let Some(table) = code.up(at).filter(|up| code.text(*up).ends_with('{')) else {
                continue;
            };
            reader.element(table, "ResourceAppId")
        };
        for way in reader.ways(at) {
            let api = match resource.clone() {
                Some(resource) => api::of(reader, resource, &way),
                None if member && reader.only_graph() => Api::Graph,
                None => Api::Unknown,
            };
            let manner = Manner::new(Means::Requested, None, reader.offsets(at..value.end));
            if api == Api::Graph {
                accesses(reader, value.clone(), &way, manner, out);
            }
        }
    }
}

/// `Add-EntraRequiredResourceAccessToAgentIdentityBlueprint -ResourceAccess @(@{id = …; type = …})`: of Microsoft Graph,
/// where it does not say otherwise.
/// <https://learn.microsoft.com/en-us/powershell/module/microsoft.entra.applications/add-entrarequiredresourceaccesstoagentidentityblueprint>
pub(super) fn command_of_blueprint(
    reader: &Reader<'_, '_>,
    at: usize,
    lower: &str,
    out: &mut Collected<'_>,
) {
    if !matches!(
        lower,
        "add-entrarequiredresourceaccesstoagentidentityblueprint"
            | "add-entrabetarequiredresourceaccesstoagentidentityblueprint"
    ) {
        return;
    }
    let command = command(reader.code, at);
    let manner = Manner::new(Means::Requested, None, reader.offsets(at..command.end));
    for way in reader.ways(at) {
        let other = arguments(reader, &command, "resourceappid", &way)
            .into_iter()
            .any(|id| api::of(reader, id, &way) != Api::Graph);
        if !other {
            for value in arguments(reader, &command, "resourceaccess", &way) {
                accesses(reader, value, &way, manner, out);
            }
        }
    }
}

/// The elements that reach `ResourceAccess`.
fn accesses(
    reader: &Reader<'_, '_>,
    value: Range<usize>,
    way: &Way,
    manner: Manner,
    out: &mut Collected<'_>,
) {
    let mut reached = Reached::default();
    reader.reach(value, way, 0, &mut reached);
    for table in &reached.tables {
        let (id, ty) = (reader.element(*table, "Id"), reader.element(*table, "Type"));
        let close = reader.code.pair(*table).unwrap_or(*table);
        let around = reader.offsets(*table..close + 1);
        element(reader, id, ty, way, manner, around, out);
    }
    for object in &reached.objects {
        typed_object(reader, *object, way, manner, out);
    }
    // A list that a caller gives.
    for unknown in reached.unknown {
        if unknown.unknown == Some(Unresolved::DependsOnCaller) {
            out.push(unknown, manner);
        }
    }
}

/// `New-Object …ResourceAccess -ArgumentList "…", "Role"`, `[…ResourceAccess]::new("…", "Role")`, `-Property @{…}`, or
/// members that are set afterwards.
fn typed_object(
    reader: &Reader<'_, '_>,
    object: usize,
    way: &Way,
    manner: Manner,
    out: &mut Collected<'_>,
) {
    let code = reader.code;
    let end = code.expression_end(object);
    let around = reader.offsets(object..end);
    let mut id = None;
    let mut ty = None;
    for at in object..end {
        if code.text(at).ends_with('{') && at > 0 && code.is(at - 1, "@") {
            let (id, ty) = (reader.element(at, "Id"), reader.element(at, "Type"));
            if id.is_some() {
                return element(reader, id, ty, way, manner, around, out);
            }
        }
        if code.kind(at) == TokenKind::Str || code.kind(at) == TokenKind::Var {
            let mut reached = Reached::default();
            reader.reach(at..at + 1, way, 0, &mut reached);
            for literal in &reached.literals {
                if Uuid::try_parse(&literal.text).is_ok() {
                    id.get_or_insert(at..at + 1);
                } else if permission_type(&literal.text).is_some() {
                    ty.get_or_insert(at..at + 1);
                }
            }
        }
    }
    if id.is_none() {
        // The variable that holds it.
        let Some(name) = object
            .checked_sub(2)
            .filter(|&name| code.kind(name) == TokenKind::Var && code.is(object - 1, "="))
        else {
            return;
        };
        let member = |member| {
            reader
                .set_members(code.name(name), member)
                .into_iter()
                .find(|assignment| assignment.name as usize > object)
                .map(|assignment| {
                    let start = assignment.value as usize;
                    start..code.expression_end(start)
                })
        };
        id = member("Id");
        ty = member("Type");
    }
    element(reader, id, ty, way, manner, around, out);
}

/// One element: its id and its type.
fn element(
    reader: &Reader<'_, '_>,
    id: Option<Range<usize>>,
    ty: Option<Range<usize>>,
    way: &Way,
    manner: Manner,
    around: (u32, u32),
    out: &mut Collected<'_>,
) {
    let Some(id) = id else {
        return;
    };
    let mut types = Reached::default();
    if let Some(ty) = ty {
        reader.reach(ty, way, 0, &mut types);
    }
    let manner = Manner {
        permission_type: types.only().and_then(permission_type),
        ..manner
    };
    let mut ids = Reached::default();
    reader.reach(id.clone(), way, 0, &mut ids);
    for mut literal in ids.literals {
        if Uuid::try_parse(&literal.text).is_ok() || is_exactly_a_permission(&literal.text) {
            literal.element =
                (around.0 < literal.start && literal.end <= around.1).then_some(around);
            out.push(literal, manner);
        }
    }
    // The id of what was looked up by name belongs to that look-up: `$role.Id`, also by another variable.
    let last = reader.code.text(id.end - 1);
    let own = last.eq_ignore_ascii_case("id") || last == ")";
    let by_variable = ids.unknown.iter().all(|unknown| {
        matches!(&unknown.unknown, Some(Unresolved::Unknown(reason))
            if reason.trim_end_matches('`').to_ascii_lowercase().ends_with(".id"))
    });
    if !ids.unknown.is_empty() && !own && !by_variable {
        let reason = ids.unknown[0]
            .unknown
            .clone()
            .unwrap_or(Unresolved::Expression);
        let (start, end) = reader.offsets(id);
        let text = &reader.text[start as usize..end as usize];
        out.push(Declared::unknown(text, start, end, reason), manner);
    }
}

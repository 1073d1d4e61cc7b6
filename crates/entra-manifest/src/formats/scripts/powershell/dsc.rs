//! Applications of Microsoft365DSC: `AADApplication` with blocks of `MSFT_AADApplicationPermission`.
//! <https://microsoft365dsc.com/resources/azure-ad/AADApplication/>

use std::ops::Range;

use source_lex::TokenKind;

use super::{Reached, Reader};
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Manner};
use crate::label::is_exactly_a_permission;
use crate::model::{Means, Unresolved, permission_type};

/// `MSFT_AADApplicationPermission { Name = …; Type = …; SourceAPI = … }`
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, lower: &str, out: &mut Collected<'_>) {
    if lower == "msft_aadapplicationpermission" && reader.code.is(at + 1, "{") {
        permission(reader, at + 1, out);
    }
}

/// The same as a table of configuration data: `@{ Name = …; Type = …; SourceAPI = … }`.
pub(super) fn table(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    if !code.name(at).eq_ignore_ascii_case("SourceAPI") || !code.is(at + 1, "=") {
        return;
    }
    if let Some(table) = code.up(at).filter(|up| {
        code.text(*up).ends_with('{') && *up > 0 && code.kind(*up - 1) != TokenKind::Word
    }) {
        permission(reader, table, out);
    }
}

fn permission(reader: &Reader<'_, '_>, table: usize, out: &mut Collected<'_>) {
    let (Some(name), Some(api)) = (
        reader.element(table, "Name"),
        reader.element(table, "SourceAPI"),
    ) else {
        return;
    };
    let close = reader.code.pair(table).unwrap_or(table);
    let around = reader.offsets(table..close + 1);
    for way in reader.ways(table) {
        if api::of(reader, api.clone(), &way) != Api::Graph {
            continue;
        }
        let ty = reader
            .element(table, "Type")
            .and_then(|ty| only(reader, ty, &way))
            .and_then(|word| type_of(&word));
        let manner = Manner::new(Means::Requested, ty, reader.offsets(name.clone()));
        let mut reached = Reached::default();
        reader.reach(name.clone(), &way, 0, &mut reached);
        for mut literal in reached.literals {
            if is_exactly_a_permission(&literal.text) {
                literal.element =
                    (around.0 < literal.start && literal.end <= around.1).then_some(around);
                out.push(literal, manner);
            }
        }
        for mut unknown in reached.unknown {
            unknown.unknown.get_or_insert(Unresolved::Expression);
            out.push(unknown, manner);
        }
    }
}

/// `Delegated`, `AppOnly`.
fn type_of(word: &str) -> Option<crate::PermissionType> {
    if word.eq_ignore_ascii_case("apponly") {
        return Some(crate::PermissionType::Application);
    }
    permission_type(word)
}

fn only(reader: &Reader<'_, '_>, range: Range<usize>, way: &[(usize, usize)]) -> Option<String> {
    let mut reached = Reached::default();
    reader.reach(range, way, 0, &mut reached);
    reached.only().map(str::to_owned)
}

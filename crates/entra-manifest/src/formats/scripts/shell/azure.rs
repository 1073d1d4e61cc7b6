//! `az ad app permission add` and `grant`.

use uuid::Uuid;

use super::follow::{api_of, values};
use super::line::Line;
use crate::PermissionType;
use crate::formats::scripts::api::Api;
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::formats::scripts::follow::{Reached, Reader};
use crate::formats::scripts::scopes::{is_published, push_names};
use crate::model::{Means, permission_type};

/// `az ad app permission add|grant`
pub(super) fn azure(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let line = Line::read(reader, at);
    let adds = line.begins(reader, &["ad", "app", "permission", "add"]);
    let grants = line.begins(reader, &["ad", "app", "permission", "grant"]);
    if !adds && !grants {
        return;
    }
    for way in reader.ways(at) {
        let api = line
            .option(reader, "--api")
            .first()
            .map_or(Api::Unknown, |word| api_of(reader, word.clone(), &way));
        if api != Api::Graph {
            continue;
        }
        let used_at = line.offsets(reader);
        if grants {
            let mut reached = Reached::default();
            for word in line.option(reader, "--scope") {
                values(reader, word, &way, 0, &mut reached);
            }
            let manner = Manner::new(Means::Granted, Some(PermissionType::Delegated), used_at);
            push_names(reached, manner, out);
            continue;
        }
        for word in line.option(reader, "--api-permissions") {
            let (start, end) = reader.offsets(word.clone());
            // `"$ID=Scope"`: the type behind the variable.
            let text = reader.text[start as usize..end as usize].trim_matches(['"', '\'']);
            let ty = text
                .rsplit_once('=')
                .and_then(|(_, ty)| permission_type(ty));
            let manner = Manner::new(Means::Requested, ty, used_at);
            let mut reached = Reached::default();
            values(reader, word, &way, 0, &mut reached);
            for literal in reached.literals {
                added(literal, manner, out);
            }
            for unknown in reached.unknown {
                out.push(unknown, manner);
            }
        }
    }
}

/// `ID=Scope`, or the id alone. The command takes ids; a name in its place is what its author meant.
fn added(literal: Declared, manner: Manner, out: &mut Collected<'_>) {
    let (id, ty) = literal.text.split_once('=').unwrap_or((&literal.text, ""));
    if Uuid::try_parse(id).is_err() && !is_published(id) {
        return;
    }
    if id.len() == literal.text.len() {
        out.push(literal, manner);
        return;
    }
    // The place of a whole string includes its quotes; that of the id does not.
    let quote = u32::from((literal.end - literal.start) as usize > literal.text.len());
    let start = literal.start + quote;
    let end = start + u32::try_from(id.len()).unwrap_or_default();
    let manner = Manner {
        permission_type: permission_type(ty).or(manner.permission_type),
        ..manner
    };
    out.push(Declared::literal(id, start, end), manner);
}

//! Entries of `requiredResourceAccess` that source code builds.

use std::ops::Range;

use source_lex::{Code, TokenKind};
use uuid::Uuid;

use super::binding::binding;
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::model::{Means, permission_type};
use crate::resource::is_graph_permission;

/// `ResourceAccess(id="…", type="Scope")`, `new ResourceAccess { Id = Guid.Parse("…"), Type = "Role" }`: an id of Microsoft
/// Graph with its type in the same brackets.
pub(super) fn entry(code: &Code<'_>, text: &str, at: usize, out: &mut Collected<'_>) {
    let Some(content) = code.content(at) else {
        return;
    };
    let raw = &text[content.start as usize..content.end as usize];
    let Some(id) = Uuid::try_parse(raw)
        .ok()
        .filter(|id| !id.is_nil() && is_graph_permission(*id))
    else {
        return;
    };
    let mut inner = at;
    for _ in 0..3 {
        let Some(up) = code.up(inner) else {
            return;
        };
        let close = code.pair(up).unwrap_or(up);
        if close - up > 60 {
            return;
        }
        let named = (up.saturating_sub(4)..up).any(|token| {
            let word = code.text(token).to_ascii_lowercase();
            word.ends_with("resourceaccess") && !word.starts_with("required")
        });
        let ty = (up + 1..close).find_map(|token| {
            (code.kind(token) == TokenKind::Str)
                .then(|| code.string(token))
                .flatten()
                .and_then(|text| permission_type(&text))
        });
        let in_list = within(code, up, "resourceaccess");
        if let Some(ty) = ty.filter(|_| named || in_list) {
            let token = code.token(at);
            let declared = Declared {
                element: Some(offsets(code, up..close + 1)),
                ..Declared::literal(&id.to_string(), token.start, token.end)
            };
            let manner = Manner::new(Means::Requested, Some(ty), (token.start, token.end));
            out.push(declared, manner);
            return;
        }
        inner = up;
    }
}

/// Whether a bracket stands in a list that is bound to this name, without underscores.
pub(super) fn within(code: &Code<'_>, open: usize, name: &str) -> bool {
    let mut inner = open;
    for _ in 0..4 {
        let (bound, _) = binding(code, inner);
        if bound.is_some_and(|bound| code.name(bound).replace('_', "").eq_ignore_ascii_case(name)) {
            return true;
        }
        let Some(up) = code.up(inner) else {
            return false;
        };
        inner = up;
    }
    false
}

pub(super) fn offsets(code: &Code<'_>, range: Range<usize>) -> (u32, u32) {
    (code.token(range.start).start, code.token(range.end - 1).end)
}

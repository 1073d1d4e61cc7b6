//! `az ad app permission add` within a string: `cmd /c "az …"`, `bash -c "az …"`, `Invoke-Expression "az …"`.

use std::ops::Range;

use source_lex::TokenKind;
use uuid::Uuid;

use super::follow::values;
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::{Collected, Declared, Manner};
use crate::formats::scripts::follow::{Reached, Reader, Way, words};
use crate::model::{Means, permission_type};
use crate::resource::MICROSOFT_GRAPH;

/// Commands that run the string behind them.
const RUN: [&str; 6] = ["cmd", "bash", "sh", "iex", "invoke-expression", "pwsh"];

/// The string behind the command at `at`, if it is run and adds permissions.
pub(super) fn read(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let code = reader.code;
    let lower = code.text(at).to_ascii_lowercase();
    if !RUN.contains(&lower.as_str()) || !reader.begins_command(at) {
        return;
    }
    // `cmd /c "…"`: an option may stand between.
    let Some(open) = (at + 1..at + 5)
        .find(|&token| matches!(code.kind(token), TokenKind::Str | TokenKind::StrOpen))
    else {
        return;
    };
    let close = match code.kind(open) {
        TokenKind::StrOpen => code.pair(open).unwrap_or(open),
        _ => open,
    };
    let (from, to) = (code.token(open).start, code.token(close).end);
    if !reader.text[from as usize..to as usize].contains("az ad app permission add") {
        return;
    }
    for way in reader.ways(at) {
        if api_of(reader, open..close + 1, &way) == Api::Graph {
            added(reader, open..close + 1, &way, (from, to), out);
        }
    }
}

/// The API behind `--api`.
fn api_of(reader: &Reader<'_, '_>, string: Range<usize>, way: &Way) -> Api {
    let code = reader.code;
    let mut asked = false;
    for at in string {
        let Some(content) = code.content(at) else {
            if asked && matches!(code.kind(at), TokenKind::Var | TokenKind::HoleOpen) {
                return api::of(reader, at..code.skip(at).max(at + 1), way);
            }
            continue;
        };
        let text = &reader.text[content.start as usize..content.end as usize];
        if let Some((_, rest)) = text.split_once("--api ") {
            match words(rest).next().map(|(_, word)| Uuid::try_parse(word)) {
                Some(Ok(id)) if id == MICROSOFT_GRAPH => return Api::Graph,
                Some(_) => return Api::Other,
                None => asked = true,
            }
        }
    }
    Api::Unknown
}

/// `ID=Role`, with the id in the text or in a hole.
fn added(
    reader: &Reader<'_, '_>,
    string: Range<usize>,
    way: &Way,
    used_at: (u32, u32),
    out: &mut Collected<'_>,
) {
    let code = reader.code;
    for at in string.clone() {
        let Some(content) = code.content(at) else {
            // A hole before `=Role`.
            let after = code.skip(at).max(at + 1);
            let kind = matches!(code.kind(at), TokenKind::Var | TokenKind::HoleOpen);
            let ty = code
                .content(after)
                .filter(|_| kind && after < string.end)
                .map(|content| &reader.text[content.start as usize..content.end as usize])
                .and_then(|text| text.strip_prefix('='))
                .and_then(|text| words(text).next())
                .and_then(|(_, word)| permission_type(word));
            if let Some(ty) = ty {
                let inner = match code.kind(at) {
                    TokenKind::HoleOpen => at + 1..after.saturating_sub(1),
                    _ => at..after,
                };
                let mut reached = Reached::default();
                values(reader, inner, way, 0, &mut reached);
                let manner = Manner::new(Means::Requested, Some(ty), used_at);
                for literal in reached.literals {
                    if Uuid::try_parse(&literal.text).is_ok() {
                        out.push(literal, manner);
                    }
                }
                for unknown in reached.unknown {
                    out.push(unknown, manner);
                }
            }
            continue;
        };
        let text = &reader.text[content.start as usize..content.end as usize];
        for (offset, word) in words(text) {
            let Some((id, ty)) = word.split_once('=') else {
                continue;
            };
            if Uuid::try_parse(id).is_ok() {
                let start = content.start + u32::try_from(offset).unwrap_or_default();
                let end = start + u32::try_from(id.len()).unwrap_or_default();
                let manner = Manner::new(Means::Requested, permission_type(ty), used_at);
                out.push(Declared::literal(id, start, end), manner);
            }
        }
    }
}

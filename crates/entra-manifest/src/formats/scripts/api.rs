//! Which API an expression of a script is about.

use std::ops::Range;

use source_lex::TokenKind;
use uuid::Uuid;

use super::follow::{Reader, Way};
use crate::resource::{self, MICROSOFT_GRAPH};

/// An API, as far as a script tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Graph,
    /// Another one: an own API, Exchange, SharePoint.
    Other,
    /// Nothing says which.
    Unknown,
}

const MOST_DEPTH: usize = 8;

/// The API that some tokens are about: an application id or a well-known name in them, or in what their variables were
/// set to.
pub(super) fn of(reader: &Reader<'_, '_>, range: Range<usize>, way: &[(usize, usize)]) -> Api {
    // `-ApiId 00000003-0000-0000-c000-000000000000` without quotes is several tokens.
    if range.clone().all(|at| {
        matches!(
            reader.code.kind(at),
            TokenKind::Word | TokenKind::Number | TokenKind::Punct
        )
    }) && !range.is_empty()
    {
        let (start, end) = reader.offsets(range.clone());
        let found = of_text(&reader.text[start as usize..end as usize]);
        if found != Api::Unknown {
            return found;
        }
    }
    let found = search(reader, range.clone(), way, 0);
    if found != Api::Unknown {
        return found;
    }
    // A parameter called `$graphSp` says what its caller has to give.
    let named = range.clone().any(|at| {
        reader.code.kind(at) == TokenKind::Var
            && reader.code.name(at).to_ascii_lowercase().contains("graph")
    });
    if named { Api::Graph } else { Api::Unknown }
}

fn search(
    reader: &Reader<'_, '_>,
    range: Range<usize>,
    way: &[(usize, usize)],
    depth: usize,
) -> Api {
    let code = reader.code;
    if depth > MOST_DEPTH {
        return Api::Unknown;
    }
    for at in range.start..range.end.min(code.len()) {
        if !reader.spend(1) {
            return Api::Unknown;
        }
        let found = match code.kind(at) {
            TokenKind::Str | TokenKind::StrText => {
                of_text(code.string(at).as_deref().unwrap_or_default())
            }
            TokenKind::Word => of_text(code.text(at)),
            TokenKind::Var => values(reader, at, way)
                .into_iter()
                .map(|(range, way)| {
                    if is_of_own_app(reader, range.clone()) {
                        Api::Other
                    } else {
                        search(reader, range, &way, depth + 1)
                    }
                })
                .find(|api| *api != Api::Unknown)
                .unwrap_or(Api::Unknown),
            _ => Api::Unknown,
        };
        if found != Api::Unknown {
            return found;
        }
    }
    Api::Unknown
}

/// Whether a value comes from a command that creates or reads an app registration: `appId=$(az rest --method POST --uri
/// "$graph/v1.0/applications" --query appId)`. Microsoft Graph has a service principal in a tenant and no registration, so
/// the address of the command does not make its answer Microsoft Graph's.
fn is_of_own_app(reader: &Reader<'_, '_>, range: Range<usize>) -> bool {
    let (start, end) = reader.offsets(range);
    let text = &reader.text[start as usize..end as usize];
    [
        "/applications",
        "ad app create",
        "ad app show",
        "ad app list",
    ]
    .iter()
    .any(|command| text.contains(command))
}

/// The tokens of the values of a variable, with the ways that go on from there.
fn values(reader: &Reader<'_, '_>, at: usize, way: &[(usize, usize)]) -> Vec<(Range<usize>, Way)> {
    let code = reader.code;
    let name = code.name(at);
    let mut values: Vec<_> = code
        .reaching(name, at, false)
        .into_iter()
        .map(|assignment| {
            let start = assignment.value as usize;
            (start..reader.statement_end(start), way.to_vec())
        })
        .collect();
    if values.is_empty() {
        values.extend(reader.given(at, name, way));
    }
    values
}

/// The API that a text names.
fn of_text(text: &str) -> Api {
    for word in text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-')) {
        if word.len() == 36
            && let Ok(id) = Uuid::try_parse(word)
        {
            return if id == MICROSOFT_GRAPH {
                Api::Graph
            } else {
                Api::Other
            };
        }
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("microsoft graph")
        || lower.contains("microsoftgraph")
        || lower.contains("graph.microsoft")
    {
        return Api::Graph;
    }
    match text.trim() {
        trimmed if trimmed.len() > 3 && resource::by_name(trimmed).is_some() => Api::Other,
        _ => Api::Unknown,
    }
}

/// Whether a text is about Microsoft Graph and names no other API by its id. What a look-up without a service principal
/// is about, then.
pub(super) fn only_graph(text: &str) -> bool {
    let mut graph = false;
    for (at, _) in text.match_indices("-0000-") {
        let start = at.saturating_sub(8);
        if let Some(id) = text
            .get(start..start + 36)
            .and_then(|id| Uuid::try_parse(id).ok())
        {
            if id == MICROSOFT_GRAPH {
                graph = true;
            } else if resource::by_id(id).is_some() {
                return false;
            }
        }
    }
    graph || text.contains("Microsoft Graph")
}

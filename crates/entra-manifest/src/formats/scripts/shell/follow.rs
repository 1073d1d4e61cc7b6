//! From a word of a shell back to the literals that reach it.

use std::ops::Range;

use source_lex::{Language, TokenKind};
use uuid::Uuid;

use super::arrays;
use super::line::Line;
use super::reads;
use crate::formats::scripts::api::{self, Api};
use crate::formats::scripts::collect::Declared;
use crate::formats::scripts::follow::{Reached, Reader, Way};
use crate::model::Unresolved;
use crate::resource::MICROSOFT_GRAPH;

/// A value comes through at most so many names.
const MOST_DEPTH: usize = 12;

/// Tokens between a loop or a `read` and the use of its variable.
pub(super) const MOST_DISTANCE: usize = 2_000;

/// The API of a word: an id or a name, literally or by a variable.
pub(super) fn api_of(reader: &Reader<'_, '_>, word: Range<usize>, way: &Way) -> Api {
    let mut reached = Reached::default();
    values(reader, word.clone(), way, 0, &mut reached);
    let ids: Vec<Uuid> = reached
        .literals
        .iter()
        .filter_map(|literal| Uuid::try_parse(&literal.text).ok())
        .collect();
    match ids.first() {
        Some(id) if *id == MICROSOFT_GRAPH => Api::Graph,
        Some(_) => Api::Other,
        None if reached
            .literals
            .iter()
            .any(|literal| literal.text.contains("graph.microsoft")) =>
        {
            Api::Graph
        }
        None => api::of(reader, word, way),
    }
}

/// Literals within a word of a command, in a shell or in PowerShell.
pub(super) fn values(
    reader: &Reader<'_, '_>,
    word: Range<usize>,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    if reader.code.language() == Language::PowerShell && !is_plain(reader, word.clone()) {
        reader.reach(word, way, depth, out);
    } else {
        reach(reader, word, way, depth, out);
    }
}

/// Whether a word has neither strings nor variables: `ID=Scope` and `a.b` are one literal.
fn is_plain(reader: &Reader<'_, '_>, mut word: Range<usize>) -> bool {
    word.all(|token| {
        matches!(
            reader.code.kind(token),
            TokenKind::Word | TokenKind::Number | TokenKind::Punct
        )
    })
}

/// Literals within a word of a shell.
pub(super) fn reach(
    reader: &Reader<'_, '_>,
    word: Range<usize>,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let mut at = word.start;
    while at < word.end.min(code.len()) {
        if depth > MOST_DEPTH || !reader.spend(1) {
            return;
        }
        match code.kind(at) {
            TokenKind::Str => reader.words_of_string(at, out),
            TokenKind::StrOpen => string(reader, at, way, depth, out),
            TokenKind::Var => variable(reader, at, way, depth, out),
            TokenKind::Open if code.text(at) == "(" => {
                for value in arrays::values(reader, at) {
                    reach(reader, value, way, depth + 1, out);
                }
            }
            TokenKind::Open if code.text(at) == "$(" => {
                let close = code.pair(at).unwrap_or(word.end);
                output(reader, at + 1..close, at, way, depth, out);
            }
            TokenKind::Word | TokenKind::Number => {
                let plain = is_plain(reader, at..word.end);
                let (start, end) = reader.offsets(at..if plain { word.end } else { at + 1 });
                let text = &reader.text[start as usize..end as usize];
                out.literals.push(Declared::literal(text, start, end));
                if plain {
                    return;
                }
            }
            _ => {}
        }
        at = code.skip(at).max(at + 1);
    }
}

/// A string with holes: its whole words, and what reaches a hole that stands alone.
fn string(
    reader: &Reader<'_, '_>,
    open: usize,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let close = code.pair(open).unwrap_or(open);
    let mut at = open + 1;
    while at < close {
        match code.kind(at) {
            TokenKind::Var if reader.is_alone(at, at + 1, open, close) => {
                variable(reader, at, way, depth, out);
            }
            TokenKind::Var => reader.unknown(
                at,
                out,
                Unresolved::Unknown("is put together from parts".into()),
            ),
            TokenKind::HoleOpen | TokenKind::Open => {
                let end = code.pair(at).unwrap_or(close);
                output(reader, at + 1..end, at, way, depth, out);
                at = end;
            }
            TokenKind::StrText => {
                reader.words_of_piece(at, at > open + 1, at + 1 < close, out);
            }
            _ => {}
        }
        at += 1;
    }
}

/// What a command in `$(…)` prints, as far as it prints what stands there: `echo`, `printf`, `cat <<EOF`. The id that a
/// query looks up belongs to that query.
pub(super) fn output(
    reader: &Reader<'_, '_>,
    range: Range<usize>,
    at: usize,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let (start, end) = reader.offsets(range.clone());
    let text = &reader.text[start as usize..(end as usize).max(start as usize)];
    if ["appRoles", "oauth2Permission", "PermissionScopes"]
        .iter()
        .any(|word| text.contains(word))
    {
        return;
    }
    let line = Line::read(reader, range.start);
    match code.text(range.start) {
        "echo" | "printf" | "cat" => {
            let skipped = match code.text(range.start) {
                // The format; without holes in it, it is all there is.
                "printf" if line.words.len() > 2 => 2,
                _ => 1,
            };
            for word in line.words.iter().skip(skipped) {
                if !line_is_option(reader, word) && word.end <= range.end {
                    reach(reader, word.clone(), way, depth + 1, out);
                }
            }
        }
        name => {
            let own = reader.function_named(name);
            let Some(function) = own else {
                let command: String = text
                    .split_whitespace()
                    .take(2)
                    .collect::<Vec<_>>()
                    .join(" ");
                let reason = format!("comes from the output of `{command}`");
                reader.unknown(at, out, Unresolved::Unknown(reason.into()));
                return;
            };
            let mut longer = way.to_vec();
            longer.push((function.name as usize, range.start));
            for inner in function.start as usize..function.end as usize {
                if matches!(code.text(inner), "echo" | "printf")
                    && code.kind(inner) == TokenKind::Word
                    && reader.begins_command(inner)
                    && depth < MOST_DEPTH
                {
                    let end = code.expression_end(inner);
                    output(reader, inner..end, inner, &longer, depth + 1, out);
                }
            }
        }
    }
}

fn line_is_option(reader: &Reader<'_, '_>, word: &Range<usize>) -> bool {
    let text = reader.code.text(word.start);
    text.starts_with('-') && text.len() <= 3 || matches!(text, "<" | "<<")
}

/// The values of a variable.
pub(super) fn variable(
    reader: &Reader<'_, '_>,
    at: usize,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let name = arrays::name(reader, at);
    if depth > MOST_DEPTH || !reader.spend(1) {
        return;
    }
    if name.chars().all(|c| c.is_ascii_digit()) || matches!(name, "@" | "*") {
        positional(reader, at, name, way, depth, out);
        return;
    }
    if let Some(words) = loop_over(reader, at, name) {
        for word in words {
            reach(reader, word, way, depth + 1, out);
        }
        return;
    }
    if reads::read(reader, at, name, way, depth, out) {
        return;
    }
    let assignments = code.reaching(name, at, false);
    for assignment in &assignments {
        let start = assignment.value as usize;
        let end = code.word_end(start).max(start + 1);
        if code.text(at).starts_with("${!") {
            for key in arrays::keys(reader, start) {
                reach(reader, key, way, depth + 1, out);
            }
        } else {
            reach(reader, start..end, way, depth + 1, out);
        }
    }
    if !assignments.is_empty() {
        return;
    }
    match fallback(reader, at) {
        Some(literal) => out.literals.push(literal),
        None => {
            let in_other = |reader: &Reader<'_, '_>, range: Range<usize>, out: &mut Reached| {
                reach(reader, range, &[], depth + 1, out);
            };
            if !reader.linked_variable(name, in_other, out) {
                reader.not_set(at, out);
            }
        }
    }
}

/// `${ROLE:-User.Read.All}`: the value where the environment sets none.
fn fallback(reader: &Reader<'_, '_>, at: usize) -> Option<Declared> {
    let text = reader.code.text(at);
    let place = text.find(":-")? + 2;
    let value = text.get(place..)?.strip_suffix('}')?.trim_matches('"');
    if value.is_empty() || value.contains(['$', ' ']) {
        return None;
    }
    let offset = text[place..].find(value)? + place;
    let start = reader.code.token(at).start + u32::try_from(offset).ok()?;
    let end = start + u32::try_from(value.len()).ok()?;
    Some(Declared::literal(value, start, end))
}

/// `for name in words; do`: the words.
fn loop_over(reader: &Reader<'_, '_>, at: usize, name: &str) -> Option<Vec<Range<usize>>> {
    let code = reader.code;
    if !reader.spend(at.min(MOST_DISTANCE)) {
        return None;
    }
    let start = (at.saturating_sub(MOST_DISTANCE)..at.saturating_sub(2))
        .rev()
        .find(|&token| {
            code.text(token) == "for"
                && code.text(token + 1) == name
                && code.text(token + 2) == "in"
        })?;
    if !is_open(reader, start, at) {
        return None;
    }
    let mut words = Vec::new();
    let mut next = start + 3;
    while next < code.len() && !code.token(next).newline && !code.is(next, ";") {
        let end = code.word_end(next).max(next + 1);
        words.push(next..end);
        next = end;
    }
    Some(words)
}

/// Whether the loop that begins at `start` still runs at `at`: one that has ended binds nothing any more.
pub(super) fn is_open(reader: &Reader<'_, '_>, start: usize, at: usize) -> bool {
    let count = |word: &str| {
        (start..at)
            .filter(|&token| {
                reader.code.text(token) == word && reader.code.kind(token) == TokenKind::Word
            })
            .count()
    };
    count("done") < count("do")
}

/// `$1`, `$@`: the words of the calls of the function.
fn positional(
    reader: &Reader<'_, '_>,
    at: usize,
    name: &str,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let Some(function) = code.function_of(at) else {
        reader.unknown(at, out, Unresolved::DependsOnCaller);
        return;
    };
    let shifted: usize = (function.start as usize..at)
        .filter(|&token| code.text(token) == "shift" && code.kind(token) == TokenKind::Word)
        .map(|token| {
            if code.token(token + 1).newline {
                1
            } else {
                code.text(token + 1).parse().unwrap_or(1)
            }
        })
        .sum();
    let calls = reader.calls_on(function.name as usize, way);
    if calls.is_empty() {
        reader.unknown(at, out, Unresolved::DependsOnCaller);
    }
    for (call, rest) in calls {
        let line = Line::read(reader, call);
        let words: Vec<Range<usize>> = match name.parse::<usize>() {
            Ok(number) => {
                let word = line.words.get(number.saturating_add(shifted));
                word.cloned().into_iter().collect()
            }
            Err(_) => line.words.get(1 + shifted..).unwrap_or_default().to_vec(),
        };
        for word in words {
            reach(reader, word, &rest, depth + 1, out);
        }
    }
}

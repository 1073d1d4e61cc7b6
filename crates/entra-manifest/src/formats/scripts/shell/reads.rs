//! What `read` and `mapfile` put into a variable: here documents, here strings, what is printed into them.

use std::ops::Range;

use source_lex::TokenKind;

use super::follow::{MOST_DISTANCE, is_open, output, reach};
use super::line::{Line, line_start};
use crate::formats::scripts::collect::Declared;
use crate::formats::scripts::follow::{Reached, Reader};
use crate::model::Unresolved;

/// A `read` that sets a variable.
struct Read {
    /// Token of `read` or `mapfile`.
    at: usize,
    /// Which of its names the variable is; `None` where it gets all fields (`read -a`, `mapfile`).
    field: Option<usize>,
    /// It is the condition of a loop.
    in_loop: bool,
}

/// The values that a `read` before `at` gives to a variable. `false`: none sets it.
pub(super) fn read(
    reader: &Reader<'_, '_>,
    at: usize,
    name: &str,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) -> bool {
    let Some(found) = find(reader, at, name) else {
        return false;
    };
    let mut values = Reached::default();
    let from = input(reader, &found);
    match &from {
        Some(Input::Words(word)) => fields(reader, word.clone(), &found, way, depth, &mut values),
        Some(Input::Command(range)) => {
            output(reader, range.clone(), at, way, depth + 1, &mut values);
        }
        None => {
            let reason = "is read from a file or from another program";
            reader.unknown(at, &mut values, Unresolved::Unknown(reason.into()));
        }
    }
    out.append(values);
    true
}

/// The nearest `read` or `mapfile` before a place that sets the variable.
fn find(reader: &Reader<'_, '_>, at: usize, name: &str) -> Option<Read> {
    let code = reader.code;
    if !reader.spend(at.min(MOST_DISTANCE)) {
        return None;
    }
    let own = code.function_of(at).map(|function| function.start);
    (at.saturating_sub(MOST_DISTANCE)..at)
        .rev()
        .find_map(|token| {
            if code.kind(token) != TokenKind::Word
                || !matches!(code.text(token), "read" | "mapfile" | "readarray")
                || code.function_of(token).map(|function| function.start) != own
            {
                return None;
            }
            let line = Line::read(reader, token);
            let texts: Vec<&str> = (1..line.words.len())
                .map(|index| line.text(reader, index))
                .take_while(|text| !text.starts_with('<'))
                .collect();
            let all = code.text(token) != "read"
                || texts
                    .iter()
                    .any(|text| text.starts_with('-') && text.contains('a'));
            let names: Vec<&&str> = texts.iter().filter(|text| !text.starts_with('-')).collect();
            let place = names.iter().position(|own| **own == name)?;
            let in_loop = (token.saturating_sub(6)..token)
                .any(|before| matches!(code.text(before), "while" | "until"));
            if in_loop && !is_open(reader, token, at) {
                return None;
            }
            Some(Read {
                at: token,
                field: (!all).then_some(place),
                in_loop,
            })
        })
}

/// Where a `read` gets its text from.
enum Input {
    /// A here document or a here string.
    Words(Range<usize>),
    /// The command of a process substitution or before a pipe.
    Command(Range<usize>),
}

fn input(reader: &Reader<'_, '_>, read: &Read) -> Option<Input> {
    let code = reader.code;
    if read.in_loop {
        // `… | while read -r x`
        let start = line_start(reader, read.at);
        if let Some(bar) = start.checked_sub(1).filter(|bar| code.is(*bar, "|")) {
            return Some(Input::Command(line_start(reader, bar)..bar));
        }
    }
    let mut at = if read.in_loop {
        end_of_loop(reader, read.at)?
    } else {
        read.at
    };
    // The redirection stands on the line.
    let limit = at + 64;
    while at + 1 < code.len().min(limit) {
        let next = at + 1;
        if code.token(next).newline && code.kind(next) != TokenKind::Str {
            return None;
        }
        if code.is(next, "<<") {
            let text = (next + 1..(next + 4).min(code.len())).find(|&token| {
                matches!(
                    code.kind(token),
                    TokenKind::Str | TokenKind::StrOpen | TokenKind::Var
                )
            })?;
            return Some(Input::Words(text..code.skip(text)));
        }
        if code.is(next, "<") && code.is(next + 1, "<") && code.is(next + 2, "(") {
            let close = code.pair(next + 2)?;
            return Some(Input::Command(next + 3..close));
        }
        at = code.skip(next).max(next + 1) - 1;
    }
    None
}

/// The `done` of the loop whose condition holds the token `at`.
fn end_of_loop(reader: &Reader<'_, '_>, at: usize) -> Option<usize> {
    let code = reader.code;
    let mut depth = 0_usize;
    for token in at..code.len().min(at + MOST_DISTANCE) {
        if code.kind(token) != TokenKind::Word || !reader.spend(1) {
            continue;
        }
        match code.text(token) {
            "do" => depth += 1,
            "done" if depth <= 1 => return Some(token),
            "done" => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The field of each line that a `read` takes.
fn fields(
    reader: &Reader<'_, '_>,
    word: Range<usize>,
    read: &Read,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let content = code.content(word.start);
    let (Some(content), Some(field)) = (content, read.field) else {
        reach(reader, word, way, depth + 1, out);
        return;
    };
    let separator = separators(reader, read.at);
    let text = &reader.text[content.start as usize..content.end as usize];
    let mut start = content.start;
    for line in text.split_inclusive('\n') {
        let own = line.trim_end_matches(['\n', '\r']);
        let mut fields = own
            .split(|c: char| separator.contains(c))
            .filter(|part| !part.trim().is_empty());
        if let Some(part) = fields.nth(field)
            && !own.trim_start().starts_with('#')
        {
            let part = part.trim().trim_matches(['"', '\'']);
            let offset = part.as_ptr() as usize - line.as_ptr() as usize;
            let begin = start + u32::try_from(offset).unwrap_or_default();
            let end = begin + u32::try_from(part.len()).unwrap_or_default();
            out.literals.push(Declared::literal(part, begin, end));
        }
        start += u32::try_from(line.len()).unwrap_or_default();
    }
}

/// The characters that part the fields of a line: `IFS=',' read …`, blanks otherwise.
fn separators(reader: &Reader<'_, '_>, read: usize) -> String {
    let code = reader.code;
    let set = (read.saturating_sub(6)..read)
        .rev()
        .find(|&at| code.text(at) == "IFS" && code.is(at + 1, "="));
    let given = set
        .filter(|at| at + 2 < read)
        .and_then(|at| code.string(at + 2))
        .filter(|text| !text.is_empty());
    given.map_or_else(|| " \t".to_owned(), std::borrow::Cow::into_owned)
}

//! What shell scripts declare: `az ad app permission`, look-ups by JMESPath and jq, bodies of `az rest`, `m365`.

use std::ops::Range;

use source_lex::{Language, TokenKind};
use uuid::Uuid;

use super::api::{self, Api};
use super::collect::{Collected, Declared, Manner};
use super::embedded;
use super::powershell::push_names;
use super::reach::{Reached, Reader, Uses, Way};
use crate::PermissionType;
use crate::label::is_exactly_a_permission;
use crate::model::{Means, Unresolved, permission_type};
use crate::resource::MICROSOFT_GRAPH;

const MOST_DEPTH: usize = 12;

pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        match code.kind(at) {
            TokenKind::Word => command(reader, at, out),
            TokenKind::Str | TokenKind::StrOpen => {
                embedded::read(reader, at, out);
                query(reader, at, out);
            }
            _ => {}
        }
    }
}

/// A command line tool that registers or grants, which PowerShell scripts call too.
pub(super) fn command(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    match reader.code.text(at) {
        "az" if reader.begins_command(at) => azure(reader, at, out),
        "m365" if reader.begins_command(at) => microsoft365(reader, at, out),
        _ => {}
    }
}

/// A string that queries the permissions of a service principal.
pub(super) fn query(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    match reader.uses() {
        Uses::Grants => lookup(reader, at, Means::Granted, out),
        Uses::Requests => lookup(reader, at, Means::Requested, out),
        Uses::Nothing => {}
    }
}

/// The words of a command, the command itself first.
struct Line {
    words: Vec<Range<usize>>,
}

impl Line {
    fn read(reader: &Reader<'_, '_>, at: usize) -> Self {
        let code = reader.code;
        let mut words = Vec::new();
        let mut next = at;
        while next < code.len() {
            let token = code.token(next);
            let stops = matches!(
                token.kind,
                TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose
            ) || (token.kind == TokenKind::Punct
                && matches!(code.text(next), "|" | "||" | "&&" | ";" | "&" | ">" | ">>"));
            if stops || (token.newline && next > at) || !reader.spend(1) {
                break;
            }
            let end = code.word_end(next).max(next + 1);
            words.push(next..end);
            next = end;
        }
        Self { words }
    }

    fn text<'s>(&self, reader: &Reader<'_, 's>, index: usize) -> &'s str {
        self.words.get(index).map_or("", |word| {
            let (start, end) = reader.offsets(word.clone());
            &reader.text[start as usize..end as usize]
        })
    }

    fn begins(&self, reader: &Reader<'_, '_>, expected: &[&str]) -> bool {
        expected
            .iter()
            .enumerate()
            .all(|(index, word)| self.text(reader, index + 1) == *word)
    }

    /// The words behind an option, up to the next one.
    fn option(&self, reader: &Reader<'_, '_>, name: &str) -> Vec<Range<usize>> {
        let Some(place) = (0..self.words.len()).find(|&index| self.text(reader, index) == name)
        else {
            return Vec::new();
        };
        (place + 1..self.words.len())
            .take_while(|&index| !self.text(reader, index).starts_with("--"))
            .map(|index| self.words[index].clone())
            .collect()
    }

    fn offsets(&self, reader: &Reader<'_, '_>) -> (u32, u32) {
        let last = self.words.last().map_or(0, |word| word.end);
        let first = self.words.first().map_or(0, |word| word.start);
        reader.offsets(first..last)
    }
}

/// `az ad app permission add|grant`
fn azure(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let line = Line::read(reader, at);
    let adds = line.begins(reader, &["ad", "app", "permission", "add"]);
    let grants = line.begins(reader, &["ad", "app", "permission", "grant"]);
    if !adds && !grants {
        return;
    }
    for way in ways(reader, at) {
        let api = line
            .option(reader, "--api")
            .first()
            .map_or(Api::Unknown, |word| api_of(reader, word.clone(), &way));
        if api != Api::Graph {
            continue;
        }
        let option = if adds { "--api-permissions" } else { "--scope" };
        let mut reached = Reached::default();
        for word in line.option(reader, option) {
            values(reader, word, &way, 0, &mut reached);
        }
        let manner = Manner {
            means: if adds {
                Means::Requested
            } else {
                Means::Granted
            },
            permission_type: grants.then_some(PermissionType::Delegated),
            used_at: line.offsets(reader),
            resource: None,
            branch: false,
        };
        if grants {
            push_names(reached, manner, out);
            continue;
        }
        for literal in reached.literals {
            added(literal, manner, out);
        }
        // What is put together from looked-up ids belongs to the look-up.
        for unknown in reached.unknown {
            if unknown.unknown == Some(Unresolved::DependsOnCaller) {
                out.push(unknown, manner);
            }
        }
    }
}

/// `ID=Scope`
fn added(literal: Declared, manner: Manner, out: &mut Collected<'_>) {
    let (id, ty) = literal.text.split_once('=').unwrap_or((&literal.text, ""));
    if Uuid::try_parse(id).is_err() {
        return;
    }
    // The place of a whole string includes its quotes; that of the id does not.
    let quote = u32::from((literal.end - literal.start) as usize > literal.text.len());
    let start = literal.start + quote;
    let declared = Declared {
        text: id.to_owned(),
        start,
        end: start + u32::try_from(id.len()).unwrap_or_default(),
        unknown: None,
        element: None,
    };
    let manner = Manner {
        permission_type: permission_type(ty),
        ..manner
    };
    out.push(declared, manner);
}

/// `m365 entra app add --apisDelegated …`, `m365 entra approleassignment add --resource "Microsoft Graph" --scopes …`
/// <https://pnp.github.io/cli-microsoft365/cmd/entra/app/app-add>
fn microsoft365(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let line = Line::read(reader, at);
    for way in ways(reader, at) {
        for (option, permission_type) in [
            ("--apisDelegated", PermissionType::Delegated),
            ("--apisApplication", PermissionType::Application),
        ] {
            let mut reached = Reached::default();
            for word in line.option(reader, option) {
                values(reader, word, &way, 0, &mut reached);
            }
            // A name without the address of its API is one of the app's own.
            reached
                .literals
                .retain(|literal| literal.text.contains('/'));
            let manner = Manner {
                means: Means::Requested,
                permission_type: Some(permission_type),
                used_at: line.offsets(reader),
                resource: None,
                branch: false,
            };
            push_names(reached, manner, out);
        }
        let assigns = (1..4).any(|index| line.text(reader, index) == "approleassignment");
        let resource = line
            .option(reader, "--resource")
            .first()
            .map_or(Api::Unknown, |word| api_of(reader, word.clone(), &way));
        if assigns && resource == Api::Graph {
            let mut reached = Reached::default();
            for option in ["--scopes", "--scope"] {
                for word in line.option(reader, option) {
                    values(reader, word, &way, 0, &mut reached);
                }
            }
            let manner = Manner {
                means: Means::Granted,
                permission_type: Some(PermissionType::Application),
                used_at: line.offsets(reader),
                resource: None,
                branch: false,
            };
            push_names(reached, manner, out);
        }
    }
}

/// A query in a string: `appRoles[?value=='User.Read.All'].id`, `.appRoles[] | select(.value == $name)`.
fn lookup(reader: &Reader<'_, '_>, at: usize, means: Means, out: &mut Collected<'_>) {
    let code = reader.code;
    let close = if code.kind(at) == TokenKind::StrOpen {
        code.pair(at).unwrap_or(at)
    } else {
        at
    };
    let (start, end) = (
        code.token(at).start as usize,
        code.token(close).end as usize,
    );
    let query = &reader.text[start..end.max(start)];
    let permission_type = if query.contains("appRoles") {
        PermissionType::Application
    } else if query.contains("oauth2Permission") || query.contains("publishedPermissionScopes") {
        PermissionType::Delegated
    } else {
        return;
    };
    let line = Line::read(reader, line_start(reader, at));
    for way in ways(reader, at) {
        if holder(reader, &line, at, query, &way) != Api::Graph {
            continue;
        }
        let manner = Manner {
            means,
            permission_type: Some(permission_type),
            used_at: (
                u32::try_from(start).unwrap_or_default(),
                u32::try_from(end).unwrap_or_default(),
            ),
            resource: None,
            branch: in_branch(reader, at),
        };
        let mut reached = Reached::default();
        compared(
            reader,
            &line,
            at..close + 1,
            query,
            start,
            &way,
            &mut reached,
        );
        for literal in reached.literals {
            if is_exactly_a_permission(&literal.text) {
                out.push(literal, manner);
            }
        }
        for unknown in reached.unknown {
            out.push(unknown, manner);
        }
    }
}

/// Whether a place of a function stands in an `if` of it.
fn in_branch(reader: &Reader<'_, '_>, at: usize) -> bool {
    let code = reader.code;
    let start = code
        .function_of(at)
        .map_or(0, |function| function.start as usize);
    let count = |word: &str| {
        (start..at)
            .filter(|&token| code.kind(token) == TokenKind::Word && code.text(token) == word)
            .count()
    };
    reader.spend(at - start.min(at)) && count("if") > count("fi")
}

/// What `value` is compared with.
fn compared(
    reader: &Reader<'_, '_>,
    line: &Line,
    string: Range<usize>,
    query: &str,
    base: usize,
    way: &Way,
    out: &mut Reached,
) {
    let code = reader.code;
    for (at, _) in query.match_indices("value") {
        let rest = &query[at + 5..];
        let operator = rest.trim_start();
        let Some(operand) = operator.strip_prefix("==") else {
            continue;
        };
        let operand = operand.trim_start_matches([' ', '\\', '\'', '"', '`']);
        let offset = query.len() - operand.len();
        let place = base + offset;
        if let Some(variable) = operand.strip_prefix('$') {
            // A variable of the shell, or one that jq was given: `--arg name "$value"`.
            let hole = string.clone().find(|&token| {
                code.kind(token) == TokenKind::Var && code.token(token).start as usize == place
            });
            if let Some(hole) = hole {
                values(reader, hole..hole + 1, way, 0, out);
                continue;
            }
            let name: String = variable
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            let given = (0..line.words.len()).find(|&index| {
                line.text(reader, index) == "--arg" && line.text(reader, index + 1) == name
            });
            if let Some(word) = given.and_then(|index| line.words.get(index + 2)) {
                values(reader, word.clone(), way, 0, out);
            }
            continue;
        }
        let length = operand
            .find(['\'', '"', '`', '\\', ')', ']', ' '])
            .unwrap_or(operand.len());
        let text = &operand[..length];
        let number = |at: usize| u32::try_from(at).unwrap_or_default();
        out.literals.push(Declared {
            text: text.to_owned(),
            start: number(place),
            end: number(place + length),
            unknown: None,
            element: None,
        });
    }
}

/// Whose roles a query looks at: the service principal of the same command, or of the value that is piped in.
fn holder(reader: &Reader<'_, '_>, line: &Line, at: usize, query: &str, way: &Way) -> Api {
    if let Some(word) = line.option(reader, "--id").first() {
        return api_of(reader, word.clone(), way);
    }
    if query.contains("00000003-0000-0000-c000-000000000000") {
        return Api::Graph;
    }
    // `echo "$sp" | jq …`, `jq … <<< "$sp"`: what the variable was set to.
    let code = reader.code;
    let start = reader.pipeline_start(line_start(reader, at));
    for token in start..line.words.last().map_or(at, |word| word.end) {
        if code.kind(token) != TokenKind::Var || token == at {
            continue;
        }
        for assignment in code.reaching(code.name(token), token, false) {
            let value = assignment.value as usize;
            let end = code
                .pair(value)
                .unwrap_or_else(|| code.expression_end(value));
            let command = (value..end).find(|&inner| code.text(inner) == "az");
            if let Some(command) = command
                && let Some(word) = Line::read(reader, command).option(reader, "--id").first()
            {
                return api_of(reader, word.clone(), way);
            }
            let found = api::of(reader, value..end, way);
            if found != Api::Unknown {
                return found;
            }
        }
    }
    if reader.only_graph() {
        Api::Graph
    } else {
        Api::Unknown
    }
}

/// The first token of the command around a token.
fn line_start(reader: &Reader<'_, '_>, at: usize) -> usize {
    let code = reader.code;
    let mut start = at;
    while start > 0 {
        let before = start - 1;
        let stops = matches!(code.kind(before), TokenKind::Open | TokenKind::HoleOpen)
            || (code.kind(before) == TokenKind::Punct
                && matches!(code.text(before), "|" | "||" | "&&" | ";" | "&"));
        if code.token(start).newline || stops || !reader.spend(1) {
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

/// The API of a word: an id or a name, literally or by a variable.
fn api_of(reader: &Reader<'_, '_>, word: Range<usize>, way: &Way) -> Api {
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

/// The ways to a place: through each call of the function around it.
fn ways(reader: &Reader<'_, '_>, at: usize) -> Vec<Way> {
    reader.ways(at)
}

/// Literals within a word of a command, in a shell or in PowerShell.
fn values(
    reader: &Reader<'_, '_>,
    word: Range<usize>,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let plain = word.clone().all(|token| {
        matches!(
            reader.code.kind(token),
            TokenKind::Word | TokenKind::Number | TokenKind::Punct
        )
    });
    if reader.code.language() == Language::PowerShell && !plain {
        reader.reach(word, way, depth, out);
    } else {
        reach(reader, word, way, depth, out);
    }
}

/// Literals within a word of a shell.
fn reach(
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
            TokenKind::StrOpen => {
                let close = code.pair(at).unwrap_or(at);
                let alone = close == at + 2;
                for inner in at + 1..close {
                    match code.kind(inner) {
                        TokenKind::Var if alone || blanks_around(reader, inner, at, close) => {
                            variable(reader, inner, way, depth, out)
                        }
                        TokenKind::Var => reader.unknown(
                            inner,
                            out,
                            Unresolved::Unknown("is put together from parts".into()),
                        ),
                        TokenKind::StrText if !alone || close == at + 2 => {
                            reader.words_of_piece(inner, inner > at + 1, inner + 1 < close, out)
                        }
                        _ => {}
                    }
                }
            }
            TokenKind::Var => variable(reader, at, way, depth, out),
            TokenKind::Open if code.text(at) == "(" => {
                // The words of an array.
                let close = code.pair(at).unwrap_or(word.end);
                let mut next = at + 1;
                while next < close {
                    let end = code.word_end(next).max(next + 1);
                    reach(reader, next..end.min(close), way, depth + 1, out);
                    next = end;
                }
            }
            TokenKind::Word | TokenKind::Number => {
                // `ID=Scope` and `a.b` are one word where nothing in it is a string or a variable.
                let plain = (at..word.end).all(|token| {
                    matches!(
                        code.kind(token),
                        TokenKind::Word | TokenKind::Number | TokenKind::Punct
                    )
                });
                let (start, end) = reader.offsets(at..if plain { word.end } else { at + 1 });
                out.literals.push(Declared {
                    text: reader.text[start as usize..end as usize].to_owned(),
                    start,
                    end,
                    unknown: None,
                    element: None,
                });
                if plain {
                    return;
                }
            }
            _ => {}
        }
        at = code.skip(at).max(at + 1);
    }
}

/// Whether a hole in a string stands between blanks, commas or the string's ends.
fn blanks_around(reader: &Reader<'_, '_>, hole: usize, open: usize, close: usize) -> bool {
    reader.is_alone_in(hole, open, close)
}

/// The values of a variable.
fn variable(
    reader: &Reader<'_, '_>,
    at: usize,
    way: &[(usize, usize)],
    depth: usize,
    out: &mut Reached,
) {
    let code = reader.code;
    let name = code.name(at);
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
    let assignments = code.reaching(name, at, false);
    for assignment in &assignments {
        let start = assignment.value as usize;
        if code.text(start) == "$(" {
            reader.unknown(at, out, Unresolved::Unknown("comes from a command".into()));
            continue;
        }
        reach(
            reader,
            start..code.word_end(start).max(start + 1),
            way,
            depth + 1,
            out,
        );
    }
    if assignments.is_empty() {
        reader.unknown(
            at,
            out,
            Unresolved::Unknown(
                format!("comes from `${name}`, which this file does not set").into(),
            ),
        );
    }
}

/// `for name in words; do`: the words.
fn loop_over(reader: &Reader<'_, '_>, at: usize, name: &str) -> Option<Vec<Range<usize>>> {
    let code = reader.code;
    if !reader.spend(at.min(2_000)) {
        return None;
    }
    let start = (at.saturating_sub(2_000)..at.saturating_sub(2))
        .rev()
        .find(|&token| {
            code.text(token) == "for"
                && code.text(token + 1) == name
                && code.text(token + 2) == "in"
        })?;
    // A loop that has ended before binds nothing any more.
    let ended = (start..at)
        .filter(|&token| code.text(token) == "done" && code.kind(token) == TokenKind::Word)
        .count();
    let begun = (start..at)
        .filter(|&token| code.text(token) == "do" && code.kind(token) == TokenKind::Word)
        .count();
    if ended >= begun {
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
    let own = function.name as usize;
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
    let calls = match way.iter().rposition(|(known, _)| *known == own) {
        Some(step) => vec![(way[step].1, way[..step].to_vec())],
        None => reader
            .calls(own)
            .into_iter()
            .map(|call| (call, Vec::new()))
            .collect(),
    };
    if calls.is_empty() {
        reader.unknown(at, out, Unresolved::DependsOnCaller);
    }
    for (call, rest) in calls {
        let line = Line::read(reader, call);
        let words: Vec<Range<usize>> = match name.parse::<usize>() {
            Ok(number) => line
                .words
                .get(number + shifted)
                .cloned()
                .into_iter()
                .collect(),
            Err(_) => line.words.get(1 + shifted..).unwrap_or_default().to_vec(),
        };
        for word in words {
            reach(reader, word, &rest, depth + 1, out);
        }
    }
}

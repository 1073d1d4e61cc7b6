//! From a place of a script back to the literals that reach it.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use rustc_hash::FxHashMap;
use source_lex::{Assignment, Code, Operator, TokenKind};
use uuid::Uuid;

use super::collect::Declared;
use super::commands::command;
use crate::model::Unresolved;
use crate::resource::MICROSOFT_GRAPH;

/// A value comes through at most so many names. Deeper chains are not constants.
const MOST_DEPTH: usize = 16;

/// Tokens looked at for one file; hostile files end here, no real one of 590 comes near it.
const MOST_STEPS: usize = 2_000_000;

/// Calls of one function that are followed.
const MOST_CALLS: usize = 64;

/// The calls through which a place is reached: function and call, as tokens, the innermost last.
pub(super) type Way = Vec<(usize, usize)>;

/// A script and how much of it was looked at.
pub(super) struct Reader<'c, 's> {
    pub(super) code: &'c Code<'s>,
    pub(super) text: &'s str,
    steps: Cell<usize>,
    uses: OnceCell<Uses>,
    only_graph: OnceCell<bool>,
    /// Words that begin a command, in lower case, with their places.
    commands: OnceCell<FxHashMap<String, Vec<usize>>>,
    /// Functions by their names in lower case: index into the functions.
    functions: OnceCell<FxHashMap<String, usize>>,
}

/// What a script does with the permissions that it looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uses {
    /// It assigns or consents to them.
    Grants,
    /// It puts them into a registration.
    Requests,
    /// It reports them, or does something else.
    Nothing,
}

/// What reaches a place.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Words of literals.
    pub(super) literals: Vec<Declared>,
    /// Tables (`@{…}`), by their opening token.
    pub(super) tables: Vec<usize>,
    /// Objects made by `New-Object` or a type's `new`, by their first token.
    pub(super) objects: Vec<usize>,
    /// What is not known.
    pub(super) unknown: Vec<Declared>,
}

impl Reached {
    /// The only literal, where there is one and nothing else.
    pub(super) fn only(&self) -> Option<&str> {
        let first = self.literals.first()?;
        let same = self.literals.iter().all(|other| other.text == first.text);
        (same && self.unknown.is_empty()).then_some(first.text.as_str())
    }
}

impl<'c, 's> Reader<'c, 's> {
    pub(super) fn new(code: &'c Code<'s>, text: &'s str) -> Self {
        Self {
            code,
            text,
            steps: Cell::new(0),
            uses: OnceCell::new(),
            only_graph: OnceCell::new(),
            commands: OnceCell::new(),
            functions: OnceCell::new(),
        }
    }

    /// What the script does with the permissions that it looks up.
    pub(super) fn uses(&self) -> Uses {
        *self.uses.get_or_init(|| {
            let lower = self.text.to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
            if has(&["approleassign", "oauth2permissiongrant"]) {
                Uses::Grants
            } else if has(&[
                "requiredresourceaccess",
                "required-resource-access",
                "resourceaccess",
                "app permission add",
                "approleid",
            ]) {
                Uses::Requests
            } else {
                Uses::Nothing
            }
        })
    }

    /// Whether the script is about Microsoft Graph and names no other API: see [`api::only_graph`](super::api).
    pub(super) fn only_graph(&self) -> bool {
        *self
            .only_graph
            .get_or_init(|| super::api::only_graph(self.text))
    }

    /// The function of this name, in any case.
    fn function_named(&self, name: &str) -> Option<&source_lex::Function> {
        let functions = self.functions.get_or_init(|| {
            let functions = self.code.functions().iter().enumerate();
            functions
                .map(|(index, function)| {
                    let name = self.code.text(function.name as usize);
                    (name.to_ascii_lowercase(), index)
                })
                .collect()
        });
        let index = functions.get(&name.to_ascii_lowercase())?;
        self.code.functions().get(*index)
    }

    /// Whether more may be looked at.
    pub(super) fn spend(&self, tokens: usize) -> bool {
        let steps = self.steps.get() + tokens;
        self.steps.set(steps);
        steps <= MOST_STEPS
    }

    /// The ways to a place: through each call of the function around it, and of the function around that call.
    pub(super) fn ways(&self, at: usize) -> Vec<Way> {
        let mut done = Vec::new();
        let mut open = vec![(at, Way::new())];
        while let Some((at, way)) = open.pop() {
            if done.len() >= MOST_CALLS {
                break;
            }
            let calls = self
                .function_around(at)
                .map(|name| (name, self.calls(name)));
            match calls {
                Some((name, calls))
                    if !calls.is_empty()
                        && way.len() < 4
                        && !way.iter().any(|(known, _)| *known == name) =>
                {
                    for call in calls {
                        let mut longer = vec![(name, call)];
                        longer.extend(way.iter().copied());
                        open.push((call, longer));
                    }
                }
                _ => done.push(way),
            }
        }
        done
    }

    /// The token of the name of the function around a place.
    pub(super) fn function_around(&self, at: usize) -> Option<usize> {
        self.code
            .function_of(at)
            .map(|function| function.name as usize)
    }

    /// The calls of a function, by the token of its name.
    pub(super) fn calls(&self, name: usize) -> Vec<usize> {
        let commands = self.commands.get_or_init(|| {
            let mut commands: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for at in 0..self.code.len() {
                if self.code.kind(at) == TokenKind::Word && self.begins_command(at) {
                    commands
                        .entry(self.code.text(at).to_ascii_lowercase())
                        .or_default()
                        .push(at);
                }
            }
            commands
        });
        let word = self.code.text(name).to_ascii_lowercase();
        let places = commands.get(&word).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .copied()
            // In a shell the definition begins its line as a call does.
            .filter(|&at| at != name)
            .take(MOST_CALLS)
            .collect()
    }

    /// Whether a word stands where a command begins.
    pub(super) fn begins_command(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return true;
        };
        if self.code.token(at).newline {
            return !self.code.is(before, ",");
        }
        match self.code.kind(before) {
            TokenKind::Open | TokenKind::HoleOpen | TokenKind::Close => true,
            TokenKind::Punct => matches!(
                self.code.text(before),
                "=" | "+=" | "|" | ";" | "&" | "&&" | "||" | "!" | "." | "("
            ),
            TokenKind::Word => matches!(
                self.code.text(before).to_ascii_lowercase().as_str(),
                "return"
                    | "do"
                    | "then"
                    | "else"
                    | "if"
                    | "while"
                    | "until"
                    | "in"
                    | "time"
                    | "sudo"
                    | "-not"
                    | "try"
            ),
            _ => false,
        }
    }

    /// Offsets of some tokens.
    pub(super) fn offsets(&self, range: Range<usize>) -> (u32, u32) {
        let last = range.end.max(range.start + 1) - 1;
        (
            self.code.token(range.start).start,
            self.code.token(last.min(self.code.len() - 1)).end,
        )
    }

    fn declared(&self, text: &str, start: u32, end: u32) -> Declared {
        Declared {
            text: text.to_owned(),
            start,
            end,
            unknown: None,
            element: None,
        }
    }

    pub(super) fn unknown(&self, at: usize, out: &mut Reached, reason: Unresolved) {
        let token = self.code.token(at);
        out.unknown.push(Declared {
            text: self.code.text(at).chars().take(60).collect(),
            start: token.start,
            end: token.end,
            unknown: Some(reason),
            element: None,
        });
    }

    /// The words of a string without holes. One word alone has the place of the whole literal, quotes included.
    pub(super) fn words_of_string(&self, at: usize, out: &mut Reached) {
        let Some(content) = self.code.content(at) else {
            return;
        };
        let raw = &self.text[content.start as usize..content.end as usize];
        let words: Vec<(usize, &str)> = words(raw).collect();
        if let [(_, word)] = words[..] {
            let token = self.code.token(at);
            if word.len() == raw.len() && self.code.kind(at) == TokenKind::Str {
                out.literals
                    .push(self.declared(word, token.start, token.end));
                return;
            }
        }
        for (offset, word) in words {
            let start = content.start + u32::try_from(offset).unwrap_or_default();
            let end = start + u32::try_from(word.len()).unwrap_or_default();
            out.literals.push(self.declared(word, start, end));
        }
    }

    /// Literals within tokens of PowerShell.
    pub(super) fn reach(
        &self,
        range: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let code = self.code;
        let mut at = range.start;
        while at < range.end.min(code.len()) {
            if depth > MOST_DEPTH || !self.spend(1) {
                return;
            }
            match code.kind(at) {
                TokenKind::Str => self.words_of_string(at, out),
                TokenKind::StrOpen => self.reach_string(at, way, depth, out),
                TokenKind::Open => match code.text(at) {
                    "(" | "$(" | "@(" => {
                        let end = code.pair(at).unwrap_or(range.end);
                        self.reach(at + 1..end, way, depth + 1, out);
                    }
                    "{" | "@{" if code.text(at) == "@{" || (at > 0 && code.is(at - 1, "@")) => {
                        out.tables.push(at)
                    }
                    "[" => {
                        // `[ResourceAccess]::new(…)`; other types are casts.
                        let end = code.pair(at).unwrap_or(at);
                        if code.is(end + 1, "::") && code.text(end + 2).eq_ignore_ascii_case("new")
                        {
                            out.objects.push(at);
                            return;
                        }
                    }
                    // A script block is no value.
                    _ => {}
                },
                TokenKind::Var => {
                    at = self.reach_variable(at, range.end, way, depth, out);
                    continue;
                }
                TokenKind::Word => {
                    let text = code.text(at);
                    let lower = text.to_ascii_lowercase();
                    if lower == "new-object" {
                        out.objects.push(at);
                        return;
                    }
                    if matches!(lower.as_str(), "-join" | "-split" | "-replace" | "-f") {
                        at = code.skip(at + 1).max(at + 2);
                        continue;
                    }
                    // What a function of the file gives back.
                    let function = self.function_named(text);
                    if let Some(function) = function {
                        let (start, end) = (function.start as usize, function.end as usize);
                        let mut longer = way.to_vec();
                        longer.push((function.name as usize, at));
                        self.returned(start..end, &longer, depth + 1, out);
                        return;
                    }
                    if text.starts_with('-') {
                        at += 1;
                        continue;
                    }
                    if text.contains('-') && self.begins_command(at) {
                        // What a command answers is not known, nor are its arguments values.
                        self.unknown(
                            at,
                            out,
                            Unresolved::Unknown(format!("comes from `{text}`").into()),
                        );
                        return;
                    }
                    at = self.bare_word(at, range.end, out);
                    continue;
                }
                TokenKind::Punct if code.is(at, "|") => return,
                _ => {}
            }
            at = code.skip(at).max(at + 1);
        }
    }

    /// What a function gives back: the values of its `return` statements, or its last statement.
    fn returned(
        &self,
        body: Range<usize>,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let returns: Vec<usize> = body
            .clone()
            .filter(|&at| self.code.text(at).eq_ignore_ascii_case("return"))
            .collect();
        if !self.spend(body.len()) {
            return;
        }
        if returns.is_empty() {
            // A short function is its value.
            if body.len() <= 200 {
                let mut last = body.start;
                let mut at = body.start;
                while at < body.end {
                    if self.code.token(at).newline {
                        last = at;
                    }
                    at = self.code.skip(at).max(at + 1);
                }
                self.reach(last..body.end, way, depth, out);
            }
            return;
        }
        for at in returns {
            let end = self.code.expression_end(at + 1);
            self.reach(at + 1..end.min(body.end), way, depth, out);
        }
    }

    /// A word without quotes: `Directory.Read.All`.
    fn bare_word(&self, at: usize, end: usize, out: &mut Reached) -> usize {
        let code = self.code;
        let mut last = at;
        while last + 1 < end
            && code.token(last + 1).start == code.token(last).end
            && (matches!(code.kind(last + 1), TokenKind::Word | TokenKind::Number)
                || code.is(last + 1, "."))
        {
            last += 1;
        }
        let (start, stop) = (code.token(at).start, code.token(last).end);
        let text = &self.text[start as usize..stop as usize];
        out.literals.push(self.declared(text, start, stop));
        last + 1
    }

    /// A string with holes: its whole words, and what reaches a hole that stands alone.
    fn reach_string(&self, open: usize, way: &[(usize, usize)], depth: usize, out: &mut Reached) {
        let code = self.code;
        let Some(close) = code.pair(open) else {
            return;
        };
        let mut at = open + 1;
        while at < close {
            match code.kind(at) {
                TokenKind::StrText => {
                    let glued_left = at > open + 1;
                    let glued_right = at + 1 < close;
                    self.words_of_piece(at, glued_left, glued_right, out);
                }
                TokenKind::Var => {
                    // `"$prefix.Read.All"` is a word that is not known; `"$scopes"` and `"$a $b"` are values.
                    let alone = self.is_alone(at, at + 1, open, close);
                    if alone {
                        self.reach_variable(at, at + 1, way, depth + 1, out);
                    } else {
                        self.unknown(
                            at,
                            out,
                            Unresolved::Unknown("is put together from parts".into()),
                        );
                    }
                }
                TokenKind::HoleOpen | TokenKind::Open => {
                    let end = code.pair(at).unwrap_or(close);
                    self.reach(at + 1..end, way, depth + 1, out);
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Whether a hole has blanks, commas or the string's ends on both sides.
    fn is_alone(&self, first: usize, after: usize, open: usize, close: usize) -> bool {
        let separates = |c: Option<char>| {
            c.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ';' | '\'' | '"'))
        };
        let left = first == open + 1 || {
            let token = self.code.token(first - 1);
            self.code.kind(first - 1) == TokenKind::StrText
                && separates(
                    self.text[token.start as usize..token.end as usize]
                        .chars()
                        .next_back(),
                )
        };
        let right = after == close || {
            let token = self.code.token(after);
            self.code.kind(after) == TokenKind::StrText
                && separates(
                    self.text[token.start as usize..token.end as usize]
                        .chars()
                        .next(),
                )
        };
        left && right
    }

    /// The words of a piece of a string, without those that hang on a hole.
    pub(super) fn words_of_piece(
        &self,
        at: usize,
        glued_left: bool,
        glued_right: bool,
        out: &mut Reached,
    ) {
        let Some(content) = self.code.content(at) else {
            return;
        };
        let raw = &self.text[content.start as usize..content.end as usize];
        for (offset, word) in words(raw) {
            let touches_left = glued_left && offset == 0;
            let touches_right = glued_right && offset + word.len() == raw.len();
            if !touches_left && !touches_right {
                let start = content.start + u32::try_from(offset).unwrap_or_default();
                let end = start + u32::try_from(word.len()).unwrap_or_default();
                out.literals.push(self.declared(word, start, end));
            }
        }
    }

    /// A variable with what follows it: a member, an index. Gives the token after all of it.
    fn reach_variable(
        &self,
        at: usize,
        end: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) -> usize {
        let code = self.code;
        let mut after = at + 1;
        let mut member = None;
        while after < end && code.token(after).start == code.token(after - 1).end {
            if code.is(after, "[") {
                after = code.skip(after);
            } else if code.is_dot(after) && code.kind(after + 1) == TokenKind::Word {
                // A method gives back its object's value: `$list.Split(',')`, `$list.ToArray()`.
                if code.is(after + 2, "(") {
                    after = code.skip(after + 2);
                } else {
                    member = Some(after + 1);
                    after += 2;
                }
            } else {
                break;
            }
        }
        let mut value = Reached::default();
        self.reach_name(at, way, depth + 1, &mut value);
        match member {
            None => {
                out.literals.append(&mut value.literals);
                out.objects.append(&mut value.objects);
                out.unknown.append(&mut value.unknown);
                // `$map[$sp.AppId]`: the elements of a table.
                let indexed = after > at + 1;
                for table in value.tables {
                    if indexed {
                        self.reach_elements(table, way, depth + 1, out);
                    } else {
                        out.tables.push(table);
                    }
                }
            }
            Some(member) => {
                let name = code.text(member);
                if name.eq_ignore_ascii_case("keys") {
                    for table in value.tables {
                        for (key, _) in self.elements(table) {
                            self.reach(key..key + 1, way, depth + 1, out);
                        }
                    }
                } else {
                    let found = self.member(at, name, &value, way, depth, out);
                    if !found {
                        self.unknown(
                            at,
                            out,
                            Unresolved::Unknown(
                                format!("comes from `{}.{name}`", code.text(at)).into(),
                            ),
                        );
                    }
                }
            }
        }
        after
    }

    /// The values of a member: of the tables that reach its object, or set by `$object.Name = …`.
    fn member(
        &self,
        object: usize,
        name: &str,
        value: &Reached,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) -> bool {
        let mut found = false;
        for table in &value.tables {
            if let Some(element) = self.element(*table, name) {
                self.reach(element, way, depth + 1, out);
                found = true;
            }
        }
        let own = self.code.name(object);
        for assignment in self.set_members(own, name) {
            let start = assignment.value as usize;
            self.reach(start..self.code.expression_end(start), way, depth + 1, out);
            found = true;
        }
        found
    }

    /// The assignments `$object.name = …`.
    pub(super) fn set_members(&self, object: &str, name: &str) -> Vec<Assignment> {
        let all = self.code.assignments(name);
        if !self.spend(all.len()) {
            return Vec::new();
        }
        all.iter()
            .filter(|assignment| assignment.member)
            .filter(|assignment| {
                let at = assignment.name as usize;
                at >= 2
                    && self.code.is_dot(at - 1)
                    && self.code.name(at - 2).eq_ignore_ascii_case(object)
            })
            .copied()
            .take(MOST_CALLS)
            .collect()
    }

    /// The values that a name can have.
    fn reach_name(&self, at: usize, way: &[(usize, usize)], depth: usize, out: &mut Reached) {
        let code = self.code;
        if depth > MOST_DEPTH || !self.spend(1) {
            return;
        }
        let name = code.name(at);
        if matches!(name.to_ascii_lowercase().as_str(), "_" | "psitem") {
            match self.piped(at) {
                Some(range) => self.reach(range, way, depth + 1, out),
                None => self.unknown(
                    at,
                    out,
                    Unresolved::Unknown("comes from the pipeline".into()),
                ),
            }
            return;
        }
        if matches!(
            name.to_ascii_lowercase().as_str(),
            "true" | "false" | "null"
        ) {
            return;
        }
        if let Some(range) = self.loop_over(at, name) {
            self.reach(range, way, depth + 1, out);
            return;
        }
        let assignments = code.reaching(name, at, false);
        if !assignments.is_empty() {
            for assignment in assignments {
                let start = assignment.value as usize;
                self.reach(start..code.expression_end(start), way, depth + 1, out);
            }
            return;
        }
        if self.reach_parameter(at, name, way, depth, out) {
            return;
        }
        self.unknown(
            at,
            out,
            Unresolved::Unknown(
                format!("comes from `${name}`, which this file does not set").into(),
            ),
        );
    }

    /// A parameter of the function around a place: its argument in the call of the way, or in every call; its default; or
    /// unknown. `false`: the name is no parameter.
    fn reach_parameter(
        &self,
        at: usize,
        name: &str,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) -> bool {
        let code = self.code;
        if let Some(function) = code.function_of(at) {
            let own = function.name as usize;
            let place = function
                .parameters
                .iter()
                .position(|parameter| code.name(*parameter as usize).eq_ignore_ascii_case(name));
            if let Some(place) = place {
                let calls = match way.iter().rposition(|(known, _)| *known == own) {
                    Some(step) => vec![(way[step].1, way[..step].to_vec())],
                    None => self
                        .calls(own)
                        .into_iter()
                        .map(|call| (call, Vec::new()))
                        .collect(),
                };
                let mut given = false;
                for (call, rest) in &calls {
                    if let Some(argument) = self.argument(*call, name, place) {
                        given = true;
                        self.reach(argument, rest, depth + 1, out);
                    }
                }
                if !given && !self.reach_default(at, name, way, depth, out) && calls.is_empty() {
                    self.unknown(at, out, Unresolved::DependsOnCaller);
                }
                return true;
            }
        }
        if self.is_script_parameter(name) {
            if !self.reach_default(at, name, way, depth, out) {
                self.unknown(at, out, Unresolved::DependsOnCaller);
            }
            return true;
        }
        false
    }

    /// The default of a parameter.
    fn reach_default(
        &self,
        at: usize,
        name: &str,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) -> bool {
        let around = self.function_around(at);
        let default = self.code.assignments(name).iter().find(|assignment| {
            assignment.operator == Operator::Argument
                && (self.function_around(assignment.name as usize) == around || around.is_none())
        });
        let Some(default) = default else {
            return false;
        };
        let start = default.value as usize;
        let mut end = self.code.expression_end(start);
        // The next parameter is none of the default's values.
        if let Some(comma) = (start..end)
            .find(|&at| self.code.is(at, ",") && self.code.up(at) == self.code.up(start))
        {
            end = comma;
        }
        self.reach(start..end, way, depth + 1, out);
        true
    }

    /// Whether the script's own `param(…)` names a variable.
    fn is_script_parameter(&self, name: &str) -> bool {
        let code = self.code;
        if !self.spend(code.len().min(2_000)) {
            return false;
        }
        (0..code.len().min(2_000))
            .filter(|&at| {
                code.kind(at) == TokenKind::Word
                    && code.text(at).eq_ignore_ascii_case("param")
                    && code.up(at).is_none()
            })
            .any(|at| {
                let open = at + 1;
                let close = code.pair(open).unwrap_or(open);
                (open..close).any(|inner| {
                    code.kind(inner) == TokenKind::Var
                        && code.up(inner) == Some(open)
                        && code.name(inner).eq_ignore_ascii_case(name)
                })
            })
    }

    /// The argument that a call gives to a parameter.
    fn argument(&self, call: usize, name: &str, place: usize) -> Option<Range<usize>> {
        let command = command(self.code, call);
        let lower = name.to_ascii_lowercase();
        if let Some(value) = command.parameter(&lower).filter(|value| !value.is_empty()) {
            return Some(value);
        }
        for splat in &command.splats {
            let mut reached = Reached::default();
            self.reach_name(*splat, &[], 1, &mut reached);
            if let Some(value) = reached
                .tables
                .iter()
                .find_map(|table| self.element(*table, name))
            {
                return Some(value);
            }
        }
        command.positional.get(place).cloned()
    }

    /// `foreach ($name in …)` around a place: what is looped over.
    pub(super) fn loop_over(&self, at: usize, name: &str) -> Option<Range<usize>> {
        let code = self.code;
        let mut inner = at;
        while let Some(up) = code.up(inner) {
            if code.text(up) == "{" && up > 0 && code.is(up - 1, ")") {
                let open = code.pair(up - 1)?;
                let is_loop = open > 0 && code.text(open - 1).eq_ignore_ascii_case("foreach");
                if is_loop
                    && code.name(open + 1).eq_ignore_ascii_case(name)
                    && code.text(open + 2).eq_ignore_ascii_case("in")
                {
                    return Some(open + 3..up - 1);
                }
            }
            inner = up;
        }
        None
    }

    /// What is piped into the script block around a place.
    pub(super) fn piped(&self, at: usize) -> Option<Range<usize>> {
        let code = self.code;
        let mut inner = at;
        while let Some(up) = code.up(inner) {
            if code.text(up) == "{" {
                // `… | ForEach-Object {`, `… | Where-Object -FilterScript {`, `$list.ForEach({`
                let mut word = up.checked_sub(1)?;
                if code.text(word).starts_with('-') {
                    word = word.checked_sub(1)?;
                }
                if let Some(bar) = word.checked_sub(1).filter(|bar| code.is(*bar, "|")) {
                    return Some(self.statement_start(bar)..bar);
                }
                if code.is(word, "(") && word >= 3 && code.is_dot(word - 2) {
                    return Some(code.chain_start(word - 3)..word - 2);
                }
            }
            inner = up;
        }
        None
    }

    /// The first token of the pipeline element or statement that ends before `at`, on its own level.
    pub(super) fn statement_start(&self, at: usize) -> usize {
        let code = self.code;
        let mut start = at;
        while let Some(before) = start.checked_sub(1) {
            let opens = matches!(code.kind(before), TokenKind::Open | TokenKind::HoleOpen);
            let ends = code.kind(before) == TokenKind::Punct
                && matches!(code.text(before), ";" | "=" | "+=");
            let joined = matches!(code.text(before), "," | "|");
            if opens
                || ends
                || (start < at && code.token(start).newline && !joined)
                || !self.spend(1)
            {
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

    /// The elements of a table: token of the key, tokens of the value.
    pub(super) fn elements(&self, table: usize) -> Vec<(usize, Range<usize>)> {
        let code = self.code;
        let close = code.pair(table).unwrap_or(table);
        let mut elements: Vec<(usize, Range<usize>)> = Vec::new();
        let mut at = table + 1;
        while at < close {
            if !self.spend(1) {
                break;
            }
            if code.is(at, "=") && at > table + 1 {
                let key = at - 1;
                let end = code.expression_end(at + 1).min(close);
                // The value of an element may be a pipeline.
                elements.push((key, at + 1..end.max(at + 1)));
                at = end.max(at + 1);
                continue;
            }
            at = code.skip(at).max(at + 1);
        }
        elements
    }

    /// The value of a table's element.
    pub(super) fn element(&self, table: usize, name: &str) -> Option<Range<usize>> {
        self.elements(table)
            .into_iter()
            .find(|(key, _)| self.code.name(*key).eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All values of a table; where its keys are ids of APIs, those of Microsoft Graph.
    fn reach_elements(
        &self,
        table: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let elements = self.elements(table);
        let api = |key: usize| {
            let mut reached = Reached::default();
            self.reach(key..key + 1, way, depth + 1, &mut reached);
            reached.only().and_then(|text| Uuid::try_parse(text).ok())
        };
        let by_api = elements.iter().any(|(key, _)| api(*key).is_some());
        for (key, value) in elements {
            if !by_api || api(key) == Some(MICROSOFT_GRAPH) {
                self.reach(value, way, depth + 1, out);
            }
        }
    }
}

/// The words of a text, split at blanks, commas and semicolons, each with its offset.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

impl Reader<'_, '_> {
    /// Whether the hole that is the token `hole` stands alone in its string.
    pub(super) fn is_alone_in(&self, hole: usize, open: usize, close: usize) -> bool {
        self.is_alone(hole, hole + 1, open, close)
    }

    /// The first token of the pipeline whose last command begins at `at`.
    pub(super) fn pipeline_start(&self, at: usize) -> usize {
        let mut start = at;
        while start >= 1 && self.code.is(start - 1, "|") && self.spend(1) {
            let before = start - 1;
            let earlier = self.statement_start(before);
            if earlier >= before {
                break;
            }
            start = earlier;
        }
        start
    }

    /// The token after the statement that begins at `start`, its pipeline included.
    pub(super) fn statement_end(&self, start: usize) -> usize {
        let mut end = self.code.expression_end(start);
        while self.code.is(end, "|") && self.spend(1) {
            end = self.code.expression_end(end + 1);
        }
        end
    }

    /// What calls give to the parameter of this name, and the ways from there.
    pub(super) fn given(
        &self,
        at: usize,
        name: &str,
        way: &[(usize, usize)],
    ) -> Vec<(Range<usize>, Way)> {
        let code = self.code;
        let Some(function) = code.function_of(at) else {
            return Vec::new();
        };
        let own = function.name as usize;
        let Some(place) = function
            .parameters
            .iter()
            .position(|parameter| code.name(*parameter as usize).eq_ignore_ascii_case(name))
        else {
            return Vec::new();
        };
        let calls = match way.iter().rposition(|(known, _)| *known == own) {
            Some(step) => vec![(way[step].1, way[..step].to_vec())],
            None => self
                .calls(own)
                .into_iter()
                .map(|call| (call, Vec::new()))
                .collect(),
        };
        calls
            .into_iter()
            .filter_map(|(call, rest)| Some((self.argument(call, name, place)?, rest)))
            .collect()
    }
}

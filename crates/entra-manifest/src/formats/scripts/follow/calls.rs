//! Functions of a script: their calls, parameters, defaults and arguments.

use std::ops::Range;

use source_lex::TokenKind;

use super::*;

impl Reader<'_, '_> {
    /// The ways to a place: through each call of the function around it, and of the function around that call.
    pub(in super::super) fn ways(&self, at: usize) -> Vec<Way> {
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
    pub(in super::super) fn function_around(&self, at: usize) -> Option<usize> {
        self.code
            .function_of(at)
            .map(|function| function.name as usize)
    }

    /// The function of this name, in any case.
    pub(in super::super) fn function_named(&self, name: &str) -> Option<&source_lex::Function> {
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

    /// The calls of a function, by the token of its name.
    pub(in super::super) fn calls(&self, name: usize) -> Vec<usize> {
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

    /// The calls through which a function is entered: that of the way, or all of them; and the way from there.
    pub(in super::super) fn calls_on(
        &self,
        function: usize,
        way: &[(usize, usize)],
    ) -> Vec<(usize, Way)> {
        match way.iter().rposition(|(known, _)| *known == function) {
            Some(step) => vec![(way[step].1, way[..step].to_vec())],
            None => {
                let calls = self.calls(function).into_iter();
                calls.map(|call| (call, Vec::new())).collect()
            }
        }
    }

    /// Whether a word stands where a command begins.
    pub(in super::super) fn begins_command(&self, at: usize) -> bool {
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

    /// What calls give to the parameter of this name, and the ways from there.
    pub(in super::super) fn given(
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
        let calls = self.calls_on(own, way);
        calls
            .into_iter()
            .filter_map(|(call, rest)| Some((self.argument(call, name, place)?, rest)))
            .collect()
    }

    /// A parameter of the function around a place: its argument in the call of the way, or in every call; its default; or
    /// unknown. `false`: the name is no parameter.
    pub(in super::super) fn reach_parameter(
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
                let calls = self.calls_on(own, way);
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

    /// Whether the function around a place has a parameter of this name.
    pub(in super::super) fn is_parameter(&self, at: usize, name: &str) -> bool {
        self.code.function_of(at).is_some_and(|function| {
            function.parameters.iter().any(|parameter| {
                self.code
                    .name(*parameter as usize)
                    .eq_ignore_ascii_case(name)
            })
        })
    }

    /// The default of a parameter.
    pub(in super::super) fn reach_default(
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
    pub(in super::super) fn is_script_parameter(&self, name: &str) -> bool {
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
    pub(in super::super) fn argument(
        &self,
        call: usize,
        name: &str,
        place: usize,
    ) -> Option<Range<usize>> {
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
}

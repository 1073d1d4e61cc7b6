//! The values of a variable and of its members.

use std::ops::Range;

use source_lex::TokenKind;

use super::*;

impl Reader<'_, '_> {
    /// The values that a name can have.
    pub(in super::super) fn reach_name(
        &self,
        at: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
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
        // The default of a parameter counts where no call gives another value.
        let only_default = assignments
            .iter()
            .all(|assignment| assignment.operator == Operator::Argument);
        if !assignments.is_empty() && (!only_default || !self.is_parameter(at, name)) {
            for assignment in assignments {
                let start = assignment.value as usize;
                self.reach(start..code.expression_end(start), way, depth + 1, out);
            }
            // `$scopes.Add('Mail.Send')`; with two arguments it is a table that gets an element.
            let function = self.function_around(at);
            for open in self.added(name) {
                let arguments = code.arguments(*open);
                if arguments.len() == 1 && self.function_around(*open) == function {
                    self.reach(arguments[0].clone(), way, depth + 1, out);
                }
            }
            return;
        }
        if self.reach_parameter(at, name, way, depth, out) {
            return;
        }
        let reach = |reader: &Reader<'_, '_>, range: Range<usize>, out: &mut Reached| {
            reader.reach(range, &[], depth + 1, out);
        };
        if !self.linked_variable(name, reach, out) {
            self.not_set(at, out);
        }
    }

    /// A variable with what follows it: a member, an index. Gives the token after all of it.
    pub(in super::super) fn reach_variable(
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
    pub(in super::super) fn member(
        &self,
        object: usize,
        name: &str,
        value: &Reached,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) -> bool {
        let mut found = false;
        for element in self.members(object, name, value) {
            self.reach(element, way, depth + 1, out);
            found = true;
        }
        found
    }

    /// The values of the members of an object, or of the parameters that a splatted table sets, whose names may be cut
    /// short: elements of the tables that reach it, `$object.Name = …`, `$object['Name'] = …`, `$object.Add('Name', …)`.
    pub(in super::super) fn members(
        &self,
        object: usize,
        name: &str,
        value: &Reached,
    ) -> Vec<Range<usize>> {
        let code = self.code;
        let mut found = Vec::new();
        for table in &value.tables {
            let elements = self.elements(*table);
            let element = elements.into_iter().find(|(key, _)| {
                let own = code.name(*key);
                own.eq_ignore_ascii_case(name)
                    || (own.len() >= 3
                        && name.len() > own.len()
                        && name.is_char_boundary(own.len())
                        && name[..own.len()].eq_ignore_ascii_case(own)
                        && code.text(object).starts_with('@'))
            });
            found.extend(element.map(|(_, value)| value));
        }
        let own = code.name(object);
        for assignment in self.set_members(own, name) {
            let start = assignment.value as usize;
            found.push(start..code.expression_end(start));
        }
        for open in self.added(own) {
            if let [key, value] = &code.arguments(*open)[..]
                && code.name(key.start).eq_ignore_ascii_case(name)
            {
                found.push(value.clone());
            }
        }
        found
    }

    /// `$name.Add(…)`, `$name.AddRange(…)`: the parentheses.
    pub(in super::super) fn added(&self, name: &str) -> &[usize] {
        let added = self.added.get_or_init(|| {
            let code = self.code;
            let mut added: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for at in 0..code.len().saturating_sub(3) {
                if code.kind(at) == TokenKind::Var
                    && code.is_dot(at + 1)
                    && code.is(at + 3, "(")
                    && matches!(
                        code.text(at + 2).to_ascii_lowercase().as_str(),
                        "add" | "addrange" | "append" | "push" | "enqueue"
                    )
                {
                    let places = added.entry(code.name(at).to_ascii_lowercase()).or_default();
                    if places.len() < MOST_CALLS {
                        places.push(at + 3);
                    }
                }
            }
            added
        });
        added
            .get(&name.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// `$name[$role.Value] = $role.Id`: what the table of this name is filled by.
    pub(in super::super) fn filled(&self, name: &str) -> Option<Range<usize>> {
        let filled = self.filled.get_or_init(|| {
            let code = self.code;
            let mut filled = FxHashMap::default();
            for at in 0..code.len().saturating_sub(5) {
                if code.kind(at) != TokenKind::Var || !code.is(at + 1, "[") {
                    continue;
                }
                let close = code.pair(at + 1).unwrap_or(at + 1);
                let by_value = close >= at + 5
                    && code.kind(at + 2) == TokenKind::Var
                    && code.text(close - 1).eq_ignore_ascii_case("value");
                if by_value && code.is(close + 1, "=") {
                    filled
                        .entry(code.name(at).to_ascii_lowercase())
                        .or_insert(at + 2..close);
                }
            }
            filled
        });
        filled.get(&name.to_ascii_lowercase()).cloned()
    }

    /// The assignments `$object.name = …`.
    pub(in super::super) fn set_members(&self, object: &str, name: &str) -> Vec<Assignment> {
        let all = self.code.assignments(name);
        if !self.spend(all.len()) {
            return Vec::new();
        }
        all.iter()
            .filter(|assignment| assignment.member)
            .filter(|assignment| {
                let at = assignment.name as usize;
                at >= 2
                    && (self.code.is_dot(at - 1) || self.code.is(at - 1, "["))
                    && self.code.name(at - 2).eq_ignore_ascii_case(object)
            })
            .copied()
            .take(MOST_CALLS)
            .collect()
    }
}

//! Folding names: the values that assignments which reach a place give them.

use crate::code::Code;
use crate::fold::{ALTERNATIVES, DEPTH, product};
use crate::index::{Assignment, Operator};
use crate::language::Dialect;
use crate::token::TokenKind;
use crate::value::{Part, Value};

impl Code<'_> {
    /// The values that a name can have at a place.
    pub fn fold_name(&self, at: usize) -> Vec<Value> {
        let member = at > 0 && self.is_dot(at - 1);
        self.name_values(self.name(at), None, at, member, 0)
    }

    /// What a name can be at a place.
    pub(crate) fn name_values(
        &self,
        name: &str,
        receiver: Option<&str>,
        at: usize,
        member: bool,
        depth: usize,
    ) -> Vec<Value> {
        let start = self.token(at).start;
        let unknown = || vec![Value::hole(name, start)];
        if depth > DEPTH {
            return unknown();
        }
        let mut reaching = self.reaching(name, at, member);
        // `item.path` in a loop over a list of objects: the property of each.
        if let Some(literal) = receiver
            .filter(|_| member)
            .and_then(|receiver| self.looped_literal(receiver))
        {
            reaching = self
                .assignments(name)
                .iter()
                .filter(|assignment| literal.contains(&(assignment.name as usize)))
                .copied()
                .collect();
        } else {
            reaching.retain(|assignment| {
                assignment.operator != Operator::Property || self.property_of(assignment, receiver)
            });
        }
        let mut values: Vec<Value> = Vec::new();
        for assignment in reaching {
            let key = match assignment.operator {
                Operator::Each { .. } => assignment.name | 1 << 30,
                _ => assignment.value,
            };
            if self.busy.borrow().contains(&key) {
                continue;
            }
            let mut folded = self.assigned(&assignment, depth);
            if assignment.operator == Operator::Append {
                self.busy.borrow_mut().push(key);
                // `if (…) { url += a } else { url += b }`: the one branch does not add to the other.
                let other = self.branch_before(assignment.name as usize);
                let from = other.unwrap_or(assignment.name as usize);
                let mut base = self.name_values(name, receiver, from, member, depth + 1);
                if let Some(other) = other {
                    let both = (other, assignment.name as usize);
                    let added: Vec<Value> = self
                        .assignments(name)
                        .iter()
                        .filter(|own| {
                            own.operator == Operator::Append
                                && (both.0..both.1).contains(&(own.name as usize))
                        })
                        .flat_map(|own| self.assigned(own, depth))
                        .collect();
                    folded.extend(added);
                }
                self.busy.borrow_mut().pop();
                folded = product(&base, &folded);
                if other.is_none() && !self.is_sure(&assignment, at) {
                    folded.append(&mut base);
                }
            }
            let stop = assignment.operator == Operator::Append;
            for mut value in folded {
                // `let url = ""` and `= null` only declare.
                if value
                    .parts
                    .iter()
                    .all(|part| matches!(part, Part::Literal { text, .. } if text.is_empty()))
                {
                    value.parts = vec![Part::Hole {
                        name: name.to_owned(),
                        start,
                    }];
                }
                if value.through.len() < 8 {
                    value.through.insert(
                        0,
                        (name.to_owned(), self.token(assignment.name as usize).start),
                    );
                }
                if !values.contains(&value) && values.len() < ALTERNATIVES {
                    values.push(value);
                }
            }
            if stop {
                break;
            }
        }
        if values.is_empty()
            && let Some(text) = self.outside.get(name)
            && !self.is_parameter(name, at)
        {
            let mut value = Value::literal(text.clone(), start);
            value.through.push((name.to_owned(), start));
            return vec![value];
        }
        if values.is_empty() { unknown() } else { values }
    }

    /// The values of the right side of an assignment, computed once.
    pub(crate) fn assigned(&self, assignment: &Assignment, depth: usize) -> Vec<Value> {
        let each = matches!(assignment.operator, Operator::Each { .. });
        let key = if each {
            assignment.name | 1 << 30
        } else {
            assignment.value
        };
        if let Some(known) = self.memo.borrow().get(&key) {
            return known.clone();
        }
        self.busy.borrow_mut().push(key);
        let start = assignment.value as usize;
        let end = if self.dialect() == Dialect::Shell {
            self.word_end(start)
        } else {
            self.expression_end(start)
        };
        let values = if each {
            self.each(assignment, depth + 1)
        } else {
            self.fold_at(start..end, depth + 1)
        };
        self.busy.borrow_mut().pop();
        // A result that a cycle or the depth cut short is right for this place only.
        if depth < DEPTH / 2 && self.busy.borrow().is_empty() {
            self.memo.borrow_mut().insert(key, values.clone());
        }
        values
    }

    /// Whether an element of an object literal belongs to the object that `receiver` names.
    pub(crate) fn property_of(&self, assignment: &Assignment, receiver: Option<&str>) -> bool {
        let Some(open) = self.up(assignment.name as usize) else {
            return false;
        };
        let Some(receiver) = receiver else {
            return false;
        };
        let from = open.saturating_sub(8);
        (from..open).rev().any(|at| {
            matches!(
                self.kind(at),
                TokenKind::Word | TokenKind::Var | TokenKind::Str
            ) && self.name(at) == receiver
        })
    }

    /// Where the first branch of the `if` begins whose `else` holds a place.
    fn branch_before(&self, at: usize) -> Option<usize> {
        let open = self.up(at).filter(|open| self.is(*open, "{"))?;
        let before = open.checked_sub(2)?;
        let other = self.text(open - 1).eq_ignore_ascii_case("else") && self.is(before, "}");
        if other { self.pair(before) } else { None }
    }
}

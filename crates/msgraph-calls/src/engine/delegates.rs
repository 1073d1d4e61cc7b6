//! Functions that hand the path which they are given to another function: `get(path)` that calls `request("GET", path)`,
//! and methods of a base class.

use std::ops::Range;

use source_lex::{Function, Part, TokenKind};

use super::Scan;
use super::helper_definitions::is_address_name;
use crate::helpers::{Argument, Delegate, Helper, HelperPart};

/// How far into a function its calls are looked at.
const FAR: usize = 1_200;

/// Through how many functions a path is followed.
const ROUNDS: usize = 4;

impl Scan<'_, '_> {
    /// The functions of the text that hand an address of their parameters to another function.
    pub(super) fn delegates(&self) -> Vec<Delegate> {
        let code = self.code;
        let mut found = Vec::new();
        for function in code.functions() {
            let parameters = self.parameter_names(function);
            if !parameters.iter().any(|name| is_address_name(name)) {
                continue;
            }
            let (start, end) = (function.start as usize, function.end as usize);
            for at in start..end.min(start + FAR) {
                if code.kind(at) != TokenKind::Word || !code.is(at + 1, "(") {
                    continue;
                }
                let callee = code.text(at);
                if callee == code.text(function.name as usize) || callee.len() < 3 {
                    continue;
                }
                let arguments: Vec<Argument> = code
                    .arguments(at + 1)
                    .into_iter()
                    .map(|range| self.handed(range, &parameters))
                    .collect();
                let hands = arguments.iter().any(|argument| {
                    argument.parts.iter().any(|part| {
                        matches!(part, HelperPart::Parameter(number) if is_address_name(&parameters[*number]))
                    })
                });
                if hands {
                    found.push(Delegate {
                        name: code.text(function.name as usize).to_owned(),
                        class: self.class_of(function.name as usize),
                        parameters: parameters.clone(),
                        callee: callee.to_owned(),
                        arguments,
                        at,
                    });
                }
            }
        }
        found
    }

    pub(super) fn parameter_names(&self, function: &Function) -> Vec<String> {
        function
            .parameters
            .iter()
            .map(|at| self.code.name(*at as usize).to_owned())
            .collect()
    }

    /// The class around a place.
    pub(super) fn class_of(&self, at: usize) -> Option<String> {
        let next = self.classes.partition_point(|class| *class < at);
        let class = self.classes[next.checked_sub(1)?];
        Some(self.code.text(class + 1).to_owned())
    }

    /// An argument that a function hands on, as text and parameters of the function.
    fn handed(&self, range: Range<usize>, parameters: &[String]) -> Argument {
        let code = self.code;
        let named = range.len() > 2
            && matches!(code.kind(range.start), TokenKind::Word)
            && matches!(code.text(range.start + 1), "=" | ":");
        let (name, value) = if named {
            let name = code.text(range.start).to_owned();
            (Some(name), range.start + 2..range.end)
        } else {
            (None, range)
        };
        let method = self.argument_verb(value.clone());
        let mut parts = Vec::new();
        if value.len() <= 40 {
            // Of `url = path` and `url = page.next` the one that is made of a parameter counts.
            let values = code.fold(value);
            let own = |name: &str| parameters.iter().position(|parameter| parameter == name);
            let best = values.iter().find(|value| {
                value
                    .parts
                    .iter()
                    .any(|part| matches!(part, Part::Hole { name, .. } if own(name).is_some()))
            });
            for part in best.map_or(&[][..], |value| &value.parts) {
                parts.push(match part {
                    Part::Literal { text, .. } => HelperPart::Text(text.clone()),
                    Part::Hole { name, .. } => {
                        own(name).map_or(HelperPart::Unknown, HelperPart::Parameter)
                    }
                });
            }
        }
        Argument {
            name,
            parts,
            method,
        }
    }

    /// The helpers that functions of the text are by way of others, of the text or of the project.
    pub(super) fn derived_helpers(&self, known: &[Helper]) -> Vec<Helper> {
        let delegates = self.delegates();
        let mut derived: Vec<Helper> = Vec::new();
        for _ in 0..ROUNDS {
            let before = derived.len();
            for delegate in &delegates {
                let has = |helper: &&Helper| helper.name == delegate.name;
                if known.iter().any(|helper| has(&helper))
                    || derived.iter().any(|helper| has(&helper))
                {
                    continue;
                }
                let callee = known
                    .iter()
                    .chain(&derived)
                    .find(|helper| helper.name == delegate.callee)
                    .or_else(|| self.helper_for(&delegate.callee, delegate.at));
                derived.extend(callee.and_then(|callee| delegate.through(callee)));
            }
            if derived.len() == before {
                break;
            }
        }
        derived
    }

    /// The helper of the project that a call of `name` at `at` means. A name that many things have means one only on a
    /// receiver of Microsoft Graph, or in a class that is derived from the helper's.
    pub(super) fn helper_for(&self, name: &str, at: usize) -> Option<&Helper> {
        if super::helper_calls::is_generic(name) {
            let chain = self.slice(self.code.chain_start(at)..at + 1);
            if super::names::contains(chain, "graph") {
                return self.helpers.get(name);
            }
            let own = ["this", "self", "$this", "super", "base", "parent", name]
                .iter()
                .any(|own| chain.starts_with(own));
            return self
                .bases
                .iter()
                .filter(|_| own)
                .find_map(|base| self.helpers.of_class(base, name));
        }
        self.helpers.get(name)
    }
}

//! The verb that the options of a call give: an object, a hashtable, members set before.

use source_lex::{Language, TokenKind};

use super::Scan;
use super::call_verb::NEAREST;
use super::outward::Verb;
use super::words::is_method_key;

impl Scan<'_, '_> {
    /// The method that an object names.
    pub(super) fn verb_in(&self, open: usize) -> Option<Verb> {
        let code = self.code;
        let close = code.pair(open)?;
        let mut at = open + 1;
        let mut steps = 0;
        while at < close && steps < 400 {
            steps += 1;
            let key = matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
                && is_method_key(code.name(at));
            // `{ method, headers }`: a name that is its own key.
            if key
                && code.kind(at) == TokenKind::Word
                && code.language() == Language::JavaScript
                && matches!(code.text(at + 1), "," | "}")
                && matches!(code.text(at - 1), "," | "{")
            {
                return Some(if code.is_parameter(code.name(at), at) {
                    Verb::Parameter
                } else {
                    self.folded_verb(at..at + 1)
                });
            }
            if key && matches!(code.text(at + 1), ":" | "=" | "=>") {
                let end = code.expression_end(at + 2).min(close);
                let value = at + 2..end;
                return Some(match self.constant_verb(value.clone()) {
                    Some(verb) => verb,
                    None => self.folded_verb(value),
                });
            }
            // `{ url, method }`.
            if key
                && matches!(code.text(at + 1), "," | "}")
                && code.language() == Language::JavaScript
            {
                return Some(self.folded_verb(at..at + 1));
            }
            at = code.skip(at);
        }
        None
    }

    pub(super) fn has_key(&self, open: usize, keys: &[&str]) -> bool {
        let Some(close) = self.code.pair(open) else {
            return false;
        };
        let mut at = open + 1;
        for _ in 0..400 {
            if at >= close {
                break;
            }
            if keys.contains(&self.code.name(at))
                && matches!(self.code.text(at + 1), ":" | "=" | "=>" | ",")
            {
                return true;
            }
            at = self.code.skip(at);
        }
        false
    }

    /// The method of options that a name holds.
    pub(super) fn verb_of_options(&self, at: usize) -> Option<Verb> {
        let code = self.code;
        let name = code.name(at);
        let reaching = code.reaching(name, at, false);
        let assignment = reaching.first()?;
        let open = assignment.value as usize;
        if matches!(code.text(open), "{" | "[")
            && let Some(verb) = self.verb_in(open)
        {
            return Some(verb);
        }
        // `options.method = 'POST'`, `options["method"] = …`.
        self.member_verb(name, assignment.name as usize, at)
    }

    /// `name.method = X` between two places.
    pub(super) fn member_verb(&self, name: &str, from: usize, to: usize) -> Option<Verb> {
        let code = self.code;
        for key in ["method", "Method", "httpMethod"] {
            let all = code.assignments(key);
            let before = all.partition_point(|assignment| (assignment.name as usize) < to);
            for assignment in all[..before].iter().rev().take(NEAREST) {
                code.spend(1);
                let at = assignment.name as usize;
                if at <= from || at < 2 {
                    break;
                }
                let owner = if code.is_dot(at - 1) {
                    Some(at - 2)
                } else {
                    (code.is(at - 1, "[")).then(|| at - 2)
                };
                if owner.is_some_and(|owner| code.name(owner) == name) {
                    let start = assignment.value as usize;
                    let value = start..code.expression_end(start);
                    return self
                        .constant_verb(value.clone())
                        .or_else(|| Some(self.folded_verb(value)));
                }
            }
        }
        None
    }
}

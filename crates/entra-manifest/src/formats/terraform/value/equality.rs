//! When two values are equal, as far as that is known, and lists without what occurs twice.

use std::rc::Rc;

use super::{Kind, Origin, Value};

impl Value {
    /// Whether the values are equal; `None` if that is not known, or takes too long to tell.
    pub(in crate::formats) fn equals(&self, other: &Self) -> Option<bool> {
        // Values share their parts, so that a small configuration can make one that would take forever to walk.
        self.equals_within(other, &mut 10_000)
    }

    fn equals_within(&self, other: &Self, budget: &mut usize) -> Option<bool> {
        *budget = budget.checked_sub(1)?;
        match (&self.settled().kind, &other.settled().kind) {
            (Kind::Unknown(_) | Kind::Symbol(_), _) | (_, Kind::Unknown(_) | Kind::Symbol(_)) => {
                None
            }
            (Kind::Choice { options, .. }, _) => {
                agree(options.iter().map(|o| o.equals_within(other, budget)))
            }
            (_, Kind::Choice { options, .. }) => {
                agree(options.iter().map(|o| self.equals_within(o, budget)))
            }
            (Kind::Null, Kind::Null) => Some(true),
            (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
            #[expect(clippy::float_cmp, reason = "Terraform compares numbers exactly")]
            (Kind::Number(a), Kind::Number(b)) => Some(a == b),
            (Kind::Text(a), Kind::Text(b)) => Some(a.text == b.text),
            (Kind::List(a) | Kind::Set(a), Kind::List(b) | Kind::Set(b)) => {
                if a.iter().chain(b.iter()).any(|v| v.maybe.is_some()) {
                    return None;
                }
                if a.len() != b.len() {
                    return Some(false);
                }
                all(a
                    .iter()
                    .zip(b.iter())
                    .map(|(a, b)| a.equals_within(b, budget)))
            }
            (Kind::Map(a), Kind::Map(b)) => {
                if a.iter().chain(b.iter()).any(|e| e.value.maybe.is_some()) {
                    return None;
                }
                if a.len() != b.len() {
                    return Some(false);
                }
                all(a.iter().zip(b.iter()).map(|(a, b)| {
                    if a.key.text == b.key.text {
                        a.value.equals_within(&b.value, budget)
                    } else {
                        Some(false)
                    }
                }))
            }
            _ => Some(false),
        }
    }
}

/// The common answer of all, if there is one.
fn agree(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = answers.next()??;
    answers.all(|a| a == Some(first)).then_some(first)
}

fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// The values without those that equal an earlier one. What is not known equals nothing.
pub(in crate::formats) fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut seen = rustc_hash::FxHashSet::default();
    let mut out: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        let new = match &value.kind {
            Kind::Text(text) => seen.insert(text.text.clone()),
            Kind::Number(_) | Kind::Bool(_) | Kind::Null => {
                !out.iter().any(|o| o.equals(&value) == Some(true))
            }
            // A bound on comparing every pair; what is equal and kept twice is merged where requests are collected.
            Kind::Map(_) | Kind::List(_) | Kind::Set(_) if out.len() < 200 => {
                !out.iter().any(|o| o.equals(&value) == Some(true))
            }
            _ => true,
        };
        if new {
            out.push(value);
        } else if value.maybe.is_none()
            && let Some(same) = out.iter_mut().find(|o| o.equals(&value) == Some(true))
        {
            same.maybe = None;
        }
    }
    out
}

/// The values without those that come from the same literal as an earlier one.
pub(in crate::formats) fn distinct_literals(values: Vec<Value>) -> Vec<Value> {
    let mut seen: rustc_hash::FxHashMap<(Origin, Rc<str>), usize> =
        rustc_hash::FxHashMap::default();
    let mut out: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if let Kind::Text(text) = &value.kind {
            if let Some(at) = seen.get(&(text.origin, text.text.clone())) {
                if value.maybe.is_none() {
                    out[*at].maybe = None;
                }
                continue;
            }
            seen.insert((text.origin, text.text.clone()), out.len());
        }
        out.push(value);
    }
    out
}

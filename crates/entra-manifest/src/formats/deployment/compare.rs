//! Operators: comparisons and calculations, and what they ask of permissions.

use std::rc::Rc;

use source_text::Span;

use super::expr::{Binary, Unary};
use super::symbolic::{Aspect, Known, Symbolic, Test};
use super::value::{Data, Value, Why, join, why_of};

pub(super) fn unary(op: Unary, value: Value, span: Span) -> Value {
    let assumed = value.assumed;
    match (op, &value.data) {
        (Unary::NotNull | Unary::Plus, _) => value,
        (Unary::Not, Data::Bool(b)) => Value::bool(!b, span).assumed(assumed),
        (Unary::Minus, Data::Int(i)) => {
            Value::new(Data::Int(i.wrapping_neg()), span).assumed(assumed)
        }
        (Unary::Not, Data::Symbolic(Symbolic::Test(_))) => Value::unknown(
            Why::Unsupported("choosing permissions by what they are not"),
            span,
        ),
        (_, Data::Unknown(_)) => value,
        _ => Value::unknown(Why::Type("a number or a truth value"), span),
    }
}

/// What a comparison with a member of any permission asks of it.
pub(super) fn symbolic_test(a: &Value, b: &Value) -> Option<Test> {
    let asked = |value: &Value| match &value.data {
        Data::Symbolic(Symbolic::Aspect(permission, aspect))
            if matches!(permission.known, Known::Any) =>
        {
            Some(*aspect)
        }
        _ => None,
    };
    let other = |value: &Value| matches!(&value.data, Data::Symbolic(Symbolic::Test(_)));
    match (asked(a), asked(b)) {
        (Some(aspect), None) => Some(named(aspect, b)),
        (None, Some(aspect)) => Some(named(aspect, a)),
        _ if other(a) || other(b) => Some(Test::Other),
        _ => None,
    }
}

fn named(aspect: Aspect, value: &Value) -> Test {
    match aspect {
        Aspect::Id => Test::Ids(vec![value.clone()]),
        _ => Test::Names(vec![value.clone()]),
    }
}

/// A comparison or a calculation.
pub(super) fn compare(op: Binary, a: &Value, b: &Value, span: Span) -> Value {
    let assumed = a.assumed || b.assumed;
    if let (Binary::Equals | Binary::Like, Some(test)) = (op, symbolic_test(a, b)) {
        return Value::new(Data::Symbolic(Symbolic::Test(Rc::new(test))), span);
    }
    if let Data::Either(options) = &a.data {
        let values = options.iter().map(|one| compare(op, one, b, span));
        return values
            .reduce(|a, b| join(a, b, None))
            .unwrap_or_else(|| Value::unknown(Why::Limit, span));
    }
    let like = || match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => Some(a.to_lowercase() == b.to_lowercase()),
        _ => a.equals(b),
    };
    let truth = match op {
        Binary::Equals => a.equals(b),
        Binary::NotEquals => a.equals(b).map(|same| !same),
        Binary::Like => like(),
        Binary::NotLike => like().map(|same| !same),
        _ => match (&a.data, &b.data) {
            (Data::Int(a), Data::Int(b)) => {
                let number = match op {
                    Binary::Less => return Value::bool(a < b, span).assumed(assumed),
                    Binary::LessOrEqual => return Value::bool(a <= b, span).assumed(assumed),
                    Binary::Greater => return Value::bool(a > b, span).assumed(assumed),
                    Binary::GreaterOrEqual => return Value::bool(a >= b, span).assumed(assumed),
                    Binary::Add => a.checked_add(*b),
                    Binary::Subtract => a.checked_sub(*b),
                    Binary::Multiply => a.checked_mul(*b),
                    Binary::Divide => a.checked_div(*b),
                    Binary::Modulo => a.checked_rem(*b),
                    _ => None,
                };
                return match number {
                    Some(number) => Value::new(Data::Int(number), span).assumed(assumed),
                    None => Value::unknown(Why::Type("a number that fits"), span),
                };
            }
            _ => None,
        },
    };
    match truth {
        Some(truth) => Value::bool(truth, span).assumed(assumed),
        None => {
            let unknown = [a, b]
                .into_iter()
                .find(|value| value.as_unknown().is_some());
            match unknown {
                Some(value) => Value::unknown(why_of(value), value.span),
                None => Value::unknown(Why::Unsupported("comparing these values"), span),
            }
        }
    }
}

//! What functions mean where an argument stands for permissions of a service principal.

use std::rc::Rc;

use source_text::Span;

use super::compare::symbolic_test;
use super::eval::Evaluator;
use super::symbolic::{Aspect, Known, Permission, Symbolic, Test};
use super::texts;
use super::value::{Data, Value, Why, elements, join};

/// What a function means where one of its arguments stands for permissions of a service principal.
pub(super) fn of_permissions(
    evaluator: &Evaluator<'_>,
    name: &str,
    values: &[Value],
    span: Span,
) -> Option<Value> {
    let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
    let test = |test| Some(symbolic(Symbolic::Test(Rc::new(test))));
    let first = values.first();
    match (name, values) {
        ("equals", [a, b]) => symbolic_test(a, b).and_then(test),
        ("contains", [list, element]) => match (&list.data, &element.data) {
            (_, Data::Symbolic(Symbolic::Aspect(permission, aspect)))
                if matches!(permission.known, Known::Any) =>
            {
                let known = match &list.data {
                    // Names in one string: a part of another name would do, which no author means.
                    Data::Text(text) => texts::words(text),
                    Data::Object(members) => (members.iter())
                        .map(|(key, value)| Value::worked_out(key.clone(), value.span))
                        .collect(),
                    _ => elements(list),
                };
                test(match aspect {
                    Aspect::Id => Test::Ids(known),
                    _ => Test::Names(known),
                })
            }
            (Data::Symbolic(Symbolic::Test(_)), _) => test(Test::Other),
            // Part of a name chooses by a pattern, which only the tenant's data answers.
            (Data::Symbolic(Symbolic::Aspect(..)), _) => Some(Value::unknown(
                Why::Unsupported("choosing permissions by a part of their name"),
                span,
            )),
            _ => None,
        },
        ("startswith" | "endswith", [a, _]) => match &a.data {
            Data::Symbolic(Symbolic::Aspect(..)) => Some(Value::unknown(
                Why::Unsupported("choosing permissions by a part of their name"),
                span,
            )),
            _ => None,
        },
        ("and", _) | ("or", _) => {
            let stops = name == "or";
            let mut rest = values.iter();
            let mut value = rest.next()?.clone();
            for next in rest {
                value = logic(stops, &value, next, span);
            }
            Some(value)
        }
        // Names match in any case, so letter case and blanks make no other permission of it.
        ("tolower" | "toupper" | "trim" | "string" | "any" | "array" | "createarray", [one]) => {
            match &one.data {
                Data::Symbolic(_) if matches!(name, "array" | "createarray") => {
                    Some(Value::list(vec![one.clone()], span))
                }
                Data::Symbolic(_) => Some(one.clone()),
                _ => None,
            }
        }
        ("first" | "last", [one]) => match &one.data {
            Data::Symbolic(Symbolic::Permissions(..)) => Some(Value::unknown(
                Why::Unsupported("picking a permission by its number"),
                span,
            )),
            _ => None,
        },
        ("indexof", [list, element]) => match &list.data {
            Data::Symbolic(Symbolic::Every(of, among, aspect)) => {
                let known = match aspect {
                    Aspect::Id => Known::Id(element.clone()),
                    _ => Known::Name(element.clone()),
                };
                Some(symbolic(Symbolic::Position(Rc::new(Permission {
                    of: of.clone(),
                    among: *among,
                    known,
                }))))
            }
            _ => None,
        },
        ("reference" | "resourceid", _) => None,
        ("tryget", [of, keys @ ..]) => {
            let mut value = of.clone();
            for key in keys {
                value = evaluator.at(&value, key, true, false, span);
            }
            Some(value)
        }
        ("tryindexfromend", [of, index]) => Some(evaluator.at(of, index, true, true, span)),
        ("coalesce", _) => {
            let mut seen: Option<Value> = None;
            for value in values {
                match &value.data {
                    Data::Null => {}
                    Data::Unknown(_) => {
                        seen = Some(match seen {
                            Some(seen) => join(seen, value.clone(), Some(span)),
                            None => value.clone(),
                        });
                    }
                    _ => {
                        return Some(match seen {
                            Some(seen) => join(seen, value.clone(), Some(span)),
                            None => value.clone(),
                        });
                    }
                }
            }
            seen.or_else(|| first.cloned())
        }
        _ => None,
    }
}

/// `&&` and `||`. Of two conditions on permissions, "and" keeps the one that names permissions.
pub(super) fn logic(or: bool, a: &Value, b: &Value, span: Span) -> Value {
    let assumed = a.assumed || b.assumed;
    let tested = |value: &Value| match &value.data {
        Data::Symbolic(Symbolic::Test(test)) => Some(Rc::clone(test)),
        _ => None,
    };
    let test = |test| Value::new(Data::Symbolic(Symbolic::Test(Rc::new(test))), span);
    match (tested(a), tested(b), or) {
        (Some(a), Some(b), false) => match (&*a, &*b) {
            (Test::Other, named) | (named, Test::Other) => test(named.clone()),
            _ => Value::unknown(
                Why::Unsupported("choosing a permission by two names at once"),
                span,
            ),
        },
        (Some(a), Some(b), true) => match (&*a, &*b) {
            (Test::Names(a), Test::Names(b)) => test(Test::Names([&a[..], &b[..]].concat())),
            (Test::Ids(a), Test::Ids(b)) => test(Test::Ids([&a[..], &b[..]].concat())),
            _ => Value::unknown(
                Why::Unsupported("choosing permissions by name or something else"),
                span,
            ),
        },
        // A condition that is not about the permission can only take it away.
        (Some(one), None, false) if !matches!(b.data, Data::Bool(false)) => test((*one).clone()),
        (None, Some(one), false) if !matches!(a.data, Data::Bool(false)) => test((*one).clone()),
        _ => match (&a.data, &b.data) {
            (Data::Bool(a), Data::Bool(b)) => {
                Value::bool(if or { *a || *b } else { *a && *b }, span).assumed(assumed)
            }
            (Data::Bool(known), _) | (_, Data::Bool(known)) if *known == or && !assumed => {
                Value::bool(or, span)
            }
            (Data::Unknown(_), _) => a.clone(),
            (_, Data::Unknown(_)) => b.clone(),
            _ => Value::unknown(Why::Type("a truth value"), span),
        },
    }
}

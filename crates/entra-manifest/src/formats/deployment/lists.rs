//! Functions over lists and lambdas, and what they mean for the permissions of a service principal.

use std::rc::Rc;

use camino::Utf8Path;
use source_text::Span;

use super::eval::{ELEMENTS, Env, Evaluator, Loaded, aspect_of, elements, int, join, why_of};
use super::expr::Expr;
use super::functions;
use super::symbolic::{Aspect, Known, Permission, Symbolic, Test};
use super::value::{Data, Piece, Text, Value, Why};

/// A call of a function that no file declares.
pub(super) fn call(
    evaluator: &Evaluator<'_>,
    scope: usize,
    env: &Env,
    name: &str,
    args: &[Expr],
    span: Span,
) -> Value {
    let lower = name.to_ascii_lowercase();
    let eval = |at: usize| args.get(at).map(|arg| evaluator.eval(scope, env, arg));
    // Lambdas, and choices that must not look at both sides alike.
    match (lower.as_str(), args) {
        ("if", [condition, a, b]) => {
            let kind = super::expr::ExprKind::If(
                Box::new(condition.clone()),
                Box::new(a.clone()),
                Box::new(b.clone()),
            );
            return evaluator.eval(scope, env, &Expr::new(kind, span));
        }
        ("filter", [_, lambda]) => {
            let list = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            return filter(evaluator, scope, env, &list, lambda, span);
        }
        ("map", [_, lambda]) => {
            let list = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            return map(evaluator, scope, env, &list, lambda, span);
        }
        ("reduce", [_, _, lambda]) => {
            let list = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            let mut value = eval(1).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            for (nth, element) in evaluator.walk(&list).into_iter().enumerate() {
                let args = [value, element, int(nth, span)];
                value = evaluator.apply(scope, env, lambda, &args);
            }
            return value;
        }
        // The order of permissions does not matter to what is requested.
        ("sort", [_, ..]) => return eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span)),
        ("toobject", [_, key, rest @ ..]) => {
            let list = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            return to_object(evaluator, scope, env, &list, key, rest.first(), span);
        }
        ("mapvalues", [_, lambda]) => {
            let of = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            let Data::Object(members) = &of.data else {
                return Value::unknown(why_of(&of), of.span);
            };
            let members = members.iter().map(|(key, value)| {
                let value = evaluator.apply(scope, env, lambda, std::slice::from_ref(value));
                (key.clone(), value)
            });
            return Value::new(Data::Object(Rc::new(members.collect())), span);
        }
        ("groupby", [_, lambda]) => {
            let list = eval(0).unwrap_or_else(|| Value::unknown(Why::Limit, span));
            let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
            for element in evaluator.walk(&list) {
                let key = evaluator.apply(scope, env, lambda, std::slice::from_ref(&element));
                let Some(key) = key.as_text() else {
                    return Value::unknown(why_of(&key), key.span);
                };
                match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, group)) => group.push(element),
                    None => groups.push((key, vec![element])),
                }
            }
            let members = groups.into_iter();
            let members = members.map(|(key, group)| (key, Value::list(group, span)));
            return Value::new(Data::Object(Rc::new(members.collect())), span);
        }
        ("loadtextcontent" | "loadjsoncontent" | "loadyamlcontent", [_, ..]) => {
            return load(evaluator, scope, &lower, eval(0), eval(1), span);
        }
        _ => {}
    }
    let values: Vec<Value> = (args.iter())
        .map(|arg| evaluator.eval(scope, env, arg))
        .collect();
    of_values(evaluator, &lower, name, &values, span, 3)
}

/// A function of plain values. Where an argument is one of several, the function is of each of them, as far as `depth`
/// such arguments.
fn of_values(
    evaluator: &Evaluator<'_>,
    lower: &str,
    name: &str,
    values: &[Value],
    span: Span,
    depth: usize,
) -> Value {
    let either = values
        .iter()
        .position(|value| matches!(value.data, Data::Either(_)));
    if let (Some(at), true) = (either, depth > 0) {
        let Data::Either(options) = &values[at].data else {
            return Value::unknown(Why::Limit, span);
        };
        return evaluator.each(options, |one| {
            let mut values = values.to_vec();
            values[at] = one.clone();
            of_values(evaluator, lower, name, &values, span, depth - 1)
        });
    }
    if let Some(value) = of_permissions(evaluator, lower, values, span) {
        return value;
    }
    let assumed = values.iter().any(|value| value.assumed);
    let value = functions::call(lower, name, values, span).assumed(assumed);
    // A function over lists or long texts takes the time of the elements that it makes.
    evaluator.charge(match &value.data {
        Data::List(items) => items.len(),
        Data::Text(text) => text.length() / 16,
        _ => 0,
    });
    if evaluator.is_spent() {
        return Value::unknown(Why::Limit, span);
    }
    value
}

/// What a function means where one of its arguments stands for permissions of a service principal.
fn of_permissions(
    evaluator: &Evaluator<'_>,
    name: &str,
    values: &[Value],
    span: Span,
) -> Option<Value> {
    let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
    let test = |test| Some(symbolic(Symbolic::Test(Rc::new(test))));
    let first = values.first();
    match (name, values) {
        ("equals", [a, b]) => functions::symbolic_test(a, b).and_then(test),
        ("contains", [list, element]) => match (&list.data, &element.data) {
            (_, Data::Symbolic(Symbolic::Aspect(permission, aspect)))
                if matches!(permission.known, Known::Any) =>
            {
                let known = match &list.data {
                    // Names in one string: a part of another name would do, which no author means.
                    Data::Text(text) => functions::words(text),
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

fn filter(
    evaluator: &Evaluator<'_>,
    scope: usize,
    env: &Env,
    list: &Value,
    lambda: &Expr,
    span: Span,
) -> Value {
    if let Data::Symbolic(Symbolic::Permissions(of, among)) = &list.data {
        let permission = |known| {
            Rc::new(Permission {
                of: of.clone(),
                among: *among,
                known,
            })
        };
        let any = Value::new(
            Data::Symbolic(Symbolic::Permission(permission(Known::Any))),
            span,
        );
        let verdict = evaluator.apply(scope, env, lambda, &[any]);
        let named = |values: &[Value], id: bool| {
            let permissions = values.iter().map(|value| {
                if value.as_text().is_none() && !matches!(value.data, Data::Either(_)) {
                    let mut unknown = Value::unknown(why_of(value), value.span);
                    unknown.optional = value.optional;
                    return unknown;
                }
                let known = if id {
                    Known::Id(value.clone())
                } else {
                    Known::Name(value.clone())
                };
                let mut found = Value::new(
                    Data::Symbolic(Symbolic::Permission(permission(known))),
                    value.span,
                );
                found.conditional = value.conditional;
                found.item = value.item;
                found
            });
            Value::list(permissions.collect(), span)
        };
        return match &verdict.data {
            Data::Symbolic(Symbolic::Test(test)) => match &**test {
                Test::Names(names) => named(names, false),
                Test::Ids(ids) => named(ids, true),
                // Every permission that has some property: the lambda names none.
                Test::Other => Value::unknown(
                    Why::Unsupported("choosing permissions by something other than their name"),
                    span,
                ),
            },
            Data::Bool(true) => list.clone(),
            Data::Bool(false) => Value::list(Vec::new(), span),
            _ => Value::unknown(why_of(&verdict), verdict.span),
        };
    }
    if let Data::Unknown(_) = list.data {
        return list.clone();
    }
    let mut out = Vec::new();
    for (nth, mut element) in evaluator.walk(list).into_iter().enumerate() {
        if evaluator.is_spent() {
            return Value::unknown(Why::Limit, span);
        }
        if element.as_unknown().is_some() {
            out.push(element);
            continue;
        }
        let verdict = evaluator.apply(scope, env, lambda, &[element.clone(), int(nth, span)]);
        match &verdict.data {
            Data::Bool(false) => {}
            Data::Bool(true) => out.push(element),
            Data::Symbolic(Symbolic::Test(_)) | Data::Unknown(_) | Data::Either(_) => {
                element.conditional = element.conditional.or(Some(verdict.span));
                out.push(element);
            }
            _ => return Value::unknown(Why::Type("a truth value"), verdict.span),
        }
    }
    Value::list(out, span).assumed(list.assumed)
}

fn map(
    evaluator: &Evaluator<'_>,
    scope: usize,
    env: &Env,
    list: &Value,
    lambda: &Expr,
    span: Span,
) -> Value {
    if let Data::Symbolic(Symbolic::Permissions(of, among)) = &list.data {
        let any = Rc::new(Permission {
            of: of.clone(),
            among: *among,
            known: Known::Any,
        });
        let value = evaluator.apply(scope, env, lambda, &[aspect_of(&any, Aspect::Whole, span)]);
        return match &value.data {
            Data::Symbolic(Symbolic::Aspect(_, aspect)) => Value::new(
                Data::Symbolic(Symbolic::Every(of.clone(), *among, *aspect)),
                span,
            ),
            _ => Value::unknown(
                Why::Unsupported("a list of all permissions of a service principal"),
                span,
            ),
        };
    }
    if let Data::Unknown(_) = list.data {
        // The element as it would be: a lambda often builds `{id: …, type: …}` around what is not known.
        let value = evaluator.apply(scope, env, lambda, std::slice::from_ref(list));
        return Value::list(vec![value], span);
    }
    let mut out = Vec::new();
    for (nth, element) in evaluator.walk(list).into_iter().enumerate() {
        if evaluator.is_spent() {
            return Value::unknown(Why::Limit, span);
        }
        let conditional = element.conditional;
        let value = evaluator.apply(scope, env, lambda, &[element, int(nth, span)]);
        out.push(value.under(conditional));
        if out.len() > ELEMENTS {
            return Value::unknown(Why::Limit, span);
        }
    }
    Value::list(out, span).assumed(list.assumed)
}

fn to_object(
    evaluator: &Evaluator<'_>,
    scope: usize,
    env: &Env,
    list: &Value,
    key: &Expr,
    value: Option<&Expr>,
    span: Span,
) -> Value {
    if let Data::Symbolic(Symbolic::Permissions(of, among)) = &list.data {
        let any = Rc::new(Permission {
            of: of.clone(),
            among: *among,
            known: Known::Any,
        });
        let one = aspect_of(&any, Aspect::Whole, span);
        let keyed = evaluator.apply(scope, env, key, std::slice::from_ref(&one));
        let valued = match value {
            Some(lambda) => evaluator.apply(scope, env, lambda, &[one]),
            None => one,
        };
        let by_name = matches!(
            keyed.data,
            Data::Symbolic(Symbolic::Aspect(_, Aspect::Value))
        );
        let aspect = match valued.data {
            Data::Symbolic(Symbolic::Aspect(_, aspect)) => Some(aspect),
            Data::Symbolic(Symbolic::Permission(_)) => Some(Aspect::Whole),
            _ => None,
        };
        return match aspect {
            Some(aspect) if by_name => Value::new(
                Data::Symbolic(Symbolic::ByName(of.clone(), *among, aspect)),
                span,
            ),
            _ => Value::unknown(Why::Unsupported("an object of all permissions"), span),
        };
    }
    let mut members = Vec::new();
    for element in evaluator.walk(list) {
        if evaluator.is_spent() {
            return Value::unknown(Why::Limit, span);
        }
        let name = evaluator.apply(scope, env, key, std::slice::from_ref(&element));
        let Some(name) = name.as_text() else {
            return Value::unknown(why_of(&name), name.span);
        };
        let value = match value {
            Some(lambda) => evaluator.apply(scope, env, lambda, &[element]),
            None => element,
        };
        members.push((name, value));
    }
    Value::new(Data::Object(Rc::new(members)), span)
}

/// `loadTextContent`, `loadJsonContent` and `loadYamlContent`.
fn load(
    evaluator: &Evaluator<'_>,
    scope: usize,
    name: &str,
    path: Option<Value>,
    query: Option<Value>,
    span: Span,
) -> Value {
    let Some(path) = path.as_ref().and_then(Value::as_text) else {
        return Value::unknown(Why::Function(name.to_owned()), span);
    };
    let missing = || Value::unknown(Why::File(path.clone()), span);
    let Some(full) = evaluator.scope(scope).resolve(Utf8Path::new(&path)) else {
        return missing();
    };
    let Loaded::Text(source) = evaluator.files.load(&full, true) else {
        return missing();
    };
    let text = source.text();
    let whole = source.span(0, text.len());
    let value = match name {
        "loadtextcontent" => {
            return Value::new(
                Data::Text(Text {
                    pieces: vec![Piece::Known {
                        text: text.to_owned(),
                        span: whole,
                        exact: true,
                        literal: whole,
                        item: None,
                    }],
                }),
                span,
            );
        }
        "loadjsoncontent" => functions::json_value(text, whole),
        _ => functions::yaml_value(text, whole),
    };
    // The second argument is a JSONPath. Plain members of it are followed.
    match query.and_then(|query| query.as_text()) {
        None => value,
        Some(path) => {
            let steps = path.trim_start_matches('$').trim_start_matches('.');
            if steps.contains(['[', '*', '?', '(', '@']) || steps.contains("..") {
                return Value::unknown(Why::Unsupported("a JSONPath with filters"), span);
            }
            (steps.split('.').filter(|step| !step.is_empty())).fold(value, |value, step| {
                evaluator.member(&value, step, false, span)
            })
        }
    }
}

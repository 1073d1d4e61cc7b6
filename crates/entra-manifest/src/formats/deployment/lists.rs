//! Functions over lists and lambdas, and what they mean for the permissions of a service principal.

use std::rc::Rc;

use source_text::Span;

use super::access::aspect_of;
use super::env::Env;
use super::eval::{ELEMENTS, Evaluator};
use super::expr::Expr;
use super::functions;
use super::load::load;
use super::permissions::of_permissions;
use super::symbolic::{Aspect, Known, Permission, Symbolic, Test};
use super::value::{Data, Value, Why, int, why_of};

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

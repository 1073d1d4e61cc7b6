//! Functions over lists and sets.

use std::rc::Rc;

use source_text::Span;

use super::{Eval, MAX_ITEMS};
use crate::formats::terraform::symbol::Symbol;
use crate::formats::terraform::value::{Kind, Reason, Value, distinct};

impl Eval<'_> {
    /// A function over lists; `None` if it is none, or its arguments are none.
    pub(super) fn list_function(&self, name: &str, args: &[Value], at: Span) -> Option<Value> {
        Some(match (name, args) {
            ("concat" | "setunion", _) => {
                let all = self.bounded(args.iter().flat_map(|arg| self.spread(arg)).collect(), at);
                match (name, all) {
                    ("setunion", Ok(all)) => Value::set(all),
                    (_, Ok(all)) => Value::list(all),
                    (_, Err(too_large)) => too_large,
                }
            }
            // Of the years before 0.12: https://developer.hashicorp.com/terraform/language/functions/list
            ("list", _) => Value::list(args.to_vec()),
            ("flatten", [list]) => {
                let mut out = Vec::new();
                self.flatten(list, 0, at, &mut out);
                match self.bounded(out, at) {
                    Ok(all) => Value::list(all),
                    Err(too_large) => too_large,
                }
            }
            ("toset", [list]) => Value::set(self.known(list, at)?),
            ("tolist", [list]) => Value::list(self.known(list, at)?),
            ("distinct", [list]) => Value::list(distinct(self.known(list, at)?)),
            ("compact", [list]) => {
                let mut items = self.known(list, at)?;
                items.retain(|item| match &item.kind {
                    Kind::Null => false,
                    Kind::Text(text) => !text.text.is_empty(),
                    _ => true,
                });
                Value::list(items)
            }
            ("reverse", [list]) => {
                let mut items = self.known(list, at)?;
                items.reverse();
                Value::list(items)
            }
            ("sort", [list]) => match Value::set(self.known(list, at)?).kind {
                // A sorted list keeps what occurs twice; no permission is lost by leaving it out.
                Kind::Set(items) => Kind::List(items).into(),
                kind => kind.into(),
            },
            ("length", [value]) => self.length(value, at),
            ("element", [list, index]) => {
                let items = self.known(list, at)?;
                let Some(number) = index.to_number() else {
                    return Some(self.index(list, index, at));
                };
                if items.is_empty() {
                    return Some(Value::invalid(at, "element of an empty list"));
                }
                #[expect(clippy::cast_precision_loss, reason = "collections are bounded")]
                let wrapped = number.rem_euclid(items.len() as f64);
                self.index(&Value::list(items), &Value::number(wrapped), at)
            }
            ("slice", [list, from, to]) => {
                let items = self.known(list, at)?;
                let bound = |value: &Value| {
                    let number = value.to_number()?;
                    #[expect(clippy::cast_precision_loss, reason = "collections are bounded")]
                    (0..=items.len()).find(|at| *at as f64 == number)
                };
                match (bound(from), bound(to)) {
                    (Some(from), Some(to)) if from <= to => Value::list(items[from..to].to_vec()),
                    _ => Value::invalid(at, "slice is out of the list's bounds"),
                }
            }
            ("contains", [list, item]) => self.contains(list, item, at),
            ("index", [list, item]) => self.position(list, item, at),
            ("one", [list]) => self.only(list, at),
            ("coalescelist", _) => args
                .iter()
                .find(|arg| arg.elements().is_none_or(|items| !items.is_empty()))
                .cloned()
                .unwrap_or_else(|| Value::invalid(at, "every list is empty")),
            ("anytrue" | "alltrue", [list]) => {
                let any = name == "anytrue";
                let items = self.known(list, at)?;
                let mut unknown = None;
                for item in &items {
                    match item.to_bool() {
                        Some(value) if value == any => return Some(Value::bool(any)),
                        Some(_) => {}
                        None => unknown = Some(self.no_value(item, at)),
                    }
                }
                unknown.unwrap_or(Value::bool(!any))
            }
            ("setintersection" | "setsubtract", [first, rest @ ..]) => {
                let mut items = self.known(first, at)?;
                for other in rest {
                    let other = self.known(other, at)?;
                    let keep = name == "setintersection";
                    items.retain(|item| {
                        other.iter().any(|o| o.equals(item) == Some(true)) == keep
                            || item.to_text(at).is_none()
                    });
                    self.charge(items.len() * other.len() / 16);
                }
                Value::set(items)
            }
            ("setproduct", _) => self.product(args, at)?,
            ("range", _) => self.range(args, at)?,
            ("chunklist", [list, size]) => {
                let items = self.known(list, at)?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a size is small and positive"
                )]
                let size = size.to_number().filter(|size| *size >= 1.0)? as usize;
                Value::list(
                    items
                        .chunks(size)
                        .map(|chunk| Value::list(chunk.to_vec()))
                        .collect(),
                )
            }
            ("matchkeys", [values, keys, wanted]) => self.match_keys(values, keys, wanted, at)?,
            _ => return None,
        })
    }

    /// The elements of a list or set; something unknown stands for itself.
    fn spread(&self, value: &Value) -> Vec<Value> {
        match &value.kind {
            Kind::Null => Vec::new(),
            Kind::List(items) | Kind::Set(items) => items
                .iter()
                .map(|item| item.clone().doubted(value.maybe.as_ref()))
                .collect(),
            Kind::Choice { .. } => match self.items(value) {
                Some(items) => items.into_iter().map(|(_, item)| item).collect(),
                None => vec![value.clone()],
            },
            _ => vec![value.clone()],
        }
    }

    fn bounded(&self, items: Vec<Value>, at: Span) -> Result<Vec<Value>, Value> {
        if items.len() > MAX_ITEMS || !self.charge(items.len()) {
            Err(Value::unknown(at, Reason::TooLarge))
        } else {
            Ok(items)
        }
    }

    /// The elements of a list or set whose extent is known; `None` otherwise.
    pub(super) fn known(&self, value: &Value, at: Span) -> Option<Vec<Value>> {
        match &value.kind {
            Kind::List(_) | Kind::Set(_) | Kind::Choice { .. } => {
                let items = self.spread(value);
                self.bounded(items, at).ok()
            }
            _ => None,
        }
    }

    fn flatten(&self, value: &Value, depth: usize, at: Span, out: &mut Vec<Value>) {
        // Deeper than anyone writes.
        if depth > 16 {
            out.push(Value::unknown(at, Reason::TooDeep));
            return;
        }
        for item in self.spread(value) {
            // Lists share their parts, so that a few lines can make more of them than could ever be walked.
            if out.len() > MAX_ITEMS || !self.charge(1) {
                out.push(Value::unknown(at, Reason::TooLarge));
                return;
            }
            match &item.kind {
                Kind::List(_) | Kind::Set(_) => self.flatten(&item, depth + 1, at, out),
                _ => out.push(item),
            }
        }
    }

    fn length(&self, value: &Value, at: Span) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "collections are bounded")]
        let number = |length: usize| Value::number(length as f64);
        match &value.settled().kind {
            Kind::List(items) | Kind::Set(items) => {
                let open = items
                    .iter()
                    .filter(|i| i.maybe.is_some() || i.as_unknown().is_some())
                    .count();
                if open == 0 {
                    return number(items.len());
                }
                let options = vec![number(items.len() - open), number(items.len())];
                Kind::Choice {
                    options: Rc::new(options),
                    first: false,
                }
                .into()
            }
            Kind::Map(entries) => {
                let open = entries.iter().filter(|e| e.value.maybe.is_some()).count();
                if open == 0 {
                    return number(entries.len());
                }
                let options = vec![number(entries.len() - open), number(entries.len())];
                Kind::Choice {
                    options: Rc::new(options),
                    first: false,
                }
                .into()
            }
            Kind::Text(text) => number(text.text.chars().count()),
            _ => self.no_value(value, at),
        }
    }

    fn contains(&self, list: &Value, item: &Value, at: Span) -> Value {
        let Some(items) = self.items(list) else {
            return self.no_value(list, at);
        };
        let mut unknown = None;
        for (_, candidate) in &items {
            match candidate.equals(item) {
                Some(true) if candidate.maybe.is_none() => return Value::bool(true),
                Some(false) => {}
                _ => unknown = Some(candidate),
            }
        }
        match unknown {
            None => Value::bool(false),
            Some(candidate) if candidate.as_unknown().is_some() => self.no_value(candidate, at),
            Some(_) => self.no_value(item, at),
        }
    }

    fn position(&self, list: &Value, item: &Value, at: Span) -> Value {
        if let Some(Symbol::Column(api, ty, column)) = list.as_symbol()
            && &**column == "value"
        {
            return match item.to_text(at) {
                Some(name) => Value::symbol(Symbol::Position(api.clone(), *ty, name)),
                None => self.no_value(item, at),
            };
        }
        let Some(items) = self.items(list) else {
            return self.no_value(list, at);
        };
        for (key, candidate) in items {
            match candidate.equals(item) {
                Some(true) => return key,
                Some(false) => {}
                None => return self.no_value(item, at),
            }
        }
        Value::invalid(at, "the list does not hold the value")
    }

    fn only(&self, list: &Value, at: Span) -> Value {
        match &list.kind {
            Kind::List(items) | Kind::Set(items) => match items.as_slice() {
                [] => Value::NULL,
                [item] => item.clone(),
                items if items.iter().any(|i| i.maybe.is_some()) => {
                    self.join(items.to_vec(), false, &self.doubt(at))
                }
                _ => Value::invalid(at, "one() of a list with several elements"),
            },
            Kind::Null => Value::NULL,
            _ => self.no_value(list, at),
        }
    }

    fn product(&self, args: &[Value], at: Span) -> Option<Value> {
        let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
        for arg in args {
            let items = self.known(arg, at)?;
            if rows.len().saturating_mul(items.len()) > MAX_ITEMS
                || !self.charge(rows.len() * items.len())
            {
                return Some(Value::unknown(at, Reason::TooLarge));
            }
            rows = rows
                .iter()
                .flat_map(|row| {
                    items
                        .iter()
                        .map(move |item| row.iter().chain([item]).cloned().collect())
                })
                .collect();
        }
        Some(Value::list(
            rows.into_iter()
                .map(|row| {
                    let maybe = row.iter().find_map(|v| v.maybe.clone());
                    Value::list(row).doubted(maybe.as_ref())
                })
                .collect(),
        ))
    }

    fn range(&self, args: &[Value], at: Span) -> Option<Value> {
        let numbers: Option<Vec<f64>> = args.iter().map(Value::to_number).collect();
        let (mut next, end, step) = match numbers?.as_slice() {
            [end] => (0.0, *end, if *end < 0.0 { -1.0 } else { 1.0 }),
            [start, end] => (*start, *end, if end < start { -1.0 } else { 1.0 }),
            [start, end, step] => (*start, *end, *step),
            _ => return Some(Value::invalid(at, "range takes one to three numbers")),
        };
        // Terraform's own bound is 1024: https://developer.hashicorp.com/terraform/language/functions/range
        if step == 0.0 || !((end - next) / step).is_finite() || (end - next) / step > 1024.0 {
            return Some(Value::unknown(at, Reason::TooLarge));
        }
        let mut out = Vec::new();
        while (step > 0.0 && next < end) || (step < 0.0 && next > end) {
            out.push(Value::number(next));
            next += step;
        }
        Some(Value::list(out))
    }

    fn match_keys(&self, values: &Value, keys: &Value, wanted: &Value, at: Span) -> Option<Value> {
        // `matchkeys(sp.app_roles.*.id, sp.app_roles.*.value, ["X"])`
        if let (Some(Symbol::Column(api, ty, ids)), Some(Symbol::Column(_, _, names))) =
            (values.as_symbol(), keys.as_symbol())
            && &**ids == "id"
            && &**names == "value"
        {
            let wanted = self.known(wanted, at)?;
            return Some(Value::list(
                wanted
                    .into_iter()
                    .map(|name| match name.as_text() {
                        Some(text) => {
                            Value::symbol(Symbol::Permission(api.clone(), *ty, text.clone()))
                                .doubted(name.maybe.as_ref())
                        }
                        None => self.no_value(&name, at),
                    })
                    .collect(),
            ));
        }
        let (values, keys, wanted) = (
            self.known(values, at)?,
            self.known(keys, at)?,
            self.known(wanted, at)?,
        );
        let picked = values
            .iter()
            .zip(&keys)
            .filter(|(_, key)| wanted.iter().any(|w| w.equals(key) == Some(true)))
            .map(|(value, _)| value.clone());
        Some(Value::list(picked.collect()))
    }
}

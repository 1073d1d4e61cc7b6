//! Function calls: which function it is, and those that are about any sort of value.
//!
//! Functions as <https://developer.hashicorp.com/terraform/language/functions> has them, as far as permissions flow
//! through them. What is not here makes the value unknown, by the function's name.

use std::rc::Rc;

use source_text::Span;

use super::{Env, Eval};
use crate::formats::terraform::symbol::Symbol;
use crate::formats::terraform::syntax::{Expr, Node};
use crate::formats::terraform::value::{Kind, Origin, Reason, Unknown, Value, number_text};

impl<'p> Eval<'p> {
    pub(super) fn call(
        &self,
        name: &str,
        args: &'p [Expr],
        expand: bool,
        at: Span,
        env: Env<'_>,
    ) -> Value {
        match name {
            "try" => return self.try_each(args, at, env),
            "can" => {
                let failed = args
                    .first()
                    .is_none_or(|arg| is_error(&self.eval(arg, env)));
                return Value::bool(!failed);
            }
            "jsondecode" | "yamldecode" => {
                // What is encoded and decoded again is the value itself.
                if let [
                    Expr {
                        node:
                            Node::Call {
                                name: inner, args, ..
                            },
                        ..
                    },
                ] = args
                    && (&**inner == "jsonencode" || &**inner == "yamlencode")
                    && let [arg] = args.as_slice()
                {
                    return self.eval(arg, env);
                }
                if let Some(value) = self.decoded_template(name, args, at, env) {
                    return value;
                }
            }
            _ => {}
        }
        let mut values: Vec<Value> = args.iter().map(|arg| self.eval(arg, env)).collect();
        if expand && let Some(last) = values.pop() {
            match self.items(&last) {
                Some(items) => values.extend(items.into_iter().map(|(_, item)| item)),
                None => return self.no_value(&last, at),
            }
        }
        self.apply(name, &values, at)
    }

    /// A function of values.
    pub(super) fn apply(&self, name: &str, args: &[Value], at: Span) -> Value {
        self.charge(args.len());
        let result = match name {
            "sensitive" | "nonsensitive" | "ephemeralasnull" | "issensitive" => {
                args.first().cloned()
            }
            "coalesce" => Some(self.coalesce(args, at)),
            "tostring" | "tonumber" | "tobool" => Some(self.convert(name, args, at)),
            "max" | "min" | "abs" | "ceil" | "floor" | "sum" | "parseint" | "signum" | "pow" => {
                Some(self.numeric(name, args, at))
            }
            "file" | "templatefile" | "fileexists" | "fileset" | "jsondecode" | "yamldecode"
            | "jsonencode" | "csvdecode" => Some(self.decode(name, args, at)),
            "format" | "formatlist" => Some(self.formatted(name, args, at)),
            _ => self
                .list_function(name, args, at)
                .or_else(|| self.map_function(name, args, at))
                .or_else(|| self.text_function(name, args, at)),
        };
        result.unwrap_or_else(|| {
            let unknown = args.iter().find_map(Self::unknown_within);
            match unknown {
                Some(unknown) => Kind::Unknown(unknown).into(),
                None => Value::unknown(at, Reason::Function(name.to_owned())),
            }
        })
    }

    /// `jsondecode(templatefile(file, values))` of a file that is JSON as it stands.
    fn decoded_template(
        &self,
        name: &str,
        args: &'p [Expr],
        at: Span,
        env: Env<'_>,
    ) -> Option<Value> {
        let [
            Expr {
                node: Node::Call {
                    name: inner, args, ..
                },
                ..
            },
        ] = args
        else {
            return None;
        };
        let (true, [file, values]) = (&**inner == "templatefile", args.as_slice()) else {
            return None;
        };
        let text = self.file_text(&self.eval(file, env), at);
        // Directives can be in the way of anything; a blank that is no word within a string is not filled here.
        text.as_text().filter(|text| !text.text.contains("%{"))?;
        let decoded = self.apply(name, &[text], at);
        if decoded.as_unknown().is_some() {
            return None;
        }
        let values = self.eval(values, env);
        Some(self.filled(&decoded, &values, at))
    }

    fn try_each(&self, args: &'p [Expr], at: Span, env: Env<'_>) -> Value {
        let mut last = Value::invalid(at, "try needs an argument");
        for arg in args {
            last = self.eval(arg, env);
            if !is_error(&last) {
                return last;
            }
        }
        last
    }

    fn coalesce(&self, args: &[Value], at: Span) -> Value {
        for arg in args {
            match &arg.settled().kind {
                Kind::Null => {}
                Kind::Text(text) if text.text.is_empty() => {}
                Kind::Choice { options, .. }
                    if options.iter().any(|o| matches!(o.kind, Kind::Null)) =>
                {
                    let rest = args
                        .iter()
                        .skip_while(|a| !std::ptr::eq(*a, arg))
                        .skip(1)
                        .cloned();
                    let some = options
                        .iter()
                        .filter(|o| !matches!(o.kind, Kind::Null))
                        .cloned();
                    return self.join(some.chain(rest).collect(), false, &self.doubt(at));
                }
                _ => return arg.clone(),
            }
        }
        Value::NULL
    }

    fn convert(&self, name: &str, args: &[Value], at: Span) -> Value {
        let Some(arg) = args.first() else {
            return Value::invalid(at, "an argument is missing");
        };
        self.each_option(&[arg], at, |values| {
            let value = values[0];
            let converted = match name {
                _ if matches!(value.kind, Kind::Null) => Some(Value::NULL),
                "tostring" => value.to_text(at).map(|text| Kind::Text(text).into()),
                "tonumber" => value.to_number().map(Value::number),
                _ => value.to_bool().map(Value::bool),
            };
            converted.unwrap_or_else(|| self.no_value(value, at))
        })
    }

    fn numeric(&self, name: &str, args: &[Value], at: Span) -> Value {
        let all: Vec<Value> = match (name, args) {
            ("sum", [list]) => match self.items(list) {
                Some(items) => items.into_iter().map(|(_, item)| item).collect(),
                None => return self.no_value(list, at),
            },
            ("parseint", [text, base]) => {
                let (Some(text), Some(base)) = (text.to_text(at), base.to_number()) else {
                    return self.no_value(text, at);
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "checked to be a base"
                )]
                let base = if (2.0..=36.0).contains(&base) {
                    base as u32
                } else {
                    10
                };
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "Terraform's numbers beyond 2^52 name no permission"
                )]
                return match i64::from_str_radix(&text.text, base) {
                    Ok(number) => Value::number(number as f64),
                    Err(_) => Value::invalid(at, "the string is no number of this base"),
                };
            }
            _ => args.to_vec(),
        };
        let mut numbers = Vec::with_capacity(all.len());
        for value in &all {
            match value.to_number() {
                Some(number) => numbers.push(number),
                None => return self.no_value(value, at),
            }
        }
        let Some(first) = numbers.first().copied() else {
            return Value::invalid(at, "an argument is missing");
        };
        Value::number(match name {
            "max" => numbers.iter().copied().fold(first, f64::max),
            "min" => numbers.iter().copied().fold(first, f64::min),
            "sum" => numbers.iter().sum(),
            "abs" => first.abs(),
            "signum" if first == 0.0 => 0.0,
            "signum" => first.signum(),
            "pow" => first.powf(numbers.get(1).copied().unwrap_or(1.0)),
            "ceil" => first.ceil(),
            _ => first.floor(),
        })
    }

    /// What a value looks like to `terraform console`; used where a text of it is needed.
    pub(in crate::formats::terraform) fn json(
        &self,
        value: &Value,
        out: &mut String,
    ) -> Option<()> {
        if out.len() > super::MAX_TEXT || !self.charge(1) {
            return None;
        }
        match &value.settled().kind {
            Kind::Null => out.push_str("null"),
            Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Kind::Number(number) => out.push_str(&number_text(*number)),
            Kind::Text(text) => quote(&text.text, out),
            Kind::List(items) | Kind::Set(items) => {
                out.push('[');
                for (at, item) in items.iter().filter(|i| i.maybe.is_none()).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.json(item, out)?;
                }
                out.push(']');
            }
            Kind::Map(entries) => {
                out.push('{');
                for (at, entry) in entries
                    .iter()
                    .filter(|e| e.value.maybe.is_none())
                    .enumerate()
                {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(&entry.key.text, out);
                    out.push(':');
                    self.json(&entry.value, out)?;
                }
                out.push('}');
            }
            Kind::Choice { .. } | Kind::Symbol(_) | Kind::Unknown(_) => return None,
        }
        Some(())
    }

    pub(super) fn encoded(&self, value: &Value, at: Span) -> Value {
        let mut out = String::new();
        match self.json(value, &mut out) {
            Some(()) => Value::text(out, Origin::Made(at)),
            None => match Self::unknown_inside(value, &mut 1_000) {
                Some(unknown) => Kind::Unknown(unknown).into(),
                None => self.no_value(value, at),
            },
        }
    }

    /// The first unknown value among as many parts of a value as `budget` allows.
    fn unknown_inside(value: &Value, budget: &mut usize) -> Option<Rc<Unknown>> {
        *budget = budget.checked_sub(1)?;
        match &value.kind {
            Kind::List(items) | Kind::Set(items) => {
                items.iter().find_map(|i| Self::unknown_inside(i, budget))
            }
            Kind::Map(entries) => entries
                .iter()
                .find_map(|e| Self::unknown_inside(&e.value, budget)),
            _ => Self::unknown_within(value),
        }
    }
}

/// Writes a string as `jsonencode` does, which escapes `<`, `>` and `&` too.
fn quote(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes any text");
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Whether `try` would go on to its next argument.
fn is_error(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(unknown) => {
            matches!(
                unknown.reason,
                Reason::NoMember(_) | Reason::Invalid(_) | Reason::File(_) | Reason::BrokenFile(_)
            )
        }
        Kind::Symbol(symbol) => matches!(**symbol, Symbol::Position(..)),
        _ => false,
    }
}

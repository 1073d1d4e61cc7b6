//! `format` and `formatlist`: the verbs that occur in names of permissions and apps.

use source_text::Span;

use super::{Eval, MAX_TEXT};
use crate::formats::terraform::value::{Kind, Origin, Reason, Value};

impl Eval<'_> {
    pub(super) fn formatted(&self, name: &str, args: &[Value], at: Span) -> Value {
        let Some((pattern, args)) = args.split_first() else {
            return Value::invalid(at, "format needs a pattern");
        };
        if name == "format" {
            return self.format_one(pattern, args, at);
        }
        let rows = args
            .iter()
            .filter_map(|arg| arg.elements().map(|items| items.len()))
            .max();
        let Some(rows) = rows else {
            let unknown = args.iter().find_map(Self::unknown_within);
            return match unknown {
                Some(unknown) => Kind::Unknown(unknown).into(),
                None => Value::list(vec![self.format_one(pattern, args, at)]),
            };
        };
        if !self.charge(rows * args.len()) {
            return Value::unknown(at, Reason::TooLarge);
        }
        Value::list(
            (0..rows)
                .map(|row| {
                    let with: Vec<Value> = args
                        .iter()
                        .map(|arg| match arg.elements() {
                            Some(items) => items.get(row).cloned().unwrap_or_else(|| {
                                Value::invalid(at, "the lists of formatlist differ in length")
                            }),
                            None => arg.clone(),
                        })
                        .collect();
                    self.format_one(pattern, &with, at)
                })
                .collect(),
        )
    }

    fn format_one(&self, pattern: &Value, args: &[Value], at: Span) -> Value {
        let mut all = vec![pattern];
        all.extend(args);
        self.each_option(&all, at, |values| {
            let Some((pattern, args)) = values.split_first() else {
                return Value::invalid(at, "format needs a pattern");
            };
            match pattern.to_text(at) {
                Some(text) => self.fill(&text.text, args, at),
                None => self.no_value(pattern, at),
            }
        })
    }

    fn fill(&self, pattern: &str, args: &[&Value], at: Span) -> Value {
        // A pattern that is one argument and nothing else leaves the argument as it is, its place included.
        if let ("%s" | "%v", [only]) = (pattern, args)
            && let Some(text) = only.to_text(at)
        {
            return Kind::Text(text).into();
        }
        let mut out = String::new();
        let mut next = args.iter();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let verb = chars.next();
            if verb == Some('%') {
                out.push('%');
                continue;
            }
            let Some(arg) = next.next() else {
                return Value::invalid(at, "format has too few arguments");
            };
            match verb {
                Some('s' | 'v' | 'd' | 't' | 'g') => match arg.to_text(at) {
                    Some(text) => out.push_str(&text.text),
                    None => return self.no_value(arg, at),
                },
                Some('q') => {
                    let quoted = self.encoded(arg, at);
                    match quoted.to_text(at) {
                        Some(text) => out.push_str(&text.text),
                        None => return quoted,
                    }
                }
                _ => return Value::unknown(at, Reason::Function("format with a width".to_owned())),
            }
            if out.len() > MAX_TEXT {
                return Value::unknown(at, Reason::TooLarge);
            }
        }
        Value::text(out, Origin::Made(at))
    }
}

//! Functions over maps.

use source_text::Span;

use super::{Eval, MAX_ITEMS};
use crate::formats::terraform::symbol::Symbol;
use crate::formats::terraform::value::{Entry, Kind, Reason, Value, unknown_key};

impl Eval<'_> {
    /// A function over maps; `None` if it is none, or its arguments are none.
    pub(super) fn map_function(&self, name: &str, args: &[Value], at: Span) -> Option<Value> {
        Some(match (name, args) {
            ("merge", _) => self.merge(args, at)?,
            ("tomap", [map]) => map.clone(),
            ("map", _) => Value::map(
                args.chunks_exact(2)
                    .filter_map(|pair| {
                        Some(Entry {
                            key: pair[0].to_text(at)?,
                            value: pair[1].clone(),
                        })
                    })
                    .collect(),
            ),
            ("keys", [map]) => {
                let entries = map.settled().entries()?;
                Value::list(
                    entries
                        .iter()
                        .map(|e| {
                            Value::from(Kind::Text(e.key.clone())).doubted(e.value.maybe.as_ref())
                        })
                        .collect(),
                )
            }
            ("values", [map]) => match &map.settled().kind {
                Kind::Map(entries) => {
                    Value::list(entries.iter().map(|e| e.value.clone()).collect())
                }
                _ => {
                    let items = self.items(map)?;
                    Value::list(items.into_iter().map(|(_, value)| value).collect())
                }
            },
            ("lookup", [map, key, rest @ ..]) => {
                let found = self.index(map, key, at);
                match (found.as_unknown(), rest) {
                    (Some(unknown), [default, ..])
                        if matches!(unknown.reason, Reason::NoMember(_)) =>
                    {
                        default.clone()
                    }
                    _ => found,
                }
            }
            ("zipmap", [keys, values]) => {
                let (keys, values) = (self.known(keys, at)?, self.known(values, at)?);
                let entries: Option<Vec<Entry>> = keys
                    .iter()
                    .zip(values)
                    .map(|(key, value)| {
                        Some(Entry {
                            key: key.to_text(at)?,
                            value: value.doubted(key.maybe.as_ref()),
                        })
                    })
                    .collect();
                Value::map(entries?)
            }
            ("transpose", [map]) => {
                let mut out: Vec<Entry> = Vec::new();
                for entry in map.entries()?.iter() {
                    for item in self.known(&entry.value, at)? {
                        let key = item.to_text(at)?;
                        let value =
                            Value::from(Kind::Text(entry.key.clone())).doubted(item.maybe.as_ref());
                        match out.iter_mut().find(|e| e.key.text == key.text) {
                            Some(entry) => {
                                let mut all = entry
                                    .value
                                    .elements()
                                    .map(|v| v.to_vec())
                                    .unwrap_or_default();
                                all.push(value);
                                entry.value = Value::list(all);
                            }
                            None => out.push(Entry {
                                key,
                                value: Value::list(vec![value]),
                            }),
                        }
                    }
                }
                Value::map(out)
            }
            _ => return None,
        })
    }

    fn merge(&self, args: &[Value], at: Span) -> Option<Value> {
        if let [only] = args
            && only.as_symbol().is_some()
        {
            return Some(only.clone());
        }
        let mut all: Vec<Entry> = Vec::new();
        for arg in args {
            match &arg.settled().kind {
                Kind::Null => {}
                Kind::Map(entries) => {
                    if all.len() + entries.len() > MAX_ITEMS || !self.charge(entries.len()) {
                        return Some(Value::unknown(at, Reason::TooLarge));
                    }
                    for entry in entries.iter() {
                        // What may not be there does not hide what is.
                        let hidden = entry.value.maybe.is_some()
                            && all.iter().any(|e| e.key.text == entry.key.text);
                        if !hidden {
                            let value = entry.value.clone().doubted(arg.maybe.as_ref());
                            all.push(Entry {
                                key: entry.key.clone(),
                                value,
                            });
                        }
                    }
                }
                Kind::Symbol(symbol)
                    if matches!(**symbol, Symbol::Ids(..) | Symbol::PublishedIds) =>
                {
                    return Some(arg.clone());
                }
                // Part of a map that is not known: the members that are known stay, and one stands for the rest.
                Kind::Unknown(unknown) => all.push(Entry {
                    key: unknown_key(all.len(), unknown.at),
                    value: arg.clone(),
                }),
                _ => {
                    let items = self.items(arg)?;
                    for (key, value) in items {
                        all.push(Entry {
                            key: key.to_text(at)?,
                            value,
                        });
                    }
                }
            }
        }
        Some(Value::map(all))
    }
}

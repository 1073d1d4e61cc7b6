//! Uses of functions that send a path which they are given.

use std::ops::Range;

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet};
use source_lex::{Part, TokenKind, Value};

use super::outward::Use;
use super::{Call, Scan, holed};
use crate::address::{self, Target};
use crate::helpers::{Helper, HelperPart, HelperVerb};
use crate::model::{Certainty, Kind, Missing};

impl Scan<'_, '_> {
    /// Calls of helpers with a path that the helper completes.
    pub(super) fn helper_calls(&mut self) {
        let code = self.code;
        let mut defined = self.defined.clone();
        let derived = self.derived_helpers(&defined);
        let delegates = self.delegates();
        let mut used: FxHashSet<String> = FxHashSet::default();
        // What is handed on by a function of the text is used by its uses.
        for helper in &derived {
            let callees = delegates
                .iter()
                .filter(|delegate| delegate.name == helper.name)
                .map(|delegate| delegate.callee.clone());
            used.extend(callees);
        }
        defined.extend(derived.into_iter().filter(|helper| helper.graph));
        let by_name: FxHashMap<&str, &Helper> = defined
            .iter()
            .rev()
            .map(|helper| (helper.name.as_str(), helper))
            .collect();
        for at in 0..code.len() {
            if code.kind(at) != TokenKind::Word || !matches!(code.text(at + 1), "(" | "<" | "[") {
                continue;
            }
            let name = code.text(at);
            let own = by_name.get(name).copied();
            let Some(helper) = own
                .or_else(|| self.helper_for(name, at))
                .filter(|helper| helper.graph)
                .cloned()
            else {
                continue;
            };
            // `request<User>(path)`, `list[User](path)`.
            let Some(open) = (at + 1..at + 10).find(|at| code.is(*at, "(")) else {
                continue;
            };
            // Not the definition.
            if code
                .functions_named(name)
                .any(|function| function.name as usize == at)
            {
                continue;
            }
            let arguments = code.arguments(open);
            let method = match helper.verb {
                HelperVerb::Known(method) => Some(method),
                HelperVerb::Parameter(number) => {
                    match self.argument_of(&arguments, &helper, number) {
                        Some(range) => self.argument_verb(range),
                        None => Some(Method::Get),
                    }
                }
                HelperVerb::Unknown => None,
            };
            let site = (code.chain_start(at), code.skip(open));
            for value in &self.completed(&helper, |number| {
                self.argument_of(&arguments, &helper, number)
                    .map(|range| code.fold(range))
            }) {
                if self.helper_call(name, value, method, site, at) {
                    used.insert(name.to_owned());
                }
            }
        }
        // A helper that the text never uses with a path may be called from anywhere.
        for helper in &defined {
            if !used.contains(&helper.name) {
                let region = self.region(helper.at);
                let usage = self.outward(region.clone());
                let at = match usage {
                    Use::Sent(sent) => sent.site.at,
                    Use::NoMethod(site) => site.at,
                    _ => (region.start, region.end),
                };
                self.unresolved(
                    at,
                    None,
                    Missing::Path,
                    format!("parameter of `{}`", helper.name),
                );
            }
        }
    }

    /// The addresses that a helper sends when it is given these arguments.
    pub(super) fn completed(
        &self,
        helper: &Helper,
        argument: impl Fn(usize) -> Option<Vec<Value>>,
    ) -> Vec<Value> {
        let mut values = vec![Value::default()];
        for part in &helper.address {
            let pieces = match part {
                HelperPart::Text(text) => vec![Value {
                    parts: vec![Part::Literal {
                        text: text.clone(),
                        start: u32::MAX,
                    }],
                    through: Vec::new(),
                }],
                HelperPart::Unknown => vec![Value::hole("", 0)],
                HelperPart::Parameter(number) => {
                    argument(*number).unwrap_or_else(|| vec![Value::default()])
                }
            };
            values = values
                .iter()
                .flat_map(|value| {
                    pieces.iter().map(move |piece| {
                        let mut value = value.clone();
                        value.append(piece);
                        value
                    })
                })
                .take(12)
                .collect();
        }
        // Places of the helper's own text are those of another file.
        for value in &mut values {
            let text = holed(value);
            value.parts.retain(|part| {
                !matches!(
                    part,
                    Part::Literal {
                        start: u32::MAX,
                        ..
                    }
                )
            });
            value.through.push((text, u32::MAX));
        }
        values
    }

    /// Reports a call of a helper. `false`: its address is none of Microsoft Graph.
    pub(super) fn helper_call(
        &mut self,
        name: &str,
        value: &Value,
        method: Option<Method>,
        at: (usize, usize),
        step: usize,
    ) -> bool {
        let mut value = value.clone();
        let Some((text, _)) = value.through.pop() else {
            return false;
        };
        let Some(address) =
            address::read(self.api, method, &text).filter(|address| self.could_be(address))
        else {
            return false;
        };
        match (address.target, method) {
            (Target::Path { path, template, .. }, Some(method)) => {
                let first = path.split('/').nth(1).unwrap_or_default();
                if template.is_none() && !self.is_root(first) {
                    return false;
                }
                self.found(Call {
                    method,
                    path,
                    template,
                    version: address.version,
                    at,
                    value: Some(&value),
                    kind: Kind::Url,
                    certainty: Certainty::Likely,
                    steps: vec![(format!("helper `{name}`"), step)],
                });
                true
            }
            (
                Target::Path {
                    path,
                    template: Some(_),
                    ..
                },
                None,
            ) => {
                let root = path.split('/').nth(1).map(str::to_ascii_lowercase);
                self.unresolved(at, root, Missing::Method, path);
                true
            }
            (
                Target::Unknown {
                    root: Some(root),
                    text,
                },
                _,
            ) => {
                self.unresolved(at, Some(root), Missing::Path, text);
                true
            }
            _ => false,
        }
    }

    /// The argument for a parameter: by its name, or by its number.
    pub(super) fn argument_of(
        &self,
        arguments: &[Range<usize>],
        helper: &Helper,
        number: usize,
    ) -> Option<Range<usize>> {
        let name = helper.parameters.get(number)?;
        let named = arguments.iter().find(|range| {
            range.len() > 2
                && self.code.name(range.start) == name
                && matches!(self.code.text(range.start + 1), "=" | ":")
        });
        match named {
            Some(range) => Some(range.start + 2..range.end),
            None => arguments.get(number).cloned(),
        }
    }

    pub(super) fn argument_verb(&self, range: Range<usize>) -> Option<Method> {
        let last = range.end.checked_sub(1)?;
        if let Some(method) = super::verbs::constant(self.code.name(last)) {
            return Some(method);
        }
        self.code
            .fold(range)
            .first()
            .and_then(Value::known)
            .and_then(|text| super::verbs::method(&text))
    }
}

/// Names that many things have.
pub(super) fn is_generic(name: &str) -> bool {
    matches!(
        name,
        "get"
            | "post"
            | "put"
            | "patch"
            | "delete"
            | "request"
            | "call"
            | "fetch"
            | "send"
            | "execute"
            | "run"
            | "query"
            | "_get"
            | "_post"
            | "_request"
            | "do"
            | "Get"
            | "Post"
            | "Send"
    )
}

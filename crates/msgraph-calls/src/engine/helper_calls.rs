//! Functions of the program that send a path which they are given, and their uses.

use std::ops::Range;

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet};
use source_lex::{Language, Part, TokenKind, Value};

use super::names::contains;
use super::outward::{Sent, Use};
use super::{Call, Scan, holed};
use crate::address::{self, Target};
use crate::helpers::{Helper, HelperPart, HelperVerb};
use crate::model::{Certainty, Kind, Missing};

impl Scan<'_, '_> {
    /// The helper that the function around a request is: it sends a path that is made of its parameters.
    pub(super) fn helper_of(
        &self,
        region: &Range<usize>,
        value: &Value,
        sent: Option<&Sent>,
    ) -> Option<Helper> {
        let verb = sent.map(|sent| sent.method);
        self.helper_around(region.start, value, verb)
    }

    pub(super) fn helper_around(
        &self,
        at: usize,
        value: &Value,
        method: Option<Method>,
    ) -> Option<Helper> {
        let code = self.code;
        let function = code.function_of(at)?;
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .map(|at| code.name(*at as usize).to_owned())
            .collect();
        let position = |wanted: &str| {
            parameters
                .iter()
                .position(|name| name.eq_ignore_ascii_case(wanted))
        };
        let mut address: Vec<HelperPart> = Vec::new();
        for part in &value.parts {
            match part {
                Part::Literal { text, .. } => address.push(HelperPart::Text(text.clone())),
                Part::Hole { name, .. } => {
                    address.push(position(name).map_or(HelperPart::Unknown, HelperPart::Parameter))
                }
            }
        }
        // A parameter alone is an address only if its name says so.
        let written = address
            .iter()
            .any(|part| matches!(part, HelperPart::Text(_)));
        let given = address
            .iter()
            .any(|part| matches!(part, HelperPart::Parameter(_)));
        let named = address.iter().any(|part| {
            matches!(part, HelperPart::Parameter(number) if is_address_name(&parameters[*number]))
        });
        if !(named || written && given) {
            return None;
        }
        let verb = match method {
            Some(method) => HelperVerb::Known(method),
            None => parameters
                .iter()
                .position(|name| super::words::is_method_key(name))
                .map_or(HelperVerb::Unknown, HelperVerb::Parameter),
        };
        Some(Helper {
            name: code.text(function.name as usize).to_owned(),
            parameters,
            address,
            verb,
            graph: true,
            at,
        })
    }

    /// Functions that send whatever address they are given: `client.Get(ctx, path)` in `list(client, ctx, path)`.
    pub(super) fn plain_helpers(&self) -> Vec<Helper> {
        let code = self.code;
        let mut helpers = Vec::new();
        for function in code.functions() {
            let parameters: Vec<String> = function
                .parameters
                .iter()
                .map(|at| code.name(*at as usize).to_owned())
                .collect();
            let path = parameters.iter().position(|name| is_address_name(name));
            let name = code.text(function.name as usize);
            if let (Some(path), Some(method)) = (path, self.verb_of_own(name)) {
                helpers.push(Helper {
                    name: name.to_owned(),
                    parameters,
                    address: vec![HelperPart::Parameter(path)],
                    verb: HelperVerb::Known(method),
                    graph: false,
                    at: function.name as usize,
                });
            }
        }
        helpers
    }

    /// How many helpers of the text other programs can call: what is declared `public`, `pub` or `export`, what begins
    /// with a capital in a Go package, and the functions of a PowerShell module.
    pub(super) fn exported_helpers(&self, file: &str) -> usize {
        let code = self.code;
        let module = file.to_ascii_lowercase().ends_with(".psm1");
        let exported = |helper: &&Helper| {
            let Some(function) = code.functions_named(&helper.name).next() else {
                return false;
            };
            let name = function.name as usize;
            let marked = (name.saturating_sub(8)..name)
                .rev()
                .take_while(|at| !matches!(code.text(*at), ";" | "{" | "}"));
            let mut marked = marked.map(|at| code.text(at));
            match code.language() {
                Language::PowerShell => module,
                Language::Go => {
                    helper.name.starts_with(char::is_uppercase)
                        && !code.source().contains("package main")
                }
                Language::Python | Language::Shell | Language::Bicep => false,
                _ => marked.any(|word| matches!(word, "public" | "pub" | "export" | "exports")),
            }
        };
        self.defined
            .iter()
            .filter(|helper| helper.graph)
            .filter(exported)
            .count()
    }

    /// The only verb in the body of a function of the text.
    pub(super) fn verb_of_own(&self, name: &str) -> Option<Method> {
        let code = self.code;
        let function = code.functions_named(name).next()?;
        let mut found = None;
        for at in
            function.start as usize..(function.end as usize).min(function.start as usize + 1500)
        {
            let method = match code.kind(at) {
                TokenKind::Str => code
                    .string(at)
                    .filter(|text| text.bytes().all(|byte| byte.is_ascii_uppercase()))
                    .and_then(|text| super::verbs::method(&text)),
                TokenKind::Word if code.is_dot(at.wrapping_sub(1)) && !code.is(at + 1, "(") => {
                    super::verbs::constant(code.text(at)).filter(|_| {
                        contains(code.text(at.wrapping_sub(2)), "method")
                            || code.text(at).starts_with("Method")
                    })
                }
                TokenKind::Word if code.is(at + 1, "(") && code.is_dot(at.wrapping_sub(1)) => {
                    let exact = super::verbs::method(code.text(at)).or_else(|| {
                        code.text(at)
                            .ends_with("Async")
                            .then(|| super::verbs::in_name(code.text(at)))
                            .flatten()
                    });
                    exact
                        .filter(|_| {
                            code.pair(at + 1).is_some_and(|close| close > at + 2)
                                && !matches!(
                                    code.text(at.wrapping_sub(2)),
                                    "headers" | "config" | "cache" | "options"
                                )
                        })
                        .filter(|_| {
                            (at + 2..code.skip(at + 1)).any(|inner| {
                                matches!(code.kind(inner), TokenKind::Word | TokenKind::Var)
                                    && function.parameters.iter().any(|parameter| {
                                        code.name(*parameter as usize) == code.name(inner)
                                    })
                            })
                        })
                }
                _ => None,
            };
            if let Some(method) = method {
                if found.is_some_and(|known| known != method) {
                    return None;
                }
                found = Some(method);
            }
        }
        found.or_else(|| {
            let fetches = (function.start as usize..function.end as usize)
                .any(|at| code.text(at) == "fetch" && code.is(at + 1, "("));
            fetches.then_some(Method::Get)
        })
    }

    /// Calls of helpers with a path that the helper completes.
    pub(super) fn helper_calls(&mut self) {
        let code = self.code;
        let defined = self.defined.clone();
        let by_name: FxHashMap<&str, &Helper> = defined
            .iter()
            .rev()
            .map(|helper| (helper.name.as_str(), helper))
            .collect();
        let mut used: FxHashSet<String> = FxHashSet::default();
        for at in 0..code.len() {
            if code.kind(at) != TokenKind::Word || !matches!(code.text(at + 1), "(" | "<" | "[") {
                continue;
            }
            let name = code.text(at);
            let own = by_name.get(name).copied();
            let Some(helper) = own
                .or_else(|| self.helpers.get(name))
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
            if own.is_none()
                && is_generic(name)
                && !contains(self.slice(code.chain_start(at)..at + 1), "graph")
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

/// Whether a parameter's name says that it is an address.
pub(super) fn is_address_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "path", "url", "uri", "endpoint", "resource", "request", "query", "api", "link",
    ]
    .iter()
    .any(|word| lower.ends_with(word))
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

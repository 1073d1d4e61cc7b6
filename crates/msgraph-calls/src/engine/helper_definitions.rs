//! Functions of the program that send a path which they are given: what they send, with which verb, and whether other
//! programs can call them.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::{Language, Part, TokenKind, Value};

use super::Scan;
use super::names::contains;
use super::outward::Sent;
use crate::helpers::{Helper, HelperPart, HelperVerb};

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
        let verb = match method.filter(|_| !self.has_method_parameter(at, &parameters)) {
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
            class: None,
            at,
        })
    }

    /// Whether a command of PowerShell takes its method from a parameter, whatever that is by default: `-Method $Method`.
    fn has_method_parameter(&self, at: usize, parameters: &[String]) -> bool {
        let code = self.code;
        code.language() == Language::PowerShell
            && (at..(at + 60).min(code.len())).any(|at| {
                code.kind(at) == TokenKind::Var
                    && code
                        .text(at.wrapping_sub(1))
                        .to_ascii_lowercase()
                        .ends_with("method")
                    && parameters
                        .iter()
                        .any(|parameter| parameter.eq_ignore_ascii_case(code.name(at)))
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
                    class: None,
                    at: function.name as usize,
                });
            }
        }
        helpers
    }

    /// How many helpers of the text other programs can call: what is declared `public`, `pub` or `export`, what begins
    /// with a capital in a Go package, the functions of a PowerShell module, and what Python's `__all__` or a shell's
    /// `export -f` names.
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
                // `__all__ = ["get"]`; any other function of a program's own modules is called in the project.
                Language::Python => code.assignments("__all__").iter().any(|all| {
                    let start = all.value as usize;
                    (start..code.skip(start))
                        .any(|at| code.kind(at) == TokenKind::Str && code.name(at) == helper.name)
                }),
                // `export -f graph_get`.
                Language::Shell => (2..code.len()).any(|at| {
                    code.text(at) == helper.name
                        && code.text(at - 1) == "-f"
                        && code.text(at - 2) == "export"
                }),
                // Functions of Bicep send nothing.
                Language::Bicep => false,
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

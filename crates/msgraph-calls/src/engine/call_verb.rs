//! The verb of a call: its arguments, its options, its name, the chain around it.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::{TokenKind, Value};

use super::names::contains;
use super::outward::Verb;
use super::words::{is_default_get, is_method_key, is_no_sender, is_plain_verb};
use super::{Scan, verbs};
use crate::model::Certainty;

/// How many assignments before a use are looked at.
pub(super) const NEAREST: usize = 32;
impl Scan<'_, '_> {
    /// The verb of a call of `name` with the arguments at `open`, of which `region` is one.
    pub(super) fn verb_of_call(
        &self,
        name: usize,
        open: usize,
        region: &Range<usize>,
    ) -> Option<Verb> {
        let code = self.code;
        let word = code.name(name);
        let close = code.pair(open)?;
        let others: Vec<Range<usize>> = code
            .arguments(open)
            .into_iter()
            .filter(|argument| !(argument.start <= region.start && region.start < argument.end))
            .collect();
        let mut parameter = false;
        for argument in &others {
            match self.constant_verb(argument.clone()) {
                Some(Verb::Parameter) => parameter = true,
                Some(verb) => return Some(verb),
                None => {}
            }
        }
        for argument in &others {
            let object = argument.clone().find(|at| {
                matches!(code.text(*at), "{" | "[") && code.kind(*at) == TokenKind::Open
            });
            if let Some(object) = object
                && let Some(verb) = self.verb_in(object)
            {
                return Some(verb);
            }
            // Options that a name holds: `fetch(url, options)`.
            if argument.len() == 1
                && code.kind(argument.start) == TokenKind::Word
                && let Some(verb) = self.verb_of_options(argument.start)
            {
                return Some(verb);
            }
        }
        if word == "api" || word == "Api" {
            return self
                .forward_verb(close, true)
                .or_else(|| self.verb_through_name(open, close));
        }
        if code.kind(name) == TokenKind::Var && code.is_dot(name.wrapping_sub(1)) {
            // `$client->$method($url)`.
            return match code
                .fold_name(name)
                .first()
                .and_then(Value::known)
                .and_then(|text| verbs::method(&text))
            {
                Some(method) => Some(Verb::Known(
                    method,
                    Certainty::Likely,
                    (format!("method from `{word}`"), name),
                )),
                None => Some(Verb::Parameter),
            };
        }
        // `webClient.post().uri(url)`, `client.method(HttpMethod.POST).uri(url)`, `Http::withToken(t)->get(url)`.
        if let Some(verb) = self.backward_verb(name) {
            return Some(verb);
        }
        if let Some(method) = verbs::in_name(word)
            && !is_no_sender(word)
            && !self.is_store(name)
        {
            let exact = is_plain_verb(word);
            let certainty = if exact {
                Certainty::Certain
            } else {
                Certainty::Likely
            };
            return Some(Verb::Known(
                method,
                certainty,
                (format!("method from `{word}(`"), name),
            ));
        }
        if let Some(verb) = self.forward_verb(close, false) {
            return Some(verb);
        }
        if parameter {
            return Some(Verb::Parameter);
        }
        if is_default_get(word) && !self.is_carrier(name) {
            return Some(Verb::Known(
                Method::Get,
                Certainty::Likely,
                (format!("`{word}` without a method sends GET"), name),
            ));
        }
        None
    }

    /// Whether what a call makes is sent later: `new Request(url)`, `curl_init($url)`.
    pub(super) fn is_carrier(&self, name: usize) -> bool {
        let word = self.code.name(name);
        let first = self.code.chain_start(name);
        let before = first.checked_sub(1).map_or("", |at| self.code.text(at));
        before == "new"
            || matches!(
                word,
                "Request" | "curl_init" | "openConnection" | "WebRequest" | "CreateHttp"
            )
    }

    /// A method that an argument names.
    pub(super) fn constant_verb(&self, argument: Range<usize>) -> Option<Verb> {
        let code = self.code;
        let mut range = argument;
        let mut named = false;
        // `method="POST"`, `method: "POST"`.
        if range.len() > 2 && matches!(code.text(range.start + 1), "=" | ":") {
            named = is_method_key(code.name(range.start));
            if !named {
                return None;
            }
            range.start += 2;
        }
        let known = |method, at| {
            Some(Verb::Known(
                method,
                Certainty::Certain,
                (format!("method from `{}`", self.slice(at..at + 1)), at),
            ))
        };
        match code.kind(range.start) {
            TokenKind::Str if range.len() == 1 => {
                let text = code.string(range.start)?;
                let method = verbs::method(&text)?;
                known(method, range.start)
            }
            TokenKind::Word | TokenKind::Var | TokenKind::Punct if range.len() <= 12 => {
                let last = range.end - 1;
                // `HttpMethod.Post`, `http.MethodPost`, `Method::POST`, `new HttpMethod("PATCH")`.
                if code.kind(last) == TokenKind::Word
                    && code.is_dot(last.wrapping_sub(1))
                    && let Some(method) = verbs::constant(code.text(last))
                {
                    return known(method, last);
                }
                if code.is(last, ")")
                    && let Some(method) = range
                        .clone()
                        .find_map(|at| code.string(at).and_then(|text| verbs::method(&text)))
                    && range.clone().any(|at| contains(code.text(at), "method"))
                {
                    return known(method, last - 1);
                }
                let name = code.name(last);
                if range.len() == 1 || code.is_dot(last.wrapping_sub(1)) {
                    if code.text(last) == code.text(last).to_ascii_uppercase()
                        && let Some(method) = verbs::method(name)
                    {
                        return known(method, last);
                    }
                    if named || is_method_key(name) || name == "verb" {
                        return Some(self.folded_verb(range));
                    }
                }
                None
            }
            _ => None,
        }
    }

    pub(super) fn folded_verb(&self, range: Range<usize>) -> Verb {
        let start = range.start;
        let values = self.code.fold(range);
        match values
            .first()
            .and_then(Value::known)
            .and_then(|text| verbs::method(&text))
        {
            Some(method) if values.len() == 1 => Verb::Known(
                method,
                Certainty::Certain,
                (format!("method from `{}`", self.code.name(start)), start),
            ),
            _ => Verb::Parameter,
        }
    }

    /// The verb in the chain before a call: `.post().uri(`.
    pub(super) fn backward_verb(&self, name: usize) -> Option<Verb> {
        let code = self.code;
        if !matches!(
            code.text(name),
            "uri" | "url" | "path" | "setUri" | "target" | "withUrl" | "resource" | "Uri"
        ) {
            return None;
        }
        let mut at = name;
        for _ in 0..12 {
            let dot = at.checked_sub(1).filter(|dot| code.is_dot(*dot))?;
            let mut before = dot.checked_sub(1)?;
            if code.is(before, ")") {
                let open = code.pair(before)?;
                let called = self.callee(open)?;
                let word = code.text(called);
                if open + 1 == before
                    && let Some(method) = verbs::method(word)
                {
                    return Some(Verb::Known(
                        method,
                        Certainty::Certain,
                        (format!("method from `{word}()`"), called),
                    ));
                }
                if is_method_key(word) || word == "request" {
                    for argument in code.arguments(open) {
                        if let Some(verb) = self.constant_verb(argument) {
                            return Some(verb);
                        }
                    }
                }
                before = called;
            }
            at = before;
        }
        None
    }

    /// The verb in the chain after a call: `.api(path).top(5).get()`, `.uri(u).POST(body).build()`.
    pub(super) fn forward_verb(&self, close: usize, api: bool) -> Option<Verb> {
        let code = self.code;
        let mut at = close + 1;
        for _ in 0..24 {
            while matches!(code.text(at), "!" | "?") && code.kind(at) == TokenKind::Punct {
                at += 1;
            }
            if !code.is_dot(at) {
                return None;
            }
            let name = at + 1;
            let word = code.name(name);
            let mut open = name + 1;
            if code.is(open, "<") {
                let end = (open..open + 8).find(|at| code.is(*at, ">"));
                open = end.map_or(open, |end| end + 1);
            }
            if !code.is(open, "(") {
                if !api && !code.is_dot(open) {
                    return None;
                }
                at = open;
                continue;
            }
            let method = if api {
                verbs::of_api(word)
            } else {
                verbs::method(word).filter(|_| {
                    !matches!(word, "get" | "delete") || code.pair(open) == Some(open + 1)
                })
            };
            if let Some(method) = method {
                return Some(Verb::Known(
                    method,
                    Certainty::Certain,
                    (format!("method from `{word}(`"), name),
                ));
            }
            if is_method_key(word)
                || word == "setRequestMethod"
                || word == "withMethod"
                || word == "setMethod"
            {
                for argument in code.arguments(open) {
                    if let Some(verb) = self.constant_verb(argument) {
                        return Some(verb);
                    }
                }
            }
            // A Retrofit or reqwest builder ends here; what follows is the answer.
            if matches!(word, "then" | "catch" | "json" | "execute" | "send") && !api {
                return None;
            }
            at = code.skip(open);
        }
        None
    }

    /// `const request = client.api(path); …; request.get()`.
    pub(super) fn verb_through_name(&self, open: usize, close: usize) -> Option<Verb> {
        let name = self.callee(open)?;
        let first = self.code.chain_start(name);
        let region = self.region(first);
        let key = self.key(region.start)?;
        let _ = close;
        let code = self.code;
        let word = code.name(key);
        for at in region.end..code.len().min(region.end + 600) {
            if matches!(code.kind(at), TokenKind::Word | TokenKind::Var)
                && code.name(at) == word
                && !code.is_dot(at.wrapping_sub(1))
                && code.is_dot(at + 1)
                && let Some(verb) = self.forward_verb(at, true)
            {
                return Some(verb);
            }
        }
        None
    }

    /// Whether what is called is a store of values, not a client: `cache.get(url)`, `map.put(url, x)`.
    pub(super) fn is_store(&self, name: usize) -> bool {
        let code = self.code;
        let Some(receiver) = name.checked_sub(2).filter(|_| code.is_dot(name - 1)) else {
            return false;
        };
        let receiver = if code.is(receiver, ")") || code.is(receiver, "]") {
            match code.pair(receiver).and_then(|open| open.checked_sub(1)) {
                Some(before) => before,
                None => return false,
            }
        } else {
            receiver
        };
        let name = code.name(receiver).to_ascii_lowercase();
        [
            "cache", "map", "dict", "headers", "storage", "params", "environ", "config",
            "settings", "cookies", "memo", "registry", "seen", "visited",
        ]
        .iter()
        .any(|store| name.ends_with(store))
    }
}

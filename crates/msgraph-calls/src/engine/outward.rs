//! Who sends an address: from the expression outwards to the innermost call that names a verb.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::{Language, TokenKind, Value};

use super::names::{contains, words};
use super::{Scan, verbs};
use crate::model::Certainty;

/// What is done with an address.
#[derive(Debug, Clone)]
pub(super) enum Use {
    /// It is sent.
    Sent(Sent),
    /// It is sent, with a method that is not known: a parameter.
    NoMethod(Site),
    /// It goes into a message.
    Message,
    /// It is compared, or names something else than a request.
    Other,
    /// Nothing that was seen sends it.
    Unknown(Site),
}

/// The place that sends an address.
#[derive(Debug, Clone, Default)]
pub(super) struct Site {
    /// First token, and the one after the last.
    pub(super) at: (usize, usize),
    /// The text of the call before its arguments, for looking at names.
    pub(super) callee: String,
    /// The name that is called.
    pub(super) name: String,
    /// An element of a batch list.
    pub(super) batch: bool,
}

/// An address that is sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) site: Site,
    pub(super) certainty: Certainty,
    pub(super) step: (String, usize),
    /// `client.api(path)`.
    pub(super) api: bool,
}

/// A verb, or that it is not known.
pub(super) enum Verb {
    Known(Method, Certainty, (String, usize)),
    Parameter,
}

/// How many assignments before a use are looked at.
const NEAREST: usize = 32;

/// How many brackets are left outwards.
const OUTWARDS: usize = 8;

impl Scan<'_, '_> {
    /// Who sends the expression in these tokens.
    pub(super) fn outward(&self, region: Range<usize>) -> Use {
        let code = self.code;
        let mut region = region;
        let mut site = Site {
            at: (region.start, region.end),
            ..Site::default()
        };
        let mut object_verb: Option<Verb> = None;
        let mut called = false;
        for _ in 0..OUTWARDS {
            code.spend(1);
            if let Some(key) = self.key(region.start)
                && is_other_key(code.name(key))
            {
                return Use::Other;
            }
            let Some(open) = code.up(region.start) else {
                break;
            };
            match code.text(open) {
                "(" => {
                    let Some(name) = self.callee(open) else {
                        // Parentheses that only group.
                        region = self.region(open);
                        continue;
                    };
                    let close = code.pair(open).unwrap_or(region.end);
                    let first = code.chain_start(name);
                    let word = code.name(name);
                    let callee = self.slice(first..name + 1).to_owned();
                    if !called {
                        // A request of a batch stands in the list, not where the list is sent.
                        let place = if site.batch {
                            site.at
                        } else {
                            (first, close + 1)
                        };
                        site = Site {
                            at: place,
                            callee: callee.clone(),
                            name: word.to_owned(),
                            batch: site.batch,
                        };
                        called = true;
                    }
                    if self.is_route(first, name, open) {
                        return Use::Other;
                    }
                    // `curl_setopt($ch, CURLOPT_URL, $url)`: the options of the handle say the verb.
                    if word.starts_with("curl_setopt") {
                        let handle = code.arguments(open).into_iter().next();
                        let function = code
                            .function_of(open)
                            .map_or(0, |function| function.start as usize);
                        let verb =
                            handle.and_then(|handle| self.later_verb(handle.start, function));
                        return match verb {
                            Some(verb) => self.with_verb(verb, site, word),
                            None => Use::Unknown(site),
                        };
                    }
                    if is_message(&callee, word) {
                        return Use::Message;
                    }
                    if is_comparison(word) {
                        return Use::Other;
                    }
                    if let Some(verb) = object_verb.take() {
                        return self.with_verb(verb, site, word);
                    }
                    if let Some(verb) = self.verb_of_call(name, open, &region) {
                        site.at = (first, close + 1);
                        site.callee = callee;
                        word.clone_into(&mut site.name);
                        return self.with_verb(verb, site, word);
                    }
                    region = self.region(first);
                    if region.start > first {
                        region.start = first;
                    }
                }
                "{" if self.is_object(open) => {
                    let fresh = object_verb.is_none();
                    if fresh {
                        object_verb = self.verb_in(open);
                        site.batch |= object_verb.is_some()
                            && self.has_key(open, &["id", "Id"])
                            && self.has_key(open, &["url", "Url", "URL"]);
                    }
                    region = self.region(open);
                    if fresh && !called && object_verb.is_some() {
                        site.at = (
                            region.start,
                            region.end.min(code.skip(open)).max(region.start + 1),
                        );
                    }
                }
                "{" | "${" | "$(" => {
                    break;
                }
                "[" => {
                    if object_verb.is_none() && code.language() == Language::Php {
                        object_verb = self.verb_in(open);
                    }
                    region = self.region(open);
                }
                _ => break,
            }
        }
        if let Some(verb) = object_verb {
            return self.with_verb(verb, site, "");
        }
        // The end of the statement: what is assigned may be sent later.
        let carries = called || self.is_literal_object(&region);
        if carries
            && let Some(key) = self.key(region.start)
            && let Some(verb) = self.later_verb(key, region.end)
        {
            let name = site.name.clone();
            return self.with_verb(verb, site, &name);
        }
        if called && is_default_get(&site.name) {
            let at = site.at.0;
            let name = site.name.clone();
            return Use::Sent(Sent {
                method: Method::Get,
                certainty: Certainty::Likely,
                step: (format!("`{name}` without a method sends GET"), at),
                api: false,
                site,
            });
        }
        Use::Unknown(site)
    }

    fn is_literal_object(&self, region: &Range<usize>) -> bool {
        matches!(self.code.text(region.start), "{" | "[" | "@")
            || self.code.is(region.end.saturating_sub(1), "}")
    }

    fn with_verb(&self, verb: Verb, site: Site, name: &str) -> Use {
        match verb {
            Verb::Known(method, certainty, step) => Use::Sent(Sent {
                method,
                certainty,
                step,
                api: name == "api",
                site,
            }),
            Verb::Parameter => Use::NoMethod(site),
        }
    }

    /// The verb of a call of `name` with the arguments at `open`, of which `region` is one.
    fn verb_of_call(&self, name: usize, open: usize, region: &Range<usize>) -> Option<Verb> {
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
    fn is_carrier(&self, name: usize) -> bool {
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
    fn constant_verb(&self, argument: Range<usize>) -> Option<Verb> {
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

    fn folded_verb(&self, range: Range<usize>) -> Verb {
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

    /// The method that an object names.
    fn verb_in(&self, open: usize) -> Option<Verb> {
        let code = self.code;
        let close = code.pair(open)?;
        let mut at = open + 1;
        let mut steps = 0;
        while at < close && steps < 400 {
            steps += 1;
            let key = matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
                && is_method_key(code.name(at));
            if key && matches!(code.text(at + 1), ":" | "=" | "=>") {
                let end = code.expression_end(at + 2).min(close);
                let value = at + 2..end;
                return Some(match self.constant_verb(value.clone()) {
                    Some(verb) => verb,
                    None => self.folded_verb(value),
                });
            }
            // `{ url, method }`.
            if key
                && matches!(code.text(at + 1), "," | "}")
                && code.language() == Language::JavaScript
            {
                return Some(self.folded_verb(at..at + 1));
            }
            at = code.skip(at);
        }
        None
    }

    fn has_key(&self, open: usize, keys: &[&str]) -> bool {
        let Some(close) = self.code.pair(open) else {
            return false;
        };
        let mut at = open + 1;
        for _ in 0..400 {
            if at >= close {
                break;
            }
            if keys.contains(&self.code.name(at))
                && matches!(self.code.text(at + 1), ":" | "=" | "=>" | ",")
            {
                return true;
            }
            at = self.code.skip(at);
        }
        false
    }

    /// The method of options that a name holds.
    fn verb_of_options(&self, at: usize) -> Option<Verb> {
        let code = self.code;
        let name = code.name(at);
        let reaching = code.reaching(name, at, false);
        let assignment = reaching.first()?;
        let open = assignment.value as usize;
        if matches!(code.text(open), "{" | "[")
            && let Some(verb) = self.verb_in(open)
        {
            return Some(verb);
        }
        // `options.method = 'POST'`, `options["method"] = …`.
        self.member_verb(name, assignment.name as usize, at)
    }

    /// `name.method = X` between two places.
    fn member_verb(&self, name: &str, from: usize, to: usize) -> Option<Verb> {
        let code = self.code;
        for key in ["method", "Method", "httpMethod"] {
            let all = code.assignments(key);
            let before = all.partition_point(|assignment| (assignment.name as usize) < to);
            for assignment in all[..before].iter().rev().take(NEAREST) {
                code.spend(1);
                let at = assignment.name as usize;
                if at <= from || at < 2 {
                    break;
                }
                let owner = if code.is_dot(at - 1) {
                    Some(at - 2)
                } else {
                    (code.is(at - 1, "[")).then(|| at - 2)
                };
                if owner.is_some_and(|owner| code.name(owner) == name) {
                    let start = assignment.value as usize;
                    let value = start..code.expression_end(start);
                    return self
                        .constant_verb(value.clone())
                        .or_else(|| Some(self.folded_verb(value)));
                }
            }
        }
        None
    }

    /// The verb in the chain before a call: `.post().uri(`.
    fn backward_verb(&self, name: usize) -> Option<Verb> {
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
    fn forward_verb(&self, close: usize, api: bool) -> Option<Verb> {
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
    fn verb_through_name(&self, open: usize, close: usize) -> Option<Verb> {
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
            {
                if let Some(verb) = self.forward_verb(at, true) {
                    return Some(verb);
                }
            }
        }
        None
    }

    /// Whether what is called is a store of values, not a client: `cache.get(url)`, `map.put(url, x)`.
    fn is_store(&self, name: usize) -> bool {
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

    /// Whether a call declares a route of the program itself: `app.get('/users', handler)`, `@app.route("/me")`,
    /// `[HttpGet("users")]`, `@GetMapping("/users")`.
    fn is_route(&self, first: usize, name: usize, open: usize) -> bool {
        let code = self.code;
        let before = first.checked_sub(1).map_or("", |at| code.text(at));
        if before == "@" || (before == "[" && code.language() == Language::CSharp) || before == "#"
        {
            return true;
        }
        let word = code.text(name);
        if matches!(
            word,
            "route"
                | "MapGet"
                | "MapPost"
                | "MapPut"
                | "MapPatch"
                | "MapDelete"
                | "HandleFunc"
                | "Handle"
                | "path"
                | "re_path"
                | "url_for"
                | "redirect"
                | "RedirectResponse"
                | "Redirect"
                | "navigate"
                | "push"
        ) || word.ends_with("Mapping")
            || word == "Route"
        {
            return true;
        }
        let owner = code.text(first);
        let routed = matches!(
            owner,
            "app"
                | "router"
                | "server"
                | "fastify"
                | "routes"
                | "Route"
                | "blueprint"
                | "bp"
                | "mux"
                | "api_router"
                | "nock"
                | "cy"
                | "mock"
                | "rest"
                | "msw"
                | "http"
        ) && verbs::method(word).is_some();
        // A handler follows the path.
        routed
            && (matches!(owner, "nock" | "cy" | "mock" | "msw")
                || code.arguments(open).iter().skip(1).any(|argument| {
                    argument.clone().any(|at| {
                        code.is(at, "=>") || matches!(code.text(at), "function" | "func" | "async")
                    }) || (argument.len() <= 3 && owner != "http")
                }))
    }
}

/// Whether a name is a verb of an HTTP client: `get`, `PostAsJsonAsync`, `wp_remote_get`, `getForObject`.
pub(super) fn is_plain_verb(name: &str) -> bool {
    let parts = words(name);
    let ends = [parts.first(), parts.last()];
    name.ends_with("Async")
        || (parts.len() <= 3
            && ends
                .iter()
                .flatten()
                .any(|part| verbs::method(part).is_some()))
}

/// Names under which an HTTP method stands.
pub(super) fn is_method_key(name: &str) -> bool {
    matches!(
        name.trim_matches(['"', '\'']).to_ascii_lowercase().as_str(),
        "method"
            | "httpmethod"
            | "http_method"
            | "verb"
            | "requestmethod"
            | "request_method"
            | "httpverb"
            | "type"
    )
}

/// Keys under which an address is data: the target of a reference, where a notification goes, whom a token is for.
pub(super) fn is_other_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("odata")
        || lower.contains("redirect")
        || lower.contains("notification")
        || lower.contains("audience")
        || lower.contains("scope")
        || lower.contains("authority")
        || lower.contains("baseurl")
        || lower.contains("base_url")
        || lower.contains("baseuri")
        || lower.contains("base_uri")
        || lower.contains("baseaddress")
        || matches!(
            lower.as_str(),
            "resource"
                | "documentation"
                | "docs"
                | "description"
                | "href"
                | "message"
                | "title"
                | "contenturl"
                | "example"
                | "help"
                | "namespace"
                | "to"
                | "route"
                | "pathname"
                | "link"
        )
}

/// Functions that write for people.
pub(super) fn is_message(callee: &str, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let receiver = callee.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "print"
            | "println"
            | "printf"
            | "eprintln"
            | "fprintf"
            | "fprintln"
            | "errorf"
            | "debugf"
            | "infof"
            | "warnf"
            | "logf"
            | "info"
            | "debug"
            | "warn"
            | "warning"
            | "error"
            | "trace"
            | "log"
            | "writeline"
            | "write_host"
            | "loginformation"
            | "logerror"
            | "logwarning"
            | "logdebug"
            | "logtrace"
            | "var_dump"
            | "echo"
            | "fatal"
            | "fatalf"
            | "panic"
            | "die"
            | "throw"
            | "console"
            | "critical"
            | "exception"
            | "add_message"
            | "sprint"
            | "wrap"
            | "newerror"
    ) || lower.ends_with("error")
        || lower.ends_with("exception")
        || [
            "console.", "logger.", "log.", "logging.", "_logger.", "mlog.",
        ]
        .iter()
        .any(|prefix| receiver.starts_with(prefix))
        || receiver.contains(".logger.")
}

/// Functions that look at an address.
fn is_comparison(name: &str) -> bool {
    // `subscription.setResource("me/messages")` fills in data.
    let setter = ["set", "with", "Set"].iter().any(|prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || c == '_'))
    }) && !["uri", "url", "path", "endpoint", "request"]
        .iter()
        .any(|word| name.to_ascii_lowercase().ends_with(word));
    setter
        || matches!(
            name.to_ascii_lowercase().as_str(),
            "startswith"
                | "endswith"
                | "contains"
                | "includes"
                | "indexof"
                | "equals"
                | "match"
                | "test"
                | "split"
                | "hasprefix"
                | "hassuffix"
                | "assertequal"
                | "expect"
                | "tobe"
                | "assert"
                | "is_match"
                | "ismatch"
                | "starts_with"
                | "str_starts_with"
                | "str_contains"
                | "strpos"
                | "stringcontaining"
                | "assert_called_with"
                | "tohavebeencalledwith"
                | "assertthat"
                | "compare"
                | "regexp"
                | "compile"
                | "replace"
                | "trimprefix"
                | "reply"
                | "getenv"
                | "isnullorempty"
                | "isnullorwhitespace"
                | "isempty"
                | "isblank"
                | "empty"
                | "isset"
                | "is_null"
                | "len"
                | "strlen"
                | "isnotblank"
                | "withurl"
                | "with_url"
                | "requirenonnull"
                | "trim_path_start"
                | "tryparse"
                | "trycreate"
                | "assertequals"
                | "strictequal"
                | "equal"
                | "getitem"
                | "setitem"
                | "removeitem"
                | "environ"
        )
}

/// Functions with a verb in their name that send nothing, or not the address.
fn is_no_sender(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "token",
        "scope",
        "credential",
        "env",
        "item",
        "header",
        "cookie",
        "authority",
        "property",
        "attribute",
        "param",
        "service",
        "logger",
        "hash",
        "string_value",
        "resource",
        "hostname",
        "domain",
        "config",
        "secret",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Functions that send GET unless they are told otherwise.
pub(super) fn is_default_get(name: &str) -> bool {
    matches!(
        name,
        "fetch"
            | "axios"
            | "got"
            | "ky"
            | "urlopen"
            | "ajax"
            | "curl_init"
            | "openConnection"
            | "Request"
            | "useSWR"
            | "request"
            | "makeRequest"
            | "$fetch"
            | "ofetch"
            | "fetchJson"
            | "node_fetch"
            | "nodeFetch"
            | "file_get_contents"
            | "openStream"
            | "WebRequest"
            | "CreateHttp"
            | "urlretrieve"
            | "superagent"
            | "needle"
            | "fetchWithAuth"
            | "fetchWithRetry"
            | "HttpRequestMessage"
            | "authFetch"
            | "graphFetch"
            | "fetchGraph"
            | "callApi"
            | "callMSGraph"
            | "callGraph"
            | "callGraphApi"
            | "graph_call"
            | "query_graph"
            | "Http"
    )
}

//! Addresses in code, and the requests that send them.

use std::ops::Range;

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet};
use source_lex::{Operator, Part, TokenKind, Value};

use super::names::contains;
use super::outward::{Sent, Site, Use};
use super::{Call, Scan, holed};
use crate::address::{self, Address, Host, Target};
use crate::helpers::{Helper, HelperPart, HelperVerb};
use crate::model::{Certainty, Kind, Missing, SkipReason};

/// Collections that the service has and the published data lacks.
const MORE_ROOTS: [&str; 2] = ["subscriptions", "$batch"];

/// Words in the name of a base address that belong to other services.
const OTHER_BASES: [&str; 14] = [
    "arm",
    "management",
    "vault",
    "okta",
    "slack",
    "github",
    "gitlab",
    "jira",
    "backend",
    "frontend",
    "local",
    "webhook",
    "redirect",
    "devops",
];

impl Scan<'_, '_> {
    pub(super) fn requests(&mut self) {
        if !self.facts.graph {
            return;
        }
        self.chained.sort_unstable();
        let names = self.address_names();
        self.find_based(&names);
        let mut seen = FxHashSet::default();
        for at in 0..self.code.len() {
            let seed = match self.code.kind(at) {
                TokenKind::Str => self.looks_like_address(at),
                TokenKind::StrOpen => self.string_looks_like_address(at),
                TokenKind::Word | TokenKind::Var => {
                    names.contains(self.code.name(at)) && self.is_use(at)
                }
                _ => false,
            };
            if !seed {
                continue;
            }
            if self.receiver_request(at) {
                continue;
            }
            let region = self.grown(at);
            if seen.insert(region.start) && region.len() <= 300 {
                self.request(region);
            }
        }
        self.helper_calls();
    }

    fn looks_like_address(&self, at: usize) -> bool {
        let Some(text) = self.code.string(at) else {
            return false;
        };
        if !text.contains('/') {
            // `.api("me")`, `get("users")`.
            return !text.is_empty()
                && text.len() < 40
                && self.api.is_root(text.split('?').next().unwrap_or(&text));
        }
        is_address_text(&text)
    }

    fn string_looks_like_address(&self, at: usize) -> bool {
        let end = self.code.pair(at).unwrap_or(at);
        let first = at + 1;
        let begins_with_hole =
            matches!(self.code.kind(first), TokenKind::HoleOpen | TokenKind::Var);
        let slash = (first..end)
            .any(|at| self.code.kind(at) == TokenKind::StrText && self.code.text(at).contains('/'));
        let graph = begins_with_hole && contains(self.slice(first..(first + 6).min(end)), "graph");
        if !slash && !graph {
            return false;
        }
        match self.code.kind(first) {
            TokenKind::StrText => {
                is_address_text(self.code.text(first)) || self.code.text(first).ends_with("://")
            }
            _ => true,
        }
    }

    /// Whether a name is read here, not set or declared.
    fn is_use(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.text(at + 1);
        if code.kind(at + 1) == TokenKind::Punct
            && matches!(next, "=" | ":=" | "+=" | ".=" | ":" | "=>")
        {
            // `url: value` is a key, `f(url=url)` has the name twice.
            return false;
        }
        if code.is(at + 1, "(") {
            return code
                .functions_named(code.name(at))
                .next()
                .is_some_and(|function| function.name as usize != at);
        }
        !code.is_dot(at + 1)
            || !code.is(at + 3, "(")
            || matches!(
                code.text(at + 2),
                "format"
                    | "replace"
                    | "rstrip"
                    | "toString"
                    | "trim"
                    | "concat"
                    | "append"
                    | "Replace"
                    | "TrimEnd"
                    | "to_string"
                    | "as_str"
                    | "clone"
                    | "openConnection"
                    | "String"
                    | "ToString"
                    | "toURI"
                    | "openStream"
                    | "readText"
            )
    }

    /// The names of HTTP clients whose base address is Microsoft Graph: `axios.create({ baseURL: GRAPH })`,
    /// `client.BaseAddress = new Uri("…")`, `with httpx.Client(base_url=GRAPH) as http`.
    fn find_based(&mut self, names: &FxHashSet<String>) {
        let code = self.code;
        let mut found = Vec::new();
        for at in 2..code.len() {
            let key = matches!(code.kind(at), TokenKind::Word | TokenKind::Str)
                && matches!(
                    code.name(at).to_ascii_lowercase().as_str(),
                    "baseurl"
                        | "base_url"
                        | "base_uri"
                        | "baseaddress"
                        | "baseuri"
                        | "prefixurl"
                        | "prefix_url"
                );
            if !key || code.kind(at + 1) == TokenKind::Outside {
                continue;
            }
            let (value, called) = match code.text(at + 1) {
                ":" | "=" | "=>" => (at + 2, false),
                "(" => (at + 2, true),
                _ => continue,
            };
            let end = code.expression_end(value).min(value + 20);
            let graph = (value..end).any(|at| match code.kind(at) {
                TokenKind::Str | TokenKind::StrText => contains(code.text(at), "graph.microsoft"),
                TokenKind::Word | TokenKind::Var => {
                    names.contains(code.name(at)) || contains(code.text(at), "graph")
                }
                _ => false,
            });
            if !graph {
                continue;
            }
            if code.is_dot(at - 1) && !called {
                found.push(code.name(at - 2).to_owned());
                continue;
            }
            // The name that the client is assigned, or bound with `as`.
            let mut open = code.up(at);
            for _ in 0..4 {
                let Some(bracket) = open else {
                    break;
                };
                let region = self.region(bracket);
                if let Some(key) = self.key(region.start) {
                    found.push(code.name(key).to_owned());
                }
                let close = code.pair(bracket).unwrap_or(bracket);
                if code.text(close + 1) == "as" {
                    found.push(code.name(close + 2).to_owned());
                }
                open = code.up(bracket);
            }
            if called {
                let region = self.region(at);
                if let Some(key) = self.key(region.start) {
                    found.push(code.name(key).to_owned());
                }
            }
        }
        self.facts.based.extend(found);
    }

    /// The names that hold addresses or their begin, functions included.
    fn address_names(&self) -> FxHashSet<String> {
        let code = self.code;
        let mut names: FxHashSet<String> = FxHashSet::default();
        // The second and third turn follow names that are made of names.
        for turn in 0..3 {
            let mut found = Vec::new();
            for assignment in code.all_assignments() {
                let name = code.name(assignment.name as usize);
                if names.contains(name) || assignment.operator == Operator::Argument {
                    continue;
                }
                let start = assignment.value as usize;
                let end = code.expression_end(start).min(start + 60);
                if self.holds_address(start..end, &names, turn == 0) {
                    found.push(name.to_owned());
                }
            }
            for function in code.functions() {
                let name = code.text(function.name as usize);
                let (start, end) = (function.start as usize, function.end as usize);
                if names.contains(name) || end.saturating_sub(start) > 200 {
                    continue;
                }
                let returns = (start..end)
                    .filter(|at| code.text(*at) == "return")
                    .map(|at| at + 1);
                let arrow = code.is(start.wrapping_sub(1), "=>").then_some(start);
                let gives = returns.chain(arrow).any(|at| {
                    let end = code.expression_end(at).min(at + 30);
                    self.holds_address(at..end, &names, turn == 0) && !self.sends(at..end)
                });
                if gives {
                    found.push(name.to_owned());
                }
            }
            if found.is_empty() {
                break;
            }
            names.extend(found);
        }
        names
    }

    fn holds_address(
        &self,
        range: Range<usize>,
        names: &FxHashSet<String>,
        literals: bool,
    ) -> bool {
        let code = self.code;
        range.clone().any(|at| match code.kind(at) {
            TokenKind::Str => {
                literals
                    && code
                        .string(at)
                        .is_some_and(|text| text.contains('/') && is_address_text(&text))
            }
            TokenKind::StrOpen => literals && self.string_looks_like_address(at),
            TokenKind::Word | TokenKind::Var => {
                !literals
                    && names.contains(code.name(at))
                    && (at + 1 >= range.end || !code.is(at + 1, "("))
            }
            _ => false,
        })
    }

    /// Whether an expression sends: `return fetch("…")` gives back no address.
    fn sends(&self, range: Range<usize>) -> bool {
        range.clone().any(|at| {
            self.code.is(at + 1, "(")
                && self.code.kind(at) == TokenKind::Word
                && (super::verbs::in_name(self.code.text(at)).is_some()
                    || super::outward::is_default_get(self.code.text(at))
                    || self.code.text(at) == "api")
        })
    }

    /// The expression around a token, and around the calls that only put strings together.
    fn grown(&self, at: usize) -> Range<usize> {
        let mut region = self.region(at);
        for _ in 0..6 {
            let Some(open) = self.code.up(region.start) else {
                break;
            };
            match self.code.text(open) {
                "(" => {
                    let Some(name) = self.callee(open) else {
                        let outer = self.region(open);
                        if outer.len() > 200 {
                            break;
                        }
                        region = outer;
                        continue;
                    };
                    if !is_string_function(self.code.text(name)) && !self.is_own_builder(name) {
                        break;
                    }
                    let first = self.code.chain_start(name);
                    let outer = self.region(first);
                    // Settings with a base address as default stay as they are.
                    if outer.start > region.start {
                        break;
                    }
                    region = outer;
                }
                "${" | "{" if self.code.kind(open) == TokenKind::HoleOpen => {
                    let Some(string) = self.code.up(open) else {
                        break;
                    };
                    region = self.region(string);
                }
                _ => break,
            }
        }
        region
    }

    /// A function of the text that gives back an address.
    fn is_own_builder(&self, name: usize) -> bool {
        let code = self.code;
        code.functions_named(code.text(name))
            .next()
            .is_some_and(|function| {
                let (start, end) = (function.start as usize, function.end as usize);
                end.saturating_sub(start) < 60
                    && (start..end).any(|at| {
                        code.text(at) == "return"
                            && !self.sends(at..code.expression_end(at + 1))
                            && matches!(code.kind(at + 1), TokenKind::Str | TokenKind::StrOpen)
                    })
            })
    }

    fn request(&mut self, region: Range<usize>) {
        let values = self.code.fold(region.clone());
        let mut known: Vec<(Value, String)> = Vec::new();
        for value in values {
            let text = holed(&value);
            if address::read(self.api, None, &text).is_some_and(|address| self.could_be(&address)) {
                known.push((value, text));
            }
        }
        if known.is_empty() {
            return;
        }
        // Arguments of an SDK's chain are its data: `Sites.GetByPath("/sites/x")`.
        let next = self
            .chained
            .partition_point(|(start, _)| *start <= region.start);
        let in_chain = next
            .checked_sub(1)
            .is_some_and(|before| region.start < self.chained[before].1);
        if in_chain && known.iter().all(|(_, text)| !text.contains("://")) {
            return;
        }
        if let Some(sent) = self.downstream(&region) {
            for (value, text) in &known {
                self.sent(&region, value, text, &sent);
            }
            return;
        }
        let usage = self.outward(region.clone());
        match usage {
            Use::Other => {
                for (value, _) in &known {
                    self.consume(value);
                }
            }
            Use::Message => {
                self.evidence.skipped.add(SkipReason::Message);
                for (value, _) in &known {
                    self.consume(value);
                }
            }
            Use::Sent(sent) => {
                let mut sent = sent;
                if known.len() > 1 {
                    // Which of the values is sent depends on the run.
                    sent.certainty = sent.certainty.min(Certainty::Likely);
                }
                for (value, text) in &known {
                    self.sent(&region, value, text, &sent);
                }
            }
            Use::NoMethod(site) => {
                for (value, text) in &known {
                    self.without_method(&region, value, text, &site);
                }
            }
            Use::Unknown(site) => {
                for (value, text) in &known {
                    self.unknown_use(&region, value, text, &site);
                }
            }
        }
    }

    /// `api.GetForUserAsync("Graph", o => { o.RelativePath = "me"; })` of Microsoft.Identity.Web.
    /// <https://learn.microsoft.com/entra/identity-platform/scenario-web-api-call-api-call-api>
    fn downstream(&self, region: &Range<usize>) -> Option<Sent> {
        let code = self.code;
        let key = self
            .key(region.start)
            .filter(|key| code.text(*key) == "RelativePath")?;
        let block = code.up(key).filter(|open| code.is(*open, "{"))?;
        let open = code.up(block).filter(|open| code.is(*open, "("))?;
        let name = self.callee(open)?;
        let first = code.chain_start(name);
        let end = code.skip(open);
        let graph =
            code.source().contains("graph.microsoft") || contains(self.slice(open..end), "graph");
        let close = code.pair(block)?;
        let stated = code
            .assignments("HttpMethod")
            .iter()
            .find_map(|assignment| {
                let value = assignment.value as usize;
                let inside = block < value && value < close;
                inside
                    .then(|| {
                        (value..code.expression_end(value))
                            .find_map(|at| super::verbs::constant(code.name(at)))
                    })
                    .flatten()
            });
        let method = stated
            .or_else(|| super::verbs::in_name(code.text(name)))
            .unwrap_or(Method::Get);
        graph.then(|| Sent {
            method,
            site: Site {
                at: (first, end),
                callee: "graph".to_owned(),
                name: code.text(name).to_owned(),
                batch: false,
            },
            certainty: Certainty::Likely,
            step: (format!("method from `{}(`", code.text(name)), name),
            api: true,
        })
    }

    fn consume(&mut self, value: &Value) {
        for part in &value.parts {
            if let Part::Literal { start, .. } = part {
                self.consumed.insert(*start);
            }
        }
    }

    /// Whether an address can be one of Microsoft Graph at all.
    fn could_be(&self, address: &Address<'_>) -> bool {
        match &address.target {
            Target::Path { path, template, .. } => {
                let first = path.split('/').nth(1).unwrap_or_default();
                template.is_some()
                    || self.is_root(first)
                    || (address.host == Host::Graph
                        && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
            }
            Target::Batch | Target::Unknown { .. } => true,
        }
    }

    fn is_root(&self, word: &str) -> bool {
        let lower = word.to_ascii_lowercase();
        self.api.is_root(word) || MORE_ROOTS.contains(&lower.as_str())
    }

    pub(super) fn sent(&mut self, region: &Range<usize>, value: &Value, text: &str, sent: &Sent) {
        let Some(address) = address::read(self.api, Some(sent.method), text) else {
            return;
        };
        let Some(sure) = self.accepts(&address, value, &sent.site, sent.api, region) else {
            return;
        };
        let mut certainty = sent.certainty.min(sure);
        let at = self.place_of(region, value, &sent.site);
        match address.target {
            Target::Path {
                path,
                template,
                open_end,
            } => {
                if open_end {
                    certainty = certainty.min(Certainty::Likely);
                }
                if template.is_none() && address.host != Host::Graph {
                    certainty = certainty.min(Certainty::Likely);
                }
                let kind = if sent.site.batch {
                    Kind::Batch
                } else {
                    Kind::Url
                };
                self.found(Call {
                    method: sent.method,
                    path,
                    template,
                    version: address.version,
                    at,
                    value: Some(value),
                    kind,
                    certainty,
                    steps: vec![sent.step.clone()],
                });
            }
            // What is called stands in the body; the requests of a literal list are found one by one.
            Target::Batch => {
                self.consume(value);
                let listed = self
                    .evidence
                    .calls
                    .iter()
                    .any(|call| call.kind == Kind::Batch)
                    || self.code.source().contains("\"requests\"")
                    || self.code.source().contains("requests:");
                if !listed {
                    self.unresolved(
                        at,
                        Some("$batch".to_owned()),
                        Missing::Path,
                        "$batch".to_owned(),
                    );
                }
            }
            Target::Unknown { root, text } => {
                self.unknown_path(region, value, at, root, text, Some(sent))
            }
        }
    }

    /// Where to show the call: the call itself, or the literal when it comes through a variable to a function that is not of
    /// this text.
    fn place_of(&self, region: &Range<usize>, value: &Value, site: &Site) -> (usize, usize) {
        // A function with another name than an HTTP client's is the program's own, wherever it is written.
        let own = self.code.functions_named(&site.name).next().is_some()
            || !(site.name.is_empty()
                || site.name.starts_with("curl_")
                || super::outward::is_plain_verb(&site.name)
                || super::outward::is_default_get(&site.name));
        let start = value.literal_start_of_path();
        let inside = start.is_none_or(|start| {
            let first = self.code.token(site.at.0.min(region.start)).start;
            let last = self
                .code
                .token(site.at.1.saturating_sub(1).max(site.at.0))
                .end;
            first <= start && start < last
        });
        if own
            || inside
            || value.through.is_empty()
            || self
                .code
                .functions_named(&value.through[0].0)
                .next()
                .is_some()
        {
            return site.at;
        }
        let Some(start) = start else {
            return site.at;
        };
        let token = self
            .code
            .tokens()
            .partition_point(|token| token.start <= start)
            .saturating_sub(1);
        (token, token + 1)
    }

    /// Whether a request is one of Microsoft Graph, and how sure that is.
    fn accepts(
        &self,
        address: &Address<'_>,
        value: &Value,
        site: &Site,
        api: bool,
        region: &Range<usize>,
    ) -> Option<Certainty> {
        let template = matches!(
            &address.target,
            Target::Path {
                template: Some(_),
                ..
            }
        );
        let path_known = match &address.target {
            Target::Path { path, .. } => self.is_root(path.split('/').nth(1).unwrap_or_default()),
            Target::Batch => true,
            Target::Unknown { .. } => false,
        };
        match address.host {
            Host::Graph => Some(Certainty::Certain),
            Host::Unknown => {
                let base = value.parts.iter().find_map(|part| match part {
                    Part::Hole { name, .. } => Some(name.as_str()),
                    Part::Literal { .. } => None,
                });
                let base = base.unwrap_or_default();
                let words = super::names::words(base);
                let graph = contains(base, "graph") || contains(base, "msft");
                if !graph
                    && words
                        .iter()
                        .any(|word| OTHER_BASES.contains(&word.as_str()))
                {
                    return None;
                }
                let receiver = contains(&site.callee, "graph") || contains(&site.name, "graph");
                match &address.target {
                    Target::Path { .. } => (template
                        || (path_known && (graph || receiver || address.version.is_some())))
                    .then_some(Certainty::Likely),
                    Target::Batch => (graph || receiver).then_some(Certainty::Likely),
                    Target::Unknown { root, .. } => {
                        (graph || receiver || (root.is_some() && address.version.is_some()))
                            .then_some(Certainty::Possible)
                    }
                }
            }
            Host::None => {
                let text = holed(value);
                let graph = self.is_graph_site(site, api, region);
                if api && (graph || self.facts.sdk) {
                    // The client's own function: an unknown first word counts too.
                    return Some(if template {
                        Certainty::Certain
                    } else {
                        Certainty::Likely
                    });
                }
                if !path_known && !template {
                    return (graph
                        && matches!(address.target, Target::Unknown { .. })
                        && text.starts_with('/'))
                    .then_some(Certainty::Possible);
                }
                if address.version.is_some() && (template || graph) {
                    return Some(Certainty::Likely);
                }
                if site.batch && template {
                    return Some(Certainty::Likely);
                }
                (graph && (template || text.starts_with('/'))).then_some(Certainty::Likely)
            }
        }
    }

    /// Whether the call around a path is one of a client of Microsoft Graph.
    fn is_graph_site(&self, site: &Site, api: bool, region: &Range<usize>) -> bool {
        if contains(&site.callee, "graph") {
            return true;
        }
        // `list(s.msgraph, ctx, path)`: a client of that name is given along.
        let open = site
            .at
            .1
            .checked_sub(1)
            .and_then(|close| self.code.pair(close));
        let given = open.is_some_and(|open| {
            self.code.arguments(open).iter().any(|argument| {
                !argument.contains(&region.start)
                    && argument.len() <= 5
                    && argument.clone().any(|at| {
                        matches!(self.code.kind(at), TokenKind::Word | TokenKind::Var)
                            && (contains(self.code.text(at), "msgraph")
                                || contains(self.code.text(at), "graphclient"))
                    })
            })
        });
        if given {
            return true;
        }
        let callee = site.callee.as_str();
        let owner = callee
            .split(['.', '-', ':', '?', '('])
            .find(|part| {
                !part.is_empty() && !matches!(*part, "this" | "self" | "$this" | "await" | "new")
            })
            .unwrap_or_default();
        let owner = owner.trim_start_matches('$');
        if api || self.facts.based.contains(owner) || self.facts.clients.contains(owner) {
            return true;
        }
        let member = callee.contains('.') || callee.contains("->") || callee.contains("::");
        let last = callee.rsplit(['.', '>', ':']).nth(1).unwrap_or_default();
        if self.facts.based.contains(last) || self.facts.clients.contains(last) {
            return true;
        }
        // `axios.get("/users")` speaks to the program's own server.
        if matches!(
            owner,
            "axios"
                | "fetch"
                | "requests"
                | "http"
                | "$http"
                | "api"
                | "apiClient"
                | "$"
                | "jQuery"
                | "cy"
                | "request"
                | "test"
        ) {
            return false;
        }
        let own = matches!(
            callee.split(['.', '-', ':']).next().unwrap_or_default(),
            "this" | "self" | "$this" | "c" | "s"
        );
        if self.facts.named && (member || self.helpers.get(&site.name).is_some()) {
            return true;
        }
        // `this.get("/users")` within `class GraphService`.
        let enclosing = self.enclosing_names(region.start);
        if (own || !member) && enclosing.iter().any(|name| contains(name, "graph")) {
            return true;
        }
        // `$this->apicall('get', '/users')` in a file that names the host.
        own && self.facts.host && self.code.functions_named(&site.name).next().is_some()
    }

    /// The names of the functions and the class around a place.
    fn enclosing_names(&self, at: usize) -> Vec<String> {
        let code = self.code;
        let mut names = Vec::new();
        if let Some(function) = code.function_of(at) {
            names.push(code.text(function.name as usize).to_owned());
        }
        let next = self.classes.partition_point(|class| *class < at);
        if let Some(class) = next.checked_sub(1) {
            names.push(code.text(self.classes[class] + 1).to_owned());
        }
        names
    }

    /// A path of which a part is not known where the API has words.
    fn unknown_path(
        &mut self,
        region: &Range<usize>,
        value: &Value,
        at: (usize, usize),
        root: Option<String>,
        text: String,
        sent: Option<&Sent>,
    ) {
        self.consume(value);
        if root.is_none()
            && let Some(helper) = self.helper_of(region, value, sent)
        {
            self.defined.push(helper);
            return;
        }
        // `GET {nextLink}`: a page of a call that is found elsewhere.
        let page = value.parts.iter().any(|part| matches!(part, Part::Hole { name, .. } if contains(name, "next") || contains(name, "link")));
        if root.is_none() && (page || value.parts.len() < 2) {
            return;
        }
        self.unresolved(at, root, Missing::Path, text);
    }

    /// The helper that the function around a request is: it sends a path that is made of its parameters.
    fn helper_of(
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
        if !named && !(written && given) {
            return None;
        }
        let verb = match method {
            Some(method) => HelperVerb::Known(method),
            None => parameters
                .iter()
                .position(|name| super::outward::is_method_key(name))
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

    fn without_method(&mut self, region: &Range<usize>, value: &Value, text: &str, site: &Site) {
        let Some(address) = address::read(self.api, None, text) else {
            return;
        };
        let strong = address.host == Host::Graph
            || self.accepts(&address, value, site, false, region).is_some();
        if !strong {
            return;
        }
        let at = site.at;
        self.consume(value);
        match address.target {
            Target::Path { path, .. } => {
                let root = path.split('/').nth(1).map(str::to_ascii_lowercase);
                self.unresolved(at, root, Missing::Method, path);
            }
            Target::Batch => self.unresolved(
                at,
                Some("$batch".to_owned()),
                Missing::Path,
                "$batch".to_owned(),
            ),
            Target::Unknown { root, text } => {
                self.unknown_path(region, value, at, root, text, None)
            }
        }
    }

    /// An address that nothing in sight sends.
    fn unknown_use(&mut self, region: &Range<usize>, value: &Value, text: &str, site: &Site) {
        let Some(address) = address::read(self.api, None, text) else {
            return;
        };
        // A name that holds it may be sent elsewhere in the text; that place speaks for it.
        let assigned = self.key(region.start).is_some()
            || self.code.text(region.start.wrapping_sub(1)) == "return";
        if assigned && site.callee.is_empty() {
            return;
        }
        if address.host != Host::Graph
            && (site.callee.is_empty() || !self.is_graph_site(site, false, region))
        {
            return;
        }
        // A function of the repository, or of the text, that takes addresses.
        let helper = self.helpers.get(&site.name).cloned();
        if let Some(helper) = helper
            && let HelperVerb::Known(method) = helper.verb
        {
            let sent = Sent {
                method,
                site: site.clone(),
                certainty: Certainty::Likely,
                step: (format!("method from helper `{}`", helper.name), site.at.0),
                api: false,
            };
            self.sent(region, value, text, &sent);
            return;
        }
        if let Some(method) = self.verb_of_own(&site.name) {
            let sent = Sent {
                method,
                site: site.clone(),
                certainty: Certainty::Likely,
                step: (
                    format!("method from the body of `{}`", site.name),
                    site.at.0,
                ),
                api: false,
            };
            self.sent(region, value, text, &sent);
            return;
        }
        if let Some(method) = assumed(&site.name)
            && matches!(
                &address.target,
                Target::Path {
                    template: Some(_),
                    ..
                }
            )
        {
            let sent = Sent {
                method,
                site: site.clone(),
                certainty: Certainty::Possible,
                step: (format!("method assumed from `{}`", site.name), site.at.0),
                api: false,
            };
            self.sent(region, value, text, &sent);
            return;
        }
        if site.callee.is_empty() {
            return;
        }
        if address.host == Host::None {
            return;
        }
        if let Target::Path {
            path,
            template: Some(_),
            ..
        } = address.target
        {
            let root = path.split('/').nth(1).map(str::to_ascii_lowercase);
            self.consume(value);
            self.unresolved(site.at, root, Missing::Method, path);
        }
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
    fn helper_calls(&mut self) {
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
    fn argument_of(
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

    fn argument_verb(&self, range: Range<usize>) -> Option<Method> {
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

/// Whether a literal can be an address, or the begin of one.
fn is_address_text(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or(text).trim_end();
    let path = path.strip_prefix("https://").unwrap_or(path);
    text.len() < 2000
        && !path.starts_with("//")
        && !path.contains(|c: char| {
            c == '<' || c == '\n' || c == '`' || c == '*' || c == '\\' || c == ','
        })
        && !path.trim_start().contains(' ')
}

/// Whether a parameter's name says that it is an address.
fn is_address_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "path", "url", "uri", "endpoint", "resource", "request", "query", "api",
    ]
    .iter()
    .any(|word| lower.ends_with(word))
}

/// Functions that put strings together.
fn is_string_function(name: &str) -> bool {
    matches!(
        name,
        "format"
            | "Format"
            | "sprintf"
            | "Sprintf"
            | "Uri"
            | "URI"
            | "URL"
            | "create"
            | "parse"
            | "Parse"
            | "urljoin"
            | "join"
            | "JoinPath"
            | "Combine"
            | "String"
            | "str"
            | "string"
            | "fromUriString"
            | "fromHttpUrl"
            | "Ptr"
            | "encodeURI"
            | "EscapeUriString"
            | "concat"
            | "Concat"
            | "formatted"
            | "from"
            | "requestUri"
            | "HttpUrl"
            | "toString"
            | "rtrim"
            | "trim"
            | "TrimEnd"
            | "rstrip"
            | "parse_url"
            | "parseUrl"
            | "getattr"
            | "Some"
    )
}

/// Names that many things have.
fn is_generic(name: &str) -> bool {
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

/// The verb that a name suggests: `listUsers`, `paginate`.
fn assumed(name: &str) -> Option<Method> {
    let words = super::names::words(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if has(&["create", "add", "invite", "insert"]) {
        Some(Method::Post)
    } else if has(&["update", "modify"]) {
        Some(Method::Patch)
    } else if has(&["remove"]) {
        Some(Method::Delete)
    } else if has(&[
        "list",
        "fetch",
        "paginate",
        "paged",
        "page",
        "pages",
        "load",
        "download",
        "query",
        "retrieve",
        "read",
        "find",
        "iterate",
        "collect",
        "all",
        "enumerate",
    ]) {
        Some(Method::Get)
    } else {
        None
    }
}

//! Whether an address that is sent is one of Microsoft Graph, and how sure that is.

use std::ops::Range;

use rustc_hash::FxHashSet;
use source_lex::{Part, TokenKind, Value};

use super::names::contains;
use super::outward::Site;
use super::{Scan, holed};
use crate::address::{Address, Host, Target};
use crate::model::Certainty;

/// Collections that the service has and the published data lacks.
pub(super) const MORE_ROOTS: [&str; 2] = ["subscriptions", "$batch"];

/// Words in the name of a base address that belong to other services.
pub(super) const OTHER_BASES: [&str; 14] = [
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
    /// The names of HTTP clients whose base address is Microsoft Graph: `axios.create({ baseURL: GRAPH })`,
    /// `client.BaseAddress = new Uri("…")`, `with httpx.Client(base_url=GRAPH) as http`.
    pub(super) fn find_based(&mut self, names: &FxHashSet<String>) {
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

    /// Whether an address can be one of Microsoft Graph at all.
    pub(super) fn could_be(&self, address: &Address<'_>) -> bool {
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

    pub(super) fn is_root(&self, word: &str) -> bool {
        let lower = word.to_ascii_lowercase();
        self.api.is_root(word) || MORE_ROOTS.contains(&lower.as_str())
    }

    /// Whether a request is one of Microsoft Graph, and how sure that is.
    pub(super) fn accepts(
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
                let receiver = contains(&site.callee, "graph")
                    || contains(&site.name, "graph")
                    || self.is_client_call(site);
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

    /// Whether a method of a client that the text knows is called: `client.get(…)` after `client = getGraphClient()`.
    fn is_client_call(&self, site: &Site) -> bool {
        let mut parts = site.callee.split(['.', '-', ':', '?', '>']).filter(|part| {
            !part.is_empty() && !matches!(*part, "this" | "self" | "$this" | "await")
        });
        let owner = parts.next().unwrap_or_default().trim_start_matches('$');
        parts.next().is_some()
            && (self.facts.clients.contains(owner) || self.facts.based.contains(owner))
    }

    /// Whether the call around a path is one of a client of Microsoft Graph.
    pub(super) fn is_graph_site(&self, site: &Site, api: bool, region: &Range<usize>) -> bool {
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
    pub(super) fn enclosing_names(&self, at: usize) -> Vec<String> {
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
}

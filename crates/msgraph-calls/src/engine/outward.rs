//! Who sends an address: from the expression outwards to the innermost call that names a verb.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::Language;

use super::words::{is_comparison, is_default_get, is_message, is_other_key};
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

/// How many brackets are left outwards.
pub(super) const OUTWARDS: usize = 8;
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

    pub(super) fn is_literal_object(&self, region: &Range<usize>) -> bool {
        matches!(self.code.text(region.start), "{" | "[" | "@")
            || self.code.is(region.end.saturating_sub(1), "}")
    }

    pub(super) fn with_verb(&self, verb: Verb, site: Site, name: &str) -> Use {
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

    /// Whether a call declares a route of the program itself: `app.get('/users', handler)`, `@app.route("/me")`,
    /// `[HttpGet("users")]`, `@GetMapping("/users")`.
    pub(super) fn is_route(&self, first: usize, name: usize, open: usize) -> bool {
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

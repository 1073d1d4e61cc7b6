//! Addresses in code, and the requests that send them.

use std::ops::Range;

use msgraph_permissions::Method;
use rustc_hash::FxHashSet;
use source_lex::{Part, TokenKind, Value};

use super::names::contains;
use super::outward::{Sent, Site, Use};
use super::{Call, Scan, holed};
use crate::address::{self, Host, Target};
use crate::model::{Certainty, Kind, Missing, SkipReason};

impl Scan<'_, '_> {
    pub(super) fn requests(&mut self) {
        if !self.facts.graph {
            return;
        }
        self.chained.sort_unstable();
        let mut names = self.address_names();
        names.extend(self.code.outside_names().map(str::to_owned));
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

    pub(super) fn request(&mut self, region: Range<usize>) {
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
                let texts: Vec<String> = known.iter().map(|(_, text)| text.clone()).collect();
                for (value, text) in &known {
                    if !self.is_unfinished(text, &texts, sent.method) {
                        self.sent(&region, value, text, &sent);
                    }
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
    pub(super) fn downstream(&self, region: &Range<usize>) -> Option<Sent> {
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

    /// Whether an address is the begin of another that the catalog knows with the method, and is itself none: what it was
    /// before a conditional `url += id`.
    pub(super) fn is_unfinished(&self, text: &str, all: &[String], method: Method) -> bool {
        let known = |text: &str| {
            address::read(self.api, Some(method), text).is_some_and(|address| {
                matches!(
                    address.target,
                    Target::Path {
                        template: Some(_),
                        ..
                    }
                )
            })
        };
        all.len() > 1
            && all
                .iter()
                .any(|other| other.len() > text.len() && other.starts_with(text) && known(other))
            && !known(text)
    }

    pub(super) fn consume(&mut self, value: &Value) {
        for part in &value.parts {
            if let Part::Literal { start, .. } = part {
                self.consumed.insert(*start);
            }
        }
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
    pub(super) fn place_of(
        &self,
        region: &Range<usize>,
        value: &Value,
        site: &Site,
    ) -> (usize, usize) {
        // A function with another name than an HTTP client's is the program's own, wherever it is written.
        let own = self.code.functions_named(&site.name).next().is_some()
            || !(site.name.is_empty()
                || site.name.starts_with("curl_")
                || super::words::is_plain_verb(&site.name)
                || super::words::is_default_get(&site.name));
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
}

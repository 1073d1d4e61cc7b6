//! Addresses whose path or method is not known, or that nothing in sight sends.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::{Part, Value};

use super::Scan;
use super::names::contains;
use super::outward::{Sent, Site};
use crate::address::{self, Host, Target};
use crate::helpers::HelperVerb;
use crate::model::{Certainty, Missing};

impl Scan<'_, '_> {
    /// A path of which a part is not known where the API has words.
    pub(super) fn unknown_path(
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

    pub(super) fn without_method(
        &mut self,
        region: &Range<usize>,
        value: &Value,
        text: &str,
        site: &Site,
    ) {
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
    pub(super) fn unknown_use(
        &mut self,
        region: &Range<usize>,
        value: &Value,
        text: &str,
        site: &Site,
    ) {
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
}

/// The verb that a name suggests: `listUsers`, `paginate`.
pub(super) fn assumed(name: &str) -> Option<Method> {
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
        "paginated",
        "scroll",
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

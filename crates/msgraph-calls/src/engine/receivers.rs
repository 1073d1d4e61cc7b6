//! Addresses that are themselves asked to send: `url.openConnection()` of Java, `"https://…".PostJsonAsync(body)` of Flurl.

use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::{Language, TokenKind};

use super::outward::{Sent, Site, Verb};
use super::{Scan, holed, verbs};
use crate::model::Certainty;

impl Scan<'_, '_> {
    /// Reports the request that an address at `at` is asked to send. `false`: it is not asked.
    pub(super) fn receiver_request(&mut self, at: usize) -> bool {
        let Some(head) = self.head(at) else {
            return false;
        };
        let Some((verb, end)) = self.receiver_verb(&head) else {
            return false;
        };
        let Verb::Known(method, certainty, step) = verb else {
            return false;
        };
        let sent = Sent {
            method,
            site: Site {
                at: (head.start, end),
                ..Site::default()
            },
            certainty,
            step,
            api: false,
        };
        for value in &self.code.fold(head.clone()) {
            let text = holed(value);
            self.sent(&head, value, &text, &sent);
        }
        true
    }

    /// The address before a dot: a string, a name, or `new URL(…)` around it.
    fn head(&self, at: usize) -> Option<Range<usize>> {
        let code = self.code;
        let end = code.skip(at);
        if code.is_dot(end) && code.kind(end + 1) == TokenKind::Word && code.is(end + 2, "(") {
            return Some(at..end);
        }
        let open = code.up(at).filter(|open| code.is(*open, "("))?;
        let name = self.callee(open)?;
        let close = code.pair(open)?;
        (matches!(code.text(name), "URL" | "Url" | "URI" | "Uri") && code.is_dot(close + 1))
            .then(|| name..close + 1)
    }

    fn receiver_verb(&self, head: &Range<usize>) -> Option<(Verb, usize)> {
        let code = self.code;
        let mut at = head.end;
        for _ in 0..8 {
            if !code.is_dot(at) || code.kind(at + 1) != TokenKind::Word || !code.is(at + 2, "(") {
                return None;
            }
            let name = at + 1;
            let word = code.text(name);
            let end = code.skip(at + 2);
            if matches!(word, "openConnection" | "openStream" | "readText") {
                let region = self.region(head.start);
                let later = self
                    .key(region.start)
                    .and_then(|key| self.later_verb(key, end));
                let default = (format!("`{word}` without a method sends GET"), name);
                return Some((
                    later.unwrap_or(Verb::Known(Method::Get, Certainty::Likely, default)),
                    end,
                ));
            }
            if code.language() == Language::CSharp
                && word.ends_with("Async")
                && let Some(method) = verbs::in_name(word)
            {
                return Some((
                    Verb::Known(
                        method,
                        Certainty::Certain,
                        (format!("method from `{word}(`"), name),
                    ),
                    end,
                ));
            }
            at = end;
        }
        None
    }
}

//! The Rust client graph-rs-sdk: `client.user(id).messages().list_messages().send()`.
//! <https://github.com/sreeise/graph-rs-sdk>

use msgraph_permissions::Method;
use source_lex::TokenKind;

use super::{Call, Scan};
use crate::api::Cursor;
use crate::model::{Certainty, Kind};

impl Scan<'_, '_> {
    pub(super) fn graph_rs(&mut self) {
        if !self.facts.sdk {
            return;
        }
        let mut read_to = 0;
        for at in 2..self.code.len() {
            if at < read_to
                || self.code.kind(at) != TokenKind::Word
                || !self.code.is_dot(at - 1)
                || !self.code.is(at + 1, "(")
            {
                continue;
            }
            let receiver = at - 2;
            let client = match self.code.kind(receiver) {
                TokenKind::Word => {
                    self.facts.is_client(self.code.text(receiver))
                        || self.code.text(receiver) == "client"
                }
                _ => false,
            };
            if client && let Some(end) = self.graph_rs_chain(at) {
                read_to = end;
            }
        }
    }

    fn graph_rs_chain(&mut self, start: usize) -> Option<usize> {
        let code = self.code;
        let mut cursor = self.api.cursor();
        let mut at = start;
        let first = code.chain_start(start);
        for _ in 0..16 {
            if code.kind(at) != TokenKind::Word || !code.is(at + 1, "(") {
                return None;
            }
            let word = code.text(at);
            let arguments = code.pair(at + 1)? > at + 2;
            if matches!(word, "beta" | "v1" | "client") {
                // `client.beta()` only chooses the version.
            } else if let Some(next) = self.graph_rs_accessor(&cursor, word, arguments) {
                // `send_mail(&body)` is an action of the data, which ends the path.
                let action = self.graph_rs_action(&next, word, arguments);
                if let Some(method) = action {
                    return self.graph_rs_found(first, at, next, method);
                }
                cursor = next;
            } else if let Some((method, next)) = self.graph_rs_verb(&cursor, word) {
                return self.graph_rs_found(first, at, next, method);
            } else {
                return None;
            }
            let next = code.skip(at + 1);
            if !code.is_dot(next) {
                return None;
            }
            at = next + 1;
        }
        None
    }

    fn graph_rs_accessor(&self, cursor: &Cursor, word: &str, arguments: bool) -> Option<Cursor> {
        if arguments && let Some(item) = self.api.singular(cursor, word) {
            return Some(item);
        }
        self.api.accessor(cursor, word)
    }

    /// An accessor that is itself the request: an action that the data posts to and nothing lies under.
    fn graph_rs_action(&self, cursor: &Cursor, word: &str, arguments: bool) -> Option<Method> {
        let post = self.api.template_at(cursor, Method::Post).is_some();
        let get = self.api.template_at(cursor, Method::Get).is_some();
        let verb = word.starts_with("create_") || word.starts_with("list_");
        (!verb && post && !get && (arguments || word != "send"))
            .then_some(Method::Post)
            .or_else(|| (post && !get && word == "send").then_some(Method::Post))
    }

    /// `list_messages`, `get_user`, `create_user`, `update_user`, `delete_user`.
    fn graph_rs_verb(&self, cursor: &Cursor, word: &str) -> Option<(Method, Cursor)> {
        let (verb, rest) = word.split_once('_')?;
        let method = match verb {
            "list" | "get" => Method::Get,
            "create" | "add" => Method::Post,
            "update" => Method::Patch,
            "delete" | "remove" => Method::Delete,
            _ => return None,
        };
        if cursor.path.is_empty() {
            return None;
        }
        // `list_members` of a group names the collection below, `list_messages` of messages the place itself.
        let below = self
            .api
            .accessor(cursor, rest)
            .filter(|next| self.api.template_at(next, method).is_some());
        let here = self.api.template_at(cursor, method).is_some();
        let own = cursor
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let same = own == rest.replace('_', "").to_lowercase();
        Some((
            method,
            match below {
                Some(next) if !here || !same => next,
                _ => cursor.clone(),
            },
        ))
    }

    fn graph_rs_found(
        &mut self,
        first: usize,
        verb: usize,
        cursor: Cursor,
        method: Method,
    ) -> Option<usize> {
        let end = self.code.skip(verb + 1);
        let template = self.api.template_at(&cursor, method);
        if template.is_none() && !cursor.is_known() {
            return None;
        }
        let step = format!("method from `{}(`", self.code.text(verb));
        self.found(Call {
            method,
            path: cursor.path,
            template,
            version: None,
            at: (first, end),
            value: None,
            kind: Kind::Chain,
            certainty: if template.is_some() {
                Certainty::Certain
            } else {
                Certainty::Likely
            },
            steps: vec![("member chain".to_owned(), first), (step, verb)],
        });
        Some(end)
    }
}

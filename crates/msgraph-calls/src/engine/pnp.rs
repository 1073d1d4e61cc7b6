//! PnPjs: `graph.users.getById(id)()`, `graph.groups.add(…)`. <https://pnp.github.io/pnpjs/graph/>

use msgraph_permissions::Method;
use source_lex::TokenKind;

use super::{Call, Scan};
use crate::model::{Certainty, Kind};

impl Scan<'_, '_> {
    pub(super) fn pnp(&mut self) {
        let text = self.code.source();
        if !text.contains("@pnp/graph") && !text.contains("graphfi") {
            return;
        }
        for at in 2..self.code.len() {
            let receiver = at - 2;
            let graph = self.code.is_dot(at - 1)
                && self.code.kind(at) == TokenKind::Word
                && match self.code.kind(receiver) {
                    TokenKind::Word => self.facts.is_client(self.code.text(receiver)),
                    TokenKind::Close => self
                        .code
                        .pair(receiver)
                        .and_then(|open| open.checked_sub(1))
                        .is_some_and(|name| {
                            super::names::contains(self.code.text(name), "graphfi")
                        }),
                    _ => false,
                };
            if graph {
                self.pnp_chain(at);
            }
        }
    }

    fn pnp_chain(&mut self, start: usize) {
        let code = self.code;
        let mut cursor = self.api.cursor();
        let first = code.chain_start(start);
        let mut at = start;
        for _ in 0..24 {
            if code.kind(at) != TokenKind::Word {
                return;
            }
            let word = code.text(at);
            let open = at + 1;
            let called = code.is(open, "(");
            let mut after = if called { code.skip(open) } else { open };
            match word {
                "getById" | "getByName" | "getByUniqueName" if called => {
                    let Some(item) = self.api.item(&cursor) else {
                        return;
                    };
                    cursor = item;
                }
                "add" | "update" | "delete" | "addRef" | "create" | "removeRef" if called => {
                    let method = match word {
                        "update" => Method::Patch,
                        "delete" => Method::Delete,
                        _ => Method::Post,
                    };
                    self.pnp_found(first, at, cursor, method);
                    return;
                }
                "select" | "top" | "filter" | "expand" | "orderBy" | "skip" | "search"
                | "using"
                    if called => {}
                "getBlob" | "getBuffer" | "getContent" if called => {
                    if let Some(value) = self.api.accessor(&cursor, "value") {
                        cursor = value;
                    }
                    self.pnp_found(first, at, cursor, Method::Get);
                    return;
                }
                _ => {
                    let Some(next) = self.api.accessor(&cursor, word) else {
                        return;
                    };
                    cursor = next;
                    if called {
                        // `.members()` reads; an action with arguments posts.
                        let posts = self.api.template_at(&cursor, Method::Get).is_none()
                            && self.api.template_at(&cursor, Method::Post).is_some();
                        self.pnp_found(
                            first,
                            at,
                            cursor,
                            if posts { Method::Post } else { Method::Get },
                        );
                        return;
                    }
                    after = open;
                }
            }
            if code.is(after, "(") {
                self.pnp_found(first, at, cursor, Method::Get);
                return;
            }
            if !code.is_dot(after) {
                return;
            }
            at = after + 1;
        }
    }

    fn pnp_found(&mut self, first: usize, verb: usize, cursor: crate::api::Cursor, method: Method) {
        if cursor.path.is_empty() {
            return;
        }
        let template = self.api.template_at(&cursor, method);
        let end = self.code.skip(verb + 1);
        let step = format!("method from `{}`", self.code.text(verb));
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
    }
}

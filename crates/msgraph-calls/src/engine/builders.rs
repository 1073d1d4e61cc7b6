//! Names that hold a part of a member chain: `var messages = client.Me.Messages;`.

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;
use source_lex::{Operator, TokenKind};

use super::follow::Followed;
use super::{Call, Scan};
use crate::api::Cursor;
use crate::model::{Certainty, Kind};

/// A builder that a name holds: `var messages = client.Me.Messages;`, or a request without its verb:
/// `request = client.Me.Messages.Request();`.
#[derive(Debug, Clone)]
pub(super) struct Builder {
    /// The first token of the value that the name was assigned.
    pub(super) value: usize,
    pub(super) cursor: Cursor,
    pub(super) requested: bool,
}

pub(super) type Builders = FxHashMap<String, Vec<Builder>>;

impl Scan<'_, '_> {
    /// Remembers the builder that a name is assigned.
    pub(super) fn remember(&self, first: usize, followed: &Followed, builders: &mut Builders) {
        let end = self.code.expression_end(first);
        // `builder = mine ? client.Me : client.Users[id]` ends at the colon, too.
        let branch =
            self.code.is(followed.end, ":") && self.code.kind(followed.end) == TokenKind::Punct;
        if end != followed.end && !branch {
            return;
        }
        let value = match first.checked_sub(1).map(|before| self.code.text(before)) {
            Some("=" | ":=") => first,
            Some("?" | ":") => {
                let mut at = first;
                loop {
                    match self.code.skip_back(at) {
                        Some(before) if first - before <= 40 => at = before,
                        _ => return,
                    }
                    if matches!(self.code.text(at), "=" | ":=" | ";" | "{" | "}") {
                        break at + 1;
                    }
                }
            }
            _ => return,
        };
        let name = self
            .code
            .all_assignments_at(value)
            .map(|assignment| self.code.name(assignment.name as usize).to_owned());
        if let Some(name) = name {
            builders.entry(name).or_default().push(Builder {
                value,
                cursor: followed.cursor.clone(),
                requested: followed.requested,
            });
        }
    }

    /// A builder that is given to a function which reads its pages: `PageIterator(client.users, options)`.
    pub(super) fn paged(&mut self, first: usize, followed: &Followed) {
        let code = self.code;
        let whole = matches!(code.text(followed.end), "," | ")")
            && matches!(code.text(first.wrapping_sub(1)), "(" | ",");
        let called = code
            .up(first)
            .filter(|open| whole && code.is(*open, "("))
            .and_then(|open| self.callee(open));
        let Some(name) = called else {
            return;
        };
        let word = code.text(name);
        let lower = word.to_ascii_lowercase();
        let reads = super::leftovers::assumed(word) == Some(Method::Get)
            || ["paginator", "iterator", "pager"]
                .iter()
                .any(|reader| lower.contains(reader));
        let template = self.api.template_at(&followed.cursor, Method::Get);
        if !reads || template.is_none() {
            return;
        }
        self.found(Call {
            method: Method::Get,
            path: followed.cursor.path.clone(),
            template,
            version: None,
            at: (first, followed.end),
            value: None,
            kind: Kind::Chain,
            certainty: Certainty::Possible,
            steps: vec![
                ("member chain".to_owned(), first),
                (format!("method assumed from `{word}`"), name),
            ],
        });
    }

    /// A chain that begins with a name that holds a builder. What it holds may depend on the run: each is reported.
    pub(super) fn builder_use(&mut self, at: usize, builders: &mut Builders) {
        let Some(known) = builders.get(self.code.name(at)) else {
            return;
        };
        let reaching = self.code.reaching(self.code.name(at), at, false);
        let held: Vec<Builder> = reaching
            .iter()
            .filter(|assignment| assignment.operator == Operator::Assign)
            .flat_map(|assignment| {
                known
                    .iter()
                    .filter(move |builder| builder.value == assignment.value as usize)
            })
            .cloned()
            .collect();
        let mut seen = Vec::new();
        for builder in held {
            let followed = self.follow(builder.cursor, at, builder.requested);
            if followed.verb.is_none() {
                if followed.known {
                    self.remember(at, &followed, builders);
                }
                continue;
            }
            if !seen.contains(&followed.cursor.path) {
                seen.push(followed.cursor.path.clone());
                self.report_chain(at, &followed, true);
            }
        }
    }
}

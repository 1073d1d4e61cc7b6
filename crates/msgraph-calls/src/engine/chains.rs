//! Member chains of Microsoft's SDKs: `client.Users[id].RevokeSignInSessions.PostAsync()`.

use source_lex::{Language, TokenKind};

use super::builders::Builders;
use super::follow::Followed;
use super::{Call, Scan};
use crate::address::{self, Target};
use crate::api::HOLE;
use crate::model::{Certainty, Kind, Missing};

/// Collections that the service has and the published data lacks.
const MORE_ROOTS: [&str; 4] = [
    "subscriptions",
    "security",
    "search",
    "informationprotection",
];

impl Scan<'_, '_> {
    pub(super) fn chains(&mut self) {
        if !self.facts.graph {
            return;
        }
        let mut builders = Builders::default();
        // The accessors before this token belong to a chain that was read.
        let mut read_to = 0;
        for at in 1..self.code.len() {
            if self.code.kind(at) != TokenKind::Word && self.code.kind(at) != TokenKind::Var {
                continue;
            }
            if at >= read_to
                && self.code.is_dot(at - 1)
                && let Some(end) = self.chain_at(at, &mut builders)
            {
                read_to = end;
            } else if at >= read_to && self.code.is_dot(at - 1) && self.code.is(at + 1, "(") {
                self.own_client(at);
            } else if self.code.is_dot(at + 1) && !self.code.is_dot(at - 1) && !builders.is_empty()
            {
                self.builder_use(at, &mut builders);
            }
        }
    }

    /// A chain whose first accessor is the token `at`. Gives the token after it if it is one.
    pub(super) fn chain_at(&mut self, at: usize, builders: &mut Builders) -> Option<usize> {
        let word = self.code.text(at);
        let root = self.api.cursor();
        let known = self.api.accessor(&root, word);
        let more = MORE_ROOTS.contains(&word.to_ascii_lowercase().as_str());
        if known.is_none() && !more {
            return None;
        }
        let before = at.checked_sub(2)?;
        let strong = self.is_strong(before)?;
        // The data calls nothing by these words alone; they are methods of other things.
        let cursor = known.unwrap_or_else(|| self.api.unknown(&root, word));
        let followed = self.follow(cursor, at, false);
        let first = self.code.chain_start(before);
        if followed.verb.is_none() {
            if strong && followed.known {
                self.remember(first, &followed, builders);
                self.paged(first, &followed);
            }
            // What could not be followed may hold another chain: `client.users.filter(…)`.
            return followed.known.then_some(followed.end);
        }
        self.report_chain(first, &followed, strong);
        Some(followed.end)
    }

    /// Whether the receiver that ends at `last` is a client of Microsoft Graph: `Some(false)`, it may be one; `None`, it is
    /// something else.
    pub(super) fn is_strong(&self, last: usize) -> Option<bool> {
        let mut last = last;
        while matches!(self.code.text(last), "!" | "?" | "!!" | "*") && last > 0 {
            last -= 1;
        }
        match self.code.kind(last) {
            TokenKind::Word | TokenKind::Var => {
                let name = self.code.name(last);
                if self.facts.is_client(name) {
                    return Some(true);
                }
                // `GraphClient.Instance.Users`, `this.graph.client.users`.
                let owner = last.checked_sub(2).filter(|_| self.code.is_dot(last - 1));
                if owner.is_some_and(|owner| {
                    self.code.kind(owner) == TokenKind::Word
                        && self.facts.is_client(self.code.text(owner))
                }) && self.api.accessor(&self.api.cursor(), name).is_none()
                {
                    return Some(true);
                }
                let lower = name.to_ascii_lowercase();
                // Go's msgraph.go names the root of its builders so: `c.rbuilder.Users().ID(id)`.
                // <https://github.com/yaegashi/msgraph.go>
                if self.code.language() == Language::Go && lower.ends_with("builder") {
                    return Some(false);
                }
                // `async (c, id) => await c.Groups[id].GetAsync()`: the client of a table of functions.
                if self.code.language() == Language::CSharp
                    && self.facts.sdk
                    && name.len() <= 2
                    && owner.is_none()
                {
                    return Some(false);
                }
                // `this.users.get(id)`, `self.groups`, `db.users` are the program's own.
                (self.facts.sdk && lower.contains("client") && !lower.contains("http"))
                    .then_some(false)
            }
            TokenKind::Close => {
                // `getGraphClient().me()`, `new GraphServiceClient(credential).Users`.
                let open = self.code.pair(last)?;
                let name = open.checked_sub(1)?;
                match self.code.kind(name) {
                    TokenKind::Word => {
                        let word = self.code.text(name);
                        if self.facts.is_client(word) && self.code.is(open, "(") {
                            return Some(true);
                        }
                        // `api` of another form, `builder.Default.Me`.
                        (self.facts.sdk && super::names::contains(word, "client")).then_some(false)
                    }
                    // `(await getGraphClient()).me`, `new GraphServiceClient(x)` in parentheses.
                    _ => {
                        let inside = (open + 1..last).any(|at| {
                            self.code.kind(at) == TokenKind::Word
                                && self.facts.is_client(self.code.text(at))
                        });
                        inside.then_some(true)
                    }
                }
            }
            _ => None,
        }
    }

    pub(super) fn report_chain(&mut self, first: usize, followed: &Followed, strong: bool) {
        let Some((method, verb)) = followed.verb else {
            return;
        };
        let at = (first, followed.end);
        let mut certainty = if strong {
            Certainty::Certain
        } else {
            Certainty::Likely
        };
        let step = format!("method from `{}(`", self.code.text(verb));
        if let Some(url) = &followed.url {
            let values = self.code.fold(url.clone());
            for value in &values {
                let text = super::holed(value);
                if text.chars().all(|c| c == HOLE) {
                    continue;
                }
                if let Some(address) = address::read(self.api, Some(method), &text)
                    && let Target::Path { path, template, .. } = address.target
                {
                    self.found(Call {
                        method,
                        path,
                        template,
                        version: address.version,
                        at,
                        value: Some(value),
                        kind: Kind::Chain,
                        certainty,
                        steps: vec![(step.clone(), verb)],
                    });
                    return;
                }
            }
        }
        let template = self.api.template_at(&followed.cursor, method);
        if template.is_none() && !strong {
            return;
        }
        // `client.groups.get()` of something else than an SDK has no business with items that the data lacks.
        if template.is_none() && followed.cursor.is_known() {
            certainty = certainty.min(Certainty::Likely);
        }
        let mut path = followed.cursor.path.clone();
        if path.starts_with("/me/drive") && template.is_none() {
            certainty = Certainty::Likely;
        }
        path = path.replace("/{id}{id}", "/{id}");
        // What is addressed by its path alone ends without the colon.
        if let Some(rest) = path.strip_suffix(":/{id}:") {
            path = format!("{rest}:/{{id}}");
        }
        self.found(Call {
            method,
            path,
            template,
            version: None,
            at,
            value: None,
            kind: Kind::Chain,
            certainty,
            steps: vec![("member chain".to_owned(), first), (step, verb)],
        });
    }

    /// A method of a client that the program has of its own: `graphclient->get_user_teams(id)`. What it calls stands where
    /// its class is written; here only its name tells the root.
    pub(super) fn own_client(&mut self, at: usize) {
        let code = self.code;
        let Some(receiver) = at.checked_sub(2) else {
            return;
        };
        let name = code.name(receiver).to_ascii_lowercase();
        let own =
            !self.facts.sdk && (name.ends_with("graphclient") || name.ends_with("graph_client"));
        let known = code.functions_named(code.text(at)).next().is_some()
            || self.helpers.has_function(code.text(at));
        if !own || known {
            return;
        }
        let root = super::names::words(code.text(at))
            .into_iter()
            .find_map(|word| {
                [format!("{word}s"), word]
                    .into_iter()
                    .find(|word| word.len() > 3 && self.api.is_root(word))
            });
        if let Some(root) = root {
            let text = code.text(at).to_owned();
            self.unresolved(
                (code.chain_start(at), code.skip(at + 1)),
                Some(root),
                Missing::Receiver,
                text,
            );
        }
    }
}

//! Member chains of Microsoft's SDKs: `client.Users[id].RevokeSignInSessions.PostAsync()`.

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;
use source_lex::{Language, Operator, TokenKind};

use super::{Call, Scan, verbs};
use crate::address::{self, Target};
use crate::api::{Cursor, HOLE};
use crate::model::{Certainty, Kind, Missing};

/// Collections that the service has and the published data lacks.
const MORE_ROOTS: [&str; 4] = [
    "subscriptions",
    "security",
    "search",
    "informationprotection",
];

/// How many steps of a chain are followed.
const LONGEST: usize = 96;

/// A chain that was followed as far as it goes.
struct Followed {
    cursor: Cursor,
    /// The token after the last that was read.
    end: usize,
    verb: Option<(Method, usize)>,
    /// `withUrl("https://…")` gave another URL: the argument.
    url: Option<std::ops::Range<usize>>,
    /// Whether every accessor is known.
    known: bool,
    /// `Request()` was called: what follows are options and the verb.
    requested: bool,
}

/// A builder that a name holds: `var messages = client.Me.Messages;`, or a request without its verb:
/// `request = client.Me.Messages.Request();`.
#[derive(Debug, Clone)]
struct Builder {
    /// The first token of the value that the name was assigned.
    value: usize,
    cursor: Cursor,
    requested: bool,
}

type Builders = FxHashMap<String, Vec<Builder>>;

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
    fn chain_at(&mut self, at: usize, builders: &mut Builders) -> Option<usize> {
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
            }
            // What could not be followed may hold another chain: `client.users.filter(…)`.
            return followed.known.then_some(followed.end);
        }
        self.report_chain(first, &followed, strong);
        Some(followed.end)
    }

    /// Whether the receiver that ends at `last` is a client of Microsoft Graph: `Some(false)`, it may be one; `None`, it is
    /// something else.
    fn is_strong(&self, last: usize) -> Option<bool> {
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

    /// Follows a chain whose last accessor read is the token `at`.
    fn follow(&self, cursor: Cursor, at: usize, requested: bool) -> Followed {
        let code = self.code;
        let mut followed = Followed {
            cursor,
            end: at + 1,
            verb: None,
            url: None,
            known: true,
            requested,
        };
        let mut at = at + 1;
        // The longest path of the data has eighteen segments.
        for _ in 0..LONGEST {
            self.code.spend(1);
            // What follows the accessor: a call, an index, a mark.
            if code.is(at, "(") {
                let Some(close) = code.pair(at) else {
                    return followed;
                };
                // Older SDKs give the id to the accessor: `users("x")`, `.members(id)`.
                if close > at + 1
                    && !followed.requested
                    && let Some(item) = self.api.item(&followed.cursor)
                {
                    followed.cursor = item;
                }
                at = close + 1;
                followed.end = at;
                continue;
            }
            if code.is(at, "[") && !code.token(at).newline {
                let Some(close) = code.pair(at) else {
                    return followed;
                };
                followed.cursor = self
                    .api
                    .item(&followed.cursor)
                    .unwrap_or_else(|| self.api.unknown(&followed.cursor, "{id}"));
                at = close + 1;
                followed.end = at;
                continue;
            }
            if matches!(code.text(at), "!" | "!!") && code.kind(at) == TokenKind::Punct {
                at += 1;
                continue;
            }
            if !code.is_dot(at) || !matches!(code.kind(at + 1), TokenKind::Word) {
                return followed;
            }
            let name = at + 1;
            let word = code.text(name);
            // `get<User>()`, `GetAsync(`, Kotlin's `get { … }`.
            let mut open = name + 1;
            if code.is(open, "<") {
                let close = (open..open + 8).find(|at| code.is(*at, ">") || code.is(*at, ">>"));
                open = close.map_or(open, |close| close + 1);
            }
            let called =
                code.is(open, "(") || (code.language() == Language::Kotlin && code.is(open, "{"));
            let folded: String = word
                .chars()
                .filter(|c| *c != '_')
                .flat_map(char::to_lowercase)
                .collect();
            if matches!(folded.as_str(), "request" | "buildrequest" | "torequest") && called {
                followed.requested = true;
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            if followed.requested {
                let verb = verbs::of_request(word).or_else(|| self.json_request(word, open));
                if called && let Some(verb) = verb {
                    followed.verb = Some((verb, name));
                    followed.end = code.skip(open);
                    return followed;
                }
                // Query options and headers.
                at = if called { code.skip(open) } else { name + 1 };
                followed.end = at;
                continue;
            }
            if called && let Some(verb) = verbs::of_chain(word) {
                // A collection can be named like a verb nowhere in the data.
                followed.verb = Some((verb, name));
                followed.end = code.skip(open);
                return followed;
            }
            if folded == "withurl" && called {
                followed.url = code.arguments(open).into_iter().next();
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            if folded.starts_with("by")
                && called
                && code.pair(open).is_some_and(|close| close > open + 1)
            {
                followed.cursor = self
                    .api
                    .item(&followed.cursor)
                    .unwrap_or_else(|| self.api.unknown(&followed.cursor, "{id}"));
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            let by_id = matches!(folded.as_str(), "getbyid" | "getbyname")
                // msgraph.go: `Users().ID(id)`.
                || (word == "ID" && code.language() == Language::Go);
            if by_id
                && called
                && let Some(item) = self.api.item(&followed.cursor)
            {
                followed.cursor = item;
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            // `Sites.GetByPath("/sites/x", "contoso.sharepoint.com")`: a site by its address.
            if folded == "getbypath"
                && called
                && let Some(item) = self.api.item(&followed.cursor)
            {
                followed.cursor = self.api.by_path(&item);
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            if folded == "itemwithpath" && called {
                followed.cursor = self.api.by_path(&followed.cursor);
                at = code.skip(open);
                followed.end = at;
                continue;
            }
            let alias = match folded.as_str() {
                "references" | "reference" => "ref",
                other => other,
            };
            let next = self
                .api
                .accessor(&followed.cursor, if alias == "ref" { alias } else { word })
                .or_else(|| {
                    (folded == "content")
                        .then(|| self.api.accessor(&followed.cursor, "value"))
                        .flatten()
                })
                .or_else(|| {
                    // The service calls the bytes of a photo, a message or an attachment `$value`, and those of a file
                    // `content`; the SDKs call both `Content`.
                    // <https://learn.microsoft.com/graph/api/profilephoto-get>
                    (folded == "content" && self.api.has_value(&followed.cursor))
                        .then(|| self.api.unknown(&followed.cursor, "$value"))
                });
            match next {
                Some(cursor) => {
                    followed.cursor = cursor;
                    // A function of the data is called with its arguments; they are no id.
                    at = name + 1;
                    if called && self.api.item(&followed.cursor).is_none() {
                        at = code.skip(open);
                    }
                }
                None => {
                    // `MailFolders.Inbox`, `Drives.Root`: a well-known item under its name.
                    if !called
                        && let Some(item) = self.api.item(&followed.cursor)
                        && code.is_dot(name + 1)
                        && self.api.accessor(&item, code.text(name + 2)).is_some()
                    {
                        followed.cursor = item;
                        at = name + 1;
                        followed.end = at;
                        continue;
                    }
                    // A cast that the data lacks changes nothing; another word is unknown to the catalog.
                    let cast = folded.starts_with("graph") && !called
                        || matches!(folded.as_str(), "ref" | "count" | "value");
                    if cast && !matches!(folded.as_str(), "ref" | "count" | "value") {
                        at = name + 1;
                    } else if alias == "ref" || folded == "count" {
                        let path = format!("{}/${alias}", followed.cursor.path);
                        followed.cursor = self.api.unknown(&followed.cursor, word);
                        followed.cursor.path = path;
                        at = name + 1;
                    } else if self.ends_in_verb(name) {
                        followed.cursor = self.api.unknown(&followed.cursor, word);
                        at = name + 1;
                        if called {
                            at = code.skip(open);
                        }
                    } else {
                        followed.known = followed.cursor.is_known();
                        return followed;
                    }
                }
            }
            followed.end = at;
        }
        followed
    }

    /// Whether the chain goes on to a verb: then the words between are accessors that the catalog lacks.
    fn ends_in_verb(&self, from: usize) -> bool {
        let code = self.code;
        let mut at = from;
        for _ in 0..12 {
            let mut next = at + 1;
            if code.is(next, "(") || code.is(next, "[") {
                next = code.skip(next);
            }
            if !code.is_dot(next) || code.kind(next + 1) != TokenKind::Word {
                return false;
            }
            at = next + 1;
            let word = code.text(at);
            let requests = matches!(word, "Request" | "buildRequest");
            if (requests || verbs::of_chain(word).is_some())
                && matches!(code.text(at + 1), "(" | "<")
            {
                return true;
            }
        }
        false
    }

    fn report_chain(&mut self, first: usize, followed: &Followed, strong: bool) {
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
    fn own_client(&mut self, at: usize) {
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

    /// Remembers the builder that a name is assigned.
    fn remember(&self, first: usize, followed: &Followed, builders: &mut Builders) {
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

    /// A chain that begins with a name that holds a builder. What it holds may depend on the run: each is reported.
    fn builder_use(&mut self, at: usize, builders: &mut Builders) {
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

    /// The method of `request.JSONRequest(ctx, http.MethodPatch, …)` of msgraph.go.
    fn json_request(&self, word: &str, open: usize) -> Option<Method> {
        if word != "JSONRequest" {
            return None;
        }
        self.code
            .arguments(open)
            .into_iter()
            .find_map(|argument| self.argument_verb(argument))
    }
}

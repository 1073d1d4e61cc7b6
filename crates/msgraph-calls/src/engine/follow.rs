//! Follows a member chain from accessor to accessor, up to its verb.

use msgraph_permissions::Method;
use source_lex::{Language, TokenKind};

use super::{Scan, verbs};
use crate::api::Cursor;

/// How many steps of a chain are followed.
const LONGEST: usize = 96;

/// A chain that was followed as far as it goes.
pub(super) struct Followed {
    pub(super) cursor: Cursor,
    /// The token after the last that was read.
    pub(super) end: usize,
    pub(super) verb: Option<(Method, usize)>,
    /// `withUrl("https://…")` gave another URL: the argument.
    pub(super) url: Option<std::ops::Range<usize>>,
    /// Whether every accessor is known.
    pub(super) known: bool,
    /// `Request()` was called: what follows are options and the verb.
    pub(super) requested: bool,
}

impl Scan<'_, '_> {
    /// Follows a chain whose last accessor read is the token `at`.
    pub(super) fn follow(&self, cursor: Cursor, at: usize, requested: bool) -> Followed {
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
    pub(super) fn ends_in_verb(&self, from: usize) -> bool {
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

    /// The method of `request.JSONRequest(ctx, http.MethodPatch, …)` of msgraph.go.
    pub(super) fn json_request(&self, word: &str, open: usize) -> Option<Method> {
        if word != "JSONRequest" {
            return None;
        }
        self.code
            .arguments(open)
            .into_iter()
            .find_map(|argument| self.argument_verb(argument))
    }
}

//! What happens to a request object after it was made.

use msgraph_permissions::Method;
use source_lex::TokenKind;

use super::outward::Verb;
use super::words::is_default_get;
use super::{Scan, verbs};
use crate::model::Certainty;

/// How far after its making a request object is followed.
const FAR: usize = 500;

impl Scan<'_, '_> {
    /// The verb that a later use of the name at `key` gives: `request.Method = …`, `curl_setopt($ch, …)`,
    /// `client.PatchAsync(request)`.
    pub(super) fn later_verb(&self, key: usize, from: usize) -> Option<Verb> {
        let code = self.code;
        let name = code.name(key);
        let end = code
            .function_of(key)
            .map_or(code.len(), |function| function.end as usize)
            .min(from + FAR);
        let mut default = None;
        for at in from..end {
            code.spend(1);
            if !matches!(code.kind(at), TokenKind::Word | TokenKind::Var) || code.name(at) != name {
                continue;
            }
            // Another value begins here.
            if at > key
                && matches!(code.text(at + 1), "=" | ":=")
                && !code.is_dot(at.wrapping_sub(1))
            {
                break;
            }
            // `paths["users"]`, an element of a table, speaks for itself.
            if code.is(at + 1, "[") {
                continue;
            }
            if code.is_dot(at + 1) {
                if let Some(verb) = self.member_use(at) {
                    return Some(verb);
                }
                continue;
            }
            let Some(open) = code.up(at).filter(|open| code.text(open.to_owned()) == "(") else {
                continue;
            };
            let Some(called) = self.callee(open) else {
                continue;
            };
            let word = code.name(called);
            let lower = word.to_ascii_lowercase();
            if lower.starts_with("curl_setopt") {
                if let Some(verb) = self.curl_option(open) {
                    return Some(verb);
                }
                default.get_or_insert(called);
                continue;
            }
            if let Some(method) = verbs::in_name(word) {
                return Some(Verb::Known(
                    method,
                    Certainty::Likely,
                    (format!("method from `{word}(`"), called),
                ));
            }
            if is_default_get(word)
                || matches!(
                    lower.as_str(),
                    "curl_exec"
                        | "send"
                        | "sendasync"
                        | "do"
                        | "execute"
                        | "urlopen"
                        | "executeasync"
                        | "newcall"
                )
            {
                default.get_or_insert(called);
            }
        }
        default.map(|at| {
            Verb::Known(
                Method::Get,
                Certainty::Likely,
                (
                    format!("`{}` without a method sends GET", code.name(at)),
                    at,
                ),
            )
        })
    }

    /// `request.Method = X`, `connection.setRequestMethod("POST")`, `request.get_method = lambda: "PATCH"`.
    fn member_use(&self, at: usize) -> Option<Verb> {
        let code = self.code;
        let member = at + 2;
        let word = code.text(member);
        if matches!(word, "Method" | "method" | "get_method") && code.is(member + 1, "=") {
            let start = member + 2;
            let end = code.expression_end(start);
            let found = (start..end).find_map(|at| match code.kind(at) {
                TokenKind::Str => code.string(at).and_then(|text| verbs::method(&text)),
                TokenKind::Word if code.is_dot(at.wrapping_sub(1)) => {
                    verbs::constant(code.text(at))
                }
                _ => None,
            });
            return Some(match found {
                Some(method) => Verb::Known(
                    method,
                    Certainty::Certain,
                    (format!("method from `{word} =`"), member),
                ),
                None => Verb::Parameter,
            });
        }
        if matches!(
            word,
            "setRequestMethod" | "setMethod" | "method" | "SetMethod"
        ) && code.is(member + 1, "(")
        {
            let argument = code.arguments(member + 1).into_iter().next()?;
            let found = argument
                .clone()
                .find_map(|at| code.string(at).and_then(|text| verbs::method(&text)));
            return Some(match found {
                Some(method) => Verb::Known(
                    method,
                    Certainty::Certain,
                    (format!("method from `{word}(`"), member),
                ),
                None => Verb::Parameter,
            });
        }
        None
    }

    /// `CURLOPT_CUSTOMREQUEST, "PATCH"`, `CURLOPT_POST, true`, also in `curl_setopt_array`.
    fn curl_option(&self, open: usize) -> Option<Verb> {
        let code = self.code;
        let close = code.pair(open)?;
        let mut post = None;
        for at in open..close {
            let word = code.text(at);
            if word == "CURLOPT_CUSTOMREQUEST" {
                let value = at + 2;
                return Some(
                    match code.string(value).and_then(|text| verbs::method(&text)) {
                        Some(method) => Verb::Known(
                            method,
                            Certainty::Certain,
                            ("method from `CURLOPT_CUSTOMREQUEST`".to_owned(), at),
                        ),
                        None => Verb::Parameter,
                    },
                );
            }
            let off = matches!(code.text(at + 2), "false" | "0" | "FALSE");
            if matches!(word, "CURLOPT_POST" | "CURLOPT_POSTFIELDS") && !off {
                post.get_or_insert(at);
            }
        }
        // A custom verb may follow the body.
        let at = post?;
        let rest = code
            .function_of(at)
            .map_or(code.len(), |function| function.end as usize)
            .min(close + 200);
        let handle = code.name(open + 1);
        let custom = (close..rest).find(|at| {
            code.text(*at) == "CURLOPT_CUSTOMREQUEST" && code.name(at.saturating_sub(2)) == handle
        });
        if let Some(custom) = custom {
            return Some(
                match code
                    .string(custom + 2)
                    .and_then(|text| verbs::method(&text))
                {
                    Some(method) => Verb::Known(
                        method,
                        Certainty::Certain,
                        ("method from `CURLOPT_CUSTOMREQUEST`".to_owned(), custom),
                    ),
                    None => Verb::Parameter,
                },
            );
        }
        Some(Verb::Known(
            Method::Post,
            Certainty::Certain,
            (format!("method from `{}`", code.text(at)), at),
        ))
    }
}

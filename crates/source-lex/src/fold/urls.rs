//! Constant folding of builders of URLs: Spring's `UriComponentsBuilder`, OkHttp's `HttpUrl`, Flurl, Go's `url.URL`.

use std::ops::Range;

use crate::code::Code;
use crate::fold::calls::join;
use crate::fold::product;
use crate::language::Language;
use crate::token::TokenKind;
use crate::value::{Part, Value};

/// Methods of builders of URLs that add to the path.
const PATHS: [&str; 13] = [
    "path",
    "appendpath",
    "appendencodedpath",
    "addencodedpathsegments",
    "setpath",
    "pathsegment",
    "addpathsegment",
    "addpathsegments",
    "appendpathsegment",
    "appendpathsegments",
    "addencodedpathsegment",
    "join",
    "resolve",
];

/// Methods of builders of URLs that leave the path as it is.
const NEUTRAL: [&str; 14] = [
    "queryparam",
    "queryparams",
    "queryparamifpresent",
    "setqueryparam",
    "setqueryparams",
    "addqueryparameter",
    "addencodedqueryparameter",
    "appendqueryparameter",
    "replacequeryparam",
    "newbuilder",
    "buildandexpand",
    "expand",
    "touristring",
    "buildupon",
];

/// Whether a method, in lower case, can be one of a builder of URLs.
pub(crate) fn is_builder(method: &str) -> bool {
    PATHS.contains(&method) || NEUTRAL.contains(&method)
}

impl Code<'_> {
    /// What a method of a builder makes of the URL that it is called on. `None`: it is none of these.
    pub(crate) fn url_builder(
        &self,
        method: &str,
        on: &[Value],
        arguments: &[Range<usize>],
        depth: usize,
    ) -> Option<Vec<Value>> {
        if on.iter().all(Value::is_unknown) {
            return None;
        }
        let folded = |range: &Range<usize>| self.fold_at(range.clone(), depth + 1);
        match method {
            "path" | "appendpath" | "appendencodedpath" | "addencodedpathsegments" | "setpath"
                if arguments.len() == 1 =>
            {
                let path = folded(&arguments[0]);
                // `.path("/users/{id}")` brings its own slash.
                let own = path.iter().all(|value| starts_with(value, "/"));
                Some(if own && method == "path" {
                    trimmed(on, &path)
                } else {
                    join(on, &path)
                })
            }
            "pathsegment"
            | "addpathsegment"
            | "addpathsegments"
            | "appendpathsegment"
            | "appendpathsegments"
            | "addencodedpathsegment"
                if !arguments.is_empty() =>
            {
                let mut values = on.to_vec();
                for range in arguments {
                    values = join(&values, &folded(range));
                }
                Some(values)
            }
            // Rust's `Url::join`, `URI.resolve`.
            "join" | "resolve" if arguments.len() == 1 && on.iter().any(is_address) => {
                Some(join(on, &folded(&arguments[0])))
            }
            _ => NEUTRAL.contains(&method).then(|| on.to_vec()),
        }
    }

    /// Go's `url.URL{Scheme: "https", Host: "graph.microsoft.com", Path: "/v1.0/users"}`, whose brace opens at `open`.
    /// <https://pkg.go.dev/net/url#URL>
    pub(crate) fn go_url(&self, open: usize, depth: usize) -> Vec<Value> {
        let mut host = None;
        let mut path = None;
        for range in self.arguments(open) {
            if range.len() < 3 || !self.is(range.start + 1, ":") {
                continue;
            }
            let folded = || self.fold_at(range.start + 2..range.end, depth + 1);
            match self.text(range.start) {
                "Host" => host = Some(folded()),
                "Path" | "Opaque" => path = Some(folded()),
                _ => {}
            }
        }
        let start = self.token(open).start;
        let Some(host) = host else {
            return path.unwrap_or_else(|| vec![Value::hole("", start)]);
        };
        let base = product(&[Value::literal("https://".to_owned(), start)], &host);
        match path {
            Some(path) => join(&base, &path),
            None => base,
        }
    }

    /// A URL whose path is set on its own: `u.Path = "/v1.0/users"`, before it is used at `at`.
    pub(crate) fn with_path(&self, receiver: usize, values: &[Value], depth: usize) -> Vec<Value> {
        if self.language() != Language::Go {
            return values.to_vec();
        }
        let name = self.name(receiver);
        let own =
            |at: usize| at > 1 && self.is_dot(at - 1) && self.name(at - 2) == name && at < receiver;
        let set = self
            .assignments("Path")
            .iter()
            .rfind(|assignment| own(assignment.name as usize));
        let Some(set) = set else {
            return values.to_vec();
        };
        if self.busy.borrow().contains(&set.value) {
            return values.to_vec();
        }
        let start = set.value as usize;
        self.busy.borrow_mut().push(set.value);
        let paths = self.fold_at(start..self.expression_end(start), depth + 1);
        self.busy.borrow_mut().pop();
        // `path.Join(u.Path, "users")` goes on with what is there; another path takes its place.
        let goes_on = (start..self.expression_end(start)).any(|at| {
            self.kind(at) == TokenKind::Word && self.text(at) == "Path" && self.is_dot(at - 1)
        });
        if goes_on {
            let rest: Vec<Value> = paths.iter().map(without_first_hole).collect();
            return join(values, &rest);
        }
        let hosts: Vec<Value> = values.iter().map(host_of).collect();
        join(&hosts, &paths)
    }
}

fn starts_with(value: &Value, text: &str) -> bool {
    matches!(value.parts.first(), Some(Part::Literal { text: first, .. }) if first.starts_with(text))
}

fn is_address(value: &Value) -> bool {
    starts_with(value, "http")
}

/// One after the other, without a second slash between them.
fn trimmed(first: &[Value], second: &[Value]) -> Vec<Value> {
    let mut first = first.to_vec();
    for value in &mut first {
        if let Some(Part::Literal { text, .. }) = value.parts.last_mut() {
            text.truncate(text.trim_end_matches('/').len());
        }
    }
    product(&first, second)
}

fn without_first_hole(value: &Value) -> Value {
    let mut value = value.clone();
    if matches!(value.parts.first(), Some(Part::Hole { .. })) {
        value.parts.remove(0);
    }
    value
}

/// Scheme and host of a URL.
fn host_of(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(Part::Literal { text, .. }) = value.parts.first_mut()
        && let Some(scheme) = text.find("://")
        && let Some(slash) = text[scheme + 3..].find('/')
    {
        text.truncate(scheme + 3 + slash);
        value.parts.truncate(1);
    }
    value
}

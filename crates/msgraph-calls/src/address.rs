//! The address of a request, as code and recordings write it: host, version, path, with unknown parts as [`HOLE`].

use msgraph_permissions::Method;
use percent_encoding::percent_decode_str;

use crate::Version;
use crate::api::{Api, HOLE, Match};

/// A path with more segments is none of this API.
const MOST_SEGMENTS: usize = 64;

/// Hosts of Microsoft Graph: the four clouds, the retired German one, and the test ring of the global one.
/// <https://learn.microsoft.com/en-us/graph/deployments>
const HOSTS: [&str; 6] = [
    "graph.microsoft.com",
    "canary.graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "graph.microsoft.de",
];

/// How much of the host is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// A host of Microsoft Graph.
    Graph,
    /// An unknown part stands where the host belongs.
    Unknown,
    /// A path alone.
    None,
}

/// The address of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) host: Host,
    /// The version, where one is named.
    pub(crate) version: Option<Version>,
    pub(crate) target: Target<'a>,
}

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// A path, without ids.
    Path {
        path: String,
        /// The catalog's template for path and method.
        template: Option<&'a str>,
        /// An unknown part hangs on the last word, and may be a query: `/users` + `suffix`.
        open_end: bool,
    },
    /// `/$batch`: what is called stands in the body.
    Batch,
    /// An unknown part stands where the API has words.
    Unknown {
        /// The first segment in lower case, where it is known.
        root: Option<String>,
        /// The path with `{}` for what is unknown or an id: `/users/{}/{}`.
        text: String,
    },
}

/// Reads an address; [`HOLE`] is an unknown part. `None`: not an address of Microsoft Graph.
///
/// Without a method, a template with any method will do.
pub(crate) fn read<'a>(api: &'a Api, method: Option<Method>, text: &str) -> Option<Address<'a>> {
    let text = text.trim();
    let (host, rest) = split_host(text)?;
    // Everything behind `?` is query; a blank before it is a slip that the service forgives.
    let path = rest.split(['?', '#']).next().unwrap_or(rest).trim_end();
    let decoded: Vec<String> = split_path(path)
        .take(MOST_SEGMENTS + 1)
        .map(|segment| {
            percent_decode_str(segment.trim())
                .decode_utf8_lossy()
                .into_owned()
        })
        .filter(|segment| !segment.is_empty())
        .flat_map(split_root)
        .collect();
    if decoded.len() > MOST_SEGMENTS {
        return None;
    }
    let mut segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let (host, version) = strip_version(api, host, &mut segments);
    if segments
        .first()
        .is_some_and(|first| first.eq_ignore_ascii_case("$batch"))
    {
        return Some(Address {
            host,
            version,
            target: Target::Batch,
        });
    }
    strip_tenant(api, &mut segments);
    let target = target(api, method, &segments)?;
    Some(Address {
        host,
        version,
        target,
    })
}

/// `root:{path}:`, where the path brings its own slash, is two segments.
fn split_root(segment: String) -> Vec<String> {
    match segment.strip_prefix("root:") {
        Some(rest) if !rest.is_empty() => vec!["root:".to_owned(), rest.to_owned()],
        _ => vec![segment],
    }
}

/// Splits off scheme and host.
fn split_host(text: &str) -> Option<(Host, &str)> {
    let after_scheme = ["https://", "http://"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let Some(rest) = after_scheme else {
        if text.contains("://") {
            return None;
        }
        // `graph.microsoft.com/v1.0/users` without a scheme.
        let end = text.find('/').unwrap_or(text.len());
        if is_graph_host(&text[..end]) {
            return Some((Host::Graph, &text[end..]));
        }
        if text.starts_with(HOLE) {
            return Some((Host::Unknown, text));
        }
        return Some((Host::None, text));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    if is_graph_host(host) {
        Some((Host::Graph, &rest[end..]))
    } else if host.contains(HOLE) {
        Some((Host::Unknown, &rest[end..]))
    } else {
        None
    }
}

fn is_graph_host(host: &str) -> bool {
    let name = host.rsplit('@').next().unwrap_or(host);
    let name = name.strip_suffix(":443").unwrap_or(name);
    HOSTS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Splits at slashes outside of quotes within parentheses: `getByPath(path='a/b')` is one segment.
fn split_path(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let mut quoted = false;
    // A quote that is never closed is none: `users('o'brien')/messages`.
    let balanced = path.matches('\'').count().is_multiple_of(2)
        && path.matches('(').count() == path.matches(')').count();
    path.split(move |c: char| {
        if balanced {
            match c {
                '\'' if depth > 0 => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        c == '/' && !(quoted && depth > 0)
    })
}

/// Takes the version off the front, and the holes that may stand for host and version.
fn strip_version(api: &Api, host: Host, segments: &mut Vec<&str>) -> (Host, Option<Version>) {
    let mut host = host;
    for at in 0..segments.len().min(3) {
        let segment = segments[at];
        // A base that ends in a slash hangs on what follows: `{base}users`, `{base}v1.0`.
        let word = segment.trim_start_matches(HOLE);
        let version = if word.eq_ignore_ascii_case("v1.0") {
            Some(Version::V1)
        } else if word.eq_ignore_ascii_case("beta") {
            Some(Version::Beta)
        } else {
            None
        };
        if version.is_some() {
            if word.len() < segment.len() && host == Host::None {
                host = Host::Unknown;
            }
            segments.drain(..=at);
            return (host, version);
        }
        if !word.is_empty() {
            if word.len() < segment.len() && api.is_root(word) {
                segments.drain(..at);
                segments[0] = word;
            } else if at > 0 && api.is_root(word) {
                segments.drain(..at);
            }
            return (host, None);
        }
    }
    (host, None)
}

/// Takes `myorganization` or a tenant off the front: `/v1.0/{tenant}/users` is served as `/v1.0/users`.
fn strip_tenant(api: &Api, segments: &mut Vec<&str>) {
    let [first, second, ..] = segments[..] else {
        return;
    };
    let is_tenant = first.eq_ignore_ascii_case("myorganization")
        || first.contains(HOLE)
        || first.contains('.')
        || (first.len() == 36 && first.bytes().filter(|&byte| byte == b'-').count() == 4)
        || first.starts_with('{');
    // `{owner}/contacts/{id}`, where the owner is `me` or `users/{id}`, has another meaning.
    let of_owner = first.contains(HOLE)
        && matches!(
            second.to_ascii_lowercase().as_str(),
            "contacts" | "drive" | "people" | "calendar" | "calendars" | "events" | "messages"
        );
    if is_tenant && !of_owner && !api.is_root(first) && api.is_root(second) {
        segments.remove(0);
    }
}

fn target<'a>(api: &'a Api, method: Option<Method>, segments: &[&str]) -> Option<Target<'a>> {
    let (&first, &last) = (segments.first()?, segments.last()?);
    // `users` + suffix: the suffix may be a query or nothing. An id would follow a slash.
    let word = last.trim_end_matches(HOLE);
    if word.len() < last.len() && !word.is_empty() && !word.contains(HOLE) {
        let mut closed = segments.to_vec();
        *closed.last_mut()? = word;
        if let Match::Template { template, path } = api.find(method, &closed)
            && path.rsplit('/').next() == Some(word)
        {
            return Some(Target::Path {
                path,
                template: Some(template),
                open_end: true,
            });
        }
    }
    if first
        .split('(')
        .next()
        .is_some_and(|name| name.contains(HOLE))
    {
        return Some(Target::Unknown {
            root: None,
            text: shape(api, segments),
        });
    }
    let found = api.find(method, segments);
    Some(match found {
        Match::Template { template, path } => Target::Path {
            path,
            template: Some(template),
            open_end: false,
        },
        Match::Nothing { path } => Target::Path {
            path,
            template: None,
            open_end: false,
        },
        Match::Unknown => Target::Unknown {
            root: Some(
                first
                    .split('(')
                    .next()
                    .unwrap_or(first)
                    .to_ascii_lowercase(),
            ),
            text: shape(api, segments),
        },
    })
}

/// A path for people, without values: `/users/{}/{}`. What is no word of the API may be an id or a name.
fn shape(api: &Api, segments: &[&str]) -> String {
    segments.iter().fold(String::new(), |mut text, segment| {
        let is_word = api.is_word(segment);
        text.push('/');
        text.push_str(if is_word { segment } else { "{}" });
        text
    })
}

#[cfg(test)]
mod tests;

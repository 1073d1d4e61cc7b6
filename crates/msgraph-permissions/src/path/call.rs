//! The path of a call, as people and programs write it.

use std::borrow::Cow;
use std::fmt;

use super::text::{Arguments, is_placeholder, qualify, split_parentheses, split_segments};
use crate::call::CallErrorReason;

/// The hosts of Microsoft Graph, one per cloud. Source: Microsoft Graph, "National cloud deployments".
const HOSTS: [&str; 4] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
];

/// The host of the retired Azure AD Graph.
const AZURE_AD_GRAPH_HOST: &str = "graph.windows.net";

/// OData's own words (OData 4.01, URL conventions). They are never ids, unlike `$userId`.
const ODATA_WORDS: [&str; 11] = [
    "$all",
    "$batch",
    "$count",
    "$crossjoin",
    "$each",
    "$entity",
    "$filter",
    "$metadata",
    "$ref",
    "$root",
    "$value",
];

/// The path of a call: the text as it was written, and what it calls.
///
/// Read from a path or a full URL of any of the four clouds, with or without `/v1.0` or `/beta`,
/// query and fragment. Two paths are equal if they were written alike.
#[derive(Clone)]
pub struct CallPath {
    written: String,
    pub(crate) segments: Vec<Segment>,
    /// The decoded query options in lower case, quoted text as it stands.
    pub(crate) query: Vec<String>,
    version: Option<Version>,
}

/// A version of Microsoft Graph, as a path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `/v1.0`, for production.
    V1,
    /// `/beta`, which may change and is not supported in production.
    Beta,
}

impl CallPath {
    pub(crate) fn parse(written: &str) -> Result<Self, CallErrorReason> {
        if written.chars().any(char::is_control) {
            return Err(CallErrorReason::ControlCharacter);
        }
        let local = strip_host(written)?;
        let (path, query) = split_query(local);
        let mut raw = split_segments(path);
        let version = strip_version(&mut raw);
        strip_tenant(&mut raw);
        let mut segments = Vec::with_capacity(raw.len());
        for segment in raw {
            push_call_segment(&percent_decode(segment), &mut segments);
        }
        if segments.is_empty() {
            return Err(CallErrorReason::EmptyPath);
        }
        Ok(Self {
            written: written.to_owned(),
            segments,
            query: query
                .split('&')
                .filter(|option| !option.is_empty())
                .map(|option| percent_decode(&option.replace('+', " ")).to_lowercase())
                .collect(),
            version,
        })
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The version that the path names; `None` if it names none.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The first segment below version and tenant, in lower case: `users`, `devicemanagement`.
    ///
    /// `None` if it is a placeholder, so that the path may begin with anything.
    pub fn root(&self) -> Option<&str> {
        self.segments
            .first()
            .filter(|segment| segment.may_be_word())
            .map(|segment| segment.text.split('(').next().unwrap_or(&segment.text))
    }

    /// Whether the call is about the signed-in user (`/me` and what is below it).
    pub fn is_me(&self) -> bool {
        self.segments
            .first()
            .is_some_and(|segment| segment.text == "me")
    }
}

impl fmt::Display for CallPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl fmt::Debug for CallPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.written, f)
    }
}

impl PartialEq for CallPath {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for CallPath {}

impl std::hash::Hash for CallPath {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.written.hash(state);
    }
}

/// One segment of a call's path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Segment {
    /// In lower case; a function's arguments reduced to their sorted names: `range(address)`.
    pub(crate) text: String,
    pub(crate) role: Role,
}

/// What a segment of a call may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// A word of the API, or an id.
    Word,
    /// Surely an id: a placeholder, or a key in parentheses. Never a word of the API.
    Key,
    /// Surely a word of the API: `$ref`, a cast, a function, `delta`.
    Literal,
}

impl Segment {
    pub(crate) fn key() -> Self {
        Self {
            text: "{}".to_owned(),
            role: Role::Key,
        }
    }

    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            role: Role::Literal,
        }
    }

    /// Whether the segment may be a word of the API.
    pub(crate) fn may_be_word(&self) -> bool {
        self.role != Role::Key
    }

    /// Whether the segment may be the value of a whole-segment placeholder.
    pub(crate) fn may_be_key(&self) -> bool {
        self.role != Role::Literal && !self.text.ends_with(':')
    }

    /// Whether the segment has one closing brace too many, as a [`Pattern::StrayBrace`](super::Pattern::StrayBrace) has.
    pub(crate) fn has_stray_brace(&self) -> bool {
        let count = |brace| self.text.matches(brace).count();
        self.text.ends_with('}') && count('{') < count('}')
    }

    /// A namespace-qualified name: `microsoft.graph.user`, `microsoft.graph.delta`.
    pub(crate) fn is_qualified(&self) -> bool {
        self.text.starts_with("microsoft.graph.")
    }
}

fn strip_host(written: &str) -> Result<&str, CallErrorReason> {
    if let Some((protocol, rest)) = written.split_once("://") {
        // `/x?next=https://…` is a path with a query, not a URL.
        if !protocol.contains(['/', '?', '#']) {
            if !protocol.eq_ignore_ascii_case("https") && !protocol.eq_ignore_ascii_case("http") {
                return Err(CallErrorReason::OtherProtocol(protocol.to_owned()));
            }
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, local) = rest.split_at(end);
            let host = authority.split(':').next().unwrap_or(authority);
            return check_host(host).map(|()| local);
        }
    }
    let end = written.find(['/', '?', '#']).unwrap_or(written.len());
    let (first, local) = written.split_at(end);
    if is_graph_host(first) {
        return Ok(local);
    }
    Ok(written)
}

fn is_graph_host(host: &str) -> bool {
    HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host))
}

fn check_host(host: &str) -> Result<(), CallErrorReason> {
    if is_graph_host(host) || is_placeholder(host) {
        Ok(())
    } else if host.eq_ignore_ascii_case(AZURE_AD_GRAPH_HOST) {
        Err(CallErrorReason::AzureAdGraph(host.to_owned()))
    } else {
        Err(CallErrorReason::OtherHost(host.to_owned()))
    }
}

/// The path and the query without `?`; the fragment is dropped.
///
/// The `#EXT#` of a guest's user principal name starts no fragment.
fn split_query(local: &str) -> (&str, &str) {
    let bytes = local.as_bytes();
    let mut end = local.len();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b'#') {
        let hash = at + found;
        if bytes
            .get(hash..hash + 5)
            .is_some_and(|text| text.eq_ignore_ascii_case(b"#ext#"))
        {
            at = hash + 5;
        } else {
            end = hash;
            break;
        }
    }
    let local = &local[..end];
    local.split_once('?').unwrap_or((local, ""))
}

fn strip_version(segments: &mut Vec<&str>) -> Option<Version> {
    let version = |segment: &str| {
        if segment.eq_ignore_ascii_case("v1.0") {
            Some(Version::V1)
        } else if segment.eq_ignore_ascii_case("beta") {
            Some(Version::Beta)
        } else {
            None
        }
    };
    let (stripped, found) = match segments.as_slice() {
        // `{baseUrl}/v1.0/users`, `$graph/beta/users`.
        [base, second, ..] if is_placeholder(base) && version(second).is_some() => {
            (2, version(second))
        }
        [first, ..] => (1, version(first)),
        [] => (0, None),
    };
    if found.is_some() {
        segments.drain(..stripped);
    }
    found
}

/// Drops the tenant that may stand before the path, as in `/v1.0/{tenant}/users` and
/// `/v1.0/myorganization/users`.
///
/// No path of Microsoft Graph begins with an id, a domain or a placeholder (the 106 first segments
/// of the published data are words), so nothing else is lost.
fn strip_tenant(segments: &mut Vec<&str>) {
    let [first, _, ..] = segments.as_slice() else {
        return;
    };
    let is_domain = || {
        let lower = first.to_ascii_lowercase();
        lower.contains('.')
            && !lower.contains('(')
            && !lower.starts_with("microsoft.graph.")
            && !lower.starts_with("graph.")
            && lower
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    if first.eq_ignore_ascii_case("myorganization")
        || is_placeholder(first)
        || uuid::Uuid::try_parse(first).is_ok()
        || is_domain()
    {
        segments.remove(0);
    }
}

/// Decodes `%XX`. What decodes to no UTF-8 stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(text))
}

fn push_call_segment(segment: &str, out: &mut Vec<Segment>) {
    let text = segment.trim().to_lowercase();
    if text.is_empty() {
        return;
    }
    if ODATA_WORDS.contains(&text.as_str()) {
        return out.push(Segment::literal(text));
    }
    if is_placeholder(&text) {
        return out.push(Segment {
            text,
            role: Role::Key,
        });
    }
    match split_parentheses(&text) {
        Some((name, arguments, rest)) => match Arguments::read(arguments) {
            Arguments::None => out.push(Segment::literal(format!("{}{rest}", qualify(name)))),
            Arguments::Key if rest.is_empty() && !name.is_empty() => {
                out.push(Segment::literal(qualify(name)));
                out.push(Segment {
                    text: arguments.trim().trim_matches('\'').to_owned(),
                    role: Role::Key,
                });
            }
            Arguments::Key => out.push(Segment {
                text,
                role: Role::Word,
            }),
            Arguments::Named(names) => {
                out.push(Segment::literal(format!(
                    "{}({names}){rest}",
                    qualify(name)
                )));
            }
        },
        None if text == "delta" => out.push(Segment::literal(text)),
        None => {
            let qualified = qualify(&text);
            out.push(if qualified.starts_with("microsoft.graph.") {
                Segment::literal(qualified)
            } else {
                Segment {
                    text,
                    role: Role::Word,
                }
            });
        }
    }
}

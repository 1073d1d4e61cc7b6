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
}

impl CallPath {
    pub(crate) fn parse(written: &str) -> Result<Self, CallErrorReason> {
        if written.chars().any(char::is_control) {
            return Err(CallErrorReason::ControlCharacter);
        }
        let local = strip_host(written)?;
        let (path, query) = split_query(local);
        let mut raw = split_segments(path);
        strip_version(&mut raw);
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
        })
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
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

fn strip_version(segments: &mut Vec<&str>) {
    let is_version = |segment: &str| {
        segment.eq_ignore_ascii_case("v1.0") || segment.eq_ignore_ascii_case("beta")
    };
    match segments.as_slice() {
        [first, ..] if is_version(first) => {
            segments.remove(0);
        }
        // `{baseUrl}/v1.0/users`, `$graph/beta/users`.
        [base, version, ..] if is_placeholder(base) && is_version(version) => {
            segments.drain(..2);
        }
        _ => {}
    }
}

/// Decodes `%XX`. What is no escape, or decodes to no UTF-8, stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
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

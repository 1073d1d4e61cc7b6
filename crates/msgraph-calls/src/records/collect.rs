//! Gathers the requests of a recording: equal ones once, with counts, window and apps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use msgraph_permissions::{Method, PermissionType};
use rustc_hash::FxHashMap;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use source_text::{Source, Span};

use super::{LeftOut, RecordError, Recording, Refusal, Select};
use crate::address::{self, Host, Target};
use crate::{Api, Certainty, Evidence, Found, Kind, Missing, Outcome, Step, Unresolved, Version};

/// One request, as a format reads it.
#[derive(Debug, Clone, Default)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) status: Option<u16>,
    pub(super) scheme: Option<PermissionType>,
    pub(super) time: Option<Timestamp>,
    pub(super) version: Option<Version>,
    /// The permissions of the token, separated by blanks.
    pub(super) permissions: Option<&'a str>,
    /// The body of the answer.
    pub(super) answer: Option<&'a str>,
    /// The whole entry, where the place of the request is a part of it.
    pub(super) entry: Option<Span>,
}

/// Refused requests that are kept: a person reads a few, and a log may hold millions.
const MOST_REFUSALS: usize = 1_000;

/// Bytes of a refusal's body that are kept: an error is short.
const LONGEST_ANSWER: usize = 8 * 1024;

/// How a format's requests are to be taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) kind: Kind,
    pub(super) certainty: Certainty,
    /// A path without a host is one of Microsoft Graph.
    pub(super) bare_paths: bool,
}

/// What makes two requests equal.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    method: Method,
    path: String,
    version: Option<Version>,
    scheme: Option<PermissionType>,
    outcome: Option<Outcome>,
}

/// What makes two refusals equal.
#[derive(Debug, PartialEq, Eq, Hash)]
struct RefusalKey {
    method: Method,
    path: String,
    status: u16,
    scheme: Option<PermissionType>,
    permissions: Option<String>,
}

pub(super) struct Collector<'a> {
    pub(super) source: &'a Source,
    pub(super) api: &'a Api,
    pub(super) format: &'static str,
    select: &'a Select,
    recording: Recording,
    /// Place in `recording.evidence.calls`, and how many requests it stands for.
    seen: FxHashMap<Key, (usize, usize)>,
    /// Place in `recording.refusals`.
    refused: FxHashMap<RefusalKey, usize>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        source: &'a Source,
        api: &'a Api,
        select: &'a Select,
        format: &'static str,
    ) -> Self {
        Self {
            source,
            api,
            format,
            select,
            recording: Recording {
                format,
                evidence: Evidence::default(),
                requests: 0,
                taken: 0,
                left_out: BTreeMap::new(),
                window: None,
                apps: BTreeMap::new(),
                refusals: Vec::new(),
                more_refusals: 0,
            },
            seen: FxHashMap::default(),
            refused: FxHashMap::default(),
        }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a str {
        self.source.text()
    }

    /// Where a part of the text stands. The part must be a slice of [`text`](Self::text).
    pub(super) fn place(&self, part: &str) -> Span {
        let text = self.source.text();
        let start = (part.as_ptr() as usize)
            .checked_sub(text.as_ptr() as usize)
            .filter(|start| start + part.len() <= text.len())
            .unwrap_or(0);
        self.source.span(start, start + part.len())
    }

    /// The error that the text is not of the format.
    pub(super) fn syntax(&self, reason: impl Into<String>, offset: usize) -> RecordError {
        let at = offset.min(self.text().len());
        RecordError::Syntax {
            format: self.format,
            reason: reason.into(),
            span: self.source.span(at, at),
        }
    }

    /// The error of the JSON reader for a part of the text.
    pub(super) fn json_error(&self, part: &str, error: &serde_json::Error) -> RecordError {
        let start = self.place(part).start as usize;
        // Lines and columns count from 1, columns in bytes.
        let line_start = part
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let full = error.to_string();
        // The message ends in its own line and column, which count within the part.
        let reason = full.split(" at line ").next().unwrap_or(&full).to_owned();
        self.syntax(
            reason,
            start + line_start + error.column().saturating_sub(1),
        )
    }

    /// One more request of the file, taken or not.
    pub(super) fn count(&mut self) {
        self.recording.requests += 1;
    }

    pub(super) fn leave_out(&mut self, reason: LeftOut) {
        *self.recording.left_out.entry(reason).or_default() += 1;
    }

    /// Whether a row of this app is wanted; the app is counted either way.
    pub(super) fn wants_app(&mut self, app: &str) -> bool {
        if !app.is_empty() {
            match self.recording.apps.get_mut(app) {
                Some(rows) => *rows += 1,
                None => {
                    self.recording.apps.insert(app.to_owned(), 1);
                }
            }
        }
        self.select
            .app_id
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(app))
    }

    /// Takes a request if it goes to Microsoft Graph. `true` where it is a batch, whose children are to be read.
    pub(super) fn request(&mut self, request: &Request<'_>, manner: Manner, span: Span) -> bool {
        if request.method.eq_ignore_ascii_case("OPTIONS")
            || request.method.eq_ignore_ascii_case("HEAD")
            || request.method.eq_ignore_ascii_case("CONNECT")
        {
            self.leave_out(LeftOut::Preflight);
            return false;
        }
        let Ok(method) = request.method.parse::<Method>() else {
            self.leave_out(LeftOut::Unreadable);
            return false;
        };
        let Some(address) = address::read(self.api, Some(method), request.url) else {
            let is_address = request.url.contains("://");
            self.leave_out(if is_address {
                LeftOut::OtherHost
            } else {
                LeftOut::Unreadable
            });
            return false;
        };
        if address.host == Host::None && !manner.bare_paths {
            self.leave_out(LeftOut::Unreadable);
            return false;
        }
        if request.status == Some(0) {
            self.leave_out(LeftOut::Aborted);
            return false;
        }
        let known = address.host == Host::Graph || manner.bare_paths;
        match address.target {
            Target::Batch => {
                self.leave_out(LeftOut::Envelope);
                return true;
            }
            Target::Unknown { root, text } if known => {
                self.recording.evidence.unresolved.push(Unresolved {
                    root,
                    missing: Missing::Path,
                    span,
                    text,
                });
            }
            Target::Path { path, template, .. } if known || template.is_some() => {
                self.recording.taken += 1;
                if let Some(time) = request.time {
                    let window = self.recording.window.get_or_insert((time, time));
                    window.0 = window.0.min(time);
                    window.1 = window.1.max(time);
                }
                self.refused(request, method, &path, span);
                let key = Key {
                    method,
                    path,
                    version: address.version.or(request.version),
                    scheme: request.scheme,
                    outcome: request.status.map(outcome),
                };
                if let Some((_, times)) = self.seen.get_mut(&key) {
                    *times += 1;
                    return false;
                }
                let calls = &mut self.recording.evidence.calls;
                calls.push(Found {
                    method,
                    path: key.path.clone(),
                    template: template.map(str::to_owned),
                    version: key.version,
                    scheme: key.scheme,
                    span,
                    path_span: None,
                    kind: manner.kind,
                    certainty: manner.certainty,
                    steps: Vec::new(),
                    reads: None,
                    outcome: key.outcome,
                });
                self.seen.insert(key, (calls.len() - 1, 1));
            }
            Target::Unknown { .. } | Target::Path { .. } => self.leave_out(LeftOut::OtherHost),
        }
        false
    }

    /// Keeps a request that was refused.
    fn refused(&mut self, request: &Request<'_>, method: Method, path: &str, span: Span) {
        let Some(status) = request.status.filter(|status| matches!(status, 401 | 403)) else {
            return;
        };
        let key = request.answer.is_none().then(|| RefusalKey {
            method,
            path: path.to_owned(),
            status,
            scheme: request.scheme,
            permissions: request.permissions.map(str::to_owned),
        });
        if let Some(known) = key.as_ref().and_then(|key| self.refused.get(key)) {
            self.recording.refusals[*known].times += 1;
            return;
        }
        if self.recording.refusals.len() >= MOST_REFUSALS {
            self.recording.more_refusals += 1;
            return;
        }
        if let Some(key) = key {
            self.refused.insert(key, self.recording.refusals.len());
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        self.recording.refusals.push(Refusal {
            method,
            path: path.to_owned(),
            status,
            scheme: request.scheme,
            held: request.permissions.map(words),
            answer: request.answer.map(|answer| {
                let mut end = answer.len().min(LONGEST_ANSWER);
                while !answer.is_char_boundary(end) {
                    end -= 1;
                }
                answer[..end].to_owned()
            }),
            entry: request.entry.unwrap_or(span),
            times: 1,
        });
    }

    pub(super) fn finish(mut self) -> Result<Recording, RecordError> {
        for (place, times) in self.seen.into_values() {
            let call = &mut self.recording.evidence.calls[place];
            if times > 1 {
                call.steps.push(Step {
                    text: format!("recorded {times} times"),
                    span: call.span,
                });
            }
        }
        if let Some(wanted) = &self.select.app_id {
            let apps = &self.recording.apps;
            if !apps.is_empty() && !apps.keys().any(|app| app.eq_ignore_ascii_case(wanted)) {
                return Err(RecordError::NoSuchApp {
                    wanted: wanted.clone(),
                    found: apps.keys().take(5).cloned().collect(),
                });
            }
        }
        Ok(self.recording)
    }
}

fn outcome(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Succeeded,
        403 => Outcome::Forbidden,
        other => Outcome::Other(other),
    }
}

/// The text of a JSON string; `None` for another value.
pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// A number, or the text of one.
pub(super) fn status(value: &RawValue) -> Option<u16> {
    value.get().trim().trim_matches('"').parse().ok()
}

/// A JSON object, its values unread: each is a slice of the file's text.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Reads a part of the text as an object.
pub(super) fn members<'a>(
    collector: &Collector<'_>,
    part: &'a str,
) -> Result<Members<'a>, RecordError> {
    serde_json::from_str(part).map_err(|error| collector.json_error(part, &error))
}

/// The member of this name in any case.
pub(super) fn member<'a>(members: &Members<'a>, name: &str) -> Option<&'a RawValue> {
    members.get(name).copied().or_else(|| {
        members
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    })
}

/// The text of a member that is a string.
pub(super) fn string(members: &Members<'_>, name: &str) -> Option<String> {
    text(member(members, name)?)
}

/// Hands each element of a JSON array to `each`, one at a time: a recording of a gigabyte is never a tree in memory.
pub(super) fn for_each<'a>(
    collector: &mut Collector<'_>,
    part: &'a str,
    mut each: impl FnMut(&mut Collector<'_>, &'a RawValue) -> Result<(), RecordError>,
) -> Result<(), RecordError> {
    struct Elements<F>(F);
    impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Elements<F> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<(), A::Error> {
            while let Some(element) = sequence.next_element()? {
                (self.0)(element);
            }
            Ok(())
        }
    }
    let mut failed = None;
    let mut deserializer = serde_json::Deserializer::from_str(part);
    let read = deserializer.deserialize_seq(Elements(|element: &'a RawValue| {
        if failed.is_none() {
            failed = each(collector, element).err();
        }
    }));
    if let Some(error) = failed {
        return Err(error);
    }
    read.and_then(|()| deserializer.end())
        .map_err(|error| collector.json_error(part, &error))
}

/// The names of the outermost object's members, or those of the first element of an outermost array, as far as the text
/// can be read; and whether it is an array.
pub(super) fn outer_members(text: &str) -> (Vec<String>, bool) {
    struct Names<'v>(&'v mut Vec<String>);
    impl<'de> Visitor<'de> for Names<'_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                self.0.push(name);
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let trimmed = text.trim_start();
    let (object, is_array) = match trimmed.strip_prefix('[') {
        Some(rest) => (rest.trim_start(), true),
        None => (trimmed, false),
    };
    let mut names = Vec::new();
    if object.starts_with('{') {
        // An error ends the list, and the format that claims the file says it with its place.
        let _ = serde_json::Deserializer::from_str(object).deserialize_map(Names(&mut names));
    }
    (names, is_array)
}

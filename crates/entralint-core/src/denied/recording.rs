//! Refused requests of a recording: a HAR file or an entry of one, rows of a log, a Dev Proxy report.

use msgraph_calls::Api;
use msgraph_calls::records::{self, RecordError, Recording, Refusal, Select};
use msgraph_permissions::Catalog;
use serde_json::Value;
use source_text::{Encoding, FileId, Source};

use super::message::{self, Message};
use super::names;
use super::request::Request;
use super::token;

/// What a text is as a recording.
pub(super) enum Read {
    /// It is none: read it as a message.
    None,
    /// Its refused requests.
    Refusals(Recording),
    /// It is one that cannot be read.
    Broken(RecordError),
}

/// Reads a text as a recording. The source that places of the result are in may be another one: a single entry of a HAR
/// file is put into a file of its own.
pub(super) fn read(source: &Source, api: &Api) -> (Option<Source>, Read) {
    if let Some(whole) = entries(source) {
        let read = of(&whole, api);
        return (Some(whole), read);
    }
    (None, of(source, api))
}

fn of(source: &Source, api: &Api) -> Read {
    match records::read(source, api, &Select::default()) {
        Ok(recording) if matches!(recording.format, "har" | "activity-log") => {
            Read::Refusals(recording)
        }
        // A batch with its answers says what was refused; other collections say nothing of answers.
        Ok(recording) if !recording.refusals.is_empty() => Read::Refusals(recording),
        Ok(_) | Err(RecordError::UnknownFormat) => Read::None,
        Err(error) => {
            let is_recording = match &error {
                RecordError::Syntax { format, .. } | RecordError::Missing { format, .. } => {
                    matches!(*format, "har" | "activity-log")
                }
                _ => false,
            };
            if is_recording {
                Read::Broken(error)
            } else {
                Read::None
            }
        }
    }
}

/// An entry of a HAR file by itself, or an array of them, as a file.
fn entries(source: &Source) -> Option<Source> {
    type Members = std::collections::HashMap<String, serde::de::IgnoredAny>;
    let is_entry =
        |members: &Members| members.contains_key("request") && members.contains_key("response");
    let text = source.text().trim();
    let list = if text.starts_with('[') {
        let entries: Vec<Members> = serde_json::from_str(text).ok()?;
        (!entries.is_empty() && entries.iter().all(is_entry)).then(|| text.to_owned())?
    } else if text.starts_with('{') {
        let entry: Members = serde_json::from_str(text).ok()?;
        is_entry(&entry).then(|| format!("[{text}]"))?
    } else {
        return None;
    };
    Some(Source::new(
        FileId::default(),
        "entry.har",
        format!("{{\"log\":{{\"entries\":{list}}}}}"),
        Encoding::Utf8,
    ))
}

/// What a refusal says.
pub(super) fn message(refusal: &Refusal, source: &Source, catalog: &Catalog, api: &Api) -> Message {
    let mut text = refusal.answer.clone().unwrap_or_default();
    let entry: Option<Value> = serde_json::from_str(source.slice(refusal.entry)).ok();
    if let Some(challenge) = entry
        .as_ref()
        .and_then(|entry| header(&entry["response"], "www-authenticate"))
    {
        text.push('\n');
        text.push_str(challenge);
    }
    let mut message = message::read(&text, catalog, api);
    message.request = format!("{} {}", refusal.method, refusal.path)
        .parse()
        .ok()
        .map(Request::Call);
    message.status = Some(refusal.status);
    if let Some(held) = &refusal.held {
        let known = held
            .iter()
            .filter(|name| names::is_permission(name, catalog));
        message.had = Some(known.cloned().collect());
    } else if message.had.is_none()
        && let Some(claims) = entry
            .as_ref()
            .and_then(|entry| header(&entry["request"], "authorization"))
            .and_then(token::in_text)
    {
        message.take(&claims, catalog);
    }
    message.permission_type = refusal.scheme.or(message.permission_type);
    message
}

/// The value of a header of a HAR file's request or response.
fn header<'e>(of: &'e Value, name: &str) -> Option<&'e str> {
    of["headers"].as_array()?.iter().find(|header| {
        header["name"]
            .as_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    })?["value"]
        .as_str()
}

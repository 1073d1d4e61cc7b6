//! HAR 1.2: what browsers, Dev Proxy, Playwright and mitmproxy record.
//!
//! <http://www.softwareishard.com/blog/har-12-spec/>

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::collect::{Collector, Manner, Request, for_each, member, members, status, string, text};
use super::{Format, Head, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Har;

const MANNER: Manner = Manner {
    kind: Kind::Har,
    certainty: Certainty::Certain,
    bare_paths: false,
};

impl Format for Har {
    fn name(&self) -> &'static str {
        "har"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.ends_with(".har") || (head.members == ["log"] && head.text.contains("\"entries\""))
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let missing = |collector: &Collector<'_>, member| RecordError::Missing {
            format: "har",
            member,
            span: collector.source.span(0, 0),
        };
        let log = member(&outer, "log").ok_or_else(|| missing(collector, "log"))?;
        let log = members(collector, log.get())?;
        let entries = member(&log, "entries").ok_or_else(|| missing(collector, "log.entries"))?;
        for_each(collector, entries.get(), entry)
    }
}

fn entry(collector: &mut Collector<'_>, entry: &RawValue) -> Result<(), RecordError> {
    collector.count();
    let whole = collector.place(entry.get());
    let entry = members(collector, entry.get())?;
    let Some(sent) = member(&entry, "request") else {
        collector.leave_out(super::LeftOut::Unreadable);
        return Ok(());
    };
    let sent = members(collector, sent.get())?;
    let (Some(method), Some(address)) = (string(&sent, "method"), member(&sent, "url")) else {
        collector.leave_out(super::LeftOut::Unreadable);
        return Ok(());
    };
    let answer = match member(&entry, "response") {
        Some(answer) if answer.get().starts_with('{') => Some(members(collector, answer.get())?),
        _ => None,
    };
    // The bodies are texts within the text: requests of a batch have the place of the envelope.
    let body =
        |value: Option<&RawValue>| text(member(&serde_json::from_str(value?.get()).ok()?, "text")?);
    let answered_body = answer
        .as_ref()
        .and_then(|answer| body(member(answer, "content")));
    let request = Request {
        method: &method,
        url: &text(address).unwrap_or_default(),
        answer: answered_body.as_deref(),
        entry: Some(whole),
        status: answer
            .as_ref()
            .and_then(|answer| status(member(answer, "status")?)),
        time: string(&entry, "startedDateTime").and_then(|time| time.parse::<Timestamp>().ok()),
        ..Request::default()
    };
    let span = collector.place(address.get());
    if !collector.request(&request, MANNER, span) {
        return Ok(());
    }
    let sent_body = body(member(&sent, "postData"));
    if let Some(sent_body) = sent_body {
        for child in super::batch::children(&sent_body, answered_body.as_deref()) {
            collector.count();
            let manner = Manner {
                kind: Kind::Batch,
                bare_paths: true,
                ..MANNER
            };
            let child = Request {
                method: &child.method,
                url: &child.url,
                status: child.status,
                answer: child.answer.as_deref(),
                entry: Some(whole),
                time: request.time,
                version: version(request.url),
                ..Request::default()
            };
            collector.request(&child, manner, span);
        }
    }
    Ok(())
}

/// The version of the envelope is that of its requests.
fn version(url: &str) -> Option<crate::Version> {
    if url.contains("/beta/") {
        Some(crate::Version::Beta)
    } else if url.contains("/v1.0/") {
        Some(crate::Version::V1)
    } else {
        None
    }
}

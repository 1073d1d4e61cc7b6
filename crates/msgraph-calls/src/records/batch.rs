//! The body of a `$batch`: requests with addresses relative to the version.
//!
//! <https://learn.microsoft.com/en-us/graph/json-batching>

use std::collections::BTreeMap;

use super::collect::{
    Collector, Manner, Members, Request, for_each, member, members, status, string,
};
use super::{Format, Head, LeftOut, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Batch;

/// One request of a batch.
pub(super) struct Child {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) status: Option<u16>,
    /// The body of its answer.
    pub(super) answer: Option<String>,
}

/// The requests of a batch's body, with the statuses of its answer. None where the body is not one.
pub(super) fn children(sent: &str, answered: Option<&str>) -> Vec<Child> {
    #[derive(serde::Deserialize)]
    struct Sent {
        requests: Vec<One>,
    }
    #[derive(serde::Deserialize)]
    struct One {
        #[serde(default)]
        id: serde_json::Value,
        #[serde(default)]
        method: String,
        #[serde(default)]
        url: String,
    }
    #[derive(serde::Deserialize)]
    struct Answered {
        responses: Vec<Response>,
    }
    #[derive(serde::Deserialize)]
    struct Response {
        #[serde(default)]
        id: serde_json::Value,
        #[serde(default)]
        status: serde_json::Value,
        #[serde(default)]
        body: serde_json::Value,
    }
    let name = |id: &serde_json::Value| id.to_string().trim_matches('"').to_owned();
    let Ok(sent) = serde_json::from_str::<Sent>(sent) else {
        return Vec::new();
    };
    let answers: BTreeMap<String, (u16, String)> = answered
        .and_then(|text| serde_json::from_str::<Answered>(text).ok())
        .map(|answered| answered.responses)
        .unwrap_or_default()
        .iter()
        .filter_map(|response| {
            let status = response.status.to_string().trim_matches('"').parse().ok()?;
            // What succeeded may be long, and nothing asks for its body.
            let body = match status {
                401 | 403 => response.body.to_string(),
                _ => String::new(),
            };
            Some((name(&response.id), (status, body)))
        })
        .collect();
    sent.requests
        .into_iter()
        .map(|one| {
            let answer = answers.get(&name(&one.id));
            Child {
                status: answer.map(|(status, _)| *status),
                answer: answer.map(|(_, body)| body.clone()),
                method: one.method,
                url: one.url,
            }
        })
        .collect()
}

impl Format for Batch {
    fn name(&self) -> &'static str {
        "batch"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        !head.is_array && head.has("requests") && head.text.contains("\"url\"")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let Some(requests) = member(&outer, "requests") else {
            return Err(RecordError::Missing {
                format: self.name(),
                member: "requests",
                span: collector.source.span(0, 0),
            });
        };
        let statuses = match member(&outer, "responses") {
            Some(responses) => statuses(collector, responses.get())?,
            None => BTreeMap::new(),
        };
        for_each(collector, requests.get(), |collector, element| {
            collector.count();
            let request = members(collector, element.get())?;
            let (Some(method), Some(url)) = (string(&request, "method"), string(&request, "url"))
            else {
                collector.leave_out(LeftOut::Unreadable);
                return Ok(());
            };
            let span = member(&request, "url").map_or_else(
                || collector.place(element.get()),
                |url| collector.place(url.get()),
            );
            let manner = Manner {
                kind: Kind::Batch,
                certainty: Certainty::Certain,
                bare_paths: true,
            };
            let request = Request {
                method: &method,
                url: &url,
                status: id(&request).and_then(|id| statuses.get(&id).copied()),
                ..Request::default()
            };
            collector.request(&request, manner, span);
            Ok(())
        })
    }
}

fn id(members: &Members<'_>) -> Option<String> {
    Some(member(members, "id")?.get().trim_matches('"').to_owned())
}

fn statuses(
    collector: &mut Collector<'_>,
    responses: &str,
) -> Result<BTreeMap<String, u16>, RecordError> {
    let mut found = BTreeMap::new();
    for_each(collector, responses, |collector, element| {
        let response = members(collector, element.get())?;
        if let (Some(id), Some(status)) =
            (id(&response), member(&response, "status").and_then(status))
        {
            found.insert(id, status);
        }
        Ok(())
    })?;
    Ok(found)
}

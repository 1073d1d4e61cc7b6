//! `$batch`: up to twenty calls in one request, answered one by one in any order.

use std::collections::{BTreeMap, HashSet};

use hyper::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Ids};
use crate::fault::{Fault, Target};
use crate::graph;
use crate::route::{Route, Subject, Version, route};
use crate::state::{Shared, State};
use crate::token::Claims;

/// Calls in one batch, as documented.
const LIMIT: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    method: String,
    url: String,
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Carries out a batch.
pub(crate) fn batch(
    shared: &Shared,
    state: &mut State,
    caller: &Claims,
    version: Version,
    body: &[u8],
    ids: &Ids,
) -> Answer {
    let items = match read(body) {
        Ok(items) => items,
        Err(message) => return Answer::error(400, "BadRequest", &message, ids),
    };
    let mut responses = Vec::with_capacity(items.len());
    for item in &items {
        let answer = one(shared, state, caller, version, item, ids);
        *state.totals.answers.entry(answer.status).or_default() += 1;
        responses.push(response(&item.id, answer));
    }
    state.totals.batches += 1;
    state.totals.batch_items += items.len() as u64;
    state.random.shuffle(&mut responses);
    Answer::json(200, &json!({ "responses": responses }))
}

fn read(body: &[u8]) -> Result<Vec<Item>, String> {
    let batch: Batch = serde_json::from_slice(body)
        .map_err(|error| format!("Unable to read JSON request payload. {error}"))?;
    let items = batch.requests;
    if items.is_empty() {
        return Err("The batch request holds no requests.".to_owned());
    }
    if items.len() > LIMIT {
        return Err(format!(
            "Number of batch request steps exceeds the maximum value of {LIMIT}."
        ));
    }
    let mut seen = HashSet::new();
    for item in &items {
        let id = &item.id;
        if id.is_empty() || !seen.insert(id.to_lowercase()) {
            return Err(format!(
                "Request Id '{id}' has to be unique in a batch and not empty."
            ));
        }
        let typed = item
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("content-type"));
        let writes =
            !item.method.eq_ignore_ascii_case("GET") && !item.method.eq_ignore_ascii_case("DELETE");
        if writes && (item.body.is_none() || !typed) {
            return Err(format!(
                "Write request id : {id} does not contain Content-Type header or body."
            ));
        }
        if !item.depends_on.is_empty() {
            return Err(format!(
                "Request Id '{id}' uses dependsOn, which this stand-in for Graph does not offer."
            ));
        }
    }
    Ok(items)
}

fn one(
    shared: &Shared,
    state: &mut State,
    caller: &Claims,
    version: Version,
    item: &Item,
    ids: &Ids,
) -> Answer {
    if item.url.contains("://") {
        let message = "Request url has to be relative to the version.";
        return Answer::error(400, "BadRequest", message, ids);
    }
    let Ok(method) = Method::from_bytes(item.method.to_ascii_uppercase().as_bytes()) else {
        return Answer::error(400, "BadRequest", "Invalid method.", ids);
    };
    let user = match route(version, &item.url) {
        Route::Call(Subject::User(user), _) => Some(user),
        _ => None,
    };
    let trouble = state.rules.draw(&mut state.random, |target| match target {
        Target::BatchItem => true,
        Target::User(wanted) => user
            .as_ref()
            .is_some_and(|user| user.eq_ignore_ascii_case(wanted)),
        _ => false,
    });
    if trouble.fault.is_some() {
        state.totals.faults += 1;
    }
    let mut done = || graph::call(shared, state, caller, &method, (version, &item.url), ids);
    let lost = || Answer::error(504, "UnknownError", "", ids);
    match trouble.fault {
        None => done(),
        Some(Fault::Html(status)) => Answer::html(status),
        Some(Fault::ExpiredToken) => graph::expired(ids),
        Some(Fault::Status {
            status,
            content_type,
            body,
        }) => Answer {
            status,
            content_type,
            body: body.into(),
            ..Answer::default()
        },
        Some(Fault::EmptyTooManyRequests(after)) => {
            let answer = Answer::empty(429);
            match after {
                Some(after) => answer.with("retry-after", after),
                None => answer,
            }
        }
        Some(Fault::LostAnswer | Fault::TruncatedJson | Fault::CutBody) => {
            done();
            lost()
        }
        Some(Fault::Latency(_) | Fault::Reset | Fault::Hang | Fault::Redirect(_)) => lost(),
    }
}

/// An answer in the form in which a batch carries it.
fn response(id: &str, answer: Answer) -> Value {
    let mut headers: Map<String, Value> = answer
        .headers
        .into_iter()
        .map(|(name, value)| {
            // Graph writes this one name in capitals inside batches.
            let name = if name == "retry-after" {
                "Retry-After"
            } else {
                name
            };
            (name.to_owned(), Value::String(value))
        })
        .collect();
    let mut response = json!({ "id": id, "status": answer.status });
    if !answer.body.is_empty() {
        let body = serde_json::from_slice(&answer.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&answer.body).into_owned()));
        response["body"] = body;
    }
    if let Some(content_type) = answer.content_type {
        headers.insert("Content-Type".to_owned(), Value::String(content_type));
    }
    response["headers"] = Value::Object(headers);
    response
}

//! A denied call: what an error of Microsoft Graph, a HAR entry or a row of a log says about the permission that is
//! missing, and whether a permission is the cause at all.
//!
//! Everything is read as data: no token, header, address or id of the text is part of the result.

mod advice;
mod causes;
mod message;
mod model;
mod names;
mod recording;
mod render;
mod request;
#[cfg(test)]
mod tests;
mod token;
mod trace;

use msgraph_calls::Api;
use msgraph_calls::records::RecordError;
use msgraph_permissions::{
    Answer, Call, Catalog, LookupOptions, Method, PermissionName, PermissionType, Scheme,
};
use source_text::Source;

pub use self::causes::Cause;
use self::message::Message;
pub use self::model::{Denial, Denied, Least, PossibleCause, VERSION, Verdict};
use self::recording::Read;
pub use self::render::render;
use self::request::Request;

/// Codes of errors that are no denials, where nothing else in the text speaks of one.
/// <https://learn.microsoft.com/graph/errors>
const OTHER_ERRORS: &[&str] = &[
    "BadRequest",
    "Directory_ExpiredPageToken",
    "ErrorInvalidUser",
    "ErrorItemNotFound",
    "InternalServerError",
    "ItemNotFound",
    "NotFound",
    "Request_BadRequest",
    "Request_MultipleObjectsWithSameKeyValue",
    "Request_ResourceNotFound",
    "Request_UnsupportedQuery",
    "ResourceNotFound",
    "ServiceUnavailable",
    "TooManyRequests",
];

/// Why there is nothing to explain.
#[derive(Debug, thiserror::Error)]
pub enum DeniedError {
    /// The text has no sign of a denial.
    #[error(
        "nothing in the text says that a call was denied: give the whole error with its code or status (403, Authorization_RequestDenied, AADSTS65001), a HAR file, or rows of MicrosoftGraphActivityLogs"
    )]
    NoDenial,
    /// The text holds another error.
    #[error(
        "{code} is no denial: the request was refused for another reason, such as its form, its target or its rate"
    )]
    AnotherError {
        /// Its code, one of the published ones.
        code: &'static str,
    },
    /// A recording in which every request was answered.
    #[error(
        "no request of the recording was answered with 401 or 403 ({taken} of {requests} go to Microsoft Graph)"
    )]
    NotRefused {
        /// Requests of the recording.
        requests: usize,
        /// Those that go to Microsoft Graph.
        taken: usize,
    },
    /// A recording that cannot be read.
    #[error("{0}")]
    Recording(#[from] RecordError),
}

/// Reads a text: a recording with denied calls, of which `most` different ones are explained, or else an error as a program
/// printed it.
///
/// # Errors
///
/// That the text speaks of no denied call, or is a recording that cannot be read.
pub fn read(
    source: &Source,
    catalog: &Catalog,
    api: &Api,
    most: usize,
) -> Result<Denied, DeniedError> {
    let (whole, read) = recording::read(source, api);
    let recording = match read {
        Read::None => {
            let message = message::read(source.text(), catalog, api);
            if message.is_empty() {
                return Err(DeniedError::NoDenial);
            }
            if let Some(code) = another_error(&message) {
                return Err(DeniedError::AnotherError { code });
            }
            return Ok(Denied {
                version: VERSION,
                read_as: "message",
                denials: vec![explain(&message, catalog, api)],
                more: 0,
            });
        }
        Read::Broken(error) => return Err(error.into()),
        Read::Refusals(recording) => recording,
    };
    if recording.refusals.is_empty() {
        return Err(DeniedError::NotRefused {
            requests: recording.requests,
            taken: recording.taken,
        });
    }
    let source = whole.as_ref().unwrap_or(source);
    let mut denials: Vec<Denial> = Vec::new();
    let mut more = recording.more_refusals;
    for refusal in &recording.refusals {
        let mut denial = explain(
            &recording::message(refusal, source, catalog, api),
            catalog,
            api,
        );
        denial.times = refusal.times;
        match denials.iter().position(|known| known.is_like(&denial)) {
            Some(known) => denials[known].times += refusal.times,
            None if denials.len() < most => denials.push(denial),
            None => more += refusal.times,
        }
    }
    Ok(Denied {
        version: VERSION,
        read_as: recording.format,
        denials,
        more,
    })
}

/// The code of an error that is no denial.
fn another_error(message: &Message) -> Option<&'static str> {
    let code = message.code.as_deref()?;
    let known = OTHER_ERRORS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(code))?;
    let speaks = message.status.is_some()
        || message.speaks_of_denial
        || !message.listed.is_empty()
        || !message.causes.is_empty();
    (!speaks).then_some(known)
}

/// What a message amounts to.
fn explain(message: &Message, catalog: &Catalog, api: &Api) -> Denial {
    let calls = calls(message, api);
    let types = match message.permission_type {
        Some(permission_type) => vec![permission_type],
        None => vec![PermissionType::Delegated, PermissionType::Application],
    };
    // One call, or the methods that a path without one may have meant.
    let call = match calls.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let answers: Vec<Answer> = call
        .iter()
        .flat_map(|call| types.iter().map(|of| lookup(call, *of, catalog)))
        .collect();
    let mut least: Vec<Least> = answers
        .iter()
        .filter_map(|answer| of_answer(answer, catalog))
        .collect();
    // What the service itself lists counts for more than the catalog, whose answer it may not accept.
    let is_listed = |least: &Least| {
        let mut names = least.permissions.iter();
        names.all(|name| message.listed.contains(name))
    };
    if least.is_empty() || !message.listed.is_empty() && !least.iter().all(is_listed) {
        let listed: Vec<Least> = types
            .iter()
            .filter_map(|of| among_listed(message, *of, catalog))
            .collect();
        if !listed.is_empty() {
            least = listed;
        }
    }
    let enough = enough(message, &answers);
    let verdict = verdict(message, &answers, &enough);
    let path = call.and_then(|call| api.masked(call.method, call.path.as_str()));
    let shown = match &message.request {
        Some(Request::Path(path)) if call.is_none() => Some(path.clone()),
        _ => call.map(|call| match &path {
            Some(path) => format!("{} {path}", call.method),
            None => format!("{} on a path that is not in the catalog", call.method),
        }),
    };
    let alternatives: Vec<(Method, Vec<Least>)> = if call.is_none() && message.listed.is_empty() {
        calls
            .iter()
            .map(|call| {
                let least = types
                    .iter()
                    .filter_map(|of| of_answer(&lookup(call, *of, catalog), catalog))
                    .collect();
                (call.method, least)
            })
            .collect()
    } else {
        Vec::new()
    };
    let causes = advice::causes(
        message,
        verdict,
        call.map(|call| call.method).zip(path.as_deref()),
    );
    Denial {
        times: 1,
        advice: advice::sentences(message, verdict, &least, &alternatives, shown.is_some()),
        call: shown,
        status: message.status,
        code: message.code.clone(),
        permission_type: message.permission_type,
        listed: message.listed.clone(),
        token_had: message.had.clone().unwrap_or_default(),
        token_enough: enough,
        least,
        verdict,
        causes,
    }
}

/// The call of a message; where it names no method, those that the catalog has for the path.
fn calls(message: &Message, api: &Api) -> Vec<Call> {
    match &message.request {
        None => Vec::new(),
        Some(Request::Call(call)) => vec![call.clone()],
        Some(Request::Path(path)) => [
            Method::Get,
            Method::Post,
            Method::Patch,
            Method::Put,
            Method::Delete,
        ]
        .into_iter()
        .filter(|method| api.template(*method, path).is_some())
        .filter_map(|method| format!("{method} {path}").parse().ok())
        .collect(),
    }
}

const fn scheme(permission_type: PermissionType) -> Scheme {
    match permission_type {
        PermissionType::Delegated => Scheme::DelegatedWork,
        PermissionType::Application => Scheme::Application,
    }
}

fn lookup(call: &Call, permission_type: PermissionType, catalog: &Catalog) -> Answer {
    catalog.lookup(call, scheme(permission_type), LookupOptions::default())
}

fn of_answer(answer: &Answer, catalog: &Catalog) -> Option<Least> {
    let permission_type = answer.scheme.permission_type();
    let solution = catalog.solve_refs(&[answer]);
    (!solution.minimal.is_empty()).then(|| of_names(&solution.minimal, permission_type, catalog))
}

fn of_names(names: &[PermissionName], permission_type: PermissionType, catalog: &Catalog) -> Least {
    Least {
        permission_type,
        permissions: names.iter().map(ToString::to_string).collect(),
        admin_consent: permission_type == PermissionType::Application
            || names.iter().any(|name| {
                catalog
                    .permission(name.as_str())
                    .and_then(|known| {
                        known
                            .scheme(Scheme::DelegatedWork)
                            .map(|info| info.admin_consent)
                    })
                    .unwrap_or(true)
            }),
    }
}

/// The narrowest of the permissions that the message lists: of those in the service, the one that unlocks the fewest
/// operations that write, then the fewest operations.
fn among_listed(
    message: &Message,
    permission_type: PermissionType,
    catalog: &Catalog,
) -> Option<Least> {
    let scheme = scheme(permission_type);
    let narrowest = message
        .listed
        .iter()
        .map(|name| PermissionName::new(name))
        .filter(|name| {
            catalog.in_service(name, permission_type)
                && catalog
                    .permission(name.as_str())
                    .is_some_and(|known| known.scheme(scheme).is_some())
        })
        .min_by_key(|name| {
            (
                catalog.writing(name, scheme),
                catalog.breadth(name, scheme),
                name.to_string(),
            )
        })?;
    Some(of_names(&[narrowest], permission_type, catalog))
}

/// The permissions of the token that the call accepts, or that the message itself lists as enough.
fn enough(message: &Message, answers: &[Answer]) -> Vec<String> {
    let Some(had) = &message.had else {
        return Vec::new();
    };
    let has = |name: &str| {
        had.iter()
            .find(|had| had.eq_ignore_ascii_case(name))
            .cloned()
    };
    if !message.listed.is_empty() {
        return message.listed.iter().filter_map(|name| has(name)).collect();
    }
    answers
        .iter()
        .filter(|answer| answer.is_answered())
        .find_map(|answer| answer.covered_by(&|name: &PermissionName| has(name.as_str()).is_some()))
        .map(|cover| cover.names().map(ToString::to_string).collect())
        .unwrap_or_default()
}

fn verdict(message: &Message, answers: &[Answer], enough: &[String]) -> Verdict {
    // The service's own list says more than any other word of it.
    let is_known = !message.listed.is_empty() || answers.iter().any(Answer::is_answered);
    if !enough.is_empty() {
        return Verdict::AnotherCause;
    }
    if !message.listed.is_empty() {
        return Verdict::MissingPermission;
    }
    if message.causes.iter().any(|known| known.is_certain) {
        return Verdict::AnotherCause;
    }
    if message.had.is_some() && is_known {
        return Verdict::MissingPermission;
    }
    Verdict::Unclear
}

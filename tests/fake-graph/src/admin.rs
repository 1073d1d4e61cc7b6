//! Endpoints under `/_fake/` that read and steer the fake from outside.

use hyper::http::request::Parts;
use serde::Deserialize;
use serde_json::json;

use crate::answer::Answer;
use crate::fault::Rule;
use crate::host;
use crate::login::DeviceOutcome;
use crate::state::Shared;

/// What can be asked for, as `GET /_fake/` tells.
const HELP: &str = "\
GET  /_fake/state               users, their revocations, and totals
GET  /_fake/totals              totals alone
GET  /_fake/requests            the last requests, tokens left out
POST /_fake/rules               fault rules, one a line, added to those in force
DELETE /_fake/rules             no more faults
POST /_fake/reset               everything as at the start
POST /_fake/device?code=CODE&outcome=approve|decline
GET  /_fake/github              token of a job, for ACTIONS_ID_TOKEN_REQUEST_URL
POST /_fake/pipeline            the same for SYSTEM_OIDCREQUESTURI
GET  /_fake/msi                 managed identity as on App Service, for IDENTITY_ENDPOINT
POST /_fake/token               {\"application\": [\u{2026}]} or {\"delegated\": [\u{2026}]} gives an access token
";

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TokenRequest {
    Application(Vec<String>),
    Delegated(Vec<String>),
}

/// Answers an admin request.
pub(crate) fn serve(shared: &Shared, request: &Parts, body: &[u8]) -> Answer {
    let Parts {
        method,
        uri,
        headers,
        ..
    } = request;
    let query = uri.query().unwrap_or_default();
    let name = uri.path().strip_prefix("/_fake/").unwrap_or_default();
    match (method.as_str(), name) {
        ("GET", "") => text(200, HELP),
        ("GET", "state") => {
            let state = shared.state();
            json_of(&json!({"users": state.directory.users(), "totals": state.totals}))
        }
        ("GET", "totals") => json_of(&json!(shared.state().totals)),
        ("GET", "requests") => json_of(&json!(shared.state().log().collect::<Vec<_>>())),
        ("POST", "rules") => add_rules(shared, body),
        ("DELETE", "rules") => {
            shared.state().rules.clear();
            Answer::empty(204)
        }
        ("POST", "reset") => {
            shared.reset();
            Answer::empty(204)
        }
        ("POST", "device") => settle(shared, query),
        ("GET", "github") => host::github(headers, query),
        ("POST", "pipeline") => host::pipeline(headers),
        ("GET", "msi") => host::managed_identity(shared, headers, query),
        ("POST", "token") => match serde_json::from_slice(body) {
            Ok(TokenRequest::Application(roles)) => text(200, &shared.application_token(&roles)),
            Ok(TokenRequest::Delegated(scopes)) => text(200, &shared.delegated_token(&scopes)),
            Err(error) => text(400, &format!("{error}\n{HELP}")),
        },
        _ => text(404, HELP),
    }
}

fn add_rules(shared: &Shared, body: &[u8]) -> Answer {
    let rules: Result<Vec<Rule>, _> = String::from_utf8_lossy(body)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::parse)
        .collect();
    match rules {
        Ok(rules) => {
            let mut state = shared.state();
            rules.into_iter().for_each(|rule| state.rules.push(rule));
            Answer::empty(204)
        }
        Err(error) => text(400, &format!("{error}\n")),
    }
}

fn settle(shared: &Shared, query: &str) -> Answer {
    let field = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let outcome = match field("outcome").as_str() {
        "" | "approve" => DeviceOutcome::Approve,
        "decline" => DeviceOutcome::Decline,
        _ => return text(400, HELP),
    };
    if shared.state().device_codes.settle(&field("code"), outcome) {
        Answer::empty(204)
    } else {
        text(404, "no such code\n")
    }
}

fn json_of(value: &serde_json::Value) -> Answer {
    Answer {
        content_type: Some("application/json".to_owned()),
        ..Answer::json(200, value)
    }
}

fn text(status: u16, body: &str) -> Answer {
    Answer {
        status,
        content_type: Some("text/plain; charset=utf-8".to_owned()),
        body: body.to_owned().into(),
        ..Answer::default()
    }
}

//! What Azure, GitHub Actions and Azure Pipelines give to the programs that run on them: token endpoints that
//! credentials find through the environment.

use std::collections::HashMap;

use hyper::header::HeaderMap;
use serde_json::json;

use crate::answer::Answer;
use crate::state::Shared;

/// What the fake wants in the header `X-IDENTITY-HEADER`, as App Service hands it out.
pub const IDENTITY_HEADER: &str = "fake-identity-header";

/// The endpoint of App Service's managed identity, version 2019-08-01.
pub(crate) fn managed_identity(shared: &Shared, headers: &HeaderMap, query: &str) -> Answer {
    let fields: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let field = |name: &str| fields.get(name).map_or("", |value| value);
    let header = headers.get("x-identity-header").map(|v| v.as_bytes());
    if header != Some(IDENTITY_HEADER.as_bytes()) {
        return Answer::json(401, &json!({"message": "X-IDENTITY-HEADER is wrong."}));
    }
    let resource = field("resource").trim_end_matches('/');
    let mut claims = shared.application_claims(&shared.granted());
    if resource != shared.url {
        let message = format!("The resource {resource} is not known.");
        return Answer::json(400, &json!({ "message": message }));
    }
    if !field("client_id").is_empty() {
        claims.appid = field("client_id").to_owned();
    }
    Answer::json(
        200,
        &json!({
            "access_token": claims.encode(),
            "expires_on": claims.exp.to_string(),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": claims.appid,
        }),
    )
}

/// What the fake wants as the token of a job, as GitHub Actions and Azure Pipelines hand it out.
pub const JOB_TOKEN: &str = "fake-job-token";

/// The assertion that a job gets. The sign-in endpoint takes it at its word.
const ASSERTION: &str = "job.assertion.fake";

/// GitHub's token service: `ACTIONS_ID_TOKEN_REQUEST_URL`. It wants to be told for whom the token is.
pub(crate) fn github(headers: &HeaderMap, query: &str) -> Answer {
    let names_audience = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "audience" && value.starts_with("api://AzureADTokenExchange"));
    match is_job(headers) && names_audience {
        true => Answer::json(200, &json!({"count": 1, "value": ASSERTION})),
        false => Answer::json(
            401,
            &json!({"message": "The job's token or the audience is wrong."}),
        ),
    }
}

/// The token service of Azure Pipelines: `SYSTEM_OIDCREQUESTURI`.
pub(crate) fn pipeline(headers: &HeaderMap) -> Answer {
    match is_job(headers) {
        true => Answer::json(200, &json!({"oidcToken": ASSERTION})),
        false => Answer::json(401, &json!({"message": "The job's token is wrong."})),
    }
}

fn is_job(headers: &HeaderMap) -> bool {
    let given = headers.get("authorization").map(|value| value.as_bytes());
    given == Some(format!("Bearer {JOB_TOKEN}").as_bytes())
}

//! The sign-in endpoints: client credentials, device code and refresh tokens, in Entra's words.

mod device_code;

use std::collections::HashMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) use device_code::DeviceCodes;
pub use device_code::DeviceOutcome;

use crate::answer::Answer;
use crate::config::Registration;
use crate::state::{Shared, State};
use crate::token::{Claims, GRAPH_APP_ID, unix};

/// Which sign-in endpoint of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token,
    DeviceCode,
}

/// Splits `/{tenant}/oauth2/v2.0/token` and `…/devicecode`.
pub(crate) fn endpoint(path: &str) -> Option<(&str, Endpoint)> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    match rest {
        "oauth2/v2.0/token" => Some((tenant, Endpoint::Token)),
        "oauth2/v2.0/devicecode" => Some((tenant, Endpoint::DeviceCode)),
        _ => None,
    }
}

/// What a refresh token stands for. It dies when its user's sessions are revoked.
#[derive(Serialize, Deserialize)]
struct Refresh {
    client_id: String,
    scope: String,
    user: String,
    /// Milliseconds since 1970.
    issued: u64,
}

/// A form's fields.
struct Form(HashMap<String, String>);

impl Form {
    fn parse(body: &[u8]) -> Self {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Entra's error: an OAuth code, and an `AADSTS` number that people search for.
struct Refusal {
    status: u16,
    error: &'static str,
    number: u32,
    message: String,
}

impl Refusal {
    fn new(status: u16, error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Refusal {
            status,
            error,
            number,
            message: message.into(),
        }
    }

    fn answer(self, state: &mut State) -> Answer {
        let (trace, correlation) = (state.request_id(), state.request_id());
        let timestamp = httpdate::fmt_http_date(SystemTime::now());
        let description = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            self.number, self.message
        );
        let mut answer = Answer::json(
            self.status,
            &json!({
                "error": self.error,
                "error_description": description,
                "error_codes": [self.number],
                "timestamp": timestamp,
                "trace_id": trace,
                "correlation_id": correlation,
            }),
        );
        answer.content_type = Some("application/json; charset=utf-8".to_owned());
        answer
    }
}

/// Answers a request to a sign-in endpoint.
pub(crate) fn sign_in(
    shared: &Shared,
    state: &mut State,
    tenant: &str,
    endpoint: Endpoint,
    body: &[u8],
) -> Answer {
    let form = Form::parse(body);
    let result = match endpoint {
        Endpoint::DeviceCode => device_code::start(shared, state, &form),
        Endpoint::Token => match form.get("grant_type") {
            "client_credentials" => client_credentials(shared, tenant, &form),
            "urn:ietf:params:oauth:grant-type:device_code" => {
                device_code::poll(shared, state, tenant, &form)
            }
            "refresh_token" => refresh(shared, state, tenant, &form),
            other => Err(Refusal::new(
                400,
                "unsupported_grant_type",
                70003,
                format!("The app requested an unsupported grant type '{other}'."),
            )),
        },
    };
    match result {
        Ok(value) => Answer::json(200, &value),
        Err(refusal) => refusal.answer(state),
    }
}

fn app<'a>(shared: &'a Shared, form: &Form) -> Result<&'a Registration, Refusal> {
    let id = form.get("client_id");
    shared
        .config
        .registrations
        .iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(id))
        .ok_or_else(|| {
            let message =
                format!("Application with identifier '{id}' was not found in the directory.");
            Refusal::new(400, "unauthorized_client", 700_016, message)
        })
}

fn client_credentials(
    shared: &Shared,
    tenant: &str,
    form: &Form,
) -> Result<serde_json::Value, Refusal> {
    let app = app(shared, form)?;
    let asserted = form.get("client_assertion_type")
        == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        && form.get("client_assertion").split('.').count() == 3;
    if !asserted && form.get("client_secret") != app.client_secret {
        return Err(Refusal::new(
            401,
            "invalid_client",
            7_000_215,
            "Invalid client secret provided.",
        ));
    }
    let scope = form.get("scope");
    let audience = scope
        .strip_suffix("/.default")
        .filter(|resource| is_graph(shared, resource))
        .ok_or_else(|| {
            let message = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            Refusal::new(400, "invalid_scope", 1_002_012, message)
        })?;
    let claims = Claims {
        roles: app.application.clone(),
        oid: format!("service-principal-of-{}", app.client_id),
        ..blank(shared, audience, tenant, app)
    };
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": shared.config.token_lifetime.as_secs(),
        "ext_expires_in": shared.config.token_lifetime.as_secs(),
        "access_token": claims.encode(),
    }))
}

fn refresh(
    shared: &Shared,
    state: &mut State,
    tenant: &str,
    form: &Form,
) -> Result<serde_json::Value, Refusal> {
    let app = app(shared, form)?;
    let token: Option<Refresh> = URL_SAFE_NO_PAD
        .decode(form.get("refresh_token"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(token) = token.filter(|token| token.client_id == app.client_id) else {
        return Err(Refusal::new(
            400,
            "invalid_grant",
            9_002_313,
            "Invalid request. The refresh token is not known.",
        ));
    };
    let revoked = state
        .directory
        .get(&token.user)
        .and_then(|user| user.valid_from)
        .is_some_and(|from| from >= token.issued);
    if revoked {
        return Err(Refusal::new(
            400,
            "invalid_grant",
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    user_tokens(shared, tenant, app, &token.scope)
}

fn user_tokens(
    shared: &Shared,
    tenant: &str,
    app: &Registration,
    scope: &str,
) -> Result<serde_json::Value, Refusal> {
    let (audience, scp) = delegated(shared, app, scope)?;
    let operator = &shared.config.operator;
    let claims = Claims {
        scp: Some(scp.clone()),
        oid: operator.id.clone(),
        upn: Some(operator.user_principal_name.clone()),
        wids: operator.roles.clone(),
        ..blank(shared, &audience, tenant, app)
    };
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": scp,
        "expires_in": shared.config.token_lifetime.as_secs(),
        "access_token": claims.encode(),
    });
    if scope.split(' ').any(|s| s == "offline_access") {
        let token = Refresh {
            client_id: app.client_id.clone(),
            scope: scope.to_owned(),
            user: operator.user_principal_name.clone(),
            issued: u64::try_from(unix(SystemTime::now()).as_millis()).unwrap_or(u64::MAX),
        };
        // A struct of strings and a number always has a JSON form.
        let token = serde_json::to_vec(&token).unwrap_or_default();
        answer["refresh_token"] = URL_SAFE_NO_PAD.encode(token).into();
    }
    Ok(answer)
}

/// The audience and the `scp` that a delegated scope comes to.
fn delegated(
    shared: &Shared,
    app: &Registration,
    scope: &str,
) -> Result<(String, String), Refusal> {
    let invalid = |asked: &str| {
        let message = format!("The application asked for scope '{asked}' that doesn't exist.");
        Refusal::new(400, "invalid_scope", 70_011, message)
    };
    let mut audience = None;
    let mut granted = Vec::new();
    for asked in scope.split_ascii_whitespace() {
        if matches!(asked, "offline_access" | "openid" | "profile" | "email") {
            continue;
        }
        let (resource, name) = match asked.rsplit_once('/') {
            Some((resource, name)) if is_graph(shared, resource) => (resource, name),
            // A scope without a resource is one of Graph's.
            None => (GRAPH_APP_ID, asked),
            Some(_) => return Err(invalid(asked)),
        };
        audience.get_or_insert(resource.to_owned());
        if name == ".default" {
            granted.extend(app.delegated.iter().cloned());
        } else if let Some(known) = app.delegated.iter().find(|p| p.eq_ignore_ascii_case(name)) {
            granted.push(known.clone());
        } else {
            let message = format!(
                "The user or administrator has not consented to use the application with ID '{}' ({name}).",
                app.client_id
            );
            return Err(Refusal::new(400, "invalid_grant", 65_001, message));
        }
    }
    let audience = audience.ok_or_else(|| invalid(scope))?;
    Ok((audience, granted.join(" ")))
}

/// Tokens of one cloud are no good in another: the scope's host has to be this Graph's own.
fn is_graph(shared: &Shared, resource: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    resource == shared.url || resource == GRAPH_APP_ID
}

fn blank(shared: &Shared, audience: &str, tenant: &str, app: &Registration) -> Claims {
    let now = unix(SystemTime::now()).as_secs();
    Claims {
        aud: audience.to_owned(),
        tid: tenant.to_owned(),
        appid: app.client_id.clone(),
        exp: now + shared.config.token_lifetime.as_secs(),
        iat: now,
        scp: None,
        roles: Vec::new(),
        oid: String::new(),
        upn: None,
        wids: Vec::new(),
    }
}

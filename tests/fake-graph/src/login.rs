//! The sign-in endpoints: client credentials, device code and refresh tokens, in Entra's words.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

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

/// How a device code was settled by the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceOutcome {
    /// The operator signed in.
    Approve,
    /// The operator said no.
    Decline,
}

#[derive(Debug)]
struct Pending {
    user_code: String,
    client_id: String,
    scope: String,
    issued: Instant,
    polls: u32,
    last_poll: Option<Instant>,
    outcome: Option<DeviceOutcome>,
}

/// Device codes that were given out.
#[derive(Debug, Default)]
pub(crate) struct DeviceCodes(HashMap<String, Pending>);

impl DeviceCodes {
    /// Settles a code by what the person would type; false when there is no such code.
    pub(crate) fn settle(&mut self, user_code: &str, outcome: DeviceOutcome) -> bool {
        let found = self
            .0
            .values_mut()
            .find(|p| p.user_code.eq_ignore_ascii_case(user_code));
        match found {
            Some(pending) => {
                pending.outcome = Some(outcome);
                true
            }
            None => false,
        }
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
        Endpoint::DeviceCode => start_device_code(shared, state, &form),
        Endpoint::Token => match form.get("grant_type") {
            "client_credentials" => client_credentials(shared, tenant, &form),
            "urn:ietf:params:oauth:grant-type:device_code" => {
                poll_device_code(shared, state, tenant, &form)
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

fn start_device_code(
    shared: &Shared,
    state: &mut State,
    form: &Form,
) -> Result<serde_json::Value, Refusal> {
    let app = app(shared, form)?;
    let scope = form.get("scope").to_owned();
    delegated(shared, app, &scope)?;
    let user_code: String = (0..9)
        .map(|_| {
            char::from(
                *state
                    .random
                    .choice(b"BCDFGHJKLMNPQRSTVWXZ")
                    .unwrap_or(&b'B'),
            )
        })
        .collect();
    let device_code = state.request_id();
    let address = format!("{}/_fake/device", shared.url);
    let settings = shared.config.device_code;
    let answer = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": address,
        "expires_in": settings.expires_in,
        "interval": settings.interval,
        "message": format!("To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."),
    });
    let pending = Pending {
        user_code,
        client_id: app.client_id.clone(),
        scope,
        issued: Instant::now(),
        polls: 0,
        last_poll: None,
        outcome: None,
    };
    state.device_codes.0.insert(device_code, pending);
    Ok(answer)
}

fn poll_device_code(
    shared: &Shared,
    state: &mut State,
    tenant: &str,
    form: &Form,
) -> Result<serde_json::Value, Refusal> {
    let app = app(shared, form)?;
    let settings = shared.config.device_code;
    let code = form.get("device_code");
    let Some(pending) = state
        .device_codes
        .0
        .get_mut(code)
        .filter(|pending| pending.client_id == app.client_id)
    else {
        return Err(Refusal::new(
            400,
            "bad_verification_code",
            90_023,
            "The device_code is not known.",
        ));
    };
    let now = Instant::now();
    if now - pending.issued >= Duration::from_secs(settings.expires_in) {
        return Err(Refusal::new(
            400,
            "expired_token",
            70_020,
            "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
        ));
    }
    let interval = Duration::from_secs(settings.interval);
    let early = pending.last_poll.is_some_and(|last| now - last < interval);
    pending.last_poll = Some(now);
    pending.polls += 1;
    let outcome = pending.outcome.or_else(|| {
        let waited = settings.approved_after?;
        (pending.polls > waited).then_some(DeviceOutcome::Approve)
    });
    match outcome {
        Some(DeviceOutcome::Decline) => Err(Refusal::new(
            400,
            "authorization_declined",
            70_018,
            "The end-user denied the authorization request.",
        )),
        None if early => Err(Refusal::new(400, "slow_down", 70_017, "Polled too soon.")),
        None => Err(Refusal::new(
            400,
            "authorization_pending",
            70_016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        )),
        Some(DeviceOutcome::Approve) => {
            let scope = pending.scope.clone();
            state.device_codes.0.remove(code);
            user_tokens(shared, tenant, app, &scope)
        }
    }
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

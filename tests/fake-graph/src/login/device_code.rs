//! The device code flow: a person signs in elsewhere, with a code shown by the client.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::{Form, Refusal, app, delegated, user_tokens};
use crate::state::{Shared, State};

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

/// Gives out a code.
pub(super) fn start(
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

/// Answers a client that asks whether the person has signed in.
pub(super) fn poll(
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

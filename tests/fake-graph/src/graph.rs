//! Graph itself: who may call, what is called, and what becomes of it.

use std::time::{Instant, SystemTime};

use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;

use crate::answer::{Answer, Ids};
use crate::config::Success;
use crate::quota::Draw;
use crate::route::{Action, READING, Route, Subject, Version, route};
use crate::state::{Shared, State};
use crate::token::{Claims, GRAPH_APP_ID, Scheme, unix};

/// Reads the caller from the bearer token, or gives Graph's refusal.
pub(crate) fn caller(shared: &Shared, headers: &HeaderMap, ids: &Ids) -> Result<Claims, Answer> {
    let refuse = |message: &str| {
        Answer::error(401, "InvalidAuthenticationToken", message, ids)
            .with("www-authenticate", "Bearer realm=\"\"")
    };
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| refuse("Access token is empty."))?;
    let claims = Claims::decode(token)
        .ok_or_else(|| refuse("IDX14100: JWT is not well formed, there are no dots (.)."))?;
    let audience = claims.aud.trim_end_matches('/');
    if audience != shared.url && audience != GRAPH_APP_ID {
        return Err(refuse("Access token validation failure. Invalid audience."));
    }
    if claims.exp <= unix(SystemTime::now()).as_secs() {
        return Err(expired(ids));
    }
    Ok(claims)
}

/// Graph's refusal of a token whose time is over.
pub(crate) fn expired(ids: &Ids) -> Answer {
    Answer::error(
        401,
        "InvalidAuthenticationToken",
        "Lifetime validation failed, the token is expired.",
        ids,
    )
    .with("www-authenticate", "Bearer realm=\"\"")
}

/// Graph's refusal for want of quota.
fn throttled(ids: &Ids, retry_after: Option<String>) -> Answer {
    let answer = Answer::error(429, "TooManyRequests", "Too many requests", ids)
        .with("x-ms-throttle-scope", "Tenant_Application/Write")
        .with("x-ms-throttle-information", "WriteLimitExceeded")
        .with("x-ms-throttle-limit-percentage", "1.00");
    match retry_after {
        Some(value) => answer.with("retry-after", value),
        None => answer,
    }
}

/// Carries out one call, alone or from a batch.
pub(crate) fn call(
    shared: &Shared,
    state: &mut State,
    caller: &Claims,
    method: &Method,
    (version, path): (Version, &str),
    ids: &Ids,
) -> Answer {
    let (subject, action) = match route(version, path) {
        Route::Call(subject, action) => (subject, action),
        Route::Batch => {
            return Answer::error(400, "BadRequest", "A batch cannot hold a batch.", ids);
        }
        Route::Read(user) if method == Method::GET => {
            return read(state, caller, &user, path, ids);
        }
        Route::Read(_) => return not_allowed("GET", ids),
        Route::Nowhere(segment) => {
            let message = format!("Resource not found for the segment '{segment}'.");
            return Answer::error(400, "BadRequest", &message, ids);
        }
    };
    if method != Method::POST {
        return not_allowed("POST", ids);
    }
    if let Err(refusal) = permit(caller, &subject, action, ids) {
        return refusal;
    }
    let used = match state.bucket.as_mut().map(|b| b.draw(Instant::now())) {
        Some(Draw::Refused { retry_after }) => {
            state.totals.throttled += 1;
            return throttled(ids, retry_after);
        }
        Some(Draw::Granted { used }) => Some(used),
        None => None,
    };
    let name = match &subject {
        Subject::User(user) => user,
        Subject::Me => caller.upn.as_ref().unwrap_or(&caller.oid),
    };
    let Some(user) = state.directory.find(name) else {
        return not_found(name, ids);
    };
    user.revoke(
        shared
            .config
            .unmoved
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name)),
    );
    state.totals.revocations += 1;
    let answer = success(shared, version, action).with("x-ms-resource-unit", "1");
    match used {
        // Graph reports the share only when it is worth a warning.
        Some(used) if used >= 0.8 => {
            answer.with("x-ms-throttle-limit-percentage", format!("{used:.2}"))
        }
        _ => answer,
    }
}

/// Refuses a method, and says which one the target has.
pub(crate) fn not_allowed(allowed: &'static str, ids: &Ids) -> Answer {
    Answer::error(
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
        ids,
    )
    .with("allow", allowed)
}

fn not_found(name: &str, ids: &Ids) -> Answer {
    let message = format!(
        "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    );
    Answer::error(404, "Request_ResourceNotFound", &message, ids)
}

fn denied(ids: &Ids) -> Answer {
    Answer::error(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
        ids,
    )
}

/// Reads a user. The property that revoking sets is shown only where `$select` names it.
fn read(state: &mut State, caller: &Claims, name: &str, path: &str, ids: &Ids) -> Answer {
    if !caller.holds_any(READING) {
        return denied(ids);
    }
    let Some(user) = state.directory.find(name) else {
        return not_found(name, ids);
    };
    let mut body = json!({ "id": user.user, "userPrincipalName": name });
    let query = path.split_once('?').map_or("", |(_, query)| query);
    if form_urlencoded::parse(query.as_bytes())
        .any(|(key, value)| key == "$select" && value.is_empty())
    {
        let message = "Parsing OData Select and Expand failed: $select names no property.";
        return Answer::error(400, "BadRequest", message, ids);
    }
    let selected = form_urlencoded::parse(query.as_bytes())
        .any(|(key, value)| key == "$select" && value.contains("signInSessionsValidFromDateTime"));
    if selected {
        // Whoever was never revoked has the time at which the account was made.
        let since = user.valid_from.unwrap_or(1_577_836_800_000) / 1000;
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(since);
        body["signInSessionsValidFromDateTime"] = iso(time).into();
    }
    Answer::json(200, &body)
}

/// A time as Graph writes it, from the form of HTTP.
fn iso(time: SystemTime) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let text = httpdate::fmt_http_date(time);
    let month = MONTHS.find(&text[8..11]).unwrap_or_default() / 3 + 1;
    format!(
        "{}-{month:02}-{}T{}Z",
        &text[12..16],
        &text[5..7],
        &text[17..25]
    )
}

fn permit(caller: &Claims, subject: &Subject, action: Action, ids: &Ids) -> Result<(), Answer> {
    let scheme = caller.scheme();
    if scheme == Scheme::Application && *subject == Subject::Me {
        return Err(Answer::error(
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
            ids,
        ));
    }
    if !caller.holds_any(action.accepted(subject, scheme)) {
        return Err(denied(ids));
    }
    // A permission lends the app the signed-in user's own power, and no more than that.
    match subject {
        Subject::User(user)
            if scheme != Scheme::Application
                && !caller.is_self(user)
                && !caller.has_revoking_role() =>
        {
            Err(denied(ids))
        }
        _ => Ok(()),
    }
}

fn success(shared: &Shared, version: Version, action: Action) -> Answer {
    let how = match (action, version) {
        (Action::InvalidateAllRefreshTokens, _) => Success::NoContent,
        (Action::RevokeSignInSessions, Version::V1) => shared.config.v1,
        (Action::RevokeSignInSessions, Version::Beta) => shared.config.beta,
    };
    let value = |value: bool| {
        let context = format!("{}/{}/$metadata#Edm.Boolean", shared.url, version.name());
        Answer::json(200, &json!({"@odata.context": context, "value": value}))
    };
    match how {
        Success::True => value(true),
        Success::False => value(false),
        Success::NoContent => Answer::empty(204),
        Success::Empty => Answer::empty(200),
        Success::Accepted => Answer::empty(202),
    }
}

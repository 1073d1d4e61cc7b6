//! What the generated code runs through on every call: headers, tries, and answers made fit to decode.

use bytes::Bytes;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Request, Response};

use super::Call;
use super::tries::Try;
use crate::generated::{self, types};
use crate::http::BodyLost;

/// Header that carries this client's id of the request, echoed in the answer.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
/// Header that progenitor adds and Graph does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

impl ClientHooks<Call> for generated::Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        _info: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let call = self.inner();
        let has_body = request.body().is_some();
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(USER_AGENT, call.0.shared.user_agent.clone());
        headers.insert(
            CLIENT_REQUEST_ID,
            HeaderValue::try_from(&call.0.client_request_id)?,
        );
        if !has_body {
            // Over HTTP/1.1 no length is sent for a POST without a body, and Graph answers 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if call.ready(request).await {
            Ok(())
        } else {
            Err(progenitor_client::Error::Custom("not sent".to_owned()))
        }
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let call = self.inner();
        let mut tries = call.tries();
        let mut request = request;
        loop {
            // A body held in memory can always be sent again.
            let again = request.try_clone();
            let outcome = call.attempt(self.client(), request).await;
            let Some(mut next) = again else {
                return hand_over(outcome, info);
            };
            if !call.goes_on(&outcome, &mut tries, &mut next).await {
                return hand_over(outcome, info);
            }
            request = next;
        }
    }
}

/// Makes an answer fit for the generated decoder, without losing what it says.
fn hand_over(outcome: Try, info: &OperationInfo) -> reqwest::Result<Response> {
    let (status, body) = match outcome {
        Try::Answered { status, body, .. } => (status, body),
        Try::Failed(error) => return Err(error),
    };
    let body = if status.is_success() {
        match body {
            Ok(body) => readable_success(body, info),
            Err(BodyLost) => Bytes::new(),
        }
    } else {
        body.ok()
            .filter(|body| serde_json::from_slice::<types::ODataError>(body).is_ok())
            .filter(|body| is_object(body))
            .unwrap_or(EMPTY_OBJECT)
    };
    let mut response = ::http::Response::new(body);
    *response.status_mut() = status;
    Ok(Response::from(response))
}

const EMPTY_OBJECT: Bytes = Bytes::from_static(b"{}");

/// A success is one whatever its body says, as long as the body is an answer of Graph's: an object,
/// or nothing at all. What the decoder must refuse is handed over empty.
fn readable_success(body: Bytes, info: &OperationInfo) -> Bytes {
    if body.iter().all(u8::is_ascii_whitespace) {
        return EMPTY_OBJECT;
    }
    if !is_object(&body) {
        return Bytes::new();
    }
    if info.operation_id == "batch" {
        return body;
    }
    match serde_json::from_slice::<types::RevokeResult>(&body) {
        Ok(_) => body,
        Err(error) if error.is_data() => EMPTY_OBJECT,
        Err(_) => Bytes::new(),
    }
}

fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoder_gets_what_graph_meant() {
        let revoke = OperationInfo {
            operation_id: "me_revoke_sign_in_sessions",
        };
        for (body, handed) in [
            ("", "{}"),
            (" \r\n", "{}"),
            (r#"{"value":true}"#, r#"{"value":true}"#),
            (r#"{"value":"yes"}"#, "{}"),
            (r#"{"value":tr"#, ""),
            ("<html>", ""),
            ("[]", ""),
            ("null", ""),
        ] {
            let got = readable_success(Bytes::from_static(body.as_bytes()), &revoke);
            assert_eq!(got, handed.as_bytes(), "{body:?}");
        }
    }
}

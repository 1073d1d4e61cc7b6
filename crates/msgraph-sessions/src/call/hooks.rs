//! What the generated code runs through on every call: headers, tries, and answers made fit to decode.

use bytes::Bytes;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Request, Response};

use super::Call;
use super::tries::Try;
use crate::generated::{self, types};

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
        let needs_length = request.body().is_none() && request.method() != Method::GET;
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(USER_AGENT, call.user_agent().clone());
        headers.insert(
            CLIENT_REQUEST_ID,
            HeaderValue::try_from(call.client_request_id())?,
        );
        if needs_length {
            // Over HTTP/1.1 no length is sent for a POST without a body, and Graph answers 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if call.ready(request).await {
            Ok(())
        } else {
            // Why stands in the call's record: progenitor has no error for it.
            Err(progenitor_client::Error::Custom("not sent".to_owned()))
        }
    }

    async fn exec(&self, request: Request, _info: &OperationInfo) -> reqwest::Result<Response> {
        let call = self.inner();
        let mut tries = call.tries();
        let mut request = request;
        loop {
            // A body held in memory can always be sent again.
            let again = request.try_clone();
            let outcome = call.attempt(self.client(), request).await;
            let Some(mut next) = again else {
                return hand_over(call, outcome);
            };
            if !call.goes_on(&outcome, &mut tries, &mut next).await {
                return hand_over(call, outcome);
            }
            request = next;
        }
    }
}

/// Makes an answer fit for the generated decoder, without losing what it says.
///
/// The decoder is a side channel's other half. It knows one type an operation and turns everything else
/// into an error without status, headers or body. So what it would refuse is judged before (whether a
/// success confirms the revocation, whether the body was lost on the way) and waits in the call's record,
/// where [`Call::conclude`] finds it; the decoder gets a body that it can read, or an empty one that makes
/// it fail.
fn hand_over(call: &Call, outcome: Try) -> reqwest::Result<Response> {
    let (status, body) = match outcome {
        Try::Answered { status, body, .. } => (status, body),
        Try::Failed(error) => return Err(error),
    };
    let body = match body {
        Ok(body) if status.is_success() && call.is_revocation() => {
            call.judge(&body);
            EMPTY_OBJECT
        }
        Ok(body) if status.is_success() => {
            Some(body).filter(|it| is_object(it)).unwrap_or_default()
        }
        Ok(body) => Some(body)
            .filter(|body| is_object(body))
            .filter(|body| serde_json::from_slice::<types::ODataError>(body).is_ok())
            .unwrap_or(EMPTY_OBJECT),
        Err(lost) if status.is_success() => {
            call.lost(lost);
            Bytes::new()
        }
        Err(_) => EMPTY_OBJECT,
    };
    let mut response = ::http::Response::new(body);
    *response.status_mut() = status;
    Ok(Response::from(response))
}

const EMPTY_OBJECT: Bytes = Bytes::from_static(b"{}");

fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

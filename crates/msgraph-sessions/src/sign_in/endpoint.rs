//! The sign-in endpoints of a tenant, and what they answer.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::cloud::Cloud;
use crate::error::{BuildError, is_certificate_error};
use crate::http::{self, Network};
use crate::retry::{self, RetryPolicy};
use crate::token::{AccessToken, TokenError};

/// Where one app signs in to one tenant.
pub(super) struct Endpoint {
    http: reqwest::Client,
    base: String,
    client_id: String,
    retry: RetryPolicy,
}

/// A try without an answer that counts.
struct Failure {
    error: TokenError,
    /// How long the service asks to wait.
    asked: Option<Duration>,
    /// Whether another try may help.
    passes: bool,
}

impl Failure {
    fn passing(error: TokenError, asked: Option<Duration>) -> Self {
        Self {
            error,
            asked,
            passes: true,
        }
    }
}

/// The HTTP client of everything that signs in.
pub(super) fn http(address: &str, network: &Network) -> Result<reqwest::Client, BuildError> {
    let builder = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(10))
        .retry(reqwest::retry::never())
        .user_agent(concat!("msgraph-sessions/", env!("CARGO_PKG_VERSION")));
    http::http_client(builder, address, network)
}

/// What the endpoint said instead of giving what was asked for.
pub(super) enum Refusal {
    /// It understood and refused: an OAuth error code.
    Code {
        /// Such as `authorization_pending` or `invalid_client`.
        code: String,
        description: String,
    },
    /// It could not be reached, or could not answer, after every try.
    Unavailable(TokenError),
}

/// A token endpoint's answer to a success.
#[derive(Deserialize)]
pub(super) struct Granted {
    access_token: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    pub(super) refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct OAuthError {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Endpoint {
    pub(super) fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        network: &Network,
    ) -> Result<Self, BuildError> {
        let plain = |text: &str| {
            !text.is_empty()
                && text != "."
                && text != ".."
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        };
        if !plain(tenant) {
            return Err(BuildError::Tenant);
        }
        if !plain(client_id) {
            return Err(BuildError::ClientId);
        }
        Ok(Self {
            http: http(cloud.authority(), network)?,
            base: format!("{}/{tenant}/oauth2/v2.0", cloud.authority()),
            client_id: client_id.to_owned(),
            retry: RetryPolicy::default()
                .max_tries(4)
                .max_elapsed(Duration::from_secs(60)),
        })
    }

    /// Posts a form to `token` or `devicecode`, again while the service cannot answer.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<T, Refusal> {
        let mut form = vec![("client_id", self.client_id.as_str())];
        form.extend_from_slice(fields);
        let mut curve = self.retry.curve();
        let mut tries = 1;
        loop {
            let Failure {
                error: failure,
                asked: told,
                passes,
            } = match self.post_once(path, &form).await {
                Ok(answer) => return answer,
                Err(failure) => failure,
            };
            let wait = told.or_else(|| curve.next()).unwrap_or_default();
            if !passes || tries >= self.retry.tries() || wait > self.retry.longest() {
                return Err(Refusal::Unavailable(failure));
            }
            tries += 1;
            tokio::time::sleep(retry::spread(wait)).await;
        }
    }

    /// The outer error is a try without an answer that counts.
    async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Result<T, Refusal>, Failure> {
        let request = self.http.post(format!("{}/{path}", self.base)).form(form);
        let response = request.send().await.map_err(|error| {
            let what = if is_certificate_error(&error) {
                "the certificate of the sign-in service is not trusted"
            } else if error.is_connect() {
                "cannot connect to the sign-in service"
            } else {
                "the sign-in service did not answer"
            };
            Failure {
                passes: !is_certificate_error(&error),
                error: TokenError::new(what).with_source(error.without_url()),
                asked: None,
            }
        })?;
        let status = response.status();
        let told = retry::retry_after(response.headers(), SystemTime::now());
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let error = TokenError::new(format!("the sign-in service could not answer: {status}"));
            return Err(Failure::passing(error, told));
        }
        let body = http::read(response).await.map_err(|_| {
            let error = TokenError::new("the sign-in service's answer broke off");
            Failure::passing(error, told)
        })?;
        Ok(if status.is_success() {
            serde_json::from_slice(&body).map_err(|_| {
                Refusal::Unavailable(TokenError::new(
                    "the sign-in service's answer is not one of its own: check the network and the proxy",
                ))
            })
        } else {
            Err(match serde_json::from_slice::<OAuthError>(&body) {
                Ok(error) => Refusal::Code {
                    code: error.error,
                    description: error.error_description,
                },
                Err(_) => Refusal::Unavailable(TokenError::new(format!(
                    "the sign-in service refused: {status}"
                ))),
            })
        })
    }
}

impl Granted {
    pub(super) fn token(&self) -> Result<AccessToken, TokenError> {
        let expiry = self
            .expires_in
            .and_then(|seconds| SystemTime::now().checked_add(Duration::from_secs(seconds)));
        AccessToken::new(self.access_token.as_str(), expiry)
    }
}

impl From<Refusal> for TokenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unavailable(error) => error,
            Refusal::Code { code, description } => Self::refused(&code, &description),
        }
    }
}

/// A number of seconds, which some endpoints write as text.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    Ok(match Option::<Seconds>::deserialize(deserializer)? {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.parse().ok(),
        None => None,
    })
}

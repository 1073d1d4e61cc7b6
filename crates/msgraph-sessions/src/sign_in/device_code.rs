//! A person signs in on any device, with a code shown here.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::endpoint::{Endpoint, Granted, Refusal};
use crate::cloud::Cloud;
use crate::error::BuildError;
use crate::http::Network;
use crate::token::{AccessToken, BoxFuture, TokenError, TokenProvider};

/// Between two questions, where the service does not say (RFC 8628, section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// Longest time between two questions.
const SLOWEST: Duration = Duration::from_secs(60);

/// Signs a person in with a device code (RFC 8628): delegated permissions.
///
/// ```
/// use msgraph_sessions::sign_in::DeviceCodeFlow;
/// use msgraph_sessions::{Client, Cloud};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let graph = fake_graph::FakeGraph::builder()
/// #     .device_code(fake_graph::DeviceCode { interval: 0, ..Default::default() })
/// #     .start()?;
/// # let cloud = Cloud::custom(graph.url(), graph.url())?;
/// # let app_id = fake_graph::Registration::default().client_id;
/// # /*
/// let cloud = Cloud::Global;
/// let app_id = "the client id of an app registration";
/// # */
/// let code = DeviceCodeFlow::new(&cloud, "contoso.com", &app_id)?.begin().await?;
/// println!("{}", code.message());
/// let person = code.wait().await?;
/// let client = Client::builder(person).cloud(cloud).build()?;
/// client.revoke_me().await?;
/// # assert_eq!(graph.revocations("operator@contoso.com"), 1);
/// # Ok(())
/// # }
/// ```
pub struct DeviceCodeFlow {
    endpoint: Endpoint,
    scope: String,
}

impl DeviceCodeFlow {
    /// Takes the tenant (id, a domain, `organizations`) and the client id of an app registration that
    /// allows public client flows. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Tenant or client id hold a character that neither can have, or the HTTP client cannot be set up.
    pub fn new(cloud: &Cloud, tenant: &str, client_id: &str) -> Result<Self, BuildError> {
        Self::with_network(cloud, tenant, client_id, &Network::new())
    }

    /// The same through a proxy, or with further certificate authorities.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_network(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        network: &Network,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            endpoint: Endpoint::new(cloud, tenant, client_id, network)?,
            // With this, a run longer than a token's life needs no second sign-in.
            scope: with_refresh(&cloud.token_scope()),
        })
    }

    /// Gets a code for the person.
    ///
    /// # Errors
    ///
    /// The service refused, such as for an unknown app, or could not be reached.
    pub async fn begin(self) -> Result<DeviceCode, TokenError> {
        let asked: Asked = self
            .endpoint
            .post("devicecode", &[("scope", &self.scope)])
            .await?;
        Ok(DeviceCode {
            expires_at: Instant::now() + Duration::from_secs(asked.expires_in.min(24 * 60 * 60)),
            interval: Mutex::new(
                asked
                    .interval
                    .map_or(INTERVAL, Duration::from_secs)
                    .clamp(Duration::from_millis(1), SLOWEST),
            ),
            flow: Arc::new(self),
            asked,
        })
    }
}

impl fmt::Debug for DeviceCodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCodeFlow").finish_non_exhaustive()
    }
}

/// What the service gives to begin with.
#[derive(Deserialize)]
struct Asked {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
    #[serde(default)]
    message: String,
}

/// A code that a person types in to sign in.
pub struct DeviceCode {
    flow: Arc<DeviceCodeFlow>,
    asked: Asked,
    expires_at: Instant,
    interval: Mutex<Duration>,
}

impl DeviceCode {
    /// The code to type in.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.asked.user_code
    }

    /// Where to type it in.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.asked.verification_uri
    }

    /// What to show to the person, in the service's own words where it gives some.
    #[must_use]
    pub fn message(&self) -> String {
        if self.asked.message.is_empty() {
            format!(
                "To sign in, open {} and enter the code {}.",
                self.asked.verification_uri, self.asked.user_code
            )
        } else {
            self.asked.message.clone()
        }
    }

    /// How long the code can still be used.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.expires_at.saturating_duration_since(Instant::now())
    }

    /// Waits until the person has signed in, asking as often as the service allows.
    ///
    /// May be dropped and called again.
    ///
    /// # Errors
    ///
    /// The person declined, the code expired, or the service refused.
    pub async fn wait(&self) -> Result<SignedIn, TokenError> {
        loop {
            let interval = self.interval();
            if self.expires_in() < interval {
                return Err(TokenError::new(
                    "no one signed in before the code expired: begin again",
                ));
            }
            tokio::time::sleep(interval).await;
            match self.ask().await {
                Ok(granted) => return SignedIn::new(&self.flow, &granted),
                Err(Refusal::Code { code, description }) => match code.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => self.slow_down(),
                    "authorization_declined" | "access_denied" => {
                        return Err(TokenError::new("the person declined to sign in"));
                    }
                    "expired_token" | "code_expired" => {
                        return Err(TokenError::new(
                            "no one signed in before the code expired: begin again",
                        ));
                    }
                    _ => return Err(TokenError::refused(&code, &description)),
                },
                // The code may still be good when the network is back.
                Err(Refusal::Unavailable(_)) => self.slow_down(),
            }
        }
    }

    async fn ask(&self) -> Result<Granted, Refusal> {
        self.flow
            .endpoint
            .post(
                "token",
                &[
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    ("device_code", &self.asked.device_code),
                ],
            )
            .await
    }

    fn interval(&self) -> Duration {
        *self.interval.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slow_down(&self) {
        let mut interval = self.interval.lock().unwrap_or_else(PoisonError::into_inner);
        *interval = (*interval + SLOWER).min(SLOWEST);
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode")
            .field("verification_uri", &self.asked.verification_uri)
            .finish_non_exhaustive()
    }
}

/// A person who has signed in. Gives tokens as long as the service renews the sign-in; revoking this
/// person's own sessions ends it.
pub struct SignedIn {
    flow: Arc<DeviceCodeFlow>,
    state: Mutex<State>,
}

struct State {
    /// The token that came with the sign-in, until it is asked for.
    first: Option<AccessToken>,
    refresh_token: Option<String>,
}

impl SignedIn {
    fn new(flow: &Arc<DeviceCodeFlow>, granted: &Granted) -> Result<Self, TokenError> {
        Ok(Self {
            flow: Arc::clone(flow),
            state: Mutex::new(State {
                first: Some(granted.token()?),
                refresh_token: granted.refresh_token.clone(),
            }),
        })
    }

    async fn renew(&self, scope: &str) -> Result<AccessToken, TokenError> {
        let refresh_token = self.state().refresh_token.clone();
        let refresh_token =
            refresh_token.ok_or_else(|| TokenError::new("the sign-in has ended: sign in again"))?;
        let granted: Granted = self
            .flow
            .endpoint
            .post(
                "token",
                &[
                    ("grant_type", "refresh_token"),
                    ("refresh_token", &refresh_token),
                    ("scope", scope),
                ],
            )
            .await?;
        if granted.refresh_token.is_some() {
            self.state()
                .refresh_token
                .clone_from(&granted.refresh_token);
        }
        granted.token()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenProvider for SignedIn {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async move {
            let scope = with_refresh(scope);
            let first = self.state().first.take();
            match first.filter(|_| scope == self.flow.scope) {
                Some(token) => Ok(token),
                None => self.renew(&scope).await,
            }
        })
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

/// The scope, and the right to renew the sign-in without the person.
fn with_refresh(scope: &str) -> String {
    format!("{scope} offline_access")
}

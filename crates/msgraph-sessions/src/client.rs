//! The client. Its methods by operation id are generated.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;

use crate::answer::Revoked;
use crate::call::{Call, CallOptions};
use crate::cloud::Cloud;
use crate::error::{BuildError, Error};
use crate::gate::Gate;
use crate::generated;
use crate::http::{self, Network};
use crate::operations::{self, Operation};
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenError, TokenProvider};
use crate::token_cache::TokenCache;
use crate::user::UserIdOrUpn;

/// Revokes sign-in sessions through Microsoft Graph.
///
/// A clone is cheap and shares everything: the connections, the access token, and the pause that Graph
/// asks for when it gets too many requests. Use one client a tenant, for all tasks.
///
/// ```
/// use msgraph_sessions::{Client, Cloud, StaticToken, UserIdOrUpn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let graph = fake_graph::FakeGraph::start()?;
/// # let cloud = Cloud::custom(graph.url(), graph.url())?;
/// # let token = StaticToken::new(&graph.application_token(["User.RevokeSessions.All"]))?;
/// # /*
/// let cloud = Cloud::Global;
/// let token = StaticToken::from_env("GRAPH_TOKEN")?;
/// # */
/// let client = Client::builder(token).cloud(cloud).build()?;
/// let alice: UserIdOrUpn = "alice@contoso.com".parse()?;
/// let revoked = client.revoke(&alice).await?;
/// println!("revoked, request-id {:?}", revoked.request_id);
/// # assert_eq!(graph.revocations("alice@contoso.com"), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// What all clones of a client share.
pub(crate) struct Shared {
    http: reqwest::Client,
    cloud: Cloud,
    pub(crate) tokens: TokenCache,
    pub(crate) gate: Gate,
    pub(crate) retry: RetryPolicy,
    pub(crate) user_agent: HeaderValue,
}

impl Client {
    /// A client for the global cloud that gets its tokens from here, with every setting at its default.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be set up: see [`BuildError`].
    pub fn new(tokens: impl TokenProvider + 'static) -> Result<Self, BuildError> {
        Self::builder(tokens).build()
    }

    /// Begins a client that gets its tokens from here.
    pub fn builder(tokens: impl TokenProvider + 'static) -> ClientBuilder {
        ClientBuilder {
            tokens: Arc::new(tokens),
            cloud: Cloud::default(),
            retry: RetryPolicy::default(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            application: None,
            network: Network::new(),
        }
    }

    /// The cloud that this client talks to.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.0.cloud
    }

    /// How long every call still waits because Graph asked for a pause; `None` when there is none.
    #[must_use]
    pub fn paused_for(&self) -> Option<Duration> {
        let opens_at = self.0.gate.opens_at()?;
        Some(opens_at.saturating_duration_since(tokio::time::Instant::now()))
    }

    /// The access token that the next call would send: from memory, or new.
    ///
    /// Useful to find out before a long run that nobody is signed in.
    ///
    /// # Errors
    ///
    /// The token provider's.
    pub async fn token(&self) -> Result<AccessToken, TokenError> {
        self.0.tokens.token().await
    }

    /// Revokes a user's sessions: `POST /v1.0/users/{user}/revokeSignInSessions`.
    ///
    /// Needs the permissions of [`operations::USER_REVOKE_SIGN_IN_SESSIONS`]; with a delegated token,
    /// the signed-in user also needs a directory role fit for the target user.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A success that does not confirm the revocation is one of them.
    pub async fn revoke(&self, user: &UserIdOrUpn) -> Result<Revoked, Error> {
        self.revoke_user(user, CallOptions::default()).await
    }

    /// Revokes the signed-in user's sessions: `POST /v1.0/me/revokeSignInSessions`.
    ///
    /// Needs a delegated token; see [`operations::ME_REVOKE_SIGN_IN_SESSIONS`].
    ///
    /// # Errors
    ///
    /// See [`Error`]. A success that does not confirm the revocation is one of them.
    pub async fn revoke_me(&self) -> Result<Revoked, Error> {
        self.me_revoke_sign_in_sessions().await
    }

    /// Reads since when a user's sessions are valid, which a revocation sets to its own time:
    /// `GET /v1.0/users/{user}?$select=id,userPrincipalName,signInSessionsValidFromDateTime`.
    ///
    /// Optional, and takes a permission that revoking does not need, such as `User.Read.All`; see
    /// [`operations::USER_GET_SESSIONS_VALID_FROM`]. The value can lag behind by a few minutes.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn sessions_valid_from(&self, user: &UserIdOrUpn) -> Result<ValidFrom, Error> {
        let (api, call) = self.begin(
            &operations::USER_GET_SESSIONS_VALID_FROM,
            CallOptions::default(),
        );
        let sent = api
            .user_get_sessions_valid_from()
            .user(user.as_str())
            .select(ValidFrom::PROPERTIES)
            .send();
        let success = call.conclude(sent).await?;
        Ok(ValidFrom {
            id: success.body.id,
            user_principal_name: success.body.user_principal_name,
            valid_from: success.body.sign_in_sessions_valid_from_date_time,
            request_id: success.request_id,
        })
    }

    pub(crate) async fn revoke_user(
        &self,
        user: &UserIdOrUpn,
        options: CallOptions,
    ) -> Result<Revoked, Error> {
        let (api, call) = self.begin(&operations::USER_REVOKE_SIGN_IN_SESSIONS, options);
        call.revoked(
            api.user_revoke_sign_in_sessions()
                .user(user.as_str())
                .send(),
        )
        .await
    }

    /// The generated client for one call, and the call.
    pub(crate) fn begin(
        &self,
        operation: &'static Operation,
        options: CallOptions,
    ) -> (generated::Client, Call) {
        let call = Call::new(Arc::clone(&self.0), operation, options);
        let api = generated::Client::new_with_client(
            self.0.cloud.graph_root(),
            self.0.http.clone(),
            call.clone(),
        );
        (api, call)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("cloud", &self.0.cloud)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// Since when a user's sessions are valid.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidFrom {
    /// Object id of the user.
    pub id: Option<String>,
    /// User principal name of the user.
    pub user_principal_name: Option<String>,
    /// `signInSessionsValidFromDateTime` as Graph writes it, such as `2026-01-31T12:00:00Z`: tokens and
    /// cookies issued before are invalid. `None` where Graph shows no value, as to a token that may not
    /// read it.
    pub valid_from: Option<String>,
    /// Graph's own id of the request.
    pub request_id: Option<String>,
}

impl ValidFrom {
    /// The properties that are read.
    const PROPERTIES: &str = "id,userPrincipalName,signInSessionsValidFromDateTime";
}

impl fmt::Debug for ValidFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidFrom")
            .field("valid_from", &self.valid_from)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`] to be.
#[must_use = "call `build`"]
pub struct ClientBuilder {
    tokens: Arc<dyn TokenProvider>,
    cloud: Cloud,
    retry: RetryPolicy,
    timeout: Duration,
    connect_timeout: Duration,
    application: Option<String>,
    network: Network,
}

impl ClientBuilder {
    /// The cloud to talk to; without this, the global one.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// When a request is sent again; see [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long one try may take, from its start to the end of the answer; 30 seconds without this.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take; 10 seconds without this.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Puts the calling program's name and version before this crate's in `User-Agent`, such as
    /// `my-tool/1.2`.
    pub fn application(mut self, name_and_version: impl Into<String>) -> Self {
        self.application = Some(name_and_version.into());
        self
    }

    /// The proxy and the certificate authorities to use; see [`Network`]. A credential signs in by itself
    /// and takes the same settings.
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Sends everything through this proxy; see [`Network::proxy`].
    ///
    /// # Errors
    ///
    /// The address cannot be one of a proxy.
    pub fn proxy(mut self, address: &str) -> Result<Self, BuildError> {
        self.network = self.network.proxy(address)?;
        Ok(self)
    }

    /// Trusts these certificate authorities beside those of the system; see
    /// [`Network::add_root_certificate`].
    ///
    /// # Errors
    ///
    /// There is no certificate in it, or one that cannot be read.
    pub fn add_root_certificate(mut self, pem: &[u8]) -> Result<Self, BuildError> {
        self.network = self.network.add_root_certificate(pem)?;
        Ok(self)
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn build(self) -> Result<Client, BuildError> {
        let own = concat!("msgraph-sessions/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &self.application {
            Some(application) => format!("{application} {own}"),
            None => own.to_owned(),
        };
        let builder = reqwest::Client::builder()
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            // Retries are counted and paced by this crate alone.
            .retry(reqwest::retry::never())
            .referer(false);
        Ok(Client(Arc::new(Shared {
            http: http::http_client(builder, self.cloud.graph_root(), &self.network)?,
            tokens: TokenCache::new(self.tokens, self.cloud.token_scope()),
            cloud: self.cloud,
            gate: Gate::default(),
            retry: self.retry,
            user_agent: HeaderValue::try_from(user_agent).map_err(|_| BuildError::UserAgent)?,
        })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("cloud", &self.cloud)
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

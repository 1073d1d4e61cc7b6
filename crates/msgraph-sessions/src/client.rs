//! The client: one method an operation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;

use crate::answer::Revoked;
use crate::call::{Call, CallOptions, Success};
use crate::cloud::Cloud;
use crate::error::{BuildError, Error};
use crate::gate::Gate;
use crate::generated::{self, types};
use crate::http;
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
/// let revoked = client.user_revoke_sign_in_sessions(&alice).await?;
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

    /// Revokes the signed-in user's sessions: `POST /v1.0/me/revokeSignInSessions`.
    ///
    /// Needs a delegated token; see [`operations::ME_REVOKE_SIGN_IN_SESSIONS`].
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn me_revoke_sign_in_sessions(&self) -> Result<Revoked, Error> {
        let (api, call) = self.begin(
            &operations::ME_REVOKE_SIGN_IN_SESSIONS,
            CallOptions::default(),
        );
        call.conclude(api.me_revoke_sign_in_sessions().send())
            .await
            .map(Revoked::from)
    }

    /// Revokes a user's sessions: `POST /v1.0/users/{user}/revokeSignInSessions`.
    ///
    /// Needs the permissions of [`operations::USER_REVOKE_SIGN_IN_SESSIONS`]; with a delegated token,
    /// the signed-in user also needs a directory role fit for the target user.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn user_revoke_sign_in_sessions(&self, user: &UserIdOrUpn) -> Result<Revoked, Error> {
        self.revoke_user(user, CallOptions::default()).await
    }

    pub(crate) async fn revoke_user(
        &self,
        user: &UserIdOrUpn,
        options: CallOptions,
    ) -> Result<Revoked, Error> {
        let (api, call) = self.begin(&operations::USER_REVOKE_SIGN_IN_SESSIONS, options);
        call.conclude(
            api.user_revoke_sign_in_sessions()
                .user(user.as_str())
                .send(),
        )
        .await
        .map(Revoked::from)
    }

    /// Revokes the signed-in user's sessions through the beta version:
    /// `POST /beta/me/revokeSignInSessions`. Beta APIs may change; prefer
    /// [`me_revoke_sign_in_sessions`](Self::me_revoke_sign_in_sessions).
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn beta_me_revoke_sign_in_sessions(&self) -> Result<Revoked, Error> {
        let (api, call) = self.begin(
            &operations::BETA_ME_REVOKE_SIGN_IN_SESSIONS,
            CallOptions::default(),
        );
        call.conclude(api.beta_me_revoke_sign_in_sessions().send())
            .await
            .map(Revoked::from)
    }

    /// Revokes a user's sessions through the beta version:
    /// `POST /beta/users/{user}/revokeSignInSessions`. Beta APIs may change; prefer
    /// [`user_revoke_sign_in_sessions`](Self::user_revoke_sign_in_sessions).
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn beta_user_revoke_sign_in_sessions(
        &self,
        user: &UserIdOrUpn,
    ) -> Result<Revoked, Error> {
        let (api, call) = self.begin(
            &operations::BETA_USER_REVOKE_SIGN_IN_SESSIONS,
            CallOptions::default(),
        );
        call.conclude(
            api.beta_user_revoke_sign_in_sessions()
                .user(user.as_str())
                .send(),
        )
        .await
        .map(Revoked::from)
    }

    /// Invalidates the signed-in user's refresh tokens:
    /// `POST /beta/me/invalidateAllRefreshTokens`.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    #[deprecated = "will not become generally available: use `me_revoke_sign_in_sessions`"]
    pub async fn beta_me_invalidate_all_refresh_tokens(&self) -> Result<Revoked, Error> {
        let (api, call) = self.begin(
            &operations::BETA_ME_INVALIDATE_ALL_REFRESH_TOKENS,
            CallOptions::default(),
        );
        call.conclude(api.beta_me_invalidate_all_refresh_tokens().send())
            .await
            .map(Revoked::from)
    }

    /// Invalidates a user's refresh tokens: `POST /beta/users/{user}/invalidateAllRefreshTokens`.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    #[deprecated = "will not become generally available: use `user_revoke_sign_in_sessions`"]
    pub async fn beta_user_invalidate_all_refresh_tokens(
        &self,
        user: &UserIdOrUpn,
    ) -> Result<Revoked, Error> {
        let (api, call) = self.begin(
            &operations::BETA_USER_INVALIDATE_ALL_REFRESH_TOKENS,
            CallOptions::default(),
        );
        call.conclude(
            api.beta_user_invalidate_all_refresh_tokens()
                .user(user.as_str())
                .send(),
        )
        .await
        .map(Revoked::from)
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

impl From<Success<types::RevokeResult>> for Revoked {
    fn from(success: Success<types::RevokeResult>) -> Self {
        Self {
            value: success.body.value,
            status: success.status,
            request_id: success.request_id,
            client_request_id: Some(success.client_request_id),
            attempts: success.attempts,
        }
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
            http: http::http_client(builder, &[self.cloud.graph_root()])?,
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

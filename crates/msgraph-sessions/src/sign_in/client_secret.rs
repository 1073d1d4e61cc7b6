//! An app signs in with its secret.

use std::fmt;

use super::endpoint::{Endpoint, Granted};
use crate::cloud::Cloud;
use crate::error::BuildError;
use crate::http::Network;
use crate::token::{AccessToken, BoxFuture, TokenError, TokenProvider};

/// Signs an app in with a client secret (OAuth 2.0 client credentials): application permissions, no
/// user.
pub struct ClientSecret {
    endpoint: Endpoint,
    secret: String,
}

impl ClientSecret {
    /// Takes the tenant (id or a domain), the app's client id and its secret. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Tenant or client id hold a character that neither can have, or the HTTP client cannot be set up.
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        secret: impl Into<String>,
    ) -> Result<Self, BuildError> {
        Self::with_network(cloud, tenant, client_id, secret, &Network::new())
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
        secret: impl Into<String>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            endpoint: Endpoint::new(cloud, tenant, client_id, network)?,
            secret: secret.into(),
        })
    }
}

impl TokenProvider for ClientSecret {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async move {
            let granted: Granted = self
                .endpoint
                .post(
                    "token",
                    &[
                        ("grant_type", "client_credentials"),
                        ("client_secret", &self.secret),
                        ("scope", scope),
                    ],
                )
                .await?;
            granted.token()
        })
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").finish_non_exhaustive()
    }
}

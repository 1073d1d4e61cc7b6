//! A job of GitHub Actions signs in with the token that GitHub issues to it: no secret is stored anywhere.

use std::fmt;

use serde::Deserialize;

use super::endpoint::{Endpoint, Granted, http};
use crate::cloud::Cloud;
use crate::error::BuildError;
use crate::http::{Network, read};
use crate::token::{AccessToken, BoxFuture, TokenError, TokenProvider};

/// Variable in which a job finds the address of GitHub's token service; set where the job has the
/// permission `id-token: write`.
const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// Variable with the job's own token for that service.
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// Signs an app in with a federated credential for GitHub Actions (OpenID Connect): application
/// permissions, no user.
///
/// The app registration needs a federated credential for the repository, and the job the permission
/// `id-token: write`. A new token of GitHub's is fetched each time, since it is good for minutes only.
pub struct GitHubActions {
    endpoint: Endpoint,
    http: reqwest::Client,
    url: String,
    token: String,
    audience: &'static str,
}

impl GitHubActions {
    /// Takes the tenant (id or a domain) and the app's client id, and from the environment what GitHub
    /// gives to the job. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// The environment is not that of a job with `id-token: write`; tenant or client id hold a character
    /// that neither can have; or the HTTP client cannot be set up.
    pub fn from_env(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        network: &Network,
    ) -> Result<Self, BuildError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (Some(url), Some(token)) = (variable(URL), variable(TOKEN)) else {
            return Err(BuildError::NotAGitHubJob);
        };
        Self::new(cloud, tenant, client_id, url, token, network)
    }

    /// The same with the address and the token given.
    ///
    /// # Errors
    ///
    /// The address is not `https` (or `http` on this machine), or as [`from_env`](Self::from_env).
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        request_url: impl Into<String>,
        request_token: impl Into<String>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        let url = request_url.into();
        let parsed = reqwest::Url::parse(&url).map_err(|_| BuildError::NotAGitHubJob)?;
        // The request carries the job's own token.
        if parsed.scheme() != "https" && !crate::cloud::is_loopback(&parsed) {
            return Err(BuildError::NotAGitHubJob);
        }
        Ok(Self {
            endpoint: Endpoint::new(cloud, tenant, client_id, network)?,
            http: http(&url, network)?,
            url,
            token: request_token.into(),
            audience: audience(cloud),
        })
    }

    /// The token that GitHub issues to this job.
    async fn assertion(&self) -> Result<String, TokenError> {
        #[derive(Deserialize)]
        struct Issued {
            value: String,
        }
        let failed = || TokenError::new("GitHub gave no token for this job");
        let request = self
            .http
            .get(&self.url)
            .query(&[("audience", self.audience)])
            .bearer_auth(&self.token);
        let response = request
            .send()
            .await
            .map_err(|error| failed().with_source(error.without_url()))?;
        let status = response.status();
        if !status.is_success() {
            return Err(TokenError::new(format!(
                "GitHub gave no token for this job: {status}"
            )));
        }
        let body = read(response).await.map_err(|_| failed())?;
        let issued: Issued = serde_json::from_slice(&body).map_err(|_| failed())?;
        Ok(issued.value)
    }
}

/// The audience that Entra expects in each cloud: those that a federated credential can have, see
/// spec/PROVENANCE.md.
fn audience(cloud: &Cloud) -> &'static str {
    match cloud {
        Cloud::UsGov | Cloud::UsGovDod => "api://AzureADTokenExchangeUSGov",
        Cloud::China => "api://AzureADTokenExchangeChina",
        Cloud::Global | Cloud::Custom(_) => "api://AzureADTokenExchange",
    }
}

impl TokenProvider for GitHubActions {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async move {
            let assertion = self.assertion().await?;
            let granted: Granted = self
                .endpoint
                .post(
                    "token",
                    &[
                        ("grant_type", "client_credentials"),
                        (
                            "client_assertion_type",
                            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                        ),
                        ("client_assertion", &assertion),
                        ("scope", scope),
                    ],
                )
                .await?;
            granted.token()
        })
    }
}

impl fmt::Debug for GitHubActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHubActions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_audience() {
        for (cloud, end) in [
            (Cloud::Global, ""),
            (Cloud::UsGov, "USGov"),
            (Cloud::UsGovDod, "USGov"),
            (Cloud::China, "China"),
        ] {
            let wanted = format!("api://AzureADTokenExchange{end}");
            assert_eq!(audience(&cloud), wanted, "{cloud}");
        }
    }
}

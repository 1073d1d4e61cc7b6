//! Every credential of the `azure_identity` crate as a [`TokenProvider`].
//!
//! The constructors give each credential the sign-in authority of a [`Cloud`] and this crate's HTTP
//! client, with the proxy and the certificate authorities of a [`Network`]. The types of `azure_identity`
//! are not part of this crate's interface, so that its version is free to change; a credential of your own
//! goes in by a [`TokenProvider`] of a few lines.
//!
//! ```no_run
//! use msgraph_sessions::azure::AzureCredential;
//! use msgraph_sessions::{Client, Cloud, Network};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let cloud = Cloud::UsGov;
//! let identity = AzureCredential::managed_identity(&cloud, None, &Network::new())?;
//! let client = Client::builder(identity).cloud(cloud).build()?;
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use crate::cloud::Cloud;
use crate::error::BuildError;
use crate::http::{self, Network};
use crate::token::{AccessToken, BoxFuture, TokenError, TokenProvider, entra_code};

/// A credential of `azure_identity`.
#[derive(Clone)]
pub struct AzureCredential(Arc<dyn TokenCredential>);

impl AzureCredential {
    /// An app with a client secret.
    ///
    /// # Errors
    ///
    /// A setting that cannot be right, or no HTTP client.
    pub fn client_secret(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        secret: impl Into<String>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        let options = ClientSecretCredentialOptions {
            client_options: client_options(cloud, network)?,
        };
        made(ClientSecretCredential::new(
            tenant,
            client_id.to_owned(),
            Secret::new(secret.into()),
            Some(options),
        ))
    }

    /// An app with a certificate: the bytes of a PKCS#12 file, with its password if it has one.
    ///
    /// # Errors
    ///
    /// A setting that cannot be right, a certificate that cannot be read, or no HTTP client.
    #[cfg(feature = "azure-certificate")]
    pub fn client_certificate(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        certificate: impl Into<Vec<u8>>,
        password: Option<String>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        use azure_core::credentials::SecretBytes;
        use azure_identity::{ClientCertificateCredential, ClientCertificateCredentialOptions};

        let options = ClientCertificateCredentialOptions {
            client_options: client_options(cloud, network)?,
            password: password.map(Secret::new),
        };
        made(ClientCertificateCredential::new(
            tenant.to_owned(),
            client_id.to_owned(),
            SecretBytes::new(certificate),
            Some(options),
        ))
    }

    /// Workload identity, as Kubernetes sets it up in the environment; a tenant or a client id given here
    /// takes the place of the environment's.
    ///
    /// # Errors
    ///
    /// The environment lacks a setting, or there is no HTTP client.
    pub fn workload_identity(
        cloud: &Cloud,
        tenant: Option<&str>,
        client_id: Option<&str>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        made(WorkloadIdentityCredential::new(Some(
            WorkloadIdentityCredentialOptions {
                credential_options: assertion_options(cloud, network)?,
                tenant_id: tenant.map(str::to_owned),
                client_id: client_id.map(str::to_owned),
                ..WorkloadIdentityCredentialOptions::default()
            },
        )))
    }

    /// The managed identity of the Azure resource that this runs on: the user-assigned one with this client
    /// id, or else the system's own.
    ///
    /// # Errors
    ///
    /// The resource's kind is not supported, or there is no HTTP client.
    pub fn managed_identity(
        cloud: &Cloud,
        client_id: Option<&str>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        made(ManagedIdentityCredential::new(Some(
            ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(|id| UserAssignedId::ClientId(id.to_owned())),
                client_options: client_options(cloud, network)?,
            },
        )))
    }

    /// The service connection of an Azure Pipelines job.
    ///
    /// # Errors
    ///
    /// The environment lacks a setting, or there is no HTTP client.
    pub fn pipelines(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        service_connection_id: &str,
        system_access_token: impl Into<String>,
        network: &Network,
    ) -> Result<Self, BuildError> {
        let options = AzurePipelinesCredentialOptions {
            credential_options: assertion_options(cloud, network)?,
        };
        made(AzurePipelinesCredential::new(
            tenant.to_owned(),
            client_id.to_owned(),
            service_connection_id,
            Secret::new(system_access_token.into()),
            Some(options),
        ))
    }

    /// The user who is signed in to the Azure CLI (`az login`), which has a cloud of its own
    /// (`az cloud set`).
    ///
    /// # Errors
    ///
    /// The tenant cannot be right.
    pub fn azure_cli(tenant: Option<&str>) -> Result<Self, BuildError> {
        made(AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: tenant.map(str::to_owned),
            ..AzureCliCredentialOptions::default()
        })))
    }

    /// The user who is signed in to the Azure Developer CLI (`azd auth login`).
    ///
    /// # Errors
    ///
    /// The tenant cannot be right.
    pub fn azure_developer_cli(tenant: Option<&str>) -> Result<Self, BuildError> {
        made(AzureDeveloperCliCredential::new(Some(
            AzureDeveloperCliCredentialOptions {
                tenant_id: tenant.map(str::to_owned),
                ..AzureDeveloperCliCredentialOptions::default()
            },
        )))
    }

    /// The user who is signed in to the Azure CLI, or else to the Azure Developer CLI.
    ///
    /// # Errors
    ///
    /// None that is known; `azure_identity` keeps the right to one.
    pub fn developer_tools() -> Result<Self, BuildError> {
        made(DeveloperToolsCredential::new(None))
    }
}

/// The sign-in authority of a cloud and this crate's HTTP client.
fn client_options(cloud: &Cloud, network: &Network) -> Result<ClientOptions, BuildError> {
    let builder = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .connect_timeout(Duration::from_secs(10));
    let http = http::http_client(builder, cloud.authority(), network)?;
    let mut custom = CustomConfiguration::default();
    cloud.authority().clone_into(&mut custom.authority_host);
    Ok(ClientOptions {
        transport: Some(Transport::new(Arc::new(http))),
        cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
        ..ClientOptions::default()
    })
}

fn assertion_options(
    cloud: &Cloud,
    network: &Network,
) -> Result<ClientAssertionCredentialOptions, BuildError> {
    Ok(ClientAssertionCredentialOptions {
        client_options: client_options(cloud, network)?,
    })
}

fn made<C: TokenCredential + 'static>(
    credential: azure_core::Result<Arc<C>>,
) -> Result<AzureCredential, BuildError> {
    match credential {
        Ok(credential) => Ok(AzureCredential(credential)),
        Err(error) => Err(BuildError::Credential(error.into())),
    }
}

impl TokenProvider for AzureCredential {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async move {
            let token = self.0.get_token(&[scope], None).await.map_err(|error| {
                // What it says may name the user.
                let said = error.to_string();
                let reason = match entra_code(&said) {
                    Some(code) => format!("the credential gave no token ({code})"),
                    None => "the credential gave no token".to_owned(),
                };
                TokenError::new(reason).with_detail(said)
            })?;
            AccessToken::new(
                token.token.secret(),
                Some(SystemTime::from(token.expires_on)),
            )
        })
    }
}

impl fmt::Debug for AzureCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureCredential").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use azure_core::credentials::TokenRequestOptions;
    use azure_core::error::ErrorKind;

    use super::*;

    #[derive(Debug)]
    struct Fake(Result<&'static str, &'static str>);

    #[async_trait::async_trait]
    impl TokenCredential for Fake {
        async fn get_token(
            &self,
            scopes: &[&str],
            _options: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<azure_core::credentials::AccessToken> {
            assert_eq!(scopes, ["https://graph.microsoft.us/.default"]);
            match self.0 {
                Ok(token) => Ok(azure_core::credentials::AccessToken::new(
                    token.to_owned(),
                    (SystemTime::now() + Duration::from_secs(3600)).into(),
                )),
                Err(said) => Err(azure_core::Error::with_message(ErrorKind::Credential, said)),
            }
        }
    }

    #[tokio::test]
    async fn a_credential_is_asked_for_the_cloud_s_scope() {
        let credential = AzureCredential(Arc::new(Fake(Ok("abc"))));
        let token = credential.token(&Cloud::UsGov.token_scope()).await.unwrap();
        assert_eq!(token.secret(), "abc");
        assert!(token.expires_at().unwrap() > SystemTime::now() + Duration::from_secs(3500));
    }

    #[tokio::test]
    async fn a_refusal_tells_the_code_and_keeps_the_rest_for_who_asks() {
        let said = "AADSTS50034: The user account alice@contoso.com does not exist";
        let credential = AzureCredential(Arc::new(Fake(Err(said))));
        let error = credential
            .token(&Cloud::UsGov.token_scope())
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the credential gave no token (AADSTS50034)"
        );
        assert_eq!(error.detail(), Some(said));
    }

    #[test]
    fn each_cloud_signs_in_at_its_own_authority() {
        for cloud in Cloud::NATIONAL {
            let options = client_options(cloud, &Network::new()).unwrap();
            let Some(CloudConfiguration::Custom(custom)) = options.cloud.as_deref() else {
                panic!("no authority for {cloud}");
            };
            assert_eq!(custom.authority_host, cloud.authority());
            assert!(options.transport.is_some());
            let secret = AzureCredential::client_secret(
                cloud,
                "contoso.com",
                "app",
                "hush",
                &Network::new(),
            )
            .unwrap();
            let shown = format!("{:?} {secret:?}", secret.0);
            let host = cloud.authority().trim_start_matches("https://");
            assert!(shown.contains(&format!("{host:?}")), "{shown}");
            assert!(!shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn a_setting_that_cannot_be_right_is_an_error() {
        let wrong =
            AzureCredential::client_secret(&Cloud::Global, "a/b", "app", "x", &Network::new());
        assert!(matches!(wrong, Err(BuildError::Credential(_))));
        assert!(AzureCredential::azure_cli(Some("a b")).is_err());
        assert!(AzureCredential::azure_cli(None).is_ok());
        assert!(AzureCredential::developer_tools().is_ok());
    }
}

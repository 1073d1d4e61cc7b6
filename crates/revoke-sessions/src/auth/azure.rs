//! The ways to sign in that `azure_identity` knows.

use std::sync::Arc;

use msgraph_sessions::azure::azure_identity::{
    ClientAssertionCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use msgraph_sessions::azure::{AzureCredential, client_options};
use msgraph_sessions::{BuildError, Cloud};

use super::{AuthError, AuthOptions};

/// Variable in which a pipeline's job has its own token.
const PIPELINE_TOKEN: &str = "SYSTEM_ACCESSTOKEN";

/// Variable with the password of a certificate's file.
#[cfg(feature = "certificate")]
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";

impl AuthOptions {
    /// Whoever is signed in to the Azure CLI.
    pub(super) fn azure_cli(&self) -> Result<AzureCredential, AuthError> {
        Ok(AzureCredential::azure_cli(self.tenant.as_deref())?)
    }

    /// Whoever is signed in to the Azure Developer CLI.
    pub(super) fn azure_developer_cli(&self) -> Result<AzureCredential, AuthError> {
        Ok(AzureCredential::azure_developer_cli(
            self.tenant.as_deref(),
        )?)
    }

    /// The identity of the Azure resource that this runs on.
    pub(super) fn managed_identity(&self, cloud: &Cloud) -> Result<AzureCredential, AuthError> {
        let id = self.client_id.clone().map(UserAssignedId::ClientId);
        Ok(AzureCredential::managed_identity(cloud, id)?)
    }

    /// An app whose assertion Kubernetes keeps in a file.
    pub(super) fn workload_identity(&self, cloud: &Cloud) -> Result<AzureCredential, AuthError> {
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: client_options(cloud)?,
            },
            // What is not given is taken from the environment that Kubernetes sets up.
            tenant_id: self.tenant.clone(),
            client_id: self.client_id.clone(),
            ..WorkloadIdentityCredentialOptions::default()
        };
        let credential = WorkloadIdentityCredential::new(Some(options))
            .map_err(|error| BuildError::Credential(error.into()))?;
        Ok(AzureCredential::new(Arc::clone(&credential) as Arc<_>))
    }

    /// The service connection of a pipeline's job.
    pub(super) fn azure_pipelines(&self, cloud: &Cloud) -> Result<AzureCredential, AuthError> {
        let connection = self
            .service_connection
            .as_deref()
            .ok_or_else(|| self.missing("--service-connection", "REVOKE_SESSIONS_CONNECTION"))?;
        let (tenant, client_id) = (self.tenant()?, self.client_id()?);
        let token = super::variable(PIPELINE_TOKEN)?.ok_or(AuthError::NoPipelineToken)?;
        Ok(AzureCredential::pipelines(
            cloud, tenant, client_id, connection, token,
        )?)
    }

    /// An app with its certificate.
    #[cfg(feature = "certificate")]
    pub(super) fn certificate(&self, cloud: &Cloud) -> Result<AzureCredential, AuthError> {
        let path = self
            .certificate
            .as_ref()
            .ok_or_else(|| self.missing("--certificate", "AZURE_CLIENT_CERTIFICATE_PATH"))?;
        let (tenant, client_id) = (self.tenant()?, self.client_id()?);
        let bytes = std::fs::read(path).map_err(|source| AuthError::File {
            path: path.clone(),
            source,
        })?;
        let password = super::variable(CERTIFICATE_PASSWORD)?;
        Ok(AzureCredential::client_certificate(
            cloud, tenant, client_id, bytes, password,
        )?)
    }
}

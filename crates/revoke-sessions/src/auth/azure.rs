//! The ways to sign in that `azure_identity` knows.

use msgraph_sessions::azure::AzureCredential;
use msgraph_sessions::{Cloud, Network};

use super::{AuthError, AuthOptions};

/// Variable in which a pipeline's job has its own token.
const PIPELINE_TOKEN: &str = "SYSTEM_ACCESSTOKEN";

/// Variable with the password of a certificate's file.
#[cfg(feature = "certificate")]
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";

impl AuthOptions {
    /// The user who is signed in to the Azure CLI.
    pub(super) fn azure_cli(&self) -> Result<AzureCredential, AuthError> {
        Ok(AzureCredential::azure_cli(self.tenant.as_deref())?)
    }

    /// The user who is signed in to the Azure Developer CLI.
    pub(super) fn azure_developer_cli(&self) -> Result<AzureCredential, AuthError> {
        Ok(AzureCredential::azure_developer_cli(
            self.tenant.as_deref(),
        )?)
    }

    /// The identity of the Azure resource that this runs on.
    pub(super) fn managed_identity(
        &self,
        cloud: &Cloud,
        network: &Network,
    ) -> Result<AzureCredential, AuthError> {
        let id = self.client_id.as_deref();
        Ok(AzureCredential::managed_identity(cloud, id, network)?)
    }

    /// An app whose assertion Kubernetes keeps in a file.
    pub(super) fn workload_identity(
        &self,
        cloud: &Cloud,
        network: &Network,
    ) -> Result<AzureCredential, AuthError> {
        let (tenant, client_id) = (self.tenant.as_deref(), self.client_id.as_deref());
        Ok(AzureCredential::workload_identity(
            cloud, tenant, client_id, network,
        )?)
    }

    /// The service connection of a pipeline's job.
    pub(super) fn azure_pipelines(
        &self,
        cloud: &Cloud,
        network: &Network,
    ) -> Result<AzureCredential, AuthError> {
        let connection = self
            .service_connection
            .as_deref()
            .ok_or_else(|| self.missing("--service-connection", "REVOKE_SESSIONS_CONNECTION"))?;
        let (tenant, client_id) = (self.tenant()?, self.client_id()?);
        let token = super::variable(PIPELINE_TOKEN)?.ok_or(AuthError::NoPipelineToken)?;
        Ok(AzureCredential::pipelines(
            cloud, tenant, client_id, connection, token, network,
        )?)
    }

    /// An app with its certificate.
    #[cfg(feature = "certificate")]
    pub(super) fn certificate(
        &self,
        cloud: &Cloud,
        network: &Network,
    ) -> Result<AzureCredential, AuthError> {
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
            cloud, tenant, client_id, bytes, password, network,
        )?)
    }
}

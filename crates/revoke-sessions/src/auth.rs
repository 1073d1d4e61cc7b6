//! How to sign in. Secrets come from the environment or from files, never from arguments, which
//! other users of the machine can read.

#[cfg(feature = "azure")]
mod azure;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use msgraph_sessions::sign_in::{ClientSecret, DeviceCodeFlow, GitHubActions};
use msgraph_sessions::{BuildError, Cloud, Network, StaticToken, TokenError, TokenProvider};

use crate::files::Files;
use crate::progress::say;
use crate::redact::shown;

/// Variable that holds an access token.
const TOKEN: &str = "REVOKE_SESSIONS_TOKEN";

/// Variable that holds an app's secret, as Azure's own tools call it.
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// The tenant of a person who has told none: that of their own account.
const OWN_TENANT: &str = "organizations";

/// The ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// A person signs in on any device, with a code shown here; needs --client-id
    DeviceCode,
    /// An app with its secret, from AZURE_CLIENT_SECRET or --secret-file; needs --tenant, --client-id
    ClientSecret,
    /// A job of GitHub Actions with the permission `id-token: write`, by a federated credential of the app;
    /// needs --tenant, --client-id
    GithubOidc,
    /// An app with its certificate: --certificate (PKCS#12) with its password from
    /// AZURE_CLIENT_CERTIFICATE_PASSWORD; needs --tenant, --client-id
    #[cfg(feature = "certificate")]
    Certificate,
    /// An app with workload identity, as Kubernetes sets it up in the environment
    #[cfg(feature = "azure")]
    WorkloadIdentity,
    /// The managed identity of this Azure resource; --client-id for one of the user's own
    #[cfg(feature = "azure")]
    ManagedIdentity,
    /// A service connection of Azure Pipelines, with SYSTEM_ACCESSTOKEN; needs --tenant,
    /// --client-id, --service-connection
    #[cfg(feature = "azure")]
    AzurePipelines,
    /// The user who is signed in to the Azure CLI (`az login`)
    #[cfg(feature = "azure")]
    AzureCli,
    /// The user who is signed in to the Azure Developer CLI (`azd auth login`)
    #[cfg(feature = "azure")]
    AzureDeveloperCli,
    /// An access token as it stands, from REVOKE_SESSIONS_TOKEN or --token-file
    Token,
}

/// How to sign in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub(crate) struct AuthOptions {
    /// How to sign in; needed for everything but a dry run
    #[arg(
        long,
        value_name = "METHOD",
        value_enum,
        env = "REVOKE_SESSIONS_AUTH",
        hide_env_values = true
    )]
    auth: Option<Method>,
    /// Tenant, as id or domain
    #[arg(
        long,
        value_name = "TENANT",
        env = "AZURE_TENANT_ID",
        hide_env_values = true
    )]
    tenant: Option<String>,
    /// Client id of the app registration
    #[arg(
        long,
        value_name = "ID",
        env = "AZURE_CLIENT_ID",
        hide_env_values = true
    )]
    client_id: Option<String>,
    /// File with the app's secret
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// File with the app's certificate and key (PKCS#12)
    #[cfg(feature = "certificate")]
    #[arg(
        long,
        value_name = "FILE",
        env = "AZURE_CLIENT_CERTIFICATE_PATH",
        hide_env_values = true
    )]
    certificate: Option<PathBuf>,
    /// Id of the service connection
    #[cfg(feature = "azure")]
    #[arg(
        long,
        value_name = "ID",
        env = "REVOKE_SESSIONS_CONNECTION",
        hide_env_values = true
    )]
    service_connection: Option<String>,
    /// File with the access token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Why the options are no way to sign in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("say with --auth how to sign in; --help lists the ways")]
    NoMethod,
    #[error("--auth {method} needs {option}, or {variable} in the environment")]
    Missing {
        method: String,
        option: &'static str,
        variable: &'static str,
    },
    #[cfg(feature = "azure")]
    #[error(
        "--auth azure-pipelines needs the job's own token: map $(System.AccessToken) to \
         SYSTEM_ACCESSTOKEN in the environment of this step"
    )]
    NoPipelineToken,
    #[error("{variable} is not Unicode")]
    NotUnicode { variable: &'static str },
    #[error("cannot read {}: {source}", shown(.path))]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} is empty", shown(.0))]
    EmptyFile(PathBuf),
    #[error("cannot sign in: {}", with_detail(.0))]
    Token(#[from] TokenError),
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl AuthOptions {
    /// Signs in as far as a person is needed for it; what is left is done when a token is asked for.
    pub(crate) async fn sign_in(
        &self,
        cloud: &Cloud,
        network: &Network,
    ) -> Result<Box<dyn TokenProvider>, AuthError> {
        match self.auth.ok_or(AuthError::NoMethod)? {
            Method::DeviceCode => {
                let tenant = self.tenant.as_deref().unwrap_or(OWN_TENANT);
                let client_id = self.client_id()?;
                let flow = DeviceCodeFlow::with_network(cloud, tenant, client_id, network)?;
                let code = flow.begin().await?;
                say(&printable(&code.message()));
                Ok(Box::new(code.wait().await?))
            }
            Method::ClientSecret => {
                let (tenant, client_id) = (self.tenant()?, self.client_id()?);
                let secret = match &self.secret_file {
                    Some(path) => read(path)?,
                    None => {
                        variable(SECRET)?.ok_or_else(|| self.missing("--secret-file", SECRET))?
                    }
                };
                Ok(Box::new(ClientSecret::with_network(
                    cloud, tenant, client_id, secret, network,
                )?))
            }
            Method::GithubOidc => {
                let (tenant, client_id) = (self.tenant()?, self.client_id()?);
                Ok(Box::new(GitHubActions::from_env(
                    cloud, tenant, client_id, network,
                )?))
            }
            #[cfg(feature = "certificate")]
            Method::Certificate => Ok(Box::new(self.certificate(cloud, network)?)),
            #[cfg(feature = "azure")]
            Method::WorkloadIdentity => Ok(Box::new(self.workload_identity(cloud, network)?)),
            #[cfg(feature = "azure")]
            Method::ManagedIdentity => Ok(Box::new(self.managed_identity(cloud, network)?)),
            #[cfg(feature = "azure")]
            Method::AzurePipelines => Ok(Box::new(self.azure_pipelines(cloud, network)?)),
            #[cfg(feature = "azure")]
            Method::AzureCli => Ok(Box::new(self.azure_cli()?)),
            #[cfg(feature = "azure")]
            Method::AzureDeveloperCli => Ok(Box::new(self.azure_developer_cli()?)),
            Method::Token => {
                let token = match &self.token_file {
                    Some(path) => read(path)?,
                    None => variable(TOKEN)?.ok_or_else(|| self.missing("--token-file", TOKEN))?,
                };
                Ok(Box::new(StaticToken::new(&token)?))
            }
        }
    }

    fn tenant(&self) -> Result<&str, AuthError> {
        let missing = || self.missing("--tenant", "AZURE_TENANT_ID");
        self.tenant.as_deref().ok_or_else(missing)
    }

    fn client_id(&self) -> Result<&str, AuthError> {
        let missing = || self.missing("--client-id", "AZURE_CLIENT_ID");
        self.client_id.as_deref().ok_or_else(missing)
    }

    fn missing(&self, option: &'static str, variable: &'static str) -> AuthError {
        AuthError::Missing {
            method: self.method().unwrap_or_default(),
            option,
            variable,
        }
    }

    fn method(&self) -> Option<String> {
        let value = self.auth?.to_possible_value()?;
        Some(value.get_name().to_owned())
    }

    /// Adds the files to those of the command line.
    pub(crate) fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.read("--secret-file", &self.secret_file);
        files.read("--token-file", &self.token_file);
        #[cfg(feature = "certificate")]
        files.read("--certificate", &self.certificate);
    }

    /// The same options as words of a command line. There is no secret among them.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|p| p.display().to_string());
        [
            ("--auth", self.method()),
            ("--tenant", self.tenant.clone()),
            ("--client-id", self.client_id.clone()),
            ("--secret-file", path(&self.secret_file)),
            #[cfg(feature = "certificate")]
            ("--certificate", path(&self.certificate)),
            #[cfg(feature = "azure")]
            ("--service-connection", self.service_connection.clone()),
            ("--token-file", path(&self.token_file)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .flatten()
        .collect()
    }
}

/// A secret from the environment; an empty one is as good as none.
fn variable(variable: &'static str) -> Result<Option<String>, AuthError> {
    match std::env::var(variable) {
        Ok(secret) => Ok(Some(secret.trim().to_owned()).filter(|secret| !secret.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        // The value itself is not told: it may be most of the secret.
        Err(std::env::VarError::NotUnicode(_)) => Err(AuthError::NotUnicode { variable }),
    }
}

/// A secret from a file, without the line end that editors add.
fn read(path: &Path) -> Result<String, AuthError> {
    let text = std::fs::read_to_string(path).map_err(|source| AuthError::File {
        path: path.to_owned(),
        source,
    })?;
    match text.trim() {
        "" => Err(AuthError::EmptyFile(path.to_owned())),
        secret => Ok(secret.to_owned()),
    }
}

/// The reason, and what the service said.
pub(crate) fn with_detail(error: &TokenError) -> String {
    match error.detail() {
        Some(detail) => format!("{error}\n  {}", printable(detail)),
        None => error.to_string(),
    }
}

/// What others said, without what a terminal would take as an order.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

//! How to reach the services: proxy and certificate authorities.

use std::path::PathBuf;

use clap::Args;
use msgraph_sessions::Network;

use crate::failure::Failure;

/// How to reach the services.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkOptions {
    /// Proxy for everything that is sent: http://host:port [default: that of the environment]
    #[arg(
        long,
        value_name = "URL",
        env = "REVOKE_SESSIONS_PROXY",
        hide_env_values = true
    )]
    proxy: Option<String>,
    /// Use no proxy, whatever the environment says
    #[arg(long, conflicts_with = "proxy")]
    no_proxy: bool,
    /// File with certificate authorities (PEM) to trust beside those of the system; repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) root_certificate: Vec<PathBuf>,
}

impl NetworkOptions {
    /// The settings for the client and for signing in.
    pub(crate) fn network(&self) -> Result<Network, Failure> {
        let mut network = Network::new();
        if let Some(proxy) = &self.proxy {
            network = network.proxy(proxy)?;
        }
        if self.no_proxy {
            network = network.without_proxy();
        }
        for path in &self.root_certificate {
            let pem = std::fs::read(path).map_err(|source| Failure::RootCertificate {
                path: path.clone(),
                reason: source.to_string(),
            })?;
            network =
                network
                    .add_root_certificate(&pem)
                    .map_err(|error| Failure::RootCertificate {
                        path: path.clone(),
                        reason: error.to_string(),
                    })?;
        }
        Ok(network)
    }

    /// The same options as words of a command line. A proxy's password is left out with the proxy: the
    /// line is shown, and may be kept.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(proxy) = self.proxy.as_ref().filter(|proxy| !proxy.contains('@')) {
            words.extend(["--proxy".to_owned(), proxy.clone()]);
        }
        words.extend(self.no_proxy.then(|| "--no-proxy".to_owned()));
        for path in &self.root_certificate {
            words.extend(["--root-certificate".to_owned(), path.display().to_string()]);
        }
        words
    }
}

//! The HTTP client, with the TLS library that the crate's features name.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use reqwest::Response;

use crate::error::BuildError;

/// Longest body that is read, in bytes; real answers are far below.
const LONGEST_BODY: usize = 4 << 20;

/// Why the body of an answer is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLost {
    /// The connection ended before the body did.
    Cut,
    /// The rest of the body did not come in time.
    TimedOut,
    /// It is longer than [`LONGEST_BODY`].
    TooLong,
}

/// Reads the whole body of an answer, within bounds.
pub(crate) async fn read(mut response: Response) -> Result<Bytes, BodyLost> {
    let lost = |error: reqwest::Error| {
        if error.is_timeout() {
            BodyLost::TimedOut
        } else {
            BodyLost::Cut
        }
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(BodyLost::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// How to reach the services: a proxy, and certificate authorities beside those of the system.
///
/// Without any setting the usual environment variables (`HTTPS_PROXY`, `NO_PROXY`, …) count, and with the
/// feature `system-proxy` the settings of macOS and Windows. An address on this machine is always reached
/// directly, so that no proxy sees what is sent to it.
///
/// ```
/// # use msgraph_sessions::Network;
/// let network = Network::new().proxy("http://proxy.example.com:8080")?;
/// # let _ = network;
/// # Ok::<(), msgraph_sessions::BuildError>(())
/// ```
#[derive(Clone, Default)]
pub struct Network {
    proxy: Option<reqwest::Proxy>,
    direct: bool,
    roots: Vec<Vec<u8>>,
}

impl Network {
    /// The settings of the environment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends everything through this proxy: `http://host:port` or `https://host:port`, with
    /// `user:password@` before the host if it asks for them.
    ///
    /// # Errors
    ///
    /// The address cannot be one of a proxy.
    pub fn proxy(mut self, address: &str) -> Result<Self, BuildError> {
        // Without this a scheme that is not known would mean no proxy at all.
        let is_known = address
            .split_once("://")
            .is_none_or(|(scheme, _)| matches!(scheme, "http" | "https"));
        if !is_known {
            return Err(BuildError::Proxy);
        }
        let proxy = reqwest::Proxy::all(address).map_err(|_| BuildError::Proxy)?;
        self.proxy = Some(proxy);
        self.direct = false;
        Ok(self)
    }

    /// Uses no proxy, whatever the environment says.
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxy = None;
        self.direct = true;
        self
    }

    /// Trusts these certificate authorities beside those of the system: one or more certificates in PEM,
    /// such as that of a proxy that looks into TLS.
    ///
    /// # Errors
    ///
    /// There is no certificate in it, or one that cannot be read.
    pub fn add_root_certificate(mut self, pem: &[u8]) -> Result<Self, BuildError> {
        let certificates = certificates(pem).ok_or(BuildError::RootCertificate)?;
        self.roots.extend(certificates);
        Ok(self)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a proxy may hold a password.
        f.debug_struct("Network")
            .field("proxy", &self.proxy.is_some())
            .field("direct", &self.direct)
            .field("roots", &self.roots.len())
            .finish()
    }
}

/// The certificates of a PEM text; `None` if there is none, or one that cannot be read.
fn certificates(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut text = std::str::from_utf8(pem).ok()?;
    let mut certificates = Vec::new();
    while let Some(start) = text.find(BEGIN) {
        let rest = &text[start + BEGIN.len()..];
        let end = rest.find(END)?;
        let body: String = rest[..end].split_whitespace().collect();
        let der = BASE64.decode(body).ok().filter(|der| !der.is_empty())?;
        certificates.push(der);
        text = &rest[end + END.len()..];
    }
    (!certificates.is_empty()).then_some(certificates)
}

/// Builds an HTTP client for the services at an address. It follows no redirect: a 302 would turn a POST
/// into a GET.
///
/// TLS is set up if the address needs it, so that a test against a loopback server does not read the
/// system's certificates.
pub(crate) fn http_client(
    builder: reqwest::ClientBuilder,
    address: &str,
    network: &Network,
) -> Result<reqwest::Client, BuildError> {
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    let builder = match &network.proxy {
        _ if network.direct || is_loopback(address) => builder.no_proxy(),
        Some(proxy) => builder.proxy(proxy.clone()),
        None => builder,
    };
    with_tls(builder, address.starts_with("https:"), network)?
        .build()
        .map_err(|error| BuildError::Http(error.into()))
}

fn is_loopback(address: &str) -> bool {
    reqwest::Url::parse(address).is_ok_and(|url| crate::cloud::is_loopback(&url))
}

/// rustls, set up here rather than by reqwest so that the provider is the one that the features name
/// and a process-wide default need not exist.
#[cfg(feature = "__rustls")]
fn with_tls(
    builder: reqwest::ClientBuilder,
    needed: bool,
    network: &Network,
) -> Result<reqwest::ClientBuilder, BuildError> {
    use std::sync::Arc;

    let tls = |error: rustls::Error| BuildError::Tls(error.into());
    let provider = provider();
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(tls)?;
    let config = if needed {
        let roots = network.roots.iter().map(|der| der.clone().into());
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider)
            .map_err(tls)?;
        config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        config.with_root_certificates(rustls::RootCertStore::empty())
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![
        #[cfg(feature = "http2")]
        b"h2".to_vec(),
        b"http/1.1".to_vec(),
    ];
    Ok(builder.tls_backend_preconfigured(config))
}

/// What the program has chosen for the whole process, or else what the features name.
#[cfg(feature = "__rustls")]
fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    if let Some(chosen) = rustls::crypto::CryptoProvider::get_default() {
        return std::sync::Arc::clone(chosen);
    }
    #[cfg(feature = "rustls-aws-lc-rs")]
    return std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(all(feature = "rustls", not(feature = "rustls-aws-lc-rs")))]
    return std::sync::Arc::new(rustls::crypto::ring::default_provider());
}

#[cfg(all(feature = "native-tls", not(feature = "__rustls")))]
fn with_tls(
    builder: reqwest::ClientBuilder,
    _needed: bool,
    network: &Network,
) -> Result<reqwest::ClientBuilder, BuildError> {
    let mut builder = builder.tls_backend_native();
    for der in &network.roots {
        let certificate =
            reqwest::Certificate::from_der(der).map_err(|_| BuildError::RootCertificate)?;
        builder = builder.add_root_certificate(certificate);
    }
    Ok(builder)
}

#[cfg(not(any(feature = "native-tls", feature = "__rustls")))]
fn with_tls(
    builder: reqwest::ClientBuilder,
    needed: bool,
    _network: &Network,
) -> Result<reqwest::ClientBuilder, BuildError> {
    if needed {
        return Err(BuildError::NoTls);
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_read_from_pem_and_nothing_else_is_one() {
        let one = "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----\n";
        let two = format!("subject=x\n{one}{one}");
        assert_eq!(certificates(two.as_bytes()).map(|it| it.len()), Some(2));
        for wrong in [
            "",
            "MIIB",
            "-----BEGIN CERTIFICATE-----\nMIIB\n",
            &one.replace("MIIB", "?"),
        ] {
            assert_eq!(certificates(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_not_shown() {
        let network = Network::new()
            .proxy("http://me:hush@proxy.example:1")
            .unwrap();
        assert!(!format!("{network:?}").contains("hush"));
        for wrong in [
            "http://me:hush@",
            "socks5://me:hush@proxy.example:1",
            "foo://me:hush@x",
            "",
        ] {
            let wrong = Network::new().proxy(wrong).unwrap_err();
            assert!(!format!("{wrong:?} {wrong}").contains("hush"));
        }
    }
}

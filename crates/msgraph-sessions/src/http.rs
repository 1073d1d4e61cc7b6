//! The HTTP client, with the TLS library that the crate's features name.

use bytes::Bytes;
use reqwest::Response;

use crate::error::BuildError;

/// Longest body that is read, in bytes; real answers are far below.
const LONGEST_BODY: usize = 4 << 20;

/// A body that broke off or is longer than [`LONGEST_BODY`].
#[derive(Debug)]
pub(crate) struct BodyLost;

/// Reads the whole body of an answer, within bounds.
pub(crate) async fn read(mut response: Response) -> Result<Bytes, BodyLost> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| BodyLost)? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(BodyLost);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Builds an HTTP client that follows no redirect: a 302 would turn a POST into a GET.
///
/// TLS is set up if any of the addresses needs it, so that a test against a loopback server does not
/// read the system's certificates.
pub(crate) fn http_client(
    builder: reqwest::ClientBuilder,
    addresses: &[&str],
) -> Result<reqwest::Client, BuildError> {
    let needed = addresses
        .iter()
        .any(|address| address.starts_with("https:"));
    with_tls(builder.redirect(reqwest::redirect::Policy::none()), needed)?
        .build()
        .map_err(|error| BuildError::Http(error.into()))
}

/// rustls, set up here rather than by reqwest so that the provider is the one that the features name
/// and a process-wide default need not exist.
#[cfg(feature = "__rustls")]
fn with_tls(
    builder: reqwest::ClientBuilder,
    needed: bool,
) -> Result<reqwest::ClientBuilder, BuildError> {
    use std::sync::Arc;

    let tls = |error: rustls::Error| BuildError::Tls(error.into());
    let provider = provider();
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(tls)?;
    let config = if needed {
        let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(tls)?;
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
) -> Result<reqwest::ClientBuilder, BuildError> {
    Ok(builder.tls_backend_native())
}

#[cfg(not(any(feature = "native-tls", feature = "__rustls")))]
fn with_tls(
    builder: reqwest::ClientBuilder,
    needed: bool,
) -> Result<reqwest::ClientBuilder, BuildError> {
    if needed {
        return Err(BuildError::NoTls);
    }
    Ok(builder)
}

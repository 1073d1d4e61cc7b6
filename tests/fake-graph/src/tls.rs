//! A certificate for https, and the authority behind it, which is made anew at every start.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// How the fake speaks https.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The authority's certificate in PEM.
    pub(crate) authority: String,
}

/// Makes an authority, and a certificate of it for a name or an address.
pub(crate) fn for_name(name: &str) -> io::Result<Tls> {
    let wrong = |error: rcgen::Error| io::Error::other(error);
    let mut authority = CertificateParams::new(Vec::new()).map_err(wrong)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "fake-graph's authority");
    let key = KeyPair::generate().map_err(wrong)?;
    let root = authority.self_signed(&key).map_err(wrong)?;
    let issuer = Issuer::new(authority, key);

    let server = CertificateParams::new(vec![name.to_owned()]).map_err(wrong)?;
    let key = KeyPair::generate().map_err(wrong)?;
    let certificate = server.signed_by(&key, &issuer).map_err(wrong)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .map_err(io::Error::other)?;
    Ok(Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        authority: root.pem(),
    })
}

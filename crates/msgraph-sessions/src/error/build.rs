//! Why a client or a credential cannot be built.

/// Why a client or a credential cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The crate was built without any of its TLS features, and the cloud needs one.
    #[error(
        "this build has no TLS: enable one of the features `rustls`, `rustls-aws-lc-rs`, `native-tls`"
    )]
    NoTls,
    /// The TLS library cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A tenant is an id or a domain: letters, digits, dots and hyphens.
    #[error("the tenant is empty or holds a character that no tenant id or domain has")]
    Tenant,
    /// A client id is a GUID.
    #[error("the client id is empty or holds a character that no client id has")]
    ClientId,
    /// The environment is not that of a GitHub Actions job that may ask for a token.
    #[error(
        "this is not a job of GitHub Actions with the permission `id-token: write`: the variables \
         ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set"
    )]
    NotAGitHubJob,
    /// A credential of another crate cannot be made from its settings.
    #[error("the credential cannot be made: {0}")]
    Credential(Box<dyn std::error::Error + Send + Sync>),
    /// The address of a proxy cannot be one. It is not part of the error: it may hold a password.
    #[error("the address of the proxy cannot be read: write http://host:port")]
    Proxy,
    /// There is no certificate to read.
    #[error(
        "no certificate in PEM can be read: give one or more, each from BEGIN to END CERTIFICATE"
    )]
    RootCertificate,
    /// The `User-Agent` holds a character that cannot stand in a header.
    #[error("the user agent holds a character that cannot stand in a header")]
    UserAgent,
}

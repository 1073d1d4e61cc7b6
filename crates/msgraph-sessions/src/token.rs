//! Access tokens, and where the client gets them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use reqwest::header::HeaderValue;

/// A boxed future, so that [`TokenProvider`] can be used as `dyn TokenProvider`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the client gets access tokens: the one thing a credential has to do.
///
/// The client caches what it gets, asks again before it expires, and has one request under way at a
/// time; a provider need not do any of that.
///
/// ```
/// use msgraph_sessions::{AccessToken, BoxFuture, TokenError, TokenProvider};
///
/// struct FromFile(std::path::PathBuf);
///
/// impl TokenProvider for FromFile {
///     fn token<'a>(&'a self, _scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
///         Box::pin(async move {
///             let text = std::fs::read_to_string(&self.0)
///                 .map_err(|error| TokenError::new("cannot read the token's file").with_source(error))?;
///             AccessToken::new(text.trim(), None)
///         })
///     }
/// }
/// ```
pub trait TokenProvider: Send + Sync {
    /// Gets a token for a scope, such as `https://graph.microsoft.com/.default`.
    ///
    /// # Errors
    ///
    /// A [`TokenError`] whose text holds no secret, no token and no user's name.
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>>;
}

impl<P: TokenProvider + ?Sized> TokenProvider for Arc<P> {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        (**self).token(scope)
    }
}

impl<P: TokenProvider + ?Sized> TokenProvider for Box<P> {
    fn token<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        (**self).token(scope)
    }
}

/// A bearer token and when it expires. Neither `Debug` nor anything else prints the token.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    secret: Arc<str>,
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// Takes a token as its issuer gave it; `None` if it is not known when it expires.
    ///
    /// # Errors
    ///
    /// An empty text, or one with a character that cannot stand in a header, such as a line end.
    pub fn new(
        secret: impl Into<Arc<str>>,
        expires_at: Option<SystemTime>,
    ) -> Result<Self, TokenError> {
        let secret = secret.into();
        if secret.is_empty() {
            return Err(TokenError::new("the access token is empty"));
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::new(
                "the access token holds a character that no token has, such as a blank or a line end",
            ));
        }
        Ok(Self { secret, expires_at })
    }

    /// The token itself. Keep it out of logs.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// When the token expires, if that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The `Authorization` header, marked sensitive.
    pub(crate) fn header(&self) -> Result<HeaderValue, TokenError> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.secret))
            .map_err(|_| TokenError::new("the access token cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("secret", &"…")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// One token, used as it is until it expires: for tests, and for
/// `az account get-access-token --resource https://graph.microsoft.com`.
#[derive(Clone, Debug)]
pub struct StaticToken(AccessToken);

impl StaticToken {
    /// Takes a token; blanks and line ends around it are dropped.
    ///
    /// # Errors
    ///
    /// As [`AccessToken::new`].
    pub fn new(secret: &str) -> Result<Self, TokenError> {
        AccessToken::new(secret.trim(), None).map(Self)
    }

    /// Takes the token that stands in an environment variable.
    ///
    /// # Errors
    ///
    /// The variable is not set or not Unicode, or as [`AccessToken::new`].
    pub fn from_env(variable: &str) -> Result<Self, TokenError> {
        let secret = std::env::var(variable).map_err(|error| {
            TokenError::new(format!(
                "no access token in the environment variable {variable}"
            ))
            .with_source(error_without_value(&error))
        })?;
        Self::new(&secret)
    }
}

/// `VarError` shows the value that is not Unicode, which may be the secret.
fn error_without_value(error: &std::env::VarError) -> &'static str {
    match error {
        std::env::VarError::NotPresent => "it is not set",
        std::env::VarError::NotUnicode(_) => "it is not Unicode",
    }
}

impl TokenProvider for StaticToken {
    fn token<'a>(&'a self, _scope: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// Why there is no access token.
///
/// `Display` gives the reason in words that hold no secret and no user's name. What the identity
/// provider or the credential said, which may name the user, is in [`detail`](Self::detail).
#[derive(Clone, thiserror::Error)]
#[error("{reason}")]
pub struct TokenError {
    reason: Arc<str>,
    detail: Option<Arc<str>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl TokenError {
    /// An error with a reason for people. The reason must hold no secret and no user's name.
    #[must_use]
    pub fn new(reason: impl Into<Arc<str>>) -> Self {
        Self {
            reason: reason.into(),
            detail: None,
            source: None,
        }
    }

    /// The sign-in service said no, with an OAuth code and a description that may name the user.
    pub(crate) fn refused(code: &str, description: &str) -> Self {
        let shown = if code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            code
        } else {
            "for a reason of its own"
        };
        let reason = match entra_code(description) {
            Some(entra) => format!("the sign-in service refused: {shown} ({entra})"),
            None => format!("the sign-in service refused: {shown}"),
        };
        Self::new(reason).with_detail(description)
    }

    /// Adds what the identity provider or the credential said, which may name the user.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Arc<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the error behind it, which must hold no secret and no user's name.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The errors behind it, from the outermost to the innermost.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        self.source
            .as_deref()
            .map_or_else(Vec::new, |error| crate::error::causes(error))
    }

    /// What the identity provider or the credential said, word for word. May name the user.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

/// Entra's own code in a description, such as `AADSTS7000215`.
pub(crate) fn entra_code(description: &str) -> Option<&str> {
    let start = description.find("AADSTS")?;
    let code = &description[start..];
    let digits = code
        .bytes()
        .skip("AADSTS".len())
        .take_while(u8::is_ascii_digit)
        .count();
    (digits > 0).then(|| &code[.."AADSTS".len() + digits])
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenError")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_ever_printed() {
        let token = AccessToken::new("eyJhbGciOi", None).unwrap();
        let header = token.header().unwrap();
        assert!(!format!("{token:?} {header:?}").contains("eyJ"));
        assert!(!format!("{:?}", StaticToken::new("eyJhbGciOi").unwrap()).contains("eyJ"));
        assert_eq!(header.to_str().unwrap(), "Bearer eyJhbGciOi");
    }

    #[test]
    fn a_token_that_cannot_be_one_is_refused() {
        assert_eq!(
            AccessToken::new("", None).unwrap_err().to_string(),
            "the access token is empty"
        );
        let injected = AccessToken::new("a\r\nX-Other: b", None).unwrap_err();
        assert_eq!(
            injected.to_string(),
            "the access token holds a character that no token has, such as a blank or a line end"
        );
        assert_eq!(
            StaticToken::new(" abc\n").unwrap().0,
            AccessToken::new("abc", None).unwrap()
        );
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = StaticToken::from_env("MSGRAPH_SESSIONS_NO_SUCH_VARIABLE").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no access token in the environment variable MSGRAPH_SESSIONS_NO_SUCH_VARIABLE"
        );
    }

    #[test]
    fn an_error_keeps_its_detail_out_of_debug() {
        let error = TokenError::new("refused").with_detail("AADSTS50020: User account alice@x");
        assert!(!format!("{error:?} {error}").contains("alice"));
        assert_eq!(error.detail(), Some("AADSTS50020: User account alice@x"));
    }
}

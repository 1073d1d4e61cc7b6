//! How to sign in. Secrets come from the environment or from files, never from arguments, which
//! other users of the machine can read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use graph_sessions::{Client, ClientBuilder, Cloud, StaticToken, TokenError};

/// Variable that holds an access token.
const TOKEN: &str = "REVOKE_SESSIONS_TOKEN";

/// The ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// An access token as it stands, from REVOKE_SESSIONS_TOKEN or --token-file
    Token,
}

/// How to sign in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub(crate) struct AuthOptions {
    /// How to sign in; needed for everything but a dry run
    #[arg(long, value_name = "METHOD", value_enum, env = "REVOKE_SESSIONS_AUTH")]
    auth: Option<Method>,
    /// File with the access token, for `token`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Why the options are no way to sign in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("say with --auth how to sign in; --help lists the ways")]
    NoMethod,
    #[error("cannot read {}: {source}", .path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl AuthOptions {
    /// A client that signs in so. Nothing is sent yet.
    pub(crate) fn client_builder(&self, _cloud: &Cloud) -> Result<ClientBuilder, AuthError> {
        match self.auth.ok_or(AuthError::NoMethod)? {
            Method::Token => {
                let token = match &self.token_file {
                    Some(path) => {
                        let text =
                            std::fs::read_to_string(path).map_err(|source| AuthError::File {
                                path: path.clone(),
                                source,
                            })?;
                        StaticToken::new(&text)?
                    }
                    None => StaticToken::from_env(TOKEN)?,
                };
                Ok(Client::builder(token))
            }
        }
    }

    /// The same options as words of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let method = self.auth.and_then(|method| method.to_possible_value());
        let token_file = self
            .token_file
            .as_ref()
            .map(|path| path.display().to_string());
        [
            ("--auth", method.map(|method| method.get_name().to_owned())),
            ("--token-file", token_file),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .flatten()
        .collect()
    }
}

//! Revokes sign-in sessions through Microsoft Graph: one user, or fifty thousand.
//!
//! - [`Client::revoke`] and [`Client::revoke_me`] revoke; every operation also has a method of its own
//!   name. [`Cloud`] says which Graph they talk to.
//! - [`TokenProvider`] is where access tokens come from: [`StaticToken`], [`sign_in`], the feature
//!   `azure-identity`, or your own.
//! - [`bulk`] takes a stream of users and paces them by Graph's quota.
//! - [`operations`] says which permission each operation needs.
//! - [`Revoked`] is a confirmation: an answer that does not confirm anything is an [`Error`].
//! - [`Network`] sets a proxy and certificate authorities.
//! - [`Error`] holds all that Graph said, and prints nothing that names a user.
//!
//! Revoking ends sessions; it does not end everything at once: tokens can take a few minutes to be
//! revoked, access tokens already issued live on until they expire, and guests are not affected at all,
//! although the call succeeds for them.

#[cfg(feature = "azure-identity")]
pub mod azure;
pub mod bulk;
pub mod operations;
pub mod sign_in;

mod answer;
mod batch;
mod call;
mod client;
mod cloud;
mod error;
mod gate;
#[rustfmt::skip]
#[expect(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "progenitor writes more than is used here, and compiles a constant pattern"
)]
mod generated;
mod http;
mod retry;
mod stop;
mod token;
mod token_cache;
mod user;

pub use crate::answer::{Confirmation, Revoked};
pub use crate::client::{Client, ClientBuilder, ValidFrom};
pub use crate::cloud::{Cloud, CloudError, CustomCloud};
pub use crate::error::{BuildError, Effect, Error, ErrorKind};
pub use crate::http::Network;
pub use crate::retry::RetryPolicy;
pub use crate::stop::Stop;
pub use crate::token::{AccessToken, BoxFuture, StaticToken, TokenError, TokenProvider};
pub use crate::user::{UserError, UserIdOrUpn};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! The client against a real HTTP server.
#![expect(
    clippy::unwrap_used,
    reason = "a test may panic, and so may what it is made of"
)]

mod answers;
mod batch;
mod bulk;
mod examples;
mod fake;
mod permissions;
mod requests;
mod retries;
mod secrecy;
mod sign_in;
mod support;
mod tls;
mod tokens;

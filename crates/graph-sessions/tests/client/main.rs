//! The client against a real HTTP server.

mod answers;
mod batch;
mod bulk;
mod examples;
mod permissions;
mod requests;
mod retries;
mod secrecy;
mod support;

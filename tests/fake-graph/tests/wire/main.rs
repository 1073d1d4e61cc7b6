//! The fake over real sockets, asked by hand-written requests.

#![expect(
    clippy::unwrap_used,
    reason = "what a test helper cannot do fails the test"
)]

mod batches;
mod calls;
mod faults;
mod raw;
mod sign_in;

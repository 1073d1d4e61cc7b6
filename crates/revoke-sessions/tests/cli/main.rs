//! The command as an operator runs it, against a local Graph.

#![expect(
    clippy::unwrap_used,
    reason = "what a test helper cannot do fails the test"
)]

mod bulk;
mod desk;
#[cfg(target_os = "linux")]
mod disk;
mod exclusions;
mod few;
mod files;
mod guide;
mod kill;
mod laws;
mod lists;
mod quota;
mod resume;
mod sign_in;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod terminal;
mod tls;
mod verify;
